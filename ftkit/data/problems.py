"""What is wrong in a file, line by line, and how to put it right: `Problem` for one line, `Report` for the file."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ftkit.i18n import text

if TYPE_CHECKING:
    import numpy as np

    from ftkit.data.fix import Fixed

Severity = Literal["error", "warning", "info"]

KEPT_PER_KIND = 1_000  # a wholly wrong file of 10 million lines must not become 10 million objects
EXCERPT = 60  # characters


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file.

    Attributes:
        severity: ``"error"`` (the row cannot be used), ``"warning"`` (it can, but look) or ``"info"``.
        line: The physical line, counted from 1; None when the whole file is meant.
        kind: A short name for programs, such as ``"no_tab"``.
        message: What is wrong, with the value, and what was expected. Ready to be read.
        fix: What to do about it, as code where code can do it.
        excerpt: The raw text concerned, at most 60 characters, control characters shown escaped.
        file: Which of several files; empty where there is one.
    """

    severity: Severity
    line: int | None
    kind: str
    message: str
    fix: str
    excerpt: str = ""
    file: str = ""

    @property
    def place(self) -> str:
        """File and line as far as they are known, such as ``"b.tsv:41"``, ``"41"`` or ``"-"``."""
        return ":".join(part for part in (self.file, str(self.line or "")) if part) or "-"


class Problems(list[Problem]):
    """A list of problems that counts all it is given, and keeps the first 1,000 of each kind.

    Attributes:
        counts: How often each kind was met, kept or not.
        n_errors: How many errors were met, kept or not.
        skipped: How many rows were left out because of errors; the format that reads them counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.n_errors = 0
        self.skipped = 0

    def add(
        self,
        severity: Severity,
        kind: str,
        line: int | None = None,
        *,
        area: str = "data",
        about: str = "",
        **values: object,
    ) -> None:
        """Notes a problem whose texts are ``<area>.<kind>`` and ``<area>.<kind>.fix``.

        Args:
            severity: ``"error"``, ``"warning"`` or ``"info"``.
            kind: The problem's kind, and the name of its texts.
            line: The line concerned; None for the whole file.
            area: The module of ``i18n`` that has the texts.
            about: The raw text concerned; the texts have it as ``{excerpt}``.
            values: What the texts' other ``{fields}`` stand for.
        """
        self.counts[kind] += 1
        self.n_errors += severity == "error"
        if self.counts[kind] <= KEPT_PER_KIND:
            values["excerpt"] = shown = excerpt(about)
            message, fix = text(f"{area}.{kind}", **values), text(f"{area}.{kind}.fix", **values)
            self.append(Problem(severity, line, kind, message, fix, shown))

    def add_many(
        self,
        severity: Severity,
        kind: str,
        lines: np.ndarray[Any, Any],
        *,
        about: Callable[[int], str] = lambda position: "",
        area: str = "data",
        **values: object,
    ) -> None:
        """Notes one problem on many lines: what `add` would do for each, without making an object of those not kept.

        Args:
            severity: As in `add`.
            kind: As in `add`.
            lines: Line numbers, ascending. Shape (n,).
            about: Returns the raw text concerned, by position in `lines`.
            area: As in `add`.
            values: As in `add`; the same for all.
        """
        noted = min(len(lines), max(0, KEPT_PER_KIND - self.counts[kind]))
        for position in range(noted):
            self.add(severity, kind, int(lines[position]), area=area, about=about(position), **values)
        self.counts[kind] += len(lines) - noted
        self.n_errors += (severity == "error") * (len(lines) - noted)
        if not self.counts[kind]:
            del self.counts[kind]


@dataclass(frozen=True, repr=False)
class Report:
    """All that was found in one file.

    Attributes:
        path: The file, as it was named.
        format: The format that it was read in; None if none could be told.
        encoding: The encoding that it was read in; None if none could be told.
        problems: By line; those of the whole file first. At most 1,000 of each kind.
        counts: How many problems of each kind there are, beyond the 1,000 too.
        stats: Facts about the file: ``n_errors``, ``bom`` and, where rows could be read, ``rows``, ``skipped``,
            ``lines``, ``columns`` and (if the format was detected) ``certainty`` from 0 to 1.
    """

    path: str
    format: str | None
    encoding: str | None
    problems: tuple[Problem, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    stats: dict[str, object] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True if the file holds no error; warnings may be there."""
        return not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows from being used."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems of rows that are used all the same."""
        return tuple(p for p in self.problems if p.severity == "warning")

    def fix(
        self,
        out: str | os.PathLike[str] | None = None,
        *,
        mask: bool | str | Collection[str] = (),
        fixes: str | Collection[str] = "all",
        on_left: Literal["drop", "keep"] = "drop",
        overwrite: bool = False,
    ) -> Fixed:
        """Writes a repaired copy of the file, and beside it a diff; see `ftkit.data.fix.fix` for arguments and errors.

        The file itself is never changed.

        Example:
            >>> check("reviews.tsv").fix(out="reviews.fixed.tsv")  # doctest: +SKIP
        """
        from ftkit.data.fix import fix

        return fix(self, out, mask=mask, fixes=fixes, on_left=on_left, overwrite=overwrite)

    def __repr__(self) -> str:
        """Returns what a terminal shows: each kind of problem, errors first, and the first lines it is on."""
        from ftkit.data.show_report import shown

        return shown(self)


def sentences(*parts: str) -> str:
    """Returns sentences one after the other: with a space between, but not after a Chinese full stop.

    Example:
        >>> sentences("Wrong.", "Mend it.")
        'Wrong. Mend it.'
    """
    return "".join(part if part.endswith("。") else f"{part} " for part in parts if part).rstrip()


def excerpt(raw: str, limit: int = EXCERPT) -> str:
    r"""Returns at most `limit` characters of `raw`, with control characters shown escaped.

    Example:
        >>> print(excerpt("good\tvery good"))
        good\tvery good
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in raw[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def pad(shown: str, width: int) -> str:
    """Returns `shown` with spaces up to `width` terminal cells; a Chinese character takes two."""
    return shown + " " * (width - cells(shown))


def cells(shown: str) -> int:
    """Returns how many terminal cells `shown` takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)
