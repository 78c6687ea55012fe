r"""Sentences out of lines with a token and its tag each, a blank line between two sentences: 4 MB at a time.

Whole blocks go through pyarrow's CSV reader. Sentences with a line that is anything but ordinary (another number of
columns, white space in a token, U+FFFD, a comment, damage) are read line by line instead: that reading, `sentences`,
is what the fast one must equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.problems import Problems
from ftkit.data.source import Block
from ftkit.data.tagset import Flags, Ids, TagSet

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 8 << 20  # bytes of a sentence: without any blank line, a row ends there
SLICE = 1 << 16  # lines that are read one by one, at a time
COMMENT = re.compile(r"# +[\w.:]+(?: +\w+)? +=(?: |$)")
WORD_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
_LAST_BREAK = re.compile(rb".*\n[ \t]*\n", re.DOTALL)

Sentence = tuple[list[int], list[str], list[str]]  # each token's line, tokens, tags


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column is which.

    Attributes:
        width: How many columns there are.
        token_at: The token's, from 0.
        tag_at: The tag's, from 0.
        tabbed: Whether most lines have tabs between columns, not spaces.
        numbered: Whether the first column counts words, as in CoNLL-U: then a line that starts with ``#`` is a comment,
            and ``1-2`` (several words written as one) and ``1.1`` (a word that is not written) are no tokens.
    """

    width: int
    token_at: int
    tag_at: int
    tabbed: bool = True
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Sentences in the order of the file.

    Attributes:
        tokens: list<string>. Shape (sentences,).
        ids: Tags by their number in a `TagSet`, of all sentences. Shape (tokens,).
        offsets: Where each sentence begins in `ids`, and the end. Shape (sentences + 1,).
        lines: The line that each begins on. Shape (sentences,).
        gaps: The lines of all tokens, by first line, of sentences that have other lines in between.
    """

    tokens: pa.ListArray
    ids: Ids
    offsets: Ids
    lines: Ids
    gaps: Mapping[int, list[int]] = field(default_factory=dict)

    def lines_of(self, positions: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Returns the lines of tokens, by position in `ids`. Shape (positions,)."""
        rows = np.searchsorted(self.offsets, positions, side="right") - 1
        inside = positions - self.offsets[rows]
        found = self.lines[rows] + inside
        for i in np.flatnonzero(np.isin(self.lines[rows], list(self.gaps))) if self.gaps else ():
            found[i] = self.gaps[int(self.lines[rows[i]])][int(inside[i])]
        return found

    def take(self, rows: np.ndarray[Any, Any]) -> Rows:
        """Returns the sentences at these positions, in this order."""
        import pyarrow as pa

        lengths = np.diff(self.offsets)[rows]
        ids = pa.ListArray.from_arrays(pa.array(self.offsets), pa.array(self.ids)).take(pa.array(rows))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        return Rows(self.tokens.take(pa.array(rows)), ids.flatten().to_numpy(), offsets, self.lines[rows], self.gaps)


# -- line by line


def is_break(line: str) -> bool:
    """Returns whether a line ends a sentence: blank, or CoNLL-2003's mark between documents."""
    return not line.strip() or line.startswith("-DOCSTART-")


def is_comment(line: str, layout: Layout | None = None) -> bool:
    """Returns whether a line is a comment, such as ``# text = ...``; a token ``#`` is none."""
    if not line.startswith("#"):
        return False
    numbered = layout is not None and layout.numbered
    return bool(COMMENT.match(line)) or (numbered and not WORD_NUMBER.fullmatch(cells(line)[0]))


def cells(line: str) -> list[str]:
    r"""Returns a line's columns: between tabs if there is one, else between runs of spaces.

    A token may be U+3000 or U+00A0, so nothing but tabs and spaces separates.
    """
    return line.split("\t") if "\t" in line else re.split(" +", line.rstrip(" "))


