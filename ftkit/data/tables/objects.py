"""JSON and JSON Lines: records are decoded one by one, and what is wrong with one is said by line and column.

Source: https://www.rfc-editor.org/rfc/rfc8259, https://jsonlines.org
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from ftkit.data.problems import Problems
from ftkit.data.source import Source
from ftkit.data.tables.names import PARTS, normal
from ftkit.data.tables.table import Record, Table

CHUNK = 1 << 16  # characters read at once; of a longer record, twice as many each time
LONGEST = 1 << 26  # characters: a longer record is taken for one that is not closed
PEEK = 1 << 16  # characters that tell JSON Lines from one document
SAMPLE = 200  # records that tell the columns
BROKEN = 200  # faults in one document after which the rest is given up
SPACE = re.compile(r"\s*")
ARRAY = re.compile(r"\[\s*(\S)")
NEXT = re.compile(r"\}\s{0,100},?\s{0,100}(?=\{)")  # where reading goes on after a fault
ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are no text, as `surrogateescape` gives them
DECODER = json.JSONDecoder(strict=False)
# an array of objects under one of these names belongs to one record
PARTS_OF_A_RECORD = {*PARTS["messages"], *PARTS["spans"], *PARTS["history"], *PARTS["tags"], *PARTS["tokens"]}


def open_objects(path: Path, encoding: str) -> Table | None:
    """Returns a file's records if it is JSON or JSON Lines, whatever its name; None if it is neither.

    Args:
        path: The file.
        encoding: The codec to read it with.
    """
    with _opened(path, encoding) as file:
        start = file.read(PEEK)
    suffix = path.suffix.lower()
    lines = [line for line in start.split("\n") if line.strip()][: 1 + start.count("\n")]
    if not lines:
        return None
    if len(start) == PEEK and len(lines) > 1:
        lines.pop()  # cut off
    named = suffix in (".jsonl", ".ndjson", ".json")
    if _in_lines(lines, suffix):
        kind, reader = "jsonl", _lines
    elif start.lstrip().startswith(("{", "[")) and (named or _reads_as_document(start)):
        kind, reader = "json", _document
    elif named:
        kind, reader = ("jsonl", _lines) if suffix != ".json" else ("json", _document)
    else:
        return None

    def read(problems: Problems) -> Iterator[Record]:
        return reader(path, encoding, problems)

    table = Table(kind, path.as_posix(), (), read, path, encoding)
    table.names = tuple(dict.fromkeys(name for _, values in table.head(SAMPLE) for name in values))
    return table


def _opened(path: Path, encoding: str) -> TextIO:
    wide = encoding.startswith(("utf-16", "utf-32"))
    return path.open(encoding=encoding, errors="replace" if wide else "surrogateescape")


def _in_lines(lines: list[str], suffix: str) -> bool:
    """Returns whether each line holds a record of its own: most of the first ones are whole JSON objects or lists."""
    sample = [line.strip().lstrip("\ufeff") for line in lines[:20]]
    whole = sum(isinstance(_parsed(line), dict) for line in sample)
    if not whole and suffix in (".jsonl", ".ndjson"):
        whole = sum(isinstance(_parsed(line), list) for line in sample)
    said = suffix in (".jsonl", ".ndjson")
    return whole >= (1 if said else len(sample) / 2) and (said or len(sample) > 1 or not _wrapped(sample[0]))


def _parsed(written: str) -> Any:
    try:
        return DECODER.decode(written)
    except (ValueError, RecursionError):
        return None


def _wrapped(line: str) -> bool:
    """Returns whether a file's only line is one object around many records."""
    value = _parsed(line)
    return isinstance(value, dict) and (any(_holds_records(*item) for item in value.items()) or _is_columns(value))


def _holds_records(key: str, value: Any) -> bool:
    return (
        normal(key) not in PARTS_OF_A_RECORD
        and isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) for item in value[:5])
    )


