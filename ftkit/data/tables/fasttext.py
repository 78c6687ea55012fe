"""fastText's lines: ``__label__sport __label__news the text``, the labels first or last.

Source: https://fasttext.cc/docs/en/supervised-tutorial.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ftkit.data.problems import Problems
from ftkit.data.source import Source, read_lines
from ftkit.data.tables.table import Record, Table

SAMPLE = 200
MARKED = re.compile(r"(?:__label__\S+[\s,]+)+\S|.*\s__label__\S+\s*$", re.DOTALL)
LABEL = re.compile(r"__label__(\S+)")
FIRST = re.compile(r"\s*(?:__label__\S+(?:[\s,]+|$))+")
LAST = re.compile(r"(?:\s+__label__\S+)+\s*$")

Row = tuple[int, str, list[str]]  # line, text, labels


def is_fasttext(head: Iterable[str]) -> bool:
    """Returns whether nine in ten of these lines have labels marked as fastText marks them."""
    filled = [line for line in head if line.strip()]
    return bool(filled) and sum(bool(MARKED.match(line.lstrip())) for line in filled) >= 0.9 * len(filled)


def from_fasttext(lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """Yields each line's number, text and labels; blank lines are left out, a line without a label has none.

    Args:
        lines: Numbers and texts of lines.

    Example:
        >>> list(from_fasttext([(1, "__label__a __label__b good film")]))
        [(1, 'good film', ['a', 'b'])]
    """
    for number, line in lines:
        if not line.strip():
            continue
        at = FIRST.match(line)
        marks, body = (at[0], line[at.end() :]) if at else ("", line)
        if not at and (end := LAST.search(line)):
            marks, body = end[0], line[: end.start()]
        yield number, body.strip(), [label.rstrip(",") for label in LABEL.findall(marks)]


def open_fasttext(path: Path, encoding: str) -> Table | None:
    """Returns a file's lines as records of ``text`` and ``label`` (a list), if they are marked as fastText does."""
    head = [line for _, line in islice(read_lines(path, encoding, on_fault=lambda fault: None), SAMPLE)]
    if not is_fasttext(head):
        return None

    def read(problems: Problems) -> Iterator[Record]:
        source = Source(path, encoding, problems=problems)
        for number, body, labels in from_fasttext(source.lines()):
            if source.is_damaged(number):
                problems.skipped += 1
            elif labels:
                yield number, {"text": body, "label": labels}
            else:
                problems.add("error", "no_mark", number, area="tables", about=body)
                problems.skipped += 1

    return Table("fasttext", path.as_posix(), ("text", "label"), read, path, encoding)
