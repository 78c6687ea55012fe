"""Reads the rows of a CSV, JSON Lines or JSON file that is to be mended, and says how each is written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

from ftkit.data import privacy
from ftkit.data.fixlines import mended_lines
from ftkit.data.problems import Problems
from ftkit.data.repair import Line
from ftkit.data.source import read_lines
from ftkit.data.tables.delimited import SAMPLE, SEPARATOR, _fitted, _split, find_dialect
from ftkit.data.tables.objects import DECODER, _values
from ftkit.data.tables.table import Table
from ftkit.data.tables.values import SURROGATE, as_object

BYTES = frozenset({"bad_bytes"})  # the one repair of whole lines: all others are of cells
STRING = re.compile(r'"(?:[^"\\]|\\.)*+"(\s*:)?', re.DOTALL)  # in JSON; group 1 if it is a name
REGION = 1_000  # lines of a JSON document that are shown where nothing can be read
LONGEST = 100_000  # characters: of a document on one line not all of it is shown for one fault


@dataclass
class Row(Line):
    """A record on its way from the source to the copy, with the lines that it stands on; or what stands between them.

    Attributes:
        values: Its values by column; None if it is no record or cannot be read: it is written as `text` then.
        cells: In CSV, its cells.
        value: In JSON, the value that its line holds.
        found: What is masked in its text, by kind; None if nothing is.
    """

    values: dict[str, Any] | None = None
    cells: list[str] = field(default_factory=list)
    value: Any = None
    found: Counter[str] | None = None


class Container(Protocol):
    """A file of records: how they are read one after the other, and how one is written."""

    def rows(self, counts: Counter[str]) -> Iterator[Row]:
        """Yields what the file holds from its first line to its last; `counts` as in `mended_lines`."""
        ...

    def written(self, row: Row, values: dict[str, Any]) -> str:
        """Returns a record as it is written with these values."""
        ...

    def masked(self, row: Row, kinds: frozenset[str]) -> list[str]:
        """Returns the lines that a row stood on, with what is private in them masked."""
        ...


class Delimited:
    """CSV, or TSV with a header: rows that were right stay as they are, to the last quote.

    Args:
        table: The file as `open_table` opens it.
        encoding: The codec to read it with.
        fixes: The kinds of what to repair.
        needed: The columns that are read: what they lack cannot be made up.
    """

    def __init__(self, table: Table, encoding: str, fixes: frozenset[str], needed: frozenset[str]) -> None:
        self.path, self.encoding, self.fixes, self.needed = Path(str(table.path)), encoding, fixes, needed
        self.names, self.has_header = table.names, table.has_header
        head = [line for _, line in islice(read_lines(self.path, encoding, on_fault=lambda fault: None), SAMPLE)]
        dialect = find_dialect(head, self.path.suffix.lower())
        if dialect is None:
            raise ValueError(f"{self.path}: no table")
        self.dialect, self.mark = dialect, dialect.delimiter
        self.always = dialect.quoted and self.mark == "\t"  # only quotes around the header tell that quotes are quotes
        plain = rf'[^"\n{re.escape(self.mark)}]*+'
        cell = rf'(?:"(?:[^"]++|"")*+"|{plain})'
        self.right = re.compile(rf"{cell}(?:{re.escape(self.mark)}{cell})*+")  # RFC 4180's record

    def rows(self, counts: Counter[str]) -> Iterator[Row]:
        """Yields the header, the records, and what is between them."""
        kept: dict[int, Line] = {}

        def numbered() -> Iterator[tuple[int, str]]:
            for at, line in enumerate(mended_lines(self.path, self.encoding, self.fixes & BYTES, counts), 1):
                kept[at] = line
                yield at, line.text or ""

        at, header = 1, self.has_header
        for first, cells in _split(numbered(), self.dialect, Problems(), len(self.names)):
            for number in range(at, first):
                yield self._between(kept.pop(number), number)
            at = first + 1 + (sum(cell.count("\n") for cell in cells) if self.dialect.quoted else 0)
            yield self._record([kept.pop(number) for number in range(first, at)], cells, header)
            header = False
        for number in range(at, max(kept, default=0) + 1):
            yield self._between(kept.pop(number), number)

    def written(self, row: Row, values: dict[str, Any]) -> str:
        """Returns a record as RFC 4180 has it, or as it is where quotes are signs like any other."""
        return self._joined([values[name] for name in self.names])

    def masked(self, row: Row, kinds: frozenset[str]) -> list[str]:
        """Returns the lines that a row stood on; a number beside a comma is one number only within its cell."""
        if row.cells:
            cells = [_masked_cell(cell, kinds) for cell in row.cells]
            return row.old if cells == row.cells else self._joined(cells).split("\n")
        return [
            privacy.masked(self.mark.join(privacy.masked(part, kinds) for part in line.split(self.mark)), kinds)
            for line in row.old
        ]

    def _between(self, line: Line, at: int) -> Row:
        row = Row(line.number, line.old, line.text, set(line.done), line.left, line.about)
        text = line.text or ""
        if not text.strip(" \r") and not line.left:
            if text and "spaces" in self.fixes:
                row.text = ""
                row.done.add("spaces")
        elif not (at == 1 and SEPARATOR.fullmatch(text.strip())):
            row.left = line.left or "left_quote"
        return row

    def _record(self, lines: Sequence[Line], cells: list[str], header: bool) -> Row:
        text = "\n".join(line.text or "" for line in lines)
        row = Row(lines[0].number, [old for line in lines for old in line.old], text, cells=cells)
        row.done = set[str]().union(*(line.done for line in lines))
        row.left = next((line.left for line in lines if line.left), "")
        if header:
            if self._needs_quotes(text, cells):
                row.text = self._joined(cells)
                row.done.add("quotes")
            row.left = ""
            return row
        if row.left:
            return row
        width, whole = len(self.names), cells
        if len(cells) == width - 1 and "columns" in self.fixes and self.names[-1] not in self.needed and any(cells):
            whole = [*cells, ""]
        fitted = _fitted(whole, width)
        if fitted is None:
            row.left = "left_width"
            return row
        if not any(fitted) and len(cells) == width:
            return row  # nothing but commas: no record, and nothing to mend
        if "columns" in self.fixes and len(cells) != width:
            row.done.add("columns")
        if self._needs_quotes(text, cells):
            row.done.add("quotes")
        if any(fitted):
            row.values = dict(zip(self.names, fitted, strict=True))
        elif row.done:
            row.text = self._joined(fitted)
        return row

    def _needs_quotes(self, text: str, cells: list[str]) -> bool:
        if not self.dialect.quoted or '"' not in text or "quotes" not in self.fixes:
            return False
        return not self.right.fullmatch(text) or (self.always and text.count('"') < 2 * len(cells))

    def _joined(self, cells: Sequence[str]) -> str:
        if not self.dialect.quoted:
            return self.mark.join(cells)
        quoted = [self._quoted(cell) for cell in cells]
        if len(cells) == 1 and (not quoted[0].strip() or SEPARATOR.fullmatch(quoted[0].strip())):
            quoted = [f'"{cells[0]}"']  # no blank line, and no word to Excel
        return self.mark.join(quoted)

    def _quoted(self, cell: str) -> str:
        if self.always or '"' in cell or "\n" in cell or self.mark in cell:
            doubled = cell.replace('"', '""')
            return f'"{doubled}"'
        return cell


class JsonLines:
    """JSON Lines: of a line that is mended only the strings that change are written anew.

    Args:
        path: The file.
        encoding: The codec to read it with.
        fixes: The kinds of what to repair.
    """

    def __init__(self, path: Path, encoding: str, fixes: frozenset[str]) -> None:
        self.path, self.encoding, self.fixes = path, encoding, fixes

    def rows(self, counts: Counter[str]) -> Iterator[Row]:
        """Yields a row for each line."""
        for line in mended_lines(self.path, self.encoding, self.fixes & BYTES, counts):
            row = Row(line.number, line.old, line.text, line.done, line.left, line.about)
            text = line.text or ""
            if "feff" in self.fixes and text.lstrip().startswith("\ufeff"):  # two files were joined here
                row.text = text = text.lstrip().lstrip("\ufeff")
                row.done.add("feff")
            if not text.strip():
                if text and "spaces" in self.fixes:
                    row.text = ""
                    row.done.add("spaces")
            elif not row.left:
                try:
                    row.value = DECODER.decode(text)
                    row.values = _values(row.value)
                except (ValueError, RecursionError):
                    row.value = None
                row.left = "" if row.values is not None else "left_json"
            yield row

    def written(self, row: Row, values: dict[str, Any]) -> str:
        """Returns a record's line: as it was but for the strings that changed."""
        new: Any = values
        if not isinstance(row.value, dict):
            new = list(values.values()) if isinstance(row.value, list) else values["text"]
        text = row.text or ""
        old, better = list(_strings(row.value)), list(_strings(new))
        literals = [match for match in STRING.finditer(text) if not match[1]]
        if not len(old) == len(better) == len(literals):
            return dumped(new)
        pieces, at = list[str](), 0
        for match, before, after in zip(literals, old, better, strict=True):
            if before != after:
                if DECODER.decode(match[0]) != before:
                    return dumped(new)  # a name was there twice
                pieces += [text[at : match.start()], dumped(after, ascii_only="\\u" in match[0] and match[0].isascii())]
                at = match.end()
        spliced = "".join([*pieces, text[at:]])
        return spliced if DECODER.decode(spliced) == new else dumped(new)

    def masked(self, row: Row, kinds: frozenset[str]) -> list[str]:
        """Returns the lines that a row stood on; what is private may stand after an escaped line end."""
        return [privacy.masked(STRING.sub(lambda match: _masked(match, kinds), line), kinds) for line in row.old]


