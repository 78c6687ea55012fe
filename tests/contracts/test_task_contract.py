"""What every task promises, held against each of them, the user's own included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from ftkit.data.dataset import Dataset
from ftkit.data.tokenise import Encoded
from ftkit.runs.inspect import _reader
from ftkit.tasks import Measured, Task
from ftkit.training.batching import to_tensors
from tests.contracts.test_regression_task import Regression
from tests.runs.data import labelled, tagged
from tests.runs.test_inspect import chats, corpus, titles
from tests.tasks.test_multilabel import several


def numbers() -> Dataset:
    import pyarrow as pa

    texts = [f"a room {i} that is {'very ' * (i % 4)}good" for i in range(24)]
    return Dataset(pa.table({"text": texts, "n": [i / 24 for i in range(24)], "line": range(1, 25)}), "scored")


CASES: dict[str, tuple[Any, Any]] = {
    "classification": (labelled, None),
    "multilabel": (several, None),
    "tagging": (tagged, None),
    "language_modelling": (corpus, None),
    "masked_language_modelling": (corpus, "masked_language_modelling"),
    "generation": (titles, None),
    "summarisation": (titles, "summarisation"),
    "chat": (chats, None),
    "own": (numbers, Regression()),
}


@dataclass(frozen=True)
class Case:
    """A task with encoded rows, and random logits of the shape that its model gives."""

    data: Dataset
    task: Task
    encoded: Encoded
    tokenizer: Any

    def batch(self, rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and labels; a row's logits are the same in any batch."""
        tensors = to_tensors(self.encoded, rows, self.tokenizer.pad_token_id or 0)
        width = tensors["input_ids"].shape[1]
        per_token = self.task.head not in ("AutoModelForSequenceClassification",)
        n = len(self.task.labels) or self.task.model_config.get("num_labels", len(self.tokenizer))
        drawn = [torch.randn(64, n, generator=torch.Generator().manual_seed(row)) for row in rows]
        logits = torch.stack([one[:width] if per_token else one[0] for one in drawn])
        return logits, tensors["labels"]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    make, task = CASES[request.param]
    data = make()
    reader = _reader(data, "tiny", 32, task)
    encoded = reader.task.encode(data.texts, data.targets, reader.tokenizer, reader.max_length)
    return Case(data, reader.task, reader.task.pack(encoded, reader.max_length), reader.tokenizer)


def test_it_says_what_it_is(case: Case) -> None:
    task = case.task
    assert isinstance(task.name, str)
    assert hasattr(transformers, task.head)
    assert isinstance(task.labels, tuple)
    assert isinstance(task.generative, bool)
    assert isinstance(task.reads_classes, bool)
    assert isinstance(dict(task.model_config), dict)
    assert task.metric_errors == {}
    if task.generative:
        assert all(callable(getattr(task, name)) for name in ("prompt", "end_ids", "finish"))


def test_no_row_is_longer_than_the_limit(case: Case) -> None:
    assert len(case.encoded) > 1
    assert case.encoded.labels is not None
    assert len(case.encoded.labels) == len(case.encoded)
    assert max(len(ids) for ids in case.encoded.input_ids) <= 32


def test_the_loss_of_a_batch_is_the_sum_of_its_rows(case: Case) -> None:
    """Only so is training in small batches, accumulated, the same as in one large one."""
    rows = list(range(min(6, len(case.encoded))))
    whole, parts = case.batch(rows), [case.batch([row]) for row in rows]
    loss = sum(case.task.loss(*part, 0.0) for part in parts)
    assert torch.allclose(case.task.loss(*whole, 0.0), torch.as_tensor(loss), rtol=1e-4)
    assert case.task.count(whole[1]) == sum(case.task.count(labels) for _, labels in parts)


def test_an_epoch_is_a_function_of_seed_and_number(case: Case) -> None:
    first, again = (case.task.rows_of_epoch(case.encoded, 3, 1) for _ in range(2))
    assert len(first) == len(case.encoded)
    assert all(np.array_equal(a, b) for a, b in zip(first.input_ids, again.input_ids, strict=True))


def test_metrics_are_numbers_and_the_baseline_has_the_same_names(case: Case) -> None:
    task, n = case.task, len(case.encoded)
    classes: list[np.ndarray] = []
    for row in range(n) if task.reads_classes else ():
        classes += list(task.read(case.batch([row])[0]).numpy())
    written = {i: str(case.encoded.targets[i]) for i in range(n)} if case.encoded.prompts is not None else {}  # type: ignore[index]
    found = task.metrics(Measured(1.5, n, classes, written), case.encoded)
    assert found
    assert all(isinstance(value, float) and np.isfinite(value) for value in found.values())
    assert set(task.baseline(case.encoded, case.encoded)) <= set(found)


def test_what_is_asked_needs_no_answer(case: Case) -> None:
    if case.task.name in ("language_modelling", "masked_language_modelling"):
        return  # a text is its own answer
    asked = case.task.encode(case.data.texts, None, case.tokenizer, 32)
    assert asked.labels is None
    assert len(asked) == len(case.data)
