"""From one file, or from data in memory, to its usable rows and a report of everything met on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ftkit.data.arguments import chosen_format, known_encoding
from ftkit.data.dataset import TASKS
from ftkit.data.formats import FORMATS, Format
from ftkit.data.formats.streamed import Streamed, gathered
from ftkit.data.problems import Problem, Problems, Report, excerpt, sentences
from ftkit.data.sniff import HEAD, MARKS, Encoding, binary_kind, detect_format, find_encoding
from ftkit.data.source import Source, read_lines
from ftkit.data.tables import Table, open_table, recognise
from ftkit.errors import AmbiguousFormatError, DataError, FormatError
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])|(?<=。)(?=.)")


@dataclass(frozen=True)
class Asked:
    """How a file is to be read: the keywords of `load`, and what to look for.

    Attributes:
        format: As in `load`.
        task: As in `load`.
        columns: As in `load`.
        encoding: As in `load`.
        label_names: As in `load`.
        copies: Whether rows that come twice are looked for.
        alone: Whether this is the only file.
        keep: Whether the rows are wanted, and not only what is wrong with them.
        closer: What `check` looks at beyond that: keywords of `look_closer`; None for nothing.
    """

    format: str | Format | None = None
    task: str | None = None
    columns: Mapping[str, int | str] | None = None
    encoding: str | None = None
    label_names: tuple[str, ...] | None = None
    copies: bool = True
    alone: bool = True
    keep: bool = True
    closer: Mapping[str, Any] | None = None


@dataclass
class Examined:
    """What was found in a file.

    Attributes:
        table: The usable rows; None if nothing can be read.
        report: Everything that was met.
        options: Keywords with which `load` gives these rows again.
        seconds: CPU seconds that each step took.
        files: Of several files their names, which the table's column ``file`` counts.
        path: The one file that the rows are all usable ones of; else None.
        given: Which rows are of which split, where files say so: first and last but one, by name.
    """

    table: pa.Table | None
    report: Report
    options: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    path: Path | None = None
    given: dict[str, tuple[int, int]] = field(default_factory=dict)


def unreadable(name: str, error: DataError) -> Examined:
    """Returns what was found in a file whose container cannot be read: the one error that says why."""
    kind = {FormatError: "unknown_columns", AmbiguousFormatError: "ambiguous_columns"}.get(type(error), "unreadable")
    problems = Problems()
    message = str(error).strip().removeprefix(f"{name}: ").removeprefix(f"{name}：")
    *said, fix = SENTENCE.split(message)  # the last sentence says what to do
    problems.append(Problem("error", None, kind, sentences(*said), fix))
    problems.counts[kind] += 1
    problems.n_errors += 1
    return Examined(None, report_of(name, None, None, False, problems))


def examine(path: Path, asked: Asked, *, shown: Path | None = None, keep_in: Path | None = None) -> Examined:
    """Returns what is in a file.

    Args:
        path: The file, unpacked.
        asked: How to read it.
        shown: What to call it in messages; None for `path`.
        keep_in: The file that many rows are kept in; None for one that goes with the process.

    Raises:
        SettingError: If what is asked for cannot be.
        DataError: If the file cannot be opened.
    """
    shown, problems = shown or path, Problems()
    by_name = asked.format is None or isinstance(asked.format, str)
    encoding = known_encoding(asked.encoding)
    if not path.stat().st_size:
        problems.add("error", "empty_file")
        return Examined(None, report_of(shown.as_posix(), None, None, False, problems))
    columns = list(asked.columns.values()) if isinstance(asked.columns, Mapping) else []
    named = [column for column in columns if isinstance(column, str)] if columns else None
    table = open_table(path, encoding=encoding, named=named) if by_name else None
    if table is not None:
        table.name = shown.as_posix()
        return examine_table(table, asked, keep_in=keep_in)
    chosen = chosen_format(asked.format, asked.columns)
    codec = _codec(path, shown, encoding, problems)
    if codec is None:
        return Examined(None, report_of(shown.as_posix(), chosen, None, False, problems))
    given = dict(cast("Mapping[str, int]", asked.columns or {}))
    source = Source(path, codec.name, given, shown=shown)
    source.copies, source.keep_in, source.label_names = asked.copies, keep_in, asked.label_names or ()
    source.keep, source.alone = asked.keep, asked.alone
    lines = (line for _, line in read_lines(path, codec.name, on_fault=lambda fault: None))
    source.head = list(islice(lines, HEAD))
    if not any(line.strip() for line in source.head):  # a file may begin with nothing for long
        first = next((line for line in lines if line.strip()), None)
        source.head = [] if first is None else [first, *islice(lines, HEAD - 1)]
    certainty = None
    if not source.head:
        problems.add("error", "empty_file")
    elif chosen is None:
        chosen, certainty = _detected_format(source, problems, asked.task)
    if chosen is None or problems:
        return Examined(None, report_of(shown.as_posix(), chosen, codec.name, codec.bom, problems))

    rows, found = chosen.read(source)
    if not rows.num_rows and not any(p.severity == "error" for p in [*found, *source.problems]):
        problems.add("error", "empty_file")
    columns_read = dict(source.columns)
    stats: dict[str, object] = {"rows": rows.num_rows, "skipped": getattr(found, "skipped", 0)}
    stats |= {"lines": source.n_lines, "columns": columns_read}
    if certainty is not None:
        stats["certainty"] = certainty
    report = report_of(shown.as_posix(), chosen, codec.name, codec.bom, problems, source.problems, found, **stats)
    options: dict[str, Any] = {"format": chosen.name, "columns": columns_read or None, "encoding": codec.name}
    options |= {"label_names": source.label_names} if source.label_names else {}
    return Examined(rows, report, options, source.seconds)


def examine_table(table: Table, asked: Asked, *, keep_in: Path | None = None) -> Examined:
    """Returns what is in a table: of a file, or of memory.

    Raises:
        SettingError: If what is asked for cannot be.
    """
    problems, bom = Problems(), False
    try:
        shape = recognise(
            table,
            format=asked.format,  # type: ignore[arg-type]
            task=asked.task,
            columns=asked.columns,
            label_names=asked.label_names,
        )
    except FormatError as error:
        return unreadable(table.name, error)
    chosen = cast("Streamed", FORMATS[shape.format])
    source = Source(table.path or Path(table.name), table.encoding or "utf-8", copies=asked.copies, keep_in=keep_in)
    source.keep, source.alone = asked.keep, asked.alone
    batches = (chosen.checked(batch, problems) for batch in shape.batches(table, problems))
    rows = gathered(chosen, batches, problems, source)
    problems.skipped += table.problems.skipped
    if not rows.num_rows and not problems.n_errors and not table.problems.n_errors:
        problems.add("error", "empty_file")
    stats: dict[str, object] = {"rows": rows.num_rows, "skipped": problems.skipped, "columns": dict(shape.columns)}
    stats["container"] = table.kind
    report = report_of(table.name, cast("Format", chosen), table.encoding, bom, problems, table.problems, **stats)
    options: dict[str, Any] = {"format": shape.format, "columns": dict(shape.columns) or None}
    options["encoding"] = table.encoding
    if shape.label_names:
        options["label_names"] = tuple(shape.label_names)
    return Examined(rows, report, options, source.seconds)


def _codec(path: Path, shown: Path, asked: str | None, problems: Problems) -> Encoding | None:
    """Returns the encoding to read a file in; None, and why, if it is no text file."""
    if (kind := binary_kind(path)) or (kind == "" and asked is None):
        problems.add("error", "binary_file", looks_like=kind or text("data.binary"))
    elif asked is not None:
        with path.open("rb") as file:
            start = file.read(4)
        marks = (Encoding(name, bom=True) for mark, name in MARKS if start.startswith(mark) and name.startswith(asked))
        return next(marks, Encoding({"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(asked, asked)))
    elif isinstance(found := find_encoding(path), Encoding):
        return found
    else:
        name, byte, raw, hint = shown.as_posix(), found.byte, found.raw, found.hint
        problems.add("error", "not_text", found.line, name=name, byte=byte, raw=raw, hint=hint)
    return None


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
    name, about = source.name, filled[0] if filled else ""
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


def report_of(
    name: str, chosen: Format | None, encoding: str | None, bom: bool, *parts: list[Problem], **stats: object
) -> Report:
    """Returns what was met in a file as its report, by line."""
    counts, n_errors = Counter[str](), 0
    for part in parts:
        counts.update(part.counts if isinstance(part, Problems) else Counter(p.kind for p in part))
        n_errors += part.n_errors if isinstance(part, Problems) else sum(p.severity == "error" for p in part)
    problems = sorted((p for part in parts for p in part), key=lambda p: p.line or 0)
    stats = {"n_errors": n_errors, "bom": bom} | stats
    return Report(name, chosen.name if chosen else None, encoding, tuple(problems), dict(counts), stats)
