"""One file per task: labels, head, loss, metrics and decoding. A new task is one more file that obeys `Task`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import torch
    from transformers import PreTrainedTokenizerBase

    from ftkit.data.tokenise import Encoded

Metric = Callable[[Sequence[Any], Sequence[Any]], float]  # (predictions, targets) -> a number


class Task(Protocol):
    """What a file's examples are learnt as.

    ``name`` is what people call it, ``head`` the transformers Auto class with the fitting head, ``labels`` the classes
    in the order of the model's outputs. ``metric_errors`` says why a metric of the user's own could not be measured.
    """

    name: str
    head: str
    labels: tuple[str, ...]
    metric_errors: dict[str, str]

    def encode(
        self, texts: Sequence[Any], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns token ids and, if there are targets, label ids; longer examples lose their end and are counted."""

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed (not mean) loss of a batch, a scalar."""

    def count(self, labels: torch.Tensor) -> int:
        """Returns how many terms that sum has."""

    def metrics(self, predicted: list[np.ndarray], encoded: Encoded) -> dict[str, float]:
        """Returns the metrics of the likeliest classes; the first one is the primary one."""

    def baseline(self, targets: Sequence[Any], validation_targets: Sequence[Any]) -> dict[str, float]:
        """Returns the same metrics for always giving the commonest label of `targets`."""

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Returns one example's prediction from its logits, (K,) or (T, K)."""


def build_task(name: str, labels: Sequence[str], metrics: Mapping[str, Metric] | None = None) -> Task:
    """Returns the task of that name over these labels.

    Args:
        name: ``"classification"`` or ``"tagging"``.
        labels: The classes.
        metrics: The user's own metrics, added to the task's.
    """
    from ftkit.tasks.classification import Classification
    from ftkit.tasks.tagging import Tagging

    tasks: dict[str, Callable[..., Task]] = {"classification": Classification, "tagging": Tagging}
    return tasks[name](tuple(labels), metrics or {})


def own_metrics(
    metrics: Mapping[str, Metric], predictions: Sequence[Any], targets: Sequence[Any], errors: dict[str, str]
) -> dict[str, float]:
    """Returns the user's metrics; one that raises is NaN, so that it cannot end the training, and noted in `errors`."""
    values = {}
    for name, metric in metrics.items():
        try:
            values[name] = float(metric(predictions, targets))
        except Exception as error:  # whatever the user's function raises
            values[name] = float("nan")
            errors[name] = f"{type(error).__name__}: {error}"
    return values
