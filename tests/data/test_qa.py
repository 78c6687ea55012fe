"""The qa format: what is read, what is reported, and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftkit.data.formats.qa import Qa
from ftkit.data.load import load
from ftkit.data.problems import Problem
from ftkit.data.source import Source
from ftkit.errors import FormatError

GOOD = "Who?\tMe.\nWhen?\tNow.\tSure?\tYes.\nWhere?\tHere.\n"


def read(tmp_path: Path, content: str, **columns: int) -> tuple[list[tuple[list[str], list[str], int]], list[Problem]]:
    path = tmp_path / "chat.tsv"
    path.write_bytes(content.encode())
    table, problems = Qa().read(Source(path, "utf-8", columns, head=content.split("\n")[:2_000]))
    return [tuple(row.values()) for row in table.to_pylist()], problems


def kinds(problems: list[Problem]) -> list[tuple[str, str, int | None]]:
    return [(problem.severity, problem.kind, problem.line) for problem in problems]


def test_a_line_of_four_columns_is_a_conversation_of_two_turns(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD)
    assert rows[:2] == [(["Who?"], ["Me."], 1), (["When?", "Sure?"], ["Now.", "Yes."], 2)]
    assert not problems


@pytest.mark.parametrize(
    ("line", "kind", "fix"),
    [
        ("Who? Me.", "no_tab", 'Put a tab between the two: "question\\tanswer".'),
        ("Who?\\tMe.", "literal_tab", "Replace them by real tabs"),
        ("Who?\tMe.\tSure?", "odd_cells", "Write the missing question or answer"),
        ("Who?\tMe.\t", "odd_cells", "Write the missing question or answer"),
        ("\tMe.", "empty_question", "Write the question"),
        ("Who?\t", "empty_answer", "Write the answer"),
        ("Who?\t \u3000", "empty_answer", "Write the answer"),
        ("Who?\tMe.\tSure?\t", "empty_answer", "Write the answer"),
        ("Who?\tMe.\t \tYes.", "empty_question", "Write the question"),
    ],
)
def test_a_bad_row_is_an_error_on_its_line_and_left_out(tmp_path: Path, line: str, kind: str, fix: str) -> None:
    rows, problems = read(tmp_path, GOOD.replace("Where", f"{line}\nWhere"))
    assert kinds(problems) == [("error", kind, 3)]
    assert fix in problems[0].fix
    assert [row[2] for row in rows] == [1, 2, 4]
    assert problems.skipped == 1  # type: ignore[attr-defined]


def test_load_names_the_line_of_an_empty_answer(tmp_path: Path) -> None:
    read(tmp_path, GOOD + "Why?\t\n")
    with pytest.raises(FormatError, match=r"chat\.tsv:4: An answer is empty: 'Why\?.*Write the answer"):
        load(tmp_path / "chat.tsv", format="qa")
    assert len(load(tmp_path / "chat.tsv", format="qa", on_error="skip")) == 3


def test_other_answers_to_a_question_are_kept_and_noted_once_each(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD + "Who?\tYou.\nWho?\tYou.\nWhen?\tNow.\nWhen?\tNow.\tSure?\tNo.\n")
    assert kinds(problems) == [("info", "two_answers", 4), ("warning", "duplicate", 5), ("info", "two_answers", 7)]
    assert "on line 1: 'Who?'" in problems[0].message
    assert "on line 4" in problems[1].message
    assert len(rows) == 7


@pytest.mark.parametrize("header", ["question\tanswer", "Q\tA", "问题\t回答", "prompt\tresponse", "user\tassistant"])
def test_a_line_of_column_names_is_no_row_and_conversations_may_follow(tmp_path: Path, header: str) -> None:
    rows, problems = read(tmp_path, f"{header}\n{GOOD}")
    assert [row[2] for row in rows] == [2, 3, 4]
    assert len(rows[1][0]) == 2
    assert kinds(problems) == [("info", "header", 1)]


def test_column_names_decide_the_order_and_which_of_many(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "answer\tquestion\tsource\nMe.\tWho?\tx\nNow.\tWhen?\n")
    assert rows == [(["Who?"], ["Me."], 2)]
    assert kinds(problems) == [("info", "header", 1), ("error", "extra_tab", 3)]


def test_named_columns_are_one_turn_and_the_others_are_left_alone(tmp_path: Path) -> None:
    content = "Who?\tMe.\tx\nWhen?\tNow.\ty\n"
    assert [kind for _, kind, _ in kinds(read(tmp_path, content)[1])] == ["odd_cells", "odd_cells"]
    assert read(tmp_path, content, question=0, answer=1)[0] == [(["Who?"], ["Me."], 1), (["When?"], ["Now."], 2)]
    assert read(tmp_path, "a\tb\tc\td\n", question=3)[0] == [(["d"], ["a"], 1)]


def test_what_was_chosen_reads_again_as_the_same_rows(tmp_path: Path) -> None:
    for content in (GOOD, f"question\tanswer\n{GOOD}", "answer\tquestion\tid\nMe.\tWho?\t1\nNow.\tWhen?\t2\n"):
        read(tmp_path, content)
        data = load(tmp_path / "chat.tsv", format="qa")
        assert load(tmp_path / "chat.tsv", **data.load_options).fingerprint == data.fingerprint
