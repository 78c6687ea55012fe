"""Writes a repaired copy of a file, and a diff of what was repaired; the file itself is never changed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from ftkit.data import privacy, repair
from ftkit.data.fix_tables import FIXABLE, TableWork
from ftkit.data.fixlines import mended_lines, printable, write_hunk
from ftkit.data.problems import Problem, Problems, Report, pad, sentences
from ftkit.data.repair import KINDS, Line, Plan
from ftkit.data.sniff import HEAD
from ftkit.data.tables.packed import SUFFIXES, packing
from ftkit.errors import DataError, SettingError, did_you_mean
from ftkit.i18n import text as say

LINES = (None, "fasttext")  # containers whose lines are mended as lines
BINARY = (".xlsx", ".xlsm", ".xls", ".parquet", ".arrow", ".feather")
UNREAD = (".csv", ".json", ".jsonl", ".ndjson")  # a report that has no container of such a file could not read it
LONGEST = 10_000  # lines of a sentence that are held at once: a file without blank lines must not fill the memory
SHOWN = 10  # rows that could not be repaired in the text that a terminal shows
# what a report may have found that a repaired copy has no more
REPAIRABLE = frozenset(KINDS) | {"no_tab", "extra_tab", "tag_columns", "empty_text", "empty_label", "label_space"}
REPAIRABLE |= {"empty_question", "empty_answer", "empty_title", "empty_content", "no_token", "no_tag", "token_space"}
REPAIRABLE |= {"private_data", "odd_cells", "no_tabs"}
REPAIRABLE |= {"ragged", "open_quote", "inner_quote", "bad_json", "json_bytes", "not_object"}


@dataclass(frozen=True, repr=False)
class Fixed:
    """What was repaired.

    Attributes:
        out: The repaired copy: UTF-8 without a byte order mark, lines end in a line feed.
        diff: What was changed, as a unified diff with the line numbers of the source.
        counts: How often each kind was repaired; ``masked_…`` how much was masked.
        left: What could not be repaired, by line of the source; at most 1,000 of each kind.
        left_counts: How often each kind could not be repaired, beyond the 1,000 too.
        dropped: How many lines are in the diff only.
        encoding: The encoding that the source was read in.
        format: The format that it was read in.
    """

    out: Path
    diff: Path
    counts: dict[str, int] = field(default_factory=dict)
    left: tuple[Problem, ...] = ()
    left_counts: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    encoding: str = "utf-8"
    format: str | None = None

    def __repr__(self) -> str:
        """Returns what was repaired and what was not, for the terminal."""
        lines = [say("checks.fixed", out=self.out.as_posix(), diff=self.diff.as_posix())]
        if self.dropped:
            lines[0] = sentences(lines[0], say(f"checks.dropped{'_one' * (self.dropped == 1)}", n=self.dropped))
        lines += [f"  {say(f'checks.did.{kind}')} x{n:,}" for kind, n in self.counts.items()]
        for problem in self.left[:SHOWN]:
            lines.append(f"{pad(str(problem.line or '-'), 8)}{sentences(problem.message, problem.fix)}")
        if (n := sum(self.left_counts.values())) > SHOWN:
            lines.append(say("data.report.more", more=n - SHOWN))
        return "\n".join(lines)


def fix(
    report: Report,
    out: str | os.PathLike[str] | None = None,
    *,
    mask: bool | str | Collection[str] = (),
    fixes: str | Collection[str] = "all",
    on_left: str = "drop",
    overwrite: bool = False,
) -> Fixed:
    """Writes a repaired copy of the file that a report is about, and beside it a diff.

    Repaired are damaged bytes and text encoded twice where the text is certain, byte order marks in mid-file, control
    characters, wrong separators, doubled tabs, spaces around cells, and rows that are there twice (the first stays;
    rows that differ in what is masked alone all stay).
    Rows that cannot be repaired go into the diff only, so nothing is lost.

    Of CSV, TSV with a header and JSON Lines only the columns that are read are repaired, and rows without a fault stay
    as they are written; odd quotes, and an empty cell too many or too few at the end, are put right. A JSON document
    is written as JSON Lines, one record a line: it can be read, and mended further, record by record.

    Args:
        report: What `ftkit.check` returned.
        out: The copy; None for ``<name>.fixed<suffix>`` beside the file; of a JSON document ``<name>.fixed.jsonl``.
        mask: Private data to mask: True for all, or kinds such as ``["phone", "id", "email", "card"]``.
        fixes: ``"all"``, or some of `ftkit.data.repair.KINDS`.
        on_left: ``"drop"`` to leave out rows that cannot be repaired, or ``"keep"``.
        overwrite: Whether a file of that name may be replaced; never the source.

    Raises:
        SettingError: If an argument cannot be, the copy would replace a file, or the source is no single file of
            text: a workbook, Parquet, packed, several files, or rows in memory.
        DataError: If the source is not there or no text, or the copy cannot be written.

    Example:
        >>> check("reviews.tsv").fix(mask=True)  # doctest: +SKIP
    """
    source = Path(report.path).expanduser()
    chosen, private = _chosen(fixes), privacy.chosen_kinds(mask)
    if on_left not in ("drop", "keep"):
        raise SettingError(
            say("checks.on_left", value=on_left, hint=did_you_mean(str(on_left), ("drop", "keep")) or "drop")
        )
    encoding = _readable(source, report)
    if out is not None and not Path(out).name:
        raise SettingError(say("checks.out_name", value=str(out), named=_beside(source, report).as_posix()))
    copy = Path(out).expanduser() if out is not None else _beside(source, report)
    if report.stats.get("container") == "json" and copy.suffix.lower() == ".json":
        raise SettingError(say("checks.json_lines", path=copy.as_posix(), named=copy.with_suffix(".jsonl").as_posix()))
    diff = copy.with_name(f"{copy.name}.diff")
    for path in (copy, diff):
        _may_write(path, source, overwrite)

    work: _Work | TableWork
    if report.stats.get("container") in FIXABLE:
        work = TableWork(report, source, chosen, private, on_left == "drop")
    else:
        columns = report.stats.get("columns")
        work = _Work(source, encoding, chosen, private, on_left == "drop")
        work.plan = repair.planned(report.format, columns if isinstance(columns, dict) else {}, list(work.head()))
    asides = [path.with_name(f".{path.name}.{os.getpid()}.part") for path in (copy, diff)]
    try:
        with ExitStack() as stack:
            files = [stack.enter_context(p.open("w", encoding="utf-8", newline="\n")) for p in asides]
            files[1].write(f"--- {_named(source)}\n+++ {_named(copy)}\n")
            work.write(files[0], files[1])
        for aside, path in zip(asides, (copy, diff), strict=True):
            aside.replace(path)
    except OSError as error:
        raise DataError(say("checks.cannot_write", path=copy.as_posix(), error=error)) from error
    finally:
        for aside in asides:
            aside.unlink(missing_ok=True)
    left = tuple(sorted(work.left, key=lambda problem: problem.line or 0))
    counts = {kind: n for kind, n in work.counts.items() if n}
    return Fixed(copy, diff, counts, left, dict(work.left.counts), work.dropped, encoding, report.format)


def fix_call(report: Report) -> str:
    """Returns the call that repairs what a report found, such as ``report.fix(out="a.fixed.tsv")``; empty if none."""
    source = Path(report.path)
    if not REPAIRABLE & set(report.counts) or report.encoding is None or _is_packed(source):
        return ""
    container = report.stats.get("container")
    if container not in (*LINES, *FIXABLE) or report.stats.get("files"):
        return ""
    masks = "private_data" in report.counts and not (container in FIXABLE and report.format == "tags")
    return f'report.fix(out="{_beside(source, report).as_posix()}"{", mask=True" if masks else ""})'


class _Work:
    """One pass over a file."""

    def __init__(self, source: Path, encoding: str, fixes: frozenset[str], private: frozenset[str], drop: bool) -> None:
        self.source, self.encoding, self.fixes, self.private, self.drop = source, encoding, fixes, private, drop
        self.plan = Plan(None)
        self.counts: Counter[str] = Counter()
        self.left = Problems()
        self.dropped = 0
        self._seen: set[int] = (
            set()
        )  # of each row 64 bits: some 70 bytes a row, where the rows would be many times that
        self._written = 0

    def head(self) -> Iterator[str]:
        """Yields the first lines with their characters repaired."""
        for line in islice(mended_lines(self.source, self.encoding, self.fixes, self.counts), HEAD):
            if line.text is not None and not line.left:
                yield line.text
        self.counts.clear()

    def write(self, out: IO[str], diff: IO[str]) -> None:
        """Writes the copy and the diff."""
        for rows in (
            self._sentences()
            if self.plan.format == "tags"
            else map(self._row, mended_lines(self.source, self.encoding, self.fixes, self.counts))
        ):
            for line in rows:
                self._note(line)
                new = [line.text] if line.text is not None else []
                if line.done or line.left:
                    self._write_hunk(diff, line, new)
                self._written += len(new)
                out.writelines(f"{text}\n" for text in new)

    def _write_hunk(self, diff: IO[str], line: Line, new: list[str]) -> None:
        old = line.old
        if self.private and self.plan.format == "tags" and "private_data" in line.done:
            old = ["[…]"]  # a number's digits would stand one below the other
        elif self.private:
            old = [privacy.masked(text, self.private) for text in old]
        if line.done == {"private_data"} and old == new:
            return  # the diff must not show what the copy hides
        what = ", ".join([*sorted(line.done), *filter(None, [line.left])])
        write_hunk(diff, line.number, old, new, what, self._written)

    def _note(self, line: Line) -> None:
        self.counts.update(line.done - {"private_data", "duplicate"})
        if line.left:
            about = privacy.masked(line.about)  # a message never shows what is private
            self.left.add("error", line.left, line.number, area="checks", about=about)
        self.dropped += line.text is None

    def _row(self, line: Line) -> list[Line]:
        """Returns a line as it shall be written, in any format but tags."""
        before = line.text or ""
        if not line.left:
            text = before
            for _ in range(repair.ROUNDS):
                mended = repair.cells_mended(text, self.plan, line.done, self.fixes)
                if mended == text:
                    break
                text = repair.characters_mended(mended, line.done, self.fixes)
            line.left, line.about = repair.left_in(text, self.plan), line.old[0]
            line.text = text
            if not line.left and self._is_copy(text):  # told before masking: two numbers are one mask
                self.counts["duplicate"] += 1
                line.done.add("duplicate")
                line.text = None
        if self.private and line.text and not (line.left and self.drop):
            line.text = repair.masked_cells(line.text, self.private, found := Counter[str]())
            self.counts.update({f"masked_{kind}": n for kind, n in found.items()})
            line.done |= {"private_data"} if found else set()
        if line.left and self.drop:
            line.text = None
        if line.text == "" and line.done and line.old[0].strip():
            line.text = None  # nothing of it was text
        return [line]

    def _is_copy(self, text: str) -> bool:
        plan = self.plan
        if plan.format in ("corpus", "tags", None) or "duplicate" not in self.fixes or not text.strip():
            return False
        cells = text.split("\t")
        key = [cells[at] for at in plan.columns if at < len(cells)] or cells
        return self._is_seen("\t".join(key)) if plan.width or plan.in_turns else False

    def _is_seen(self, key: str) -> bool:
        hashed = hash(key)
        if hashed in self._seen:
            return True
        self._seen.add(hashed)
        return False

    def _sentences(self) -> Iterator[list[Line]]:
        """Yields the lines of a sentence and the blank one after it, as they shall be written."""
        sentence = list[Line]()
        for line in mended_lines(self.source, self.encoding, self.fixes, self.counts):
            text = line.text or ""
            blank = not text.strip() and not line.left
            if blank and line.done and line.old[0].strip():
                line.text = None  # nothing of it was text: no end of a sentence either
                blank = False
            elif blank and text and "spaces" in self.fixes:
                line.text = ""
                line.done.add("spaces")
            sentence.append(line)
            if blank or len(sentence) >= LONGEST:
                yield self._sentence(sentence)
                sentence = []
        yield self._sentence(sentence)

    def _sentence(self, lines: list[Line]) -> list[Line]:
        rows = [line for line in lines if line.text]
        for line in rows:
            if not line.left:
                text = line.text or ""
                for _ in range(repair.ROUNDS):
                    mended = repair.tags_mended(text, self.plan, line.done, self.fixes)
                    if mended == text:
                        break
                    text = repair.characters_mended(mended, line.done, self.fixes)
                line.text = text
                line.left, line.about = repair.left_in(text, self.plan), line.old[0]
        plain, found = [(line, str(line.text)) for line in rows], Counter[str]()
        if self.private:  # also what is left out below: the diff must not show it either
            repair.tokens_masked(rows, self.plan, self.private, found)
        wrong = [line for line in rows if line.left]
        if wrong and self.drop:
            alone = all(line.left == "left_empty" and line.text and line.text.split()[-1:] == ["O"] for line in wrong)
            for line in wrong if alone else rows:  # a token that is no more leaves its sentence whole if it was no name
                line.text = None
                line.left = line.left or "left_sentence"
                line.about = line.old[0]
        tokens = [text for line, text in plain if not line.left and not repair.is_comment(text)]
        whole = self.plan.width and len(lines) < LONGEST and not any(line.left for line in rows if line.text)
        if tokens and whole and "duplicate" in self.fixes and self._is_seen("\n".join(tokens)):
            self.counts["duplicate"] += 1
            for line in rows:
                line.text = None
                line.done.add("duplicate")
        if any(line.text for line in rows):
            self.counts.update({f"masked_{kind}": n for kind, n in found.items()})
        return lines


def _named(path: Path) -> str:
    return printable(path.name).replace("\t", " ")


def _chosen(fixes: str | Collection[str]) -> frozenset[str]:
    if fixes == "all":
        return frozenset(KINDS)
    for name in [fixes] if isinstance(fixes, str) else fixes:
        if name not in KINDS:
            hint = did_you_mean(str(name), ("all", *KINDS)) or "all"
            raise SettingError(say("checks.unknown_fix", value=name, known=", ".join(map(repr, KINDS)), hint=hint))
    return frozenset([fixes] if isinstance(fixes, str) else fixes)


def _beside(source: Path, report: Report) -> Path:
    """Returns the copy's name, if none is given."""
    suffix = ".jsonl" if report.stats.get("container") == "json" else source.suffix
    return source.with_name(f"{source.stem}.fixed{suffix}")