def _is_columns(value: dict[str, Any]) -> bool:
    """Returns whether an object holds columns: lists of the same length, or objects by the same row numbers."""
    columns = list(value.values())
    if len(columns) < 2 or any(normal(key) in PARTS_OF_A_RECORD - {"label", "labels"} for key in value):
        return False
    if all(isinstance(column, dict) and column and "0" in column for column in columns):
        return True
    plain = all(isinstance(c, list) and c and not isinstance(c[0], (list, dict)) for c in columns)
    return plain and len({len(column) for column in columns}) == 1


def _reads_as_document(start: str) -> bool:
    """Returns whether a file that is not called .json begins as a JSON document does: not as ``[Music] ...`` does."""
    return bool(re.match(r'\s*\[\s*[\[{"]|\s*\{\s*"(?:[^"\\]|\\.){1,200}"\s*:', start))


# -- JSON Lines


def _lines(path: Path, encoding: str, problems: Problems) -> Iterator[Record]:
    source = Source(path, encoding, problems=problems)
    for number, line in source.lines():
        if source.is_damaged(number):
            problems.skipped += 1
            continue
        if not line.strip():
            continue
        try:
            value = DECODER.decode(line)
        except json.JSONDecodeError as error:
            about = line if error.pos < 40 else f"...{line[error.pos - 20 : error.pos + 40]}"
            _report(error, number, error.colno, about, problems)
            continue
        except (RecursionError, ValueError):
            _report(None, number, 1, line, problems)
            continue
        if (values := _values(value)) is None:
            problems.add("error", "not_object", number, area="tables", about=line)
            problems.skipped += 1
        else:
            yield number, values


def _values(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(i): item for i, item in enumerate(value)}
    return {"text": value} if isinstance(value, str) else None


def _report(error: json.JSONDecodeError | None, line: int, column: int, about: str, problems: Problems) -> None:
    expected = error.msg if error else "fewer brackets in brackets"
    problems.add("error", "bad_json", line, area="tables", about=about, column=column, expected=expected)
    problems.skipped += 1


# -- one document


