"""The corpus format: what is read, and what is reported."""

from __future__ import annotations

from pathlib import Path

from ftkit.data.formats.corpus import Corpus
from ftkit.data.problems import Problem
from ftkit.data.source import Source


def read(tmp_path: Path, content: str, **columns: int) -> tuple[list[tuple[str, str, int]], list[Problem]]:
    path = tmp_path / "book.txt"
    path.write_bytes(content.encode())
    table, problems = Corpus().read(Source(path, "utf-8", columns, head=content.split("\n")[:2_000]))
    return [tuple(row.values()) for row in table.to_pylist()], problems


def kinds(problems: list[Problem]) -> list[tuple[str, str, int | None]]:
    return [(problem.severity, problem.kind, problem.line) for problem in problems]


def test_every_line_with_text_is_a_row_as_it_is(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "  One.\nTwo\tand more.\n\u3000\u3000第三段\\t\n")
    assert rows == [("  One.", "", 1), ("Two\tand more.", "", 2), ("\u3000\u3000第三段\\t", "", 3)]
    assert not problems


def test_blank_lines_between_rows_are_counted_and_those_around_them_are_not(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "\n \nOne.\n\n\u3000\nTwo.\n\nThree.\n\n\n")
    assert [row[2] for row in rows] == [3, 6, 8]
    assert kinds(problems) == [("info", "blank_lines", None)]
    assert "There are 3 blank lines" in problems[0].message
    assert not read(tmp_path, "\n\nOne.\n\n")[1]


def test_lines_that_come_again_are_counted_once_for_the_file(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "All:\nOne.\nAll:\nTwo.\nAll:\nOne.\n")
    assert len(rows) == 6
    assert kinds(problems) == [("info", "copies", None)]
    assert "3 lines repeat an earlier one, most often 'All:' (3 times)" in problems[0].message


def test_a_replacement_sign_is_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "One.\nbroken \ufffd sign\n")
    assert kinds(problems) == [("warning", "replacement_char", 2)]
    assert len(rows) == 2


def test_a_named_column_is_taken_and_its_gaps_are_errors(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "1\tOne.\n2\n3\t \n4\tFour.\tx\n", text=1)
    assert rows == [("One.", "", 1), ("Four.", "", 4)]
    assert kinds(problems) == [("error", "no_column", 2), ("error", "no_column", 3)]
    assert read(tmp_path, "One.\n", text=0)[0] == [("One.", "", 1)]
