"""A format that lives only here, learnt as one of ftkit's own tasks. No edit in ftkit knows it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import ftkit
from ftkit.data.problems import Problem, Problems
from ftkit.data.source import Source
from ftkit.errors import DataError
from tests.runs.data import lines


class Sixth:
    """``a text => label``, and ``a text => label, label`` of several labels."""

    name = "sixth"
    suffixes = (".sixth",)

    def __init__(self, several: bool = False) -> None:
        self.several = several

    def sniff(self, head: list[str]) -> float:
        filled = [line for line in head if line.strip()]
        return sum(" => " in line for line in filled) / max(1, len(filled))

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        problems, texts, labels, numbers = Problems(), [], [], []
        for number, line in source.lines():
            body, sign, label = line.partition(" => ")
            if not sign:
                problems.append(Problem("error", number, "no_arrow", "No arrow.", "Write one.", line[:60]))
                continue
            texts.append(body)
            labels.append([part.strip() for part in label.split(",") if part.strip()] if self.several else label)
            numbers.append(number)
        kind = pa.list_(pa.string()) if self.several else pa.string()
        schema = pa.schema({"text": pa.string(), "label": kind, "line": pa.int32()})
        return pa.table([texts, labels, numbers], schema=schema), problems


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "第六.sixth"
    path.write_text("".join(f"{text} => {label}\n" for text, label in lines(60)), encoding="utf-8")
    return path


def test_a_sixth_format_is_loaded_learnt_asked_saved_and_found_again(file: Path, tmp_path: Path) -> None:
    data = ftkit.load(file, format=Sixth())
    assert (data.format, data.labels, data[1].source) == ("sixth", ("neg", "pos"), "第六.sixth:2")
    assert "sixth" in repr(data)
    run = ftkit.finetune(data, task="classification", epochs=6, learning_rate=3e-3, show=False)
    asked = ["the lovely warm day kind bright no 1", "the nasty cold day rude dim no 2"]
    answers = run.predict(asked)
    assert [answer.label for answer in answers] == ["pos", "neg"]
    assert run.evaluate(data)["accuracy"] > 0.9
    assert (run.save(tmp_path / "saved") / "config.json").is_file()
    assert ftkit.attach(run.id).predict(asked) == answers
    assert [found.id for found in ftkit.list_runs()] == [run.id]


def test_its_lists_of_labels_are_several_labels_for_a_text(file: Path) -> None:
    run = ftkit.finetune(ftkit.load(file, format=Sixth(several=True)), task="classification", epochs=1, show=False)
    assert "micro_f1" in run.metrics
    assert isinstance(run.predict("the lovely warm day").label, tuple)


def test_its_rows_are_not_learnt_as_what_they_are_not(file: Path) -> None:
    with pytest.raises(DataError, match=r"its rows are texts with texts as targets.*'tagging'"):
        ftkit.finetune(ftkit.load(file, format=Sixth()), task="tagging", show=False)
    assert ftkit.list_runs() == []


def test_a_bad_line_is_reported_as_the_format_says(file: Path) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write("no arrow here\n")
    report = ftkit.check(file, format=Sixth())
    assert [(problem.kind, problem.line) for problem in report.problems] == [("no_arrow", 61)]
