"""What a Run does in the hands of who holds it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from matplotlib.figure import Figure

import ftkit
from ftkit import api
from ftkit.errors import RunActiveError, RunError, RunFailedError
from ftkit.runs.cell import Cell, current_cell
from ftkit.runs.run import Run
from ftkit.training import loop
from ftkit.training.events import Event, RunEnded, RunStarted, StepsEnded
from tests.runs.data import labelled, tagged
from tests.runs.test_run import LONG, training, wait_for


class Notes:
    """A view that only remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.closed = 0

    def update(self, event: Event) -> None:
        self.events.append(event)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FTKIT_RUNS", str(tmp_path_factory.mktemp("runs")))
        return ftkit.finetune(labelled(), epochs=2, show=False)


def test_an_ended_run_takes_no_commands(ended: Run) -> None:
    for tell in (ended.stop, ended.pause, ended.unpause):
        tell()
    assert ended.state == "completed"
    assert list((ended.folder / "commands").iterdir()) == []
    assert ended.wait() is ended


def test_a_run_shows_itself_in_one_line_without_an_address(ended: Run) -> None:
    assert repr(ended) == f"<Run r01 completed accuracy={ended.metrics['accuracy']:.4f}>"


def test_its_history_is_rows_and_a_table(ended: Run) -> None:
    rows = list(ended.history)
    assert [row["step"] for row in rows] == list(range(ended.history.step + 1))
    assert list(ended.history.to_pandas()["step"]) == [row["step"] for row in rows]


def test_its_picture_is_a_figure(ended: Run) -> None:
    assert isinstance(ended.plot(), Figure)


def test_its_metrics_are_those_of_the_kept_weights_and_their_loss(ended: Run) -> None:
    assert ended.best is not None
    assert ended.metrics == {**ended.best.metrics, "val_loss": ended.best.val_loss}


def test_one_text_has_one_answer_and_a_list_has_a_list(ended: Run) -> None:
    one = ended.predict("the lovely day")
    assert ended.predict(["the lovely day"]) == [one]
    assert ended.predict(("the lovely day", "the cold day"))[0].label == one.label


def test_answers_come_in_the_order_of_the_texts_whatever_their_lengths(ended: Run) -> None:
    texts = [f"{'the warm day ' * (i * 7 % 11)}{i}" for i in range(70)]
    assert [found.text for found in ended.predict(texts)] == texts
    alone = [ended.predict(text) for text in texts[:8]]
    assert [found.confidence for found in ended.predict(texts)][:8] == pytest.approx(
        [found.confidence for found in alone], abs=1e-5
    )


def test_sentences_and_lists_of_tokens_are_tagged_alike() -> None:
    run = ftkit.finetune(tagged(), epochs=2, show=False)
    plain, apart = run.predict(["I saw Ada at 3", ("I", "saw", "Ada", "at", "3")])
    assert plain == apart
    assert run.predict([]) == []


def test_the_run_here_and_the_one_attached_are_the_same_while_it_trains() -> None:
    run = training()
    assert ftkit.attach(run.id) is run
    assert ftkit.list_runs() == [run]
    run.stop()
    run.wait()
    assert ftkit.attach(run.id) is not run
    assert ftkit.attach(run.id).metrics == run.metrics


def test_waiting_ends_after_its_timeout_and_the_run_goes_on() -> None:
    run = training()
    assert run.wait(0.05) is run
    assert run.state == "running"
    run.stop()
    run.stop()
    assert run.wait().state == "stopped"


def test_a_second_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = training()
    run.pause()
    wait_for(lambda: run.state == "paused")
    real, raised = run._ended, []

    def twice() -> bool:
        if len(raised) < 2:
            raised.append(1)
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(run, "_ended", twice)
    monkeypatch.setattr(run, "_tell", lambda command: None)
    with pytest.raises(KeyboardInterrupt):
        run.wait()
    monkeypatch.undo()
    run.stop()
    assert run.wait().state == "stopped"


def test_a_view_is_told_every_event_and_closed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes()
    monkeypatch.setattr(api, "choose", lambda show, send: notes)
    run = ftkit.finetune(labelled(), epochs=1)
    assert isinstance(notes.events[-1], RunEnded)
    assert any(isinstance(event, RunStarted) for event in notes.events)
    assert notes.closed == 1
    assert run.state == "completed"


