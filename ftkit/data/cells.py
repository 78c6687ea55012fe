"""Cuts blocks of lines into Arrow columns, and looks at the cells all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.blocks import Block

if TYPE_CHECKING:
    import pyarrow as pa

Lines = np.ndarray[Any, np.dtype[np.int32]]
Positions = np.ndarray[Any, np.dtype[np.int64]]

IN_CACHE = 1 << 19  # bytes that are cut and then copied, out of a processor's cache
_MANY = 1 << 31  # bytes that the offsets of a string column can reach


@dataclass(frozen=True)
class Cells:
    """The cells of a block's lines.

    Attributes:
        columns: The columns asked for, of lines with as many cells as expected. Each a string array of shape (n,).
        lines: The numbers of those lines. Shape (n,), int32.
        odd: Number and text of each other line: with more cells, fewer, or blank. Ascending.
    """

    columns: list[pa.Array]
    lines: Lines
    odd: list[tuple[int, str]]


def cut(block: Block, width: int, wanted: Sequence[int], *, delimiter: str = "\t") -> Cells:
    r"""Returns the cells between tabs: quotes and backslashes are ordinary characters.

    A damaged line is in neither `columns` nor `odd`: the source has reported it.

    Args:
        block: The lines.
        width: How many cells a line must have.
        wanted: Which of them to return, as 0-based indexes.
        delimiter: What stands between two cells.
    """
    import pyarrow as pa

    if width == 1 or len(block.data) >= _MANY:
        cells = _cut_slowly(block, width, wanted, delimiter)
    else:
        cells = _cut(block, width, wanted, delimiter)
    if block.damaged:
        keep = ~np.isin(cells.lines, list(block.damaged))
        columns = [column.filter(pa.array(keep)) for column in cells.columns]
        cells = Cells(columns, cells.lines[keep], [odd for odd in cells.odd if odd[0] not in block.damaged])
    return cells


def _cut(block: Block, width: int, wanted: Sequence[int], delimiter: str) -> Cells:
    import pyarrow as pa
    import pyarrow.csv as csv

    odd: list[tuple[int, str]] = []

    def note(row: Any) -> str:
        odd.append((block.first + row.number - 1, row.text))
        return "skip"

    names = [str(i) for i in range(width)]
    chosen = [names[at] for at in wanted]
    table = csv.read_csv(
        pa.BufferReader(block.data),
        read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=IN_CACHE),
        parse_options=csv.ParseOptions(
            delimiter=delimiter,
            quote_char=False,
            escape_char=False,
            newlines_in_values=False,
            ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        convert_options=csv.ConvertOptions(
            check_utf8=False,  # a block is valid
            column_types=dict.fromkeys(chosen, pa.string()),
            include_columns=list(dict.fromkeys(chosen)),
            strings_can_be_null=False,
            null_values=[],
        ),
    )
    block.counted = table.num_rows + len(odd)
    lines = np.arange(block.first, block.first + block.counted, dtype=np.int32)
    if odd:
        lines = np.delete(lines, [number - block.first for number, _ in odd])
    columns = [table.column(name).combine_chunks() for name in chosen]
    blank = _blank_lines(block, columns, lines)
    if len(blank):  # the reader takes one for a row of empty cells
        keep = ~np.isin(lines, blank)
        lines, columns = lines[keep], [column.filter(pa.array(keep)) for column in columns]
        odd = sorted([*odd, *((int(number), "") for number in blank)])
    return Cells(columns, lines, odd)


def _blank_lines(block: Block, columns: list[pa.Array], lines: Lines) -> Positions:
    """Returns the numbers of the lines that hold nothing at all, of those whose cells are all empty."""
    empty = np.ones(len(lines), bool)
    for column in columns:
        empty &= _sizes(column) == 0
    if not empty.any():
        return np.empty(0, np.int64)
    ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == 10)
    return np.intersect1d(lines[empty], block.first + np.flatnonzero(np.diff(ends, prepend=-1) == 1))


def _cut_slowly(block: Block, width: int, wanted: Sequence[int], delimiter: str) -> Cells:
    import pyarrow as pa

    odd, rows, lines = list[tuple[int, str]](), list[list[str]](), list[int]()
    for number, line in enumerate(block.data.decode().split("\n")[:-1], block.first):
        cells = line.split(delimiter)
        if len(cells) != width or not line:
            odd.append((number, line))
        else:
            rows.append(cells)
            lines.append(number)
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in wanted]
    return Cells(columns, np.array(lines, np.int32), odd)


def lines_of(block: Block) -> tuple[pa.Array, Lines]:
    """Returns the lines themselves, damaged ones left out, as a string array of shape (n,), and their numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.array([block.data[:-1]], pa.string() if len(block.data) < _MANY else pa.large_string())
    texts = pc.split_pattern(whole, "\n").values.cast(pa.string())
    lines = np.arange(block.first, block.first + block.n_lines, dtype=np.int32)
    if block.damaged:
        keep = ~np.isin(lines, list(block.damaged))
        texts, lines = texts.filter(pa.array(keep)), lines[keep]
    return texts, lines


def trimmed(column: pa.Array) -> pa.Array:
    """Returns cells without white space around them, as `str.strip` leaves them."""
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(column)


def where(mask: pa.Array) -> Positions:
    """Returns the positions at which a boolean array is true."""
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def is_empty(column: pa.Array) -> pa.Array:
    """Returns whether cells hold nothing, as a boolean array of shape (n,)."""
    import pyarrow.compute as pc

    return pc.equal(pc.binary_length(column), 0)


def blank(column: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Returns whether cells hold nothing but white space, as `str.isspace` tells it. Shape (n,).

    Only those that begin as white space does are looked at.
    """
    import pyarrow as pa

    found = np.asarray(_sizes(column) == 0)
    if len(column) and (data := column.buffers()[2]) is not None and len(data):
        each = np.frombuffer(data, np.uint8)
        starts = _offsets(column)[:-1]
        may_be = np.flatnonzero(_BEGINS_SPACE[each[np.minimum(starts, len(each) - 1)]] & ~found)
        if len(may_be):
            found[may_be[where(is_empty(trimmed(column.take(pa.array(may_be)))))]] = True
    return found


def _offsets(column: pa.Array) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Returns where each cell of a string array begins in its bytes, and where the last one ends. Shape (n + 1,)."""
    return np.frombuffer(column.buffers()[1], np.int32, count=len(column) + 1, offset=4 * column.offset)


def _sizes(column: pa.Array) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.diff(_offsets(column)) if len(column) else np.empty(0, np.int32)


_BEGINS_SPACE = np.zeros(256, bool)  # first bytes of the characters that are white space
_BEGINS_SPACE[[*range(0x09, 0x0E), *range(0x1C, 0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True


def with_replacement_sign(column: pa.Array) -> Positions:
    """Returns the positions of cells that hold U+FFFD, which stands for a character that was lost."""
    import pyarrow.compute as pc

    return where(pc.match_substring(column, "\ufffd"))


def list_offsets(column: pa.Array) -> pa.Array:
    """Returns where each list begins among the flattened values, from 0 on."""
    import pyarrow as pa

    return pa.array(np.concatenate([[0], np.cumsum(column.value_lengths().to_numpy())]), pa.int32())
