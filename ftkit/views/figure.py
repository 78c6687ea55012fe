"""draw(): a run's chart as a matplotlib Figure; png(): the same as a picture. `summary` is its text.

Always `matplotlib.figure.Figure` on the Agg canvas: pyplot is process-wide, and training draws from its own thread.
"""

from __future__ import annotations

import base64
import io
import math
from functools import lru_cache
from typing import Any

import numpy as np

# live.py and run.plot() import this module only to draw
from matplotlib import font_manager, rc_context  # noqa: TID253
from matplotlib.axes import Axes  # noqa: TID253
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: TID253
from matplotlib.figure import Figure  # noqa: TID253
from matplotlib.legend import Legend  # noqa: TID253
from matplotlib.ticker import NullLocator  # noqa: TID253

from ftkit.i18n import language
from ftkit.views.axes import Axis
from ftkit.views.chart import Chart, chart
from ftkit.views.drawing import HEIGHT, WIDTH, about, headline
from ftkit.views.lines import plain, shortened
from ftkit.views.palette import BLUE, FAINT, INK, ORANGE, RULE, STATE_COLOURS
from ftkit.views.summary import summary
from ftkit.views.table import History
from ftkit.views.words import number, words

__all__ = ["draw", "png", "summary"]

# Fonts with simplified Chinese, the better ones first; only those that matplotlib has found are named to it.
_CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "Heiti SC", "Heiti TC", "STHeiti", "SimHei", "DengXian", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS", "SimSun", "Songti SC",
)  # fmt: skip


_LEGEND = 62  # characters in a line above a panel, with 7 for each entry's sample of its line


class RunFigure(Figure):
    """A Figure that a notebook shows as its picture, with the summary as alternative text.

    IPython shows plain Figures only once pyplot was imported, which ftkit never does. The text beside the picture is
    the plain Figure's: the same in every run, so that notebook tests can compare it.
    """

    said = ""

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        data, metadata = picture_bundle(_rendered(self), self.said)
        return {**data, "text/plain": str(self)}, metadata

    def __str__(self) -> str:
        return f"<Figure size {self.bbox.width:.0f}x{self.bbox.height:.0f} with {len(self.axes)} Axes>"

    __repr__ = __str__


