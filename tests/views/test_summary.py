from __future__ import annotations

import pytest

from ftkit.i18n import language
from ftkit.training.events import Evaluated, RunEnded
from ftkit.views.summary import summary
from ftkit.views.table import History
from ftkit.views.words import clock, many, number, share
from tests.views.awkward import histories
from tests.views.simulated import simulate, simulate_writing, started


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
    history = History()
    for event in simulate_writing(lora=True):
        history.update(event)
    assert "LoRA 训练了 494 M 参数中的 0.81%" in summary(history)
    assert summary(replay()).startswith("运行 r03：已完成（所有轮次已完成）。共 300/300 步")
    assert summary(replay(), "en").startswith("Run r03: completed")


def falling(before: float, after: float) -> str:
    history = History()
    history.update(started(task="language_modelling", baseline={"perplexity": 210.0}))
    history.update(Evaluated(0, 0.0, 8.3, {"perplexity": before}, False, 0.1))
    history.update(Evaluated(30, 1.0, 4.1, {"perplexity": after}, True, 3.0))
    return summary(history)


def test_of_a_metric_that_falls_is_said_that_lower_is_better() -> None:
    said = falling(4012.3, 61.4)
    assert "perplexity on validation: 4,012 -> 61.4 (better: lower is better); expecting each token as often as" in said
    assert "would give 210" in said
    assert "50.0 -> 61.4 (worse: lower is better)" in falling(50.0, 61.4)
    assert "61.4 -> 61.4 (lower is better)" in falling(61.4, 61.41)
    assert "NaN (lower is better)" in falling(50.0, float("nan"))
    language("zh")
    assert "验证集 perplexity：4,012 -> 61.4（变好：越低越好）" in falling(4012.3, 61.4)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("lora", "LoRA trained 0.81% of 494 M parameters. "),
        ("head", "Only the head was trained, 0.81% of 494 M parameters. "),
        ("own", "0.81% of 494 M parameters were trained. "),
    ],
)
def test_a_trained_share_is_said(method: str, said: str) -> None:
    history = History()
    history.update(started(n_parameters=494_000_000, n_trainable=4_000_000, settings={"method": method}))
    assert said in summary(history) + " "


@pytest.mark.parametrize("trainable", [0, 1_234_567])
def test_nothing_is_said_of_a_share_where_all_is_trained(trainable: int) -> None:
    history = History()
    history.update(started(n_trainable=trainable))
    assert "parameters" not in summary(history)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_baseline_has_its_words(code: str) -> None:
    language(code)
    for task in ("language_modelling", "generation", "summarisation", "chat", "tagging", "own"):
        history = History()
        history.update(started(task=task, baseline={"rouge_l": 0.25}))
        history.update(Evaluated(0, 0.0, 8.3, {"rouge_l": 0.2}, False, 0.1))
        assert "0.250" in summary(history)


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
        (99.96, "100.0"),
        (61.4321, "61.4"),
        (2e9, "2e+09"),
        (0.00012, "0.00012"),
        (float("inf"), "inf"),
        (None, "-"),
    ],
)
def test_number(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_large_counts_and_small_shares_are_short() -> None:
    assert [many(value) for value in (999, 12_345, 999_999, 8_030_261_248)] == ["999", "12.3 k", "1 M", "8.03 B"]
    assert [share(value) for value in (0.5, 0.0083, 0.00002, 0.9999)] == ["50%", "0.83%", "0.002%", "100%"]
    assert [number(value, 2) for value in (210.4, 61.4, 4012.0, 0.514)] == ["210", "61", "4,012", "0.51"]
