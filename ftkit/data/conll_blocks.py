"""Sentences with tags, 4 MB of a file at a time.

Ordinary sentences go through pyarrow's CSV reader. Those with a line that is anything else (another number of columns,
white space in a token, U+FFFD, a comment, damage) are read line by line: `conll.sentences` is what the fast reading
must equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.blocks import Block
from ftkit.data.conll import Layout, Rows, Sentence, rows_of, sentences
from ftkit.data.problems import Problems
from ftkit.data.tagset import Ids, TagSet

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 8 << 20  # bytes of a sentence: without any blank line, a row ends there
SLICE = 1 << 16  # lines that are read one by one, at a time
_BLANK = re.compile(rb"^[ \t]+$", re.MULTILINE)
_RUN, _AT_END = re.compile(rb"  +"), re.compile(rb" +$", re.MULTILINE)
_TAB, _NEWLINE, _SPACE = b"\t\n "
# the first two bytes of white space beyond ASCII and of U+FFFD, and what a third one must then be
_SIGNS = {
    b"\xc2\x85": b"",
    b"\xc2\xa0": b"",
    b"\xe1\x9a": b"\x80",
    b"\xe2\x80": bytes([*range(0x80, 0x8B), 0xA8, 0xA9, 0xAF]),
    b"\xe2\x81": b"\x9f",
    b"\xe3\x80": b"\x80",
    b"\xef\xbf": b"\xbd",
}


def rows(blocks: Iterable[Block], layout: Layout, tagset: TagSet, problems: Problems) -> Iterator[Rows]:
    """Yields the sentences whose every line can be read, and notes what is wrong with the others.

    Args:
        blocks: The file.
        layout: Which column is which.
        tagset: What numbers the tags; takes in new ones.
        problems: What is wrong with single lines, and how many sentences were left out.
    """
    for block in whole_sentences(tidied(block, layout) for block in blocks):
        fast = None if layout.numbered else _Fast(block, layout)
        odd = np.array([[0, block.n_lines]]) if fast is None else fast.odd_runs()
        if fast is not None and (found := fast.rows(tagset)) is not None:
            if len(odd):
                parts = [found, *_slowly(block, odd, layout, tagset, problems)]
                found = joined(parts) if len(parts) > 1 else found
            if len(found.lines):
                yield found
        else:
            yield from _slowly(block, odd, layout, tagset, problems)


def tidied(block: Block, layout: Layout) -> Block:
    """Returns the same lines with nothing on those of white space alone, and without runs of spaces as separators.

    A file that is written so throughout would else be read line by line throughout.
    """
    data, halves = block.data, _halves(np.frombuffer(block.data, np.uint8))
    if data[:1] in (b" ", b"\t") or _has(halves, b"\n ") or _has(halves, b"\n\t"):
        data = _BLANK.sub(b"", data)
    if not layout.tabbed and b"\t" not in data and (_has(halves, b"  ") or _has(halves, b" \n")):
        data = _RUN.sub(b" ", _AT_END.sub(b"", data))
    return block if data is block.data else replace(block, data=data)


def whole_sentences(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yields the same lines in blocks that end where a sentence does, or after `LONGEST` bytes without such an end."""
    held, size = list[Block](), 0
    for block in blocks:
        cut = block.data.rfind(b"\n\n") + 2
        cut = 0 if cut == 1 else cut
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
            yield rows_of(held, tagset)
            held, size = [], 0
    if held:
        yield rows_of(held, tagset)


def joined(parts: list[Rows]) -> Rows:
    """Returns the sentences of all parts, by line."""
    import pyarrow as pa

    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    gaps = {line: numbers for part in parts for line, numbers in part.gaps.items()}
    tokens = pa.concat_arrays([part.tokens for part in parts])
    ids, lines = (np.concatenate([getattr(part, name) for part in parts]) for name in ("ids", "lines"))
    return Rows(tokens, ids, offsets, lines, gaps, one_line=parts[0].one_line).take(np.argsort(lines, kind="stable"))