def picture_bundle(picture: bytes, said: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Returns what to display for a picture and its words: data and metadata, by mime type."""
    data = {"image/png": base64.b64encode(picture).decode("ascii"), "text/plain": said}
    return data, {"image/png": {"width": WIDTH, "height": HEIGHT, "alt": said}}


def draw(history: History) -> RunFigure:
    """Returns the chart of a run: loss on the left, metric on the right, the best evaluation marked.

    Texts are Chinese when that is the language in use and a Chinese font is installed, else English.
    """
    cjk = _cjk_font()
    lang = "zh" if language() == "zh" and cjk else "en"
    shown = chart(history)
    fonts = ["DejaVu Sans", *([cjk] if cjk else [])]
    with rc_context({"font.family": fonts, "axes.unicode_minus": False, "font.size": 8.5, "text.parse_math": False}):
        figure = RunFigure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        loss, metric = figure.subplots(1, 2)
        _loss(loss, shown, lang)
        _metric(metric, shown, lang)
        colour = STATE_COLOURS.get(history.state, INK)
        figure.suptitle(headline(history, lang), x=0.012, ha="left", fontsize=9.5, color=colour)
        figure.said = summary(history)
        figure.text(0.988, 0.985, about(history), ha="right", va="top", color=FAINT)
    return figure


def png(history: History) -> bytes:
    """Returns the chart as a PNG of 1320 x 560 pixels, sharp on dense screens when shown at half the size."""
    return _rendered(draw(history))


def _rendered(figure: Figure) -> bytes:
    out = io.BytesIO()
    with rc_context({"axes.unicode_minus": False, "text.parse_math": False}):
        figure.savefig(out, format="png", dpi=200)
    return out.getvalue()


def _loss(axes: Axes, shown: Chart, lang: str) -> None:
    if shown.train is not shown.raw:
        axes.plot(shown.raw.x, shown.raw.y, color=BLUE, lw=0.7, alpha=0.3)
    few = len(shown.train) <= 3
    axes.plot(shown.train.x, shown.train.y, color=BLUE, lw=1.8, marker="o" if few else "", label=words("train", lang))
    _dashed(axes, shown.validation.x, shown.validation.y, words("validation", lang))
    if shown.best and math.isfinite(shown.best[1]):
        _mark(axes, shown.best[0], shown.best[1], shown.loss_axis, lang)
    if shown.lost_from is not None:
        _note(axes, f"{words('no_loss', lang)}: {words('step', lang)} {shown.lost_from}")
    elif not len(shown.raw) and not len(shown.validation):
        _note(axes, words("summary.nothing", lang).strip(" ."))
    _frame(axes, shown.loss_axis, shown.x_limit, words("loss", lang), lang)


def _metric(axes: Axes, shown: Chart, lang: str) -> None:
    if shown.metric_name is not None:
        _dashed(axes, shown.metric.x, shown.metric.y, shortened(plain(shown.metric_name), 22))
    if shown.second is not None:
        axes.plot(
            shown.second.x,
            shown.second.y,
            color=FAINT,
            lw=1.2,
            ls=(0, (1.2, 2)),
            label=shortened(plain(shown.second_name or ""), 22),
        )
    if shown.baseline is not None:
        name = f"{words(f'baseline.{shown.baseline_kind}', lang)} {number(shown.baseline, 2)}"
        axes.axhline(shown.baseline, color=INK, lw=1.5, ls=(0, (0.1, 2.5)), dash_capstyle="round", label=name)
    if shown.best and shown.best[2] is not None and math.isfinite(shown.best[2]):
        _mark(axes, shown.best[0], shown.best[2], shown.metric_axis, lang)
    if not len(shown.metric):
        _note(axes, words("no_evaluation", lang))
    _frame(axes, shown.metric_axis, shown.x_limit, "" if len(shown.metric) else words("metric", lang), lang)


def _dashed(axes: Axes, x: np.ndarray, y: np.ndarray, label: str) -> None:
    marker, size = ("o", 3.2) if len(x) <= 40 else ("", 0.0)
    axes.plot(x, y, color=ORANGE, lw=1.8, ls=(0, (4, 2)), marker=marker, ms=size, label=label)


def _mark(axes: Axes, x: float, y: float, axis: Axis, lang: str) -> None:
    axes.plot([x], [y], marker="o", ms=9, mfc="none", mec=INK, mew=1.3, ls="none", clip_on=False)
    below = axis.share(y) > 0.88  # else it would be written over the legend
    axes.annotate(
        words("best", lang), (x, y), xytext=(0, -14 if below else 7), textcoords="offset points", ha="center", color=INK
    )


def _note(axes: Axes, note: str) -> None:
    axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", color=FAINT)


def _frame(axes: Axes, axis: Axis, x_limit: float, title: str, lang: str) -> None:
    axes.set_title(title, loc="left", fontsize=9.5, color=INK)
    if axis.log:
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(axis.low, axis.high)
    axes.set_xlim(-0.02 * x_limit, 1.02 * x_limit)  # room for the marks at both ends
    axes.set_xlabel(words("step", lang), color=FAINT)
    x_ticks = [(value, label) for value, label in Axis(0, x_limit).labelled() if value == int(value)]
    axes.set_xticks(*map(list, zip(*x_ticks, strict=True)))
    axes.set_yticks(*map(list, zip(*axis.labelled(), strict=True)))
    axes.grid(axis="y", color=RULE, lw=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=FAINT)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1 and sum(len(label) + 7 for label in labels) > _LEGEND - len(title):
        _legend(axes, handles[:-1], labels[:-1], 1.07)  # in two lines
        handles, labels = handles[-1:], labels[-1:]
    if labels:
        _legend(axes, handles, labels, 1.0)


def _legend(axes: Axes, handles: list[Any], labels: list[str], bottom: float) -> None:
    made = Legend(
        axes, handles, labels,
        loc="lower right", bbox_to_anchor=(1.0, bottom), ncols=3, frameon=False, borderaxespad=0.2, borderpad=0.1,
        handlelength=2.0, columnspacing=0.9, handletextpad=0.5, labelcolor=FAINT, fontsize=7.5,
    )  # fmt: skip
    axes.add_artist(made)


@lru_cache(maxsize=1)
def _cjk_font() -> str | None:
    found = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CJK_FONTS if name in found), None)