def sentences(
    lines: Iterable[tuple[int, str]], damaged: frozenset[int], layout: Layout, problems: Problems
) -> Iterator[Sentence]:
    """Yields the sentences whose every line can be read, and notes what is wrong with the others."""
    numbers, tokens, tags, usable = list[int](), list[str](), list[str](), True
    for number, line in lines:
        if is_break(line):
            if tokens and usable:
                yield numbers, tokens, tags
            problems.skipped += not usable
            numbers, tokens, tags, usable = [], [], [], True
            continue
        if number in damaged:
            usable = False
            continue
        if is_comment(line, layout):
            continue
        row = cells(line)
        if layout.numbered and len(row) == layout.width and not row[0].isdecimal() and WORD_NUMBER.fullmatch(row[0]):
            continue
        if kind := _fault(line, row, layout):
            area = "schemes" if kind in ("separator", "doubled_tab") else "data"
            problems.add("error", kind, number, area=area, about=line, n=len(row), width=layout.width)
            usable = False
            continue
        token = row[layout.token_at]
        if token.split() != [token]:
            problems.add("warning", "token_space", number, about=token)
            token = token.strip()
        if "\ufffd" in token:
            problems.add("warning", "replacement_char", number, about=line)
        numbers.append(number)
        tokens.append(token)
        tags.append(row[layout.tag_at].strip())
    if tokens and usable:
        yield numbers, tokens, tags
    problems.skipped += not usable


def _fault(line: str, row: list[str], layout: Layout) -> str:
    """Returns the kind of problem that a line's columns show, or an empty string."""
    if len(row) == 1:
        if "\u3000" in line.strip():
            return "separator"
        return "literal_tab" if "\\t" in line else "no_tag"
    if len(row) != layout.width:
        return "doubled_tab" if "\t\t" in line and sum(map(bool, row)) == layout.width else "tag_columns"
    if not row[layout.token_at].strip():
        return "no_token"
    return "" if row[layout.tag_at].strip() else "no_tag"


def _rows_of(found: Iterable[Sentence], tagset: TagSet) -> Rows:
    import pyarrow as pa

    numbers, tokens, tags = tuple(zip(*found, strict=True)) or ((), (), ())
    offsets = np.cumsum([0, *map(len, tokens)]).astype(np.int32)
    gaps = {lines[0]: lines for lines in numbers if lines[-1] - lines[0] >= len(lines)}
    first = np.asarray([lines[0] for lines in numbers], dtype=np.int32)
    ids = tagset.numbers(tag for row in tags for tag in row)
    return Rows(pa.array(tokens, pa.list_(pa.string())), ids, offsets, first, gaps)


# -- block by block


def rows(blocks: Iterable[Block], layout: Layout, tagset: TagSet, problems: Problems) -> Iterator[Rows]:
    """Yields the sentences whose every line can be read, and notes what is wrong with the others.

    Args:
        blocks: The file.
        layout: Which column is which.
        tagset: What numbers the tags; takes in new ones.
        problems: What is wrong with single lines, and how many sentences were left out.
    """
    for block in whole_sentences(blocks):
        fast = None if layout.numbered else _Fast(block, layout)
        odd = np.array([[0, block.n_lines]]) if fast is None else fast.odd_runs()
        if fast is not None and (found := fast.rows(tagset)) is not None:
            if len(odd):
                parts = [found, *_slowly(block, odd, layout, tagset, problems)]
                found = _joined(parts) if len(parts) > 1 else found
            if len(found.lines):
                yield found
        else:
            yield from _slowly(block, odd, layout, tagset, problems)


