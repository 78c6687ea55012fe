"""Tables that may lie in a mapped file, a part at a time: rows by position, and a fingerprint of all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.spill import IN_MEMORY

if TYPE_CHECKING:
    import pyarrow as pa

Rows = np.ndarray[Any, np.dtype[np.int32]]


class Taker:
    """Takes rows out of a table without reading the others: `pa.Table.take` may join all chunks first."""

    def __init__(self, table: pa.Table) -> None:
        self.schema = table.schema
        self.batches = [batch for batch in table.to_batches() if batch.num_rows]
        self.starts = np.concatenate([[0], np.cumsum([batch.num_rows for batch in self.batches])]).astype(np.int64)

    def take(self, rows: Rows) -> pa.Table:
        """Returns these rows in this order, in memory."""
        import pyarrow as pa

        order = None if (np.diff(rows) >= 0).all() else np.argsort(rows, kind="stable")
        ascending = rows if order is None else rows[order]
        first = np.searchsorted(self.starts, ascending[:1], "right") - 1 if len(rows) else np.zeros(1, np.int64)
        parts, at, chunk = list[Any](), 0, int(first[0])
        while at < len(ascending):
            end = int(np.searchsorted(ascending, self.starts[chunk + 1]))
            if end > at:
                parts.append(self.batches[chunk].take(pa.array(ascending[at:end] - self.starts[chunk], pa.int64())))
            at, chunk = end, chunk + 1
        table = pa.Table.from_batches(parts, self.schema)
        if order is None:
            return table
        back = np.empty(len(rows), np.int64)
        back[order] = np.arange(len(rows))
        return table.combine_chunks().take(pa.array(back))


def sizes(column: Any, joined: bool) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Returns how many characters are in each text of a column, or how many items in each list.

    Args:
        column: Strings, or lists of strings. Shape (n,).
        joined: Whether lists count as one text.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_list(column.type):
        lengths = pc.utf8_length(column if pa.types.is_string(column.type) else column.cast(pa.string()))
    elif joined:
        lengths = pc.utf8_length(pc.binary_join(column, ""))
    else:
        lengths = pc.list_value_length(column)
    return np.asarray(lengths.to_numpy(), np.int64)


def fingerprint(tables: Iterable[pa.Table], n_columns: int = 2) -> str:
    """Returns sixteen hexadecimal digits that are the same for the same rows in the same order, however they are cut.

    Each column gives a stream of lengths and a stream of bytes; both together tell any two columns apart.

    Args:
        tables: The rows, part by part.
        n_columns: How many columns count, from the first on: strings, or lists of strings.
    """
    streams = [[hashlib.blake2b(digest_size=32) for _ in range(3)] for _ in range(n_columns)]
    for table in tables:
        for digests, name in zip(streams, table.schema.names, strict=False):
            for chunk in table.column(name).chunks:
                _digest(chunk, digests)
    whole = hashlib.blake2b(digest_size=8)
    for digests in streams:
        for digest in digests:
            whole.update(digest.digest())
    return whole.hexdigest()


def _digest(array: Any, digests: list[Any]) -> None:
    import pyarrow as pa

    if not len(array):
        return
    if pa.types.is_list(array.type):
        digests[2].update(np.asarray(array.value_lengths()).astype("<i4").tobytes())
        array = array.flatten()
        if not len(array):
            return
    if not pa.types.is_string(array.type):
        array = array.cast(pa.string())
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int32, count=len(array) + 1, offset=4 * array.offset)
    digests[0].update(np.diff(ends).astype("<i4").tobytes())
    if data is not None:
        digests[1].update(memoryview(data)[int(ends[0]) : int(ends[-1])])


def write(parts: Iterable[pa.Table], schema: pa.Schema, facts: Mapping[str, Any], path: Path) -> None:
    """Writes tables, one after the other, as an Arrow IPC file that also holds `facts`, each as JSON."""
    import pyarrow as pa

    schema = schema.with_metadata({f"ftkit.{key}": json.dumps(value) for key, value in facts.items()})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for part in parts:
            writer.write_table(part.replace_schema_metadata(schema.metadata))


def read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Returns what `write` wrote: read whole if it is small, as a map would lock the file.

    Raises:
        OSError: If the file is not there.
        ValueError: If it is no such file.
    """
    import pyarrow as pa

    large = path.stat().st_size > IN_MEMORY
    with (
        pa.memory_map(str(path)) if large else pa.OSFile(str(path)) as file,
        pa.ipc.open_file(file) as reader,
    ):
        table = reader.read_all()
    facts = {}
    for key, value in (table.schema.metadata or {}).items():
        if key.startswith(b"ftkit."):
            facts[key.decode().removeprefix("ftkit.")] = _parsed(value.decode())
    return table.replace_schema_metadata(None), facts


def _parsed(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value  # of a version that wrote names as they are