class Document:
    """A JSON document, whose records are written as JSON Lines: these can be mended, and read, one by one.

    Args:
        table: The file as `open_table` opens it.
        encoding: The codec to read it with.
    """

    def __init__(self, table: Table, encoding: str) -> None:
        self.table, self.encoding = table, encoding
        self.listed = table.names == tuple(map(str, range(len(table.names))))

    def rows(self, counts: Counter[str]) -> Iterator[Row]:
        """Yields a row for each record, and one for each part that cannot be read."""
        lines = read_lines(Path(str(self.table.path)), self.encoding, on_fault=lambda fault: None)
        read = passed = last = 0  # problems looked at; the last line shown; where the last record begins
        end: tuple[int, dict[str, Any] | None] = (1 << 62, None)
        for number, values in chain(self.table.records(), [end]):
            waiting = [problem for problem in self.table.problems[read:] if problem.severity == "error"]
            read = len(self.table.problems)
            for i, problem in enumerate(waiting):
                at = problem.line or 1
                until = (waiting[i + 1].line or 1) if i + 1 < len(waiting) else number
                region = _broken(list(_until(lines, max(last, passed + 1), at, until)), last, at)
                passed = max([passed, *(at for at, _ in region)])
                old = [text for _, text in region if len(text) < LONGEST] or [problem.excerpt]
                kind = "left_bytes" if problem.kind == "json_bytes" else "left_json"
                yield Row(region[0][0] if region else at, old, None, left=kind, about=problem.excerpt)
            last = number
            if values is not None:
                value = list(values.values()) if self.listed else values
                text = dumped(value)
                yield Row(number, [text], text, values=values, value=value)

    def written(self, row: Row, values: dict[str, Any]) -> str:
        """Returns a record's line."""
        return dumped(list(values.values()) if self.listed else values)

    def masked(self, row: Row, kinds: frozenset[str]) -> list[str]:
        """Returns a record's line, or the lines that could not be read."""
        return JsonLines.masked(self, row, kinds)  # type: ignore[arg-type]


