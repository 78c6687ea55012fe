from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftkit
from ftkit.errors import ModelError, RunFailedError, SettingError
from ftkit.runs import execute as execute_module
from ftkit.runs import store
from ftkit.training import loop
from ftkit.training.events import Evaluated, Event, Progress, RunEnded, RunStarted, Saved, StepsEnded, Warned
from tests.models import folders
from tests.models.offline import refuse_network
from tests.runs.data import labelled
from tests.runs.test_run import LONG, wait_for


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def first_best(stream: Iterator[Event]) -> Evaluated:
    """Reads a stream until the first best evaluation is on disk."""
    best = None
    for event in stream:
        best = event if isinstance(event, Evaluated) and event.is_best else best
        if isinstance(event, Saved):
            assert best is not None
            return best
    raise AssertionError("nothing was saved")


# -- the order of events


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FTKIT_RUNS", str(tmp_path_factory.mktemp("runs")))
        return list(ftkit.stream(labelled(), epochs=2))


def test_signs_of_progress_come_first_and_the_end_last(told: list[Event]) -> None:
    start = kinds(told).index("RunStarted")
    assert {type(event) for event in told[:start]} <= {Progress, Warned}
    assert {event.phase for event in told[:start] if isinstance(event, Progress)} == {"model", "tokenise"}
    assert kinds(told).count("RunEnded") == 1
    assert isinstance(told[-1], RunEnded)


def test_the_model_is_measured_once_before_it_learns(told: list[Event]) -> None:
    measured = [event for event in told if isinstance(event, Evaluated)]
    assert (measured[0].step, measured[0].is_best) == (0, False)
    assert kinds(told).index("Evaluated") < kinds(told).index("StepsEnded")


def test_every_best_evaluation_is_saved_at_once(told: list[Event]) -> None:
    shown = [event for event in told if not isinstance(event, Progress)]
    for event, after in itertools.pairwise(shown):
        if isinstance(event, Evaluated) and event.is_best:
            assert after == Saved(event.step, f"step-{event.step:08d}", True)


def test_what_was_in_force_is_told_with_a_reason_for_each_choice(told: list[Event]) -> None:
    started = next(event for event in told if isinstance(event, RunStarted))
    assert {"model", "epochs", "learning_rate", "batch_size", "optimizer", "max_length", "seed"} <= set(
        started.settings
    )
    assert {"learning_rate", "batch_size", "max_length", "precision"} <= set(started.reasons)
    assert "epochs" not in started.reasons  # it was asked for
    assert "auto" not in started.settings.values()
    assert started.total_steps == 2 * started.steps_per_epoch
    assert started.baseline.keys() == {"accuracy", "macro_f1"}


def test_the_folder_holds_the_events_that_were_told(tmp_path: Path) -> None:
    told = [event for event in ftkit.stream(labelled(), epochs=1) if not isinstance(event, Progress)]
    events, _ = store.find_folder("r01").read_events()
    assert events == told


# -- ends that nobody planned


def test_a_stream_that_is_left_keeps_what_was_best_and_how_long_it_took() -> None:
    stream = ftkit.stream(labelled(), epochs=50, plateau=False)
    best = first_best(stream)
    stream.close()  # type: ignore[attr-defined]
    run = ftkit.attach("r01")
    ended = run.history.ended
    assert ended is not None
    assert (ended.reason, ended.best_step, ended.metrics) == ("interrupted", best.step, best.metrics)
    assert ended.elapsed_seconds > 0
    assert run.predict("the lovely warm day").label in ("pos", "neg")


def test_an_interrupt_in_a_stream_leaves_it_interrupted() -> None:
    def impatient(predictions: Any, targets: Any) -> float:
        if len(asked) > 2:
            raise KeyboardInterrupt
        asked.append(1)
        return 0.0

    asked: list[int] = []
    told = []
    with pytest.raises(KeyboardInterrupt):
        for event in ftkit.stream(labelled(), epochs=50, plateau=False, metrics={"mine": impatient}):
            told.append(event)
    assert isinstance(told[-1], RunEnded)
    assert (told[-1].reason, told[-1].detail) == ("interrupted", "interrupt")
    assert told[-1].best_step is not None
    assert ftkit.attach("r01").state == "interrupted"


