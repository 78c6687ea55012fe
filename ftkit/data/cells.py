"""Cuts blocks of lines into Arrow columns, and looks at the cells all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.source import Block

if TYPE_CHECKING:
    import pyarrow as pa

Lines = np.ndarray[Any, np.dtype[np.int32]]
Positions = np.ndarray[Any, np.dtype[np.int64]]

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
        read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block.data) + 1),
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
    lines = np.arange(block.first, block.first + block.n_lines, dtype=np.int32)
    if odd:
        lines = np.delete(lines, [number - block.first for number, _ in odd])
    columns = [table.column(name).combine_chunks() for name in chosen]
    columns = [column.chunk(0) if isinstance(column, pa.ChunkedArray) else column for column in columns]
    blank = _blank_lines(block, columns, lines)
    if len(blank):  # the reader takes one for a row of empty cells
        keep = ~np.isin(lines, blank)
        lines, columns = lines[keep], [column.filter(pa.array(keep)) for column in columns]
        odd = sorted([*odd, *((int(number), "") for number in blank)])
    return Cells(columns, lines, odd)


def _blank_lines(block: Block, columns: list[pa.Array], lines: Lines) -> Positions:
    """Returns the numbers of the lines that hold nothing at all, of those whose cells are all empty."""
    import pyarrow.compute as pc

    empty = is_empty(columns[0])
    for column in columns[1:]:
        empty = pc.and_(empty, is_empty(column))
    if not pc.any(empty).as_py():
        return np.empty(0, np.int64)
    ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == 10)
    return np.intersect1d(lines[where(empty)], block.first + np.flatnonzero(np.diff(ends, prepend=-1) == 1))


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
    """Returns, for cells or lists of them, whether nothing is in them, as a boolean array of shape (n,)."""
    import pyarrow.compute as pc

    return pc.equal(pc.binary_length(column), 0)


def with_replacement_sign(column: pa.Array) -> Positions:
    """Returns the positions of cells that hold U+FFFD, which stands for a character that was lost."""
    import pyarrow.compute as pc

    data = column.buffers()[2]
    if data is None or not _has_replacement_sign(data):
        return np.empty(0, np.int64)
    return where(pc.match_substring(column, "\ufffd"))


def _has_replacement_sign(data: Any) -> bool:
    """Returns whether bytes hold EF BF BD: its last two are compared as one number, at the speed of memory."""
    each = np.frombuffer(data, np.uint8)
    for start in (0, 1):
        pairs = np.frombuffer(data, "<u2", count=max(0, len(each) - start) // 2, offset=min(start, len(each)))
        at = 2 * np.flatnonzero(pairs == 0xBDBF) + start
        if (each[at[at > 0] - 1] == 0xEF).any():
            return True
    return False