def test_a_view_that_joins_late_is_told_all_from_the_start() -> None:
    run = training()
    notes = Notes()
    run._join(notes)
    run.stop()
    run.wait()
    steps = [n for e in notes.events if isinstance(e, StepsEnded) for n in range(e.first, e.last + 1)]
    assert steps == list(range(1, run.history.step + 1))
    assert sum(isinstance(event, RunStarted) for event in notes.events) == 1
    assert isinstance(notes.events[-1], RunEnded)


def test_a_failed_run_raises_each_time_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(loop, "train_step", broken)
    run = ftkit.finetune(labelled(), epochs=1, show=False, background=True)
    for _ in range(2):
        with pytest.raises(RunFailedError, match="no such luck"):
            run.wait()
    assert run.state == "failed"
    assert threading.active_count() < 50


def test_a_run_without_weights_says_what_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("ftkit.runs.build.build_model", broken)
    with pytest.raises(RunFailedError):
        ftkit.finetune(labelled(), epochs=1, show=False)
    for ask in (lambda: ftkit.attach("r01").predict("a day"), lambda: ftkit.attach("r01").save("model")):
        with pytest.raises(RunError, match="no weights"):
            ask()


def test_one_damaged_run_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    runs = [ftkit.finetune(labelled(20), epochs=1, show=False) for _ in range(2)]
    (runs[0].folder / "spec.json").write_text("{", encoding="utf-8")
    assert [run.id for run in ftkit.list_runs()] == ["r02"]
    assert "spec.json" in caplog.text


# -- running a cell again


class Notebook:
    """Stands for the page: which cell runs, and when the page sent it, by a clock of its own."""

    def __init__(self) -> None:
        self.cell, self.clock = "a", 1_000.0

    def current_cell(self) -> Cell:
        return Cell(self.cell, self.clock + time.monotonic(), time.monotonic())


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    page = Notebook()
    monkeypatch.setattr(api, "current_cell", lambda: page.current_cell())
    return page


def test_a_cell_run_again_shows_its_run_again(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    run = ftkit.finetune(labelled(), **LONG)
    assert ftkit.finetune(labelled(), **LONG) is run
    assert "no second run was started" in capsys.readouterr().out
    run.stop()
    run.wait()


def test_a_cell_that_asks_for_something_else_is_told_to_stop_its_run_first(notebook: Notebook) -> None:
    run = ftkit.finetune(labelled(), **LONG)
    with pytest.raises(RunActiveError, match=r"ftkit\.attach\('r01'\)\.stop\(\)"):
        ftkit.finetune(labelled(), **{**LONG, "seed": 7})
    assert [other.id for other in ftkit.list_runs()] == ["r01"]
    run.stop()
    run.wait()
    assert ftkit.finetune(labelled(20), epochs=1, show=False).id == "r02"


def test_another_cell_may_train_beside_it(notebook: Notebook) -> None:
    run = ftkit.finetune(labelled(), **LONG)
    notebook.cell = "b"
    other = ftkit.finetune(labelled(20), epochs=1, show=False)
    assert (run.state, other.state) == ("running", "completed")
    run.stop()
    run.wait()


def test_a_cell_run_again_while_its_run_blocked_the_kernel_starts_no_second_one(
    notebook: Notebook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ftkit.finetune(labelled(), epochs=1, show=False)
    assert run._cell is not None
    asked = Cell("a", (run._cell.sent or 0.0) + 0.001, time.monotonic())  # in the queue since just after the first
    monkeypatch.setattr(api, "current_cell", lambda: asked)
    assert ftkit.finetune(labelled(), epochs=1, show=False) is run
    assert run.id in capsys.readouterr().out
    assert len(ftkit.list_runs()) == 1


def test_a_cell_run_again_after_its_run_starts_the_next(notebook: Notebook) -> None:
    ids = [ftkit.finetune(labelled(), epochs=1, show=False).id for _ in range(2)]
    assert ids == ["r01", "r02"]


def test_outside_a_notebook_there_is_no_cell() -> None:
    assert current_cell() is None
