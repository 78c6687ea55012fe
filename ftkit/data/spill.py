"""Rows that may be more than memory holds: kept in memory while they are few, in a mapped file when they are many."""

from __future__ import annotations

import atexit
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.cache import begin, discard
from ftkit.errors import DataError
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

IN_MEMORY = 32 << 20  # bytes of columns that are not worth a file

_scratch: list[Path] = []  # files of this process that nobody can load again


def collected(batches: Iterable[pa.RecordBatch], schema: pa.Schema, file: Path | None = None) -> pa.Table:
    """Returns all batches as one table: over memory if they are few, else over a file that is mapped, not loaded.

    Args:
        batches: The rows, streamed.
        schema: What every batch has.
        file: Where many rows are kept; its folder is made. None for a file that is removed when the process ends.

    Raises:
        DataError: If the disk has no room for them.
    """
    import pyarrow as pa

    kept = list[pa.RecordBatch]()
    size, rest = 0, iter(batches)
    for batch in rest:
        kept.append(batch)
        size += batch.nbytes
        if size > IN_MEMORY:
            break
    else:
        return pa.Table.from_batches(kept, schema)
    path = file or scratch()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in kept:
                writer.write_batch(batch)
            kept.clear()
            for batch in rest:
                writer.write_batch(batch)
    except OSError as error:
        discard(path)
        raise DataError(text("data.no_room", folder=path.parent, error=error.strerror or error)) from error
    return mapped(path)


def mapped(path: Path) -> pa.Table:
    """Returns the table of a file that `collected` wrote; its rows are read when they are looked at."""
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def is_small(table: pa.Table) -> bool:
    """Returns whether a table may be copied without a thought."""
    return int(table.nbytes) <= IN_MEMORY


def without(table: pa.Table, dropped: Any) -> pa.Table:
    """Returns a table without the rows at these ascending positions; nothing is copied where a file is mapped."""
    import numpy as np
    import pyarrow as pa

    if not len(dropped):
        return table
    if is_small(table):
        keep = np.ones(table.num_rows, bool)
        keep[dropped] = False
        return table.filter(pa.array(keep))
    ends = np.append(dropped, table.num_rows)
    starts = np.concatenate([[0], dropped + 1])
    parts = [table.slice(start, end - start) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return pa.concat_tables([part for part in parts if part.num_rows] or [table.slice(0, 0)])


def scratch() -> Path:
    """Returns the path of a file that goes when the process ends; `ftkit clean` finds it if that went wrong."""
    path = begin("rows") or Path(tempfile.gettempdir()) / f"ftkit-{uuid.uuid4().hex}.arrow"
    goes_at_end(path)
    return path


def goes_at_end(path: Path) -> None:
    """Has a file or folder removed when the process ends."""
    if not _scratch:
        atexit.register(_remove_scratch)
    _scratch.append(path)


def _remove_scratch() -> None:
    for path in _scratch:
        discard(path)
