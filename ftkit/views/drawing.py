"""svg(): a run's chart as a small hand-written SVG, drawn in a millisecond, to be shown while it moves.

It carries its own white ground, since a notebook shows it as a picture that knows nothing of the page's theme.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

import numpy as np

from ftkit.i18n import language
from ftkit.views.axes import Axis
from ftkit.views.chart import Chart, Line, chart
from ftkit.views.lines import plain, shortened, text_width
from ftkit.views.palette import BLUE as BLUE  # the tables of data take it from here
from ftkit.views.palette import FAINT, FONTS, INK, ORANGE, RULE, STATE_COLOURS
from ftkit.views.table import History
from ftkit.views.watched import height_of, watched_svg
from ftkit.views.words import clock, number, share, words, words_or

# JupyterLab shrinks pictures to the cell but not SVG: this width fits beside the open side bar on a small screen.
WIDTH, HEIGHT = 660, 280


def svg(history: History, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Returns the chart as SVG text: loss and metric side by side under a line of state, progress and time left.

    Watched prompts stand below and add to `height`, by as much from the start of a run to its end.
    """
    shown = chart(history)
    gap, left = 16, 44
    panel = (width - gap) / 2
    top, bottom = 66.0, height - 38.0
    below, height = height, height + height_of(history)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
            f' role="img" font-family="{FONTS}" font-size="11" fill="{INK}">'
            f"<title>{escape(headline(history))}</title>"
            f'<rect width="{width}" height="{height}" rx="4" fill="#fff"/>',
            _head(history, width),
            _panel(_loss_panel(shown), (left, top, panel - 8, bottom), shown.x_limit, shown.loss_axis, "a"),
            _panel(
                _metric_panel(shown), (panel + gap + left - 6, top, width - 12, bottom), shown.x_limit,
                shown.metric_axis, "b",
            ),
            watched_svg(history, width, below),
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
            parts.append(_star(x(shown.best[0]), y(shown.best[1]), y(shown.loss_axis.high)))
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
        legend.append((f"{words(f'baseline.{shown.baseline_kind}')} {number(shown.baseline, 2)}", INK, "1 4"))

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
            parts.append(_star(x(shown.best[0]), y(shown.best[2]), y(shown.metric_axis.high)))
        return "".join(parts)

    title = "" if legend else words("metric")  # the legend names the metrics, and needs the room
    return title, legend, inside, "" if len(shown.metric) else words("no_evaluation")


def _panel(part: _Part, box: tuple[float, float, float, float], x_limit: float, axis: Axis, name: str) -> str:
    title, legend, inside, note = part
    left, top, right, bottom = box

    def x(value: float) -> float:
        return left + (right - left) * value / x_limit

    def y(value: float) -> float:
        return bottom - (bottom - top) * axis.share(value)

    above = top - 10
    out = [f'<text x="{left}" y="{above}" font-weight="600">{escape(title)}</text>']
    out.append(_legend(legend, right, above, right - left - text_width(title)))
    for value, label in axis.labelled():
        out.append(
            f'<path d="M{left} {y(value):.1f}H{right:.1f}" stroke="{RULE}"/>'
            f'<text x="{left - 5}" y="{y(value) + 4:.1f}" text-anchor="end" fill="{FAINT}">{label}</text>'
        )
    for value, label in Axis(0, x_limit).labelled():
        if value != int(value):
            continue
        out.append(f'<text x="{x(value):.1f}" y="{bottom + 15}" text-anchor="middle" fill="{FAINT}">{label}</text>')
    middle = (left + right) / 2
    out.append(f'<text x="{middle:.0f}" y="{bottom + 30}" text-anchor="middle" fill="{FAINT}">{words("step")}</text>')
    out.append(f'<path d="M{left} {bottom}H{right:.1f}" stroke="{FAINT}"/>')
    out.append(
        f'<clipPath id="{name}"><rect x="{left - 6}" y="{top - 4}" width="{right - left + 10:.1f}"'
        f' height="{bottom - top + 6}"/></clipPath><g clip-path="url(#{name})" fill="none">{inside(x, y)}</g>'
    )
    if note:
        height = (top + bottom) / 2
        out.append(f'<text x="{middle:.0f}" y="{height:.0f}" text-anchor="middle" fill="{FAINT}">{escape(note)}</text>')
    return "".join(out)


def _head(history: History, width: int) -> str:
    colour = STATE_COLOURS.get(history.state, INK)
    shown = headline(history)
    total, step = history.total_steps, _step(history)
    done = min(1.0, step / total) if total else 0.0
    phase = history.phase
    if phase is not None and phase.phase != "evaluate" and phase.total > 0 and history.started is None:
        done = min(1.0, phase.done / phase.total)
    return (
        f'<text x="12" y="19" font-size="12" font-weight="600" fill="{colour}">{escape(shown)}</text>'
        f'<text x="{width - 12}" y="19" text-anchor="end" fill="{FAINT}">{escape(about(history))}</text>'
        f'<rect x="12" y="28" width="{width - 24}" height="4" rx="2" fill="{RULE}"/>'
        f'<rect x="12" y="28" width="{(width - 24) * done:.1f}" height="4" rx="2" fill="{colour}"/>'
    )


