"""Parquet, Arrow and Feather files, read batch by batch; names of class ids where `datasets` wrote them down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problems
from ftkit.data.tables.table import Record, Table, distinct
from ftkit.errors import DataError
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 4_096  # rows turned into Python objects at once


def open_columnar(path: Path, kind: str) -> Table:
    """Returns the records of a file of columns; a record's place is the number of its row, counted from 1.

    Args:
        path: The file.
        kind: ``"parquet"`` or ``"arrow"`` (Arrow IPC file or stream, Feather).

    Raises:
        DataError: If the file is damaged.
    """
    batches = _parquet if kind == "parquet" else _arrow
    schema = next(batches(path))
    try:
        names = distinct(schema.names)
    except UnicodeDecodeError as error:
        raise _damaged(path, error) from error

    def read(problems: Problems) -> Iterator[Record]:
        found = batches(path)
        next(found)
        try:
            yield from records_of(found)
        except (PermissionError, DataError):
            raise
        except Exception as error:
            raise _damaged(path, error) from error

    classes = label_names_of(schema.metadata or {})
    return Table(kind, path.as_posix(), names, read, path, label_names=classes)


def records_of(batches: Iterator[pa.RecordBatch]) -> Iterator[Record]:
    """Yields the rows of record batches as records, counted from 1."""
    place = 0
    for batch in batches:
        batch.validate(full=True)  # a stranger's file may point outside of it, or hold bytes that are no text
        for start in range(0, batch.num_rows, BATCH):
            part = batch.slice(start, BATCH)
            names = distinct(part.schema.names)
            columns = [part.column(i).to_pylist() for i in range(part.num_columns)]
            for values in zip(*columns, strict=True):
                place += 1
                yield place, dict(zip(names, values, strict=True))


def label_names_of(metadata: Mapping[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """Returns the names of the ids in each column of classes, as a schema of `datasets` has them."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {name: names for name, feature in features.items() if (names := class_names(feature))}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def class_names(feature: Any) -> tuple[str, ...]:
    """Returns the names of the classes in a column, given what `datasets` says of it: as an object or as JSON."""
    for _ in range(3):  # a list of a list of classes
        if isinstance(feature, list) and len(feature) == 1:
            feature = feature[0]
        if isinstance(feature, dict):
            names, inner = feature.get("names"), feature.get("feature")
        else:
            names, inner = getattr(feature, "names", None), getattr(feature, "feature", None)
        if names and not isinstance(names, str):
            return tuple(map(str, names))
        if inner is None:
            return ()
        feature = inner
    return ()


def _parquet(path: Path) -> Iterator[Any]:
    """Yields the schema, and then record batches."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, memory_map=False) as file:
            yield file.schema_arrow
            yield from file.iter_batches(batch_size=BATCH)
    except (PermissionError, DataError):
        raise
    except Exception as error:
        raise _damaged(path, error) from error


def _arrow(path: Path) -> Iterator[Any]:
    """Yields the schema, and then record batches."""
    import pyarrow as pa

    try:
        with pa.OSFile(str(path)) as file:  # not a memory map: on Windows it would lock the file
            if file.read(6) == b"ARROW1":
                file.seek(0)
                with pa.ipc.open_file(file) as reader:
                    yield reader.schema
                    for i in range(reader.num_record_batches):
                        yield reader.get_batch(i)
            else:
                file.seek(0)
                with pa.ipc.open_stream(file) as stream:
                    yield stream.schema
                    yield from stream
    except (PermissionError, DataError):
        raise
    except Exception as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    shown = " ".join(str(error).split())[:200]
    return DataError(text("tables.bad_columns", where=path.as_posix(), error=f"{type(error).__name__}: {shown}"))
