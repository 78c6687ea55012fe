"""What the formats `title` and `qa` share: free texts with tabs between them, and no label to tell them by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ftkit.data.cells import Lines, cut, is_empty, trimmed
from ftkit.data.formats.labels import FEW, Labels
from ftkit.data.formats.tags import Tags
from ftkit.data.problems import Problems, excerpt
from ftkit.data.source import Source
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

SURE = 20  # rows: from so many on, what they have in common is no chance
HINT = 0.3  # of 1: what two columns alone are worth, without a sign of what is in them

Names = Mapping[str, frozenset[str]]  # the first column's name and the second's, each with what header lines call it


def header(line: str, names: Names) -> dict[str, int] | None:
    """Returns which column is which, if a line names just one of each."""
    cells = [cell.strip().casefold() for cell in line.split("\t")]
    found = {name: [i for i, cell in enumerate(cells) if cell in known] for name, known in names.items()}
    return {name: at[0] for name, at in found.items()} if all(len(at) == 1 for at in found.values()) else None


def headed(head: list[str], names: Names) -> float | None:
    """Returns the share of lines with as many columns as the header line; None if there is no header line."""
    filled = [line for line in head if line.strip()]
    if len(filled) < 2 or not header(head[0], names):
        return None
    return fmean(line.count("\t") == head[0].count("\t") for line in filled)


def likeness(head: list[str], n_rows: int, evidence: float) -> float:
    """Returns how surely these lines are in a format, from 0 to 1.

    Args:
        head: The first lines of a file.
        n_rows: How many of them have the format's number of columns.
        evidence: How much their texts look like it, from 0 to 1; with few rows it counts for less.
    """
    share = n_rows / max(1, sum(bool(line.strip()) for line in head))
    if n_rows < FEW:
        return HINT * share
    return share * (1 - claimed(tuple(head))) * max(HINT, evidence * min(1.0, n_rows / SURE))


@lru_cache(maxsize=1)  # asked by every format that has no sign of its own
def claimed(head: tuple[str, ...]) -> float:
    """Returns how surely these lines are labels or tags, which show by themselves: the other formats get the rest."""
    return max(Labels().sniff(list(head)), Tags().sniff(list(head)))


def chosen(source: Source, names: Names) -> dict[str, int]:
    """Returns which column is which, as the user or a header line says; empty if neither does."""
    first, second = names
    if given := dict(source.columns):
        (known, at), *_ = given.items()
        return {second if known == first else first: 0 if at else 1} | given
    return (header(source.head[0], names) if source.head else None) or {}


def width(source: Source, columns: Mapping[str, int], names: Names) -> int:
    """Returns how many columns a line must have: those named, else two, else the commonest number that suffices."""
    if source.head and header(source.head[0], names):
        return max(*columns.values(), source.head[0].count("\t")) + 1
    needed = max(columns.values(), default=1) + 1
    widths = Counter(line.count("\t") + 1 for line in source.head if line.strip())
    if needed == 2 and (widths[2] or not columns):
        return 2
    return max((n for n in widths if n >= needed), key=lambda n: widths[n], default=needed)


def blocks(
    source: Source, at: tuple[int, int], width: int, names: Names, problems: Problems
) -> Iterator[tuple[pa.Array, pa.Array, Lines, list[tuple[int, str]], bool]]:
    """Yields, block by block, two cells of each line with `width` of them, their numbers, and the other lines.

    With them comes whether U+FFFD is there. The header line and blank lines are left out, and lines without a tab,
    which are noted.

    Args:
        source: The file.
        at: Which two cells, as 0-based indexes.
        width: How many cells a line must have.
        names: What the two are called.
        problems: Where it is noted.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    first, second = (text(f"formats.names.{name}") for name in names)
    for block in source.blocks():
        problems.skipped += len(block.damaged)
        cells = cut(block, width, at)
        (one, two), lines, others = cells.columns, cells.lines, list[tuple[int, str]]()
        for number, line in cells.odd:
            if number == 1 and header(line, names):  # a line of names may be shorter than the lines below
                problems.add("info", "header", 1, about=line)
            elif "\t" in line:
                others.append((number, line))
            elif line.strip():
                problems.skipped += 1
                if "\\t" in line:
                    problems.add("error", "literal_tab", number, about=line)
                else:
                    problems.add("error", "no_tab", number, area="formats", about=line, first=first, second=second)
        if len(lines) and lines[0] == 1 and header(source.head[0], names):
            problems.add("info", "header", 1, about=source.head[0])
            one, two, lines = one[1:], two[1:], lines[1:]
        one, two = trimmed(one), trimmed(two)
        blank = pc.and_(is_empty(one), is_empty(two)).to_numpy(zero_copy_only=False)
        if width == 2 and blank.any():
            keep = pa.array(~blank)
            one, two, lines = one.filter(keep), two.filter(keep), lines[~blank]
        yield one, two, lines, others, block.has_signs


def note_width(number: int, line: str, width: int, names: Names, source: Source, problems: Problems) -> None:
    """Notes a line with another number of cells than it must have."""
    first, second = names
    cells = line.split("\t")
    values = {"first": text(f"formats.names.{first}"), "second": text(f"formats.names.{second}")}
    values |= {"key": first, "other": second, "last": str(len(cells) - 1), "name": source.name}
    sizes: dict[str, Any] = {"n": len(cells), "width": width}
    problems.add("error", "extra_tab", number, area="formats", about=line, found=listed(cells), **values, **sizes)
    problems.skipped += 1


def listed(cells: list[str]) -> str:
    """Returns the first cells of a line as they are shown in a message."""
    return ", ".join(repr(excerpt(cell, 20)) for cell in cells[:6]) + (", ..." if len(cells) > 6 else "")
