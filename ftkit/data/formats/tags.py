"""The `tags` format: a token and its tag on each line, a blank line between sentences (CoNLL).

Source: https://www.clips.uantwerpen.be/conll2003/ner/ for the file, https://aclanthology.org/W95-0107 for the tags
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from statistics import fmean
from typing import TYPE_CHECKING

from ftkit.data.problems import Problem, Problems, excerpt

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

PREFIXED = re.compile(r"[BIESMLU]-\S+")  # BIO, BIOES, BMES, BILOU, and IO where it writes I-
UNTYPED = re.compile(r"[OBIESMLU]")  # O everywhere; the others stand alone in word segmentation (B M E S)
MAX_COLUMNS = 5
LONG = 1_000  # tokens: a file that is one longer sentence has lost its blank lines

Sentence = tuple[int, list[str], list[str]]  # line of the first token, tokens, tags


class Tags:
    """Token classification data: named entities, word segmentation, parts of speech."""

    name = "tags"
    suffixes: tuple[str, ...] = (".conll", ".bio", ".iob", ".iob2", ".bioes", ".bmes")

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are tagged tokens, from 0 to 1.

        What gives tags away is a last column of ``O``, ``B-…`` and ``I-…``; without those, few values in the last
        column and blank lines between sentences.
        """
        rows = [_cells(line) for line in head if not _is_break(line)]
        if not rows:
            return 0.0
        width = Counter(map(len, rows)).most_common(1)[0][0]
        shaped = [row for row in rows if len(row) == width and 2 <= width <= MAX_COLUMNS]
        tagged = sum(row[-1] == "O" or bool(PREFIXED.fullmatch(row[-1])) for row in shaped) / len(rows)
        if tagged > 0.5:
            return tagged
        if not shaped or len(head) - len(rows) < len(head) / 50:
            return 0.0
        repeats = len(shaped) / len({row[-1] for row in shaped})
        in_words = fmean(" " not in row[0] and len(row[0]) <= 20 for row in shaped) * len(shaped) / len(rows)
        return 0.7 * in_words * min(1.0, (repeats - 1) / 4)

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``tokens: list<string>, tags: list<string>, line: int32`` of usable sentences, and every problem."""
        import pyarrow as pa

        problems = Problems()
        source.columns = columns = {"token": 0, "tag": -1} | dict(source.columns)
        sentences = list(_sentences(source, columns["token"], columns["tag"], problems))
        sentences = _without_illegal_tags(sentences, problems)
        _look_at_sentences(sentences, problems)
        lines, tokens, tags = zip(*sentences, strict=True) if sentences else ((), (), ())
        strings = pa.list_(pa.string())
        schema = pa.schema({"tokens": strings, "tags": strings, "line": pa.int32()})
        return pa.table([tokens, tags, lines], schema=schema), problems


def _is_break(line: str) -> bool:
    """Returns whether a line ends a sentence: blank, or CoNLL-2003's mark between documents."""
    return not line.strip() or line.startswith("-DOCSTART-")


def _cells(line: str) -> list[str]:
    r"""Returns a line's columns: between tabs if there is one, else between runs of spaces.

    A token may be U+3000 or U+00A0, so nothing but tabs and spaces separates.
    """
    return line.split("\t") if "\t" in line else re.split(" +", line.rstrip(" "))


def _width(source: Source, token_at: int, tag_at: int) -> int:
    """Returns how many columns a line must have: the commonest number, from 2 to 5 unless the user's choice is more."""
    widths = Counter(len(_cells(line)) for line in source.head if not _is_break(line))
    needed = max(2, token_at + 1, tag_at + 1, -token_at, -tag_at)
    fit = [width for width in widths if width >= needed]
    usual = [width for width in fit if width <= MAX_COLUMNS]
    return max(usual or (fit if needed > 2 else []), key=lambda width: widths[width], default=needed)


def _sentences(source: Source, token_at: int, tag_at: int, problems: Problems) -> Iterator[Sentence]:
    """Yields the sentences whose every line can be read."""
    width = _width(source, token_at, tag_at)
    start, tokens, tags, usable = 0, list[str](), list[str](), True
    for number, line in chain(source.lines(), [(0, "")]):
        if _is_break(line):
            if start and usable:
                yield start, tokens, tags
            problems.skipped += bool(start and not usable)
            start, tokens, tags, usable = 0, [], [], True
            continue
        start = start or number
        cells = _cells(line)
        if source.is_damaged(number):
            usable = False
        elif kind := _fault(line, cells, width, token_at, tag_at):
            problems.add("error", kind, number, about=line, n=len(cells), width=width)
            usable = False
        else:
            token = cells[token_at]
            if token.split() != [token]:
                problems.add("warning", "token_space", number, about=token)
                token = token.strip()
            if "\ufffd" in token:
                problems.add("warning", "replacement_char", number, about=line)
            tokens.append(token)
            tags.append(cells[tag_at].strip())


def _fault(line: str, cells: list[str], width: int, token_at: int, tag_at: int) -> str:
    """Returns the kind of problem that a line's columns show, or an empty string."""
    if len(cells) == 1:
        return "literal_tab" if "\\t" in line else "no_tag"
    if len(cells) != width:
        return "tag_columns"
    if not cells[token_at].strip():
        return "no_token"
    return "" if cells[tag_at].strip() else "no_tag"


def _without_illegal_tags(sentences: list[Sentence], problems: Problems) -> list[Sentence]:
    """Returns the sentences whose tags follow one scheme: with prefixes if most tags have one, else any."""
    counts = Counter(tag for _, _, tags in sentences for tag in tags)
    plain = {tag for tag in counts if not PREFIXED.fullmatch(tag) and not UNTYPED.fullmatch(tag)}
    if not plain:
        return sentences
    if sum(counts[tag] for tag in plain) > sum(counts[tag] for tag in counts if PREFIXED.fullmatch(tag)):
        problems.add("info", "plain_tags", about=" ".join(sorted(plain)), n=len(plain))
        return sentences
    legal = list[Sentence]()
    for sentence in sentences:
        start, tokens, tags = sentence
        if plain.isdisjoint(tags):
            legal.append(sentence)
            continue
        problems.skipped += 1
        for i, tag in enumerate(tags):
            if tag in plain:
                problems.add("error", "illegal_tag", start + i, about=tag, token=excerpt(tokens[i]))
    return legal


def _look_at_sentences(sentences: list[Sentence], problems: Problems) -> None:
    """Warns of sentences that come twice, with the same tags or with others, and of lost blank lines."""
    if len(sentences) == 1 and len(sentences[0][1]) > LONG:
        problems.add("warning", "one_sentence", n=len(sentences[0][1]))
    seen: dict[tuple[str, ...], tuple[int, list[str]]] = {}
    for number, tokens, tags in sentences:
        first, first_tags = seen.setdefault(tuple(tokens), (number, tags))
        if first != number:
            kind = "duplicate" if tags == first_tags else "two_taggings"
            problems.add("warning", kind, number, about=" ".join(tokens[:20]), first=first)
