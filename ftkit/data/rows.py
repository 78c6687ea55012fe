"""Rows of memory: what `Dataset.from_rows` takes in each format, checked one by one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.problems import excerpt
from ftkit.data.schemes import detect_in
from ftkit.data.tagset import TagSet
from ftkit.errors import DataError, SettingError, did_you_mean
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 2_000  # sentences that tell a scheme
COLUMNS = {  # a table's first two columns, and whether they hold lists
    "labels": (("text", "label"), False),
    "tags": (("tokens", "tags"), True),
    "title": (("title", "content"), False),
    "qa": (("question", "answer"), True),
    "corpus": (("text", "target"), False),
}


def table_of(rows: Iterable[Any], format: str) -> pa.Table:
    """Returns rows as the format's table; row n is on line n.

    Raises:
        SettingError: If there is no such format.
        DataError: If a row has not the format's shape; names the row, counted from 1.
    """
    import pyarrow as pa

    if format not in COLUMNS:
        hint, known = did_you_mean(format, COLUMNS) or "labels", ", ".join(map(repr, COLUMNS))
        raise SettingError(text("data.unknown_format", format=format, known=known, hint=hint))
    if not isinstance(rows, Iterable):
        raise DataError(text("data.no_rows", value=excerpt(repr(rows))))
    checked = [row_of_memory(number, row, format) for number, row in enumerate(rows, 1)]
    texts, targets = zip(*checked, strict=True) if checked else ((), ())
    names, listed = COLUMNS[format]
    kinds = [pa.list_(pa.string()) if listed else pa.string()] * 2
    if format == "labels" and any(isinstance(target, list) for target in targets):
        kinds[1], targets = pa.list_(pa.string()), tuple([t] if isinstance(t, str) else t for t in targets)
    columns = {n: pa.array(v, kind) for n, v, kind in zip(names, (texts, targets), kinds, strict=True)}
    columns["line"] = pa.array(np.arange(1, len(checked) + 1, dtype=np.int32))
    table = pa.table(columns)
    return _in_bio(table) if format == "tags" and checked else table


def _in_bio(table: pa.Table) -> pa.Table:
    """Returns sentences whose tags are of another scheme with tags in BIO, as those of a file are."""
    import pyarrow as pa

    tags = table.column("tags").combine_chunks()
    rows = (row for row in tags.to_pylist() if row)
    scheme = detect_in(list(islice((row for row in rows if set(row) != {"O"}), SAMPLE)))
    if scheme.is_kept:
        return table
    tagset, offsets = TagSet(scheme), tags.offsets.to_numpy()
    ids = tagset.numbers(tags.values.to_pylist())
    converted = tagset.bio(ids, offsets[:-1][np.diff(offsets) > 0])
    values = pa.array(tagset.bio_names, pa.string()).take(pa.array(converted))
    return table.set_column(1, "tags", pa.ListArray.from_arrays(tags.offsets, values))


def row_of_memory(number: int, row: Any, format: str) -> tuple[Any, Any]:
    """Returns what goes into the table's first two columns, if a row has the format's shape.

    Raises:
        DataError: If it has not; names the row, counted from 1.
    """
    checked = _checked(row, format)
    if checked is None:
        area = "data" if format in ("labels", "tags") else "formats"
        raise DataError(text(f"{area}.bad_row.{format}", number=number, row=excerpt(repr(row))))
    return checked


def _checked(row: Any, format: str) -> tuple[Any, Any] | None:
    if format == "corpus":
        body = row[0] if isinstance(row, (tuple, list)) and len(row) == 1 else row
        return (body, "") if _texts(body) else None
    if not isinstance(row, (tuple, list)) or len(row) != 2:
        return None
    body, target = row
    if format == "labels":
        if isinstance(body, str) and isinstance(target, (tuple, list)):
            return (body, list(target)) if all(isinstance(label, str) and label for label in target) else None
        return (body, target) if isinstance(body, str) and isinstance(target, str) else None
    if format == "title":
        return (body, target) if _texts(body, target) else None
    if format == "qa" and isinstance(body, str) and isinstance(target, str):
        body, target = [body], [target]
    if any(not isinstance(values, (tuple, list)) for values in (body, target)) and (
        format == "qa" or isinstance(body, str) or isinstance(target, str)
    ):
        return None
    body, target = list(body), list(target)
    if len(body) != len(target) or not all(isinstance(value, str) for value in body + target):
        return None
    return None if format == "qa" and not (body and _texts(*body, *target)) else (body, target)


def _texts(*values: Any) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)
