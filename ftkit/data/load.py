"""`load` and `check`: a file goes in, a Dataset or a Report comes out."""

from __future__ import annotations

import codecs
import difflib
import os
from collections import Counter
from collections.abc import Mapping
from encodings.aliases import aliases
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.dataset import TASKS, Dataset
from ftkit.data.formats import FORMATS, Format
from ftkit.data.problems import Problem, Problems, Report
from ftkit.data.sniff import HEAD, MARKS, Detection, Encoding, binary_kind, detect_format, find_encoding
from ftkit.data.source import Source, read_lines
from ftkit.errors import AmbiguousFormatError, DataError, EncodingError, FormatError, SettingError, did_you_mean
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

LATER_FORMATS = ("title", "qa", "corpus")
LATER_SUFFIXES = {".csv", ".xlsx", ".xls", ".json", ".jsonl", ".parquet", ".gz", ".zst", ".zip"}
NOT_FOR_FILES = {"unicode_escape", "raw_unicode_escape", "utf_7", "idna", "punycode"}  # may give half characters


def load(
    path: str | os.PathLike[str],
    *,
    format: str | Format | None = None,
    task: str | None = None,
    columns: Mapping[str, int] | None = None,
    encoding: str | None = None,
    on_error: str = "raise",
) -> Dataset:
    """Returns the rows of a file as a Dataset.

    Args:
        path: The file.
        format: ``"labels"``, ``"tags"``, or an object that obeys `Format`; None to detect it.
        task: The task to train; None for the format's own.
        columns: 0-based index by name: ``{"text": 1, "label": 0}``, for tags ``{"token": 0, "tag": -1}``. None to
            detect them.
        encoding: Any codec that Python knows; None to detect it.
        on_error: ``"raise"`` if a row has an error, or ``"skip"`` to leave such rows out.

    Raises:
        FormatError: If a row has an error, or no row is left; names the first one's line, reason and fix.
        AmbiguousFormatError: If the format, or which column is which, cannot be told; names the candidates.
        EncodingError: If the bytes are no text; names the line and byte.
        SettingError: If an argument cannot be.
        DataError: If the file is not there or cannot be read.
    """
    if on_error not in ("raise", "skip"):
        hint = did_you_mean(str(on_error), ("raise", "skip")) or "skip"
        raise SettingError(text("data.on_error", value=on_error, hint=hint))
    if task is not None and isinstance(format, (str, type(None))) and task not in TASKS.values():
        hint = did_you_mean(task, TASKS.values()) or "classification"
        raise SettingError(text("data.unknown_task", value=task, hint=hint))
    source = Path(path).expanduser()
    table, options, report = _examine(source, format, columns, encoding)
    if table is None or not (report.ok or (on_error == "skip" and table.num_rows)):
        raise _error(source.name, report, can_skip=table is not None and table.num_rows > 0)
    if not isinstance(format, (str, type(None))):  # a later load() cannot name a format object: no file to go back to
        return Dataset(table, str(report.format), task=task, name=source.name, report=report)
    options |= {"on_error": on_error} | ({"task": task} if task else {})
    return Dataset(
        table, str(report.format), task=task, name=source.name, report=report, path=source, load_options=options
    )


def check(
    path: str | os.PathLike[str],
    *,
    format: str | Format | None = None,
    columns: Mapping[str, int] | None = None,
    encoding: str | None = None,
) -> Report:
    """Returns all that is wrong with a file, line by line. The content never makes this raise.

    Args:
        path: The file.
        format: As in `load`.
        columns: As in `load`.
        encoding: As in `load`.

    Raises:
        SettingError: If an argument cannot be.
        DataError: If the file is not there or cannot be read.
    """
    return _examine(Path(path).expanduser(), format, columns, encoding)[2]


