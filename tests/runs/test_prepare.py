from __future__ import annotations

import re
from pathlib import Path

import pytest

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.errors import DataError, RunError, SettingError
from ftkit.runs.prepare import prepare
from tests.runs.data import file, labelled, lines


def test_validation_smaller_than_a_batch_is_refused_with_a_fix_that_works() -> None:
    data = labelled(60)
    with pytest.raises(SettingError, match="6 rows are fewer than one batch of 16") as caught:
        ftkit.finetune(data, batch_size=16, show=False)
    fixes = dict(re.findall(r"(validation|batch_size)=(\d+(?:\.\d+)?)", str(caught.value).split("Use ")[1]))
    for name, value in fixes.items():
        settings = {"batch_size": 16, name: float(value) if name == "validation" else int(value)}
        assert ftkit.finetune(data, epochs=1, show=False, **settings).state == "completed"


@pytest.mark.parametrize("n", [4, 9, 25])
def test_an_automatic_batch_size_fits_however_few_rows_there_are(n: int) -> None:
    assert ftkit.finetune(labelled(n), epochs=1, show=False).state == "completed"


def test_rows_that_teach_nothing_are_refused() -> None:
    with pytest.raises(DataError, match="every row has the label 'a'"):
        ftkit.finetune(Dataset.from_rows([(f"text {i}", "a") for i in range(20)]), show=False)
    with pytest.raises(DataError, match="1 rows are too few"):
        ftkit.finetune(labelled(2)[:1], show=False)
    with pytest.raises(SettingError, match="not int"):
        ftkit.finetune(3, show=False)  # type: ignore[arg-type]


def test_given_validation_rows_are_checked_against_the_training_rows(tmp_path: Path) -> None:
    train = labelled(40)
    validation = Dataset.from_rows([*lines(40)[:3], ("something new", "other"), ("the loud day", "neg")])
    run = ftkit.finetune(train, validation=validation, epochs=1, show=False)
    kinds = {warning.kind for warning in run.history.warnings}
    assert {"overlap", "label_unseen"} <= kinds
    assert run.history.started is not None
    assert (run.history.started.n_train, run.history.started.n_validation) == (40, 5)
    again = ftkit.finetune(train, validation=file(tmp_path, 20), epochs=1, show=False)
    assert again.history.started is not None
    assert again.history.started.n_validation == 20


def test_a_file_that_changed_is_an_error_that_names_both_fingerprints(tmp_path: Path) -> None:
    path = file(tmp_path)
    run = ftkit.finetune(path, epochs=1, show=False)
    assert prepare(run.spec).n_rows == 60
    path.write_text(path.read_text(encoding="utf-8") + "pos\tone more\n", encoding="utf-8")
    with pytest.raises(RunError, match=f"fingerprint {run.spec.fingerprint}, now {ftkit.load(path).fingerprint}"):
        prepare(run.spec)


def test_rows_in_memory_are_kept_and_found_again() -> None:
    data = labelled(60)[:30]
    run = ftkit.finetune(data, epochs=1, show=False)
    assert prepare(run.spec).n_rows == 30
    assert Path(run.spec.data).name == f"{data.fingerprint}.arrow"
