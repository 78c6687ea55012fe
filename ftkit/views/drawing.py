"""svg(): a run's chart as a small hand-written SVG, drawn in a millisecond, to be shown while it moves.

It carries its own white ground, since a notebook shows it as a picture that knows nothing of the page's theme.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from xml.sax.saxutils import escape

import numpy as np

from ftkit.i18n import language
from ftkit.views.chart import Chart, Line, chart, tick_labels, ticks
from ftkit.views.table import History
from ftkit.views.words import clock, number, words, words_or

WIDTH, HEIGHT = 760, 300
BLUE, ORANGE, INK, FAINT, RULE = "#0072b2", "#d55e00", "#24292f", "#57606a", "#e4e7eb"
STATE_COLOURS = {
    "running": BLUE,
    "starting": FAINT,
    "paused": "#8a6100",
    "completed": "#1a6e37",
    "stopped": "#8a6100",
    "interrupted": "#8a6100",
    "failed": "#b3261e",
}
FONTS = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans CJK SC','Noto Sans SC',"
    "'PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
)


def svg(history: History, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Returns the chart as SVG text: loss and metric side by side under a line of state, progress and time left."""
    shown = chart(history)
    gap, left = 16, 44
    panel = (width - gap) / 2
    top, bottom = 66.0, height - 26.0
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
            f' role="img" font-family="{FONTS}" font-size="11" fill="{INK}">'
            f"<title>{escape(headline(history))}</title>"
            f'<rect width="{width}" height="{height}" rx="4" fill="#fff"/>',
            _head(history, width),
            _panel(_loss_panel(shown), (left, top, panel - 8, bottom), shown.x_limit, shown.loss_limits, "a"),
            _panel(
                _metric_panel(shown), (panel + gap + left - 6, top, width - 12, bottom), shown.x_limit,
                shown.metric_limits, "b",
            ),
            "</svg>",
        ]
    )  # fmt: skip


# A panel's parts: title, legend entries (name, colour, dash), and what draws the inside given the two scales.
_Scale = Callable[[float], float]
_Part = tuple[str, list[tuple[str, str, str]], Callable[[_Scale, _Scale], str], str]


def _loss_panel(shown: Chart) -> _Part:
    def inside(x: _Scale, y: _Scale) -> str:
        parts = []
        if shown.train is not shown.raw:
            parts.append(_path(shown.raw, x, y, BLUE, 0.8, opacity=0.3))
        parts.append(_path(shown.train, x, y, BLUE, 1.8))
        parts.append(_path(shown.validation, x, y, ORANGE, 1.8, dash="6 3", dots=len(shown.validation) <= 40))
        if shown.best and np.isfinite(shown.best[1]):
            parts.append(_star(x(shown.best[0]), y(shown.best[1])))
        return "".join(parts)

    note = "" if len(shown.raw) or len(shown.validation) else words("no_steps")
    if shown.lost_from is not None:
        note = f"{words('no_loss')}: {words('step')} {shown.lost_from}"
    return words("loss"), [(words("train"), BLUE, ""), (words("validation"), ORANGE, "6 3")], inside, note


def _metric_panel(shown: Chart) -> _Part:
    legend = []
    if shown.metric_name is not None:
        legend.append((shown.metric_name, ORANGE, "6 3"))
    if shown.second_name is not None:
        legend.append((shown.second_name, FAINT, "1.5 3"))
    if shown.baseline is not None:
        legend.append((f"{words('baseline')} {number(shown.baseline, 2)}", INK, "1 4"))

    def inside(x: _Scale, y: _Scale) -> str:
        parts = []
        if shown.baseline is not None:
            level = y(shown.baseline)
            parts.append(
                f'<path d="M{x(0):.1f} {level:.1f}H{x(shown.x_limit):.1f}" stroke="{INK}" stroke-dasharray="1 4"'
                ' stroke-linecap="round"/>'
            )
        if shown.second is not None:
            parts.append(_path(shown.second, x, y, FAINT, 1.2, dash="1.5 3"))
        parts.append(_path(shown.metric, x, y, ORANGE, 1.8, dash="6 3", dots=len(shown.metric) <= 40))
        if shown.best and shown.best[2] is not None and np.isfinite(shown.best[2]):
            parts.append(_star(x(shown.best[0]), y(shown.best[2])))
        return "".join(parts)

    return words("metric"), legend, inside, "" if len(shown.metric) else words("no_evaluation")


