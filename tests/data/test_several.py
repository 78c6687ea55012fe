"""Several files as one Dataset: a list, a glob, a folder, a folder for each class, a file for each split."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftkit.data.dataset import Dataset
from ftkit.data.load import check, load
from ftkit.errors import FormatError


def rows(first: int, n: int, label: str = "") -> str:
    return "".join(f"{label or ('good' if i % 2 else 'bad')}\ttext number {i}\n" for i in range(first, first + n))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {"a.tsv": rows(0, 8), "b.tsv": rows(8, 8), "c.tsv": rows(16, 8)}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("way", ["list", "glob", "folder"])
def test_the_rows_of_several_files_follow_each_other_and_name_their_file(folder: Path, way: str) -> None:
    path = {"list": [folder / "a.tsv", folder / "b.tsv", folder / "c.tsv"], "glob": folder / "*.tsv", "folder": folder}
    data = load(path[way])
    assert data.texts == [f"text number {i}" for i in range(24)]
    assert [data[i].source for i in (0, 8, 23)] == ["a.tsv:1", "b.tsv:1", "c.tsv:8"]
    assert [row.source for row in data.select([9, 1])] == ["b.tsv:2", "a.tsv:2"]


def test_a_problem_names_the_file_that_it_is_in(folder: Path) -> None:
    (folder / "b.tsv").write_text(rows(8, 8) + "no tab\n", encoding="utf-8")
    report = check(folder, near=False)
    assert [(problem.file, problem.line, problem.kind) for problem in report.errors] == [("b.tsv", 9, "no_tab")]
    assert "b.tsv:9" in str(report)
    with pytest.raises(FormatError, match=r"b\.tsv:9: "):
        load(folder)
    assert len(load(folder, on_error="skip")) == 24


def test_a_file_of_another_format_is_an_error_that_names_it(folder: Path) -> None:
    sentence = "Li\tB-PER\nsings\tO\n\n" * 6
    (folder / "b.tsv").write_text(sentence, encoding="utf-8")
    report = check([folder / "a.tsv", folder / "b.tsv"], near=False)
    assert not report.ok
    assert any(problem.file == "b.tsv" or "b.tsv" in problem.message for problem in report.errors)


def test_a_folder_for_each_class_gives_a_text_for_each_file(tmp_path: Path) -> None:
    for label in ("pos", "neg"):
        (tmp_path / label).mkdir()
        for i in range(3):
            (tmp_path / label / f"{i}.txt").write_text(f"{label} text {i}\nin two lines\n", encoding="utf-8")
    data = load(tmp_path)
    assert data.label_counts() == {"neg": 3, "pos": 3}
    assert (data[0].text, data[0].target, data[0].source) == ("neg text 0\nin two lines", "neg", "neg/0.txt:1")


def test_files_that_are_splits_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text(rows(0, 20), encoding="utf-8")
    (tmp_path / "dev.tsv").write_text(rows(20, 4) + rows(3, 1) + "ugly\tonly here\n", encoding="utf-8")
    data = load(tmp_path)
    parts = data.split()
    assert {name: len(part) for name, part in parts.items()} == {"train": 20, "validation": 6}
    assert parts["validation"].targets[-1] == "ugly"  # a label that is checked once is no error
    report = check(tmp_path, near=False)
    assert report.counts["overlap"] == 1
    assert "train.tsv:4 = dev.tsv:5" in next(p.message for p in report.problems if p.kind == "overlap")
    assert report.counts["validation_only"] == 1
    data.to_arrow(tmp_path / "all.arrow")
    again = Dataset.from_arrow(tmp_path / "all.arrow")
    assert {name: part.texts for name, part in again.split().items()} == {k: p.texts for k, p in parts.items()}
    assert again[21].source == "dev.tsv:2"


def test_training_rows_without_validation_rows_give_some(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text(rows(0, 20), encoding="utf-8")
    (tmp_path / "test.tsv").write_text(rows(20, 4), encoding="utf-8")
    parts = load(tmp_path).split(near=False)
    assert {name: len(part) for name, part in parts.items()} == {"train": 18, "test": 4, "validation": 2}


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.tsv").write_text(rows(0, 8), encoding="utf-8")
    (tmp_path / "x.tsv").write_text(rows(8, 6), encoding="utf-8")
    data = load([tmp_path / "a" / "x.tsv", tmp_path / "x.tsv", tmp_path / "x.tsv"])
    assert len(data) == 20
    assert len({*data.files}) == 3


def test_each_file_tells_its_own_order_of_columns(tmp_path: Path) -> None:
    swapped = "".join(f"{text}\t{label}\n" for label, text in (r.split("\t") for r in rows(8, 8).splitlines()))
    (tmp_path / "a.tsv").write_text(rows(0, 8), encoding="utf-8")
    (tmp_path / "b.tsv").write_text(swapped, encoding="utf-8")
    (tmp_path / "c.csv").write_text("text,label\n" + "".join(f"number {i},good\n" for i in range(8)), encoding="utf-8")
    data = load([tmp_path / name for name in ("a.tsv", "b.tsv", "c.csv")])
    assert set(data.labels) == {"good", "bad"}
