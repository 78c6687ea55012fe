"""History: a run's events as columns of numbers. Everything that is drawn or printed about a run is read from it."""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ftkit.training.events import (
    EpochEnded,
    Evaluated,
    Event,
    Paused,
    Progress,
    RunEnded,
    RunStarted,
    Sampled,
    StepsEnded,
    Unpaused,
    Warned,
)
from ftkit.views.samples import Samples, SampleStore, WatchedPrompt

if TYPE_CHECKING:
    import pandas

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class _Column:
    """Numbers that only grow. A view taken earlier stays valid: growing moves to a new buffer, never resizes one."""

    def __init__(self, dtype: type[Any]) -> None:
        self._buffer: npt.NDArray[Any] = np.empty(256, dtype=dtype)
        self._size = 0

    def extend(self, values: npt.NDArray[Any]) -> None:
        needed = self._size + len(values)
        if needed > len(self._buffer):
            grown = np.empty(max(needed, len(self._buffer) * 3 // 2), dtype=self._buffer.dtype)
            grown[: self._size] = self._buffer[: self._size]
            self._buffer = grown
        self._buffer[self._size : needed] = values
        self._size = needed

    def view(self) -> npt.NDArray[Any]:
        """Returns the numbers so far, read-only and without copying."""
        seen = self._buffer[: self._size]
        seen.flags.writeable = False
        return seen


class History:
    """What happened in a run so far: one row a step, and the evaluations, in columns.

    `update` may be called in one thread while others read: a reader sees the state between two events.

    Attributes:
        started: The `RunStarted` event, or None before it.
        ended: The `RunEnded` event, or None while the run lives.
        state: ``"starting"``, ``"running"``, ``"paused"``, then the reason of the end: ``"completed"``,
            ``"stopped"``, ``"interrupted"`` or ``"failed"``.
        phase: The latest `Progress` of what is being done besides training steps, or None while steps are done.
        evaluations, epochs, warnings: The events of these kinds, in order.
        best: The latest evaluation that was the best so far, or None.
        elapsed_seconds: How long the run has trained.
        lock: Held during an update; hold it to read several attributes of one moment.

    Example:
        >>> history = History()
        >>> history.update(StepsEnded(1, 2, (0.7, 0.6), 1e-3, 0.5, 0.1))
        >>> len(history), float(history.train_losses[-1])
        (2, 0.6)
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.state = "starting"
        self.phase: Progress | None = None
        self.evaluations: list[Evaluated] = []
        self.epochs: list[EpochEnded] = []
        self.warnings: list[Warned] = []
        self.best: Evaluated | None = None
        self.elapsed_seconds = 0.0
        self._samples = SampleStore()
        self._columns = (_Column(np.int64), _Column(np.float64), _Column(np.float64), _Column(np.float64))
        self._pace_from: tuple[int, float] | None = (0, 0.0)
        self.lock = threading.RLock()

    def update(self, event: Event) -> None:
        """Takes in the next event of the run."""
        with self.lock:
            if not isinstance(event, Progress | Warned):
                self.phase = None
            match event:
                case RunStarted():
                    self.started, self.state = event, "running"
                case StepsEnded():
                    self._add_steps(event)
                case Evaluated():
                    self.evaluations.append(event)
                    self.elapsed_seconds = max(self.elapsed_seconds, event.elapsed_seconds)
                    if event.is_best:
                        self.best = event
                    self._samples.begin()
                case Sampled():
                    self._samples.add(event, self.best.step if self.best else None)
                case EpochEnded():
                    self.epochs.append(event)
                case Progress():
                    self.phase = event
                case Warned():
                    self.warnings.append(event)
                case Paused():
                    self.state, self._pace_from = "paused", None
                case Unpaused():
                    self.state = "running"
                case RunEnded():
                    self.ended, self.state = event, event.reason
                    self.elapsed_seconds = event.elapsed_seconds

    def _add_steps(self, event: StepsEnded) -> None:
        count = len(event.train_losses)
        steps = np.arange(event.last - count + 1, event.last + 1, dtype=np.int64)
        per_epoch = self.started.steps_per_epoch if self.started else 0
        behind = (event.last - steps) / per_epoch if per_epoch else np.zeros(count)
        losses = np.asarray(event.train_losses, dtype=np.float64)
        rates = np.full(count, event.learning_rate)
        for column, values in zip(self._columns, (steps, losses, rates, event.epoch - behind), strict=True):
            column.extend(values)
        self.elapsed_seconds = event.elapsed_seconds
        if self._pace_from is None:  # the first steps after a pause: the wait is not part of the pace
            self._pace_from = (event.last, event.elapsed_seconds)

    @property
    def samples(self) -> Samples:
        """What the watched prompts were continued with, evaluation by evaluation; of very many, every second one."""
        with self.lock:
            return self._samples.rows()

    @property
    def watched(self) -> tuple[WatchedPrompt, ...]:
        """The first, latest and best continuation of each watched prompt."""
        with self.lock:
            return tuple(copy.copy(seen) for seen in self._samples.watched)

    @property
    def steps(self) -> Integers:
        """Step numbers, counted from 1. (N,) int64."""
        return self._view(0)

    @property
    def train_losses(self) -> Floats:
        """Training loss of each step. (N,) float64; NaN and infinities stay as they came."""
        return self._view(1)

    @property
    def learning_rates(self) -> Floats:
        """Learning rate in force at each step, at the cadence that events came. (N,) float64."""
        return self._view(2)

    @property
    def epochs_at(self) -> Floats:
        """Epochs done after each step, as a fraction. (N,) float64."""
        return self._view(3)

    def _view(self, index: int) -> npt.NDArray[Any]:
        with self.lock:
            return self._columns[index].view()

    @property
    def step(self) -> int:
        """The number of the last step that ended, 0 before any."""
        steps = self.steps
        return int(steps[-1]) if len(steps) else 0

    @property
    def total_steps(self) -> int | None:
        """How many steps are planned, or None before the run started."""
        return self.started.total_steps if self.started else None

    @property
    def primary_metric(self) -> str | None:
        """The name of the first metric, or None before any evaluation."""
        with self.lock:
            for event in self.evaluations:
                if event.metrics:
                    return next(iter(event.metrics))
        return None

    @property
    def remaining_seconds(self) -> float | None:
        """How long the run will go on at the pace so far, or None when nothing can be said yet."""
        with self.lock:
            if self.started is None or self.ended is not None or self._pace_from is None:
                return None
            from_step, from_seconds = self._pace_from
            done, seconds = self.step - from_step, self.elapsed_seconds - from_seconds
            if done <= 0 or seconds <= 0:
                return None
            remaining = max(0, self.started.total_steps - self.step) * seconds / done
            cap = self.started.settings.get("max_minutes")
            if isinstance(cap, int | float) and math.isfinite(cap):
                remaining = min(remaining, max(0.0, cap * 60 - self.elapsed_seconds))
            return remaining

    def __len__(self) -> int:
        with self.lock:
            steps = self.steps
            return len(steps) + len(self._evaluated_between_steps(steps))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yields one dict a step, in order: step, epoch, train_loss, learning_rate, val_loss and the metrics.

        ``val_loss`` is None where nothing was evaluated, and metrics are present only where it was. An evaluation at
        a step without a training loss (step 0) is a row whose ``train_loss`` is None.
        """
        with self.lock:
            steps, losses, rates, epochs = (column.view() for column in self._columns)
            evaluations = {event.step: event for event in self.evaluations}
            extra = self._evaluated_between_steps(steps)
        for event in extra:
            yield {**_row(event.step, event.epoch, None, None), "val_loss": event.val_loss, **event.metrics}
        for step, epoch, loss, rate in zip(steps, epochs, losses, rates, strict=True):
            row = _row(int(step), float(epoch), float(loss), float(rate))
            at = evaluations.get(int(step))
            yield row if at is None else {**row, "val_loss": at.val_loss, **at.metrics}

    def _evaluated_between_steps(self, steps: Integers) -> list[Evaluated]:
        """Returns the evaluations made before the first step's row."""
        first = int(steps[0]) if len(steps) else None
        found = {event.step: event for event in self.evaluations if first is None or event.step < first}
        return list(found.values())

    def __repr__(self) -> str:
        return f"<History: {self.state}, {self.step} steps, {len(self.evaluations)} evaluations>"

    def to_pandas(self) -> pandas.DataFrame:
        """Returns the rows as a DataFrame; what was not measured at a step is NaN.

        Raises:
            ImportError: If pandas is not installed.
        """
        import pandas

        with self.lock:
            steps, losses, rates, epochs = (column.view() for column in self._columns)
            extra = self._evaluated_between_steps(steps)
            evaluations = list({event.step: event for event in self.evaluations}.values())
        blank = np.full(len(extra), np.nan)
        frame = pandas.DataFrame(
            {
                "step": np.concatenate([np.array([e.step for e in extra], dtype=np.int64), steps]),
                "epoch": np.concatenate([np.array([e.epoch for e in extra], dtype=np.float64), epochs]),
                "train_loss": np.concatenate([blank, losses]),
                "learning_rate": np.concatenate([blank, rates]),
            }
        )
        measured = pandas.DataFrame(
            [{"step": e.step, "val_loss": e.val_loss, **e.metrics} for e in evaluations] or {"step": [], "val_loss": []}
        ).astype({"step": "int64"})
        return frame.merge(measured, on="step", how="left")


def _row(step: int, epoch: float, train_loss: float | None, learning_rate: float | None) -> dict[str, Any]:
    return {
        "step": step,
        "epoch": epoch,
        "train_loss": train_loss,
        "learning_rate": learning_rate,
        "val_loss": None,
    }
