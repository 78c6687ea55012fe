"""Watched prompts: what the model wrote before training and what it writes now. Beside the chart, as a table, as text.

All of it comes from a data file or a model: it is escaped, and cut so that the panel keeps its height.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ftkit.training.events import Sampled
from ftkit.views.lines import plain, shortened, wrapped
from ftkit.views.palette import BLUE, FAINT, INK, RULE
from ftkit.views.samples import WatchedPrompt
from ftkit.views.table import History
from ftkit.views.words import words

PROMPTS = 4  # shown
CHARACTERS = 160  # of a text
STEPS = 8  # of a prompt, in the table of a run's samples
_LINE, _HEAD, _GAP = 15, 26, 9  # px
_LABEL = 108  # px

_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px)"
_CELL = "text-align:left;vertical-align:top;padding:3px 12px 3px 0;overflow-wrap:anywhere"
_HEAD_CELL = f"{_CELL};font-weight:600;border-bottom:1px solid var(--jp-border-color1,#b4b9bf)"
_MUTED = "color:var(--jp-ui-font-color2,#57606a)"
_PLAIN = 'class="mathjax_ignore tex2jax_ignore"'


@dataclass(frozen=True)
class _Shown:
    """One prompt: (label, text, colour, how many lines it has) for what was written, and what was expected."""

    prompt: str
    texts: list[tuple[str, str, str, int]]


def height_of(history: History) -> int:
    """Returns how many px the prompts need under the chart: the same from the start of a run to its end."""
    shown = _shown(history)
    lines = sum(1 + sum(room for *_, room in one.texts) for one in shown)
    return _HEAD + lines * _LINE + len(shown) * _GAP if shown else 0


def watched_svg(history: History, width: int, top: float) -> str:
    """Returns the watched prompts as SVG elements, from `top` down, `height_of` px high; empty if there are none."""
    shown = _shown(history)
    if not shown:
        return ""
    out = [
        f'<path d="M12 {top:g}H{width - 12}" stroke="{RULE}"/>'
        f'<text x="12" y="{top + 17:g}" font-weight="600">{escape(_title(history))}</text>'
    ]
    y = top + _HEAD
    for one in shown:
        (prompt,) = wrapped(one.prompt, width - 24, 1) or [""]
        y += _LINE
        out.append(f'<text x="12" y="{y - 4:g}" fill="{INK}" font-weight="600">{escape(prompt)}</text>')
        for label, said, colour, room in one.texts:
            out.append(f'<text x="12" y="{y + _LINE - 4:g}" fill="{FAINT}">{escape(label)}</text>')
            for line in wrapped(said, width - 24 - _LABEL, room):
                y += _LINE
                room -= 1
                out.append(f'<text x="{12 + _LABEL}" y="{y - 4:g}" fill="{colour}">{escape(line)}</text>')
            y += room * _LINE
        y += _GAP
    return "".join(out)


def watched_html(history: History) -> str:
    """Returns a table of the watched prompts that stays in a notebook without its kernel; empty if there are none."""
    seen = history.watched[:PROMPTS]
    if not seen:
        return ""
    expected = any(one.expected for one in seen)
    last = _kept(history, seen[0])
    heads = [words("watched.prompt"), _first_label(seen[0].first), _last_label(history, last)]
    heads += [words("watched.expected")] if expected else []
    rows = [
        [one.prompt, one.first.text, _kept(history, one).text, *([one.expected] if expected else [])] for one in seen
    ]
    return _table(_title(history), heads, rows)


def watched_lines(history: History) -> list[str]:
    """Returns the watched prompts as lines of plain text."""
    lines = [_title(history)] if history.watched else []
    for one in history.watched[:PROMPTS]:
        last = _kept(history, one)
        lines.append(f"> {_cut(one.prompt)}")
        lines.append(f"  {_first_label(one.first)}: {_cut(one.first.text)}")
        if last is not one.first:
            lines.append(f"  {_last_label(history, last)}: {_cut(last.text)}")
        if one.expected:
            lines.append(f"  {words('watched.expected')}: {_cut(one.expected)}")
    return lines


def samples_html(samples: Sequence[Sampled]) -> str:
    """Returns a table of how each prompt was continued as training went on: at most 8 steps of each, spread evenly."""
    by_prompt: dict[tuple[str, str], list[Sampled]] = {}
    for row in samples:
        by_prompt.setdefault((row.prompt, row.expected), []).append(row)
    parts = []
    for (prompt, expected), found in list(by_prompt.items())[: 2 * PROMPTS]:
        count = min(STEPS, len(found))
        chosen = [found[round(i * (len(found) - 1) / max(1, count - 1))] for i in range(count)]
        rows = [[str(row.step), row.text] for row in chosen]
        rows += [[words("watched.expected"), expected]] if expected else []
        parts.append(_table(f"> {_cut(prompt)}", [words("step"), words("watched.text")], rows))
    more = len(by_prompt) - len(parts)
    if more > 0:
        parts.append(f'<div style="{_FONT};{_MUTED}">{html.escape(words("watched.more", count=more))}</div>')
    return "".join(parts) or f'<div style="{_FONT};{_MUTED}">{html.escape(words("watched.none"))}</div>'


def _shown(history: History) -> list[_Shown]:
    with history.lock:
        seen, started = history.watched, history.started
    asked = started.settings.get("watch") if started else None
    prompts = [str(prompt) for prompt in asked] if isinstance(asked, list | tuple) else []
    waiting = prompts[len(seen) :]  # their room is kept from the start on, so that the page stays where it is
    count = len(seen) + len(waiting)
    expected = bool(waiting) or any(one.expected for one in seen)
    shown = []
    for one in seen[:PROMPTS]:
        last = _kept(history, one)
        said = [(_first_label(one.first), _written(one.first.text)), ("", "")]
        if last is not one.first:
            said[1] = (_last_label(history, last), _written(last.text))
        if one.expected:
            said.append((words("watched.expected"), _cut(one.expected)))
        shown.append(_one(_cut(one.prompt), said, expected, count))
    return [*shown, *(_one(_cut(prompt), [], expected, count) for prompt in waiting[: PROMPTS - len(shown)])]


def _one(prompt: str, said: list[tuple[str, str]], expected: bool, count: int) -> _Shown:
    rooms = [2, 2, 2] if count <= 2 else [1, 2, 1]
    texts = []
    for at, room in enumerate(rooms if expected else rooms[:2]):
        label, text = said[at] if at < len(said) else ("", "")
        texts.append((label, text, (FAINT, BLUE, INK)[at], room))
    return _Shown(prompt, texts)


def _kept(history: History, seen: WatchedPrompt) -> Sampled:
    """Returns what the weights that were kept write, once the run has ended; until then the latest."""
    ended = history.ended
    return seen.best if ended and seen.best and seen.best.step == ended.best_step else seen.latest


def _first_label(first: Sampled) -> str:
    return words("watched.before") if first.step == 0 else words("watched.at", step=first.step)


def _last_label(history: History, last: Sampled) -> str:
    ended = history.ended
    if ended is None:
        return words("watched.now", step=last.step)
    return words("watched.kept" if last.step == ended.best_step else "watched.at", step=last.step)


def _title(history: History) -> str:
    count = len(history.watched)
    more = f" ({PROMPTS}/{count})" if count > PROMPTS else ""
    return words("watched") + more


def _cut(value: str) -> str:
    return shortened(plain(value), CHARACTERS)


def _written(value: str) -> str:
    return _cut(value) or words("watched.nothing")


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    first = 12 if len(heads) == 2 else 20  # percent: a step's number needs less room than a prompt
    widths = [first, *[(100 - first) / (len(heads) - 1)] * (len(heads) - 1)]
    head = "".join(
        f'<th style="{_HEAD_CELL};width:{width:.0f}%">{html.escape(name)}</th>'
        for name, width in zip(heads, widths, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{html.escape(_written(cell))}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<div {_PLAIN} style="{_FONT};margin-top:6px"><div style="font-weight:600">{html.escape(title)}</div>'
        '<table style="border-collapse:collapse;margin:0;table-layout:fixed;width:100%;max-width:960px">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        "</div>"
    )
