"""A run as it was asked for: flat, frozen, JSON both ways. It names its data by path and fingerprint."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from ftkit.errors import SettingError, did_you_mean
from ftkit.i18n import text

OPTIMIZERS = ("adamw", "adam", "sgd", "adafactor")
SCHEDULES = ("linear", "cosine", "constant")
LABELLED = ("classification", "tagging")  # tasks whose model has an output for each label
PACKED = ("language_modelling", "masked_language_modelling")  # tasks whose rows are blocks of many lines
TASKS = (*LABELLED, *PACKED, "generation", "summarisation", "chat")
METHODS = ("full", "lora", "head")
PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides a run, as `finetune` takes it; ``"auto"`` is resolved when the run starts.

    Args:
        data: The file, or the Arrow file that rows in memory were written to.
        fingerprint: Of the data's content; a changed file is an error.
        load_options: Keywords of `ftkit.load` that give the rows again; ``{"arrow": True}`` for an Arrow file.
        validation_data: Like `data`, when validation rows were given.
        augment: How rows are made up from the training rows, whatever `ftkit.data.augment.Augment.parse` takes; kept
            as the dict that it writes, or None for no such rows.
        metrics: Names of the user's own metrics, which a spec cannot hold.
        own_task: Whether `task` is the name of a task of the user's own, an object which a spec cannot hold.
    """

    data: str
    fingerprint: str
    load_options: dict[str, Any]
    task: str
    model: str = "tiny"
    pretrained: bool = True
    method: str = "full"
    lora_rank: int = 8
    lora_alpha: float = 16.0
    lora_dropout: float = 0.0
    lora_targets: tuple[str, ...] | Literal["auto"] = "auto"
    epochs: int | Literal["auto"] = "auto"
    learning_rate: float | Literal["auto"] = "auto"
    batch_size: int | Literal["auto"] = "auto"
    optimizer: str = "adamw"
    weight_decay: float = 0.01
    schedule: str = "linear"
    warmup_ratio: float = 0.06
    dropout: float | None = None
    label_smoothing: float = 0.0
    max_length: int | Literal["auto"] = "auto"
    accumulate: int = 1
    clip: float | None = 1.0
    validation: float = 0.1
    validation_data: str | None = None
    validation_fingerprint: str | None = None
    validation_load_options: dict[str, Any] = field(default_factory=dict)
    evaluate_every: int | None = None
    patience: int | None = None
    plateau: bool = True
    plateau_after: int = 5
    plateau_change: float = 0.001
    max_minutes: float | None = None
    precision: str = "auto"
    seed: int = 0
    watch: tuple[str, ...] | Literal["auto"] = "auto"
    augment: dict[str, Any] | None = None
    metrics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    own_task: bool = False

    def __post_init__(self) -> None:
        """Checks every setting.

        Raises:
            SettingError: For the first value that cannot be; it names what can.
        """
        if not self.own_task:
            _one_of("task", self.task, TASKS)
        _one_of("method", self.method, METHODS)
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("precision", self.precision, PRECISIONS)
        for name in ("epochs", "batch_size", "max_length"):
            if getattr(self, name) != "auto":
                check_number(name, getattr(self, name), 1, whole=True, auto=True)
        if self.learning_rate != "auto":
            check_number("learning_rate", self.learning_rate, 0, open_low=True, auto=True)
        check_number("lora_rank", self.lora_rank, 1, whole=True)
        check_number("lora_alpha", self.lora_alpha, 0, open_low=True)
        check_number("lora_dropout", self.lora_dropout, 0, 1, open_high=True)
        _texts("lora_targets", self.lora_targets, example="('q_proj', 'v_proj')", least=1)
        _texts("watch", self.watch, example="('Once upon a time',)", least=0)
        check_number("accumulate", self.accumulate, 1, whole=True)
        check_number("seed", self.seed, 0, 2**63 - 1, whole=True)  # what torch takes
        check_number("plateau_after", self.plateau_after, 0, whole=True)
        check_number("plateau_change", self.plateau_change, 0)
        check_number("weight_decay", self.weight_decay, 0)
        for name in ("warmup_ratio", "label_smoothing", "validation"):
            check_number(
                name, getattr(self, name), 0, 1, open_high=name != "warmup_ratio", open_low=name == "validation"
            )
        for name in ("evaluate_every", "patience"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), 1, whole=True)
        for name in ("clip", "max_minutes"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), 0, open_low=True)
        if self.dropout is not None:
            check_number("dropout", self.dropout, 0, 1, open_high=True)
        if self.augment is not None:
            from ftkit.data.augment import Augment

            augment = Augment.parse(self.augment)  # many ways to say the same make equal specs
            object.__setattr__(self, "augment", augment.to_dict() if augment else None)
        for name in ("pretrained", "plateau"):
            if not isinstance(getattr(self, name), bool):
                raise SettingError(text("runs.setting_bool", name=name, value=repr(getattr(self, name))))

    def to_dict(self) -> dict[str, Any]:
        """Returns the spec as plain values that JSON can hold."""
        values = dataclasses.asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RunSpec:
        """Returns the spec that `to_dict` gave; fields of a later version are left out."""
        known = {f.name for f in dataclasses.fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in kept.items()}
        return cls(**plain)


def unknown_setting(name: str, known: Collection[str]) -> SettingError:
    """Returns the error for a setting that does not exist, with the name that was probably meant."""
    close = did_you_mean(name, known)
    key = "runs.setting_unknown_close" if close else "runs.setting_unknown"
    return SettingError(text(key, name=name, close=close, known=", ".join(sorted(known))))


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value in known:
        return
    close = did_you_mean(str(value).lower(), known) or known[0]
    names = ", ".join(map(repr, known))
    raise SettingError(text("runs.setting_choice", name=name, value=repr(value), known=names, close=close))


def _texts(name: str, value: object, example: str, least: int) -> None:
    """Raises SettingError unless `value` is ``"auto"`` or a tuple of `least` texts or more that say something."""
    texts = isinstance(value, tuple) and all(isinstance(v, str) and v.strip() for v in value)
    if value == "auto" or (texts and len(value) >= least):  # type: ignore[arg-type]
        return
    none = "" if least else " / ()"
    raise SettingError(text("runs.setting_texts", name=name, value=repr(value), example=example, none=none))


def check_number(
    name: str,
    value: object,
    low: float,
    high: float = math.inf,
    *,
    whole: bool = False,
    open_low: bool = False,
    open_high: bool = False,
    auto: bool = False,
) -> None:
    """Raises SettingError unless `value` is a number from `low` to `high`; an open end is not included."""
    kinds: tuple[type, ...] = (int,) if whole else (int, float)
    fits = (
        isinstance(value, kinds)
        and not isinstance(value, bool)
        and math.isfinite(value)  # type: ignore[arg-type]
        and (value > low if open_low else value >= low)  # type: ignore[operator]
        and (value < high if open_high else value <= high)  # type: ignore[operator]
    )
    if fits:
        return
    span = f"{'>' if open_low else '>='} {low:g}"
    if high < math.inf:
        span += f", {'<' if open_high else '<='} {high:g}"
    key = "runs.setting_whole" if whole else "runs.setting_number"
    raise SettingError(text(key, name=name, value=repr(value), span=span, auto=" (or 'auto')" if auto else ""))
