from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ftkit
from ftkit.errors import SettingError
from ftkit.training.events import RunEnded, RunStarted, StepsEnded
from tests.runs.data import file, labelled
from tests.runs.test_run import LONG, wait_for


def test_the_api_loads_no_torch() -> None:
    code = "import sys, ftkit.api; print([m for m in ('torch', 'transformers', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_stream_is_the_run_s_events_and_can_be_left(tmp_path: Path) -> None:
    events = list(ftkit.stream(file(tmp_path), epochs=1))
    assert any(isinstance(event, RunStarted) for event in events)
    assert isinstance(events[-1], RunEnded)
    stream = ftkit.stream(labelled(), epochs=50)
    next(event for event in stream if isinstance(event, StepsEnded))
    stream.close()  # type: ignore[attr-defined]
    assert [run.state for run in ftkit.list_runs()] == ["completed", "interrupted"]


def test_a_stream_takes_no_view() -> None:
    with pytest.raises(SettingError, match="show"):
        ftkit.stream(labelled(), show=False)


def test_asking_again_for_a_run_that_is_alive_starts_no_second_one(capsys: pytest.CaptureFixture[str]) -> None:
    run = ftkit.finetune(labelled(), **LONG)
    again = ftkit.finetune(labelled(), **LONG)
    assert again is run
    assert "r01 is still training" in capsys.readouterr().out
    assert len(ftkit.list_runs()) == 1
    run.stop()
    run.wait()
    assert ftkit.finetune(labelled(20), epochs=1, show=False).id == "r02"


def test_two_runs_in_the_background_do_not_disturb_each_other() -> None:
    runs = [ftkit.finetune(labelled(), **{**LONG, "seed": seed}) for seed in (1, 2)]
    wait_for(lambda: all(run.best for run in runs))
    for run in runs:
        run.stop()
    assert [run.wait().state for run in runs] == ["stopped", "stopped"]


def test_the_users_own_metrics_are_measured_and_may_fail() -> None:
    def shouting(predictions: list[str], targets: list[str]) -> float:
        return sum(p == t for p, t in zip(predictions, targets, strict=True)) / len(targets)

    run = ftkit.finetune(labelled(), epochs=1, show=False, metrics={"own": shouting, "bad": lambda p, t: 1 / 0})
    assert run.metrics["own"] == run.metrics["accuracy"]
    assert run.metrics["bad"] != run.metrics["bad"]
    assert "ZeroDivisionError" in next(w.message for w in run.history.warnings if w.kind == "metric")
    with pytest.raises(SettingError, match="expected a function"):
        ftkit.finetune(labelled(), metrics={"f": 3}, show=False)  # type: ignore[dict-item]


def test_a_run_that_has_a_minute_cap_ends_in_time_with_its_rate_fallen() -> None:
    run = ftkit.finetune(labelled(), epochs=100_000, max_minutes=1 / 60, plateau=False, show=False)
    ended = run.history.ended
    assert ended is not None
    assert ended.detail == "max_minutes"
    assert 1.0 <= ended.elapsed_seconds < 10.0
    assert run.history.learning_rates[-1] < 0.5 * run.history.learning_rates.max()  # a step may take long here
