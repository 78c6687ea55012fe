"""`load` and `check`: files or data of memory go in, a Dataset or a Report comes out."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

from ftkit.data.arguments import must_be_data, must_be_readable, named_labels, quoted
from ftkit.data.closer import look_across, look_closer
from ftkit.data.dataset import TASKS, Dataset
from ftkit.data.examine import Asked, Examined, examine, examine_table, unreadable
from ftkit.data.formats import Format
from ftkit.data.kept import Kept
from ftkit.data.problems import Report, sentences
from ftkit.data.several import in_files, joined
from ftkit.data.tables.many import Found, class_table, find_files
from ftkit.data.tables.memory import from_memory, is_memory
from ftkit.data.unpack import plain_file
from ftkit.errors import AmbiguousFormatError, DataError, EncodingError, FormatError, SettingError, did_you_mean
from ftkit.i18n import text

ERRORS: dict[str, type[DataError]] = {  # what load raises for an error of this kind; FormatError for all others
    "not_text": EncodingError,
    "bad_bytes": EncodingError,
    "ambiguous_format": AmbiguousFormatError,
    "ambiguous_columns": AmbiguousFormatError,
    "no_tabs": AmbiguousFormatError,
    "column_order": AmbiguousFormatError,
}

Data = str | os.PathLike[str] | Sequence[Any] | Any


def load(
    path: Data,
    *,
    format: str | Format | None = None,
    task: str | None = None,
    columns: Mapping[str, int | str] | None = None,
    encoding: str | None = None,
    label_names: Sequence[str] | Mapping[int, str] | None = None,
    on_error: str = "raise",
) -> Dataset:
    """Returns the rows of files, or of data in memory, as a Dataset. No file is ever changed.

    Args:
        path: A file: text, CSV, Excel, JSON, JSON Lines, Parquet or Arrow, packed or not; several as a list, a glob or
            a folder; a folder for each class, or a file for each split; or a pandas DataFrame, a `datasets.Dataset`, an
            Arrow table, a list of dicts.
        format: ``"corpus"``, ``"title"``, ``"qa"``, ``"labels"``, ``"tags"``, or an object that obeys `Format`; None
            to detect it.
        task: The task to train, one of ``TASKS[format]`` such as ``"summarisation"``; None for the format's first.
        columns: Which column is which, by name or 0-based index: ``{"text": "内容", "label": 0}``, for tags
            ``{"token": 0, "tag": -1}``, for titles ``{"title": 0, "content": 1}``, for chat
            ``{"question": 0, "answer": 1}``, for a corpus ``{"text": 0}``. None to detect them.
        encoding: Any codec of text that Python knows; None to detect it.
        label_names: What the labels' numbers mean, from 0 on; None if the labels are names, or are named by the data.
        on_error: ``"raise"`` if a row has an error, or ``"skip"`` to leave such rows out.

    Raises:
        FormatError: If a row has an error, or no row can be used; names the first one's line, reason and fix.
        AmbiguousFormatError: If the format, or which column is which, cannot be told; names the candidates.
        EncodingError: If bytes are no text; names the line and byte.
        SettingError: If an argument cannot be, or the task is none of the format's.
        DataError: If a file is not there or cannot be read.

    Example:
        >>> data = load("reviews.tsv", on_error="skip")  # doctest: +SKIP
    """
    if on_error not in ("raise", "skip"):
        hint = did_you_mean(str(on_error), ("raise", "skip")) or "skip"
        raise SettingError(text("data.on_error", value=on_error, hint=hint))
    named = format is None or isinstance(format, str)
    known = tuple(name for tasks in TASKS.values() for name in tasks)
    if task is not None and named and task not in known:
        hint = did_you_mean(str(task), known) or "classification"
        raise SettingError(text("data.unknown_task", value=task, known=quoted(known), hint=hint))
    asked = Asked(format, task, columns, encoding, named_labels(label_names))
    found = _examined(path, asked)
    name, report, table = found.report.path, found.report, found.table
    if table is None or not table.num_rows or (report.errors and on_error == "raise"):
        raise _error(report, can_skip=table is not None and table.num_rows > 0)
    if task is not None and named and task not in (able := TASKS[str(report.format)]):
        values = {"where": name, "format": report.format, "known": quoted(able), "hint": able[0]}
        raise SettingError(text("data.other_task", value=task, **values))
    options = found.options | {"on_error": on_error} | ({"task": task} if task else {})
    path = found.path if named else None  # a later load() cannot name a format object
    return Dataset(
        table,
        str(report.format),
        task=task,
        name=Path(name).name,
        report=report,
        path=path,
        load_options=options if path else None,
        files=found.files,
        given=found.given,
    )


def check(
    path: Data,
    *,
    format: str | Format | None = None,
    columns: Mapping[str, int | str] | None = None,
    encoding: str | None = None,
    label_names: Sequence[str] | Mapping[int, str] | None = None,
    contents: bool = True,
    duplicates: bool = True,
    near: bool | Literal["auto"] = "auto",
    batch_size: int = 32,
) -> Report:
    """Returns all that is wrong with files or data of memory, line by line. No content makes this raise.

    What each step took is in ``report.stats["seconds"]``, as CPU time.

    Args:
        path: As in `load`.
        format: As in `load`.
        columns: As in `load`.
        encoding: As in `load`.
        label_names: As in `load`.
        contents: Whether to look into the texts: markup, invisible characters, private data, balance.
        duplicates: Whether to look for rows that come twice.
        near: Whether to look for rows that are nearly equal; ``"auto"`` for up to 200,000 rows.
        batch_size: How many rows a training step will take.

    Raises:
        SettingError: If an argument cannot be.
        DataError: If a file is not there or cannot be opened.

    Example:
        >>> print(check("reviews.tsv"))  # doctest: +SKIP
    """
    closer = {"contents": contents, "near": near, "batch_size": batch_size}
    keep = bool(contents or duplicates or near)
    asked = Asked(format, None, columns, encoding, named_labels(label_names), duplicates, keep=keep, closer=closer)
    found = _examined(path, asked)
    return dataclasses.replace(found.report, stats={**found.report.stats, "seconds": found.seconds})


def _examined(data: Data, asked: Asked) -> Examined:
    """Returns what is in a file, in several, or in memory."""
    if not isinstance(data, (str, os.PathLike)):
        must_be_data(data)
    if is_memory(data):
        return _closer(examine_table(from_memory(data), asked), asked)
    found = find_files(data)
    if not found.splits:
        return _files(found, asked, _called(data))
    parts, asked = dict[str, Examined](), dataclasses.replace(asked, alone=False)
    first: Examined | None = None
    for name, files in found.splits.items():
        parts[name] = _like(first, _files(files, asked, name), partial(_files, files, where=name), asked)
        first = first or (parts[name] if parts[name].options else None)
    whole = joined(parts, _called(data), are_splits=True)
    return look_across(whole, asked.closer["near"]) if asked.closer is not None else whole


def _called(data: Data) -> str:
    return Path(data).expanduser().as_posix() if isinstance(data, (str, os.PathLike)) else "files"


def _files(found: Found, asked: Asked, where: str) -> Examined:
    if found.labels:
        whole = _closer(examine_table(class_table(found, where), asked), asked)
        return in_files(whole, [_short(file, 2) for file in found.files])
    if len(found.files) == 1:
        return _file(found.files[0], asked)
    parts, asked = dict[str, Examined](), dataclasses.replace(asked, alone=False)
    first: Examined | None = None
    for file in found.files:
        name = _new(_short(file, 1), file.as_posix(), parts)
        parts[name] = _like(first, _file(file, asked), partial(_file, file), asked)
        first = first or (parts[name] if parts[name].options else None)
    return joined(parts, where)


def _like(first: Examined | None, found: Examined, again: Callable[[Asked], Examined], asked: Asked) -> Examined:
    """Returns what was found; a file that does not tell its format is read as the first one was."""
    if first is None or found.table is not None or not first.options or asked.format is not None:
        return found
    options: dict[str, Any] = {name: first.options.get(name) for name in ("format", "columns", "label_names")}
    return again(dataclasses.replace(asked, **options))


def _new(name: str, longer: str, known: Collection[str]) -> str:
    """Returns a name that no other file has: its own, with its folder, or with a number."""
    names = chain((name, longer), (f"{longer} ({n})" for n in count(2)))
    return next(name for name in names if name not in known)


def _short(file: Path, n: int) -> str:
    return "/".join(file.parts[-n:])


def _file(file: Path, asked: Asked) -> Examined:
    """Returns what is in one file; if it was read before and is large, from the cache."""
    must_be_readable(file)
    try:
        place = plain_file(file)
        kept = Kept(file, place, asked)
        found = kept.find()
        if found is None:
            try:
                found = kept.keep(examine(place, asked, shown=file, keep_in=kept.rows))
            except BaseException:
                kept.give_up()
                raise
    except DataError as error:  # what is in it, not that it is not there
        return unreadable(file.as_posix(), error)
    return dataclasses.replace(_closer(found, asked), path=file)


def _closer(found: Examined, asked: Asked) -> Examined:
    return look_closer(found, **asked.closer) if asked.closer is not None else found


def _error(report: Report, can_skip: bool) -> DataError:
    """Returns what `load` raises: the first error of the report, and how to see or leave out the others."""
    first = report.errors[0]
    name, call = report.path, as_code(report)
    where = ":".join(part for part in (first.file or name, str(first.line or "")) if part)
    n_more = int(str(report.stats["n_errors"])) - 1
    more = text("data.more", more=n_more, name=call) if n_more else ""
    skip = text("data.skip", name=call) if can_skip and "on_error" not in first.fix else ""
    return ERRORS.get(first.kind, FormatError)(f"{where}: {sentences(first.message, first.fix, more, skip)}")


def as_code(report: Report) -> str:
    """Returns what to write in code for the data that a report is about."""
    if report.stats.get("container") == "memory":
        return "data"
    return "files" if report.path == "files" else f'"{report.path}"'
