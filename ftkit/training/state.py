"""Everything of a run that changes while it trains. `runs/execute.py` owns it; `fit` moves it forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from ftkit.data.tokenise import Encoded
from ftkit.tasks import Measured
from ftkit.training.plan import Plan


class LoopTask(Protocol):
    """What the loop needs of a task; see `ftkit.tasks` for the whole."""

    reads_classes: bool

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns what epoch number `epoch`, counted from 0, learns from."""

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed (not mean) loss of a batch, a scalar."""

    def count(self, labels: torch.Tensor) -> int:
        """Returns how many terms that sum has: examples, or labelled tokens."""

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns what an evaluation keeps of each example's logits, (B, ...), if the task `reads_classes`."""

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns the metrics of what an evaluation of `encoded` saw; the first one counts."""


@dataclass(frozen=True)
class Watched:
    """A prompt that people want to see continued: as they wrote it, which of `Writing.prompts` it is, the truth."""

    prompt: str
    at: int
    expected: str = ""


@dataclass(frozen=True)
class Writing:
    """What an evaluation has the model write, always its likeliest words.

    Attributes:
        prompts: M arrays of ids, (P,) int32; the first continue validation rows, for the metrics.
        rows: Which validation examples those first prompts are of.
        watched: The prompts that people see.
        end_ids: Ids that end a text.
        max_new_tokens: The longest text.
        finish: Turns ids into a text, and says whether it came to an end by itself.
    """

    prompts: list[np.ndarray]
    rows: tuple[int, ...]
    watched: tuple[Watched, ...]
    end_ids: frozenset[int]
    max_new_tokens: int
    finish: Callable[[Sequence[int]], tuple[str, bool]]


@dataclass(frozen=True)
class Job:
    """What does not change while a run trains: the task, the data (`train` is learnt from, `validation` never), the
    settings, where the model is, the token id that fills up short rows, what is written at evaluations, and what every
    forward pass is told besides its inputs.
    """

    task: LoopTask
    train: Encoded
    validation: Encoded
    plan: Plan
    device: torch.device
    pad_id: int
    writing: Writing | None = None
    forward_options: dict[str, Any] = field(default_factory=dict)


class Stopwatch:
    """Counts seconds of training; while it is held, as in a pause, it stands still."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._running_since: float | None = None

    @property
    def seconds(self) -> float:
        """Returns the seconds counted so far."""
        running = 0.0 if self._running_since is None else time.monotonic() - self._running_since
        return self._seconds + running

    def run(self) -> None:
        """Counts from now on."""
        if self._running_since is None:
            self._running_since = time.monotonic()

    def hold(self) -> None:
        """Stands still from now on."""
        self._seconds, self._running_since = self.seconds, None


@dataclass
class State:
    """The model and where its training stands. Position is (epoch, examples seen), never a batch index.

    Attributes:
        step: Optimizer steps done.
        epoch: Epochs done.
        examples_seen: Examples of the epoch in progress that were seen.
        clock: Seconds of training.
        epoch_loss: Summed training loss of the epoch in progress and its number of terms, (2,) on the device.
        epoch_losses: Mean training loss of every epoch that ended.
        best_val_loss: The lowest validation loss after at least one step; its step is `best_step`.
        metrics: The metrics at `best_step`; before there is one, of the latest evaluation.
        evaluations_since_best: What patience counts.
        evaluated_at: The step of the latest evaluation; -1 before the first.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    step: int = 0
    epoch: int = 0
    examples_seen: int = 0
    clock: Stopwatch = field(default_factory=Stopwatch)
    epoch_loss: torch.Tensor | None = None
    epoch_losses: list[float] = field(default_factory=list)
    best_val_loss: float = float("inf")
    best_step: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    evaluations_since_best: int = 0
    evaluated_at: int = -1
