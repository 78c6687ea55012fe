"""Predictions for the records of a table: the column that is read, and the columns that stay."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

import ftkit
from ftkit.errors import FormatError
from ftkit.runs.run import Run
from tests.runs.data import labelled, lines


@pytest.fixture
def run() -> Run:
    return ftkit.finetune(labelled(), epochs=1, show=False)


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


TEXTS = ["the warm, dim day", 'a "cold" day\nin two lines', "", "又一天"]


@pytest.mark.parametrize("container", ["csv", "jsonl", "json", "xlsx", "parquet"])
def test_each_record_keeps_its_cells_and_gets_an_answer(run: Run, tmp_path: Path, container: str) -> None:
    frame = pd.DataFrame({"id": range(4), "评论": TEXTS, "label": ["a", "b", "c", "d"]})
    path = tmp_path / f"in.{container}"
    if container == "csv":
        frame.to_csv(path, index=False)
    elif container in ("json", "jsonl"):
        frame.to_json(path, orient="records", lines=container == "jsonl", force_ascii=False)
    elif container == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path)
    rows = table(run.predict(path, out=tmp_path / "out.csv"))
    assert rows[0] == ["id", "评论", "expected", "label", "confidence"]
    asked = [text for text in TEXTS if text]
    answers = iter(run.predict([text.strip() for text in asked]))
    for i, row in enumerate(rows[1:]):
        assert row[:3] == [str(i), TEXTS[i], "abcd"[i]]
        assert row[3:] == ([(answer := next(answers)).label, f"{answer.confidence:.4f}"] if TEXTS[i] else ["", ""])


def test_the_column_of_the_training_data_is_read(tmp_path: Path) -> None:
    rows = [{"text": f"number {i}", "said": text, "mood": label} for i, (text, label) in enumerate(lines(40, 1))]
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    data = ftkit.load(path, columns={"text": "said", "label": "mood"})
    run = ftkit.finetune(data, epochs=1, show=False)
    found = table(run.predict(path, out=tmp_path / "out.csv"))
    expected = [answer.label for answer in run.predict([row["said"] for row in rows])]
    assert [row[3] for row in found[1:]] == expected


def test_a_column_that_cannot_be_told_lists_the_columns(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("one,two\naa,bbb\nccc,dd\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"in\.csv: .*'0', '1'.*'text'"):
        run.predict(path, out=tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
