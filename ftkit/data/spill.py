"""Rows that may be more than memory holds: kept in memory while they are few, in a mapped file when they are many."""

from __future__ import annotations

import atexit
import contextlib
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

IN_MEMORY = 32 << 20  # bytes of columns that are not worth a file
BATCH_BYTES = 1 << 20  # of a batch that is written: small ones are joined, so that a file has few

_scratch: list[Path] = []  # files of this process that nobody can load again


def collected(batches: Iterable[pa.RecordBatch], schema: pa.Schema, file: Path | None = None) -> pa.Table:
    """Returns all batches as one table: over memory if they are few, else over a file that is mapped, not loaded.

    Args:
        batches: The rows, streamed.
        schema: What every batch has.
        file: Where many rows are kept; it must not exist. None for a file that is removed when the process ends.
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
    path = file or _scratch_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with pa.OSFile(str(aside), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in kept:
                writer.write_batch(batch)
            kept.clear()
            for batch in rest:
                writer.write_batch(batch)
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
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


def cache_root() -> Path:
    import platformdirs

    return Path(os.environ.get("FTKIT_CACHE") or platformdirs.user_cache_dir("ftkit"))


def _scratch_file() -> Path:
    if not _scratch:
        atexit.register(_remove_scratch)
    _scratch.append(cache_root() / "rows" / f"scratch-{os.getpid()}-{uuid.uuid4().hex[:12]}.arrow")
    return _scratch[-1]


def _remove_scratch() -> None:
    for path in _scratch:
        with contextlib.suppress(OSError):  # Windows keeps what is still mapped: `ftkit clean` finds it
            path.unlink(missing_ok=True)