def whole_sentences(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yields the same lines in blocks that end where a sentence does, or after `LONGEST` bytes without such an end."""
    held, size = list[Block](), 0
    for block in blocks:
        cut = block.data.rfind(b"\n\n") + 2
        if cut == 1:
            found = _LAST_BREAK.match(block.data)
            cut = found.end() if found else 0
        if not cut and size + len(block.data) < LONGEST:
            held.append(block)
            size += len(block.data)
            continue
        head, tail = _cut(block, cut or len(block.data))
        yield _one([*held, head])
        held, size = ([tail], len(tail.data)) if tail.n_lines else ([], 0)
    if held:
        yield _one(held)


def _cut(block: Block, at: int) -> tuple[Block, Block]:
    n = block.n_lines if at == len(block.data) else block.n_lines - block.data.count(b"\n", at)
    damaged = [frozenset(d for d in block.damaged if (d < block.first + n) == early) for early in (True, False)]
    head = Block(block.first, n, block.data[:at], damaged[0])
    return head, Block(block.first + n, block.n_lines - n, block.data[at:], damaged[1])


def _one(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    damaged = frozenset().union(*(block.damaged for block in blocks))
    data = b"".join(block.data for block in blocks)
    return Block(blocks[0].first, sum(block.n_lines for block in blocks), data, damaged)


def _slowly(
    block: Block, runs: np.ndarray[Any, Any], layout: Layout, tagset: TagSet, problems: Problems
) -> Iterator[Rows]:
    """Yields the sentences on these runs of a block's lines: (first, the one behind the last), counted from 0."""

    def lines() -> Iterator[tuple[int, str]]:
        ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == 10)
        for first, stop in runs.tolist():
            for at in range(first, stop, SLICE):
                until = min(at + SLICE, stop)
                text = block.data[ends[at - 1] + 1 if at else 0 : ends[until - 1]].decode("utf-8")
                yield from enumerate(text.split("\n"), block.first + at)
            yield block.first + stop, ""

    held, size = list[Sentence](), 0
    for sentence in sentences(lines(), block.damaged, layout, problems):
        held.append(sentence)
        size += len(sentence[0])
        if size >= SLICE:
            yield _rows_of(held, tagset)
            held, size = [], 0
    if held:
        yield _rows_of(held, tagset)


def _joined(parts: list[Rows]) -> Rows:
    """Returns the sentences of all parts, by line."""
    import pyarrow as pa

    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    gaps = {line: numbers for part in parts for line, numbers in part.gaps.items()}
    tokens = pa.concat_arrays([part.tokens for part in parts])
    ids, lines = (np.concatenate([getattr(part, name) for part in parts]) for name in ("ids", "lines"))
    return Rows(tokens, ids, offsets, lines, gaps).take(np.argsort(lines, kind="stable"))


