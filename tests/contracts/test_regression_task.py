"""A task that lives only here, over a format that lives only here: a number for a text. No edit in ftkit knows it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.data.problems import Problem, Problems
from ftkit.data.source import Source
from ftkit.data.tokenise import Encoded
from ftkit.errors import DataError, RunError, SettingError
from ftkit.runs.run import Run
from ftkit.runs.spec import RunSpec
from ftkit.tasks import Measured

QUICK = {"epochs": 8, "learning_rate": 3e-3, "batch_size": 8, "plateau": False, "show": False}


class Scored:
    """``4.5 | a text``: numbers stay numbers, a column of floats."""

    name = "scored"
    suffixes = (".scored",)

    def sniff(self, head: list[str]) -> float:
        filled = [line for line in head if line.strip()]
        return sum(" | " in line for line in filled) / max(1, len(filled))

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        problems, rows = Problems(), list[tuple[str, float, int]]()
        for number, line in source.lines():
            score, _, body = line.partition(" | ")
            try:
                rows.append((body, float(score), number))
            except ValueError:
                problems.append(Problem("error", number, "no_score", "No number.", "Write one.", line[:60]))
        texts, scores, lines = zip(*rows, strict=True)
        schema = pa.schema({"text": pa.string(), "score": pa.float64(), "line": pa.int32()})
        return pa.table([texts, scores, lines], schema=schema), problems


class Regression:
    """One number for a text: squared error, its root as the metric."""

    name = "regression"
    head = "AutoModelForSequenceClassification"
    model_config: ClassVar = {"num_labels": 1, "problem_type": "regression"}

    def encode(self, texts: Sequence[str], targets: Sequence[float] | None, tokenizer: Any, max_length: int) -> Encoded:
        found = tokenizer(list(texts), truncation=True, max_length=max_length)["input_ids"]
        labels = None if targets is None else [np.asarray(target, np.float32) for target in targets]
        return Encoded([np.asarray(ids, np.int32) for ids in found], labels, 0)

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        return functional.mse_loss(logits.squeeze(-1), labels, reduction="sum")

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        return logits.squeeze(-1)

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        assert encoded.labels is not None
        found, true = np.array([float(x) for x in measured.classes]), np.array([float(x) for x in encoded.labels])
        return {"rmse": float(np.sqrt(np.mean((found - true) ** 2))), "mae": float(np.abs(found - true).mean())}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        assert train.labels is not None
        assert validation.labels is not None
        mean, true = np.mean([float(x) for x in train.labels]), np.array([float(x) for x in validation.labels])
        return {"rmse": float(np.sqrt(np.mean((true - mean) ** 2)))}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: str) -> float:
        return float(logits[0])


def lines(n: int = 80) -> str:
    """Each good word is worth one more, each bad one less; all fractions differ, so that no two rows share a target."""
    draw = random.Random(0)
    rows = []
    for i in range(n):
        words = draw.choices(["good", "fine", "bad", "poor"], k=5)
        score = sum(1 if word in ("good", "fine") else -1 for word in words)
        rows.append(f"{score / 5 + i / 10_000:.4f} | it was {' '.join(words)} {i}\n")
    return "".join(rows)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scored") / "分数.scored"
    path.write_text(lines(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FTKIT_RUNS", str(tmp_path_factory.mktemp("runs")))
        return ftkit.finetune(ftkit.load(file, format=Scored()), task=Regression(), **QUICK)


@pytest.fixture
def run(trained: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FTKIT_RUNS", str(trained.folder.parent))
    return trained


def test_numbers_stay_numbers(file: Path) -> None:
    data = ftkit.load(file, format=Scored())
    assert data.format == "scored"
    assert isinstance(data[0].target, float)
    parts = data.split(validation=0.2)
    assert len(parts["train"]) + len(parts["validation"]) == len(data)
    assert len(data.fingerprint) == 16


def test_numbers_are_not_counted_as_labels(file: Path) -> None:
    data = ftkit.load(file, format=Scored())
    assert data.labels == ()
    assert len(repr(data).splitlines()) < 10


def test_a_regression_learns(run: Run) -> None:
    assert run.state == "completed"
    assert run.history.started is not None
    assert run.metrics["rmse"] < 0.7 * run.history.started.baseline["rmse"]
    assert run.history.started.labels == ()


def test_it_answers_with_what_decode_returns(run: Run) -> None:
    good, bad = run.predict(["it was good good fine fine good", "it was bad bad poor poor bad"])
    assert isinstance(good, float)
    assert good > 0.3 > -0.3 > bad
    assert run.predict("it was good good fine fine good") == pytest.approx(good, abs=1e-5)


def test_it_is_measured_on_new_rows(run: Run, file: Path) -> None:
    found = run.evaluate(ftkit.load(file, format=Scored()))
    assert found["rmse"] == pytest.approx(np.sqrt(found["loss"]), rel=1e-4)


def test_plain_transformers_loads_what_is_saved(run: Run, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = run.save(tmp_path / "saved")
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert model.config.num_labels == 1
    assert model.config.problem_type == "regression"
    with torch.inference_mode():
        logits = model(**tokenizer("it was good", return_tensors="pt")).logits
    assert float(logits[0, 0]) == pytest.approx(run.predict("it was good"), abs=1e-4)
    assert "regression" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_whole_file_is_answered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("it was good\n\nit was bad\n", encoding="utf-8")
    out = run.predict(tmp_path / "new.txt", out=tmp_path / "answers.csv").read_text(encoding="utf-8-sig").splitlines()
    assert out[0] == "text,prediction"
    assert float(out[1].split(",")[1]) == pytest.approx(run.predict("it was good"), abs=1e-4)


def test_the_spec_holds_the_tasks_name(run: Run) -> None:
    spec = RunSpec.from_dict(json.loads((run.folder / "spec.json").read_text(encoding="utf-8")))
    assert spec == run.spec
    assert (spec.task, spec.own_task) == ("regression", True)


def test_the_runs_picture_and_list_do_not_need_the_object(run: Run) -> None:
    (found,) = ftkit.list_runs()
    assert "rmse" in repr(found)
    assert found.plot() is not None


def test_another_process_is_told_to_hand_the_task_over(run: Run) -> None:
    code = f"import ftkit; run = ftkit.attach({run.id!r}); print(run.state); run.predict('it was good')"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert asked.stdout.strip() == "completed"
    assert f"RunError: {run.id}: its task 'regression' is no part of ftkit" in asked.stderr
    assert f"ftkit.attach('{run.id}', task=...)" in asked.stderr


def test_an_attached_run_with_its_task_answers_as_before(run: Run) -> None:
    found = ftkit.attach(run.id, task=Regression())
    assert found.predict(["it was good"]) == run.predict(["it was good"])


def test_another_task_than_the_runs_is_refused(run: Run) -> None:
    class Other(Regression):
        name = "other"

    with pytest.raises(RunError, match="trained for the task 'regression', not 'other'"):
        ftkit.attach(run.id, task=Other())


def test_an_object_that_is_no_task_is_refused_before_anything_starts(file: Path) -> None:
    class Half:
        name = "half"

    class Taken(Regression):
        name = "classification"

    class Headless(Regression):
        head = "BertModel"

    data = ftkit.load(file, format=Scored())
    for task, said in (
        (Half(), "no head, encode"),
        (Taken(), "its name 'classification'"),
        (Headless(), "'BertModel'"),
    ):
        with pytest.raises(SettingError, match=said):
            ftkit.finetune(data, task=task, show=False)
    with pytest.raises(SettingError, match="measures itself"):
        ftkit.finetune(data, task=Regression(), metrics={"f": lambda p, t: 0.0}, show=False)
    assert ftkit.list_runs() == []


def test_numbers_cannot_be_learnt_as_labels(file: Path) -> None:
    with pytest.raises(DataError, match="with numbers as targets, which cannot be learnt as 'classification'"):
        ftkit.finetune(ftkit.load(file, format=Scored()), task="classification", show=False)


@pytest.mark.parametrize("method", ["lora", "head"])
def test_a_task_of_ones_own_trains_with_every_method(run: Run, file: Path, tmp_path: Path, method: str) -> None:
    folder = run.save(tmp_path / "base")
    data = ftkit.load(file, format=Scored())
    settings = {**QUICK, "epochs": 1}
    found = ftkit.finetune(data, task=Regression(), model=folder, method=method, **settings)  # type: ignore[arg-type]
    assert found.state == "completed"
    assert ftkit.attach(found.id, task=Regression()).predict(["it was good"]) == found.predict(["it was good"])
    assert found.save(tmp_path / method).is_dir()


def test_rows_of_memory_can_be_learnt_too() -> None:
    table = pa.table({"text": ["a b", "b c", "c d"] * 8, "score": [0.1, 0.2, 0.3] * 8, "line": range(1, 25)})
    data = Dataset(table, "scored")
    run = ftkit.finetune(data, task=Regression(), epochs=1, batch_size=2, validation=0.3, show=False)
    assert run.state == "completed"
    assert run.spec.load_options == {"arrow": True}
