"""What a terminal shows of a Report: each kind of problem once, with how to mend it, and the first lines it is on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ftkit.data.problems import pad, sentences
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.problems import Problem, Report, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
TOLD = 3  # problems of a kind that are told in full
PLACES = 8  # more of them of which the line is named


@dataclass(frozen=True)
class Group:
    """All problems of one kind.

    Attributes:
        severity: The worst of theirs.
        kind: Theirs.
        n: How many there are, kept in the report or not.
        problems: Those that are kept, by line.
        fix: What to do, if one thing is to be done about all; else empty, and each says its own.
    """

    severity: Severity
    kind: str
    n: int
    problems: tuple[Problem, ...]
    fix: str

    @property
    def told(self) -> tuple[Problem, ...]:
        """Those that are told in full."""
        return self.problems[:TOLD]

    def places(self) -> str:
        """Returns where the next ones are, and how many more there are; empty if there is none."""
        if self.n <= len(self.told):
            return ""
        named = [problem.place for problem in self.problems[TOLD : TOLD + PLACES] if problem.place != "-"]
        more = self.n - len(self.told) - len(named)
        key = "places_more" if more and named else "places" if named else "more"
        return text(f"data.report.{key}", places=", ".join(named), more=more)


def groups(report: Report) -> list[Group]:
    """Returns the problems by kind: the worst kinds first, of those alike the one that is met first."""
    by_kind: dict[str, list[Problem]] = {}
    for problem in report.problems:
        by_kind.setdefault(problem.kind, []).append(problem)
    found = []
    for kind, problems in by_kind.items():
        severity = min((problem.severity for problem in problems), key=SEVERITIES.index)
        fixes = _distinct(problem.fix for problem in problems[:TOLD])
        n = max(report.counts.get(kind, 0), len(problems))
        found.append(Group(severity, kind, n, tuple(problems), fixes[0] if len(fixes) == 1 else ""))
    return sorted(found, key=lambda group: (SEVERITIES.index(group.severity), group.problems[0].line or 0))


def shown(report: Report) -> str:
    """Returns a report as lines of text: what was read, then each kind of problem."""
    found = groups(report)
    totals = [
        text(f"data.report.n_{severity}", n=n)
        for severity in SEVERITIES
        if (n := sum(group.n for group in found if group.severity == severity))
    ]
    rows = text("data.report.rows", rows=report.stats["rows"]) if "rows" in report.stats else ""
    summary = ", ".join(totals) or text("data.report.none")
    lines = [" | ".join(part for part in (report.path, report.format, report.encoding, rows, summary) if part)]
    for group in found:
        severity = pad(text(f"data.severity.{group.severity}"), 8)
        times = f" x{group.n:,}" if group.n > 1 else ""
        lines.append(f"{severity} {group.kind}{times}" + (f": {group.fix}" if group.fix else ""))
        for problem in group.told:
            said = problem.message if group.fix else sentences(problem.message, problem.fix)
            lines.append(f"{problem.place:>8}  {said}" if problem.place != "-" else f"          {said}")
        if places := group.places():
            lines.append(f"          {places}")
    if call := one_call(report):
        lines.append(call)
    return "\n".join(lines)


def one_call(report: Report) -> str:
    """Returns a line with the call that mends what can be mended; empty if nothing can."""
    from ftkit.data.fix import fix_call

    call = fix_call(report) if not report.stats.get("files") else ""
    return text("data.report.fix", call=call) if call else ""


def _distinct(fixes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(fixes))
