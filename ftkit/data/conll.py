"""Sentences out of lines with a token and its tag each, a blank line between two sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.problems import Problems
from ftkit.data.tagset import Ids, TagSet

if TYPE_CHECKING:
    import pyarrow as pa

MANY_SPANS = 1_000  # of neighbours: more are taken one by one
COMMENT = re.compile(r"# +[\w.:]+(?: +\w+)? +=(?: |$)")
WORD_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")

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
        tags: The same as `ids` as a string array; None where that would have to be made. Shape (tokens,).
        one_line: Of a table, where a sentence takes one line however many tokens it has: the lines of all its rows;
            `lines` then are positions in it.
    """

    tokens: pa.ListArray
    ids: Ids
    offsets: Ids
    lines: Ids
    gaps: Mapping[int, list[int]] = field(default_factory=dict)
    tags: pa.StringArray | None = None
    one_line: Ids | None = None

    def lines_of(self, positions: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Returns the lines of tokens, by position in `ids`. Shape (positions,)."""
        rows = np.searchsorted(self.offsets, positions, side="right") - 1
        if self.one_line is not None:
            return self.one_line[self.lines[rows]]
        inside = positions - self.offsets[rows]
        found = self.lines[rows] + inside
        for i in np.flatnonzero(np.isin(self.lines[rows], list(self.gaps))) if self.gaps else ():
            found[i] = self.gaps[int(self.lines[rows[i]])][int(inside[i])]
        return found

    def take(self, rows: np.ndarray[Any, Any]) -> Rows:
        """Returns the sentences at these positions, in this order; neighbours that stay neighbours are not copied."""
        import pyarrow as pa

        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        edges = np.flatnonzero(np.diff(rows) != 1) + 1
        starts, stops = rows[np.append(0, edges)[: len(rows)]], rows[np.append(edges, len(rows))[: len(rows)] - 1] + 1
        spans = list(zip(starts.tolist(), stops.tolist(), strict=True))
        if len(spans) > MANY_SPANS:
            tokens = self.tokens.take(pa.array(rows))
        else:
            tokens = pa.concat_arrays([self.tokens[start:stop] for start, stop in spans] or [self.tokens[:0]])
        parts = [self.ids[self.offsets[start] : self.offsets[stop]] for start, stop in spans]
        ids = np.concatenate(parts or [self.ids[:0]])
        return Rows(tokens, ids, offsets, self.lines[rows], self.gaps, one_line=self.one_line)


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
    if "\t" in line:
        return line.split("\t")
    line = line.rstrip(" ")
    return re.split(" +", line) if "  " in line else line.split(" ")  # four times as fast


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


def rows_of(found: Iterable[Sentence], tagset: TagSet) -> Rows:
    """Returns sentences as columns, their tags numbered."""
    import pyarrow as pa

    numbers, tokens, tags = tuple(zip(*found, strict=True)) or ((), (), ())
    offsets = np.cumsum([0, *map(len, tokens)]).astype(np.int32)
    gaps = {lines[0]: lines for lines in numbers if lines[-1] - lines[0] >= len(lines)}
    first = np.asarray([lines[0] for lines in numbers], dtype=np.int32)
    ids = tagset.numbers(tag for row in tags for tag in row)
    return Rows(pa.array(tokens, pa.list_(pa.string())), ids, offsets, first, gaps)