def test_a_failed_run_keeps_what_was_best_before(monkeypatch: pytest.MonkeyPatch) -> None:
    real = loop.train_step

    def breaks_later(state: Any, *rest: Any) -> Any:
        if state.step == 20:
            raise MemoryError
        return real(state, *rest)

    monkeypatch.setattr(loop, "train_step", breaks_later)
    with pytest.raises(RunFailedError, match="Halve batch_size and double accumulate"):
        ftkit.finetune(labelled(), epochs=3, show=False, plateau=False)
    run = ftkit.attach("r01")
    assert run.history.ended is not None
    assert run.best is not None
    assert (run.state, run.history.ended.best_step) == ("failed", run.best.step)
    assert run.history.ended.elapsed_seconds > 0
    assert run.predict("the lovely warm day").label in ("pos", "neg")


def test_a_run_that_fails_before_it_starts_says_why_in_its_folder(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be loaded"):
        ftkit.finetune(labelled(), model=folder, show=False)
    run = ftkit.attach("r01")
    assert run.state == "failed"
    assert run.history.started is None
    assert run.history.ended is not None
    assert "cannot be loaded" in run.history.ended.message
    assert "Traceback" in (run.folder / "log.txt").read_text(encoding="utf-8")


def test_a_disk_that_is_full_fails_the_run_and_not_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.RunFolder, "save_weights", full)
    with pytest.raises(RunFailedError, match="No space left"):
        ftkit.finetune(labelled(), epochs=1, show=False)
    assert ftkit.attach("r01").state == "failed"


# -- signs of life


def test_a_stream_gives_signs_of_life_until_it_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "HEARTBEAT_SECONDS", 0.02)
    stream = ftkit.stream(labelled(), epochs=50, plateau=False)
    next(stream)
    folder = store.find_folder("r01")

    def beat() -> float:
        return float(json.loads((folder.path / "heartbeat.json").read_text(encoding="utf-8"))["time"])

    first = beat()
    wait_for(lambda: beat() > first, 10)
    stream.close()  # type: ignore[attr-defined]
    time.sleep(0.1)
    last = beat()
    time.sleep(0.1)
    assert beat() == last


def test_a_stream_can_be_stopped_from_elsewhere() -> None:
    stream = ftkit.stream(labelled(), epochs=5_000, plateau=False)
    first_best(stream)
    ftkit.attach("r01").stop()
    *_, ended = stream
    assert isinstance(ended, RunEnded)
    assert ended.reason == "stopped"


# -- one random generator for the whole process


def test_two_runs_at_once_learn_as_each_does_alone() -> None:
    settings = {"epochs": 3, "show": False, "plateau": False}
    alone = [ftkit.finetune(labelled(), seed=seed, **settings) for seed in (1, 2)]
    together = [ftkit.finetune(labelled(), seed=seed, background=True, **settings) for seed in (1, 2)]
    for a, b in zip(alone, together, strict=True):
        assert np.array_equal(a.history.train_losses, b.wait().history.train_losses)


def test_predictions_beside_a_run_change_nothing_in_it_and_never_fail() -> None:
    settings = {"epochs": 2, "show": False, "plateau": False, "evaluate_every": 3, "learning_rate": 1e-4}
    run = ftkit.finetune(labelled(), background=True, **settings)
    wait_for(lambda: run._folder.checkpoints())
    answers = 0
    while run.history.ended is None:
        run._predictor = None  # so that every one loads weights, while better ones take their place
        answers += bool(run.predict("the lovely warm day").label)
    assert answers
    assert np.array_equal(ftkit.finetune(labelled(), **settings).history.train_losses, run.history.train_losses)


# -- what is cut


def test_rows_over_the_limit_are_cut_counted_and_said() -> None:
    rows = [(f"the {'warm ' * (60 if i % 4 == 0 else 1)}day {i}", "ab"[i % 2]) for i in range(40)]
    run = ftkit.finetune(ftkit.Dataset.from_rows(rows), max_length=32, epochs=1, show=False)
    said = [warning.message for warning in run.history.warnings if warning.kind == "truncated"]
    assert run.history.started is not None
    n = int(said[0].split(" of ")[0]) + (int(said[1].split(" of ")[0]) if len(said) > 1 else 0)
    assert n == 10
    assert f"{run.history.started.n_train} training rows are longer than 32 tokens" in said[0]


@pytest.mark.parametrize("length", [1, 2])
def test_a_limit_without_room_for_text_is_refused_with_one_that_has(length: int) -> None:
    with pytest.raises(SettingError, match=rf"max_length={length}: .*Use max_length=64"):
        ftkit.finetune(labelled(), max_length=length, epochs=1, show=False)
    assert ftkit.finetune(labelled(), max_length=64, epochs=1, show=False).state == "completed"