def _is_packed(source: Path) -> bool:
    return source.suffix.lower() in (*SUFFIXES, ".7z") or (source.is_file() and packing(source) is not None)


def _readable(source: Path, report: Report) -> str:
    """Returns the encoding of a file that can be mended.

    Raises:
        SettingError: If it is one that cannot be.
        DataError: If it is not there, or no text.
    """
    path, container = source.as_posix(), report.stats.get("container")
    if container == "memory":
        raise SettingError(say("checks.in_memory", path=path))
    if container == "folder" or "files" in report.stats or source.is_dir():
        inside = sorted(file for file in source.glob("*") if file.is_file()) if source.is_dir() else []
        raise SettingError(say("checks.no_file", path=path, name=inside[0].as_posix() if inside else "a.csv"))
    if not source.is_file():
        raise DataError(say("checks.source_gone", path=report.path))
    if _is_packed(source):
        raise SettingError(say("checks.no_packed", path=path, name=source.stem))
    kind = container if container not in (*LINES, *FIXABLE) else source.suffix.lower() if not report.encoding else ""
    if kind in BINARY or (kind and container):
        raise SettingError(say("checks.no_table", path=path, kind=kind, name=f"{source.stem}.csv"))
    if report.encoding is None and source.suffix.lower() in UNREAD:
        raise SettingError(say("checks.table_unread", path=path))
    if report.encoding is None:
        raise DataError(say("checks.no_text", path=path))
    return report.encoding


def _may_write(path: Path, source: Path, overwrite: bool) -> None:
    """Checks that a file may be written.

    Raises:
        SettingError: If it is the source, under whatever name, or is there already.
        DataError: If its folder is not there.
    """
    same = str(path.resolve()).casefold() == str(source.resolve()).casefold()
    if same or (path.exists() and path.samefile(source)):
        raise SettingError(say("checks.out_is_source", path=path.as_posix()))
    if path.is_dir() or (path.exists() and not overwrite):
        raise SettingError(say("checks.out_exists", path=path.as_posix()))
    if not path.parent.is_dir():
        raise DataError(say("checks.no_folder", path=path.as_posix(), folder=path.parent.as_posix()))
