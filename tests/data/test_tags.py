"""The tags format: what is read, what is reported, and on which line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftkit.data.formats.tags import Tags
from ftkit.data.problems import Problem
from ftkit.data.source import Source

GOOD = "Li\tB-PER\nMing\tI-PER\nsings\tO\n\nHe\tO\nsleeps\tO\n"


def read(tmp_path: Path, content: str, **columns: int) -> tuple[list[dict[str, Any]], list[Problem]]:
    path = tmp_path / "names.txt"
    path.write_bytes(content.encode())
    head = content.replace("\r\n", "\n").split("\n")[:2_000]
    table, problems = Tags().read(Source(path, "utf-8", columns, head=head))
    return table.to_pylist(), problems


def kinds(problems: list[Problem]) -> list[tuple[str, str, int | None]]:
    return [(problem.severity, problem.kind, problem.line) for problem in problems]


def test_sentences_are_between_blank_lines(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD)
    assert rows == [
        {"tokens": ["Li", "Ming", "sings"], "tags": ["B-PER", "I-PER", "O"], "line": 1},
        {"tokens": ["He", "sleeps"], "tags": ["O", "O"], "line": 5},
    ]
    assert not problems


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\t", " "),
        GOOD.replace("\t", "   "),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n\n", "\n \t \n"),
        GOOD.replace("\n\n", "\n\u3000\n"),
        GOOD.rstrip("\n"),
        GOOD + "\n\n\n",
        GOOD.replace("O\n", "O \n"),
    ],
)
def test_the_same_sentences_in_other_clothes(tmp_path: Path, content: str) -> None:
    rows, problems = read(tmp_path, content)
    assert rows == read(tmp_path, GOOD)[0]
    assert not problems


def test_the_last_of_two_to_five_columns_is_the_tag(tmp_path: Path) -> None:
    for n in range(2, 6):
        rows, problems = read(tmp_path, "".join(f"w{i} {'x ' * (n - 2)}B-LOC\n" for i in range(3)))
        assert (rows[0]["tokens"], rows[0]["tags"]) == (["w0", "w1", "w2"], ["B-LOC"] * 3)
        assert not problems


def test_the_users_columns_are_followed(tmp_path: Path) -> None:
    content = "1 Li N B-PER O\n2 Ming N I-PER O\n"
    assert read(tmp_path, content, token=1, tag=3)[0][0]["tags"] == ["B-PER", "I-PER"]
    assert read(tmp_path, content, token=1, tag=-2)[0][0]["tokens"] == ["Li", "Ming"]
    assert read(tmp_path, content, token=1)[0][0]["tags"] == ["O", "O"]


def test_columns_beyond_the_line_are_reported(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD, tag=7)
    assert not rows
    assert {problem.kind for problem in problems} == {"tag_columns"}


def test_document_marks_are_no_tokens(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "-DOCSTART- -X- O O\n\nEU N I O\n-DOCSTART- -X- O O\nUN N I O\n")
    assert [(row["tokens"], row["line"]) for row in rows] == [(["EU"], 3), (["UN"], 5)]
    assert not problems


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (" O", "no_token"),
        ("\tO", "no_token"),
        ("\u3000\tO", "no_token"),
        ("sings", "no_tag"),
        ("sings\t", "no_tag"),
        ("sings\\tO", "literal_tab"),
        ("sings\tV\tO", "tag_columns"),
        ("sings\t0", "illegal_tag"),
        ("sings\tper", "illegal_tag"),
        ("sings\tX-PER", "illegal_tag"),
        ("sings\tB-", "illegal_tag"),
    ],
)
def test_a_bad_line_is_an_error_and_its_sentence_left_out(tmp_path: Path, line: str, kind: str) -> None:
    rows, problems = read(tmp_path, GOOD.replace("sings\tO", line))
    assert kinds(problems) == [("error", kind, 3)]
    assert [row["line"] for row in rows] == [5]
    assert problems.skipped == 1  # type: ignore[attr-defined]
    assert problems[0].message
    assert problems[0].fix


def test_every_bad_line_of_a_sentence_is_reported(tmp_path: Path) -> None:
    _, problems = read(tmp_path, " O\n O\n喜欢 O\n\n O\n")
    assert [problem.line for problem in problems] == [1, 2, 5]


@pytest.mark.parametrize(
    "tags",
    [
        ("B-PER", "I-PER", "O"),
        ("B-PER", "E-PER", "S-LOC"),
        ("B-PER", "M-PER", "E-PER"),
        ("B-PER", "L-PER", "U-LOC"),
        ("I-PER", "I-PER", "O"),
        ("B", "M", "E"),
        ("B-creative-work", "I-PER.NAM", "O"),
        ("B-人名", "I-人名", "O"),
    ],
)
def test_tags_of_every_scheme_are_legal(tmp_path: Path, tags: tuple[str, ...]) -> None:
    rows, problems = read(tmp_path, "".join(f"w\t{tag}\n" for tag in tags))
    assert rows[0]["tags"] == list(tags)
    assert not problems


def test_parts_of_speech_are_kept_and_noted(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "Li\tNOUN\nsings\tVERB\n\nHe\tPRON\n")
    assert len(rows) == 2
    assert kinds(problems) == [("info", "plain_tags", None)]


def test_spaces_in_a_token_are_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "New York\tB-LOC\n💔 \tO\n")
    assert rows[0]["tokens"] == ["New York", "💔"]
    assert kinds(problems) == [("warning", "token_space", 1), ("warning", "token_space", 2)]


def test_a_replacement_sign_is_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "\ufffd0\tO\n")
    assert rows[0]["tokens"] == ["\ufffd0"]
    assert kinds(problems) == [("warning", "replacement_char", 1)]


def test_the_same_sentence_twice_is_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "a O\nb O\n\na O\nb O\n\na O\nb B-X\n")
    assert kinds(problems) == [("warning", "duplicate", 4), ("warning", "two_taggings", 7)]
    assert len(rows) == 3


def test_a_file_that_is_one_sentence_is_a_warning(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a O\n" * 1_001)
    assert kinds(problems) == [("warning", "one_sentence", None)]


def test_a_token_may_be_any_sign_but_a_space(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, '" O\n# O\n\\ O\n-- O\n')
    assert rows[0]["tokens"] == ['"', "#", "\\", "--"]
