"""What the cells decide once the columns are known: several labels or one, names of ids, which messages there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ftkit.data.problems import Severity
from ftkit.data.tables.labelled import label_list
from ftkit.data.tables.look import Look
from ftkit.data.tables.names import normal
from ftkit.data.tables.shape import Shape
from ftkit.data.tables.values import as_index, as_list, as_object, as_text
from ftkit.errors import FormatError
from ftkit.i18n import text

SEPARATORS = ("|", ";", "；", ",", "，", "、", "#", "/")
SHARE = 0.8  # of the parts of cells with several labels, so many must come in other cells too
LONG = 30  # characters of a label

Note = tuple[Severity, str, dict[str, Any]]


def shaped(format: str, parts: dict[str, str], look: Look, *, asked: bool) -> Shape:
    """Returns the shape of a table in a format, given which column is which.

    Args:
        format: The format's name.
        parts: The column of each part.
        look: The table's first records.
        asked: Whether the user named every column.

    Raises:
        FormatError: If the column of labels holds measurements.
    """
    notes = list[Note]()
    columns = dict(parts)
    names: tuple[str, ...] = ()
    if format == "labels" and ("label" in columns or "labels" in columns):
        column = columns.get("label") or columns["labels"]
        if asked and "label" in columns and look.spanned(column):
            return shaped("tags", {"text": columns["text"], "spans": column}, look, asked=asked)
        if look.measured(column):
            shown = ", ".join(str(value) for value in look.values(column)[:3])
            raise FormatError(text("tables.measured", where=look.table.name, measured=column, found=shown))
        columns = _labels(columns, column, look, asked=asked)
        names = _names(column, look, _flat(look, column, columns.get("separator", "")))
    elif format == "tags" and "spans" not in columns:
        if "sentence" not in columns:
            renamed = {"token": "tokens", "tag": "tags"}
            columns = {renamed.get(key, key): name for key, name in columns.items()}
        column = columns.get("tags") or columns["tag"]
        tags = _flat(look, column, "")
        names = _names(column, look, tags)
        if not names and tags and all(as_index(tag) is not None for tag in tags):
            notes.append(("warning", "tag_ids", {"about": column, "n": len(set(map(str, tags)))}))
    elif format == "qa" and any(normal(columns.get(key, "")) == "chosen" for key in ("answer", "messages")):
        notes.append(("info", "chosen", {"about": columns.get("answer") or columns["messages"]}))
    return Shape(format, columns, names, tuple(notes))


def _labels(columns: dict[str, str], column: str, look: Look, *, asked: bool) -> dict[str, str]:
    """Returns the columns with ``labels`` in place of ``label`` where cells hold several, and what separates them."""
    cells = look.values(column)
    lists = [listed for value in cells if (listed := as_list(value)) is not None]
    if lists and len(lists) > len(cells) / 2:
        several = "labels" in columns or any(len(listed) != 1 for listed in lists)
        return {"text": columns["text"], "labels" if several else "label": column}
    if "separator" in columns or ("label" in columns and asked):
        return columns
    separator = separator_of([shown for value in cells if isinstance(value, str) and (shown := value.strip())])
    if separator:
        return {"text": columns["text"], "labels": column, "separator": separator}
    return columns


def separator_of(cells: Sequence[str]) -> str:
    """Returns the character between the labels of cells that hold several; "" if they hold one each.

    Labels that come together come again, alone or with others: a comma within one name does not part it.

    Example:
        >>> separator_of(["a|b", "a", "b|c", "c"]), separator_of(["Paris, France", "Rome, Italy"])
        ('|', '')
    """
    different = set(cells)
    for mark in SEPARATORS:
        joined = [cell for cell in different if mark in cell.strip(mark)]
        if len(joined) < 2 or any(len(part.strip()) > LONG for cell in joined for part in cell.split(mark)):
            continue
        where = Counter(part for cell in different for part in {part.strip() for part in cell.split(mark)} if part)
        parts = {part.strip() for cell in joined for part in cell.split(mark)} - {""}
        if parts and sum(where[part] > 1 for part in parts) >= SHARE * len(parts):
            return mark
    return ""


def _flat(look: Look, column: str, separator: str) -> list[Any]:
    """Returns the labels or tags in a column's first cells, one by one."""
    found = list[Any]()
    for value in look.values(column):
        parsed = as_object(value)
        if isinstance(parsed, list):
            found += parsed
        elif isinstance(parsed, str) and separator:
            found += [part for part in parsed.split(separator) if part.strip()]
        elif isinstance(parsed, str) and look.first("tags") == column and " " in parsed:
            found += parsed.split()
        else:
            found.append(parsed)
    return found


def _names(column: str, look: Look, labels: Sequence[Any]) -> tuple[str, ...]:
    """Returns the names of a column's ids: as the user says, as the table does, or as a list beside the file."""
    known = look.label_names or tuple(look.table.label_names.get(column, ()))
    ids = [as_index(label) for label in labels]
    if known:
        return () if labels and all(as_text(label) in known for label in labels) else known
    if look.table.path is None or not ids or None in ids:
        return ()
    listed = label_list(look.table.path)
    return listed if listed and all(0 <= (i if i is not None else -1) < len(listed) for i in ids) else ()
