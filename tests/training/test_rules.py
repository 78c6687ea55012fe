from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

from ftkit.training.rules import SCHEDULES, learning_rate_factor, on_plateau, progress_of

settings.register_profile("ftkit", deadline=None, derandomize=True)
settings.load_profile("ftkit")


def plain_loop(losses: list[float], after: int, change: float) -> int | None:
    """The field's plain rule, as people write it; returns the epoch, counted from 0, at which it breaks."""
    last_loss = math.inf
    for epoch in range(len(losses)):
        loss = losses[epoch]
        if epoch > after and abs(loss - last_loss) < change:
            return epoch
        last_loss = loss
    return None


def first_plateau(losses: list[float], after: int, change: float) -> int | None:
    return next((e for e in range(len(losses)) if on_plateau(losses[: e + 1], after, change)), None)


loss = st.one_of(st.floats(0, 3), st.integers(0, 30).map(lambda n: n / 1_000), st.just(math.nan), st.just(math.inf))


@given(st.lists(loss, max_size=25))
def test_the_plateau_rule_ends_where_the_plain_loop_breaks(losses: list[float]) -> None:
    assert first_plateau(losses, 5, 0.001) == plain_loop(losses, 5, 0.001)


@given(st.lists(loss, max_size=25), st.integers(0, 12), st.sampled_from([0.0, 0.001, 0.01, 0.5, 4.0]))
def test_both_numbers_of_the_plateau_rule_can_be_set(losses: list[float], after: int, change: float) -> None:
    assert first_plateau(losses, after, change) == plain_loop(losses, after, change)


def test_the_plateau_rule_is_first_asked_after_the_seventh_epoch() -> None:
    assert first_plateau([1.0] * 10, 5, 0.001) == 6


@pytest.mark.parametrize(
    ("schedule", "reference"),
    [("linear", get_linear_schedule_with_warmup), ("cosine", get_cosine_schedule_with_warmup)],
)
@pytest.mark.parametrize(("warmup", "total"), [(0, 10), (3, 40), (40, 40), (1, 7)])
def test_a_schedule_has_the_shape_that_transformers_gives_it(schedule, reference, warmup, total) -> None:  # type: ignore[no-untyped-def]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    factor = reference(optimizer, warmup, total).lr_lambdas[0]
    expected = [factor(step) for step in range(total)]
    found = [learning_rate_factor(step / total, schedule, warmup / total) for step in range(total)]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_the_learning_rate_is_zero_at_the_time_cap(schedule: str) -> None:
    progress = progress_of(step=3, total_steps=10_000, elapsed_seconds=120.0, max_minutes=2.0)
    assert learning_rate_factor(progress, schedule, 0.06) == pytest.approx(0.0)


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(progress=st.floats(-1, 2), warmup=st.floats(0, 1))
def test_a_learning_rate_stays_between_zero_and_its_peak(schedule: str, progress: float, warmup: float) -> None:
    assert 0.0 <= learning_rate_factor(progress, schedule, warmup) <= 1.0


@given(st.integers(0, 100), st.floats(0, 300))
def test_progress_is_what_is_further_along_steps_or_time(step: int, seconds: float) -> None:
    assert progress_of(step, 100, seconds, 5.0) == pytest.approx(min(1.0, max(step / 100, seconds / 300)))


def test_without_a_cap_time_counts_for_nothing() -> None:
    assert progress_of(1, 4, 1e9, None) == 0.25
