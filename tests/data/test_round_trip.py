"""What is written as a file of a format loads as the rows that were written, in lines and in tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftkit.data.load import load

# anything but what ends a line or a cell; texts that are not blank, and that nothing around them is cut off
SIGNS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\t\n\r\ufffd\ufeff")
TEXT = st.text(SIGNS, min_size=1, max_size=30).map(str.strip).filter(bool)
TOKEN = st.text(SIGNS, min_size=1, max_size=8).filter(lambda token: token.split() == [token])
LABELS = ["正面", "负面", "neutral"]
ROWS: dict[str, Any] = {
    "labels": st.lists(st.tuples(TEXT, st.sampled_from(LABELS)), min_size=1, max_size=8).map(lambda rows: rows * 2),
    "title": st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8),
    "qa": st.lists(
        st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3).map(lambda turns: tuple(zip(*turns, strict=True))),
        min_size=1,
        max_size=6,
    ),
    "tags": st.lists(
        st.lists(st.tuples(TOKEN, st.sampled_from(["B-PER", "B-LOC", "O"])), min_size=1, max_size=6).map(
            lambda pairs: tuple(zip(*pairs, strict=True))
        ),
        min_size=1,
        max_size=6,
    ),
    "corpus": st.lists(TEXT.map(lambda text: (text, "")), min_size=1, max_size=8),
}
COLUMNS = {"labels": ("text", "label"), "title": ("title", "content"), "qa": ("question", "answer")}


def as_lines(format: str, rows: Sequence[Any]) -> str:
    if format == "labels":
        return "".join(f"{label}\t{text}\n" for text, label in rows)
    if format == "qa":
        turns = [[text for turn in zip(*row, strict=True) for text in turn] for row in rows]
        return "".join("\t".join(texts) + "\n" for texts in turns)
    if format == "tags":
        return "\n".join("".join(f"{a}\t{b}\n" for a, b in zip(*row, strict=True)) for row in rows)
    return "".join("\t".join(part for part in row if part) + "\n" for row in rows)


def plain(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


@pytest.mark.parametrize("format", ROWS)
@given(drawn=st.data())
def test_rows_written_as_lines_load_as_they_are(folder: Path, format: str, drawn: st.DataObject) -> None:
    rows = drawn.draw(ROWS[format])
    path = folder / "lines.txt"
    path.write_text(as_lines(format, rows), encoding="utf-8", newline="")
    columns = {"labels": {"label": 0, "text": 1}, "title": {"title": 0, "content": 1}, "tags": {"token": 0}}
    # a first row that reads like a header is one: named columns say that it is not asked
    data = load(path, format=format, columns=columns.get(format), on_error="skip")
    if data.report.counts.get("header"):
        return
    if format == "qa":
        assert [(plain(e.text), plain(e.target)) for e in data] == [(plain(a), plain(b)) for a, b in rows]
    elif format == "tags":
        assert list(zip(data.texts, data.targets, strict=True)) == [(tuple(a), tuple(b)) for a, b in rows]
    else:
        assert list(zip(data.texts, data.targets, strict=True)) == rows


@pytest.mark.parametrize("container", ["csv", "jsonl", "json", "parquet", "xlsx"])
@pytest.mark.parametrize("format", COLUMNS)
@settings(max_examples=25)
@given(drawn=st.data())
def test_rows_written_as_a_table_load_as_they_are(
    folder: Path, format: str, container: str, drawn: st.DataObject
) -> None:
    rows = [(plain(a), plain(b)) for a, b in drawn.draw(ROWS[format])]
    rows = [row for row in rows if all(isinstance(value, str) for value in row)]
    if container == "xlsx":  # pandas writes "=1" as a formula, and XML has no U+FFFE
        rows = [row for row in rows if not any(v.startswith("=") or {"\ufffe", "\uffff"} & set(v) for v in row)]
    if not rows:
        return
    names = COLUMNS[format]
    path = folder / f"table.{container}"
    path.unlink(missing_ok=True)
    if container == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *rows])
    elif container == "jsonl":
        lines = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows)
        path.write_text("\n".join(lines), encoding="utf-8")
    elif container == "json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in rows]), encoding="utf-8")
    elif container == "parquet":
        pd.DataFrame(rows, columns=list(names)).to_parquet(path)
    else:
        pd.DataFrame(rows, columns=list(names)).to_excel(path, index=False)
    columns: Any = dict(zip(names, names, strict=True))
    data = load(path, format=format, columns=columns, on_error="skip")
    assert list(zip(data.texts, data.targets, strict=True)) == rows
