"""What `load` and `check` are asked for, checked before a byte is read."""

from __future__ import annotations

import codecs
import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from encodings.aliases import aliases
from pathlib import Path
from typing import Any

from ftkit.data.dataset import Dataset
from ftkit.data.formats import FORMATS, Format
from ftkit.data.problems import excerpt
from ftkit.data.tables.memory import is_memory
from ftkit.data.tables.opened import locked
from ftkit.errors import DataError, SettingError, did_you_mean
from ftkit.i18n import text

COLUMNS = {  # what each format's columns are called
    "labels": ("text", "label"),
    "tags": ("token", "tag"),
    "title": ("title", "content"),
    "qa": ("question", "answer"),
    "corpus": ("text",),
}
NOT_FOR_FILES = ("unicode_escape", "raw_unicode_escape", "utf_7", "idna", "punycode")  # may give half a surrogate pair


def chosen_format(format: str | Format | None, columns: Mapping[str, Any] | None) -> Format | None:
    """Returns the format that is asked for: by name, as an object, or by what its columns are called; else None.

    Raises:
        SettingError: If there is no such format, or no such column in it.
    """
    if format is not None and not isinstance(format, str):
        needed = ("name", "suffixes", "sniff", "read")
        if isinstance(format, type) or not all(hasattr(format, name) for name in needed):
            raise SettingError(text("data.no_format", format=format))
        return format
    if format is not None and format not in FORMATS:
        hint = did_you_mean(format, FORMATS) or "labels"
        raise SettingError(text("data.unknown_format", format=format, known=quoted(FORMATS), hint=hint))
    if not columns:
        return FORMATS[format] if format else None
    if not isinstance(columns, Mapping):
        raise SettingError(text("data.two_columns", columns=columns))
    names = COLUMNS[format] if format else tuple(dict.fromkeys(name for known in COLUMNS.values() for name in known))
    for key, index in columns.items():
        if key not in names:
            hint = did_you_mean(str(key), names) or names[0]
            raise SettingError(text("data.unknown_column", key=key, known=quoted(names), hint=hint))
        if not isinstance(index, int) or isinstance(index, bool) or (index < 0 and key not in COLUMNS["tags"]):
            raise SettingError(text("data.column_index", key=key, index=index))
    fitting = [name for name, known in COLUMNS.items() if set(columns) <= set(known) and format in (None, name)]
    if not fitting or len(set(columns.values())) < len(columns):
        raise SettingError(text("data.two_columns", columns=dict(columns)))
    return FORMATS[fitting[0]]


def quoted(names: Iterable[str]) -> str:
    """Returns names as code shows them, with commas between."""
    return ", ".join(map(repr, names))


def known_encoding(encoding: str | None) -> str | None:
    """Returns the codec's own name.

    Raises:
        SettingError: If Python knows no such codec of text.
    """
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        codecs.getincrementaldecoder(name)
        b"a".decode(name, "replace")
    except (LookupError, ValueError, TypeError):
        name = ""
    if not name or name.replace("-", "_") in NOT_FOR_FILES:
        known = ["utf-8", "utf-16", "gb18030", "gbk", "gb2312", "big5", "cp1252", "latin-1", *aliases]
        hint = did_you_mean(str(encoding).lower(), known) or "gb18030"
        raise SettingError(text("data.unknown_encoding", encoding=encoding, hint=hint))
    return name.removesuffix("-sig")


def named_labels(names: object) -> tuple[str, ...] | None:
    """Returns what numbers mean, from 0 on, of a list or of a dict by number.

    Raises:
        SettingError: If it is neither, or a name stands twice.
    """
    if names is None:
        return None
    if isinstance(names, Mapping):
        names = [names[i] for i in range(len(names))] if set(names) == set(range(len(names))) else names
    if not isinstance(names, Sequence) or isinstance(names, (str, bytes)) or not names:
        raise SettingError(text("data.label_names", value=excerpt(repr(names))))
    if not all(isinstance(name, str) and name.strip() for name in names) or len({*names}) < len(names):
        raise SettingError(text("data.label_names", value=excerpt(repr(list(names)))))
    return tuple(names)


def must_be_data(data: object) -> None:
    """Checks that `data`, which is no path, is a list of paths or something that holds columns.

    Raises:
        SettingError: If it is neither.
    """
    if isinstance(data, Dataset) or not is_data(data):
        raise SettingError(text("data.no_source", value=excerpt(repr(data)), kind=type(data).__name__))


def is_data(data: object) -> bool:
    """Returns whether something may be data: a path, a list of paths, a Dataset, or something that holds columns."""
    if isinstance(data, (str, os.PathLike, Dataset)):
        return True
    parts = data if isinstance(data, Sequence) and not isinstance(data, (str, bytes)) else ()
    paths = len(parts) > 0 and all(isinstance(part, (str, os.PathLike)) for part in parts)
    return paths or is_memory(data)


def must_be_readable(path: Path) -> None:
    """Checks that there is such a file.

    Raises:
        DataError: If there is none (names those that are near), or it cannot be opened.
    """
    folder = path if path.is_dir() else path.parent
    if path.is_dir() or not path.is_file():
        there = sorted(p.name for p in folder.glob("[!.]*") if p.is_file()) if folder.is_dir() else []
        near = [] if path.is_dir() else difflib.get_close_matches(path.name, there, n=3, cutoff=0.5)
        key = "data.folder" if path.is_dir() else "data.near" if near else "data.missing"
        named = near or there[:5]
        best = (folder / named[0]).as_posix() if named else "data.tsv"
        values = {"near": ", ".join(map(repr, named)) or "-", "best": best, "folder": folder.absolute()}
        raise DataError(text(key, path=path, **values))
    try:
        path.open("rb").close()
    except OSError as error:
        raise locked(path, error) from error
