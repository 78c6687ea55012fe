from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

import ftkit
from ftkit.errors import SettingError
from ftkit.runs.spec import RunSpec
from tests.runs.data import labelled

SPEC = RunSpec(data="数据.tsv", fingerprint="0" * 16, load_options={"format": "labels"}, task="classification")


def test_a_spec_survives_json_and_pickle() -> None:
    spec = replace(SPEC, epochs=3, learning_rate=1e-4, tags=("a", "b"), metrics=("f",), clip=None)
    assert RunSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_a_field_of_a_later_version_is_left_out() -> None:
    assert RunSpec.from_dict({**SPEC.to_dict(), "later": 1}) == SPEC


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0), ("epochs", 2.5), ("epochs", True), ("epochs", "many"), ("learning_rate", 0.0),
        ("learning_rate", float("nan")), ("learning_rate", -1), ("batch_size", 0), ("max_length", 0), ("accumulate", 0),
        ("optimizer", "lion"), ("schedule", "step"), ("precision", "fp8"), ("method", "lora"), ("weight_decay", -0.1),
        ("warmup_ratio", 1.1), ("dropout", 1.0), ("dropout", -0.1), ("label_smoothing", 1.0), ("validation", 0.0),
        ("validation", 1.0), ("patience", 0), ("evaluate_every", 0), ("max_minutes", 0), ("max_minutes", float("inf")),
        ("seed", -1), ("clip", 0), ("plateau", "yes"), ("pretrained", 1), ("plateau_change", -1.0),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_named(setting: str, value: object) -> None:
    with pytest.raises(SettingError, match=setting):
        replace(SPEC, **{setting: value})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lr_rate", "learning_rate"), ("lerning_rate", "learning_rate"), ("epoch", "epochs"), ("batchsize", "batch_size")],
)
def test_a_misspelt_setting_is_answered_with_the_right_one(typed: str, meant: str) -> None:
    with pytest.raises(SettingError, match=f"{typed}=.*Did you mean {meant}=") as caught:
        ftkit.finetune(labelled(), **{typed: 1})
    assert isinstance(caught.value, ValueError)
    assert ftkit.list_runs() == []
