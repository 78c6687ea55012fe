from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.training.events import StepsEnded
from ftkit.views.axes import Axis
from ftkit.views.chart import MAX_POINTS, chart, decimate, smooth, tick_labels, ticks
from ftkit.views.table import History
from tests.views.awkward import histories
from tests.views.simulated import started

SPANS = st.floats(-1e6, 1e6, allow_nan=False)


def test_a_short_line_keeps_every_point() -> None:
    x = np.arange(MAX_POINTS, dtype=float)
    assert decimate(x, x).x.tolist() == x.tolist()


@pytest.mark.parametrize("count", [301, 302, 999, 100_000])
def test_a_long_line_keeps_its_ends_and_every_spike(count: int) -> None:
    rng = np.random.default_rng(count)
    y = rng.normal(size=count)
    spikes = rng.choice(np.arange(1, count - 1), 3, replace=False)
    y[spikes[0]], y[spikes[1]] = 50.0, -50.0
    line = decimate(np.arange(count, dtype=float), y)
    assert len(line) <= MAX_POINTS
    assert {0.0, count - 1.0, float(spikes[0]), float(spikes[1])} <= set(line.x)
    assert (np.diff(line.x) > 0).all()


def test_a_gap_stays_a_gap_when_points_are_left_out() -> None:
    y = np.ones(10_000)
    y[4000:6000] = np.nan
    line = decimate(np.arange(10_000, dtype=float), y)
    inside = line.y[(line.x > 4100) & (line.x < 5900)]
    assert len(inside)
    assert np.isnan(inside).all()
    assert np.isfinite(line.y[(line.x < 3900) | (line.x > 6100)]).all()


def test_smoothing_leaves_a_straight_line_straight_and_a_gap_a_gap() -> None:
    x = np.arange(1000, dtype=float)
    y = 2 * x
    y[500:520] = np.nan
    line = smooth(x, y)
    middle = (line.x > 30) & (line.x < 970) & (abs(line.x - 510) > 40)
    assert np.allclose(line.y[middle], 2 * line.x[middle])
    assert np.isnan(line.y[(line.x >= 500) & (line.x < 520)]).all()


@given(SPANS, SPANS)
def test_ticks_are_few_round_and_inside(low: float, high: float) -> None:
    if high - low < 1e-6 * max(1.0, abs(low), abs(high)):
        return
    found = ticks(low, high, 5)
    slack = 1e-6 * (high - low)
    assert 1 <= len(found) <= 7
    assert all(low - slack <= tick <= high + slack for tick in found)
    assert len(set(tick_labels(found))) == len(found)


def test_an_axis_end_is_fixed_while_its_first_half_fills() -> None:
    ends = []
    history = History()
    history.update(started(total_steps=1600, steps_per_epoch=100))
    for first in range(1, 1601, 10):
        history.update(StepsEnded(first, first + 9, (0.5,) * 10, 1e-3, first / 100, first / 10))
        shown = chart(history)
        assert shown.x_limit >= history.step
        assert shown.x_limit <= max(2 * history.step, 16)
        ends.append(shown.x_limit)
    assert sorted(set(ends)) == ends[:1] + sorted(set(ends))[1:]
    assert len(set(ends)) <= 8, "the axis must not creep with every step"


@pytest.mark.parametrize("name", histories())
def test_axes_are_finite_and_not_empty_whatever_came(name: str) -> None:
    shown = chart(histories()[name])
    for axis in (shown.loss_axis, shown.metric_axis, Axis(0.0, shown.x_limit)):
        low, high = axis.low, axis.high
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
    for line in (shown.raw, shown.train, shown.validation, shown.metric):
        assert len(line) <= MAX_POINTS
        assert not np.isinf(line.y).any()
