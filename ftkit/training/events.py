"""What happens in a run (events), and what a run may be told (commands): frozen facts of plain numbers.

Everything a person sees is drawn from events. They are written to the run folder as one JSON object a line, and read
back equal. This module imports no torch.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Training is about to begin; every automatic choice has been made.

    ``settings`` holds the values in force (``learning_rate``, ``epochs``, ``max_length``, …), ``reasons`` a sentence
    for each that was chosen automatically and each metric that needs a word, ``baseline`` the metrics of an answer that
    takes no learning, such as always the commonest. ``n_trainable`` of the parameters are trained; 0 stands for all.
    """

    run: str
    task: str
    total_steps: int
    steps_per_epoch: int
    n_train: int
    n_validation: int
    n_parameters: int
    device: str
    precision: str
    threads: int
    labels: tuple[str, ...]
    settings: dict[str, Any]
    reasons: dict[str, str]
    baseline: dict[str, float]
    n_trainable: int = 0
    time: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True)
class StepsEnded:
    """Optimizer steps `first` to `last` (both counted from 1) ended; one training loss for each."""

    first: int
    last: int
    train_losses: tuple[float, ...]
    learning_rate: float
    epoch: float
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """Epoch number `epoch` (counted from 1) ended after `step` steps with this mean training loss."""

    epoch: int
    step: int
    train_loss: float


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The validation split was evaluated after `step` steps (0: before any training)."""

    step: int
    epoch: float
    val_loss: float
    metrics: dict[str, float]
    is_best: bool
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """A watched prompt as the model of `step` continues it; `expected` is the true continuation, empty if unknown."""

    step: int
    prompt: str
    text: str
    expected: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A phase other than training steps moved on: ``"model"``, ``"tokenise"``, ``"evaluate"`` or ``"generate"``."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint is on disk, in ``checkpoints/<name>`` of the run folder."""

    step: int
    name: str
    is_best: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the user should know and that does not end the run. `message` is ready to be read."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Training waits after `step` steps."""

    step: int


@dataclass(frozen=True, slots=True)
class Unpaused:
    """Training goes on from where it was paused."""

    step: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over. `step` steps were done; `best_step` is where the weights that were kept come from.

    ``reason`` is the state that the run is left in; ``detail`` says why: ``"epochs"``, ``"plateau"``, ``"patience"``,
    ``"max_minutes"``, ``"stop"``, ``"interrupt"`` or the name of the error. ``message`` is ready to be read.
    """

    reason: Literal["completed", "stopped", "interrupted", "failed"]
    detail: str
    message: str
    step: int
    best_step: int | None
    metrics: dict[str, float]
    elapsed_seconds: float


Event = (
    RunStarted
    | StepsEnded
    | EpochEnded
    | Evaluated
    | Sampled
    | Progress
    | Saved
    | Warned
    | Paused
    | Unpaused
    | RunEnded
)
_EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in Event.__args__}


@dataclass(frozen=True, slots=True)
class Tick:
    """A point where the loop can be told something: after every step and every evaluation batch. Carries no numbers."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End now and keep the best weights. ``why`` is ``"stop"``, or ``"interrupt"`` for a kernel interrupt."""

    why: str = "stop"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait after the step in progress."""


@dataclass(frozen=True, slots=True)
class Unpause:
    """Go on after a pause."""


Command = Stop | Pause | Unpause
_COMMANDS: dict[str, type[Any]] = {kind.__name__: kind for kind in Command.__args__}


def to_dict(item: Event | Command) -> dict[str, Any]:
    """Returns an event or command as a dict that JSON can hold: NaN and infinities become strings."""
    values = {f.name: _plain(getattr(item, f.name)) for f in dataclasses.fields(item)}
    return {"type": type(item).__name__, **values}


def event_from_dict(values: dict[str, Any]) -> Event:
    """Returns the event that `to_dict` wrote; fields added by a later version are left out.

    Raises:
        ValueError: If the dict names no known event or lacks one of its fields.
    """
    event: Event = _from_dict(values, _EVENTS)
    return event


def command_from_dict(values: dict[str, Any]) -> Command:
    """Returns the command that `to_dict` wrote.

    Raises:
        ValueError: If the dict names no known command.
    """
    command: Command = _from_dict(values, _COMMANDS)
    return command


def _from_dict(values: Any, kinds: dict[str, type[Any]]) -> Any:
    name = values.get("type") if isinstance(values, dict) else None
    if not isinstance(name, str) or name not in kinds:
        raise ValueError(f"unknown type {name!r}, expected one of {sorted(kinds)}")
    kind = kinds[name]
    # only fields of numbers: a label or a message may be the text "nan"
    numbers = {f.name: "float" in str(f.type) for f in dataclasses.fields(kind)}
    try:
        return kind(**{key: _restored(value, numbers[key]) for key, value in values.items() if key in numbers})
    except TypeError as error:
        raise ValueError(f"{kind.__name__}: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _restored(value: Any, numbers: bool) -> Any:
    if numbers and isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if isinstance(value, list):
        return tuple(_restored(v, numbers) for v in value)
    if isinstance(value, dict):
        return {k: _restored(v, numbers) for k, v in value.items()}
    return value
