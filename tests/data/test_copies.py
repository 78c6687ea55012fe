"""Copies: the same found as by a plain dictionary, in any number of batches and on disk, and never by chance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import copies as module
from ftkit.data import growing
from ftkit.data.copies import Copies, hashes
from ftkit.data.dataset import Dataset
from ftkit.data.problems import KEPT_PER_KIND, Problems

TEXT = st.sampled_from(["a", "b", "c", "中", "a b", "b\x1fb", "a\x1fb"])
TURNS = st.integers(1, 3).flatmap(
    lambda n: st.tuples(st.lists(TEXT, min_size=n, max_size=n), st.lists(TEXT, min_size=n, max_size=n))
)
ROWS: dict[str, Any] = {
    "labels": st.tuples(TEXT, st.sampled_from("xy")),
    "tags": TURNS,
    "title": st.tuples(TEXT, TEXT),
    "qa": TURNS,
}


def told(data: Dataset, batch: int = 7, folder: Path | None = None) -> Problems:
    copies, problems = Copies(folder), Problems()
    for start in range(0, len(data), batch):
        copies.add_batch(data.table.slice(start, batch), data.format)
    copies.tell(problems, lambda rows: data.table.take(pa.array(rows)), data.format)
    return problems


def plainly(data: Dataset) -> list[tuple[str, int, str]]:
    """An independent reading: (kind, line, what the message names as the first line)."""
    found, wholes, starts = [], dict[Any, int](), dict[Any, int]()
    for line, example in enumerate(data, 1):
        start, end = example.text, example.target
        other = {"labels": "two_labels", "tags": "two_taggings", "title": "two_contents", "qa": "two_answers"}
        if data.format == "qa":
            asked, answered = (side if isinstance(side, tuple) else (side,) for side in (start, end))
            start, end = (*asked, *answered[:-1]), answered[-1]
        whole = wholes.setdefault((start, end), line)
        first = starts.setdefault(start, line)
        if first == line:
            continue
        if data.format in ("labels", "tags"):
            kind = "duplicate" if data[first - 1].target == example.target else other[data.format]
            found.append((kind, line, f"line {first}"))
        elif whole != line:
            found.append(("duplicate", line, f"line {whole}"))
        else:
            found.append((other[data.format], line, f"line {first}"))
    return found


@pytest.mark.parametrize("format", list(ROWS))
@given(data=st.data(), batch=st.integers(1, 9))
def test_the_same_copies_are_told_as_by_a_dictionary(format: str, data: st.DataObject, batch: int) -> None:
    rows = Dataset.from_rows(data.draw(st.lists(ROWS[format], max_size=30)), format=format)
    problems = told(rows, batch)
    wanted = plainly(rows)
    assert [(p.kind, p.line) for p in problems] == [(kind, line) for kind, line, _ in wanted]
    assert all(first in p.message for p, (_, _, first) in zip(problems, wanted, strict=True))
    assert problems.counts == Counter(kind for kind, _, _ in wanted)


@given(st.lists(TEXT, max_size=30))
def test_lines_of_a_corpus_are_counted_and_the_commonest_named(rows: list[str]) -> None:
    problems = told(Dataset.from_rows(rows, format="corpus"))
    if len(set(rows)) == len(rows):
        assert not problems
        return
    (most, times), *_ = Counter(rows).most_common(1)
    (problem,) = problems
    assert problem.kind == "copies"
    assert f"({times} times)" in problem.message
    assert f"{len(rows) - len(set(rows))} lines" in problem.message
    assert problem.excerpt == module.excerpt(most)


def test_all_are_counted_and_the_first_thousand_noted() -> None:
    rows = [(f"text {i % 50}", "ab"[i % 3 == 0]) for i in range(5_000)]
    data = Dataset.from_rows(rows)
    problems, wanted = told(data, batch=999), plainly(data)
    assert problems.counts == Counter(kind for kind, _, _ in wanted)
    for kind in ("duplicate", "two_labels"):
        noted = [p.line for p in problems if p.kind == kind]
        assert noted == [line for known, line, _ in wanted if known == kind][:KEPT_PER_KIND]


def test_in_files_it_is_the_same_as_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = Dataset.from_rows([(f"q {i * 7919 % 900}", f"a {i % 5}") for i in range(3_000)], format="title")
    in_memory = told(data)
    monkeypatch.setattr(growing, "IN_MEMORY", 1_000)
    monkeypatch.setattr(growing, "AT_ONCE", 100)
    assert told(data, folder=tmp_path) == in_memory
    assert not list(tmp_path.iterdir())


def test_an_equal_hash_alone_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "hashes", lambda values: np.zeros(len(values), np.uint64))
    assert not told(Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(50)]))


@pytest.mark.parametrize("n", [0, 1, 2, 1_000, 1_200_000])
def test_first_rows_are_those_of_a_dictionary(n: int) -> None:
    values = np.random.default_rng(n).integers(0, max(1, n // 2), n).astype(np.uint64)
    seen: dict[int, int] = {}
    wanted = [seen.setdefault(value, row) for row, value in enumerate(values.tolist())]
    assert growing.first_equal(module.mixed(values)).tolist() == wanted


def test_lists_have_other_hashes_than_their_texts_joined() -> None:
    values = hashes([["a", "b"], ["a\x1fb"], ["a b"], [], [""]])
    assert len(set(values.tolist())) == 5


def test_a_dictionary_column_has_the_hashes_of_its_texts() -> None:
    texts = pa.array(["a", "b", "a"])
    assert hashes(texts.dictionary_encode()).tolist() == hashes(texts).tolist() == hashes(["a", "b", "a"]).tolist()