class _Fast:
    """A block's ordinary sentences, read all at once, and which runs of lines are to be read one by one."""

    def __init__(self, block: Block, layout: Layout) -> None:
        self.block, self.layout = block, layout
        self.bytes = np.frombuffer(block.data, np.uint8)
        self.ends = np.flatnonzero(self.bytes == _NEWLINE)
        blank = np.flatnonzero(np.diff(self.ends, prepend=-1) == 1)
        first, stop = np.append(0, blank + 1), np.append(blank, len(self.ends))
        self.first, self.stop = first[stop > first], stop[stop > first]
        self.odd = np.zeros(len(self.first), dtype=np.bool_)
        self._mark_lines(np.asarray(sorted(block.damaged), dtype=np.int64) - block.first)
        self._mark_lines(np.searchsorted(self.ends, odd_bytes(block.data, self.bytes, layout)))
        self.columns = self._parsed()

    def _mark_lines(self, lines: np.ndarray[Any, Any]) -> None:
        if len(lines) and len(self.first):
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
        first, stop = self.first[~self.odd], self.stop[~self.odd]
        offsets = np.concatenate([[0], np.cumsum(stop - first)]).astype(np.int32)
        listed = pa.ListArray.from_arrays(pa.array(offsets), tokens)
        lines = (first + self.block.first).astype(np.int32)
        return Rows(listed, _numbers(tags, tagset), offsets, lines, tags=tags)

    def _parsed(self) -> tuple[pa.StringArray, pa.StringArray] | None:
        """Returns tokens and tags of the sentences that are not odd, after marking those that turn out to be."""
        import pyarrow as pa

        columns, is_ragged = self._columns()
        if is_ragged:
            delimiters = np.flatnonzero(self.bytes == (_TAB if self.layout.tabbed else _SPACE))
            counts = np.bincount(np.searchsorted(self.ends, delimiters), minlength=len(self.ends))
            self._mark_lines(np.flatnonzero(counts != self.layout.width - 1))
            columns, is_ragged = self._columns()
        lengths = (self.stop - self.first)[~self.odd]
        if columns is None or is_ragged or len(columns[0]) != lengths.sum():
            self.odd[:] = True
            return None
        empty = np.logical_or(*(np.diff(_offsets(column)) == 0 for column in columns))
        if not empty.any():
            return columns
        odd = np.logical_or.reduceat(empty, np.concatenate([[0], np.cumsum(lengths)[:-1]]))
        self.odd[np.flatnonzero(~self.odd)[odd]] = True
        keep = pa.array(np.repeat(~odd, lengths))
        return None if odd.all() else (columns[0].filter(keep), columns[1].filter(keep))

    def _columns(self) -> tuple[tuple[pa.StringArray, pa.StringArray] | None, bool]:
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
                column_types=dict.fromkeys(wanted, pa.string()),
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


def odd_bytes(data: bytes, values: np.ndarray[Any, np.dtype[np.uint8]], layout: Layout) -> np.ndarray[Any, Any]:
    r"""Returns where bytes stand that an ordinary line does not have.

    Control characters; white space in a cell (a run of spaces is one separator, the CSV reader takes each for one);
    U+FFFD; ``# `` and ``-DOCSTART-`` at the start of a line. Pairs of bytes are compared as 16-bit numbers, ten times
    as fast as `bytes.find`.

    Args:
        data: Lines of valid UTF-8.
        values: The same as numbers. Shape (bytes,).
        layout: How they are parted.
    """
    found = [np.flatnonzero((values < _SPACE) & (values != _NEWLINE) & (values != _TAB))]
    halves = _halves(values)

    def where(pair: bytes) -> np.ndarray[Any, Any]:
        number = np.frombuffer(pair, np.uint16)[0]
        return np.concatenate([2 * np.flatnonzero(half == number) + at for at, half in enumerate(halves)])

    if layout.tabbed:
        found.append(np.flatnonzero(values == _SPACE))
    else:
        found += [np.flatnonzero(values == _TAB), where(b"  "), where(b" \n")]
    for pair, thirds in _SIGNS.items():
        at = where(pair)
        found.append(at[np.isin(values[at + 2], list(thirds))] if thirds else at)
    for start in (b"# ", b"-DOCSTART-"):
        at = where(b"\n" + start[:1]) + 1
        at = at[values[np.minimum(at + 1, len(values) - 1)] == start[1]]
        found.append(np.array([i for i in at.tolist() if data.startswith(start, i)], dtype=np.int64))
        found.append(np.zeros(int(data.startswith(start)), dtype=np.int64))
    return np.unique(np.concatenate(found))


def _halves(values: np.ndarray[Any, np.dtype[np.uint8]]) -> list[np.ndarray[Any, np.dtype[np.uint16]]]:
    """Returns all pairs of neighbouring bytes: those that begin at even places, and those at odd ones."""
    return [values[at : at + (len(values) - at) // 2 * 2].view(np.uint16) for at in (0, 1)]


def _has(halves: list[np.ndarray[Any, np.dtype[np.uint16]]], pair: bytes) -> bool:
    return any(bool((half == np.frombuffer(pair, np.uint16)[0]).any()) for half in halves)


def _offsets(column: pa.StringArray) -> Ids:
    offsets: Ids = np.frombuffer(column.buffers()[1], np.int32)
    own: Ids = offsets[column.offset : column.offset + len(column) + 1]
    return own


def _numbers(tags: pa.StringArray, tagset: TagSet) -> Ids:
    """Returns each tag's number: most are ``O``, which is 0, and only the others are looked up."""
    import pyarrow as pa

    offsets, letters = _offsets(tags), np.frombuffer(tags.buffers()[2], np.uint8)
    others = np.flatnonzero((np.diff(offsets) != 1) | (letters[offsets[:-1]] != ord("O")))
    coded = (tags if 2 * len(others) > len(tags) else tags.take(pa.array(others))).dictionary_encode()
    numbers: Ids = tagset.numbers(coded.dictionary.to_pylist())[coded.indices.to_numpy()]
    if len(numbers) == len(tags):
        return numbers
    found = np.zeros(len(tags), dtype=np.int32)
    found[others] = numbers
    return found
