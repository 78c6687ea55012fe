"""HTML of a Dataset and of a Report, for notebooks. All text from a file is escaped; nothing is loaded from a net."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ftkit.data.show import CHANGES, text_sides, turns_of
from ftkit.data.show_report import groups, one_call
from ftkit.i18n import text
from ftkit.i18n.formats import TEXTS as FORMAT_TEXTS
from ftkit.views.chart import ticks
from ftkit.views.compared import compared_html
from ftkit.views.drawing import BLUE
from ftkit.views.words import words, words_or

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset
    from ftkit.data.problems import Report
    from ftkit.data.show_report import Group

ROWS = 8  # of the data
EXAMPLES = 3  # of data whose targets are texts too
TURNS = 3  # of a conversation
LABELS = 12
CHARACTERS = 200  # of a text
_TOKENS = 40  # of a sentence

_MUTED = "color:var(--jp-ui-font-color2,#57606a)"
_CELL = "text-align:left;vertical-align:top;padding:3px 10px 3px 0"
_HEAD = f"{_CELL};font-weight:600;border-bottom:1px solid var(--jp-border-color1,#b4b9bf)"
_BOX = (
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px);line-height:1.5"
)
_PLAIN = 'class="mathjax_ignore tex2jax_ignore"'  # a price in dollars is not a formula
_MARKS = {"error": ("✗", "#b3261e"), "warning": ("!", "#8a6100"), "info": ("i", "#57606a")}


def dataset_html(dataset: Dataset) -> str:
    """Returns the table that a notebook shows for a Dataset: counts, histograms, first rows, problems."""
    count = words("data.sentences" if dataset.format == "tags" else "data.rows", rows=f"{len(dataset):,}")
    facts = [count, _task(dataset.task), dataset.format]
    if dataset.path is not None:
        facts.insert(0, dataset.path.name)
    parts = [f'<div style="font-weight:600">{_joined(facts)}</div>']
    if len(dataset) and (sides := text_sides(dataset)):
        charts = "".join(
            _lengths(dataset.lengths(side), words("data.characters"), what) for side, what in sides.items()
        )
        parts.append(f'<div style="display:flex;flex-wrap:wrap;gap:8px 40px;margin:8px 0">{charts}</div>')
        parts.append(_texts(dataset, list(sides.values())))
    elif len(dataset):
        unit = words("data.tokens") if dataset.format == "tags" else words("data.characters")
        charts = _labels(dataset.label_counts()) + _lengths(dataset.lengths(), unit)
        parts.append(f'<div style="display:flex;flex-wrap:wrap;gap:8px 40px;margin:8px 0">{charts}</div>')
        parts.append(_rows(dataset))
    changes = (dataset.report.stats.get(key) for key in CHANGES)
    parts += [compared_html(cast("Any", change)) for change in changes if change is not None]
    parts.append(_problems(dataset.report))
    return f'<div {_PLAIN} style="{_BOX}">{"".join(parts)}</div>'


def report_html(report: Report) -> str:
    """Returns the table that a notebook shows for a Report: errors first, each with line, reason and fix."""
    facts = [str(report.path), report.format or "", report.encoding or ""]
    if "rows" in report.stats:
        facts.append(words("data.rows", rows=f"{report.stats['rows']:,}"))
    head = f'<div style="font-weight:600">{_joined(facts)}</div>'
    return f'<div {_PLAIN} style="{_BOX}">{head}{_problems(report)}</div>'


def register() -> None:
    """Tells IPython how to show Datasets, Reports and the like in a notebook. Outside IPython nothing happens.

    By type name: no class is imported, and none knows of views.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "display_formatter", None) is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("ftkit.data.dataset", "Dataset", dataset_html)
    formatter.for_type_by_name("ftkit.data.problems", "Report", report_html)
    formatter.for_type_by_name("ftkit.tasks.inspection", "Inspection", _inspection_html)
    for module, name in (("compared", "Comparison"), ("clean", "Cleaned"), ("augment", "Augmented")):
        formatter.for_type_by_name(f"ftkit.data.{module}", name, compared_html)


def _inspection_html(inspection: Any) -> str:
    from ftkit.views.inspected import inspection_html  # that one loads the tokenizers' libraries

    return inspection_html(inspection)


def _task(name: str) -> str:
    key = f"formats.tasks.{name}"
    return text(key) if key in FORMAT_TEXTS else words_or(f"data.task.{name}", name)


def _joined(facts: Iterable[str]) -> str:
    return " · ".join(escape(fact) for fact in facts if fact)


def _labels(counts: dict[str, int]) -> str:
    """A bar for each label, the commonest first."""
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    shown = [(_cut(name, 24), count) for name, count in ranked[:LABELS]]
    if len(ranked) > LABELS:
        rest = ranked[LABELS:]
        shown.append((words("data.others", count=len(rest)), sum(count for _, count in rest)))
    return _bars(words("data.labels", count=len(ranked)), shown, share=True)


def _lengths(lengths: np.ndarray[Any, np.dtype[np.int64]], unit: str, what: str = "") -> str:
    """A bar for each range of lengths; the last one is open, so that one very long text does not flatten the others."""
    low, high = int(lengths.min()), int(np.percentile(lengths, 98))
    edges = sorted({int(tick) for tick in ticks(0, max(high, 2), 8)})
    edges = edges[max(bisect_right(edges, low) - 1, 0) :]
    counts = np.histogram(lengths, bins=[*edges, np.inf])[0]
    names = [f"{a}–{b - 1}" if b - 1 > a else f"{a}" for a, b in pairwise(edges)]
    names.append(f"{edges[-1]}+")
    title = words("data.lengths", unit=unit, median=f"{np.median(lengths):g}", longest=int(lengths.max()))
    if what:
        title = text("formats.show.side", what=what, title=title)
    return _bars(title, list(zip(names, counts.tolist(), strict=True)))


