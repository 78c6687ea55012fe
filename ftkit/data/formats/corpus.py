"""The `corpus` format: a sentence or a paragraph a line, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data.cells import Lines, blank, lines_of, with_replacement_sign
from ftkit.data.formats import streamed
from ftkit.data.formats.streamed import drop, note
from ftkit.data.formats.tags import Tags
from ftkit.data.problems import Problems

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

GAP = re.compile(r"[ ,，;；|]+")  # what people put between label and text when they forget the tab
MANY = 8  # lines: fewer begin alike by chance


class Corpus:
    """Plain text to go on with: each line that is not blank is a row, tabs and backslashes and all."""

    name = "corpus"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are plain text, from 0 to 1.

        What gives it away is that nothing speaks against it: no tab, real or spelt out, no tag, and no few words that
        every line begins with, as in a file of labels that lost its tabs. One line alone may be anything.
        """
        filled = [line for line in head if line.strip()]
        if not filled:
            return 0.0
        plain = fmean("\t" not in line and "\\t" not in line for line in filled)
        if not plain:
            return 0.0
        doubt = 0.3 if len(filled) == 1 else 0.4 if _begin_as_labels(filled) else 1.0
        return plain * doubt * (1 - Tags().sniff(head))

    def read(self, source: Source) -> tuple[pa.Table, Problems]:
        """Returns ``text: string, target: string (empty), line: int32`` of the rows, and every problem met."""
        return streamed.read(self, source)

    def schema(self) -> pa.Schema:
        """Returns the table's columns."""
        import pyarrow as pa

        return pa.schema({"text": pa.string(), "target": pa.string(), "line": pa.int32()})

    def batches(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields every line with text, or the column that is named of it."""
        import pyarrow as pa

        at = source.columns.get("text")
        n_blank, last_row, before_first = 0, 0, 0  # blank lines so far; the last row's line; blank lines before a row
        gaps = 0
        for block in source.blocks():
            problems.skipped += len(block.damaged)
            texts, lines = lines_of(block)
            empty = blank(texts)
            blanks = lines[empty]
            if len(blanks):
                texts, lines = texts.filter(pa.array(~empty)), lines[~empty]
            if at is not None:
                texts, lines = _column(texts, lines, at, problems)
            if len(lines):
                if not last_row:
                    before_first = n_blank + int((blanks < lines[0]).sum())
                gaps = n_blank + int((blanks < lines[-1]).sum()) - before_first
                last_row = int(lines[-1])
            n_blank += len(blanks)
            targets = pa.array([""]).take(pa.array(np.zeros(len(texts), np.int32)))
            batch = pa.record_batch([texts, targets, lines], schema=self.schema())
            yield self.checked(batch, problems, has_signs=block.has_signs)
        if gaps:
            problems.add("info", "blank_lines", area="formats", n=gaps)

    def checked(self, batch: pa.RecordBatch, problems: Problems, *, has_signs: bool = True) -> pa.RecordBatch:
        """Returns the rows that have a text."""
        import pyarrow as pa

        empty = pa.array(blank(batch.column(0)))

        def about(row: int) -> str:
            return str(batch.column(0)[row].as_py())

        note(problems, "error", "empty_text", batch, empty, about)
        if has_signs:
            note(problems, "warning", "replacement_char", batch, with_replacement_sign(batch.column(0)), about)
        return drop(batch, empty, problems)

    def finished(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Returns all rows."""
        return table


def _column(texts: pa.Array, lines: Lines, at: int, problems: Problems) -> tuple[pa.Array, Lines]:
    """Returns one cell of each line that has it; notes the others."""
    import pyarrow as pa

    found, numbers = list[str](), list[int]()
    for number, line in zip(lines.tolist(), texts.to_pylist(), strict=True):
        cells = line.split("\t")
        if len(cells) > at and cells[at].strip():
            found.append(cells[at])
            numbers.append(number)
        else:
            problems.add("error", "no_column", number, area="formats", about=line, n=len(cells), needed=at + 1)
            problems.skipped += 1
    return pa.array(found, pa.string()), np.array(numbers, np.int32)


def _begin_as_labels(filled: list[str]) -> bool:
    """Returns whether every line begins with one of a few words that come again and again, as labels do."""
    first = Counter(GAP.split(line.strip(), 1)[0] for line in filled)
    several = sum(n for n in first.values() if n > 1) / len(filled)
    parted = all(GAP.search(line.strip()) for line in filled)
    return parted and len(filled) >= MANY and several > 0.95 and 2 <= len(first) <= len(filled) / 4
