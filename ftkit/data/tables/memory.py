"""Data that is in memory already: pandas DataFrames, `datasets.Dataset`, Arrow tables, lists of dicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from ftkit.data.problems import Problems
from ftkit.data.tables.columnar import class_names, label_names_of, records_of
from ftkit.data.tables.table import Record, Table, distinct
from ftkit.errors import DataError
from ftkit.i18n import text

BATCH = 4_096  # rows turned into Python objects at once
SAMPLE = 200  # dicts that tell the columns


def from_memory(data: Any, name: str = "memory") -> Table:
    """Returns data of memory as a Table; a record's place is the number of its row, counted from 1.

    Nothing is copied: the data must not change while it is read.

    Args:
        data: A pandas DataFrame, a `datasets.Dataset`, an Arrow table or record batch, a list of dicts, or a dict of
            columns.
        name: What to call it in messages.

    Raises:
        DataError: If it is none of these.

    Example:
        >>> from_memory([{"text": "good", "label": "pos"}]).names
        ('text', 'label')
    """
    for opened in (_frame, _dataset, _arrow, _columns, _dicts):
        if table := opened(data, name):
            return table
    if isinstance(data, Mapping) and data and all(hasattr(part, "features") for part in data.values()):
        names = ", ".join(map(repr, data))
        raise DataError(text("tables.several_splits", where=name, names=names, first=next(iter(data))))
    raise DataError(text("tables.no_table", where=name, type=type(data).__name__))


def is_memory(data: Any) -> bool:
    """Returns whether `from_memory` may take this: anything but a path or a list of paths."""
    return (
        hasattr(data, "columns")
        or hasattr(data, "features")
        or hasattr(data, "schema")
        or isinstance(data, Mapping)
        or (
            isinstance(data, Sequence)
            and not isinstance(data, (str, bytes))
            and any(isinstance(row, Mapping) for row in data[:1])
        )
    )


def _frame(data: Any, name: str) -> Table | None:
    if not (hasattr(data, "iloc") and hasattr(data, "columns") and hasattr(data, "dtypes")):
        return None
    columns = distinct(list(data.columns))

    def read(problems: Problems) -> Iterator[Record]:
        for start in range(0, len(data), BATCH):
            part = data.iloc[start : start + BATCH]
            lists = [[_plain(value) for value in part.iloc[:, i].tolist()] for i in range(len(columns))]
            for place, values in enumerate(zip(*lists, strict=True), start + 1):
                yield place, dict(zip(columns, values, strict=True))

    return Table("memory", name, columns, read)


def _plain(value: Any) -> Any:
    """Returns a cell as plain Python: of pandas' missing values None, of numpy's numbers int and float."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value


def _dataset(data: Any, name: str) -> Table | None:
    if not (hasattr(data, "features") and hasattr(data, "with_format") and hasattr(data, "iter")):
        return None
    features = data.features
    if features is None:  # an IterableDataset that does not know its columns yet
        features = dict.fromkeys(next(iter(data), {}))

    def read(problems: Problems) -> Iterator[Record]:
        place = 0
        for batch in data.with_format(None).iter(batch_size=BATCH):
            columns = [batch[column] for column in features]
            for values in zip(*columns, strict=True):
                place += 1
                yield place, dict(zip(features, values, strict=True))

    known = {column: names for column, feature in features.items() if (names := class_names(feature))}
    return Table("memory", name, tuple(features), read, label_names=known)


def _arrow(data: Any, name: str) -> Table | None:
    if not (hasattr(data, "schema") and hasattr(data, "num_rows") and hasattr(data, "slice")):
        return None
    columns = distinct(data.schema.names)

    def read(problems: Problems) -> Iterator[Record]:
        return records_of(iter(data.to_batches() if hasattr(data, "to_batches") else [data]))

    return Table("memory", name, columns, read, label_names=label_names_of(data.schema.metadata or {}))


def _columns(data: Any, name: str) -> Table | None:
    if not (isinstance(data, Mapping) and data and all(_listed(column) for column in data.values())):
        return None
    if len(lengths := {len(column) for column in data.values()}) > 1:
        raise DataError(text("tables.lengths", where=name, lengths=", ".join(map(str, sorted(lengths)))))
    columns = distinct(list(data))

    def read(problems: Problems) -> Iterator[Record]:
        for place, values in enumerate(zip(*data.values(), strict=True), 1):
            yield place, dict(zip(columns, map(_plain, values), strict=True))

    return Table("memory", name, columns, read)


def _listed(column: Any) -> bool:
    return isinstance(column, Sequence) and not isinstance(column, (str, bytes))


def _dicts(data: Any, name: str) -> Table | None:
    if not _listed(data) or not all(isinstance(row, Mapping) for row in islice(data, SAMPLE)):
        return None
    columns = tuple(dict.fromkeys(str(key) for row in islice(data, SAMPLE) for key in row))

    def read(problems: Problems) -> Iterator[Record]:
        for place, row in enumerate(data, 1):
            if isinstance(row, Mapping):
                yield place, {str(key): _plain(value) for key, value in row.items()}
            else:
                problems.add("error", "not_object", place, area="tables", about=repr(row))
                problems.skipped += 1

    return Table("memory", name, columns, read)
