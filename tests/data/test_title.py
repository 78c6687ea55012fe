"""The title format: what is read, what is reported, and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftkit.data.formats.title import Title
from ftkit.data.load import load
from ftkit.data.problems import Problem
from ftkit.data.source import Source
from ftkit.errors import FormatError

GOOD = "Tea\tA drink from leaves.\nRice\tA grain that is boiled.\nSalt\tIt is in the sea.\n"


def read(tmp_path: Path, lines: str, **columns: int) -> tuple[list[tuple[str, str, int]], list[Problem]]:
    path = tmp_path / "titles.tsv"
    path.write_bytes(lines.encode())
    table, problems = Title().read(Source(path, "utf-8", columns, head=lines.split("\n")[:2_000]))
    return [tuple(row.values()) for row in table.to_pylist()], problems


def kinds(problems: list[Problem]) -> list[tuple[str, str, int | None]]:
    return [(problem.severity, problem.kind, problem.line) for problem in problems]


def test_a_title_and_its_content_are_a_row_without_the_space_around_them(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD + " Oil \t \u3000Pressed. \n")
    assert rows[0] == ("Tea", "A drink from leaves.", 1)
    assert rows[3] == ("Oil", "Pressed.", 4)
    assert not problems


@pytest.mark.parametrize(
    ("line", "kind", "fix"),
    [
        ("Tea: a drink", "no_tab", 'Put a tab between the two: "title\\tcontent".'),
        ("Tea\\ta drink", "literal_tab", "Replace them by real tabs"),
        ("Tea\ta drink\tof leaves", "extra_tab", "Replace tabs inside the content by spaces"),
        ("\ta drink", "empty_title", "Write the title"),
        ("Tea\t", "empty_content", "Write the content"),
        ("Tea\t \u3000", "empty_content", "Write the content"),
    ],
)
def test_a_bad_row_is_an_error_on_its_line_and_left_out(tmp_path: Path, line: str, kind: str, fix: str) -> None:
    rows, problems = read(tmp_path, GOOD.replace("Salt", f"{line}\nSalt"))
    assert kinds(problems) == [("error", kind, 3)]
    assert fix in problems[0].fix
    assert [row[2] for row in rows] == [1, 2, 4]
    assert problems.skipped == 1  # type: ignore[attr-defined]


def test_a_tab_in_the_content_names_the_columns_found(tmp_path: Path) -> None:
    _, problems = read(tmp_path, GOOD + "Oil\tPressed\tfrom olives\n")
    assert "There are 3 columns: 'Oil', 'Pressed', 'from olives'. Expected 2" in problems[0].message


def test_doubtful_rows_are_kept(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD + "Tea\tA drink from leaves.\nTea\tA meal.\nOil\tbroken \ufffd sign\n")
    assert sorted(kinds(problems), key=lambda kind: kind[2] or 0) == [
        ("warning", "duplicate", 4),
        ("info", "two_contents", 5),
        ("warning", "replacement_char", 6),
    ]
    assert len(rows) == 6


@pytest.mark.parametrize("header", ["title\tcontent", "Title\tBody", "标题\t内容", "题目\t正文"])
def test_a_line_of_column_names_is_no_row(tmp_path: Path, header: str) -> None:
    rows, problems = read(tmp_path, f"{header}\n{GOOD}")
    assert [row[2] for row in rows] == [2, 3, 4]
    assert kinds(problems) == [("info", "header", 1)]


def test_column_names_decide_the_order_and_which_of_many(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "id\tabstract\ttitle\n1\tA drink.\tTea\n2\tA grain.\n")
    assert rows == [("Tea", "A drink.", 2)]
    assert kinds(problems) == [("info", "header", 1), ("error", "extra_tab", 3)]


def test_the_users_columns_are_followed_and_the_fix_of_an_extra_tab_works(tmp_path: Path) -> None:
    content = "Tea\tx\tA drink.\nRice\ty\tA grain.\n"
    assert read(tmp_path, content, content=2, title=0)[0][0] == ("Tea", "A drink.", 1)
    assert read(tmp_path, GOOD, title=1)[0][0] == ("A drink from leaves.", "Tea", 1)
    read(tmp_path, content)
    with pytest.raises(FormatError, match=r'columns=\{"title": 0, "content": 2\}'):
        load(tmp_path / "titles.tsv", format="title")
    assert load(tmp_path / "titles.tsv", columns={"title": 0, "content": 2}).targets == ["A drink.", "A grain."]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "\n" + GOOD.replace("Rice", "\n \t \nRice") + "\n\n")
    assert [row[2] for row in rows] == [2, 5, 6]
    assert not problems
