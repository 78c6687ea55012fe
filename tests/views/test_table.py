from __future__ import annotations

import math
import threading
import tracemalloc

import numpy as np
import pytest

from ftkit.training.events import EpochEnded, Evaluated, Paused, Progress, RunEnded, StepsEnded, Unpaused, Warned
from ftkit.views.table import History
from tests.views.simulated import simulate, started


def replay(**settings: object) -> History:
    history = History()
    for event in simulate(**settings):  # type: ignore[arg-type]
        history.update(event)
    return history


def steps(first: int, last: int, loss: float = 0.5, seconds: float = 1.0) -> StepsEnded:
    return StepsEnded(first, last, (loss,) * (last - first + 1), 1e-3, last / 30, seconds)


def test_columns_hold_one_number_a_step() -> None:
    history = replay(epochs=2, steps_per_epoch=7, cadence=3)
    assert history.steps.tolist() == list(range(1, 15))
    assert len(history.train_losses) == len(history.learning_rates) == len(history.epochs_at) == 14
    assert np.allclose(history.epochs_at, history.steps / 7)


def test_a_million_steps_fit_200_megabytes() -> None:
    history = History()
    block = tuple(np.random.default_rng(0).random(1000).tolist())
    tracemalloc.start()
    for first in range(1, 1_000_001, 1000):
        history.update(StepsEnded(first, first + 999, block, 1e-3, first / 1e4, first / 100))
    history.train_losses.mean()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(history) == 1_000_000
    assert peak < 200e6, f"{peak / 1e6:.0f} MB"


def test_a_view_taken_earlier_stays_as_it_was_while_the_history_grows() -> None:
    history = History()
    history.update(steps(1, 200, loss=0.25))
    seen = history.train_losses
    for first in range(201, 5001, 100):
        history.update(steps(first, first + 99, loss=9.0))
    assert len(seen) == 200
    assert (seen == 0.25).all()
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = 1.0


def test_rows_carry_the_evaluations_at_their_steps() -> None:
    history = replay(epochs=2, steps_per_epoch=3)
    rows = list(history)
    assert len(rows) == len(history) == 7
    assert [row["step"] for row in rows] == [0, 1, 2, 3, 4, 5, 6]
    assert rows[0]["train_loss"] is None
    assert [row["step"] for row in rows if row["val_loss"] is not None] == [0, 3, 6]
    assert rows[3]["accuracy"] == history.evaluations[1].metrics["accuracy"]
    assert "accuracy" not in rows[2]


def test_a_data_frame_has_the_same_rows() -> None:
    history = replay(epochs=2, steps_per_epoch=3)
    frame = history.to_pandas()
    assert list(frame["step"]) == [row["step"] for row in history]
    for row, (_, values) in zip(history, frame.iterrows(), strict=True):
        for name in ("train_loss", "val_loss"):
            expected = math.nan if row[name] is None else row[name]
            assert values[name] == pytest.approx(expected, nan_ok=True)


def test_an_empty_history_has_no_rows_and_an_empty_frame() -> None:
    history = History()
    assert len(history) == 0
    assert list(history) == []
    assert len(history.to_pandas()) == 0
    assert (history.step, history.total_steps, history.primary_metric, history.remaining_seconds) == (
        0,
        None,
        None,
        None,
    )


def test_state_follows_the_events() -> None:
    history = History()
    seen = [history.state]
    for event in (Progress("model", 0, 1), started(), Paused(3), Unpaused(3)):
        history.update(event)
        seen.append(history.state)
    history.update(RunEnded("failed", "ValueError", "it broke", 3, None, {}, 2.0))
    assert [*seen, history.state] == ["starting", "starting", "running", "paused", "running", "failed"]


def test_the_phase_is_over_when_steps_go_on() -> None:
    history = History()
    history.update(Progress("evaluate", 1, 4))
    history.update(Warned("slow", "a warning does not end the phase"))
    assert history.phase == Progress("evaluate", 1, 4)
    history.update(steps(1, 5))
    assert history.phase is None


def test_best_is_the_latest_evaluation_that_was_best() -> None:
    history = History()
    for step, is_best in ((0, True), (10, True), (20, False)):
        history.update(Evaluated(step, 0.0, 1.0, {"f1": 0.5, "precision": 0.4}, is_best, 1.0))
    assert history.best is history.evaluations[1]
    assert history.primary_metric == "f1"


def test_time_left_leaves_out_a_pause() -> None:
    history = History()
    history.update(started(total_steps=300))
    history.update(steps(1, 100, seconds=10.0))
    assert history.remaining_seconds == pytest.approx(20.0)
    history.update(Paused(100))
    assert history.remaining_seconds is None
    history.update(Unpaused(100))
    history.update(steps(101, 101, seconds=1000.1))  # the user had lunch
    history.update(steps(102, 201, seconds=1010.1))
    assert history.remaining_seconds == pytest.approx(9.9)


def test_time_left_is_never_more_than_the_cap_allows() -> None:
    history = History()
    history.update(started(total_steps=100_000, settings={"max_minutes": 1.0}))
    history.update(steps(1, 10, seconds=50.0))
    assert history.remaining_seconds == pytest.approx(10.0)


def test_losses_that_are_not_finite_stay_in_the_columns() -> None:
    history = History()
    history.update(StepsEnded(1, 3, (0.5, math.nan, math.inf), 1e-3, 0.1, 0.1))
    assert np.isnan(history.train_losses[1])
    assert np.isinf(history.train_losses[2])


def test_readers_in_another_thread_see_whole_events() -> None:
    history, wrong = History(), []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with history.lock:
                if len(history.steps) != len(history.train_losses):
                    wrong.append(len(history.steps))
            if len(list(history)) and history.step == 0:
                wrong.append(0)

    reader = threading.Thread(target=read)
    reader.start()
    for first in range(1, 3000, 3):
        history.update(steps(first, first + 2))
        history.update(EpochEnded(1, first + 2, 0.5))
    done.set()
    reader.join()
    assert not wrong
