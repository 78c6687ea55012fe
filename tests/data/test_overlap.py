"""Overlap of two files: equal texts and nearly equal ones, counted by rows, with the first pairs by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import growing
from ftkit.data import overlap as module
from ftkit.data.dataset import Dataset
from ftkit.data.folded import normalised
from ftkit.data.overlap import NAMED, overlap
from ftkit.i18n import language

ROWS = st.lists(st.tuples(st.sampled_from(["a", "Ａ", "b", " b", "中", "c"]), st.just("x")), max_size=12)


@given(ROWS, ROWS)
def test_equal_texts_are_those_of_a_set(train: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    found = overlap(Dataset.from_rows(train), Dataset.from_rows(other))
    known = {normalised(text) for text, _ in train}
    wanted = [row for row, (text, _) in enumerate(other, 1) if normalised(text) in known]
    assert (found.n_rows, found.n_equal, found.n_near) == (len(other), len(wanted), 0)
    assert [second for _, second, _ in found.pairs] == [f"rows:{row}" for row in wanted]
    for first, second, similarity in found.pairs:
        one, two = (int(source.removeprefix("rows:")) - 1 for source in (first, second))
        assert normalised(train[one][0]) == normalised(other[two][0])
        assert similarity == 1


def test_a_text_that_is_nearly_one_of_the_other_file_is_counted() -> None:
    train = Dataset.from_rows(
        [("酒店的早餐不错，下次还会来。", "好"), ("房间太小了，不推荐入住", "坏"), ("其他", "坏")]
    )
    other = Dataset.from_rows(
        [
            ("完全不同的一条评论文本", "好"),
            ("酒店的早餐不错，下次还会来", "好"),
            ("其他", "坏"),
            ("房间太小，不推荐入住", "坏"),
        ]
    )
    found = overlap(train, other)
    assert (found.n_equal, found.n_near) == (1, 2)
    assert found.pairs == (("rows:3", "rows:3", 1.0), ("rows:1", "rows:2", 0.963), ("rows:2", "rows:4", 0.952))
    assert overlap(train, other, near=False).n_near == 0


def test_copies_within_one_file_are_no_overlap() -> None:
    rows = [("the same long sentence again", "x"), ("the same long sentence again!", "x")]
    assert not overlap(Dataset.from_rows(rows), Dataset.from_rows([("else", "y")] * 3))
    assert not overlap(Dataset.from_rows([("else", "y")] * 3), Dataset.from_rows(rows))


def test_copies_of_a_near_text_are_each_counted() -> None:
    train = Dataset.from_rows([("the same long sentence again", "x")])
    found = overlap(train, Dataset.from_rows([("the same long sentence again!", "x")] * 30))
    assert (found.n_near, len(found.pairs)) == (30, NAMED)


def test_the_message_names_the_first_pair() -> None:
    train = Dataset.from_rows([("a", "x"), ("the same long sentence again", "x")])
    equal, near = ("A", "x"), ("the same long sentence again!", "x")
    messages = [
        overlap(train, Dataset.from_rows(rows)).message("train", "test")
        for rows in ([equal], [near], [equal, near], [])
    ]
    assert messages == [
        "1 of the 1 texts of test are in train too, such as rows:1 = rows:1: numbers measured on them flatter. Remove "
        "them from train, or let split() choose.",
        "1 of the 1 texts of test are nearly in train too, such as rows:2 ≈ rows:1 (98% the same): numbers measured on "
        "them flatter. Remove them from train, or let split() choose.",
        "1 of the 2 texts of test are in train too, and 1 nearly, such as rows:1 = rows:1: numbers measured on them "
        "flatter. Remove them from train, or let split() choose.",
        "",
    ]
    language("zh")
    assert "98% 一致" in overlap(train, Dataset.from_rows([near])).message("训练数据", "验证数据")


def test_in_files_it_is_the_same_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    train = Dataset.from_rows([(f"{i * 7919 % 1_000} is a number, and {i} is another", "x") for i in range(800)])
    other = Dataset.from_rows(
        [(f"{i * 7919 % 1_000} is a number,  and {i} is another.", "x") for i in range(0, 900, 3)]
    )
    in_memory = overlap(train, other)
    assert in_memory.n_near > 200
    monkeypatch.setattr(growing, "IN_MEMORY", 1_000)
    monkeypatch.setattr(growing, "AT_ONCE", 100)
    monkeypatch.setattr(module, "ROWS", 64)
    assert overlap(train, other).n_near == in_memory.n_near
