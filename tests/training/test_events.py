from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest

from ftkit.training import events
from ftkit.training.events import (
    Command,
    EpochEnded,
    Evaluated,
    Event,
    Pause,
    Paused,
    Progress,
    RunEnded,
    RunStarted,
    Sampled,
    Saved,
    StepsEnded,
    Stop,
    Unpause,
    Unpaused,
    Warned,
    command_from_dict,
    event_from_dict,
    to_dict,
)

NAN, INF = math.nan, math.inf
STARTED = RunStarted(
    run="r01",
    task="classification",
    total_steps=30,
    steps_per_epoch=10,
    n_train=80,
    n_validation=9,
    n_parameters=12_345,
    device="cpu",
    precision="fp32",
    threads=2,
    labels=("好评", 'with "quotes"', "tab\tinside", "nan", "inf", "😀"),
    settings={"model": "/tmp/张三 的 实验", "learning_rate": 1e-3, "clip": None, "plateau": True, "epochs": 3},
    reasons={"epochs": "50 轮：数据少。"},
    baseline={"accuracy": 0.5, "macro_f1": NAN},
    time=1.5,
)
EVENTS: list[Event] = [
    STARTED,
    StepsEnded(1, 3, (0.5, NAN, INF), 1e-3, 0.3, 0.1),
    EpochEnded(1, 10, NAN),
    Evaluated(10, 1.0, INF, {"accuracy": 0.5, "自己的": NAN, "low": -INF}, False, 1.0),
    Sampled(10, "床前<b>", "明月光\n", ""),
    Progress("tokenise", 1, 2),
    Saved(10, "step-00000010", True),
    Warned("not_finite", "损失不是有效数字\n第二行"),
    Warned("kind", "nan"),
    Paused(3),
    Unpaused(3),
    RunEnded("failed", "ValueError", "inf", 10, None, {"accuracy": NAN}, 2.0),
]
COMMANDS: list[Command] = [Stop(), Stop("interrupt"), Pause(), Unpause()]


def through_json(values: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(values, ensure_ascii=False, allow_nan=False))


def same(a: Any, b: Any) -> bool:
    """Equal, where a NaN equals a NaN, and of the same types."""
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    return type(a) is type(b) and bool(a == b)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_an_event_survives_json_and_reads_back_equal(event: Event) -> None:
    assert same(event_from_dict(through_json(to_dict(event))), event)


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_a_command_survives_json_and_reads_back_equal(command: Command) -> None:
    assert command_from_dict(through_json(to_dict(command))) == command


def test_the_examples_here_cover_every_kind_of_event_and_command() -> None:
    assert {type(e) for e in EVENTS} == set(Event.__args__)
    assert {type(c) for c in COMMANDS} == set(Command.__args__)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_a_field_of_a_later_version_is_left_out(event: Event) -> None:
    assert same(event_from_dict({**through_json(to_dict(event)), "added_later": {"a": [1]}}), event)


@pytest.mark.parametrize(
    "values",
    [{}, {"type": "Sampled"}, {"type": None}, {"type": ["Saved"]}, {"type": "Stop"}, {"type": "Saved", "step": 1}],
    ids=str,
)
def test_what_is_no_event_raises_value_error(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        event_from_dict(values)


@pytest.mark.parametrize("values", [{}, {"type": "Rewind"}, {"type": "Saved", "step": 1}], ids=str)
def test_what_is_no_command_raises_value_error(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        command_from_dict(values)


@pytest.mark.parametrize("values", [[], "Stop", None, 3], ids=repr)
def test_json_that_is_no_object_raises_value_error(values: Any) -> None:
    with pytest.raises(ValueError):
        event_from_dict(values)


@pytest.mark.parametrize("item", [*EVENTS, *COMMANDS], ids=lambda e: type(e).__name__)
def test_a_fact_cannot_be_changed_afterwards(item: Event | Command) -> None:
    field = next(iter(dataclasses.fields(item)), None)
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
        setattr(item, field.name if field else "step", 1)


def test_events_import_no_torch(repository) -> None:  # type: ignore[no-untyped-def]
    import subprocess
    import sys

    code = f"import sys, {events.__name__}; assert 'torch' not in sys.modules, 'torch was loaded'"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=repository)
