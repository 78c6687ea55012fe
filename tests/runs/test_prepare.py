from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.errors import DataError, RunError, SettingError
from ftkit.runs.prepare import prepare
from ftkit.runs.resolve import resolve
from ftkit.runs.spec import RunSpec
from ftkit.training.events import RunStarted
from tests.runs.data import file, labelled, lines, tagged


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
    with pytest.raises(SettingError, match="of type int"):
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


SPEC = RunSpec(data="rows", fingerprint="0" * 16, load_options={}, task="classification")


def refusal(data: Dataset, **settings: object) -> str | None:
    """What `prepare` says against these settings, or None."""
    try:
        prepare(replace(SPEC, **settings), data)
    except SettingError as error:
        return str(error)
    return None


def repeated(n: int, texts: int) -> Dataset:
    """Rows of which many have equal texts: they stay together in a split."""
    return Dataset.from_rows([(f"text {i % texts}", "ab"[i % texts % 2]) for i in range(n)])


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
@pytest.mark.parametrize("texts", [2, 5, 1_000])
def test_every_fix_that_is_suggested_works_when_it_is_typed(texts: int, share: float) -> None:
    tried = 0
    for n in (2, 3, 7, 10, 33, 100):
        data = repeated(n, min(n, texts))
        for batch in {1, 2, n // 3, n // 2, n - 1, n, 2 * n} - {0}:
            said = refusal(data, batch_size=batch, validation=share)
            if said is None:
                continue
            fixes = re.findall(r"(validation|batch_size)=(\d+(?:\.\d+)?)", said.split("Use ")[1])
            assert fixes, said
            for name, value in fixes:
                fixed = {"batch_size": batch, "validation": share, name: float(value) if "." in value else int(value)}
                assert refusal(data, **fixed) is None, f"{n} rows of {texts} texts, {fixed}: {said}"
                tried += 1
    assert tried


@pytest.mark.parametrize("n", [2, 3, 4, 5, 17, 60])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.99])
def test_an_automatic_batch_size_is_never_refused_and_fits(n: int, share: float) -> None:
    spec = replace(SPEC, validation=share)
    prepared = prepare(spec, labelled(n))
    sizes = {"n_train": len(prepared.train), "n_validation": len(prepared.validation)}
    plan, reasons = resolve(spec, n_rows=n, longest=9, limit=512, from_scratch=True, fast_bf16=False, **sizes)
    assert 1 <= plan.batch_size <= max(1, sizes["n_train"] // 2)
    assert str(plan.batch_size) in reasons["batch_size"]


def test_given_validation_rows_may_be_fewer_than_a_batch() -> None:
    prepared = prepare(replace(SPEC, batch_size=16), labelled(40), labelled(3, seed=5))
    assert len(prepared.validation) == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (labelled(4)[:0], "0 rows are too few"),
        (labelled(4)[:1], "1 rows are too few"),
        (Dataset.from_rows([("a", "x"), ("b", "x")]), "every row has the label 'x'"),
        (Dataset.from_rows([("same", "x"), ("Same ", "y")]), "1 different texts"),
        (Dataset.from_rows([((), ()), ((), ())], format="tags"), "nothing to tell apart"),
    ],
    ids=["none", "one", "one label", "one text", "no tokens"],
)
def test_rows_that_cannot_be_learnt_from_are_refused(data: Dataset, said: str) -> None:
    with pytest.raises(DataError, match=re.escape(said)):
        prepare(replace(SPEC, task=data.task), data)


def test_validation_rows_without_rows_or_of_another_task_are_refused() -> None:
    with pytest.raises(DataError, match="no validation rows"):
        prepare(SPEC, labelled(20), labelled(4)[:0])
    with pytest.raises(DataError, match="for tagging, not classification"):
        prepare(SPEC, labelled(20), tagged(4))


def test_texts_that_differ_in_case_and_spaces_alone_are_shared() -> None:
    validation = Dataset.from_rows([(f" {text.upper()}", label) for text, label in lines(40)[:3]])
    warnings = prepare(SPEC, labelled(40), validation).warnings
    assert [warning.kind for warning in warnings] == ["overlap"]
    assert "3 texts" in warnings[0].message


def test_a_label_seen_once_is_a_warning() -> None:
    rows = Dataset.from_rows([*lines(20), ("alone", "rare")])
    assert [warning.kind for warning in prepare(SPEC, rows).warnings] == ["label_once"]


def test_the_same_seed_splits_alike_and_keeps_equal_texts_on_one_side() -> None:
    data = repeated(60, 20)
    first, second, other = (prepare(replace(SPEC, seed=seed), data) for seed in (1, 1, 2))
    assert first.validation.texts == second.validation.texts != other.validation.texts
    assert not set(first.train.texts) & set(first.validation.texts)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    path = file(tmp_path)
    spec = ftkit.finetune(path, epochs=1, show=False).spec
    path.unlink()
    with pytest.raises(RunError, match=f"{re.escape(str(path))}: the run's data is no longer there"):
        prepare(spec)


def test_the_same_rows_in_another_encoding_are_the_same_data(tmp_path: Path) -> None:
    path = file(tmp_path)
    spec = ftkit.finetune(path, epochs=1, show=False).spec
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert prepare(spec).n_rows == 60


def test_files_that_are_splits_stay_apart_from_training(tmp_path: Path) -> None:
    def content(first: int, n: int) -> str:
        return "".join(f"{'ab'[i % 2]}\ttext number {i} of many\n" for i in range(first, first + n))

    for name, first, n in (("train", 0, 40), ("dev", 40, 10), ("test", 50, 10)):
        (tmp_path / f"{name}.tsv").write_text(content(first, n), encoding="utf-8")
    other = tmp_path.parent / f"{tmp_path.name}.tsv"
    other.write_text(content(100, 20), encoding="utf-8")
    data = ftkit.load(tmp_path)
    for validation, n in ((0.1, 10), (0.3, 10), (ftkit.load(other), 20)):
        events = ftkit.stream(data, validation=validation, epochs=1)
        started = next(event for event in events if isinstance(event, RunStarted))
        events.close()  # type: ignore[attr-defined]
        assert (started.n_train, started.n_validation) == (40, n)
