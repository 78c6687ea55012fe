"""Text classification: one label for a whole text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from ftkit.data.tokenise import Encoded, token_ids
from ftkit.tasks import Measured, Metric, own_metrics


@dataclass(frozen=True)
class LabelPrediction:
    """A text's likeliest label, the model's confidence in it (0 to 1), and the same for every label."""

    text: str
    label: str
    confidence: float
    scores: dict[str, float]


class Classification:
    """One label per text, cross-entropy over the labels; accuracy first, then macro-F1."""

    name = "classification"
    head = "AutoModelForSequenceClassification"
    generative = False
    reads_classes = True
    model_config: Mapping[str, Any] = {"problem_type": "single_label_classification"}

    def __init__(self, labels: Sequence[str], metrics: Mapping[str, Metric] | None = None) -> None:
        self.labels = tuple(labels)
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self._metrics = dict(metrics or {})
        self._ids = {label: i for i, label in enumerate(self.labels)}

    def encode(
        self,
        texts: Sequence[str],
        targets: Sequence[str] | None,
        tokenizer: PreTrainedTokenizerBase,
        max_length: int,
    ) -> Encoded:
        """Returns token ids, cut to `max_length` with their special tokens kept, and label ids of shape ()."""
        ids, n_truncated = token_ids(texts, tokenizer, max_length)
        labels = None if targets is None else np.array([self._ids[target] for target in targets], np.int64)
        return Encoded(ids, labels, n_truncated)

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the examples as they are."""
        return encoded

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the examples as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed cross-entropy.

        Args:
            logits: (B, K) fp32.
            labels: (B,) int64.
            label_smoothing: The share of the target spread over all labels. Source: Szegedy et al. 2016, section 7.
        """
        return functional.cross_entropy(logits, labels, reduction="sum", label_smoothing=label_smoothing)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of examples in (B,) labels."""
        return len(labels)

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns the likeliest class of (B, K) logits: (B,)."""
        return logits.argmax(-1)

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns accuracy and macro-F1, then the user's own metrics over label names."""
        names, targets = [self.labels[int(i)] for i in measured.classes], self._names(encoded)
        return {**label_metrics(names, targets), **own_metrics(self._metrics, names, targets, self.metric_errors)}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of always giving the commonest label of `train`."""
        commonest = Counter(self._names(train)).most_common(1)[0][0]
        return label_metrics([commonest] * len(validation), self._names(validation))

    def _names(self, encoded: Encoded) -> list[str]:
        assert encoded.labels is not None
        return [self.labels[int(i)] for i in encoded.labels]

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: str) -> LabelPrediction:
        """Returns the prediction that logits of shape (K,) stand for."""
        shares = softmax(logits)
        best = int(shares.argmax())
        scores = {label: float(share) for label, share in zip(self.labels, shares, strict=True)}
        return LabelPrediction(example, self.labels[best], float(shares[best]), scores)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns the shares, fp64 and adding up to 1, over the last axis."""
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    shares: np.ndarray = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def label_metrics(predictions: Sequence[str], targets: Sequence[str]) -> dict[str, float]:
    """Returns accuracy and macro-F1, over the labels that occur in either, as scikit-learn's defaults define them.

    Example:
        >>> label_metrics(["a", "a"], ["a", "b"])["accuracy"]
        0.5
    """
    hits = Counter(t for p, t in zip(predictions, targets, strict=True) if p == t)
    n_predicted, n_targets = Counter(predictions), Counter(targets)
    names = n_predicted.keys() | n_targets.keys()
    scores = [2 * hits[name] / (n_predicted[name] + n_targets[name]) for name in names]
    return {"accuracy": sum(hits.values()) / max(len(targets), 1), "macro_f1": sum(scores) / max(len(scores), 1)}
