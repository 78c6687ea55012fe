"""Data, settings and places that people really have."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftkit
from ftkit.errors import FtkitError, SettingError
from ftkit.runs.run import Run
from tests.runs.data import file, labelled, lines, tagged

Rows = list[tuple[Any, Any]]


def tune(rows: Rows | ftkit.Dataset, **settings: Any) -> Run:
    data = rows if isinstance(rows, ftkit.Dataset) else ftkit.Dataset.from_rows(rows)
    return ftkit.finetune(data, **{"epochs": 1, "show": False, **settings})


def test_two_hundred_labels() -> None:
    run = tune([(f"text {i} of kind{i % 200}", f"label {i % 200}") for i in range(600)])
    assert run.history.started is not None
    assert len(run.history.started.labels) == 200
    assert len(run.predict("text 3 of kind3").scores) == 200


def test_texts_of_spaces_beside_others() -> None:
    run = tune([(" " * (i + 1) if i % 3 == 0 else f"text {i}", "ab"[i % 2]) for i in range(40)])
    assert run.state == "completed"
    assert [found.text for found in run.predict(["", "   ", "\u3000"])] == ["", "   ", "\u3000"]


def test_texts_of_ten_thousand_characters() -> None:
    rows = [("word " * 2_000 if i == 0 else "字" * 10_000 if i == 1 else f"text {i}", "ab"[i % 2]) for i in range(24)]
    run = tune(rows, max_length=64)
    assert run.state == "completed"
    assert any(warning.kind == "truncated" for warning in run.history.warnings)
    assert run.predict("x" * 10_000).label in ("a", "b")


@pytest.mark.parametrize("n", [2, 3])
def test_epochs_of_a_row_or_two(n: int) -> None:
    run = tune(labelled(n), epochs=3)
    assert run.history.started is not None
    assert run.history.started.settings["batch_size"] == 1
    assert run.history.step == 3 * (n - 1)


def test_batches_of_one() -> None:
    assert tune(labelled(12), batch_size=1).history.step == 10 + 1


def test_a_batch_of_everything() -> None:
    run = tune(labelled(30), batch_size=15, validation=0.5, accumulate=4, epochs=2)
    assert run.history.step == 2


def test_sentences_without_tokens_among_others() -> None:
    rows: Rows = [((), ())] * 3 + [((f"w{i}", "x"), ("O", "B-A")) for i in range(20)]
    run = tune(ftkit.Dataset.from_rows(rows, format="tags"))
    assert run.state == "completed"
    assert run.predict([()])[0].tags == ()
    assert run.predict("").tags == ()


def test_tokens_with_spaces_tabs_and_emoji() -> None:
    rows = [(("a b", "\t", "😀", f"w{i}"), ("O", "O", "B-E", "O")) for i in range(24)]
    run = tune(ftkit.Dataset.from_rows(rows, format="tags"))
    assert len(run.predict([("a b", "\t", "😀", "w1")])[0].tags) == 4


def test_tags_of_parts_of_speech_have_no_entities_and_still_train() -> None:
    rows = [(("the", "cat", str(i)), ("DT", "NN", "CD")) for i in range(24)]
    run = tune(ftkit.Dataset.from_rows(rows, format="tags"), epochs=6, learning_rate=1e-2)
    assert run.predict([("the", "cat", "3")])[0].tags[:2] == ("DT", "NN")
    assert run.metrics["accuracy"] > 0.5


def test_a_file_and_a_root_with_spaces_and_chinese_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "张三 的 实验"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.delenv("FTKIT_RUNS")
    run = ftkit.finetune(file(place).name, epochs=1, show=False)
    assert run.folder == place / "ftkit-runs" / "r01"
    assert Path(run.spec.data) == place / "评论.tsv"
    assert run.save("模型 一").is_dir()
    assert ftkit.attach(run.folder).predict("the lovely day").label in ("pos", "neg")


def test_a_run_is_usable_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FTKIT_RUNS")
    monkeypatch.chdir(tmp_path)
    run = tune(labelled())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert ftkit.attach(run.folder).predict("the lovely day") == run.predict("the lovely day")


def test_a_copied_run_folder_answers_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    run = tune(labelled())
    copied = shutil.copytree(run.folder, tmp_path / "usb stick" / "r01")
    shutil.rmtree(run.folder)
    assert ftkit.attach(copied).metrics == run.metrics
    assert ftkit.attach(copied).predict("the lovely day").label in ("pos", "neg")


@pytest.mark.parametrize(
    "settings",
    [
        {"epochs": np.int64(2), "learning_rate": np.float32(1e-3), "seed": np.int32(1), "dropout": np.float64(0.2)},
        {"learning_rate": 1, "dropout": 0, "label_smoothing": 0, "weight_decay": 0, "clip": 1},
        {"tags": ["first try", "课程"]},
        {"tags": "one"},
    ],
    ids=str,
)
def test_settings_as_notebooks_hold_them(settings: dict[str, Any]) -> None:
    run = tune(labelled(), **settings)
    assert ftkit.attach(run.id).spec == run.spec


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"learning_rate": math.nan}, "learning_rate=nan"),
        ({"epochs": 0}, "epochs=0"),
        ({"tags": 5}, "tags=5"),
        ({"tags": (1, 2)}, r"tags=\(1, 2\)"),
        ({"metrics": [len]}, r"metrics=\["),
        ({"metrics": {"accuracy": max}}, r"metrics\['accuracy'\].*my_accuracy"),
        ({"metrics": {"val_loss": max}}, r"metrics\['val_loss'\]"),
        ({"validation": None}, "validation=None"),
        ({"validation": True}, "validation=True"),
        ({"show": "yes"}, "show='yes'"),
        ({"seed": 2**70}, "seed="),
        ({"unknown": 3}, "unknown="),
        ({"task": "classify"}, "Write task='classification'"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_named_and_start_nothing(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        tune(labelled(), **settings)
    assert ftkit.list_runs() == []


@pytest.mark.parametrize("settings", [{"unknown": 3}, {"lr": 1}, {"epochs": -1}, {"background": True}], ids=str)
def test_a_stream_refuses_before_it_is_read(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        ftkit.stream(labelled(), **settings)


@pytest.mark.parametrize("rows", [labelled, tagged])
def test_evaluating_on_rows_of_the_other_task_is_refused(rows: Any) -> None:
    run = tune(rows(20))
    other = tagged(4) if rows is labelled else labelled(4)
    with pytest.raises(FtkitError):
        run.evaluate(other)


def test_every_optimizer_and_schedule_runs_to_its_end() -> None:
    for optimizer, schedule in (("adam", "cosine"), ("sgd", "constant"), ("adafactor", "linear")):
        run = tune(labelled(20), optimizer=optimizer, schedule=schedule, label_smoothing=0.1, clip=None)
        assert run.state == "completed"
        assert np.isfinite(run.history.train_losses).all()


def test_bf16_runs_where_the_hardware_has_none() -> None:
    run = tune(labelled(20), precision="bf16")
    assert run.history.started is not None
    assert run.history.started.precision == "bf16"
    assert np.isfinite(run.history.train_losses).all()


def test_dropout_of_zero_and_of_a_half_change_the_losses() -> None:
    found = [tune(labelled(), dropout=rate, epochs=2).history.train_losses for rate in (0.0, 0.5, None)]
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[1], found[2])


def test_more_evaluation_changes_no_training_loss() -> None:
    found = [tune(labelled(), epochs=2, evaluate_every=every).history.train_losses for every in (None, 1, 5)]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_rows_in_memory_train_as_their_file_does(tmp_path: Path) -> None:
    a, b = tune(labelled()), ftkit.finetune(file(tmp_path), epochs=1, show=False)
    assert np.array_equal(a.history.train_losses, b.history.train_losses)
    assert len(lines(3)) == 3
