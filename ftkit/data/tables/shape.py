"""`Shape`: which format a table's columns are, and its rows in that format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problems, Severity
from ftkit.data.tables import chats, labelled, tagged
from ftkit.data.tables.table import Table

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 4_096  # rows in a record batch

Row = tuple[Any, ...]  # the format's columns, then the line
Reader = Callable[["Shape", Table, Problems], Iterator[Row]]


@dataclass(frozen=True)
class Shape:
    """How the columns of a table are read.

    Attributes:
        format: ``"labels"``, ``"tags"``, ``"title"``, ``"qa"`` or ``"corpus"``.
        columns: Which column is which part, such as ``{"text": "内容", "label": "类别"}``; given to `recognise` again
            it gives the same reading. ``"labels"`` is a column of several labels, with ``"separator"`` between them if
            it holds texts; ``"label_1"``, ``"label_2"`` are 0/1 columns of which one is set, ``"labels_1"`` … of which
            any may be.
        label_names: Names of the labels' ids, in their order; empty if labels are names already.
        notes: What there is to say of the whole table: severity, kind and values of problems.
    """

    format: str
    columns: Mapping[str, str | int]
    label_names: tuple[str, ...] = ()
    notes: tuple[tuple[Severity, str, Mapping[str, Any]], ...] = ()

    def batches(self, table: Table, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields the table's rows in the format's columns, streamed; rows that cannot be read are noted instead.

        The columns are those of the format, with ``line: int32`` last: ``text, label`` (a ``list<string>`` for several
        labels), ``tokens, tags``, ``title, content``, ``question, answer`` (``list<string>``, and ``system: string`` if
        the table has system texts), or ``text, target``. A cell that is missing is "": the format's own check says so.

        Args:
            table: What `recognise` was given.
            problems: Gets what is wrong with single records; `table.problems` has those that could not be read at all.
        """
        import pyarrow as pa

        schema = self.schema()
        for severity, kind, values in self.notes:
            problems.add(severity, kind, area="tables", **values)
        rows = self._reader()(self, table, problems)
        while chunk := list(islice(rows, BATCH)):
            arrays = [
                pa.array(values, kind) for values, kind in zip(zip(*chunk, strict=True), schema.types, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def schema(self) -> pa.Schema:
        """Returns the columns that `batches` gives."""
        import pyarrow as pa

        one, many = pa.string(), pa.list_(pa.string())
        columns = {
            "labels": [("text", one), ("label", many if self.several else one)],
            "tags": [("tokens", many), ("tags", many)],
            "title": [("title", one), ("content", one)],
            "qa": [("question", many), ("answer", many)] + ([("system", one)] if self.with_system else []),
            "corpus": [("text", one), ("target", one)],
        }[self.format]
        return pa.schema([*columns, ("line", pa.int32())])

    @property
    def several(self) -> bool:
        """Whether a text has several labels."""
        return "labels" in self.columns or "labels_1" in self.columns

    @property
    def with_system(self) -> bool:
        """Whether conversations may have a system text."""
        return not {"system", "messages", "conversation"}.isdisjoint(self.columns)

    def column(self, table: Table, part: str) -> str:
        """Returns the name of the table's column for a part; "" if the shape has no such part."""
        return table.column(self.columns[part]) or "" if part in self.columns else ""

    def _reader(self) -> Reader:
        parts = self.columns
        if self.format == "labels":
            return labelled.switches if "label_1" in parts or "labels_1" in parts else labelled.labels
        if self.format == "tags":
            return tagged.spans if "spans" in parts else tagged.sentences if "sentence" in parts else tagged.tokens
        if self.format == "qa":
            return chats.messages if "messages" in parts else chats.utterances if "role" in parts else chats.turns
        return labelled.texts
