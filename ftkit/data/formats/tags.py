"""The `tags` format: a token and its tag on each line, a blank line between sentences (CoNLL).

Source: https://www.clips.uantwerpen.be/conll2003/ner/ for the file, https://aclanthology.org/W95-0107 for the tags,
https://universaldependencies.org/format.html for CoNLL-U
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import conll, conll_blocks
from ftkit.data.conll import WORD_NUMBER, Layout, Rows, is_break, is_comment
from ftkit.data.formats import streamed
from ftkit.data.problems import KEPT_PER_KIND, Problems, excerpt
from ftkit.data.schemes import BIO, PLAIN, Scheme, detect_in, shows_spans
from ftkit.data.tagset import TagSet
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.blocks import Block
    from ftkit.data.source import Source

PREFIXED = re.compile(r"[BIESMLU][-_]\S+|\S+[-_][BIESMLU]")
MAX_COLUMNS, CONLL_U = 5, 10  # what is taken for a file of tags; CoNLL-U has ten, and UPOS is its fourth
UPOS = 3
LONG = 1_000  # tokens: a file that is one longer sentence has lost its blank lines
LIMIT = 512  # tokens that most models read
ENOUGH = 50  # tags other than O tell a scheme; a file's first lines may have fewer
SAMPLE = 2_000  # sentences that tell it at most
FEW = 10  # sentences: fewer may well hold no name


class Tags:
    """Token classification data: named entities, word segmentation, parts of speech."""

    name = "tags"
    suffixes: tuple[str, ...] = (".conll", ".conllu", ".bio", ".iob", ".iob2", ".bioes", ".bmes")

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are tagged tokens, from 0 to 1.

        What gives tags away is a last column of ``O``, ``B-…`` and ``I-…``, or a first one that counts words; without
        those, few values in the last column and blank lines between sentences.
        """
        filled = [line for line in head if not is_break(line)]
        rows = [_sniffed(line) for line in filled if not is_comment(line)]
        if not rows:
            return 0.0
        if _is_numbered(head) and (len(filled) < len(head) or len(rows[0]) == CONLL_U):
            return fmean(len(row) in range(3, CONLL_U + 1) for row in rows)
        width = Counter(map(len, rows)).most_common(1)[0][0]
        shaped = [row for row in rows if len(row) == width and 2 <= width <= MAX_COLUMNS]
        tagged = sum(_is_in_scheme(row[-1]) for row in shaped) / len(rows)
        if tagged > 0.5:
            return tagged
        if not shaped or len(head) - len(filled) < len(head) / 50:
            return 0.0
        repeats = len(shaped) / len({row[-1] for row in shaped})
        in_words = fmean(" " not in row[0] and len(row[0]) <= 20 for row in shaped) * len(shaped) / len(rows)
        return 0.7 * in_words * min(1.0, (repeats - 1) / 4)

    def read(self, source: Source) -> tuple[pa.Table, Problems]:
        """Returns ``tokens: list<string>, tags: list<string>, line: int32`` of usable sentences, and every problem."""
        return streamed.read(self, source)

    def schema(self) -> pa.Schema:
        """Returns the table's columns."""
        import pyarrow as pa

        strings = pa.list_(pa.string())
        return pa.schema({"tokens": strings, "tags": strings, "line": pa.int32()})

    def batches(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields the usable sentences, their tags in BIO, and notes what is wrong with single lines.

        The scheme is told from the first lines, or where those have next to no tags, from the first that do.
        """
        blocks = source.blocks()
        if source.head and _is_header(source.head[0]):
            problems.add("info", "header", 1, about=source.head[0])
            source.head[0] = ""
            blocks = _without_first_line(blocks)
        layout = _layout(source)
        tag_at = layout.tag_at if layout.numbered else -1
        source.columns = {"token": layout.token_at, "tag": tag_at} | dict(source.columns)
        scheme, sample = _scheme(source, layout)
        tagset = TagSet(scheme)
        _note_scheme(scheme, sample, problems)
        for rows in conll_blocks.rows(blocks, layout, tagset, problems):
            yield self._batch(rows, tagset, problems)
        _note_plain(tagset, problems)

    def checked(self, batch: pa.RecordBatch, problems: Problems) -> pa.RecordBatch:
        """Returns the usable ones of rows of a table, their tags in BIO, and notes what is wrong with the others.

        The scheme is told from these rows alone.
        """
        import pyarrow as pa

        seen = TagSet(PLAIN)
        rows = _rows_of_table(batch, seen, problems)
        problems.skipped += batch.num_rows - len(rows.lines)
        sample = _with_spans(rows, seen)
        tagset = TagSet(detect_in(sample))
        _note_scheme(tagset.scheme, sample, problems)
        made = self._batch(replace(rows, ids=tagset.numbers(seen.names)[rows.ids]), tagset, problems)
        _note_plain(tagset, problems)
        kept = batch.take(made.column("line"))
        return pa.record_batch([*made.columns[:2], *kept.columns[2:]], names=batch.schema.names)

    def _batch(self, rows: Rows, tagset: TagSet, problems: Problems) -> pa.RecordBatch:
        """Returns sentences whose tags are all of the scheme's form, in BIO, and notes what tags are wrong."""
        import pyarrow as pa

        rows = _without_illegal_tags(rows, tagset, problems)
        _note_transitions(rows, tagset, problems)
        tags, foreign = rows.tags, tagset.foreign
        if tags is None or not tagset.scheme.is_kept or foreign.any():
            ids, names = rows.ids, tagset.names
            mixed = np.zeros(len(rows.lines), dtype=np.bool_)  # sentences of BIO with a tag such as E-PER
            mixed[np.searchsorted(rows.offsets, np.flatnonzero(foreign[ids]), side="right") - 1] = True
            if not tagset.scheme.is_kept or mixed.any():
                as_bio = np.repeat(mixed, np.diff(rows.offsets)) | (not tagset.scheme.is_kept)
                ids = np.where(as_bio, tagset.bio(ids, rows.offsets[:-1]) + len(names), ids).astype(np.int32)
                names = names + tagset.bio_names
            tags = pa.DictionaryArray.from_arrays(pa.array(ids), pa.array(names, pa.string())).dictionary_decode()
        listed = pa.ListArray.from_arrays(pa.array(rows.offsets), tags)
        return pa.record_batch([rows.tokens, listed, pa.array(rows.lines, pa.int32())], schema=self.schema())

    def finished(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Returns all rows; warns of lost blank lines, of long sentences, and of files without a name."""
        _look_at_lengths(table, problems)
        return table


# -- which column is which


def _sniffed(line: str) -> list[str]:
    """Returns a line's columns, also if full-width spaces are between them: they are reported once it is read."""
    row = conll.cells(line)
    return line.split("\u3000") if len(row) == 1 and "\u3000" in line.strip() else row


def _is_in_scheme(tag: str) -> bool:
    return tag == "O" or bool(PREFIXED.fullmatch(tag))


def _is_numbered(head: Sequence[str]) -> bool:
    """Returns whether the first of three columns or more counts the words of each sentence."""
    expected, right, n, sentences = 1, 0, 0, 0
    for line in head:
        if is_break(line):
            expected = 1
        elif not line.startswith("#"):
            row = conll.cells(line)
            if not WORD_NUMBER.fullmatch(row[0]) or len(row) < 3:
                n += 1
            elif row[0].isdecimal():
                n, right, sentences = n + 1, right + (int(row[0]) == expected), sentences + (row[0] == "1")
                expected = int(row[0]) + 1
    return n > 1 and right >= 0.9 * n and (sentences > 1 or n < 100)


def _is_header(line: str) -> bool:
    """Returns whether a line names a column of tokens and one of tags."""
    from ftkit.data.tables.names import called

    names = line.split("\t") if "\t" in line else line.split()
    tokens = called(names, "token") or called(names, "tokens")
    tags = called(names, "tag") or called(names, "tags")
    return bool(tokens and tags) and tokens[0] != tags[0]


def _without_first_line(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yields a file's blocks, with nothing in its first line; the others keep their numbers."""
    for block in blocks:
        if block.first == 1:
            block = replace(block, data=block.data[block.data.index(b"\n") :])
        yield block


def _layout(source: Source) -> Layout:
    """Returns which column is which: as the user says, else as the head shows."""
    numbered = _is_numbered(source.head)
    given = dict(source.columns)
    token_at = given.get("token", 1 if numbered else 0)
    tag_at = given.get("tag", -1)
    lines = [line for line in source.head if not is_break(line) and not is_comment(line)]
    if numbered:
        lines = [line for line in lines if not line.startswith("#")]
    rows = [conll.cells(line) for line in lines]
    width = _width(rows, token_at, tag_at, CONLL_U if numbered else MAX_COLUMNS)
    if numbered and "tag" not in given:
        tag_at = _tag_column([row for row in rows if len(row) == width], token_at, width)
    tabbed = 2 * sum("\t" in line for line in lines) >= len(lines)
    return Layout(width, token_at % width, tag_at % width, tabbed, numbered)


def _width(rows: Iterable[Sequence[str]], token_at: int, tag_at: int, most: int) -> int:
    """Returns how many columns a line must have: the commonest number, from 2 to `most` unless the user's is more."""
    widths = Counter(map(len, rows))
    needed = max(2, token_at + 1, tag_at + 1, -token_at, -tag_at)
    fit = [width for width in widths if width >= needed]
    usual = [width for width in fit if width <= most]
    return max(usual or (fit if needed > 2 else []), key=lambda width: widths[width], default=needed)


def _tag_column(rows: Sequence[Sequence[str]], token_at: int, width: int) -> int:
    """Returns the last column with tags of a scheme; without one UPOS of CoNLL-U, else the last."""
    for at in range(width - 1, 0, -1):
        if at != token_at and rows and fmean(_is_in_scheme(row[at]) for row in rows) > 0.9:
            return at
    return UPOS if width == CONLL_U else width - 1


# -- which scheme it is


def _scheme(source: Source, layout: Layout) -> tuple[Scheme, list[list[str]]]:
    """Returns the scheme of a file's tags, and the sentences that told it."""
    lines = enumerate(source.head, 1)
    found = [tags for _, _, tags in conll.sentences(lines, frozenset(), layout, Problems())]
    sample = [tags for tags in found if shows_spans(tags)]
    if _evidence(sample) < ENOUGH:
        sample = []
        seen = TagSet(PLAIN)
        aside = replace(source, problems=Problems())
        for rows in conll_blocks.rows(aside.blocks(), layout, seen, Problems()):
            sample += _with_spans(rows, seen)
            if _evidence(sample) >= ENOUGH:
                break
    return (detect_in(sample) if sample else BIO), sample


def _with_spans(rows: Rows, tagset: TagSet) -> list[list[str]]:
    """Returns the tags of the first sentences that have others than ``O``."""
    at = np.unique(np.searchsorted(rows.offsets, np.flatnonzero(rows.ids != 0), side="right") - 1)[:SAMPLE].tolist()
    return [[tagset.names[i] for i in rows.ids[rows.offsets[row] : rows.offsets[row + 1]]] for row in at]


def _evidence(sample: Iterable[Sequence[str]]) -> int:
    return sum(tag != "O" for tags in sample for tag in tags)


def _note_scheme(scheme: Scheme, sample: Iterable[Sequence[str]], problems: Problems) -> None:
    if not scheme.is_kept and not problems.counts["scheme"]:
        shown = dict.fromkeys(tag for tags in islice(sample, 50) for tag in tags if tag != "O")
        name = scheme.name if scheme.form == "B-X" else f"{scheme.name} ({scheme.form})"
        problems.add("info", "scheme", area="schemes", about=" ".join(list(shown)[:6]), scheme=name)


def _note_plain(tagset: TagSet, problems: Problems) -> None:
    plain = sorted(tag for tag in tagset.names if not _is_in_scheme(tag))
    if tagset.scheme.is_plain and plain and not problems.counts["plain_tags"]:
        problems.add("info", "plain_tags", about=" ".join(plain), n=len(plain))


def _without_illegal_tags(rows: Rows, tagset: TagSet, problems: Problems) -> Rows:
    legal = tagset.legal
    if legal.all():
        return rows
    at = np.flatnonzero(~legal[rows.ids])
    if not len(at):
        return rows
    flat = rows.tokens.flatten()
    numbers = rows.lines_of(at)
    room = KEPT_PER_KIND - problems.counts["illegal_tag"]
    for i in range(max(0, min(len(at), room))):
        token, tag = flat[int(at[i])].as_py(), tagset.names[rows.ids[at[i]]]
        problems.add("error", "illegal_tag", int(numbers[i]), about=tag, token=excerpt(token))
    problems.add_many("error", "illegal_tag", numbers[max(0, room) :])
    bad = np.zeros(len(rows.lines), dtype=np.bool_)
    bad[np.searchsorted(rows.offsets, at, side="right") - 1] = True
    problems.skipped += int(bad.sum())
    return rows.take(np.flatnonzero(~bad))


def _note_transitions(rows: Rows, tagset: TagSet, problems: Problems) -> None:
    at, before_next = tagset.illegal(rows.ids, rows.offsets[:-1])
    if not len(at):
        return
    kind, room = "illegal_transition", max(0, KEPT_PER_KIND - problems.counts["illegal_transition"])
    numbers = rows.lines_of(at)
    read = tagset.bio(rows.ids, rows.offsets[:-1]) if room else rows.ids
    ends = set(rows.offsets.tolist()) if room else set()
    for position, number, is_next in zip(at[:room].tolist(), numbers.tolist(), before_next.tolist(), strict=False):
        beside = position + 1 if is_next else position - 1
        if (beside if is_next else position) in ends:
            where = text("schemes.at_end" if is_next else "schemes.at_start")
        else:
            where = text("schemes.before" if is_next else "schemes.behind", tag=tagset.names[rows.ids[beside]])
        values = {"where": where, "scheme": tagset.scheme.name, "read": tagset.bio_names[read[position]]}
        problems.add("warning", kind, number, area="schemes", about=tagset.names[rows.ids[position]], **values)
    problems.add_many("warning", kind, numbers[room:], area="schemes")


# -- rows of a table


def _rows_of_table(batch: pa.RecordBatch, tagset: TagSet, problems: Problems) -> Rows:
    """Returns the rows that have tokens and as many tags; each different token is looked at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    counts = [pc.fill_null(pc.list_value_length(column), 0).to_numpy() for column in batch.columns[:2]]
    coded = [pc.fill_null(column.flatten(), "").dictionary_encode() for column in batch.columns[:2]]
    odd = (counts[0] != counts[1]) | (counts[0] == 0)
    for column, n in zip(coded, counts, strict=True):
        values = np.asarray([v.split() != [v] or "\ufffd" in v for v in column.dictionary.to_pylist()], dtype=np.bool_)
        at = np.flatnonzero(values[column.indices.to_numpy()]) if values.any() else np.zeros(0, dtype=np.int64)
        odd[np.searchsorted(np.concatenate([[0], np.cumsum(n)]), at, side="right") - 1] = True
    ids = tagset.numbers(coded[1].dictionary.to_pylist())[coded[1].indices.to_numpy()][np.repeat(~odd, counts[1])]
    offsets = np.concatenate([[0], np.cumsum(counts[0][~odd])]).astype(np.int32)
    tokens = batch.column(0).filter(pa.array(~odd)).cast(pa.list_(pa.string()))
    lines = batch.column("line").to_numpy()
    ordinary = Rows(tokens, ids, offsets, np.flatnonzero(~odd).astype(np.int32), one_line=lines)
    others = conll.rows_of(_mended(batch, np.flatnonzero(odd), problems), tagset)
    return conll_blocks.joined([ordinary, others]) if len(others.lines) else ordinary


def _mended(batch: pa.RecordBatch, rows: Iterable[int], problems: Problems) -> Iterator[conll.Sentence]:
    """Yields those of a table's rows that can be used all the same, and notes what is wrong with each."""
    for i in map(int, rows):
        given = [batch.column(side)[i].as_py() or [] for side in (0, 1)]
        tokens, tags = ([(value or "").strip() for value in values] for values in given)
        line, about = batch.column("line")[i].as_py(), " ".join(tokens)
        if len(tokens) != len(tags):
            problems.add("error", "tag_count", line, area="schemes", about=about, n=len(tokens), n_tags=len(tags))
        elif not tokens or not all(tokens):
            problems.add("error", "no_token", line, about=about)
        elif not all(tags):
            problems.add("error", "no_tag", line, about=about)
        else:
            spaced = [token for value, token in zip(given[0], tokens, strict=True) if value.split() != [value]]
            if spaced:
                problems.add("warning", "token_space", line, about=spaced[0])
            if "\ufffd" in about:
                problems.add("warning", "replacement_char", line, about=about)
            yield [i] * len(tokens), tokens, tags


# -- what only all sentences show


def _look_at_lengths(table: pa.Table, problems: Problems) -> None:
    """Tells of lost blank lines, of sentences beyond what models read, and of files without any name."""
    import pyarrow.compute as pc

    total = n_long = beyond = longest = 0
    names = False
    for batch in table.to_batches():
        lengths = np.diff(batch.column(0).offsets.to_numpy())
        total, longest = total + int(lengths.sum()), max(longest, int(lengths.max(initial=0)))
        n_long += int((lengths > LIMIT).sum())
        beyond += int(np.maximum(lengths - LIMIT, 0).sum())
        names = names or bool(pc.any(pc.not_equal(batch.column(1).flatten(), "O")).as_py())
    if table.num_rows and longest > LONG and total > table.num_rows * LONG * (1 if table.num_rows == 1 else 100):
        problems.add("warning", "one_sentence", n=total)
    elif n_long:
        share = f"{beyond / total:.1%}"
        problems.add("info", "long_sentences", area="schemes", n=n_long, limit=LIMIT, longest=longest, share=share)
    if table.num_rows >= FEW and not names:
        problems.add("warning", "no_names", area="schemes", n=total)
