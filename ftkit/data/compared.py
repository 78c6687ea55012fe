"""Rows before and after a preparation, beside each other. Every sign that is not the user's own is ASCII."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ftkit.data.problems import excerpt
from ftkit.data.show import turns_of
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset, Example

SHOWN = 100  # characters of a row
_BEFORE = 20  # of them before the first difference


@dataclass(frozen=True, slots=True)
class Change:
    """One row before and after.

    Attributes:
        source: File and line, such as ``"reviews.tsv:41"``.
        before: The row's texts as one.
        after: The same afterwards; None if the row was left out.
    """

    source: str
    before: str
    after: str | None


@dataclass(frozen=True, repr=False)
class Comparison:
    """What a preparation did, with some of the rows that it changed.

    Attributes:
        title: What was done, to how many rows.
        changes: The rows, in the order of the data.
        notes: What to know about it, such as a warning.
    """

    title: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Returns each row as it was (``-``) and as it is (``+``), from a little before the first difference."""
        lines = [self.title]
        for change in self.changes:
            before, after = _windows(change)
            lines += [change.source, f"  - {before}", f"  + {after}"]
        if not self.changes:
            lines.append(text("clean.nothing_changed"))
        return "\n".join([*lines, *self.notes])


def change_of(before: Example, after: Example | None, format: str) -> Change:
    """Returns two examples of this format as a `Change`."""
    return Change(before.source, row_text(before, format), None if after is None else row_text(after, format))


def row_text(example: Example, format: str) -> str:
    """Returns an example's texts as one: with ``/TAG`` behind the tokens that have one, ``|`` between two texts."""
    if format == "tags":
        pairs = zip(example.text, example.target, strict=True)
        return " ".join(token if tag == "O" else f"{token}/{tag}" for token, tag in pairs)
    if format in ("title", "qa"):
        return " | ".join(turns_of(example))
    return example.text if isinstance(example.text, str) else " ".join(example.text)


def changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    """Yields the rows that differ or are no longer there, if `after` has rows of `before` in the same order."""
    rest = iter(after)
    found = next(rest, None)
    for example in before:
        if found is None or found.source != example.source:
            yield change_of(example, None, before.format)
            continue
        if (found.text, found.target) != (example.text, example.target):
            yield change_of(example, found, before.format)
        found = next(rest, None)


def first_changes(before: Dataset, after: Dataset, n: int) -> tuple[Change, ...]:
    """Returns the first n of `changes`."""
    return tuple(islice(changes(before, after), n))


def _windows(change: Change) -> tuple[str, str]:
    before, after = change.before, change.after
    if after is None:
        return excerpt(before, SHOWN), text("clean.left_out")
    start = first_difference(before, after) - _BEFORE
    if start <= 0 or max(len(before), len(after)) <= SHOWN:
        return excerpt(before, SHOWN), excerpt(after, SHOWN)
    return tuple("..." + excerpt(side[start:], SHOWN - 3) for side in (before, after))  # type: ignore[return-value]


def first_difference(a: str, b: str) -> int:
    """Returns how many characters two texts have in common at their beginning."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
