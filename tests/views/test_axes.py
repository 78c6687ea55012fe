from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.training.events import Evaluated
from ftkit.views.axes import Axis, metric_axis
from ftkit.views.chart import Chart, chart
from ftkit.views.metrics import baseline_kind, lower_is_better
from ftkit.views.table import History
from tests.views.simulated import simulate_writing, started


def of(*metrics: dict[str, float], task: str = "generation", **changes: object) -> Chart:
    history = History()
    history.update(started(task=task, **{"baseline": {}, **changes}))
    for at, values in enumerate(metrics):
        history.update(Evaluated(30 * at, at, 1.0, values, False, 1.0))
    return chart(history)


def test_a_perplexity_that_falls_from_thousands_to_tens_is_not_a_flat_line() -> None:
    shown = of({"perplexity": 4000.0}, {"perplexity": 400.0}, {"perplexity": 120.0}, {"perplexity": 60.0})
    axis = shown.metric_axis
    assert axis.log
    heights = [axis.share(value) for value in (4000.0, 400.0, 120.0, 60.0)]
    assert min(np.diff(heights) * -1) > 0.1, "each fall is seen"
    assert all(0 < height < 1 for height in heights)
    assert [label for _, label in axis.labelled()] == ["50", "100", "200", "500", "1k", "2k", "5k"]


def test_a_perplexity_that_falls_a_little_has_a_plain_axis_from_zero() -> None:
    axis = of({"perplexity": 90.0}, {"perplexity": 30.0}).metric_axis
    assert (axis.log, axis.low) == (False, 0.0)


def test_a_baseline_is_inside_the_axis() -> None:
    axis = of({"perplexity": 80.0}, {"perplexity": 60.0}, baseline={"perplexity": 2000.0}).metric_axis
    assert axis.log
    assert axis.share(2000.0) < 1


def test_bits_per_character_begin_at_zero() -> None:
    assert of({"bits_per_character": 5.0}, {"bits_per_character": 2.0}).metric_axis.low == 0.0


@pytest.mark.parametrize("values", [(math.nan, math.inf), (0.0, 50.0), (math.inf, 50.0), (1e300, 1.0)])
def test_axes_of_perplexities_that_are_no_numbers_are_finite(values: tuple[float, float]) -> None:
    axis = of(*({"perplexity": value} for value in values)).metric_axis
    assert math.isfinite(axis.low)
    assert math.isfinite(axis.high)
    assert axis.low < axis.high
    assert 1 <= len(axis.ticks()) <= 7


@given(st.floats(1e-3, 1e6), st.floats(20.1, 1e9))
def test_log_ticks_are_few_inside_and_told_apart(low: float, ratio: float) -> None:
    axis = metric_axis("perplexity", [np.array([low, low * ratio])], None)
    labelled = axis.labelled()
    assert axis.log
    assert 2 <= len(labelled) <= 7
    assert all(axis.low <= value <= axis.high for value, _ in labelled)
    assert len({label for _, label in labelled}) == len(labelled)


def test_shares_of_classes_are_shown_on_the_whole_scale() -> None:
    axis = of({"accuracy": 0.05}, {"accuracy": 0.07}, task="classification").metric_axis
    assert (axis.low, axis.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "values", "high"),
    [("rouge_l", (0.01, 0.06), 0.1), ("rouge_l", (0.1, 0.6), 1.0), ("chrf", (2.0, 14.0), 20.0), ("bleu", (0, 95), 100)],
)
def test_small_shares_of_text_are_magnified(name: str, values: tuple[float, float], high: float) -> None:
    axis = of(*({name: value} for value in values)).metric_axis
    assert (axis.low, axis.high) == (0.0, pytest.approx(high))


def test_a_second_metric_is_drawn_only_on_the_same_scale() -> None:
    writing = {"rouge_l": 0.2, "chrf": 30.0, "bleu": 4.0, "perplexity": 50.0}
    assert of(writing).second is None
    assert of({"token_f1": 0.2, "exact_match": 0.1, "perplexity": 9.0}).second_name == "exact_match"
    assert of({"chrf": 30.0, "rouge_l": 0.2, "bleu": 4.0}).second_name == "bleu"
    assert of({"perplexity": 50.0, "bits_per_character": 2.0}).second is None
    assert of({"rmse": 50.0, "mae": 2.0}).second is None


@pytest.mark.parametrize(
    ("task", "metric", "kind"),
    [
        ("classification", "accuracy", "label"),
        ("tagging", "f1", "label"),
        ("language_modelling", "perplexity", "unigram"),
        ("masked_language_modelling", "accuracy", "unigram"),
        ("generation", "rouge_l", "title"),
        ("generation", "perplexity", "unigram"),
        ("summarisation", "rouge_l", "beginning"),
        ("chat", "token_f1", "answer"),
        ("own", "accuracy", "other"),
    ],
)
def test_the_baseline_is_named_by_what_it_does(task: str, metric: str, kind: str) -> None:
    assert baseline_kind(task, metric) == kind


@pytest.mark.parametrize(("name", "lower"), [("perplexity", True), ("dev_loss", True), ("f1", False), ("chrf", False)])
def test_which_way_is_better_is_known_by_name(name: str, lower: bool) -> None:
    assert lower_is_better(name) is lower


def test_the_axis_changes_its_kind_at_most_once_in_a_run() -> None:
    history, kinds = History(), []
    for event in simulate_writing():
        history.update(event)
        kinds.append(chart(history).metric_axis.log)
    assert kinds == sorted(kinds)


def test_an_axis_gives_shares_between_its_ends() -> None:
    assert [Axis(1.0, 100.0, log=True).share(value) for value in (1.0, 10.0, 100.0)] == [0.0, 0.5, 1.0]
