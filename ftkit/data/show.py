"""What a terminal shows of a Dataset. Every sign that is not the user's own is ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.problems import cells, excerpt, pad
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset, Example

BAR = 24  # characters of a histogram's longest bar
LISTED = 12  # labels in a histogram
EXAMPLES = 3
CHANGES = ("cleaned", "augmented")  # what was done to the rows, in `Report.stats`
TURNS = 4  # texts of a conversation


def shown(dataset: Dataset) -> str:
    """Returns what is in the rows: how many, problems, labels, lengths, and the first three."""
    if not len(dataset):
        return text("data.show.empty", name=dataset.name)
    n_problems = sum(dataset.report.counts.values()) or len(dataset.report.problems)
    problems = text("data.show.problems", n=n_problems) if n_problems else text("data.report.none")
    facts = {"name": dataset.name, "format": dataset.format, "rows": len(dataset)}
    if sides := text_sides(dataset):
        lines = [text("formats.show.head", **facts), problems, ""]
        for side, what in sides.items():
            lines.append(text("formats.show.characters", what=what, **_spread(dataset.lengths(side))))
        if dataset.format == "qa":
            turns = dataset.turns()
            if (n := int((turns > 1).sum())) > 0:
                lines.append(text("formats.show.turns", n=n, most=int(turns.max())))
    elif not (counts := dataset.label_counts()):
        lines = [
            text("formats.show.head", **facts),
            problems,
            "",
            text("data.show.characters", **_spread(dataset.lengths())),
        ]
    else:
        lines = [
            text("data.show.head", labels=len(counts), **facts),
            problems,
            "",
            *_bars(counts),
            "",
        ]
        unit = "tokens" if isinstance(dataset[0].text, tuple) else "characters"
        lines.append(text(f"data.show.{unit}", **_spread(dataset.lengths())))
    examples = dataset[:EXAMPLES]
    changes = (dataset.report.stats.get(key) for key in CHANGES)
    done = [repr(change) for change in changes if change is not None]
    lines = [*lines, *(["", *done] if done else [])]
    return "\n".join([*lines, "", *(f"{row.source}  {_example(row, dataset.format)}" for row in examples)])


def text_sides(dataset: Dataset) -> dict[Any, str]:
    """Returns what the sides are called that are free text, by ``"text"`` and ``"target"``; none if one is labels."""
    names = {"corpus": ("text",), "title": ("title", "content"), "qa": ("question", "answer")}
    called = (text(f"formats.names.{name}") for name in names.get(dataset.format, ()))
    return dict(zip(("text", "target"), called, strict=False))


def turns_of(example: Example) -> list[str]:
    """Returns an example's texts in the order in which they are said: text, target, text, target and so on."""
    if isinstance(example.text, str):
        return [part for part in (example.text, str(example.target)) if part]
    return [part for turn in zip(example.text, example.target, strict=True) for part in turn]


def _example(example: Example, format: str) -> str:
    if format in ("corpus", "title", "qa"):
        turns = turns_of(example)
        return " | ".join(map(excerpt, turns[:TURNS])) + (" | ..." if len(turns) > TURNS else "")
    if isinstance(example.text, tuple):
        pairs = zip(example.text[:8], example.target, strict=False)
        return " ".join(f"{excerpt(token, 20)}/{tag}" for token, tag in pairs)
    return f"{excerpt(str(example.target), 20)} | {excerpt(example.text)}"


def _spread(lengths: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, Any]:
    return {
        "low": lengths.min(),
        "median": round(float(np.median(lengths))),
        "p90": round(float(np.percentile(lengths, 90))),
        "high": lengths.max(),
    }


def _bars(counts: Mapping[str, int]) -> list[str]:
    entries = [(excerpt(str(label), 24), n) for label, n in list(counts.items())[:LISTED]]
    width, most = max(cells(label) for label, _ in entries), max(counts.values())
    lines = [f"  {pad(label, width)}  {'#' * max(1, round(BAR * n / most)):<{BAR}} {n:,}" for label, n in entries]
    if len(counts) > LISTED:
        lines.append("  " + text("data.show.more_labels", n=len(counts) - LISTED))
    return lines