def _examine(
    path: Path, format: str | Format | None, columns: Mapping[str, int] | None, encoding: str | None
) -> tuple[pa.Table | None, dict[str, Any], Report]:
    """Returns the usable rows (None if nothing can be read), how they were read as `load` keywords, and the report."""
    chosen = _chosen_format(format, columns)
    asked = _known_encoding(encoding)
    _must_be_readable(path)
    problems = Problems()
    kind = binary_kind(path)
    codec: Encoding | None = None
    if not path.stat().st_size:
        problems.add("error", "empty_file")
    elif kind:
        problems.add("error", "binary_file", looks_like=kind, name=path.name)
    elif path.suffix.lower() in LATER_SUFFIXES - {".csv"}:
        problems.add("error", "not_yet", suffix=path.suffix, name=path.name, stem=path.stem)
    else:
        codec = _encoding(path, asked, problems)
    if codec is None:
        return None, {}, _report(path, chosen, codec, problems)

    source = Source(path, codec.name, dict(columns or {}))
    source.head = [line for _, line in islice(read_lines(path, codec.name, on_fault=lambda _: None), HEAD)]
    detection = None
    if not any(line.strip() for line in source.head) and len(source.head) < HEAD:
        problems.add("error", "empty_file")
    elif path.suffix.lower() == ".csv" and sum("\t" in line for line in source.head) * 2 < len(source.head):
        problems.add("error", "not_yet", suffix=path.suffix, name=path.name, stem=path.stem)
    elif chosen is None:
        detection = detect_format(source.head, path.suffix)
        chosen = FORMATS.get(detection.format or "")
        if chosen is None:
            _report_undetected(source, detection, problems)
    if chosen is None or problems:
        return None, {}, _report(path, chosen, codec, problems)

    table, found = chosen.read(source)
    if not table.num_rows and not any(p.severity == "error" for p in [*found, *source.problems]):
        problems.add("error", "empty_file")
    report = _report(path, chosen, codec, source.problems, found, problems)
    report.stats.update(rows=table.num_rows, skipped=getattr(found, "skipped", 0), lines=source.n_lines)
    if detection:
        report.stats["certainty"] = detection.certainty
    options = {"format": chosen.name, "columns": dict(source.columns), "encoding": codec.name}
    return table, options, report


def _report(path: Path, chosen: Format | None, codec: Encoding | None, *found: list[Problem]) -> Report:
    problems = sorted((p for part in found for p in part), key=lambda p: p.line or 0)
    counts = Counter[str]()
    n_errors = 0
    for part in found:
        if isinstance(part, Problems):
            counts.update(part.counts)
            n_errors += part.n_errors
        else:
            counts.update(p.kind for p in part)
            n_errors += sum(p.severity == "error" for p in part)
    stats: dict[str, object] = {"n_errors": n_errors, "bom": bool(codec and codec.bom)}
    encoding = codec.name if codec else None
    return Report(str(path), chosen.name if chosen else None, encoding, tuple(problems), dict(counts), stats)


def _error(name: str, report: Report, can_skip: bool) -> DataError:
    """Returns the error that the report's first error makes `load` raise."""
    first = report.errors[0]
    where = f"{name}:{first.line}" if first.line else name
    message = f"{where}: {first.message} {first.fix}"
    more = int(str(report.stats["n_errors"])) - 1
    if can_skip:
        message += " " + text("data.more" if more else "data.only", more=more, name=name)
    kinds: dict[str, type[DataError]] = {
        "not_text": EncodingError,
        "bad_bytes": EncodingError,
        "ambiguous_format": AmbiguousFormatError,
        "other_format": AmbiguousFormatError,
        "column_order": AmbiguousFormatError,
    }
    return kinds.get(first.kind, FormatError)(message)


def _report_undetected(source: Source, detection: Detection, problems: Problems) -> None:
    """Says why no format was chosen: tabs spelt out, a format of a later version, or several that fit."""
    filled = [line for line in source.head if line.strip()]
    if sum("\\t" in line and "\t" not in line for line in filled) * 2 >= len(filled):
        for number, line in source.lines():
            if "\\t" in line and "\t" not in line:
                problems.add("error", "literal_tab", number, about=line)
        return
    name, likely = source.path.name, detection.likely
    scores = ", ".join(f"{key} {detection.scores[key]:.2f}" for key in detection.candidates)
    certain = likely not in FORMATS and len(detection.candidates) == 1
    kind = "other_format" if certain or detection.scores[likely] >= 0.5 and likely not in FORMATS else "ambiguous_format"
    problems.add("error", kind, about=filled[0] if filled else "", name=name, likely=likely, scores=scores)


