from __future__ import annotations

import pytest

from ftkit.i18n import language
from ftkit.training.events import RunEnded
from ftkit.views.summary import summary
from ftkit.views.table import History
from ftkit.views.words import clock, number
from tests.views.awkward import histories
from tests.views.simulated import simulate, started


def replay(until: int | None = None) -> History:
    history = History()
    for index, event in enumerate(simulate()):
        if until is not None and index >= until:
            break
        history.update(event)
    return history


def test_a_whole_run_is_told_in_words() -> None:
    assert summary(replay()) == (
        "Run r03: completed (all epochs done). 300 of 300 steps, 10.0 epochs, in 0:15. accuracy on validation: 0.489 "
        "before training, 0.886 after; always giving the commonest answer would score 0.510. "
        "Validation loss: 0.708 -> 0.341. The weights kept are those of step 150, the best."
    )


def test_chinese_is_chinese() -> None:
    language("zh")
    assert summary(replay()).startswith("运行 r03：已完成（所有轮次已完成）。共 300/300 步")
    assert summary(replay(), "en").startswith("Run r03: completed")


def test_a_failure_carries_its_message() -> None:
    history = History()
    history.update(started())
    message = "step 12: batch_size=64 does not fit. Use batch_size=32."
    history.update(RunEnded("failed", "OutOfMemoryError", message, 0, None, {}, 3.0))
    said = summary(history)
    assert "failed" in said
    assert "Use batch_size=32" in said
    assert "No training step was done" in said


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("name", histories())
def test_something_is_said_whatever_came(name: str, code: str) -> None:
    language(code)
    said = summary(histories()[name])
    assert said
    assert "{" not in said
    assert "None" not in said


def test_steps_without_a_finite_loss_are_counted() -> None:
    assert "30 steps had no finite loss" in summary(histories()["turns to NaN"])


def test_a_running_run_says_what_is_best_so_far() -> None:
    said = summary(replay(until=40))
    assert "running" in said
    assert "Best so far at step" in said


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (59.6, "1:00"), (72, "1:12"), (3725, "1:02:05"), (None, "?"), (float("nan"), "?")],
)
def test_clock(seconds: float | None, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.51234, "0.512"),
        (12.3456, "12.3"),
        (1234.5, "1,234"),
        (0.00012, "0.00012"),
        (float("inf"), "inf"),
        (None, "-"),
    ],
)
def test_number(value: float | None, shown: str) -> None:
    assert number(value) == shown