def _bars(title: str, entries: Sequence[tuple[str, int]], *, share: bool = False) -> str:
    top, total = max((count for _, count in entries), default=1) or 1, sum(count for _, count in entries) or 1
    rows = []
    for name, count in entries:
        width = max(1.0, 160 * count / top)
        bar = f'<div style="background:{BLUE};height:10px;border-radius:2px;width:{width:.0f}px"></div>'
        part = f' <span style="{_MUTED}">{count / total:.0%}</span>' if share else ""
        rows.append(
            f'<tr style="background:none"><td style="{_CELL};white-space:nowrap">{escape(name)}</td>'
            f'<td style="{_CELL};width:160px;vertical-align:middle">{bar}</td>'
            f'<td style="{_CELL};text-align:right;white-space:nowrap">{count:,}{part}</td></tr>'
        )
    table = f'<table style="border-collapse:collapse;margin:0">{"".join(rows)}</table>'
    return f'<div><div style="{_MUTED}">{escape(title)}</div>{table}</div>'


def _rows(dataset: Dataset) -> str:
    names = ["line", "text"] if dataset.format == "tags" else ["line", "target", "text"]
    heads = "".join(f'<th style="{_HEAD}">{words(f"data.{name}")}</th>' for name in names)
    body = []
    inside = f"{dataset.path.name}:" if dataset.path is not None else ""  # said above the table already
    for example in dataset[:ROWS]:
        cells = [f'<span style="{_MUTED}">{escape(example.source.removeprefix(inside))}</span>']
        if isinstance(example.text, str):
            cells += [escape(_cut(str(example.target), 40)), escape(_cut(example.text, CHARACTERS))]
        else:
            cells.append(_tagged(example.text, example.target))
        body.append(_row(*cells))
    more = len(dataset) - ROWS
    tail = f'<div style="{_MUTED}">{words("data.more_rows", count=f"{more:,}")}</div>' if more > 0 else ""
    return f'<table style="border-collapse:collapse;margin:0"><tr>{heads}</tr>{"".join(body)}</table>{tail}'


def _texts(dataset: Dataset, names: Sequence[str]) -> str:
    """The first examples whose targets are texts: each turn of a conversation on a line of its own."""
    heads = "".join(f'<th style="{_HEAD}">{escape(name)}</th>' for name in (words("data.line"), *names))
    body = []
    inside = f"{dataset.path.name}:" if dataset.path is not None else ""
    for example in dataset[:EXAMPLES]:
        turns, where = turns_of(example), escape(example.source.removeprefix(inside))
        for at in range(0, min(len(turns), len(names) * TURNS), len(names)):
            shown = (escape(_cut(turn, CHARACTERS)) for turn in turns[at : at + len(names)])
            body.append(_row(f'<span style="{_MUTED}">{"" if at else where}</span>', *shown))
        if len(turns) > len(names) * TURNS:
            body.append(_row("", "…"))
    more = len(dataset) - EXAMPLES
    tail = f'<div style="{_MUTED}">{words("data.more_rows", count=f"{more:,}")}</div>' if more > 0 else ""
    return f'<table style="border-collapse:collapse;margin:0"><tr>{heads}</tr>{"".join(body)}</table>{tail}'


def _tagged(tokens: Sequence[str], tags: Sequence[str] | str) -> str:
    """A sentence with the tag under each token that has one: lettered, so that colour is not needed to read it."""
    out = []
    for token, tag in list(zip(tokens, tags, strict=False))[:_TOKENS]:
        shown = escape(_cut(token, 40))
        if tag != "O":
            shown = (
                f'<span style="border-bottom:2px solid {BLUE}">{shown}</span>'
                f'<sub style="{_MUTED};font-size:9px">{escape(_cut(tag, 20))}</sub>'
            )
        out.append(shown)
    return " ".join(out) + (" …" if len(tokens) > _TOKENS else "")


def _problems(report: Report) -> str:
    found = groups(report)
    if not found:
        return f'<div style="{_MUTED};margin-top:6px">{words("data.no_problems")}</div>'
    total = sum(group.n for group in found)
    rows = "".join(map(_group, found))
    heads = "".join(f'<th style="{_HEAD}">{words(f"data.{name}")}</th>' for name in ("line", "problem", "fix"))
    return (
        f'<div style="margin-top:6px">{words("data.problems", count=f"{total:,}")}</div>'
        f'<table style="border-collapse:collapse;margin:0"><tr>{heads}</tr>{rows}</table>'
        f'<div style="margin-top:6px">{escape(one_call(report))}</div>'
    )


def _group(group: Group) -> str:
    """The rows of one kind of problem: its first lines in full, and where the others are."""
    mark, colour = _MARKS[group.severity]
    head = f'<span style="color:{colour};font-weight:600;white-space:nowrap">{mark} {{}}</span>'.format(
        words(f"data.{group.severity}")
    )
    rows = []
    for at, problem in enumerate(group.told):
        where = escape(problem.place) if problem.place != "-" else ""
        excerpt = ""
        if problem.excerpt and problem.excerpt not in problem.message:
            excerpt = f'<div style="{_MUTED};font-family:monospace">{escape(problem.excerpt)}</div>'
        fix = escape(problem.fix) if not (at and group.fix) else ""
        rows.append(_row(f"{head} {where}".strip() if not at else where, escape(problem.message) + excerpt, fix))
    if places := group.places():
        rows.append(_row("", f'<span style="{_MUTED}">{escape(places)}</span>', ""))
    return "".join(rows)


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _cut(value: str, limit: int) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"
