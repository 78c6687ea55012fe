from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError, replace

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
        ("optimizer", "lion"), ("schedule", "step"), ("precision", "fp8"), ("method", "qlora"), ("weight_decay", -0.1),
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


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("epochs", 0, "whole number >= 1 (or 'auto')"),
        ("batch_size", 2.0, "whole number >= 1 (or 'auto')"),
        ("learning_rate", float("inf"), "number > 0 (or 'auto')"),
        ("learning_rate", "1e-3", "number > 0 (or 'auto')"),
        ("dropout", 1.0, "number >= 0, < 1"),
        ("validation", 0.0, "number > 0, < 1"),
        ("validation", None, "number > 0, < 1"),
        ("warmup_ratio", -0.1, "number >= 0, <= 1"),
        ("seed", 2**64, "whole number >= 0"),
        ("optimizer", "admw", "'adamw', 'adam', 'sgd', 'adafactor'. Write optimizer='adamw'"),
        ("schedule", "Cosine", "Write schedule='cosine'"),
        ("method", "qlora", "'full', 'lora', 'head'. Write method='lora'"),
        ("lora_rank", 0, "whole number >= 1"),
        ("lora_dropout", 1.0, "number >= 0, < 1"),
        ("lora_targets", (), "'auto' or texts"),
        ("watch", ("",), "'auto' or texts"),
        ("watch", 3, "'auto' or texts"),
        ("plateau", 1, "True or False"),
    ],
)
def test_an_error_names_the_setting_its_value_and_what_is_expected(setting: str, value: object, expected: str) -> None:
    with pytest.raises(SettingError) as caught:
        replace(SPEC, **{setting: value})
    assert str(caught.value).startswith(f"{setting}={value!r}:")
    assert expected in str(caught.value)


def test_an_error_is_said_in_chinese_too() -> None:
    ftkit.language("zh")
    with pytest.raises(SettingError, match="epochs=0：应当是整数，且 >= 1"):
        replace(SPEC, epochs=0)


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SPEC.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize("typed", ["data_", "xyz", ""])
def test_a_setting_like_no_other_is_answered_with_all_there_are(typed: str) -> None:
    with pytest.raises(SettingError, match=r"Known: accumulate, .*weight_decay"):
        ftkit.finetune(labelled(), **{typed: 1})
