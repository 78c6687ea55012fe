"""The `corpus` format: a sentence or a paragraph a line, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING

from ftkit.data.formats.tags import Tags
from ftkit.data.problems import Problem, Problems

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

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``text: string, target: string (empty), line: int32`` of the rows, and every problem met."""
        import pyarrow as pa

        problems = Problems()
        at = source.columns.get("text")
        texts, lines = list[str](), list[int]()
        blank = blank_inside = 0  # lines so far, and those of them between two rows
        for number, line in source.lines():
            if source.is_damaged(number):
                problems.skipped += 1
                continue
            if not line.strip():
                blank += 1
                continue
            cells = [line] if at is None else line.split("\t")
            body = cells[at or 0] if len(cells) > (at or 0) else ""
            if not body.strip():
                needed = (at or 0) + 1
                problems.add("error", "no_column", number, area="formats", about=line, n=len(cells), needed=needed)
                problems.skipped += 1
                continue
            if "\ufffd" in body:
                problems.add("warning", "replacement_char", number, about=body)
            blank = blank_inside = blank if texts else 0
            texts.append(body)
            lines.append(number)
        if blank_inside:
            problems.add("info", "blank_lines", area="formats", n=blank_inside)
        if copies := len(texts) - len(set(texts)):
            (most, times), *_ = Counter(texts).most_common(1)
            problems.add("info", "copies", area="formats", about=most, n=copies, times=times)
        schema = pa.schema({"text": pa.string(), "target": pa.string(), "line": pa.int32()})
        return pa.table([texts, [""] * len(texts), lines], schema=schema), problems


def _begin_as_labels(filled: list[str]) -> bool:
    """Returns whether every line begins with one of a few words that come again and again, as labels do."""
    first = Counter(GAP.split(line.strip(), 1)[0] for line in filled)
    several = sum(n for n in first.values() if n > 1) / len(filled)
    parted = all(GAP.search(line.strip()) for line in filled)
    return parted and len(filled) >= MANY and several > 0.95 and 2 <= len(first) <= len(filled) / 4
