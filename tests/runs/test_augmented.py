"""finetune(augment=...): made-up rows are for training alone, the same ones every time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import ftkit
from ftkit.data.augment import Augment
from ftkit.data.dataset import Dataset
from ftkit.errors import SettingError
from ftkit.runs.prepare import prepare
from ftkit.runs.spec import RunSpec
from tests.runs.data import labelled, lines, tagged

PLAIN = RunSpec(data="rows", fingerprint="0" * 16, load_options={}, task="classification")


def columns(rows: Dataset) -> list[tuple[Any, Any]]:
    return list(zip(rows.texts, rows.targets, strict=True))


def test_rows_are_added_to_the_training_rows_alone() -> None:
    data = labelled()
    plain, more = prepare(PLAIN, data), prepare(replace(PLAIN, augment={"swap": 0.2}), data)
    assert columns(more.validation) == columns(plain.validation)
    assert columns(more.train)[: len(plain.train)] == columns(plain.train)
    assert more.n_added == len(more.train) - len(plain.train) > 0
    assert plain.n_added == 0
    made = columns(more.train)[len(plain.train) :]
    assert not {text for text, _ in made} & set(data.texts)


def test_validation_rows_that_were_given_stay_as_they_are() -> None:
    data, other = labelled(), labelled(20, seed=3)
    found = prepare(replace(PLAIN, augment={"delete": 0.2}, validation_data="x"), data, other)
    assert found.validation is other
    assert columns(found.train)[: len(data)] == columns(data)
    assert found.n_added > 0


def test_the_seed_decides_what_is_made_up() -> None:
    spec, data = replace(PLAIN, augment={"swap": 0.2}), labelled()
    assert columns(prepare(spec, data).train) == columns(prepare(spec, data).train)
    given = {"validation": labelled(9, seed=5)}  # the split is another with another seed
    assert columns(prepare(spec, data, **given).train) != columns(prepare(replace(spec, seed=1), data, **given).train)


@pytest.mark.parametrize("said", [True, "auto", {"operations": ["auto"]}, Augment()])
def test_ways_to_say_the_same_make_equal_specs_that_survive_json(said: Any) -> None:
    spec = replace(PLAIN, augment=said)
    assert spec == replace(PLAIN, augment=Augment().to_dict())
    assert RunSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


@pytest.mark.parametrize("said", [None, False])
def test_nothing_is_nothing(said: Any) -> None:
    assert replace(PLAIN, augment=said).augment is None
    assert replace(PLAIN, augment=said) == PLAIN


@pytest.mark.parametrize("said", ["swop", {"swap": 2.0}, {"copies": 0}, 3, {"operations": ["none"]}])
def test_what_cannot_be_is_refused_before_anything_starts(said: Any) -> None:
    with pytest.raises(SettingError, match="augment"):
        ftkit.finetune(labelled(), augment=said, show=False)
    assert ftkit.list_runs() == []


def test_splits_that_files_bring_along_are_kept_and_looked_at() -> None:
    rows = [*lines(40), ("the lovely warm day", "other"), lines(40)[0]]
    table = Dataset.from_rows(rows).table
    data = Dataset(table, "labels", given={"train": (0, 40), "validation": (40, 42)})
    found = prepare(PLAIN, data)
    assert columns(found.validation) == rows[40:]
    assert {warning.kind for warning in found.warnings} >= {"overlap", "label_unseen"}
    assert found.labels == ("neg", "other", "pos")


def test_an_operation_of_another_format_is_refused() -> None:
    with pytest.raises(SettingError):
        ftkit.finetune(labelled(), augment="mention", show=False)
    with pytest.raises(SettingError):
        ftkit.finetune(Dataset.from_rows(["a b", "b c", "c d"], format="corpus"), augment=True, show=False)


def test_a_run_counts_originals_and_says_what_was_added() -> None:
    data = labelled()
    run = ftkit.finetune(data, epochs=1, augment={"swap": 0.3, "copies": 2}, show=False)
    plain = prepare(PLAIN, data)
    started = run.history.started
    assert started is not None
    assert (started.n_train, started.n_validation) == (len(plain.train), len(plain.validation))
    assert started.settings["augment"]["copies"] == 2
    added = int(started.reasons["augment"].split()[0])
    batch = started.settings["batch_size"]
    assert started.steps_per_epoch == -(-(len(plain.train) + added) // batch)
    assert ftkit.attach(run.id).spec == run.spec
    assert ftkit.attach(run.id).predict(["a lovely day"]) == run.predict(["a lovely day"])


def test_of_summaries_the_content_is_changed_and_the_title_stays() -> None:
    rows = [(f"title {i}", f"a content of many words that is number {i} and goes on") for i in range(20)]
    data = Dataset.from_rows(rows, format="title")
    spec = replace(PLAIN, task="summarisation", augment="delete")
    made = columns(prepare(spec, data).train)[18:]
    assert made
    assert {title for title, _ in made} <= {title for title, _ in rows}
    assert not {content for _, content in made} & {content for _, content in rows}
    assert data.task == "generation"


def test_tags_stay_with_their_tokens() -> None:
    found = prepare(replace(PLAIN, task="tagging", augment=True), tagged())
    assert found.n_added > 0
    assert all(len(tokens) == len(tags) for tokens, tags in columns(found.train))
