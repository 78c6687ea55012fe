"""Mends the records of a CSV, JSON Lines or JSON file: what a repaired copy of it holds, and its diff.

A record is judged as the check judges it, for the same code reads it: mended, it is read again, and what cannot be used
then, or was there before, is left out.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from ftkit.data import privacy
from ftkit.data.copies import MIX, hashes, sides
from ftkit.data.fixcells import cell_mended, columns_to_mend
from ftkit.data.fixlines import write_hunk
from ftkit.data.fixrows import Container, Delimited, Document, JsonLines, Row
from ftkit.data.formats import FORMATS
from ftkit.data.problems import KEPT_PER_KIND, Problem, Problems, Report
from ftkit.data.tables import Table, open_table, recognise
from ftkit.data.tables.values import as_text
from ftkit.errors import DataError, SettingError
from ftkit.i18n import text as say

if TYPE_CHECKING:
    from ftkit.data.formats.streamed import Streamed

FIXABLE = ("csv", "json", "jsonl")  # the containers whose records are written again
CHUNK = 512  # records that are judged together: each kind of fault then has fewer than are kept
SIZE = 1 << 22  # characters of them, about
LONGEST = 10_000  # records of a sentence or a conversation that are held at once
EMPTY = {"empty_text", "empty_label", "empty_question", "empty_answer", "empty_title", "empty_content", "no_tokens"}
EMPTY |= {"no_token", "row_token", "no_tag"}


class TableWork:
    """One pass over a file of records.

    Args:
        report: What `ftkit.check` found in it.
        source: The file.
        fixes: The kinds of what to repair.
        private: The kinds of private data to mask.
        drop: Whether rows that cannot be repaired are left out.

    Raises:
        SettingError: If something is to be masked in tags, whose tokens it may lie across.
        DataError: If the file is no longer what was checked.
    """

    def __init__(
        self, report: Report, source: Path, fixes: frozenset[str], private: frozenset[str], drop: bool
    ) -> None:
        if private and report.format == "tags":
            raise SettingError(say("checks.no_mask", path=report.path))
        self.encoding = report.encoding or "utf-8"
        table = open_table(source, encoding=self.encoding)
        if table is None or table.kind != report.stats.get("container"):
            raise DataError(say("checks.source_changed", path=report.path))
        columns = cast("dict[str, str | int]", report.stats.get("columns") or {})
        try:
            self.table, self.shape = table, recognise(table, format=report.format, columns=columns)
        except DataError as error:
            raise DataError(say("checks.source_changed", path=report.path)) from error
        self.format = cast("Streamed", FORMATS[self.shape.format])
        self.fixes, self.private, self.drop = fixes, private, drop
        self.mended = columns_to_mend(self.shape, table)
        needed = frozenset(name for part in self.shape.columns if (name := self.shape.column(table, part)))
        self.container: Container = (
            Delimited(table, self.encoding, fixes, needed)
            if table.kind == "csv"
            else JsonLines(source, self.encoding, fixes)
            if table.kind == "jsonl"
            else Document(table, self.encoding)
        )
        grouped = {"sentence", "role"} & set(self.shape.columns)
        number = "sentence" if "sentence" in self.shape.columns else "conversation"
        self.group = self.shape.column(table, number) if grouped else ""  # whose rows are of one sentence
        self.counts: Counter[str] = Counter()
        self.left = Problems()
        self.dropped = 0
        self._seen: set[int] = set()
        self._written = 0

    def write(self, out: IO[str], diff: IO[str]) -> None:
        """Writes the copy and the diff."""
        chunk, size, current, torn = list[Row](), 0, "", False
        for row in self.container.rows(self.counts):
            number = as_text(row.values.get(self.group)) if self.group and row.values is not None else ""
            begins = not self.group or bool(number and number != current)
            full = len(chunk) >= CHUNK or size >= SIZE
            if full and (begins or len(chunk) >= LONGEST):
                self._settle(chunk, out, diff, judged=begins and not torn)
                chunk, size, torn = [], 0, not begins  # what goes on is no whole sentence
            current = number or current
            chunk.append(row)
            size += len(row.text or "")
        self._settle(chunk, out, diff, judged=not torn)

    def _settle(self, chunk: list[Row], out: IO[str], diff: IO[str], *, judged: bool) -> None:
        rows = [row for row in chunk if row.values is not None and not row.left]
        for row in rows:
            self._mend(row)
        if judged and rows:
            self._judge(rows)
        for row in chunk:
            if row.left:
                self._leave(row)
            self.counts.update(row.done - {"private_data", "duplicate"})
            if row.text is None:
                self.dropped += 1
            elif row.found:
                self.counts.update({f"masked_{kind}": n for kind, n in row.found.items()})
            new = [] if row.text is None else row.text.split("\n")
            if row.done or row.left:
                old = self.container.masked(row, self.private) if self.private else row.old
                if row.done != {"private_data"} or row.left or old != new:  # it must not show what the copy hides
                    what = ", ".join([*sorted(row.done), *filter(None, [row.left])])
                    write_hunk(diff, row.number, old, new, what, self._written)
            self._written += len(new)
            out.writelines(f"{line}\n" for line in new)

    def _mend(self, row: Row) -> None:
        """Mends a record's cells; one too deep to walk stays as it is.

        Its text gets the masks, its values do not: rows are compared by these, and two numbers are one mask.
        """
        values, found, done = dict(row.values or {}), Counter[str](), set(row.done)
        plain, none = dict(values) if self.private else values, frozenset[str]()
        try:
            for name, part in self.mended.items():
                if name in values:
                    plain[name] = cell_mended(values[name], part, done, self.fixes, none, found)
                    if self.private:
                        values[name] = cell_mended(plain[name], part, done, none, self.private, found)
            if done:
                row.text = self.container.written(row, values)
        except RecursionError:
            return
        row.values, row.done, row.found = plain, done, found or None

    def _judge(self, rows: Sequence[Row]) -> None:
        """Marks the rows that cannot be used, and those that were there before."""
        usable, problems = self._read([row.values or {} for row in rows])
        wrong: dict[int, Problem] = {}
        for problem in problems:
            if problem.severity == "error":
                wrong.setdefault((problem.line or 1) - 1, problem)
        places = sorted(usable)
        starts = self._starts(rows)
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            at = bisect_right(places, end) - 1
            key = usable[places[at]] if at >= 0 and places[at] > start else None
            unit, faults = rows[start:end], {i: wrong[i] for i in range(start, end) if i in wrong}
            if key is not None:
                if self.shape.format != "corpus" and "duplicate" in self.fixes and key in self._seen:
                    self.counts["duplicate"] += 1
                    for row in unit:
                        row.done.add("duplicate")
                        row.text = None
                self._seen.add(key)
            elif faults or not self.group:
                for i, row in enumerate(unit, start):
                    fault = faults.get(i)
                    row.left = "left_sentence" if not fault else "left_empty" if fault.kind in EMPTY else fault.kind
                    if not faults:
                        row.left = "left_empty"

    def _starts(self, rows: Sequence[Row]) -> list[int]:
        """Returns where rows begin that belong together: each for itself, or those of one sentence."""
        if not self.group:
            return list(range(len(rows)))
        starts, current = list[int](), ""
        for i, row in enumerate(rows):
            number = as_text((row.values or {}).get(self.group))
            if not i or (number and number != current):
                starts.append(i)
            current = number or current
        return starts

    def _read(self, records: Sequence[dict[str, Any]]) -> tuple[dict[int, int], Problems]:
        """Returns of each record that can be used its place, from 1 on, and what tells it apart; and the problems."""
        problems, usable = Problems(), dict[int, int]()
        rows = list(enumerate(records, 1))
        table = Table(self.table.kind, self.table.name, self.table.names, lambda _: (row for row in rows))
        for batch in self.shape.batches(table, problems):
            good = self.format.checked(batch, problems)
            if good.num_rows:
                starts, ends = sides(good, self.shape.format)
                keys = hashes(starts) * MIX + (hashes(ends) if ends is not None else 0)
                usable.update(zip(good.column("line").to_pylist(), keys.tolist(), strict=True))
        return usable, problems

    def _leave(self, row: Row) -> None:
        """Notes a row that cannot be used; a message never shows what is private."""
        kind, every = row.left, frozenset(privacy.MASKS)
        if kind.startswith("left_"):
            about = "\n".join(self.container.masked(row, every)[:2]) if self.left.counts[kind] < KEPT_PER_KIND else ""
            self.left.add("error", kind, row.number, area="checks", about=about)
        else:
            self.left.counts[kind] += 1
            self.left.n_errors += 1
            if self.left.counts[kind] <= KEPT_PER_KIND:
                self.left.append(self._why(row))
        if self.drop:
            row.text = None
        elif self.private and row.values is None and row.text is not None:
            row.text = "\n".join(self.container.masked(row, self.private))

    def _why(self, row: Row) -> Problem:
        """Returns what the check says of a row once everything private in it is masked."""
        every, found = frozenset(privacy.MASKS), Counter[str]()
        hidden = {
            name: cell_mended(value, "text", set(), frozenset(), every, found)
            for name, value in (row.values or {}).items()
        }
        problem = next((p for p in self._read([hidden])[1] if p.severity == "error"), None)
        if problem is None:
            problem = Problem("error", None, row.left, say("checks.left_row"), say("checks.left_row.fix"))
        return dataclasses.replace(problem, line=row.number)