class _Fast:
    """A block's ordinary sentences, read all at once, and which runs of lines are to be read one by one."""

    def __init__(self, block: Block, layout: Layout) -> None:
        self.block, self.layout = block, layout
        self.bytes = np.frombuffer(block.data, np.uint8)
        self.ends = np.flatnonzero(self.bytes == 10)
        blank = np.flatnonzero(np.diff(self.ends, prepend=-1) == 1)
        first, stop = np.append(0, blank + 1), np.append(blank, len(self.ends))
        self.first, self.stop = first[stop > first], stop[stop > first]
        self.odd = np.zeros(len(self.first), dtype=np.bool_)
        self._mark_lines(np.asarray(sorted(block.damaged), dtype=np.int64) - block.first)
        if not layout.tabbed and b"\t" in block.data:
            self._mark_lines(np.unique(np.searchsorted(self.ends, np.flatnonzero(self.bytes == 9))))
        for mark in (b"# ", b"-DOCSTART-"):
            at, starts = -1, list[int]()
            while layout.token_at and (at := block.data.find(b"\n" + mark, at + 1)) >= 0:
                starts.append(at + 1)
            if layout.token_at and block.data.startswith(mark):
                starts.append(0)
            self._mark_lines(np.searchsorted(self.ends, np.asarray(starts, dtype=np.int64)))
        self.columns = self._parsed()

    def _mark_lines(self, lines: np.ndarray[Any, Any]) -> None:
        if len(lines):
            runs = np.searchsorted(self.first, lines, side="right") - 1
            self.odd[runs[(runs >= 0) & (lines < self.stop[runs])]] = True

    def odd_runs(self) -> np.ndarray[Any, Any]:
        """Returns (first line, the one behind the last) of each sentence to be read line by line."""
        return np.stack([self.first[self.odd], self.stop[self.odd]], axis=1)

    def rows(self, tagset: TagSet) -> Rows | None:
        """Returns the others, or None if there are none."""
        import pyarrow as pa

        if self.columns is None:
            return None
        tokens, tags = self.columns
        ids = tagset.numbers(tags.dictionary.to_pylist())[tags.indices.to_numpy()]
        first, stop = self.first[~self.odd], self.stop[~self.odd]
        offsets = np.concatenate([[0], np.cumsum(stop - first)]).astype(np.int32)
        listed = pa.ListArray.from_arrays(pa.array(offsets), tokens.dictionary_decode())
        return Rows(listed, ids, offsets, (first + self.block.first).astype(np.int32))

    def _parsed(self) -> tuple[pa.DictionaryArray, pa.DictionaryArray] | None:
        """Returns tokens and tags of the sentences that are not odd, after marking those that turn out to be."""
        columns, is_ragged = self._columns()
        if is_ragged:
            delimiters = np.flatnonzero(self.bytes == (9 if self.layout.tabbed else 32))
            counts = np.bincount(np.searchsorted(self.ends, delimiters), minlength=len(self.ends))
            self._mark_lines(np.flatnonzero(counts != self.layout.width - 1))
            columns, is_ragged = self._columns()
        lengths = (self.stop - self.first)[~self.odd]
        if columns is None or is_ragged or len(columns[0]) != lengths.sum():
            self.odd[:] = True
            return None
        tokens, tags = columns
        bad = _found_in(tokens, _is_odd_token) | _found_in(tags, _is_odd_tag)
        if not bad.any():
            return columns
        odd = np.logical_or.reduceat(bad, np.concatenate([[0], np.cumsum(lengths)[:-1]]))
        self.odd[np.flatnonzero(~self.odd)[odd]] = True
        if odd.all():
            return None
        import pyarrow as pa

        keep = pa.array(np.repeat(~odd, lengths))
        return tokens.filter(keep), tags.filter(keep)

    def _columns(self) -> tuple[tuple[pa.DictionaryArray, pa.DictionaryArray] | None, bool]:
        """Returns tokens and tags of the sentences that are not odd yet, and whether a line has other columns."""
        import pyarrow as pa
        from pyarrow import csv

        data = self._ordinary()
        if not data.strip(b"\n") or data.startswith(b"\xef\xbb\xbf"):  # the reader would take a mark away
            return None, False
        ragged, names = list[Any](), [f"column {i}" for i in range(self.layout.width)]
        wanted = [names[self.layout.token_at], names[self.layout.tag_at]]

        def skip(row: Any) -> str:
            ragged[:] = [row]
            return "skip"

        table = csv.read_csv(
            pa.py_buffer(data),
            read_options=csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            parse_options=csv.ParseOptions(
                delimiter="\t" if self.layout.tabbed else " ", quote_char=False, invalid_row_handler=skip
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,  # blocks are valid
                column_types=dict.fromkeys(wanted, pa.dictionary(pa.int32(), pa.string())),
                include_columns=wanted,
            ),
        )
        if not table.num_rows:
            return None, bool(ragged)
        tokens, tags = (column.chunk(0) for column in table.columns)  # of a single block
        return (tokens, tags), bool(ragged)

    def _ordinary(self) -> bytes:
        """Returns the lines of the sentences that are not odd."""
        if not self.odd.any():
            return self.block.data
        edges = np.flatnonzero(np.diff(np.concatenate([[False], ~self.odd, [False]])))
        begins = np.append(0, self.ends + 1)
        parts = zip(begins[self.first[edges[::2]]], begins[self.stop[edges[1::2] - 1]], strict=True)
        return b"\n".join(self.block.data[begin:end] for begin, end in parts)


def _found_in(column: pa.DictionaryArray, is_odd: Any) -> Flags:
    """Returns where a column's values are odd; each value is looked at once. Shape (n,)."""
    odd = np.asarray([is_odd(value) for value in column.dictionary.to_pylist()], dtype=np.bool_)
    return odd[column.indices.to_numpy()] if odd.any() else np.zeros(len(column), dtype=np.bool_)


def _is_odd_token(token: str) -> bool:
    return token.split() != [token] or "\ufffd" in token or token == "#" or token.startswith("-DOCSTART-")


def _is_odd_tag(tag: str) -> bool:
    return tag.split() != [tag]
