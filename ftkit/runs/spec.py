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
TASKS = ("classification", "tagging")
PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides a run, as `finetune` takes it; ``"auto"`` is resolved when the run starts.

    Args:
        data: The file, or the Arrow file that rows in memory were written to.
        fingerprint: Of the data's content; a changed file is an error.
        load_options: Keywords of `ftkit.load` that give the rows again; ``{"arrow": True}`` for an Arrow file.
        validation_data: Like `data`, when validation rows were given.
        metrics: Names of the user's own metrics, which a spec cannot hold.
    """

    data: str
    fingerprint: str
    load_options: dict[str, Any]
    task: Literal["classification", "tagging"]
    model: str = "tiny"
    pretrained: bool = True
    method: Literal["full"] = "full"
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
    metrics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Checks every setting.

        Raises:
            SettingError: For the first value that cannot be; it names what can.
        """
        _one_of("task", self.task, TASKS)
        _one_of("method", self.method, ("full",), later=("lora", "head"))
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("precision", self.precision, PRECISIONS)
        for name in ("epochs", "batch_size", "max_length"):
            if getattr(self, name) != "auto":
                _number(name, getattr(self, name), 1, whole=True, auto=True)
        if self.learning_rate != "auto":
            _number("learning_rate", self.learning_rate, 0, open_low=True, auto=True)
        _number("accumulate", self.accumulate, 1, whole=True)
        _number("seed", self.seed, 0, 2**63 - 1, whole=True)  # what torch takes
        _number("plateau_after", self.plateau_after, 0, whole=True)
        _number("plateau_change", self.plateau_change, 0)
        _number("weight_decay", self.weight_decay, 0)
        for name in ("warmup_ratio", "label_smoothing", "validation"):
            _number(name, getattr(self, name), 0, 1, open_high=name != "warmup_ratio", open_low=name == "validation")
        for name in ("evaluate_every", "patience"):
            if getattr(self, name) is not None:
                _number(name, getattr(self, name), 1, whole=True)
        for name in ("clip", "max_minutes"):
            if getattr(self, name) is not None:
                _number(name, getattr(self, name), 0, open_low=True)
        if self.dropout is not None:
            _number("dropout", self.dropout, 0, 1, open_high=True)
        for name in ("pretrained", "plateau"):
            if not isinstance(getattr(self, name), bool):
                raise SettingError(text("runs.setting_bool", name=name, value=repr(getattr(self, name))))

    def to_dict(self) -> dict[str, Any]:
        """Returns the spec as plain values that JSON can hold."""
        return {**dataclasses.asdict(self), "metrics": list(self.metrics), "tags": list(self.tags)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RunSpec:
        """Returns the spec that `to_dict` gave; fields of a later version are left out."""
        known = {f.name for f in dataclasses.fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        return cls(**{**kept, "metrics": tuple(kept.get("metrics", ())), "tags": tuple(kept.get("tags", ()))})


def unknown_setting(name: str, known: Collection[str]) -> SettingError:
    """Returns the error for a setting that does not exist, with the name that was probably meant."""
    close = did_you_mean(name, known)
    key = "runs.setting_unknown_close" if close else "runs.setting_unknown"
    return SettingError(text(key, name=name, close=close, known=", ".join(sorted(known))))


def _one_of(name: str, value: object, known: tuple[str, ...], later: tuple[str, ...] = ()) -> None:
    if value in known:
        return
    if value in later:
        raise SettingError(text("runs.setting_later", name=name, value=value, known=", ".join(map(repr, known))))
    close = did_you_mean(str(value).lower(), known) or known[0]
    names = ", ".join(map(repr, known))
    raise SettingError(text("runs.setting_choice", name=name, value=repr(value), known=names, close=close))


def _number(
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
