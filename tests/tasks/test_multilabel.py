"""Several labels a text: the numbers against plain readings, and a whole run against what it saved."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.data.tokenise import Encoded
from ftkit.errors import DataError
from ftkit.runs.run import Run
from ftkit.tasks import Measured
from ftkit.tasks.multilabel import LabelsPrediction, MultiLabel, multilabel_metrics

WORDS = {"food": "soup bread rice", "room": "bed window shower", "staff": "waiter porter maid"}
QUICK = {"epochs": 10, "learning_rate": 3e-3, "batch_size": 8, "plateau": False, "show": False}


def several(n: int = 90, seed: int = 0, names: tuple[str, ...] = tuple(WORDS)) -> Dataset:
    """Texts that name none to three things; the words give the labels away."""
    draw, rows = random.Random(seed), []
    for i in range(n):
        chosen = [label for label in WORDS if draw.random() < 0.45]
        words = [draw.choice(WORDS[label].split()) for label in chosen for _ in range(2)]
        draw.shuffle(words)
        rows.append((f"we saw {' '.join(words)} today {i}", [names[list(WORDS).index(label)] for label in chosen]))
    texts, labels = zip(*rows, strict=True)
    kind = pa.list_(pa.string())
    return Dataset(
        pa.table({"text": texts, "label": pa.array(labels, kind), "line": pa.array(range(1, n + 1), pa.int32())}),
        "labels",
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FTKIT_RUNS", str(tmp_path_factory.mktemp("runs")))
        return ftkit.finetune(several(), **QUICK)  # type: ignore[arg-type]


@pytest.fixture
def run(trained: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FTKIT_RUNS", str(trained.folder.parent))
    return trained


def by_hand(predicted: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """The definitions, one cell after the other."""
    scores, hits, false, missed = [], 0, 0, 0
    for k in range(true.shape[1]):
        pairs = list(zip(predicted[:, k], true[:, k], strict=True))
        tp, fp, fn = (sum(pair == kind for pair in pairs) for kind in ((True, True), (True, False), (False, True)))
        scores.append(2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0)
        hits, false, missed = hits + tp, false + fp, missed + fn
    micro = 2 * hits / (2 * hits + false + missed) if hits + false + missed else 0.0
    exact = sum(list(p) == list(t) for p, t in zip(predicted, true, strict=True)) / len(true)
    return {"micro_f1": micro, "macro_f1": sum(scores) / len(scores), "exact_match": exact}


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_metrics_are_what_their_definitions_say(share: float) -> None:
    rng = np.random.default_rng(0)
    for n_labels in (1, 2, 5):
        predicted, true = rng.random((2, 20, n_labels)) < share
        assert multilabel_metrics(predicted, true) == pytest.approx(by_hand(predicted, true))


def test_the_loss_over_its_terms_is_the_mean_that_transformers_heads_take() -> None:
    task = MultiLabel(("a", "b", "c"))
    logits, labels = torch.randn(7, 3), (torch.rand(7, 3) > 0.5).float()
    mean = torch.nn.BCEWithLogitsLoss()(logits, labels)
    assert torch.allclose(task.loss(logits, labels, 0.0) / task.count(labels), mean)
    smooth = functional.binary_cross_entropy_with_logits(logits, labels * 0.8 + 0.1)
    assert torch.allclose(task.loss(logits, labels, 0.2) / task.count(labels), smooth)


def test_the_baseline_gives_the_labels_that_most_texts_have() -> None:
    task = MultiLabel(("a", "b", "c"))
    rows = [[1, 0, 1], [1, 0, 0], [1, 1, 0], [0, 1, 0]]  # a: 3 of 4; b: 2 of 4 is no majority
    train = Encoded([np.zeros(1, np.int32)] * 4, [np.array(row, np.float32) for row in rows], 0)
    usual = np.array([[True, False, False]] * 4)
    assert task.baseline(train, train) == multilabel_metrics(usual, np.array(rows, bool))


def test_a_users_metric_sees_tuples_of_names() -> None:
    seen: list[Any] = []
    task = MultiLabel(("a", "b"), {"f": lambda p, t: seen.append((p, t)) or 0.5})
    true = Encoded([np.zeros(1, np.int32)] * 2, [np.array([1, 1], np.float32), np.array([0, 0], np.float32)], 0)
    found = task.metrics(Measured(0.0, 4, [np.array([True, False]), np.array([False, False])]), true)
    assert found["f"] == 0.5
    assert seen == [([("a",), ()], [("a", "b"), ()])]


def test_it_learns_none_one_and_several(run: Run) -> None:
    assert run.history.started is not None
    assert list(run.metrics)[:3] == ["micro_f1", "macro_f1", "exact_match"]
    assert run.metrics["micro_f1"] > 0.9 > run.history.started.baseline["micro_f1"]
    asked = ["we saw soup rice today", "we saw bed waiter shower porter today", "we saw today"]
    answers = run.predict(asked)
    assert [answer.label for answer in answers] == [("food",), ("room", "staff"), ()]
    assert isinstance(answers[0], LabelsPrediction)
    assert set(answers[0].scores) == set(WORDS)
    shares = np.array(list(answers[0].scores.values()))
    assert answers[0].confidence == pytest.approx(np.maximum(shares, 1 - shares).prod())
    assert run.evaluate(several(30, seed=5))["exact_match"] > 0.8


def test_a_run_that_is_read_again_says_the_same(run: Run) -> None:
    asked = ["we saw soup waiter today", "we saw today"]
    assert ftkit.attach(run.id).predict(asked) == run.predict(asked)
    assert "micro_f1" in repr(ftkit.attach(run.id))


def test_plain_transformers_says_the_same(run: Run, tmp_path: Path) -> None:
    from transformers import pipeline

    folder = run.save(tmp_path / "saved")
    texts = ["we saw soup waiter today", "we saw today"]
    model = pipeline("text-classification", str(folder), device="cpu", top_k=None)
    for scores, answer in zip(model(texts), run.predict(texts), strict=True):
        assert {item["label"]: item["score"] for item in scores} == pytest.approx(answer.scores, abs=1e-4)
    assert model.model.config.problem_type == "multi_label_classification"


@pytest.mark.parametrize("method", ["full", "lora", "head"])
def test_every_method_goes_on_from_a_saved_model(run: Run, tmp_path: Path, method: str) -> None:
    folder = run.save(tmp_path / "base")
    found = ftkit.finetune(several(), model=folder, method=method, **{**QUICK, "epochs": 1})  # type: ignore[arg-type]
    texts = ["we saw soup waiter today"]
    assert found.metrics["micro_f1"] > 0.8
    assert ftkit.attach(found.id).predict(texts) == found.predict(texts)


def test_a_model_of_several_labels_becomes_one_of_single_labels(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "base")
    single = Dataset.from_rows(
        [(f"{word} {i}", label) for label in WORDS for word in WORDS[label].split() for i in "ab"]
    )
    found = ftkit.finetune(single, model=folder, epochs=1, batch_size=2, show=False)
    assert "accuracy" in found.metrics
    assert isinstance(ftkit.attach(found.id).predict("soup").label, str)


def test_a_whole_file_gets_its_labels_joined(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "new.tsv"
    source.write_text("food,room\twe saw soup bed today\n\twe saw today\nstaff\twe saw maid porter\n", encoding="utf-8")
    with run.predict(source, out=tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["expected"] for row in rows] == ["food,room", "", "staff"]
    assert [row["label"] for row in rows] == ["food,room", "", "staff"]
    assert all(0 < float(row["confidence"]) <= 1 for row in rows)


def test_labels_with_a_comma_are_joined_by_a_bar(tmp_path: Path) -> None:
    data = several(names=("food, drink", "room", "staff"))
    run = ftkit.finetune(data, **QUICK)  # type: ignore[arg-type]
    (tmp_path / "new.txt").write_text("we saw soup rice bed shower today\n", encoding="utf-8")
    with run.predict(tmp_path / "new.txt", out=tmp_path / "o.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["label"] == "food, drink|room"


def test_an_unknown_label_is_named(run: Run) -> None:
    with pytest.raises(DataError, match="parking"):
        run.evaluate(several(names=("parking", "room", "staff")))


def test_rows_of_one_label_each_can_measure_it(run: Run) -> None:
    single = Dataset.from_rows([("we saw soup bread today", "food"), ("we saw maid porter today", "staff")])
    assert run.evaluate(single)["exact_match"] == 1.0
    found = ftkit.finetune(several(), validation=single, **{**QUICK, "epochs": 1, "batch_size": 2})  # type: ignore[arg-type]
    assert "micro_f1" in found.metrics


def test_a_model_of_single_labels_refuses_several() -> None:
    rows = [(f"{word} {i}", label) for label in WORDS for word in WORDS[label].split() for i in "ab"]
    single = Dataset.from_rows(rows)
    with pytest.raises(DataError, match="several labels"):
        ftkit.finetune(single, validation=several(9), batch_size=2, show=False)
    found = ftkit.finetune(single, epochs=1, batch_size=1, show=False)
    with pytest.raises(DataError, match="several labels"):
        found.evaluate(several(9))


def test_labels_are_encoded_where_they_stand(run: Run) -> None:
    task, data = run._model().task, several(4)
    encoded = task.encode(data.texts, data.targets, run._model().tokenizer, 64)
    assert encoded.labels is not None
    for row, target in zip(encoded.labels, data.targets, strict=True):
        assert [float(x) for x in row] == [float(label in target) for label in task.labels]
