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
        second_name, second: One more metric, or None.
        baseline: The primary metric of always giving the commonest answer, or None.
        best: ``(step, validation loss, primary metric)`` where the weights kept come from, or None before there are two
            evaluations to choose from.
        x_limit: Right end of both x axes.
        loss_limits, metric_limits: ``(low, high)`` of the y axes.
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
    best: tuple[int, float, float | None] | None
    x_limit: float
    loss_limits: tuple[float, float]
    metric_limits: tuple[float, float]
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
    names = list(dict.fromkeys(name for event in evaluations for name in event.metrics))[:2]
    lines = [decimate(at, _finite([e.metrics.get(name, math.nan) for e in evaluations])) for name in names]
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
        second_name=names[1] if len(names) > 1 else None,
        second=lines[1] if len(lines) > 1 else None,
        baseline=baseline,
        best=(best.step, best.val_loss, best.metrics.get(names[0]) if names else None)
        if best and len(evaluations) > 1
        else None,
        x_limit=float(last) if ended or not started else _room_for(float(last), float(started.total_steps)),
        loss_limits=_loss_limits(raw, train, validation),
        metric_limits=_metric_limits([line.y for line in lines], baseline),
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


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Returns round numbers between `low` and `high`, about as many as asked for.

    Example:
        >>> ticks(0, 1), ticks(0, 320, 4)
        ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 100.0, 200.0, 300.0])
    """
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low] if math.isfinite(low) else []
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)) + 1)
    return [round(index * step, digits) + 0.0 for index in range(first, last + 1)]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Returns ticks as text, all with the same number of decimals; thousands as ``k``, millions as ``M``.

    Example:
        >>> tick_labels([0.0, 0.25, 0.5]), tick_labels([0, 5000, 10000]), tick_labels([0, 1500])
        (['0.00', '0.25', '0.50'], ['0', '5k', '10k'], ['0', '1.5k'])
    """
    top = max((abs(value) for value in values), default=0.0)
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if top >= unit * (1 if unit == 1e6 or top >= 10_000 or top % 1000 == 0 else 1.5):
            return [f"{value / unit:g}{letter}" if value else "0" for value in values]
    places = max((len(f"{value:.6f}".rstrip("0").partition(".")[2]) for value in values), default=0)
    return [f"{value:.{places}f}" for value in values]


def _finite(values: Sequence[float]) -> Floats:
    array = np.array(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def _room_for(last: float, total: float) -> float:
    """Returns the x axis' end: the plan's length over a power of two, so that the lines fill at least half of it."""
    limit = max(total, last)
    while limit / 2 >= max(last, 8.0):
        limit /= 2
    return math.ceil(limit)


def _loss_limits(raw: Line, train: Line, validation: Line) -> tuple[float, float]:
    lines = [line.y[~np.isnan(line.y)] for line in (train, validation)]
    spread = raw.y[~np.isnan(raw.y)]
    if len(spread) > _FEW:  # single wild steps may leave the panel, the lines never do
        lines.append(np.percentile(spread, [1, 99]))
    else:
        lines.append(spread)
    values = np.concatenate(lines)
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low >= 0 and low < 0.6 * high:
        low = 0.0  # a loss has a meaningful zero: show it unless that would flatten the line
    return _padded(low, high, below=low != 0.0)


def _metric_limits(lines: Sequence[Floats], baseline: float | None) -> tuple[float, float]:
    values = np.concatenate([*(line[~np.isnan(line)] for line in lines), [] if baseline is None else [baseline]])
    if not len(values) or (values.min() >= 0 and values.max() <= 1):
        return 0.0, 1.0
    return _padded(float(values.min()), float(values.max()))


def _padded(low: float, high: float, *, below: bool = True) -> tuple[float, float]:
    pad = (high - low) * 0.06 or max(abs(high) * 0.1, 0.01)
    return (low - pad if below else low), high + pad
