"""A task of the user's own: any object that says how rows become ids, what the loss is, and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftkit.data.dataset import TASKS
from ftkit.errors import SettingError
from ftkit.i18n import text

if TYPE_CHECKING:
    import numpy as np
    import torch
    from transformers import PreTrainedTokenizerBase

    from ftkit.data.tokenise import Encoded
    from ftkit.tasks import Measured

NEEDED = ("name", "head", "encode", "loss", "metrics", "decode")
BUILT_IN = frozenset(task for tasks in TASKS.values() for task in tasks)


class Own:
    """What `ftkit.tasks.Task` asks for, over an object that may leave out most of it.

    The object needs ``name``, ``head`` (the name of a transformers Auto class), ``encode``, ``loss``, ``metrics`` and
    ``decode``, as `ftkit.tasks.Task` describes them. It may have the rest:

    - ``labels``: the classes, in the order of the model's outputs; none by default.
    - ``model_config``: what the model's config gets, such as ``{"num_labels": 1, "problem_type": "regression"}``.
    - ``read``: what an evaluation keeps of the logits, for ``metrics``; by default it keeps nothing.
    - ``count``: how many terms the summed loss has; by default one for each example.
    - ``pack``, ``rows_of_epoch``: by default the examples are trained as they are encoded.
    - ``baseline``: metrics of an answer that takes no learning; by default none.
    - ``notes``: a word on how a metric is measured, by the metric's name.

    Args:
        task: The object. It stays as it is.

    Raises:
        SettingError: If something that is needed is missing, or the name is one of ftkit's own.
    """

    generative = False

    def __init__(self, task: Any) -> None:
        check_own(task)
        self.task = task
        self.name: str = task.name
        self.head: str = task.head
        self.labels: tuple[str, ...] = tuple(getattr(task, "labels", ()))
        self.model_config: Mapping[str, Any] = dict(getattr(task, "model_config", {}))
        self.reads_classes = callable(getattr(task, "read", None))
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = dict(getattr(task, "notes", {}))

    def encode(
        self, texts: Sequence[Any], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns what the object makes of the rows."""
        found: Encoded = self.task.encode(texts, targets, tokenizer, max_length)
        return found

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the examples as they are trained."""
        packed: Encoded = self.task.pack(encoded, max_length) if hasattr(self.task, "pack") else encoded
        return packed

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns what one epoch learns from."""
        own = getattr(self.task, "rows_of_epoch", None)
        rows: Encoded = own(encoded, seed, epoch) if own else encoded
        return rows

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the object's summed loss."""
        found: torch.Tensor = self.task.loss(logits, labels, label_smoothing)
        return found

    def count(self, labels: torch.Tensor) -> int:
        """Returns how many terms that sum has."""
        return int(self.task.count(labels)) if hasattr(self.task, "count") else len(labels)

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns what the object keeps of logits."""
        kept: torch.Tensor = self.task.read(logits)
        return kept

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns the object's metrics as plain numbers; the first one is the primary one."""
        return {str(name): float(value) for name, value in self.task.metrics(measured, encoded).items()}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of an answer that takes no learning, if the object knows one."""
        own = getattr(self.task, "baseline", None)
        return {str(name): float(value) for name, value in own(train, validation).items()} if own else {}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Returns the object's answer for one example."""
        return self.task.decode(logits, encoded, index, example)


def check_own(task: Any) -> None:
    """Checks that an object can be a task.

    Raises:
        SettingError: If something that is needed is missing, or the name is one of ftkit's own.
    """
    missing = [name for name in NEEDED if not hasattr(task, name)]
    if missing:
        needed = ", ".join(NEEDED)
        raise SettingError(text("own.incomplete", kind=type(task).__name__, missing=", ".join(missing), needed=needed))
    if not isinstance(task.name, str) or not task.name.strip() or task.name in BUILT_IN:
        known = ", ".join(sorted(BUILT_IN))
        raise SettingError(text("own.name", kind=type(task).__name__, name=repr(task.name), known=known))
    if not isinstance(task.head, str) or not task.head.startswith("AutoModel"):
        raise SettingError(text("own.head", kind=type(task).__name__, head=repr(task.head)))
