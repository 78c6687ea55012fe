"""The `title` format: a title and its content a line, with a tab between them."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from ftkit.data.formats import pairs
from ftkit.data.formats.qa import asks
from ftkit.data.problems import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

NAMES = {
    "title": frozenset({"title", "headline", "标题", "题目"}),
    "content": frozenset({"content", "text", "body", "article", "abstract", "document", "内容", "正文", "文章"}),
}


class Title:
    """Data to write by: ``title<TAB>content``, learnt in the one direction or in the other."""

    name = "title"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are titles and contents, from 0 to 1.

        What gives them away is a second column that is many times as long as the first, which asks nothing.
        """
        if (share := pairs.headed(head, NAMES)) is not None:
            return share
        rows = [line.split("\t") for line in head if line.count("\t") == 1 and line.strip()]
        if not rows:
            return 0.0
        longer = median(len(row[1]) for row in rows) / max(1.0, median(len(row[0]) for row in rows))
        evidence = min(1.0, max(0.0, (longer - 2) / 6)) * (1 - asks([row[:1] for row in rows]))
        return pairs.likeness(head, len(rows), evidence)

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``title: string, content: string, line: int32`` of the usable rows, and every problem met."""
        import pyarrow as pa

        problems = Problems()
        source.columns = columns = pairs.chosen(source, NAMES)
        width = pairs.width(source, columns, NAMES)
        rows = list[tuple[int, str, str]]()
        for number, cells in pairs.rows(source, NAMES, problems):
            if two := pairs.two_cells(number, cells, columns, width, NAMES, source, problems):
                rows.append((number, *two))
        pairs.look_for_copies(((*row, row[1]) for row in rows), "two_contents", problems)
        lines, titles, contents = zip(*rows, strict=True) if rows else ((), (), ())
        schema = pa.schema({"title": pa.string(), "content": pa.string(), "line": pa.int32()})
        return pa.table([titles, contents, lines], schema=schema), problems