def dumped(value: Any, *, ascii_only: bool = False) -> str:
    """Returns a value as one line of JSON; half a surrogate pair, which no encoding can write, stays escaped."""
    written = json.dumps(value, ensure_ascii=ascii_only)
    return json.dumps(value) if SURROGATE.search(written) else written


def _strings(value: Any) -> Iterator[str]:
    """Yields the texts in a value, in the order in which they are written; names are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _masked(match: re.Match[str], kinds: frozenset[str]) -> str:
    try:
        text = DECODER.decode(match[0].removesuffix(match[1] or ""))
    except ValueError:
        return privacy.masked(match[0], kinds)
    better = privacy.masked(text, kinds)
    return match[0] if better == text else dumped(better) + (match[1] or "")


def _masked_cell(cell: str, kinds: frozenset[str]) -> str:
    """Returns a cell masked; in a list that is written out, a number may stand after an escaped line end."""
    parsed = as_object(cell)
    if isinstance(parsed, (list, dict)):
        plain = dumped(parsed)
        better = STRING.sub(lambda match: _masked(match, kinds), plain)
        cell = cell if better == plain else better
    return privacy.masked(cell, kinds)


def _until(lines: Iterator[tuple[int, str]], first: int, at: int, until: int) -> Iterator[tuple[int, str]]:
    """Yields lines from the first on, to the last before `until`, or to `at`; `lines` goes on from there."""
    if first > at:
        return
    n = 0
    for number, text in lines:
        if number >= first and n < REGION:
            n += 1
            yield number, text
        if number >= max(at, until - 1):
            return


def _broken(region: list[tuple[int, str]], last: int, at: int) -> list[tuple[int, str]]:
    """Returns the lines of a broken record, of those that begin with the record before it on line `last`.

    A fault is met on line `at`, where something else was expected; the record begins before, on a line like that of
    the record before it. Where no line is like that, good lines are shown too, rather than bad ones not.
    """
    if len(region) < 2 or region[0][0] != last:
        return region
    start = region[0][1][: region[0][1].find("{") + 1]
    begins = [i for i, (number, text) in enumerate(region) if last < number <= at and text.startswith(start)]
    return region[begins[-1] if begins and start else 1 :]
