from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from ftkit.data.tokenise import Encoded
from ftkit.models.tiny import train_tokenizer
from ftkit.tasks import Measured, build_task
from ftkit.tasks.classification import Classification, label_metrics, softmax

NAMES = ["好评", "bad", "tab\there", '"q"', "😀"]
pairs = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=1, max_size=40)


@given(pairs)
def test_accuracy_and_macro_f1_are_those_of_scikit_learn(found: list[tuple[str, str]]) -> None:
    predictions, targets = [p for p, _ in found], [t for _, t in found]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a label that was never predicted
        expected = {
            "accuracy": accuracy_score(targets, predictions),
            "macro_f1": f1_score(targets, predictions, average="macro"),
        }
    assert label_metrics(predictions, targets) == pytest.approx(expected)


def encoded(classes: list[int]) -> Encoded:
    return Encoded([np.array([1], np.int32)] * len(classes), [np.asarray(c) for c in classes], 0)


def test_metrics_are_of_label_names_and_accuracy_comes_first() -> None:
    task = build_task("classification", ("a", "b"))
    found = task.metrics(Measured(0.0, 1, [np.asarray(0), np.asarray(0), np.asarray(1)]), encoded([0, 1, 1]))
    assert list(found) == ["accuracy", "macro_f1"]
    assert found["accuracy"] == pytest.approx(2 / 3)


def test_a_metric_of_the_user_is_given_label_names_and_comes_last() -> None:
    seen: list[Any] = []

    def mine(predictions: Any, targets: Any) -> int:
        seen.extend([list(predictions), list(targets)])
        return 7

    found = build_task("classification", ("a", "b"), {"mine": mine}).metrics(
        Measured(0.0, 1, [np.asarray(0)]), encoded([1])
    )
    assert seen == [["a"], ["b"]]
    assert list(found.items())[-1] == ("mine", 7.0)


@pytest.mark.parametrize("result", [ValueError("broken"), "not a number", None], ids=repr)
def test_a_metric_of_the_user_that_fails_is_nan(result: Any) -> None:
    def mine(predictions: Any, targets: Any) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    found = build_task("classification", ("a", "b"), {"mine": mine}).metrics(
        Measured(0.0, 1, [np.asarray(0)]), encoded([1])
    )
    assert math.isnan(found["mine"])
    assert found["accuracy"] == 0.0


def test_the_baseline_gives_the_commonest_training_label_to_every_validation_row() -> None:
    task = build_task("classification", ("a", "b", "c"))
    found = task.baseline(encoded([1, 1, 0]), encoded([0, 1, 2, 1]))
    assert found == label_metrics(["b"] * 4, ["a", "b", "c", "b"])


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer(["good film", "bad film", "a good good film", "bad bad book"] * 3)


def test_a_text_keeps_its_special_tokens_when_it_is_cut(tokenizer: Any) -> None:
    task = build_task("classification", ("a", "b"))
    cut = task.encode(["good film bad book good", "bad"], ["a", "b"], tokenizer, 4)
    assert [ids.tolist()[0] for ids in cut.input_ids] == [tokenizer.cls_token_id] * 2
    assert [ids.tolist()[-1] for ids in cut.input_ids] == [tokenizer.sep_token_id] * 2
    assert [len(ids) for ids in cut.input_ids] == [4, 3]
    assert cut.n_truncated == 1
    assert cut.labels is not None
    assert [int(label) for label in cut.labels] == [0, 1]


@pytest.mark.parametrize(
    "body", ["", "   ", "\u200b", "x" * 10_000, "字" * 10_000, "😀", 'a\t"b"\nc'], ids=lambda b: repr(b[:4])
)
def test_any_text_can_be_encoded(tokenizer: Any, body: str) -> None:
    found = build_task("classification", ("a", "b")).encode([body], None, tokenizer, 32)
    assert 2 <= len(found.input_ids[0]) <= 32
    assert found.labels is None


def test_encoding_equals_what_the_tokenizer_gives_a_pipeline(tokenizer: Any) -> None:
    texts = ["good film", "bad unknown book", "good"]
    found = build_task("classification", ("a", "b")).encode(texts, None, tokenizer, 32)
    assert [ids.tolist() for ids in found.input_ids] == tokenizer(texts)["input_ids"]


def test_the_loss_is_the_sum_of_cross_entropies() -> None:
    task = Classification(("a", "b", "c"))
    logits, labels = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 2, 1, 0])
    expected = -logits.log_softmax(-1)[torch.arange(5), labels].sum()
    assert task.loss(logits, labels, 0.0).item() == pytest.approx(expected.item(), rel=1e-6)
    assert task.count(labels) == 5


def test_a_prediction_names_the_likeliest_label_and_shares_that_add_up_to_one() -> None:
    task = Classification(("a", "b", "c"))
    found = task.decode(np.array([1.0, 3.0, -2.0], np.float32), encoded([0]), 0, "text")
    assert (found.text, found.label, list(found.scores)) == ("text", "b", ["a", "b", "c"])
    assert sum(found.scores.values()) == pytest.approx(1.0)
    assert found.confidence == found.scores["b"]


def test_shares_of_huge_logits_are_finite() -> None:
    assert softmax(np.array([[1e4, -1e4], [0.0, 0.0]], np.float32)).tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_an_unknown_task_has_no_file() -> None:
    with pytest.raises(KeyError):
        build_task("poetry", ("a",))
