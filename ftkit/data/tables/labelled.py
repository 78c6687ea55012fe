"""Rows of single texts from tables: labelled ones, titles with their contents, and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problems
from ftkit.data.tables.table import Table
from ftkit.data.tables.values import as_index, as_list, as_switch, as_text, missing

if TYPE_CHECKING:
    from ftkit.data.tables.shape import Shape

BESIDE = ("labels.txt", "classes.txt", "label.txt", "class.txt", "label_names.txt")  # lists of names, by their ids
MAX_NAMES = 10_000


def label_list(beside: Path) -> tuple[str, ...]:
    """Returns the names in ``labels.txt``, ``classes.txt`` or the like in a file's folder: one a line, ids from 0.

    Args:
        beside: The data file.
    """
    folder = beside.parent
    for name in BESIDE:
        file = folder / name
        if file == beside or not file.is_file():
            continue
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        names = [line.strip() for line in lines if line.strip()]
        if 1 < len(names) <= MAX_NAMES and len(set(names)) == len(names):
            return tuple(names)
    return ()


def named(value: Any, names: tuple[str, ...]) -> str | None:
    """Returns a label's name: of an id the one it stands for; None if there is no such id, or it is no label."""
    label = as_text(value)
    if label is None:
        return None
    label = label.strip()
    if not names or not label:
        return label
    index = as_index(value)  # also where a name is a number: of five stars, id 1 is the second
    if index is not None:
        return names[index] if 0 <= index < len(names) else None
    return label if label in names else None


def split_labels(value: Any, separator: str) -> list[Any] | None:
    """Returns the labels in a cell: a list as it is, a text parted; None if it is neither."""
    if (listed := as_list(value)) is not None:
        return [label for label in listed if not missing(label)]
    if missing(value):
        return []
    shown = as_text(value)
    if shown is None:
        return None
    return [part for part in re.split(re.escape(separator), shown) if part.strip()] if separator else [shown]


def plain(value: Any, part: str, place: int, problems: Problems) -> str | None:
    """Returns a cell as a text, "" if it is missing; None, and notes why, if it is a list or an object."""
    shown = as_text(value)
    if shown is None:
        problems.add("error", "not_text", place, area="tables", about=repr(value), part=part, type=type(value).__name__)
        problems.skipped += 1
    return shown


def labels(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[str, Any, int]]:
    """Yields texts with their label, or with the list of their labels."""
    body, names = shape.column(table, "text"), shape.label_names
    target = shape.column(table, "labels" if shape.several else "label")
    separator = str(shape.columns.get("separator", ""))
    for place, values in table.records():
        shown = plain(values.get(body), body, place, problems)
        if shown is None:
            continue
        raw = values.get(target)
        if shape.several:
            parts = split_labels(raw, separator)
            found = None if parts is None else [named(part, names) for part in parts]
            if found is not None and all(label is not None for label in found):
                yield shown, list(dict.fromkeys(found)), place
                continue
        else:
            listed = raw if isinstance(raw, list) else as_list(raw)
            if listed is not None and len(listed) != 1:
                n = len(listed)
                problems.add(
                    "error", "several_labels", place, area="tables", about=str(raw), n=n, body=body, part=target
                )
                problems.skipped += 1
                continue
            label = named(listed[0] if listed else raw, names)
            if label is not None:
                yield shown, label, place
                continue
        kind = "unknown_id" if names else "not_label"
        problems.add("error", kind, place, area="tables", about=str(raw), n=len(names), part=target)
        problems.skipped += 1


def switches(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[str, Any, int]]:
    """Yields texts with the label whose 0/1 column is set, or the labels whose are."""
    body, several = shape.column(table, "text"), shape.several
    keys = sorted(
        (key for key in shape.columns if re.fullmatch(r"labels?_\d+", key)), key=lambda k: int(k.split("_")[1])
    )
    columns = [shape.column(table, key) for key in keys]
    for place, values in table.records():
        shown = plain(values.get(body), body, place, problems)
        if shown is None:
            continue
        states = {column: as_switch(values.get(column)) for column in columns}
        if wrong := [column for column, state in states.items() if state is None]:
            about = as_text(values.get(wrong[0])) or str(values.get(wrong[0]))
            problems.add("error", "not_switch", place, area="tables", about=about, part=wrong[0])
        else:
            found = [column for column, state in states.items() if state]
            if several or len(found) == 1:
                yield shown, found if several else found[0], place
                continue
            n, found_names = len(found), ", ".join(found) or "-"
            problems.add("error", "not_one_hot", place, area="tables", about=shown, n=n, found=found_names)
        problems.skipped += 1


def texts(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[str, str, int]]:
    """Yields titles with their contents, or plain texts with an empty target."""
    parts = ("title", "content") if shape.format == "title" else ("text",)
    columns = [shape.column(table, part) for part in parts]
    for place, values in table.records():
        found = [plain(values.get(column), column, place, problems) for column in columns]
        if None not in found:
            yield str(found[0]), str(found[1]) if len(found) > 1 else "", place
