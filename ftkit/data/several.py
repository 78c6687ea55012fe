"""Several files as one: their rows one after the other, each with the file that it comes from."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.examine import Examined
from ftkit.data.problems import Problem, Problems, Report

if TYPE_CHECKING:
    import pyarrow as pa


def joined(parts: Mapping[str, Examined], where: str, *, are_splits: bool = False) -> Examined:
    """Returns what was found in several files as if it were one; a file of another format is an error.

    Args:
        parts: What was found, by what to call it: of files their names, of splits theirs.
        where: What to call them together, such as their folder.
        are_splits: Whether each part is a split, which the rows then remember.
    """
    counts, seconds = Counter[str](), Counter[str]()
    first = next((part for part in parts.values() if part.table is not None and part.table.num_rows), None)
    problems, odd = list[Problem](), Problems()
    tables, files = list[Any](), list[str]()
    given: dict[str, tuple[int, int]] = {}
    n_rows = n_skipped = 0
    for name, part in parts.items():
        own = part.files or (part.path.name if are_splits and part.path else name,)
        problems += [_of(problem, own[0]) for problem in part.report.problems]
        counts.update(part.report.counts)
        seconds.update(part.seconds)
        n_skipped += int(str(part.report.stats.get("skipped", 0)))
        if first is None or part.table is None or not part.table.num_rows:
            continue
        if part.report.format != first.report.format or part.table.schema.types[:2] != first.table.schema.types[:2]:  # type: ignore[union-attr]
            values: dict[str, Any] = {"name": name, "format": part.report.format, "first": first.report.format}
            odd.add("error", "other_format", about=name, **values)
            n_skipped += part.table.num_rows
            continue
        tables.append(_with_files(part.table, len(files)))
        given[name] = (n_rows, n_rows + part.table.num_rows)
        n_rows += part.table.num_rows
        files += own
    counts.update(odd.counts)
    stats: dict[str, Any] = {"bom": any(part.report.stats.get("bom") for part in parts.values()), "files": len(files)}
    stats |= {"rows": n_rows, "skipped": n_skipped}
    for key in ("n_errors", "lines"):
        stats[key] = sum(int(str(part.report.stats.get(key, 0))) for part in parts.values())
    stats["n_errors"] += odd.n_errors
    encodings = {part.report.encoding for part in parts.values()}
    format, encoding = first.report.format if first else None, encodings.pop() if len(encodings) == 1 else None
    report = Report(where, format, encoding, (*odd, *problems), dict(counts), stats)
    table = _one_after_another(tables) if tables else None
    return Examined(table, report, {}, dict(seconds), tuple(files), given=given if are_splits else {})


def in_files(found: Examined, names: Sequence[str]) -> Examined:
    """Returns rows whose "line" is the number of a file, counted from 1, as the first lines of those files."""
    problems = tuple(
        problem if problem.line is None else dataclasses.replace(problem, line=None, file=names[problem.line - 1])
        for problem in found.report.problems
    )
    report = dataclasses.replace(found.report, problems=problems)
    table = found.table
    if table is not None:
        import pyarrow as pa

        numbers = table.column("line").to_numpy() - 1
        at = table.schema.get_field_index("line")
        table = table.set_column(at, "line", pa.array(np.ones(len(numbers), np.int32)))
        table = table.append_column("file", pa.array(numbers.astype(np.int32)))
    return dataclasses.replace(found, table=table, report=report, files=tuple(names), options={})


def _with_files(table: pa.Table, first: int) -> pa.Table:
    """Returns a table whose rows say which file they are of, the first of its files being number `first`."""
    import pyarrow as pa

    at = table.schema.get_field_index("file")
    if at >= 0:
        chunks = [pa.array(chunk.to_numpy() + np.int32(first)) for chunk in table.column("file").chunks]
        return table.set_column(at, "file", pa.chunked_array(chunks, pa.int32()))
    chunks = [pa.array(np.full(len(chunk), first, np.int32)) for chunk in table.column("line").chunks]
    return table.append_column("file", pa.chunked_array(chunks, pa.int32()))


def _one_after_another(tables: list[Any]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(tables)


def _of(problem: Problem, name: str) -> Problem:
    return dataclasses.replace(problem, file=problem.file or name)
