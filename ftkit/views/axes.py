"""The y axes of a chart: where they begin and end, and whether they are logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ftkit.views.metrics import lower_is_better, scale_of

Floats = npt.NDArray[np.float64]
_LOG_FROM = 20  # a falling metric whose largest value is so many times its smallest is a flat line on a plain axis
_TEXT_SHARES = ("rouge_l", "token_f1", "exact_match")  # often far below 1: 0..1 would leave the panel empty


@dataclass(frozen=True)
class Axis:
    """The ends of an axis, and how values lie between them.

    Example:
        >>> Axis(0.0, 10.0).share(5.0), Axis(1.0, 100.0, log=True).share(10.0)
        (0.5, 0.5)
    """

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Returns where a value lies: 0 at the low end, 1 at the high end, beyond them outside."""
        if self.log:
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)

    def ticks(self, about: int = 5) -> list[float]:
        """Returns round values to be labelled, about as many as asked for."""
        return _log_ticks(self.low, self.high, about) if self.log else ticks(self.low, self.high, about)

    def labelled(self, about: int = 5) -> list[tuple[float, str]]:
        """Returns `ticks` with their labels."""
        values = self.ticks(about)
        labels = [_log_label(value) for value in values] if self.log else tick_labels(values)
        return list(zip(values, labels, strict=True))


def loss_axis(spread: Floats, lines: Sequence[Floats]) -> Axis:
    """Returns the axis of the losses: single wild values of `spread` may leave it, `lines` never do."""
    values = np.concatenate([spread, *lines])
    if not len(values):
        return Axis(0.0, 1.0)
    return _from_zero(float(values.min()), float(values.max()))


def metric_axis(name: str | None, lines: Sequence[Floats], baseline: float | None) -> Axis:
    """Returns the axis of a metric, of others of its scale, and of its baseline."""
    values = np.concatenate([*(line[~np.isnan(line)] for line in lines), [] if baseline is None else [baseline]])
    if name is None or not len(values):
        return Axis(0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if lower_is_better(name):
        if low > 0 and high / low > _LOG_FROM:
            pad = min((high / low) ** 0.06, 10.0)
            return Axis(max(low / pad, 1e-300), min(high * pad, 1e308), log=True)
        return _from_zero(low, high)
    scale = scale_of(name, low, high)
    if scale == "share" and name not in _TEXT_SHARES and 0 <= low <= high <= 1:
        return Axis(0.0, 1.0)
    top = 100.0 if scale == "percent" else 1.0
    if scale in ("share", "percent") and low >= 0 and high <= top:
        return Axis(0.0, next(top * part for part in (0.1, 0.2, 0.5, 1) if high <= 0.9 * top * part or part == 1))
    return _padded(low, high)


def fitting(names: Sequence[str], lines: Sequence[Floats]) -> int | None:
    """Returns the index of the first metric after the primary one that fits on its axis, or None."""
    scales = []
    for name, line in zip(names, lines, strict=True):
        finite = line[~np.isnan(line)]
        scales.append(scale_of(name, *(float(f(finite)) for f in (np.min, np.max))) if len(finite) else None)
    return next((i for i, scale in enumerate(scales) if i and scale and scale == scales[0]), None)


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


def _log_ticks(low: float, high: float, about: int) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [f * 10.0**power for power in range(first, last + 1) for f in factors]
        found = [value for value in found if low <= value <= high]
        if len(found) <= about + 2:
            return found
    return found[:: math.ceil(len(found) / about)]  # so many powers of ten that some are left out


def _log_label(value: float) -> str:
    for unit, letter in ((1e9, ""), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{letter}" if letter else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return f"{value:g}"


def _from_zero(low: float, high: float) -> Axis:
    """Returns an axis from 0, which means something for losses, unless that would flatten the line."""
    if low >= 0 and low < 0.6 * high:
        low = 0.0
    return _padded(low, high, below=low != 0.0)


def _padded(low: float, high: float, *, below: bool = True) -> Axis:
    pad = (high - low) * 0.06 or max(abs(high) * 0.1, 0.01)
    return Axis(low - pad if below else low, high + pad)
