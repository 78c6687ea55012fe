"""A run that trains in another process, and is watched, told and used from here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ftkit
from ftkit.runs.run import Run
from ftkit.training.events import StepsEnded
from tests.runs.data import lines
from tests.runs.test_run import wait_for

pytestmark = pytest.mark.slow  # other processes import torch anew

TEXTS = [text for text, _ in lines(12, 7)]
CHILD = f"""
import json
import ftkit
from tests.runs.data import labelled
from tests.runs.test_run import LONG
run = ftkit.finetune(labelled(), **LONG)
print(run.id, flush=True)
run.wait()
found = [[answer.label, answer.confidence] for answer in run.predict({TEXTS!r})]
print(json.dumps([run.state, run.metrics, len(run.history), found]), flush=True)
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[dict[str, object]]:
    """Lives through such a run once, noting what was seen from here."""
    seen: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FTKIT_RUNS", str(tmp_path_factory.mktemp("张三 runs")))
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, encoding="utf-8", cwd=repository
        )
        assert child.stdout is not None
        try:
            run = ftkit.attach(child.stdout.readline().strip())
            wait_for(lambda: run.best, 90)
            seen["running"] = run.state
            length = len(run.history)
            wait_for(lambda: len(run.history) > length)
            run.pause()
            wait_for(lambda: run.state == "paused")
            seen["paused at"] = run.history.step
            seen["listed"] = [(other.id, other.state) for other in ftkit.list_runs()]
            seen["answers while paused"] = len(run.predict(TEXTS))
            seen["still at"] = run.history.step
            run.unpause()
            wait_for(lambda: run.history.step > seen["paused at"])
            run.stop()
            seen["told"] = run.state
            run.wait(60)
            seen["state"] = run.state
            seen["child"] = json.loads(child.communicate(timeout=90)[0])
            seen["run"] = run
            yield seen
        finally:
            child.kill()


def test_its_state_is_seen_from_here(story: dict[str, object]) -> None:
    assert (story["running"], story["state"]) == ("running", "stopped")
    assert story["listed"] == [("r01", "paused")]


def test_it_stands_still_while_it_is_paused(story: dict[str, object]) -> None:
    assert story["paused at"] == story["still at"]


def test_a_stop_is_on_its_way_or_done_once_told(story: dict[str, object]) -> None:
    assert story["told"] in ("stopping", "stopped")


def test_it_can_be_asked_while_it_is_paused(story: dict[str, object]) -> None:
    assert story["answers while paused"] == len(TEXTS)


def test_history_metrics_and_answers_are_those_of_its_own_process(story: dict[str, object]) -> None:
    run = story["run"]
    assert isinstance(run, Run)
    state, metrics, length, found = story["child"]  # type: ignore[misc]
    assert (run.state, len(run.history)) == (state, length)
    assert run.metrics == pytest.approx(metrics)
    answers = run.predict(TEXTS)
    assert [answer.label for answer in answers] == [label for label, _ in found]
    assert [answer.confidence for answer in answers] == pytest.approx([confidence for _, confidence in found])


def test_what_it_wrote_is_whole(story: dict[str, object]) -> None:
    run = story["run"]
    assert isinstance(run, Run)
    events, offset = run._folder.read_events()
    assert offset == (run.folder / "events.jsonl").stat().st_size
    steps = [n for event in events if isinstance(event, StepsEnded) for n in range(event.first, event.last + 1)]
    assert steps == list(range(1, len(steps) + 1))
    assert list((run.folder / "commands").iterdir()) == []


def test_a_script_that_ends_while_a_run_trains_leaves_it_interrupted_and_usable(repository: Path) -> None:
    code = "from tests.runs.test_run import training; training()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, timeout=120, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    run = ftkit.attach("r01")
    assert run.state == "interrupted"
    assert run.predict(TEXTS[0]).label in ("pos", "neg")
