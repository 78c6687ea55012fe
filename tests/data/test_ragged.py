"""Ragged rows behave as the lists of arrays that they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.dataset import Dataset
from ftkit.data.ragged import Column, Ragged, Strings, on_disk, row_lengths

ROWS = st.lists(st.lists(st.integers(0, 60_000), max_size=6), max_size=12)


def plain(rows: Ragged) -> list[list[int]]:
    return [row.tolist() for row in rows]


@given(ROWS)
def test_rows_come_back_as_they_were_put_in(rows: list[list[int]]) -> None:
    ragged = Ragged.from_list(rows, np.uint16)
    assert plain(ragged) == rows
    assert [ragged[i].tolist() for i in range(len(rows))] == rows
    assert ragged.lengths.tolist() == [len(row) for row in rows] == row_lengths([np.asarray(r) for r in rows]).tolist()
    assert plain(ragged[1:3]) == rows[1:3]


@given(ROWS, st.data())
def test_a_selection_is_the_chosen_rows_in_the_chosen_order(rows: list[list[int]], data: st.DataObject) -> None:
    ragged = Ragged.from_list(rows, np.int32)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=20) if rows else st.just([]))
    selected = ragged.select(chosen)
    assert plain(selected) == [rows[i] for i in chosen]
    assert selected.in_order().tolist() == [token for i in chosen for token in rows[i]]
    assert plain(Ragged.concatenated([selected, ragged, ragged[:2]])) == [rows[i] for i in chosen] + rows + rows[:2]


@given(ROWS, st.lists(st.integers(0, 9), max_size=2), st.lists(st.integers(0, 9), max_size=2), st.integers(0, 5))
def test_framing_and_shortening_do_what_lists_do(
    rows: list[list[int]], before: list[int], after: list[int], longest: int
) -> None:
    ragged = Ragged.from_list(rows, np.uint16)
    assert plain(ragged.beginnings(longest).framed(before, after)) == [
        [*before, *row[:longest], *after] for row in rows
    ]


def test_a_row_is_a_view_and_not_a_copy() -> None:
    ragged = Ragged.from_list([[1, 2], [3]], np.uint16)
    assert np.shares_memory(ragged.select([1])[0], ragged.flat)


def test_a_negative_index_counts_from_the_end_and_one_too_large_is_an_error() -> None:
    ragged = Ragged.from_list([[1, 2], [3]])
    assert ragged[-1].tolist() == [3]
    with pytest.raises(IndexError):
        ragged[2]


@given(st.lists(st.text(max_size=5), max_size=8))
def test_texts_come_back_as_they_were_put_in(texts: list[str]) -> None:
    strings = Strings.from_list(texts)
    assert list(strings) == texts
    assert [strings[i] for i in range(len(texts))] == texts
    assert list(strings[1:]) == texts[1:]


def test_a_column_is_the_datasets_own_texts_read_when_asked_for() -> None:
    data = Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(10)])
    texts = Column(data, "texts")
    assert list(texts) == data.texts
    assert (texts[3], texts[-1], texts[2:4]) == ("text 3", "text 9", ["text 2", "text 3"])
    with pytest.raises(IndexError):
        texts[10]


def test_numbers_on_disk_are_read_without_loading_them(tmp_path: Path) -> None:
    np.arange(5, dtype=np.uint16).tofile(tmp_path / "some")
    (tmp_path / "none").touch()
    some = on_disk(tmp_path, "some", np.uint16)
    assert isinstance(some.base, np.memmap)
    assert some.tolist() == [0, 1, 2, 3, 4]
    assert on_disk(tmp_path, "none", np.uint16).tolist() == []
