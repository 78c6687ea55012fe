"""HTML of rows before and after a preparation, with the changed parts marked. All text of the data is escaped."""

from __future__ import annotations

import difflib
import re
from html import escape
from typing import TYPE_CHECKING

from ftkit.data.augment import Augmented
from ftkit.data.clean import Cleaned
from ftkit.data.compared import SHOWN, first_difference
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.compared import Change, Comparison

CHARACTERS = 3 * SHOWN  # of a side
_BEFORE = 40  # of them before the first difference
_PART = re.compile(r"[A-Za-z0-9'’]+|\s+|.", re.S)  # what is marked as a whole: a Latin word, a run of spaces, a sign

_MUTED = "color:var(--jp-ui-font-color2,#57606a)"
_CELL = "text-align:left;vertical-align:top;padding:3px 10px 3px 0"
_HEAD = f"{_CELL};font-weight:600;border-bottom:1px solid var(--jp-border-color1,#b4b9bf)"
_BOX = (
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px);line-height:1.5"
)
_PLAIN = 'class="mathjax_ignore tex2jax_ignore"'
# orange struck through and blue underlined: told apart without colour too
_DEL = "background:rgba(217,119,6,.22);text-decoration:line-through"
_INS = "background:rgba(37,99,235,.18);text-decoration:underline"


def compared_html(compared: Comparison | Cleaned | Augmented) -> str:
    """Returns the table that a notebook shows for a `Comparison`, or for what cleaning or augmentation did."""
    comparison = compared.comparison() if isinstance(compared, (Cleaned, Augmented)) else compared
    title, *more = comparison.title.split("\n")
    parts = [f'<div style="font-weight:600">{escape(title)}</div>']
    parts += [f'<div style="{_MUTED}">{escape(line)}</div>' for line in more]
    if comparison.changes:
        names = ("clean.where", "clean.before", "clean.after")
        heads = "".join(f'<th scope="col" style="{_HEAD}">{escape(text(name))}</th>' for name in names)
        rows = "".join(map(_row, comparison.changes))
        parts.append(f'<table style="border-collapse:collapse;margin:6px 0"><tr>{heads}</tr>{rows}</table>')
    else:
        parts.append(f'<div style="{_MUTED}">{escape(text("clean.nothing_changed"))}</div>')
    parts += [
        f'<div><span style="color:#8a6100;font-weight:600">!</span> {escape(note)}</div>' for note in comparison.notes
    ]
    return f'<div {_PLAIN} style="{_BOX}">{"".join(parts)}</div>'


def _row(change: Change) -> str:
    where = f'<span style="{_MUTED};white-space:nowrap">{escape(change.source)}</span>'
    if change.after is None:
        before, after = _del(_cut(change.before, 0)), f'<span style="{_MUTED}">{escape(text("clean.left_out"))}</span>'
    else:
        before, after = marked(change.before, change.after)
    style = f"{_CELL};white-space:pre-wrap;overflow-wrap:anywhere"
    return f'<tr><td style="{_CELL}">{where}</td><td style="{style}">{before}</td><td style="{style}">{after}</td></tr>'


def marked(before: str, after: str) -> tuple[str, str]:
    """Returns both texts as HTML: in ``<del>`` what only the first has, in ``<ins>`` what only the second has.

    Long texts are shown from a little before the first difference.
    """
    start = max(0, first_difference(before, after) - _BEFORE)
    if max(len(before), len(after)) <= CHARACTERS:
        start = 0
    before, after = _cut(before, start), _cut(after, start)
    a, b = _PART.findall(before), _PART.findall(after)
    left, right = [], []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        old, new = "".join(a[i:j]), "".join(b[k:m])
        left.append(escape(_visible(old)) if kind == "equal" else _del(old))
        right.append(escape(_visible(new)) if kind == "equal" else _ins(new))
    return "".join(left), "".join(right)


def _del(part: str) -> str:
    return f'<del style="{_DEL}">{escape(_visible(part, spaces=True))}</del>' if part else ""


def _ins(part: str) -> str:
    return f'<ins style="{_INS}">{escape(_visible(part, spaces=True))}</ins>' if part else ""


def _cut(value: str, start: int) -> str:
    end = start + CHARACTERS
    return ("…" if start else "") + value[start:end] + ("…" if len(value) > end else "")


def _visible(part: str, spaces: bool = False) -> str:
    """Control and invisible characters as their escapes, so that taking one out can be seen; a lone space as ␣."""
    if spaces and part.isspace():
        part = part.replace(" ", "␣")
    joiner = "\u200d"  # within an emoji
    return "".join(c if c.isprintable() or c in ("\n", joiner) else c.encode("unicode_escape").decode() for c in part)
