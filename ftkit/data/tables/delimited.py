"""CSV, and TSV that says what its columns are: RFC 4180 as people write it, every fault named by line.

Source: https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from ftkit.data.problems import KEPT_PER_KIND, Problems, excerpt
from ftkit.data.source import Source, read_lines
from ftkit.data.tables.names import called, is_known
from ftkit.data.tables.table import Record, Table, distinct

SAMPLE = 200  # lines that tell the delimiter
LONGEST = 1 << 23  # characters: a record that is longer has lost its closing quote
MAX_COLUMNS = 10_000  # with more, commas belong to the text
NUMBER = re.compile(r"[\d.+-]+")
FEW = 4  # records: fewer show nothing
LONG = 12  # characters: of a text that is no name
NAME = 60  # characters: what is longer is no column's name
SEPARATOR = re.compile(r"sep=(.)", re.IGNORECASE)  # a first line that Excel understands, and that is no record
PAIRS = (("text", "label"), ("question", "answer"), ("title", "content"), ("title", "summary"), ("summary", "content"))

Cells = tuple[int, list[str]]  # line that a record starts on, and its cells


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file's lines become cells: the character between them, and whether quotes mean anything."""

    delimiter: str
    quoted: bool


def open_delimited(path: Path, encoding: str, named: Sequence[str] | None = None) -> Table | None:
    """Returns a file's records if it is CSV, or TSV with a header; None if its lines are plain text.

    Plain tab-separated text of two columns is left to the line formats, and quotes in tab-separated text are signs
    like any other unless they cannot be: real reviews hold lone ones.

    Args:
        path: The file.
        encoding: The codec to read it with.
        named: The words by which the user names columns: then there is a header, also above two columns between tabs.
            Empty if columns are named by numbers: then only well-known words are a header. None if none is named.
    """
    head = [line for _, line in islice(read_lines(path, encoding, on_fault=lambda fault: None), SAMPLE)]
    dialect = find_dialect(head, path.suffix.lower())
    first_cells = {cell.strip() for cell in next((line for line in head if line.strip()), "").split("\t")}
    if dialect is None and named and first_cells & {*named}:
        dialect = Dialect("\t", quoted=False)
    if dialect is None:
        return None
    sample = list(_split(enumerate(head, 1), dialect, Problems()))
    if not sample or len(sample[0][1]) > MAX_COLUMNS:
        return None
    first, names = sample[0][0], sample[0][1]
    others = [cells for _, cells in sample[1:]]
    known = _is_known_header(names, others)
    has_header = known or bool(named) or (named is None and _looks_like_header(names, others))
    width = len(names) if has_header else Counter(len(cells) for _, cells in sample).most_common(1)[0][0]
    columns = distinct(names if has_header else range(width))

    def read(problems: Problems) -> Iterator[Record]:
        source = Source(path, encoding, problems=problems)
        for number, cells in _split(source.lines(), dialect, problems, width, source):
            if has_header and number == first:
                if not known:
                    problems.add("info", "header", number, about=dialect.delimiter.join(cells))
                continue
            if (fitted := _fitted(cells, width)) is not None:
                if any(fitted):
                    yield number, dict(zip(columns, fitted, strict=True))
                continue
            if problems.counts["ragged"] < KEPT_PER_KIND:  # no text is made for what is only counted
                shown = ", ".join(repr(excerpt(cell, 20)) for cell in cells[:6])
                values = {"n": len(cells), "width": width, "found": shown, "names": ", ".join(columns[:8])}
                about = dialect.delimiter.join(cells)
                problems.add("error", "ragged", number, area="tables", about=about, **values)
            else:
                problems.add("error", "ragged", number, area="tables")
            problems.skipped += 1

    return Table("csv", path.as_posix(), columns, read, path, encoding, has_header=has_header)


