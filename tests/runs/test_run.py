from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer, pipeline

import ftkit
from ftkit.errors import ModelError, RunError, RunFailedError
from ftkit.runs import build
from ftkit.runs.run import Run
from ftkit.training import loop
from ftkit.training.events import Event, Stop
from tests.runs.data import labelled, lines, tagged

LONG = {"epochs": 5000, "batch_size": 4, "plateau": False, "show": False, "background": True}


def wait_for(what: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def training(**settings: Any) -> Run:
    """A background run that has been evaluated after at least one step."""
    run = ftkit.finetune(labelled(), **{**LONG, **settings})
    wait_for(lambda: run.best is not None)
    return run


def test_the_kept_weights_are_those_of_the_best_evaluation() -> None:
    data = labelled(60)
    validation = ftkit.Dataset.from_rows([(text, "neg" if label == "pos" else "pos") for text, label in lines(20, 1)])
    run = ftkit.finetune(data, validation=validation, epochs=6, show=False, plateau=False)
    assert run.best is not None
    assert run.history.ended is not None
    assert run.best.step == run.history.ended.best_step < run.history.ended.step  # what it learns is wrong there
    measured = run.evaluate(validation)
    assert measured["loss"] == pytest.approx(run.best.val_loss, rel=1e-4)
    assert measured["accuracy"] == pytest.approx(run.best.metrics["accuracy"])


def test_a_background_run_stops_when_told_and_keeps_weights() -> None:
    run = training()
    assert run.state == "running"
    told = time.monotonic()
    run.stop()
    run.wait()
    assert time.monotonic() - told < 5
    assert run.state == "stopped"
    assert run.predict("the lovely warm day").label in ("pos", "neg")


def test_pause_holds_and_unpause_goes_on() -> None:
    run = training()
    run.pause()
    wait_for(lambda: run.state == "paused")
    step = run.history.step
    time.sleep(0.3)
    assert run.history.step == step
    run.unpause()
    wait_for(lambda: run.history.step > step)
    run.stop()
    assert run.wait().state == "stopped"


def test_a_keyboard_interrupt_ends_the_run_gracefully(monkeypatch: pytest.MonkeyPatch) -> None:
    run = training()
    real, raised = run._ended, []

    def once() -> bool:
        if not raised:
            raised.append(1)
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(run, "_ended", once)
    run.wait()
    assert run.state == "interrupted"
    assert run.metrics["accuracy"] >= 0
    assert ftkit.attach(run.id).predict(["the cold dim day"])[0].label in ("pos", "neg")


def test_a_view_that_raises_never_ends_the_training() -> None:
    class Broken:
        def update(self, event: Event) -> None:
            raise ZeroDivisionError("drawn badly")

        def close(self) -> None:
            raise ZeroDivisionError("closed badly")

    run = ftkit.finetune(labelled(), **{**LONG, "epochs": 2})
    run._join(Broken())
    assert run.wait().state == "completed"
    assert "drawn badly" in (run.folder / "log.txt").read_text(encoding="utf-8")


def test_an_error_in_training_fails_the_run_and_is_told_with_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(loop, "train_step", broken)
    with pytest.raises(RunFailedError, match="r01: ZeroDivisionError: no such luck") as caught:
        ftkit.finetune(labelled(), epochs=1, show=False)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    run = ftkit.attach("r01")
    assert run.state == "failed"
    assert run.history.ended is not None
    assert run.history.ended.detail == "ZeroDivisionError"
    assert "broken" in (run.folder / "log.txt").read_text(encoding="utf-8")


def test_a_model_that_cannot_be_loaded_is_said_before_a_run_is_made(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        ftkit.finetune(labelled(), model=tmp_path, show=False)
    assert ftkit.list_runs() == []


def test_another_process_reads_a_live_run_and_stops_it() -> None:
    run = training()
    script = f"""
import ftkit
run = ftkit.attach({run.id!r})
print(run.state, len(run.history) > 0, run.best is not None)
run.stop()
print(run.wait(30).state)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", timeout=120)
    assert done.stdout.split() == ["running", "True", "True", "stopped"], done.stderr
    assert run.wait().state == "stopped"


def test_a_run_that_died_is_interrupted_and_its_best_weights_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
import os
from tests.runs.test_run import training, wait_for
run = training()
wait_for(run._folder.checkpoints)
print(run.id, flush=True)
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", timeout=120)
    assert done.stdout.split() == ["r01"], done.stderr
    run = ftkit.attach("r01")
    monkeypatch.setattr("ftkit.runs.store.ALIVE_SECONDS", 0.0)
    assert run.state == "interrupted"
    assert run.best is not None
    assert run.predict("the lovely warm day").label in ("pos", "neg")


def test_the_same_seed_gives_the_same_losses_blocking_or_in_the_background() -> None:
    first = ftkit.finetune(labelled(), epochs=3, show=False, seed=3)
    second = ftkit.finetune(labelled(), epochs=3, show=False, seed=3, background=True).wait()
    other = ftkit.finetune(labelled(), epochs=3, show=False, seed=4)
    assert np.array_equal(first.history.train_losses, second.history.train_losses)
    assert not np.array_equal(first.history.train_losses, other.history.train_losses)


def test_a_saved_classifier_gives_equal_logits_in_plain_transformers(tmp_path: Path) -> None:
    run = ftkit.finetune(labelled(), epochs=2, show=False)
    folder = run.save(tmp_path / "模型 one")
    texts = [text for text, _ in lines(12, 7)]
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ours = run._model()
    inputs = tokenizer(texts, return_tensors="pt", padding=True)
    with torch.no_grad():
        assert torch.allclose(model(**inputs).logits, ours.model(**inputs).logits, atol=1e-6)
    answers = pipeline("text-classification", str(folder))(texts, truncation=True)
    assert [answer["label"] for answer in answers] == [found.label for found in run.predict(texts)]
    card = (folder / "README.md").read_text(encoding="utf-8")
    for said in (run.spec.fingerprint, "learning_rate", "accuracy", "pos"):
        assert said in card
    run.save(folder)  # over its own


def test_a_saved_tagger_gives_equal_logits_and_tags(tmp_path: Path) -> None:
    run = ftkit.finetune(tagged(), epochs=15, show=False, learning_rate=3e-3)
    folder = run.save(tmp_path / "tags")
    model = AutoModelForTokenClassification.from_pretrained(folder).eval()
    inputs = AutoTokenizer.from_pretrained(folder)("I saw Ada at 3", return_tensors="pt")
    with torch.no_grad():
        assert torch.allclose(model(**inputs).logits, run._model().model(**inputs).logits, atol=1e-6)
    found = run.predict("I saw Ada at 3")
    assert found.tags[2] == "B-PER"
    assert found.entities == [("PER", 2, 2)]
    entities = pipeline("token-classification", str(folder))("I saw Ada at 3")
    assert "B-PER" in {entity["entity"] for entity in entities}


def test_nothing_that_save_did_not_write_is_overwritten(tmp_path: Path) -> None:
    run = ftkit.finetune(labelled(), epochs=1, show=False)
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(RunError, match="Name a new folder"):
        run.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    assert not (tmp_path / "config.json").exists()


def test_list_runs_has_every_run_in_order() -> None:
    for _ in range(2):
        ftkit.finetune(labelled(20), epochs=1, show=False)
    assert [(run.id, run.state) for run in ftkit.list_runs()] == [("r01", "completed"), ("r02", "completed")]
    assert repr(ftkit.attach("r01")) == repr(ftkit.attach("r01"))


def test_a_stop_while_the_model_loads_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real, told = build.load_tokenizer, threading.Event()
    monkeypatch.setattr(build, "load_tokenizer", lambda *a, **b: (told.wait(30), real(*a, **b))[1])
    run = ftkit.finetune(labelled(), **LONG)
    run._tell(Stop())
    told.set()
    assert run.wait().state == "stopped"
    assert run.history.step == 0
    with pytest.raises(RunError, match="no weights"):
        run.predict("the lovely day")


def test_a_stop_before_an_evaluation_keeps_the_weights_and_claims_no_metric() -> None:
    run = ftkit.finetune(labelled(), **{**LONG, "evaluate_every": 10**6})
    wait_for(lambda: run.history.step > 0)
    run.stop()
    run.wait()
    assert run.best is None
    assert run.metrics == {}
    assert run.predict("the lovely day").label in ("pos", "neg")