def _chosen_format(format: str | Format | None, columns: Mapping[str, int] | None) -> Format | None:
    """Returns the format that the user asks for, by name, as an object, or by the names of its columns.

    Raises:
        SettingError: If there is no such format, or it has no such columns.
    """
    chosen: Format | None
    if isinstance(format, str):
        if format in LATER_FORMATS:
            raise SettingError(text("data.later_format", format=format))
        if format not in FORMATS:
            hint = did_you_mean(format, FORMATS) or "labels"
            raise SettingError(text("data.unknown_format", format=format, hint=hint))
        chosen = FORMATS[format]
    elif format is not None and not (hasattr(format, "name") and callable(getattr(format, "read", None))):
        raise SettingError(text("data.no_format", format=format))
    else:
        chosen = format
    if columns:
        named = [known for known in FORMATS.values() if set(columns) <= set(known.column_names)]
        chosen = chosen or (named[0] if named else None)
        names = getattr(chosen, "column_names", tuple(columns)) if chosen else ("text", "label", "token", "tag")
        for key, index in columns.items():
            if key not in names or not chosen:
                raise SettingError(text("data.unknown_column", key=key, hint=did_you_mean(str(key), names) or names[0]))
            if not isinstance(index, int) or isinstance(index, bool):
                raise SettingError(text("data.column_index", key=key, index=index))
        if len(set(columns.values())) < len(columns):
            raise SettingError(text("data.same_column", columns=dict(columns)))
    return chosen


def _known_encoding(encoding: str | None) -> str | None:
    """Returns the codec's canonical name.

    Raises:
        SettingError: If Python knows no such codec of text.
    """
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        codecs.getincrementaldecoder(name)
        b"a".decode(name)
    except (LookupError, ValueError, TypeError):
        name = ""
    if not name or name.replace("-", "_") in NOT_FOR_FILES:
        known = ["utf-8", "utf-16", "gb18030", "gbk", "gb2312", "big5", "cp1252", "latin-1", *aliases]
        hint = did_you_mean(str(encoding).lower(), known) or "gb18030"
        raise SettingError(text("data.unknown_encoding", encoding=encoding, hint=hint))
    return name


def _encoding(path: Path, asked: str | None, problems: Problems) -> Encoding | None:
    """Returns the encoding asked for, with the byte order that the file shows, or else the one detected."""
    if asked is None:
        found = find_encoding(path)
        if isinstance(found, Encoding):
            return found
        problems.add(
            "error", "not_text", found.line, byte=found.byte, raw=found.raw, hint=found.hint, name=path.name
        )
        return None
    with open(path, "rb") as file:
        start = file.read(4)
    for mark, name in MARKS:
        if start.startswith(mark) and asked.removesuffix("-sig") in (name, name[:-3]):
            return Encoding(name, bom=True)
    return Encoding({"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}.get(asked, asked))


def _must_be_readable(path: Path) -> None:
    """Raises DataError, with names that are near, if there is no such file or it cannot be opened."""
    folder = path if path.is_dir() else path.parent
    there = sorted(p.name for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []
    if path.is_dir() or not path.is_file():
        close = [] if path.is_dir() else difflib.get_close_matches(path.name, there, n=3, cutoff=0.5)
        named = close or there[:5]
        best = repr(str(folder / named[0])) if named else "'data.tsv'"
        key = "data.folder" if path.is_dir() else "data.near" if close else "data.missing"
        near = ", ".join(map(repr, named)) or "-"
        raise DataError(text(key, path=path, near=near, best=best, folder=folder.absolute()))
    try:
        path.open("rb").close()
    except OSError as error:
        raise DataError(text("data.unreadable", path=path, error=error)) from error
