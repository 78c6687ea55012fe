"""The `title` format: a title and its content a line, with a tab between them."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data.cells import is_empty, trimmed, with_replacement_sign
from ftkit.data.formats import pairs, streamed
from ftkit.data.formats.qa import asks
from ftkit.data.formats.streamed import drop, note
from ftkit.data.problems import Problems

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

    def read(self, source: Source) -> tuple[pa.Table, Problems]:
        """Returns ``title: string, content: string, line: int32`` of the usable rows, and every problem met."""
        return streamed.read(self, source)

    def schema(self) -> pa.Schema:
        """Returns the table's columns."""
        import pyarrow as pa

        return pa.schema({"title": pa.string(), "content": pa.string(), "line": pa.int32()})

    def batches(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields the usable rows, and notes what is wrong with single rows."""
        import pyarrow as pa

        source.columns = columns = pairs.chosen(source, NAMES)
        width, at = pairs.width(source, columns, NAMES), (columns.get("title", 0), columns.get("content", 1))
        for titles, contents, lines, others, has_signs in pairs.blocks(source, at, width, NAMES, problems):
            for number, line in others:
                pairs.note_width(number, line, width, NAMES, source, problems)
            batch = pa.record_batch([titles, contents, lines], schema=self.schema())
            yield self.checked(batch, problems, has_signs=has_signs)

    def checked(self, batch: pa.RecordBatch, problems: Problems, *, has_signs: bool = True) -> pa.RecordBatch:
        """Returns the rows that have both, without white space around them, and notes what is wrong with the others."""
        import pyarrow as pa
        import pyarrow.compute as pc

        titles, contents = trimmed(batch.column(0)), trimmed(batch.column(1))
        batch = pa.record_batch([titles, contents, batch.column(2)], schema=self.schema())
        no_title, no_content = is_empty(titles), is_empty(contents)

        def about(row: int) -> str:
            return f"{titles[row].as_py()}\t{contents[row].as_py()}"

        note(problems, "error", "empty_title", batch, no_title, about, area="formats")
        note(problems, "error", "empty_content", batch, pc.and_not(no_content, no_title), about, area="formats")
        if has_signs:
            signs = np.union1d(with_replacement_sign(titles), with_replacement_sign(contents))
            note(problems, "warning", "replacement_char", batch, signs, about)
        return drop(batch, pc.or_(no_title, no_content), problems)

    def finished(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Returns all rows."""
        return table
