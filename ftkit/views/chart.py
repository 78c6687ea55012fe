"""Chart: what both drawings of a run show, as few numbers. The live SVG and the final picture are drawn from it alone.

However long the run, a line has at most 300 points: the lowest and the highest value of each stretch of steps are
kept, so that a spike is never averaged away.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ftkit.views.axes import Axis, fitting, loss_axis, metric_axis
from ftkit.views.axes import tick_labels as tick_labels
from ftkit.views.axes import ticks as ticks  # other drawings take both from here
from ftkit.views.metrics import baseline_kind
from ftkit.views.table import Floats, History

MAX_POINTS = 300
_SMOOTH_POINTS = 120
_FEW = 30  # below so many steps the single losses are the line


@dataclass(frozen=True)
class Line:
    """Points of one line, in order; a NaN in y is a gap."""

    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Chart:
    """Everything that a drawing of a run needs.

    Attributes:
        raw: Training loss of single steps, at most 300 points.
        train: The training line: `raw` itself while there are few steps, else the mean of nearby steps.
        validation: Validation loss at the evaluations.
        metric_name, metric: The primary metric's name and line on the validation split.
        second_name, second: The next metric that fits on the same axis, or None.
        baseline: The primary metric of an answer that takes no learning, or None.
        baseline_kind: What that answer is: ``"label"``, ``"unigram"``, …; see `ftkit.views.metrics.baseline_kind`.
        best: ``(step, validation loss, primary metric)`` where the weights kept come from, or None before there are two
            evaluations to choose from.
        x_limit: Right end of both x axes.
        loss_axis, metric_axis: The y axes.
        lost_from: The first step without a finite loss, or None.
    """

    raw: Line
    train: Line
    validation: Line
    metric_name: str | None
    metric: Line
    second_name: str | None
    second: Line | None
    baseline: float | None
    baseline_kind: str
    best: tuple[int, float, float | None] | None
    x_limit: float
    loss_axis: Axis
    metric_axis: Axis
    lost_from: int | None


def chart(history: History) -> Chart:
    """Returns what is to be drawn of `history` now."""
    with history.lock:  # one state: columns and evaluations of the same moment
        steps = history.steps.astype(np.float64)
        losses = history.train_losses
        evaluations = list(history.evaluations)
        best, started, ended = history.best, history.started, history.ended
    finite = np.isfinite(losses)
    clean = losses if finite.all() else np.where(finite, losses, np.nan)
    raw = decimate(steps, clean)
    train = raw if len(steps) <= _FEW else smooth(steps, clean)
    at = np.array([event.step for event in evaluations], dtype=np.float64)
    validation = decimate(at, _finite([event.val_loss for event in evaluations]))
    names = list(dict.fromkeys(name for event in evaluations for name in event.metrics))
    lines = [decimate(at, _finite([e.metrics.get(name, math.nan) for e in evaluations])) for name in names]
    second = fitting(names, [line.y for line in lines])
    baseline = started.baseline.get(names[0]) if started and names else None
    if baseline is not None and not math.isfinite(baseline):
        baseline = None
    last = max([*steps[-1:], *at[-1:], 1.0])
    return Chart(
        raw=raw,
        train=train,
        validation=validation,
        metric_name=names[0] if names else None,
        metric=lines[0] if lines else Line(at[:0], at[:0]),
        second_name=None if second is None else names[second],
        second=None if second is None else lines[second],
        baseline=baseline,
        baseline_kind=baseline_kind(started.task if started else "", names[0] if names else ""),
        best=(best.step, best.val_loss, best.metrics.get(names[0]) if names else None)
        if best and len(evaluations) > 1
        else None,
        x_limit=float(last) if ended or not started else _room_for(float(last), float(started.total_steps)),
        loss_axis=_loss_axis(raw, train, validation),
        metric_axis=metric_axis(
            names[0] if names else None, [lines[i].y for i in (0, second) if i is not None and names], baseline
        ),
        lost_from=None if finite.all() else int(steps[np.argmin(finite)]),
    )


def decimate(x: Floats, y: Floats, limit: int = MAX_POINTS) -> Line:
    """Returns at most `limit` points of a line, among them the lowest and highest of every stretch.

    A stretch without any finite value becomes one gap.
    """
    count = len(x)
    if count <= limit:
        return Line(x, y)
    stretches = limit // 2 - 1  # two points each, and the very first and last
    starts = np.linspace(0, count, stretches + 1).astype(np.int64)
    gaps = np.isnan(y)
    low = _arg_reduce(np.where(gaps, np.inf, y) if gaps.any() else y, starts, lowest=True)
    high = _arg_reduce(np.where(gaps, -np.inf, y) if gaps.any() else y, starts, lowest=False)
    chosen = np.unique(np.concatenate([[0], low, high, [count - 1]]))
    return Line(x[chosen], y[chosen])


def _arg_reduce(y: Floats, starts: np.ndarray, *, lowest: bool) -> np.ndarray:
    pick = np.argmin if lowest else np.argmax
    return np.array([a + pick(y[a:b]) for a, b in itertools.pairwise(starts) if b > a], dtype=np.int64)


def smooth(x: Floats, y: Floats) -> Line:
    """Returns the mean of nearby finite values (2.5% of the line to either side, more in short ones), at 120 places."""
    count = len(x)
    reach = max(count // 40, min(8, count // 10), 1)
    places = np.unique(np.linspace(0, count - 1, _SMOOTH_POINTS).astype(np.int64))
    gaps = np.isnan(y)
    sums = np.concatenate([[0.0], np.cumsum(np.where(gaps, 0.0, y))])
    counts = np.concatenate([[0], np.cumsum(~gaps)])
    low, high = np.maximum(places - reach, 0), np.minimum(places + reach + 1, count)
    seen = counts[high] - counts[low]
    means = np.where(seen > 0, (sums[high] - sums[low]) / np.maximum(seen, 1), np.nan)
    means[gaps[places]] = np.nan
    return Line(x[places], means)


def _finite(values: Sequence[float]) -> Floats:
    array = np.array(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def _room_for(last: float, total: float) -> float:
    """Returns the x axis' end: the plan's length over a power of two, so that the lines fill at least half of it."""
    limit = max(total, last)
    while limit / 2 >= max(last, 8.0):
        limit /= 2
    return math.ceil(limit)


def _loss_axis(raw: Line, train: Line, validation: Line) -> Axis:
    spread = raw.y[~np.isnan(raw.y)]
    if len(spread) > _FEW:  # single wild steps may leave the panel, the lines never do
        spread = np.percentile(spread, [1, 99])
    return loss_axis(spread, [line.y[~np.isnan(line.y)] for line in (train, validation)])