def find_dialect(head: Sequence[str], suffix: str) -> Dialect | None:
    """Returns how a file with these first lines is delimited; None if it is plain text.

    Args:
        head: Lines without their ends.
        suffix: The file name's ending, such as ``".csv"``.
    """
    if not any(line.strip() for line in head):
        return None
    if head and (said := SEPARATOR.fullmatch(head[0].strip())):
        return Dialect(said[1], quoted=True)
    first = next(line for line in head if line.strip())
    if suffix == ".csv":
        scores = {mark: _evenness(head, Dialect(mark, quoted=True)) for mark in ",;\t|"}
        best = max(scores, key=lambda mark: scores[mark])
        if not scores[best]:
            return Dialect("," if "," in first else "\t", quoted=True)  # one column: commas belong to the text
        return _tabbed(head, first) if best == "\t" else Dialect(best, quoted=True)
    if "\t" in first:
        return _tabbed(head, first)
    for mark in ",;":
        dialect = Dialect(mark, quoted=True)
        names = next(_split([(1, first)], dialect, Problems()), (1, []))[1]
        if len(names) > 1 and _is_pair(names) and _evenness(head, dialect) > 0.8:
            return dialect
    return None


def _evenness(head: Sequence[str], dialect: Dialect) -> float:
    """Returns the share of records with as many cells as the first, if that is two or more."""
    records = [cells for _, cells in _split(enumerate(head, 1), dialect, Problems())]
    if not records or len(records[0]) < 2:
        return 0.0
    named = sum(map(is_known, records[0]))  # "text;label" above rows with commas in them
    return sum(_fitted(cells, len(records[0])) is not None for cells in records) / len(records) + named


def _tabbed(head: Sequence[str], first: str) -> Dialect | None:
    plain, quoted = Dialect("\t", quoted=False), Dialect("\t", quoted=True)
    names = next(_split([(1, first)], quoted, Problems()), (1, []))[1]
    if _needs_quotes(head, first) and (any(map(is_known, names)) or first.startswith('"')):
        return quoted
    if len(names) > 2:
        return plain if sum(map(is_known, names)) > 1 else None
    return plain if _is_pair(names) and not _lines_know(first) else None


def _needs_quotes(head: Sequence[str], first: str) -> bool:
    """Returns whether quotes in tab-separated text must be RFC 4180's: around names, line ends, tabs or quotes."""
    if not any('"' in line for line in head):
        return False
    problems = Problems()
    records = [cells for _, cells in _split(enumerate(head, 1), Dialect("\t", quoted=True), problems)]
    if problems or not records or len({len(cells) for cells in records}) > 1:
        return False
    if any(line.strip() and len(line.split("\t")) != len(records[0]) for line in head):
        return True
    return all(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in first.split("\t")) or _doubled(head)


def _doubled(head: Sequence[str]) -> bool:
    cells = [cell for line in head for cell in line.split("\t") if len(cell) > 4 and cell[0] == cell[-1] == '"']
    inside = [cell[1:-1] for cell in cells if '"' in cell[1:-1]]
    return bool(inside) and all(len(run) % 2 == 0 for cell in inside for run in re.findall('"+', cell))


def _is_pair(names: Sequence[str]) -> bool:
    """Returns whether a line names the two columns of a format."""
    return any(
        (one := called(names, first)) and (two := called(names, second)) and (len({*one, *two}) > 1)
        for first, second in PAIRS
    )


def _lines_know(first: str) -> bool:
    """Returns whether the line formats take a line for a header themselves."""
    from ftkit.data.formats import labels, pairs, qa, title

    cells = [cell.strip().casefold() for cell in first.split("\t")]
    known = {"text": frozenset(labels.TEXT_NAMES), "label": frozenset(labels.LABEL_NAMES)}
    return len(cells) == 2 and any(pairs.header(first, names) for names in (known, qa.NAMES, title.NAMES))


def _is_known_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Returns whether a record names the columns in words that people use, none of which comes again below it."""
    return any(map(is_known, first)) and _could_name(first, others)


def _looks_like_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Returns whether a record names the columns in words of its own: a column below one is of another kind."""
    if not _could_name(first, others):
        return False
    for name, *values in _columns(first, others):
        several = len(values) >= FEW and len(set(values)) <= len(values) / 2
        numbers = bool(values) and all(NUMBER.fullmatch(value.strip()) for value in values)
        longer = bool(values) and median(map(len, values)) >= max(LONG, 3 * len(name))
        if several or numbers or longer:
            return True
    return False


