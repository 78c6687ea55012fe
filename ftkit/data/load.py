"""`load` and `check`: a file goes in, a Dataset or a Report comes out."""

from __future__ import annotations

import codecs
import difflib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from encodings.aliases import aliases
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.dataset import TASKS, Dataset
from ftkit.data.formats import FORMATS, Format
from ftkit.data.problems import Problem, Problems, Report, excerpt, sentences
from ftkit.data.sniff import HEAD, MARKS, Encoding, binary_kind, detect_format, find_encoding
from ftkit.data.source import Source, read_lines
from ftkit.errors import AmbiguousFormatError, DataError, EncodingError, FormatError, SettingError, did_you_mean
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = {  # what each format's columns are called
    "labels": ("text", "label"),
    "tags": ("token", "tag"),
    "title": ("title", "content"),
    "qa": ("question", "answer"),
    "corpus": ("text",),
}
READERS = {  # what pandas reads a table with that this version cannot read itself
    ".csv": 'read_csv("{name}")',
    ".xlsx": 'read_excel("{name}")',
    ".xls": 'read_excel("{name}")',
    ".json": 'read_json("{name}")',
    ".jsonl": 'read_json("{name}", lines=True)',
    ".parquet": 'read_parquet("{name}")',
}
NOT_FOR_FILES = ("unicode_escape", "raw_unicode_escape", "utf_7", "idna", "punycode")  # may give half a surrogate pair
ERRORS: dict[str, type[DataError]] = {  # what load raises for an error of this kind; FormatError for all others
    "not_text": EncodingError,
    "bad_bytes": EncodingError,
    "ambiguous_format": AmbiguousFormatError,
    "no_tabs": AmbiguousFormatError,
    "column_order": AmbiguousFormatError,
}


