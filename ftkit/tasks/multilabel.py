"""Text classification with any number of labels for a text: none, one or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from ftkit.data.tokenise import Encoded
from ftkit.tasks import Measured, Metric, own_metrics
from ftkit.tasks.classification import Classification

PROBLEM_TYPE = "multi_label_classification"  # what transformers calls it in a model's config


@dataclass(frozen=True)
class LabelsPrediction:
    """A text's labels, those that are likelier than not, in the order of the model's outputs.

    Attributes:
        text: The text.
        label: The labels; an empty tuple for none.
        confidence: How likely just these labels are, 0 to 1: the product over all labels, taken one by one.
        scores: How likely each label is, 0 to 1; they do not add up to 1.
    """

    text: str
    label: tuple[str, ...]
    confidence: float
    scores: dict[str, float]


class MultiLabel:
    """Every label by itself, yes or no; micro-F1 first, then macro-F1 and the share of texts that are wholly right.

    It is called classification too: the data's labels, one text's alone or several, tell which of the two is meant.
    """

    name = "classification"
    head = "AutoModelForSequenceClassification"
    generative = False
    reads_classes = True
    model_config: Mapping[str, Any] = {"problem_type": PROBLEM_TYPE}

    def __init__(self, labels: Sequence[str], metrics: Mapping[str, Metric] | None = None) -> None:
        self.labels = tuple(labels)
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self._metrics = dict(metrics or {})
        self._ids = {label: i for i, label in enumerate(self.labels)}
        self._single = Classification(labels)

    def encode(
        self,
        texts: Sequence[str],
        targets: Sequence[Sequence[str]] | None,
        tokenizer: PreTrainedTokenizerBase,
        max_length: int,
    ) -> Encoded:
        """Returns token ids as for a single label, and whether a text has each label: (K,) bool, fp32 in a batch."""
        encoded = self._single.encode(texts, None, tokenizer, max_length)
        if targets is None:
            return encoded
        targets = [(target,) if isinstance(target, str) else target for target in targets]
        table = np.zeros((len(texts), len(self.labels)), bool)
        rows = np.repeat(np.arange(len(texts)), [len(target) for target in targets])
        table[rows, [self._ids[label] for target in targets for label in target]] = True
        return replace(encoded, labels=table)

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the examples as they are."""
        return encoded

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the examples as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the binary cross-entropy summed over all labels of all texts.

        Its mean is over both, so it is the loss that transformers' own multi-label heads compute.

        Args:
            logits: (B, K) fp32.
            labels: (B, K) fp32, 1 where the text has the label.
            label_smoothing: The share of each answer that is spread over yes and no.
        """
        wanted = labels * (1 - label_smoothing) + label_smoothing / 2
        return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of yes-or-no answers in (B, K) labels."""
        return labels.numel()

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns which labels are likelier than not: (B, K) bool."""
        return logits > 0

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns micro-F1, macro-F1 and exact matches, then the user's own metrics over tuples of label names."""
        predicted, true = _stacked(measured.classes), _truth(encoded)
        own: dict[str, float] = {}
        if self._metrics:
            own = own_metrics(self._metrics, self._names(predicted), self._names(true), self.metric_errors)
        return {**multilabel_metrics(predicted, true), **own}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of giving every text the labels that more than half of `train` has."""
        usual, true = _truth(train).mean(axis=0) > 0.5, _truth(validation)
        return multilabel_metrics(np.broadcast_to(usual, true.shape), true)

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: str) -> LabelsPrediction:
        """Returns the prediction that logits of shape (K,) stand for."""
        shares = 1 / (1 + np.exp(-logits.astype(np.float64)))
        (names,) = self._names((logits > 0)[None])
        scores = {label: float(share) for label, share in zip(self.labels, shares, strict=True)}
        return LabelsPrediction(example, names, float(np.maximum(shares, 1 - shares).prod()), scores)

    def _names(self, table: np.ndarray) -> list[tuple[str, ...]]:
        return [tuple(self.labels[i] for i in np.flatnonzero(row)) for row in table]


def multilabel_metrics(predicted: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Returns micro-F1, macro-F1 and the share of rows that are right in every label.

    As scikit-learn defines them over indicator matrices: a label that nobody has and nobody predicts counts 0.

    Args:
        predicted: (N, K) bool.
        true: (N, K) bool.

    Example:
        >>> true, predicted = np.array([[1, 0], [1, 0]]) > 0, np.array([[1, 0], [1, 1]]) > 0
        >>> found = multilabel_metrics(predicted, true)
        >>> found["micro_f1"], found["macro_f1"], found["exact_match"]
        (0.8, 0.5, 0.5)
    """
    hits = (predicted & true).sum(axis=0)
    marks = predicted.sum(axis=0) + true.sum(axis=0)  # 2 hits + false positives + false negatives
    scores = 2 * hits / np.maximum(marks, 1)
    return {
        "micro_f1": float(2 * hits.sum() / max(marks.sum(), 1)),
        "macro_f1": float(scores.mean()) if len(scores) else 0.0,
        "exact_match": float((predicted == true).all(axis=1).mean()) if len(true) else 0.0,
    }


def _stacked(rows: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack(list(rows)).astype(bool)


def _truth(encoded: Encoded) -> np.ndarray:
    """Returns which labels the examples have: (N, K) bool."""
    assert encoded.labels is not None
    return np.asarray(encoded.labels) > 0.5
