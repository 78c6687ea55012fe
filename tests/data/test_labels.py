"""The labels format: what is read, what is reported, and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftkit.data.formats.labels import Labels
from ftkit.data.load import load
from ftkit.data.problems import Problem
from ftkit.data.source import Source

GOOD = "good\tI like it.\nbad\tI do not.\ngood\tVery nice.\nbad\tNever again.\n"


def read(tmp_path: Path, content: str, **columns: int) -> tuple[list[tuple[str, str, int]], list[Problem]]:
    path = tmp_path / "reviews.tsv"
    path.write_bytes(content.encode())
    lines = content.replace("\r\n", "\n").split("\n")
    table, problems = Labels().read(Source(path, "utf-8", columns, head=lines[:2_000]))
    return [tuple(row.values()) for row in table.to_pylist()], problems


def kinds(problems: list[Problem]) -> list[tuple[str, str, int | None]]:
    return [(problem.severity, problem.kind, problem.line) for problem in problems]


def test_label_then_text(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD)
    assert rows[0] == ("I like it.", "good", 1)
    assert len(rows) == 4
    assert not problems


def test_text_then_label(tmp_path: Path) -> None:
    swapped = "".join(f"{text}\t{label}\n" for label, text in (line.split("\t") for line in GOOD.splitlines()))
    rows, problems = read(tmp_path, swapped)
    assert rows == read(tmp_path, GOOD)[0]
    assert not problems


def test_the_column_order_is_told_by_repetition_not_by_length(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "".join(f"{label} of some length\tno {i}\n" for i in range(9) for label in ("one", "two")))
    assert rows[0][:2] == ("no 0", "one of some length")


def test_two_rows_are_told_by_length(tmp_path: Path) -> None:
    content = "类别1\t这是类别1的文本\n类别2\t这是类别2的文本\n" * 2
    assert read(tmp_path, content)[0][0][:2] == ("这是类别1的文本", "类别1")


def test_an_order_that_cannot_be_told_asks_for_columns(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "问题1\t回答1\n问题2\t回答2\n")
    assert not rows
    assert kinds(problems) == [("error", "column_order", 1)]
    assert 'columns={"text": 0, "label": 1}' in problems[0].fix


def test_the_users_columns_are_followed(tmp_path: Path) -> None:
    content = "1\ta b\tx\n2\tc d\tx\n3\te\ty\n4\tf\ty\n"
    assert read(tmp_path, content, label=2, text=1)[0][0] == ("a b", "x", 1)
    assert read(tmp_path, GOOD, text=1)[0] == read(tmp_path, GOOD, label=0)[0] == read(tmp_path, GOOD)[0]


def test_columns_beyond_the_line_are_reported(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD, label=0, text=7)
    assert not rows
    assert kinds(problems) == [("error", "extra_tab", line) for line in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("good I like it.", "no_tab"),
        ("good,I like it.", "no_tab"),
        ("good\\tI like it.", "literal_tab"),
        ("good\tI\tlike\tit.", "extra_tab"),
        ("\tI like it.", "empty_label"),
        (" \u3000\tI like it.", "empty_label"),
        ("good\t", "empty_text"),
        ("good\t \u3000", "empty_text"),
        ("\t", "empty_label"),
        ("unique\tSeen once.", "label_once"),
    ],
)
def test_a_bad_row_is_an_error_on_its_line_and_left_out(tmp_path: Path, line: str, kind: str) -> None:
    rows, problems = read(tmp_path, GOOD.replace("bad\tNever", f"{line}\nbad\tNever"))
    assert kinds(problems) == [("error", kind, 4)]
    assert [row[2] for row in rows] == [1, 2, 3, 5]
    assert problems.skipped == 1  # type: ignore[attr-defined]
    assert problems[0].message
    assert problems[0].fix


def test_three_tabs_name_the_columns_found(tmp_path: Path) -> None:
    _, problems = read(tmp_path, GOOD + "good\tone\ttwo\tthree\n")
    assert "There are 4 columns: 'good', 'one', 'two', 'three'. Expected 2." in problems[0].message


@pytest.mark.parametrize(
    ("line", "severity", "kind"),
    [
        ("good\tI like it.", "warning", "duplicate"),
        ("bad\tI like it.", "warning", "two_labels"),
        ("good\tbroken \ufffd sign", "warning", "replacement_char"),
    ],
)
def test_a_doubtful_row_is_kept_with_a_warning(tmp_path: Path, line: str, severity: str, kind: str) -> None:
    rows, problems = read(tmp_path, GOOD + line + "\n")
    assert kinds(problems) == [(severity, kind, 5)]
    assert len(rows) == 5


def test_a_duplicate_names_the_first_line(tmp_path: Path) -> None:
    _, problems = read(tmp_path, GOOD + "bad\tI like it.\n")
    assert "'bad' here and 'good' on line 1" in problems[0].message


def test_odd_spaces_in_labels_are_noted(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "好\u3000评\t不错\n好\u3000评\t可以\n差评\t太差\n差评\t很差\n")
    assert kinds(problems) == [("info", "label_space", 1), ("info", "label_space", 2)]
    assert len(rows) == 4


def test_space_around_a_label_goes_and_around_a_text_stays(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD + "  bad\u3000\t  as it is  \r\n")
    assert rows[4] == ("  as it is  ", "bad", 5)
    assert not problems


def test_quotes_are_ordinary_characters(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD + 'good\t"Quoted, and\ngood\tnever closed.\n')
    assert [row[0] for row in rows[4:]] == ['"Quoted, and', "never closed."]
    assert not problems


def test_blank_lines_are_no_rows_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "\n" + GOOD.replace("bad\tI do", "\n  \nbad\tI do") + "\n\n")
    assert [row[2] for row in rows] == [2, 5, 6, 7]
    assert not problems


def test_a_line_of_column_names_is_no_row(tmp_path: Path) -> None:
    for header in ("label\ttext", "标签\t文本"):
        rows, problems = read(tmp_path, f"{header}\n{GOOD}")
        assert [row[2] for row in rows] == [2, 3, 4, 5]
        assert kinds(problems) == [("info", "header", 1)]


def test_column_names_decide_the_order(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "text\tlabel\na\tb\na\tb\n")
    assert rows[0][:2] == ("a", "b")


def test_one_label_for_all_is_a_warning(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "good\tone thing\ngood\tanother thing\n")
    assert kinds(problems) == [("warning", "one_label", None)]


def test_bad_rows_do_not_count_for_a_label(tmp_path: Path) -> None:
    _, problems = read(tmp_path, GOOD + "rare\tonce\nrare\t\n")
    assert kinds(problems) == [("error", "label_once", 5), ("error", "empty_text", 6)]


def test_named_columns_may_stand_among_others(tmp_path: Path) -> None:
    content = "id\tsentence\tscore\tlabel\n1\ta b\t.5\tx\n2\tc d\t.1\tx\n3\tno score\tx\n4\te\t.2\ty\n5\tf\t.3\ty\n"
    rows, problems = read(tmp_path, content)
    assert rows == [("a b", "x", 2), ("c d", "x", 3), ("e", "y", 5), ("f", "y", 6)]
    assert kinds(problems) == [("info", "header", 1), ("error", "extra_tab", 4)]
    assert Labels().sniff(content.splitlines()) > 0.7


def test_numbers_take_their_names_from_a_list_beside_the_file(tmp_path: Path) -> None:
    content = "".join(f"text {i}\t{i % 3}\n" for i in range(9))
    assert {row[1] for row in read(tmp_path, content)[0]} == {"0", "1", "2"}
    (tmp_path / "class.txt").write_text("sport\nmusic\nnews\n", encoding="utf-8")
    rows, problems = read(tmp_path, content)
    assert [row[:2] for row in rows[:3]] == [("text 0", "sport"), ("text 1", "music"), ("text 2", "news")]
    assert not problems


def test_a_list_that_lacks_a_number_in_use_is_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "class.txt").write_text("sport\nmusic\n", encoding="utf-8")
    rows, _ = read(tmp_path, "".join(f"text {i}\t{i % 3}\n" for i in range(9)))
    assert {row[1] for row in rows} == {"0", "1", "2"}


@pytest.mark.parametrize(("first", "expected"), [(1, ["1", "2", "3", "4", "5"]), (0, ["1", "2", "3", "4", "5"])])
def test_labels_that_are_among_the_names_already_stay(tmp_path: Path, first: int, expected: list[str]) -> None:
    path = tmp_path / "stars.tsv"
    path.write_text("".join(f"text {i} of this file\t{i % 5 + first}\n" for i in range(20)), encoding="utf-8")
    data = load(path, label_names=["1", "2", "3", "4", "5"])
    assert list(data.targets[:5]) == expected