def load(
    path: str | os.PathLike[str],
    *,
    format: str | Format | None = None,
    task: str | None = None,
    columns: Mapping[str, int] | None = None,
    encoding: str | None = None,
    on_error: str = "raise",
) -> Dataset:
    """Returns the rows of a file as a Dataset. The file is never changed.

    Args:
        path: The file.
        format: ``"corpus"``, ``"title"``, ``"qa"``, ``"labels"``, ``"tags"``, or an object that obeys `Format`; None
            to detect it.
        task: The task to train, one of ``TASKS[format]`` such as ``"summarisation"``; None for the format's first.
        columns: 0-based index by name: ``{"text": 1, "label": 0}``, for tags ``{"token": 0, "tag": -1}``, for titles
            ``{"title": 0, "content": 1}``, for chat ``{"question": 0, "answer": 1}``, for a corpus ``{"text": 0}``.
            None to detect them.
        encoding: Any codec of text that Python knows; None to detect it.
        on_error: ``"raise"`` if a row has an error, or ``"skip"`` to leave such rows out.

    Raises:
        FormatError: If a row has an error, or no row can be used; names the first one's line, reason and fix.
        AmbiguousFormatError: If the format, or which column is which, cannot be told; names the candidates.
        EncodingError: If bytes are no text; names the line and byte.
        SettingError: If an argument cannot be, or the task is none of the format's.
        DataError: If the file is not there or cannot be read.

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
        raise SettingError(text("data.unknown_task", value=task, known=_quoted(known), hint=hint))
    file = Path(path).expanduser()
    table, options, report = _examine(file, format, columns, encoding, task)
    if table is None or not table.num_rows or (report.errors and on_error == "raise"):
        raise _error(file, report, can_skip=table is not None and table.num_rows > 0)
    if task is not None and named and task not in (able := TASKS[str(report.format)]):
        values = {"where": file.as_posix(), "format": report.format, "known": _quoted(able), "hint": able[0]}
        raise SettingError(text("data.other_task", value=task, **values))
    options |= {"on_error": on_error} | ({"task": task} if task else {})
    return Dataset(
        table,
        str(report.format),
        task=task,
        name=file.name,
        report=report,
        path=file if named else None,  # a later load() cannot name a format object
        load_options=options if named else None,
    )


def check(
    path: str | os.PathLike[str],
    *,
    format: str | Format | None = None,
    columns: Mapping[str, int] | None = None,
    encoding: str | None = None,
) -> Report:
    """Returns all that is wrong with a file, line by line. No content makes this raise.

    Args:
        path: The file.
        format: As in `load`.
        columns: As in `load`.
        encoding: As in `load`.

    Raises:
        SettingError: If an argument cannot be.
        DataError: If the file is not there or cannot be read.

    Example:
        >>> print(check("reviews.tsv"))  # doctest: +SKIP
    """
    return _examine(Path(path).expanduser(), format, columns, encoding)[2]


def _examine(
    path: Path,
    format: str | Format | None,
    columns: Mapping[str, int] | None,
    encoding: str | None,
    task: str | None = None,
) -> tuple[pa.Table | None, dict[str, Any], Report]:
    """Returns the usable rows (None if nothing can be read), how they were read as `load` keywords, and the report."""
    chosen = _chosen_format(format, columns)
    asked = _known_encoding(encoding)
    _must_be_readable(path)
    problems = Problems()
    codec = _codec(path, asked, problems)
    if codec is None:
        return None, {}, _report(path, chosen, None, problems)

    source = Source(path, codec.name, dict(columns or {}))
    source.head = [line for _, line in islice(read_lines(path, codec.name, on_fault=lambda fault: None), HEAD)]
    certainty = None
    if _is_csv(source):
        _report_table(path, ".csv", problems)
    elif not any(line.strip() for line in source.head) and len(source.head) < HEAD:
        problems.add("error", "empty_file")
    elif chosen is None:
        chosen, certainty = _detected_format(source, problems, task)
    if chosen is None or problems:
        return None, {}, _report(path, chosen, codec, problems)

    table, found = chosen.read(source)
    if not table.num_rows and not any(p.severity == "error" for p in [*found, *source.problems]):
        problems.add("error", "empty_file")
    columns_read = dict(source.columns)
    stats: dict[str, object] = {"rows": table.num_rows, "skipped": getattr(found, "skipped", 0)}
    stats |= {"lines": source.n_lines, "columns": columns_read}
    if certainty is not None:
        stats["certainty"] = certainty
    report = _report(path, chosen, codec, problems, source.problems, found, **stats)
    return table, {"format": chosen.name, "columns": columns_read or None, "encoding": codec.name}, report


def _codec(path: Path, asked: str | None, problems: Problems) -> Encoding | None:
    """Returns the encoding to read a file in; None, and why, if it is no text file."""
    if not path.stat().st_size:
        problems.add("error", "empty_file")
    elif (suffix := path.suffix.lower()) in READERS and suffix != ".csv":
        _report_table(path, suffix, problems)
    elif (kind := binary_kind(path)) == "Excel":
        _report_table(path, ".xlsx", problems)
    elif kind or (kind == "" and asked is None):
        problems.add("error", "binary_file", looks_like=kind or text("data.binary"))
    elif asked is not None:
        with path.open("rb") as file:
            start = file.read(4)
        marks = (Encoding(name, bom=True) for mark, name in MARKS if start.startswith(mark) and name.startswith(asked))
        return next(marks, Encoding({"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(asked, asked)))
    elif isinstance(found := find_encoding(path), Encoding):
        return found
    else:
        name, byte, raw, hint = path.as_posix(), found.byte, found.raw, found.hint
        problems.add("error", "not_text", found.line, name=name, byte=byte, raw=raw, hint=hint)
    return None


def _report_table(path: Path, suffix: str, problems: Problems) -> None:
    reader, stem = READERS[suffix].format(name=path.as_posix()), path.with_suffix("").as_posix()
    problems.add("error", "not_yet", suffix=suffix, reader=reader, stem=stem)


def _is_csv(source: Source) -> bool:
    """Returns whether a file is named .csv and has no tabs between its columns: that is read by a later version."""
    with_tab = sum("\t" in line for line in source.head)
    return source.path.suffix.lower() == ".csv" and with_tab <= len(source.head) / 2


def _detected_format(source: Source, problems: Problems, task: str | None) -> tuple[Format | None, float]:
    """Returns the format that the first lines show and how surely; None, and why, if they show none.

    Where several are possible, the `task` that is asked for tells which.
    """
    found = detect_format(source.head, source.path.suffix)
    if found.format:
        return FORMATS[found.format], found.certainty
    for name in found.candidates:
        if task in TASKS[name] and any("\t" in line for line in source.head):
            return FORMATS[name], found.certainty
    filled = [line for line in source.head if line.strip()]
    name, about = source.path.as_posix(), filled[0] if filled else ""
    n_columns, n = Counter(line.count("\t") + 1 for line in filled or [""]).most_common(1)[0]
    if sum("\\t" in line and "\t" not in line for line in filled) > len(filled) / 2:
        for number, line in source.lines():
            if "\\t" in line and "\t" not in line:
                problems.add("error", "literal_tab", number, about=line)
    elif n_columns > 2 and n > len(filled) / 2:
        shown = ", ".join(repr(excerpt(cell, 20)) for cell in filled[0].split("\t")[:6])
        problems.add("error", "many_columns", about=about, name=name, n=n_columns, found=shown, last=n_columns - 1)
    else:
        scores = ", ".join(f"{candidate} {found.scores[candidate]:.2f}" for candidate in found.candidates)
        instead = found.candidates[1:] or [known for known in FORMATS if known != found.likely]
        others = ", ".join(f'"{candidate}"' for candidate in instead)
        kind, number = "ambiguous_format", None
        if found.likely == "corpus" and not any("\t" in line for line in filled):
            kind, number = "no_tabs", source.head.index(about) + 1
        values = {"name": name, "likely": found.likely, "others": others, "scores": scores}
        problems.add("error", kind, number, about=about, **values)
    return None, 0.0


def _report(
    path: Path, chosen: Format | None, codec: Encoding | None, *parts: list[Problem], **stats: object
) -> Report:
    counts, n_errors = Counter[str](), 0
    for part in parts:
        counts.update(part.counts if isinstance(part, Problems) else Counter(p.kind for p in part))
        n_errors += part.n_errors if isinstance(part, Problems) else sum(p.severity == "error" for p in part)
    problems = sorted((p for part in parts for p in part), key=lambda p: p.line or 0)
    stats = {"n_errors": n_errors, "bom": codec is not None and codec.bom} | stats
    name, encoding = (chosen.name if chosen else None), (codec.name if codec else None)
    return Report(str(path), name, encoding, tuple(problems), dict(counts), stats)


def _error(path: Path, report: Report, can_skip: bool) -> DataError:
    """Returns what `load` raises: the first error of the report, and how to see or leave out the others."""
    first = report.errors[0]
    name = path.as_posix()
    where = f"{name}:{first.line}" if first.line else name
    n_more = int(str(report.stats["n_errors"])) - 1
    more = text("data.more", more=n_more, name=name) if n_more else ""
    skip = text("data.skip", name=name) if can_skip and "on_error" not in first.fix else ""
    return ERRORS.get(first.kind, FormatError)(f"{where}: {sentences(first.message, first.fix, more, skip)}")


def _chosen_format(format: str | Format | None, columns: Mapping[str, Any] | None) -> Format | None:
    """Returns the format that is asked for: by name, as an object, or by what its columns are called; else None.

    Raises:
        SettingError: If there is no such format, or no such column in it.
    """
    if format is not None and not isinstance(format, str):
        if not all(hasattr(format, needed) for needed in ("name", "suffixes", "sniff", "read")):
            raise SettingError(text("data.no_format", format=format))
        return format
    if format is not None and format not in FORMATS:
        hint = did_you_mean(format, FORMATS) or "labels"
        raise SettingError(text("data.unknown_format", format=format, known=_quoted(FORMATS), hint=hint))
    if not columns:
        return FORMATS[format] if format else None
    if not isinstance(columns, Mapping):
        raise SettingError(text("data.two_columns", columns=columns))
    names = COLUMNS[format] if format else tuple(dict.fromkeys(name for known in COLUMNS.values() for name in known))
    for key, index in columns.items():
        if key not in names:
            hint = did_you_mean(str(key), names) or names[0]
            raise SettingError(text("data.unknown_column", key=key, known=_quoted(names), hint=hint))
        if not isinstance(index, int) or isinstance(index, bool) or (index < 0 and key not in COLUMNS["tags"]):
            raise SettingError(text("data.column_index", key=key, index=index))
    fitting = [name for name, known in COLUMNS.items() if set(columns) <= set(known) and format in (None, name)]
    if not fitting or len(set(columns.values())) < len(columns):
        raise SettingError(text("data.two_columns", columns=dict(columns)))
    return FORMATS[fitting[0]]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _known_encoding(encoding: str | None) -> str | None:
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


def _must_be_readable(path: Path) -> None:
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
        raise DataError(text("data.unreadable", path=path, error=error)) from error
