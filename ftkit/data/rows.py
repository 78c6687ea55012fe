"""Rows of memory: what `Dataset.from_rows` takes in each format, checked one by one."""

from __future__ import annotations

from typing import Any

from ftkit.data.problems import excerpt
from ftkit.errors import DataError
from ftkit.i18n import text

COLUMNS = {  # a table's first two columns, and whether they hold lists
    "labels": (("text", "label"), False),
    "tags": (("tokens", "tags"), True),
    "title": (("title", "content"), False),
    "qa": (("question", "answer"), True),
    "corpus": (("text", "target"), False),
}


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