def _could_name(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    if any(len(cell) > NAME or "\n" in cell or NUMBER.fullmatch(cell.strip()) for cell in first):
        return False
    return not any(name and name in values for name, *values in _columns(first, others))


def _columns(first: Sequence[str], others: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    return zip(first, *(cells for cells in others if len(cells) == len(first)), strict=True)


def _fitted(cells: list[str], width: int) -> list[str] | None:
    """Returns a record's cells if they are as many as there are columns, but for empty ones at the end."""
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    return cells if len(cells) == width else None


def _split(
    lines: Iterable[tuple[int, str]],
    dialect: Dialect,
    problems: Problems,
    width: int | None = None,
    source: Source | None = None,
) -> Iterator[Cells]:
    """Yields each record's first line and cells.

    A quote that is not closed is reported on the line that opens it, and reading goes on with the next line: not
    closed means that the file ends, that a quote follows which cannot be the end of a cell, or that the record over
    several lines has not `width` cells. No line is read more than twice: one that opens a quote cannot lie within one.
    """
    again = deque[tuple[int, str]]()
    fresh, damaged = iter(lines), set[int]()

    def following() -> tuple[int, str] | None:
        if again:
            return again.popleft()
        line = next(fresh, None)
        if line and source and source.is_damaged(line[0]):
            damaged.add(line[0])
        return line

    while (line := following()) is not None:
        number, content = line
        if not content.strip(" \r") or (number == 1 and SEPARATOR.fullmatch(content.strip())):
            continue
        cells, taken = list[str](), list[tuple[int, str]]()
        if not dialect.quoted or '"' not in content:
            cells = content.split(dialect.delimiter)
        else:
            inside, odd = _go_on(content, dialect.delimiter, cells, None)
            size, lost = 0, False
            while inside is not None and not lost:
                if (line := following()) is None or size > LONGEST:
                    if line is not None:
                        taken.append(line)
                    lost = True
                    break
                taken.append(line)
                size += len(line[1])
                inside, lost = _go_on(line[1], dialect.delimiter, cells, inside)
            if lost or (taken and width and _fitted(cells, width) is None):
                if number not in damaged:
                    problems.add("error", "open_quote", number, area="tables", about=content)
                damaged.discard(number)
                problems.skipped += 1
                again.extendleft(reversed(taken))
                continue
            if odd and number not in damaged:
                problems.add("warning", "inner_quote", number, area="tables", about=content)
        if damaged and not damaged.isdisjoint({number, *(n for n, _ in taken)}):
            problems.skipped += 1
            damaged -= {number, *(n for n, _ in taken)}
            continue
        yield number, cells


def _go_on(line: str, mark: str, cells: list[str], inside: list[str] | None) -> tuple[list[str] | None, bool]:
    """Goes on with a record by one line.

    Args:
        line: The line without its end.
        mark: The delimiter.
        cells: The record's cells so far; those that end on this line are added.
        inside: The lines so far of the quoted cell that goes on; None if none does.

    Returns:
        The same for the next line, and whether a quote within a cell was neither doubled nor the cell's end.
    """
    at, odd = 0, False
    while True:
        if inside is None:
            start = at
            while line.startswith(" ", start):
                start += 1
            if not line.startswith('"', start):
                end = line.find(mark, at)
                cells.append(line[at:] if end < 0 else line[at:end])
                if end < 0:
                    return None, odd
                at = end + 1
                continue
            inside, at = [], start + 1
        end = at
        while True:
            end = line.find('"', end)
            if end < 0:
                inside.append(line[at:])
                return inside, odd
            if line.startswith('"', end + 1):
                end += 2
                continue
            after = end + 1
            while line.startswith(" ", after):
                after += 1
            if after == len(line) or line.startswith(mark, after):
                break
            odd, end = True, end + 1
        inside.append(line[at:end])
        cells.append("\n".join(inside).replace('""', '"'))
        if after == len(line):
            return None, odd
        inside, at = None, after + 1
