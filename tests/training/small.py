"""Small real parts for tests of the loop: models of a few hundred weights, rows of numbers, and who drives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.tasks import build_task
from ftkit.training.events import Command, Event, StepsEnded, Tick
from ftkit.training.loop import fit
from ftkit.training.optimizers import build_optimizer
from ftkit.training.plan import Plan
from ftkit.training.state import Job, State

VOCABULARY, CLASSES = 30, 3
LABELS = ("O", "B-X", "I-X")


class Words(nn.Module):
    """Embeds ids, adds what the mean of the text says, and scores the classes, of each token or of the mean."""

    def __init__(self, per_token: bool = False, dropout: float = 0.0, width: int = 8) -> None:
        super().__init__()
        self.per_token = per_token
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(width, CLASSES)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
        seen = attention_mask.unsqueeze(-1).to(self.embedding.weight.dtype)
        vectors = self.dropout(self.norm(self.embedding(input_ids)))
        mean = (vectors * seen).sum(1, keepdim=True) / seen.sum(1, keepdim=True)
        hidden = vectors + mean if self.per_token else mean.squeeze(1)
        return SimpleNamespace(logits=self.classifier(hidden))


def words(per_token: bool = False, dropout: float = 0.0, seed: int = 0) -> Words:
    torch.manual_seed(seed)
    return Words(per_token, dropout)


def rows(n: int, per_token: bool = False, seed: int = 0, wrong: bool = False) -> Encoded:
    """Texts of 2 to 9 ids; the first id (or each) decides the class, but for `wrong` answers."""
    rng = np.random.default_rng(seed)
    ids = [rng.integers(1, VOCABULARY, size=rng.integers(2, 10)).astype(np.int32) for _ in range(n)]
    shift = 1 if wrong else 0
    if not per_token:
        return Encoded(ids, [np.asarray((row[0] + shift) % CLASSES) for row in ids], 0)
    labels = []
    for row in ids:
        classes = ((row + shift) % CLASSES).astype(np.int64)
        classes[rng.random(len(row)) < 0.3] = IGNORED  # later sub-words: token counts differ from batch to batch
        classes[0] = row[0] % CLASSES
        labels.append(classes)
    positions = [np.where(row != IGNORED, np.cumsum(row != IGNORED) - 1, -1) for row in labels]
    targets = [tuple(LABELS[c] for c in row if c != IGNORED) for row in labels]
    return Encoded(ids, labels, 0, positions, targets)


def plan(**settings: Any) -> Plan:
    """Three epochs, no plateau rule."""
    given = {"epochs": 3, "learning_rate": 0.01, "batch_size": 4, "max_length": 16, "plateau": False}
    return Plan(**{**given, **settings})


def job(n: int = 22, n_validation: int = 9, per_token: bool = False, wrong: bool = False, **settings: Any) -> Job:
    task = build_task("tagging" if per_token else "classification", LABELS)
    train, validation = rows(n, per_token), rows(n_validation, per_token, seed=1, wrong=wrong)
    return Job(task, train, validation, plan(**settings), torch.device("cpu"), pad_id=0)


def state_of(model: nn.Module, job: Job) -> State:
    return State(model, build_optimizer(job.plan.optimizer, model, job.plan.learning_rate, job.plan.weight_decay))


def drive(
    state: State, job: Job, tell: Callable[[int], Command | None] = lambda tick: None, most: int = 10_000
) -> list[Event]:
    """Runs the loop to its end; `tell` is asked at every tick, counted from 0. Returns the events."""
    loop, told, ticks = fit(state, job), [], 0
    item: Event | Tick | None = next(loop)
    while item is not None:
        if isinstance(item, Tick):
            command = tell(ticks)
            ticks += 1
            assert ticks < most, "the loop does not end"
        else:
            told.append(item)
            command = None
        try:
            item = loop.send(command)
        except StopIteration:
            item = None
    return told


def losses(events: Iterable[Event]) -> list[float]:
    return [loss for event in events if isinstance(event, StepsEnded) for loss in event.train_losses]
