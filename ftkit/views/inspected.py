"""HTML of rows as a model reads them: a chip for each token, then a table. All text is escaped; no net is asked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ftkit.i18n import text
from ftkit.tasks.inspection import PARTS, part_name

if TYPE_CHECKING:
    from ftkit.tasks.inspection import Inspected, Inspection, Token

CHIPS = 400  # tokens of a row
LINES = 200  # of the table
CHARACTERS = 400  # of a text
# Colours of labels, see-through so that a dark page shines through, and the text keeps the page's own colour; the name
# stands under each chip too. Okabe and Ito's, which colour-blind people tell apart.
HUES = ("0,114,178", "213,94,0", "0,158,115", "204,121,167", "230,159,0", "86,180,233", "140,120,20", "120,120,120")

WRITTEN = ("language_modelling", "masked_language_modelling", "generation", "summarisation", "chat")
SIGNS = {"Ċ": "↵"}  # what byte-level vocabularies call a line's end

_MUTED = "color:var(--jp-ui-font-color2,#57606a)"
_BOX = (
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px);line-height:1.5"
)
_CHIP = "display:inline-block;vertical-align:top;margin:1px;padding:0 3px;border-radius:3px;white-space:pre-wrap"
_RULE = "var(--jp-border-color1,#b4b9bf)"
_CELL = "text-align:left;padding:1px 10px 1px 0;white-space:pre-wrap"
_PLAIN = 'class="mathjax_ignore tex2jax_ignore"'  # a price in dollars is not a formula
_COLUMNS = ("position", "token", "id", "characters", "part", "label", "loss")


def inspection_html(inspection: Inspection) -> str:
    """Returns what a notebook shows of rows as a model reads them."""
    head = text("inspection.head", task=inspection.task, model=inspection.model, length=inspection.max_length)
    notes = "".join(f'<div style="{_MUTED}">{escape(note)}</div>' for note in inspection.notes)
    colours = _colours(inspection)
    rows = "".join(_example(example, colours) for example in inspection.examples)
    return f'<div {_PLAIN} style="{_BOX}"><div style="font-weight:600">{escape(head)}</div>{notes}{rows}</div>'


def _colours(inspection: Inspection) -> dict[str, str]:
    """Returns a colour for each label, if there are few enough to tell apart; ``O``, outside of everything, has none.

    Where every token is a label of its own, as in writing, all have the same.
    """
    names = dict.fromkeys(token.label for row in inspection.examples for token in row.tokens if token.label)
    kinds = dict.fromkeys(name.partition("-")[2] or name for name in names if name != "O")
    if len(kinds) > len(HUES) or inspection.task in WRITTEN:
        return dict.fromkeys(names, HUES[0])
    hues = dict(zip(kinds, HUES, strict=False))
    return {name: hues[name.partition("-")[2] or name] for name in names if name != "O"}


def _example(example: Inspected, colours: dict[str, str]) -> str:
    target = f' <span style="{_MUTED}">→</span> <b>{escape(_cut(example.target))}</b>' if example.target else ""
    parts = "".join(
        f'<div><span style="{_MUTED}">{escape(part_name(name))}</span> {escape(_cut(body))}</div>'
        for name, body in list(example.parts.items())[:PARTS]
    )
    first = max(0, example.focus - CHIPS // 4)
    shown = example.tokens[first : first + CHIPS]
    chips = "".join(_chip(token, colours) for token in shown if token.side == "input")
    written = "".join(_chip(token, colours) for token in shown if token.side == "output")
    if written:
        chips += f'<div style="{_MUTED}">{text("inspection.output")}</div>{written}'
    return (
        f'<div style="border-top:1px solid {_RULE};margin-top:8px;padding-top:4px">'
        f'<div><span style="{_MUTED}">{escape(example.source)}</span>{target}</div>{parts}'
        f'<div style="margin:4px 0">{chips}{_more(len(example.tokens) - len(shown))}</div>'
        f'<div style="{_MUTED}">{escape(_counts(example.tokens))}</div>{_table(example)}</div>'
    )


def _chip(token: Token, colours: dict[str, str]) -> str:
    """A token: coloured by its label, struck through if it is cut off, with a line under it if the loss looks at it."""
    shown = token.text.strip() or ("␣" if token.text else SIGNS.get(token.token, token.token))
    where = "" if token.start is None else f" · {token.start}–{token.end}"
    style, label = _CHIP, ""
    if token.kind == "padding":
        style += f";{_MUTED};opacity:.6;border:1px dotted {_RULE}"
    elif token.kind == "cut":
        style += f";{_MUTED};text-decoration:line-through;border:1px dashed {_RULE}"
    elif token.kind == "special":
        style += f";{_MUTED};border:1px solid {_RULE}"
    if token.label in colours:
        style += f";background:rgba({colours[token.label]},.25)"
    if token.loss:
        style += f";border-bottom:2px solid rgba({colours.get(token.label, HUES[-1])},.9)"
    if token.loss and token.label not in (token.token, "O"):  # in writing a token is its own label
        label = f'<span style="{_MUTED};font-size:9px;display:block;line-height:1">{escape(token.label)}</span>'
    tip = escape(f"{token.token} · {token.id}{where}", quote=True)
    return f'<span style="{style}" title="{tip}">{escape(shown)}{label}</span>'


def _counts(tokens: Sequence[Token]) -> str:
    kept = sum(token.kind in ("token", "special") for token in tokens)
    said = [text("inspection.kept", n=kept)]
    for key, n in (
        ("learnt", sum(token.loss for token in tokens)),
        ("n_cut", sum(token.kind == "cut" for token in tokens)),
        ("n_padding", sum(token.kind == "padding" for token in tokens)),
    ):
        if n:
            said.append(text(f"inspection.{key}", n=n))
    return " · ".join(said)


def _table(example: Inspected) -> str:
    """Every token with its numbers, folded away."""
    heads = "".join(
        f'<th style="{_CELL};border-bottom:1px solid {_RULE}">{escape(text(f"inspection.{name}"))}</th>'
        for name in _COLUMNS
    )
    first = max(0, example.focus - LINES // 4)
    tokens = example.tokens[first : first + LINES]
    body = "".join(_line(token) for token in tokens)
    more = _more(len(example.tokens) - len(tokens))
    summary = escape(text("inspection.every_token"))
    return (
        f'<details><summary style="cursor:pointer;{_MUTED}">{summary}</summary>'
        f'<table style="border-collapse:collapse;margin:0"><tr>{heads}</tr>{body}</table>{more}</details>'
    )


def _line(token: Token) -> str:
    kind = text(f"inspection.{token.kind}") if token.kind != "token" else part_name(token.part)
    where = "" if token.start is None else f"{token.start}–{token.end}"
    at = "" if token.position is None else str(token.position)
    values = (at, token.token, str(token.id), where, kind, token.label, "•" if token.loss else "")
    muted = f' style="{_MUTED}"' if token.kind in ("cut", "padding") else ' style="background:none"'
    return f"<tr{muted}>" + "".join(f'<td style="{_CELL}">{escape(value)}</td>' for value in values) + "</tr>"


def _more(n: int) -> str:
    return f'<div style="{_MUTED}">{escape(text("inspection.more_html", n=n))}</div>' if n > 0 else ""


def _cut(value: str) -> str:
    return value if len(value) <= CHARACTERS else value[: CHARACTERS - 1] + "…"