def headline(history: History, lang: str | None = None) -> str:
    """Returns state, steps and time, for example ``RUNNING 142/300 · epoch 4.7/10 · 0:21 left``."""
    state = words(f"state.{history.state}", lang)
    parts = [state if (lang or language()) == "zh" else state.upper()]
    if history.total_steps:
        parts[0] += f" {_step(history)}/{history.total_steps}"
        epochs = history.epochs_at
        planned = history.started.total_steps / max(1, history.started.steps_per_epoch) if history.started else 0
        if len(epochs):
            parts.append(f"{words('epoch', lang)} {epochs[-1]:.1f}/{planned:g}" if planned >= 1 else "")
    if history.phase is not None and history.ended is None:
        phase = words_or(f"phase.{history.phase.phase}", history.phase.phase, lang)
        parts.append(f"{phase} {history.phase.done}/{history.phase.total}" if history.phase.total > 1 else phase)
    if history.ended is not None:
        parts.append(words("took", lang, time=clock(history.ended.elapsed_seconds)))
    elif history.remaining_seconds is not None:
        parts.append(words("eta", lang, time=clock(history.remaining_seconds)))
    return " · ".join(part for part in parts if part)


def _step(history: History) -> int:
    return history.ended.step if history.ended else history.step


def about(history: History) -> str:
    """Returns which run this is: id, trained share if not all, learning rate, device and seed."""
    started = history.started
    if started is None:
        return ""
    parts = [started.run]
    if 0 < started.n_trainable < started.n_parameters:
        name = {"lora": "LoRA ", "head": "head "}.get(str(started.settings.get("method")), "")
        parts.append(name + share(started.n_trainable / started.n_parameters))
    rate = started.settings.get("learning_rate")
    if isinstance(rate, float):
        parts.append(f"lr {rate:g}")
    parts += [started.device, f"seed {started.settings['seed']}" if "seed" in started.settings else ""]
    return shortened(plain(" · ".join(part for part in parts if part)), 48)


def _legend(entries: list[tuple[str, str, str]], right: float, y: float, room: float) -> str:
    """Draws name and line sample of each entry, from the right edge leftwards in reading order.

    What would not fit in `room` px stands in two lines.
    """
    shown = [(shortened(plain(name), 22), colour, dash) for name, colour, dash in entries]
    if sum(text_width(name) + 36 for name, *_ in shown) > room:
        if len(shown) == 1:
            return _legend_line(shown, right, y)
        first = shown[:-1]
        each = int((room / len(first) - 36) / text_width("n"))
        first = [(shortened(name, max(8, each)), colour, dash) for name, colour, dash in first]
        return _legend_line(first, right, y - 13) + _legend_line(shown[-1:], right, y)
    return _legend_line(shown, right, y)


def _legend_line(entries: list[tuple[str, str, str]], right: float, y: float) -> str:
    out: list[str] = []
    x = right
    for name, colour, dash in reversed(entries):
        x -= text_width(name)
        out.append(f'<text x="{x:.0f}" y="{y}" fill="{FAINT}">{escape(name)}</text>')
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
    # Whole tenths of a pixel, each relative to the one before: 6 bytes a point instead of 12.
    drawn: list[str] = []
    marks: list[str] = []
    before: tuple[int, int] | None = None
    for at, value in zip(line.x.tolist(), line.y.tolist(), strict=True):
        if value != value:  # NaN: a gap
            before = None
            continue
        here = round(10 * x(at)), round(10 * y(value))
        drawn.append(f"M{here[0]} {here[1]}l0 0" if before is None else _move(here[0] - before[0], here[1] - before[1]))
        marks.append(f"M{here[0]} {here[1]}h0")
        before = here
    if not drawn:
        return ""
    extra = f' stroke-dasharray="{" ".join(f"{float(n) * 10:g}" for n in dash.split())}"' if dash else ""
    extra += f' opacity="{opacity}"' if opacity < 1 else ""
    colours = f'transform="scale(.1)" stroke="{colour}"'
    out = f'<path {colours} d="{"".join(drawn)}" stroke-width="{width * 10:g}" stroke-linejoin="round"{extra}/>'
    few = len(marks) <= 3  # a line of one point would not be seen
    if dots or few:
        size = 60 if few else 40
        out += f'<path {colours} d="{"".join(marks)}" stroke-width="{size}" stroke-linecap="round"/>'
    return out


def _move(dx: int, dy: int) -> str:
    return f" {dx}{dy}" if dy < 0 else f" {dx} {dy}"


def _star(x: float, y: float, top: float) -> str:
    said = y - 9 if y - top > 14 else y + 18  # what stands above the panel is cut off
    anchor = "start" if x < 70 else "middle"
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" stroke="{INK}" stroke-width="1.5"/>' + (
        f'<text x="{x:.1f}" y="{said:.1f}" text-anchor="{anchor}" fill="{INK}" font-size="10" stroke="#fff"'
        f' stroke-width="3" paint-order="stroke">{escape(words("best"))}</text>'
    )