def test_a_limit_beyond_the_models_is_brought_down_to_it() -> None:
    run = ftkit.finetune(labelled(), max_length=100_000, epochs=1, show=False)
    assert run.history.started is not None
    assert run.history.started.settings["max_length"] == 512
    assert "100000 asked" in run.history.started.reasons["max_length"]


def test_a_loss_that_is_not_a_number_warns_once_and_ends_as_failed() -> None:
    run = ftkit.finetune(labelled(), learning_rate=1e30, epochs=5, show=False)
    assert run.state == "failed"
    said = [w for w in run.history.warnings if w.kind == "not_finite"]
    assert len(said) == 1
    assert "1e+29" in said[0].message
    assert run.history.ended is not None
    assert run.history.ended.detail == "not_finite"


# -- models of other makes


def films() -> ftkit.Dataset:
    """Rows of the words that the folders' tokenizers know."""
    rows = [
        (f"{what} {kind} {thing} {end}", {"good": "pos", "bad": "neg"}[kind])
        for what in ("a", "what a", "and a", "with a long")
        for kind in ("good", "bad")
        for thing in ("film", "book", "end")
        for end in ("", "why?", "with a long end")
    ]
    return ftkit.Dataset.from_rows(rows)


def tagged_films() -> ftkit.Dataset:
    rows = [(tuple(e.text.split()), e.text.split()) for e in films()]
    return ftkit.Dataset.from_rows(
        [(tokens, ["B-ART" if token in ("film", "book") else "O" for token in words]) for tokens, words in rows],
        format="tags",
    )


@pytest.mark.parametrize("make", [folders.bert, folders.roberta, folders.gpt2, folders.qwen2])
@pytest.mark.parametrize("data", [films, tagged_films])
def test_a_folder_of_plain_transformers_is_fine_tuned_without_a_network(
    make: Callable[[Path], Path], data: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "模型 one")
    tried = refuse_network(monkeypatch)
    rows = data()
    run = ftkit.finetune(rows, model=folder, epochs=10, learning_rate=1e-2, show=False, plateau=False)
    losses = run.history.train_losses
    assert losses[-5:].mean() < 0.8 * losses[:5].mean()
    found = run.predict(rows.texts[:3])
    assert len(found) == 3
    assert tried == []


def test_the_tiny_model_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = refuse_network(monkeypatch)
    run = ftkit.finetune(labelled(), epochs=1, show=False)
    assert (run.state, tried) == ("completed", [])


def test_an_architecture_starts_from_random_weights_where_there_are_none(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    (folder / "model.safetensors").unlink()
    run = ftkit.finetune(labelled(), model=folder, pretrained=False, epochs=1, show=False)
    assert run.history.started is not None
    assert run.history.started.settings["learning_rate"] == 1e-3  # that of new weights


def test_a_run_can_be_fine_tuned_further_from_where_it_was_saved(tmp_path: Path) -> None:
    first = ftkit.finetune(labelled(), epochs=6, show=False)
    folder = first.save(tmp_path / "first")
    again = ftkit.finetune(labelled(), model=folder, epochs=1, show=False, validation=labelled(20, 9))
    before = again.history.evaluations[0]
    assert before.step == 0
    assert before.val_loss == pytest.approx(first.evaluate(labelled(20, 9))["loss"], rel=1e-3)


@pytest.mark.parametrize("texts", [["", ""], ["", "a good film"], ["   "]], ids=repr)
def test_a_decoder_answers_even_to_no_text(texts: list[str], tmp_path: Path) -> None:
    run = ftkit.finetune(labelled(), model=folders.gpt2(tmp_path), epochs=1, show=False)
    assert [found.label in ("pos", "neg") for found in run.predict(texts)] == [True] * len(texts)
    assert all(np.isfinite(found.confidence) for found in run.predict(texts))


def test_execute_loads_torch_and_nothing_above_it() -> None:
    assert execute_module.torch is not None
    assert not hasattr(execute_module, "views")


def test_warnings_come_before_the_start() -> None:
    validation = ftkit.Dataset.from_rows([("the warm day", "pos"), ("the new day", "new")])
    told = list(ftkit.stream(labelled(), validation=validation, epochs=1))
    last = max(i for i, event in enumerate(told) if isinstance(event, Warned) and event.kind == "label_unseen")
    assert last < kinds(told).index("RunStarted")
    assert any(isinstance(event, StepsEnded) for event in told)


def test_a_background_run_ends_before_the_next_begins_where_it_is_waited_for() -> None:
    runs = [ftkit.finetune(labelled(), **{**LONG, "epochs": 1, "seed": seed}).wait() for seed in range(2)]
    assert [run.state for run in runs] == ["completed"] * 2
