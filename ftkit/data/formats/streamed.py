"""What the formats that ship share: rows are read batch by batch, checked many at a time, and collected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ftkit.data.cells import where
from ftkit.data.copies import Copies
from ftkit.data.parts import Taker
from ftkit.data.problems import Problems
from ftkit.data.spill import collected

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source


class Streamed(Protocol):
    """A format whose rows are read batch by batch; what it adds to `Format`."""

    name: str

    def schema(self) -> pa.Schema:
        """Returns the table's columns."""
        ...

    def batches(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields the usable rows, and notes what is wrong with single rows."""
        ...

    def checked(self, batch: pa.RecordBatch, problems: Problems) -> pa.RecordBatch:
        """Returns the usable ones of rows in the table's columns, and notes what is wrong with the others."""
        ...

    def finished(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Returns the rows that are usable together, and notes what only all rows show."""
        ...


def read(format: Streamed, source: Source) -> tuple[pa.Table, Problems]:
    """Returns the usable rows of a file, and every problem met, by line."""
    problems = Problems()
    table = gathered(format, format.batches(source, problems), problems, source)
    problems.sort(key=lambda problem: problem.line or 0)
    return table, problems


def gathered(format: Streamed, batches: Iterator[pa.RecordBatch], problems: Problems, source: Source) -> pa.Table:
    """Returns checked batches as one table, looked at as a whole.

    What each step took is left in `Source.seconds`, as CPU time.
    """
    seconds = source.seconds
    began = time.process_time()
    if not source.keep and not source.copies:
        batches = map(_without_texts, batches)
    first = next(batches, None)  # lists of labels have a schema of their own
    schema = format.schema() if first is None else first.schema
    table = collected(chain(() if first is None else (first,), batches), schema, source.keep_in)
    seconds["rows"] = time.process_time() - began
    if source.copies and table.num_rows > 1:
        began = time.process_time()
        found, taker = Copies(), Taker(table)
        for batch in taker.batches:
            found.add_batch(batch, format.name)
        found.tell(problems, taker.take, format.name)
        seconds["copies"] = time.process_time() - began
    began = time.process_time()
    table = format.finished(table, problems) if source.alone else table
    seconds["whole"] = time.process_time() - began
    return table


def _without_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Returns rows with nothing in their first column: what is to be told of all rows together, the others tell."""
    import pyarrow as pa

    field = batch.schema.field(0)
    return batch.set_column(0, field, pa.nulls(batch.num_rows, field.type))


def drop(batch: pa.RecordBatch, bad: pa.Array, problems: Problems) -> pa.RecordBatch:
    """Returns a batch without its bad rows, which are counted as skipped.

    Args:
        batch: The rows.
        bad: Whether each is bad, as a boolean array of shape (n,).
        problems: What counts them.
    """
    import pyarrow.compute as pc

    n_bad = int(pc.sum(bad).as_py() or 0)
    problems.skipped += n_bad
    return batch.filter(pc.invert(bad)) if n_bad else batch


def note(
    problems: Problems,
    severity: Any,
    kind: str,
    batch: pa.RecordBatch,
    rows: pa.Array | np.ndarray[Any, Any],
    about: Callable[[int], str],
    **values: Any,
) -> None:
    """Notes one problem of several rows of a batch.

    Args:
        problems: Where it is noted.
        severity: As in `Problems.add`.
        kind: As in `Problems.add`.
        batch: The rows, with their ``line``.
        rows: Which of them: positions, or a boolean array over all.
        about: Returns the raw text to show, by row.
        values: As in `Problems.add`.
    """
    positions = rows if isinstance(rows, np.ndarray) else where(rows)
    if len(positions):
        lines = batch.column("line").to_numpy()[positions]
        problems.add_many(severity, kind, lines, about=lambda i: about(int(positions[i])), **values)