def _panel(
    part: _Part, box: tuple[float, float, float, float], x_limit: float, limits: tuple[float, float], name: str
) -> str:
    title, legend, inside, note = part
    left, top, right, bottom = box
    low, high = limits

    def x(value: float) -> float:
        return left + (right - left) * value / x_limit

    def y(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    above = top - 10
    out = [f'<text x="{left}" y="{above}" font-weight="600">{escape(title)}</text>', _legend(legend, right, above)]
    y_ticks = ticks(low, high, 4)
    for value, label in zip(y_ticks, tick_labels(y_ticks), strict=True):
        out.append(
            f'<path d="M{left} {y(value):.1f}H{right:.1f}" stroke="{RULE}"/>'
            f'<text x="{left - 5}" y="{y(value) + 4:.1f}" text-anchor="end" fill="{FAINT}">{label}</text>'
        )
    x_ticks = [value for value in ticks(0, x_limit, 5) if value == int(value)]
    for value, label in zip(x_ticks, tick_labels(x_ticks), strict=True):
        out.append(f'<text x="{x(value):.1f}" y="{bottom + 15}" text-anchor="middle" fill="{FAINT}">{label}</text>')
    out.append(f'<path d="M{left} {bottom}H{right:.1f}" stroke="{FAINT}"/>')
    out.append(
        f'<clipPath id="{name}"><rect x="{left}" y="{top - 4}" width="{right - left + 4:.1f}"'
        f' height="{bottom - top + 6}"/></clipPath><g clip-path="url(#{name})" fill="none">{inside(x, y)}</g>'
    )
    if note:
        middle, height = (left + right) / 2, (top + bottom) / 2
        out.append(f'<text x="{middle:.0f}" y="{height:.0f}" text-anchor="middle" fill="{FAINT}">{escape(note)}</text>')
    return "".join(out)


def _head(history: History, width: int) -> str:
    colour = STATE_COLOURS.get(history.state, INK)
    shown = headline(history)
    about = _about(history)
    total, step = history.total_steps, history.step
    share = min(1.0, step / total) if total else 0.0
    phase = history.phase
    if phase is not None and phase.phase != "evaluate" and phase.total > 0 and history.started is None:
        share = min(1.0, phase.done / phase.total)
    return (
        f'<text x="12" y="19" font-size="12" font-weight="600" fill="{colour}">{escape(shown)}</text>'
        f'<text x="{width - 12}" y="19" text-anchor="end" fill="{FAINT}">{escape(about)}</text>'
        f'<rect x="12" y="28" width="{width - 24}" height="4" rx="2" fill="{RULE}"/>'
        f'<rect x="12" y="28" width="{(width - 24) * share:.1f}" height="4" rx="2" fill="{colour}"/>'
    )


def headline(history: History) -> str:
    """State, steps and time, for example ``RUNNING 142/300 · epoch 4.7/10 · 0:21 left``."""
    state = words(f"state.{history.state}")
    parts = [state.upper() if language() == "en" else state]
    if history.total_steps:
        parts[0] += f" {history.step}/{history.total_steps}"
        epochs = history.epochs_at
        planned = history.started.total_steps / max(1, history.started.steps_per_epoch) if history.started else 0
        if len(epochs):
            parts.append(f"{words('epoch')} {epochs[-1]:.1f}/{planned:g}" if planned >= 1 else "")
    if history.phase is not None and history.ended is None:
        phase = words_or(f"phase.{history.phase.phase}", history.phase.phase)
        parts.append(f"{phase} {history.phase.done}/{history.phase.total}" if history.phase.total > 1 else phase)
    if history.ended is not None:
        parts.append(words("took", time=clock(history.ended.elapsed_seconds)))
    elif history.remaining_seconds is not None:
        parts.append(words("eta", time=clock(history.remaining_seconds)))
    return " · ".join(part for part in parts if part)


def _about(history: History) -> str:
    started = history.started
    if started is None:
        return ""
    parts = [started.run]
    rate = started.settings.get("learning_rate")
    if isinstance(rate, float):
        parts.append(f"lr {rate:g}")
    parts += [started.device, f"seed {started.settings['seed']}" if "seed" in started.settings else ""]
    return _shortened(" · ".join(part for part in parts if part), 52)


def _legend(entries: list[tuple[str, str, str]], right: float, y: float) -> str:
    """Draws name and line sample of each entry, from the right edge leftwards in reading order."""
    out: list[str] = []
    x = right
    for name, colour, dash in reversed(entries):
        shown = _shortened(name, 22)
        x -= _text_width(shown)
        out.append(f'<text x="{x:.0f}" y="{y}" fill="{FAINT}">{escape(shown)}</text>')
        x -= 26
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        out.append(f'<path d="M{x:.0f} {y - 4}h20" stroke="{colour}" stroke-width="2"{dashes}/>')
        x -= 10
    return "".join(out)


def _path(
    line: Line,
    x: _Scale,
    y: _Scale,
    colour: str,
    width: float,
    *,
    dash: str = "",
    opacity: float = 1,
    dots: bool = False,
) -> str:
    runs: list[list[str]] = [[]]
    for at, value in zip(line.x.tolist(), line.y.tolist(), strict=True):
        if value != value:  # NaN: a gap
            runs.append([])
        else:
            runs[-1].append(f"{x(at):.1f} {y(value):.1f}")
    drawn = "".join(f"M{'L'.join(points)}" for points in runs if points)
    if not drawn:
        return ""
    # a lone point has no length: round ends make it a dot
    extra = (f' stroke-dasharray="{dash}"' if dash else "") + (f' opacity="{opacity}"' if opacity < 1 else "")
    out = f'<path d="{drawn}" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{extra}/>'
    few = sum(map(len, runs)) <= 3
    if dots or few:
        radius = 3 if few else 2
        marks = "".join(f"M{point}h0" for points in runs for point in points)
        out += f'<path d="{marks}" stroke="{colour}" stroke-width="{2 * radius}" stroke-linecap="round"/>'
    return out


def _star(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" stroke="{INK}" stroke-width="1.5"/>' + (
        f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle" fill="{INK}" font-size="10" stroke="#fff"'
        f' stroke-width="3" paint-order="stroke">{escape(words("best"))}</text>'
    )


def _shortened(value: str, limit: int) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"


def _text_width(value: str) -> float:
    """Returns about how wide text is at 11 px: a Chinese character is twice a Latin letter."""
    return sum(11.0 if unicodedata.east_asian_width(letter) in "WF" else 6.0 for letter in value)
