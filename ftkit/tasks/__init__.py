"""One file per task: labels, head, loss, metrics and decoding. A new task is one more file that obeys `Task`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import torch
    from transformers import PreTrainedTokenizerBase

    from ftkit.data.tokenise import Encoded

Metric = Callable[[Sequence[Any], Sequence[Any]], float]  # (predictions, targets) -> a number


@dataclass(frozen=True)
class Measured:
    """What an evaluation saw: the mean loss over its terms, and what the task asked for.

    Attributes:
        loss: Mean, in nats.
        terms: How many labels it is the mean of.
        classes: Per example what `Task.read` made of its logits, such as the likeliest class, () or (T_i,), if the
            task reads them; else empty.
        generated: Texts written for some of the examples, by example number; empty for tasks that write none.
    """

    loss: float
    terms: int
    classes: Sequence[np.ndarray] = ()
    generated: Mapping[int, str] = field(default_factory=dict)


class Task(Protocol):
    """What a file's examples are learnt as.

    ``name`` is what people call it, ``head`` the transformers Auto class with the fitting head, ``labels`` the classes
    in the order of the model's outputs. ``model_config`` is what the model's config gets besides: ``num_labels`` and
    ``problem_type``, say. ``metric_errors`` says why a metric of the user's own could not be measured, ``notes`` how a
    metric is measured where that needs a word. ``reads_classes`` has an evaluation keep what `read` makes of the
    logits; a ``generative`` task writes text and is a `Writer` too.

    A task of the user's own, ``finetune(task=obj)``, needs less: see `ftkit.tasks.own.Own`.
    """

    name: str
    head: str
    labels: tuple[str, ...]
    model_config: Mapping[str, Any]
    metric_errors: dict[str, str]
    notes: dict[str, str]
    generative: bool
    reads_classes: bool

    def encode(
        self, texts: Sequence[Any], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns token ids and, if there are targets, labels; longer examples are cut and counted."""

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the examples of a whole split as they are trained: for language modelling, blocks of many lines."""

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns what epoch number `epoch` learns from, a function of its arguments alone."""

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed (not mean) loss of a batch, a scalar."""

    def count(self, labels: torch.Tensor) -> int:
        """Returns how many terms that sum has."""

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns what an evaluation keeps of each example's logits, (B, ...), if the task `reads_classes`."""

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns the metrics of what an evaluation of `encoded` saw; the first one is the primary one."""

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns some of the same metrics for an answer that takes no learning, such as always the commonest."""

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Returns one example's prediction from its logits, (K,) or (T, K)."""


class OwnTask(Protocol):
    """What ``finetune(task=obj)`` needs; the rest of `Task` it may have: see `ftkit.tasks.own.Own`."""

    name: str
    head: str

    def encode(
        self, texts: Sequence[Any], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns token ids and, if there are targets, labels: arrays of whole numbers, or of fractions."""

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed (not mean) loss of a batch, a scalar."""

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns the metrics of what an evaluation of `encoded` saw; the first one is the primary one."""

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Returns one example's prediction from its logits."""


class Writer(Protocol):
    """What a task that writes text has besides `Task`'s."""

    def prompt(self, text: Any, tokenizer: PreTrainedTokenizerBase, max_length: int) -> np.ndarray:
        """Returns the ids, (P,) int32, that the model continues."""

    def end_ids(self, tokenizer: PreTrainedTokenizerBase) -> set[int]:
        """Returns the ids that end a text."""

    def finish(self, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase) -> tuple[str, bool]:
        """Returns the text that was written, and whether it came to an end by itself."""


def build_task(
    name: str,
    labels: Sequence[str],
    metrics: Mapping[str, Metric] | None = None,
    *,
    encoder_decoder: bool = False,
    multilabel: bool = False,
    own: Any = None,
) -> Task:
    """Returns the task of that name.

    Args:
        name: One of `ftkit.data.dataset.TASKS`.
        labels: The classes; empty for tasks that write text.
        metrics: The user's own metrics, added to the task's.
        encoder_decoder: Whether the model is one: then what is read and what is written are apart.
        multilabel: Whether a text may have any number of labels, in classification.
        own: The user's own task; it is the task then, whatever else is said.
    """
    if own is not None:
        from ftkit.tasks.own import Own

        return own if isinstance(own, Own) else Own(own)
    asked = metrics or {}
    if name == "classification" and multilabel:
        from ftkit.tasks.multilabel import MultiLabel

        return MultiLabel(tuple(labels), asked)
    if name in ("classification", "tagging"):
        from ftkit.tasks.classification import Classification
        from ftkit.tasks.tagging import Tagging

        kinds: dict[str, Callable[..., Task]] = {"classification": Classification, "tagging": Tagging}
        return kinds[name](tuple(labels), asked)
    if name in ("language_modelling", "masked_language_modelling"):
        from ftkit.tasks.language import LanguageModelling, MaskedLanguageModelling

        return LanguageModelling(asked) if name == "language_modelling" else MaskedLanguageModelling(asked)
    if name == "chat":
        from ftkit.tasks.chat import Chat

        return Chat(asked, encoder_decoder=encoder_decoder)
    if name not in ("generation", "summarisation"):
        raise KeyError(name)
    from ftkit.tasks.writing import Writing

    return Writing(name, asked, encoder_decoder=encoder_decoder)


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