class _Text:
    """A document's characters from some point on, and the line and column of that point."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.buffer, self.ended = file, "", False
        self.at = self.began = 0  # the next character; the first one of the last value
        self.line, self.column, self.counted = 1, 1, 0

    def more(self) -> None:
        """Reads on, or finds that the end is reached. What was read past is dropped, and positions change."""
        self.number()
        self.buffer, self.at, self.counted = self.buffer[self.at :], 0, 0
        piece = self.file.read(max(CHUNK, len(self.buffer)))
        self.ended = not piece
        self.buffer += piece

    def number(self) -> int:
        """Returns the line of the next character, and counts its column."""
        if n := self.buffer.count("\n", self.counted, self.at):
            self.line, self.column = self.line + n, self.at - self.buffer.rfind("\n", 0, self.at)
        else:
            self.column += self.at - self.counted
        self.counted = self.at
        return self.line

    def skip(self, marks: str = "") -> str:
        """Goes past space, and past the characters `marks`; returns the next character, "" at the end."""
        while True:
            found = SPACE.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.buffer):
                if self.buffer[self.at] not in marks:
                    return self.buffer[self.at]
                self.at += 1
            elif self.ended:
                return ""
            else:
                self.more()

    def value(self) -> Any:
        """Returns the next value, and goes past it.

        Raises:
            JSONDecodeError: If it is none; its `pos` counts from the first character of the buffer.
        """
        while True:
            try:
                value, end = DECODER.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                near_end = error.pos > len(self.buffer) - 16 or error.msg.startswith("Unterminated string")
                if not near_end or len(self.buffer) - self.at > LONGEST or self.ended:
                    raise
            else:
                if end < len(self.buffer) or self.ended:  # a number at the end may go on
                    self.began, self.at = self.at, end
                    return value
            self.more()


def _document(path: Path, encoding: str, problems: Problems) -> Iterator[Record]:
    with _opened(path, encoding) as file:
        text = _Text(file)
        while (mark := text.skip(",\ufeff")) and len(problems) < BROKEN:
            if mark == "[":
                text.at += 1
                yield from _items(text, problems)
            elif mark == "{":
                yield from _object(text, problems)
            elif mark in "]}":
                text.at += 1
            elif not _tried(text, problems)[1]:
                return


def _tried(text: _Text, problems: Problems) -> tuple[Any, bool]:
    """Returns the next value, and whether reading can go on; one that is damaged is noted and gone past, as None."""
    number = text.number()
    try:
        value = text.value()
    except json.JSONDecodeError as error:
        text.at = error.pos
        about = text.buffer[max(0, error.pos - 20) : error.pos + 40]
        _report(error, text.number(), text.column, about, problems)
        return None, _to_next(text)
    except (RecursionError, ValueError):
        _report(None, number, text.column, text.buffer[text.at : text.at + 60], problems)
        return None, _to_next(text)
    raw = text.buffer[text.began : text.at]
    if bad := ESCAPED.search(raw):
        line = number + raw.count("\n", 0, bad.start())
        about = raw[max(0, bad.start() - 20) : bad.start()]
        problems.add("error", "json_bytes", line, area="tables", about=about)
        problems.skipped += 1
        return None, True
    return value, True


def _to_next(text: _Text) -> bool:
    """Goes to where the next object seems to begin; returns whether there is one."""
    while not (found := NEXT.search(text.buffer, text.at)):
        last = text.buffer.rfind("}", max(text.at, len(text.buffer) - 200))
        text.at = last if last >= 0 else len(text.buffer)
        if text.ended:
            text.at = len(text.buffer)
            return False
        text.more()
    text.at = found.end()
    return True


def _items(text: _Text, problems: Problems) -> Iterator[Record]:
    """Yields the items of an array whose bracket is past."""
    while (mark := text.skip(",")) and mark not in "]}" and len(problems) < BROKEN:
        number = text.number()
        value, goes_on = _tried(text, problems)
        if not goes_on:
            return
        if value is None:
            continue
        if (values := _values(value)) is None:
            problems.add("error", "not_object", number, area="tables", about=str(value))
            problems.skipped += 1
        else:
            yield number, values
    if not mark:
        problems.add("error", "json_cut", text.number(), area="tables")
    text.at += 1


def _object(text: _Text, problems: Problems) -> Iterator[Record]:
    """Yields the records that an object holds: in an array under one of its names, as columns, or itself as one."""
    number = text.number()
    text.at += 1
    values: dict[str, Any] = {}
    streamed = ""  # the name of the array whose records were read
    while (mark := text.skip(",")) == '"':
        key, goes_on = _tried(text, problems)
        if not goes_on or not isinstance(key, str) or text.skip() != ":":
            break
        text.at += 1
        if text.skip() == "[" and normal(key) not in PARTS_OF_A_RECORD and _begins_records(text):
            if not streamed:
                streamed, text.at = key, text.at + 1
                yield from _items(text, problems)
                continue
            problems.add("warning", "json_other", text.number(), area="tables", about=key, read=streamed)
        values[key], goes_on = _tried(text, problems)
        if not goes_on:
            return
    if mark != "}":
        error = json.JSONDecodeError("Expecting ',', ':' or '}' after a name and its value", text.buffer, text.at)
        line = text.number()
        _report(error, line, text.column, text.buffer[text.at : text.at + 60] or "{", problems)
        _to_next(text)
        return
    text.at += 1
    if streamed:
        return
    if _is_columns(values):
        rows = chain.from_iterable(c if isinstance(c, dict) else range(len(c)) for c in values.values())
        for row in dict.fromkeys(rows):
            yield number, {name: c.get(row) if isinstance(c, dict) else c[row] for name, c in values.items()}
    elif len(values) > 1 and all(isinstance(value, dict) for value in values.values()):
        yield from ((number, value) for value in values.values())  # records by their ids
    else:
        yield number, values


def _begins_records(text: _Text) -> bool:
    """Returns whether the array that begins here holds objects."""
    while not (found := ARRAY.match(text.buffer, text.at)):
        if text.ended:
            return False
        text.more()
    return found[1] == "{"
