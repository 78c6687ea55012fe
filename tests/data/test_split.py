"""Splits: nothing lost, nothing leaked, every label learnt, shares kept, the same every time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import growing, near
from ftkit.data.dataset import Dataset
from ftkit.data.split import normalised, split_positions, split_rows
from ftkit.errors import DataError, SettingError

WORDS = ["a", "A", "Ａ", " a ", "b", "b  b", "b b", "ß", "ss", "中", "中 ", "文", *map(str, range(30))]
LABEL = st.sampled_from("xyzw")
LABELLED = st.lists(st.tuples(st.sampled_from(WORDS), LABEL), min_size=2, max_size=60)
TAGGED = st.lists(
    st.lists(st.tuples(st.sampled_from(WORDS), LABEL), min_size=1, max_size=4).map(
        lambda pairs: (tuple(token for token, _ in pairs), tuple(tag for _, tag in pairs))
    ),
    min_size=2,
    max_size=40,
)
SHARE = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.3, 0.45])


@given(st.one_of(LABELLED, TAGGED), SHARE, SHARE, st.integers(0, 3))
def test_the_promises_hold_for_any_rows(rows: list, validation: float, test: float, seed: int) -> None:  # type: ignore[type-arg]
    texts, targets = [row[0] for row in rows], [row[1] for row in rows]
    shares = {name: share for name, share in (("validation", validation), ("test", test)) if share}
    sizes = Counter(map(normalised, texts))
    if len(sizes) <= len(shares):
        with pytest.raises(DataError, match="cannot make"):
            split_rows(texts, targets, shares, seed)
        return
    parts = split_rows(texts, targets, shares, seed)

    assert sorted(row for part in parts.values() for row in part) == list(range(len(rows)))  # each row once
    assert all(part == sorted(part) and part for part in parts.values())
    sides = {name: {normalised(texts[row]) for row in part} for name, part in parts.items()}
    assert sum(map(len, sides.values())) == len(sizes)  # no text on two sides
    assert parts == split_rows(texts, targets, shares, seed)

    texts_of: dict[str, set[str]] = {}
    for text, target in zip(texts, targets, strict=True):
        for label in target:
            texts_of.setdefault(label, set()).add(normalised(text))
    learnt = {label for row in parts["train"] for label in targets[row]}
    needed = [label for label, distinct in texts_of.items() if len(distinct) > 1]
    if len(shares) == 1 or len(sizes) > len(needed) + 2:
        assert learnt.issuperset(needed)

    largest, n_needed = max(sizes.values()), len(texts_of)
    for name, share in shares.items():
        assert len(parts[name]) <= max(1, share * len(rows)) + largest
    if len(sizes) > 4 * n_needed and sum(shares.values()) <= 0.5:  # enough texts to choose from
        for name, share in shares.items():
            assert abs(len(parts[name]) - share * len(rows)) <= largest + 0.5


@pytest.mark.parametrize("n", [20, 100, 1_000])
@pytest.mark.parametrize("validation", [0.1, 0.2, 0.5])
def test_different_texts_are_split_to_the_row(n: int, validation: float) -> None:
    data = Dataset.from_rows([(f"text {i}", "abc"[i % 3]) for i in range(n)])
    assert len(data.split(validation=validation)["validation"]) == round(n * validation)


def test_each_label_has_its_share() -> None:
    data = Dataset.from_rows([(f"text {i}", "rare" if i % 10 == 0 else "common") for i in range(1_000)])
    parts = data.split(validation=0.2, test=0.1)
    assert parts["validation"].label_counts() == {"common": 180, "rare": 20}
    assert parts["test"].label_counts() == {"common": 90, "rare": 10}
    assert parts["train"].label_counts() == {"common": 630, "rare": 70}


def test_each_kind_of_entity_has_its_share() -> None:
    tag = ["B-PER"] * 100 + ["B-ORG"] * 20 + ["O"] * 880
    data = Dataset.from_rows([([f"w{i}", "x"], [tag[i], "O"]) for i in range(1_000)], format="tags")
    counts = data.split(validation=0.2)["validation"].label_counts()
    assert (counts["B-PER"], counts["B-ORG"]) == (20, 4)


def test_a_label_of_two_texts_has_one_on_each_side_or_both_in_train() -> None:
    rows = [(f"text {i}", "common") for i in range(20)] + [("p", "rare"), ("q", "rare")]
    for seed in range(20):
        assert "rare" in Dataset.from_rows(rows).split(validation=0.4, test=0.4, seed=seed)["train"].labels


def test_a_label_of_one_text_is_learnt_rather_than_checked() -> None:
    rows = [(f"text {i}", "common") for i in range(30)] + [("p", "rare"), ("P", "rare")]
    for seed in range(20):
        assert "rare" not in Dataset.from_rows(rows).split(validation=0.3, seed=seed)["validation"].labels


def test_texts_that_differ_in_width_case_and_space_stay_together() -> None:
    rows = [
        ("Hello  World", "a"),
        ("ｈｅｌｌｏ world", "a"),
        (" hello\u3000world\t", "b"),
        ("other", "a"),
        ("more", "b"),
    ]
    for seed in range(10):
        parts = split_rows([text for text, _ in rows], [label for _, label in rows], {"validation": 0.4}, seed)
        assert {0, 1, 2} <= set(parts["train"]) or {0, 1, 2} <= set(parts["validation"])


def test_a_large_group_of_copies_goes_to_training() -> None:
    rows = [("copy", "a")] * 50 + [(f"text {i}", "a") for i in range(50)]
    parts = Dataset.from_rows(rows).split(validation=0.1)
    assert len(parts["validation"]) == 10
    assert "copy" not in parts["validation"].texts


def test_another_seed_gives_another_split_and_the_same_the_same() -> None:
    data = Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(100)])
    assert data.split(seed=1)["validation"].texts == data.split(seed=1)["validation"].texts
    assert data.split(seed=1)["validation"].texts != data.split(seed=2)["validation"].texts


def test_the_split_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from ftkit.data.split import split_rows; rows = range(200);"
        "texts = [f'{i * 7919 % 150} is text {i % 150}' for i in rows];"
        "print(split_rows(texts, [[f'l{i % 7}', f'm{i % 5}'] for i in rows], {'validation': .2, 'test': .1}, 3, True))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        for seed in ("0", "1")
    }
    assert len(printed) == 1


def test_the_split_stays_as_it_was_in_the_last_version() -> None:
    rows = range(20)
    parts = split_rows([f"text {i}" for i in rows], ["ab"[i % 2] for i in rows], {"validation": 0.2}, 0)
    assert parts["validation"] == [0, 15, 17, 18]  # a saved run's split must not change under it


def test_only_splits_with_a_share_are_there() -> None:
    data = Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(20)])
    assert list(data.split()) == ["train", "validation"]
    assert list(data.split(test=0.2)) == ["train", "validation", "test"]
    assert {name: len(part) for name, part in data.split(validation=0).items()} == {"train": 20}


def test_rows_keep_their_order_and_source() -> None:
    data = Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(50)])
    for part in data.split(test=0.2).values():
        lines = [int(example.source.split(":")[1]) for example in part]
        assert lines == sorted(lines)
        assert all(example == data[line - 1] for example, line in zip(part, lines, strict=True))


@pytest.mark.parametrize(
    ("validation", "test"), [(-0.1, 0), (1, 0), (0.1, 1.5), (0.6, 0.4), (float("nan"), 0), ("a", 0), (None, 0)]
)
def test_shares_that_cannot_be_are_an_error(validation: float, test: float) -> None:
    data = Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(20)])
    with pytest.raises(SettingError, match="Use split"):
        data.split(validation=validation, test=test)


def test_texts_without_labels_are_split_to_the_row() -> None:
    rows = [f"sentence {i}" for i in range(100)]
    assert len(Dataset.from_rows(rows, format="corpus").split(validation=0.2, test=0.1)["train"]) == 70


def test_titles_that_are_equal_stay_together() -> None:
    data = Dataset.from_rows([(f"Title {i % 40}", f"content {i}") for i in range(100)], format="title")
    for seed in range(3):
        parts = data.split(validation=0.3, seed=seed)
        assert not set(parts["train"].texts) & set(parts["validation"].texts)


def test_conversations_that_begin_alike_stay_together() -> None:
    rows = [(f"q{i}?", f"a{i}") for i in range(30)]
    rows += [([f"Q{i}?", "More?"], [f"a{i}", "No."]) for i in range(30)]  # the same, and a turn more
    data = Dataset.from_rows(rows, format="qa")
    for seed in range(3):
        parts = data.split(validation=0.3, seed=seed)
        first = [{str(text if isinstance(text, str) else text[0]).lower() for text in p.texts} for p in parts.values()]
        assert not first[0] & first[1]
        assert len(parts["validation"]) == 18


def test_conversations_that_all_begin_with_a_greeting_can_be_split() -> None:
    data = Dataset.from_rows([(["Hi", f"q{i % 40}?"], ["Hello", f"a{i}"]) for i in range(100)], format="qa")
    parts = data.split(validation=0.3)
    assert not set(parts["train"].texts) & set(parts["validation"].texts)
    assert abs(len(parts["validation"]) - 30) <= 2


def unlike(n: int) -> list[str]:
    """Texts that have little in common."""
    rng = random.Random(0)
    return ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz ", k=40)) for _ in range(n)]


def on_both_sides(parts: dict[str, np.ndarray]) -> set[int]:  # type: ignore[type-arg]
    """Of 40 texts and then 40 nearly equal ones, those that were torn apart."""
    return set((parts["validation"] % 40).tolist()) & set((parts["train"] % 40).tolist())


def test_texts_that_are_nearly_equal_stay_together() -> None:
    rows = [(text, "ab"[i % 2]) for i, text in enumerate(unlike(40))]
    rows += [(f"{text[:20]}{text[21:]}!", label) for text, label in rows]
    data = Dataset.from_rows(rows)
    for seed in range(5):
        parts = split_positions(data, {"validation": 0.3}, seed)
        assert not on_both_sides(parts)
        assert len(parts["validation"]) == 24
        assert on_both_sides(split_positions(data, {"validation": 0.3}, seed, near=False))


def test_texts_of_one_pattern_are_split_like_any() -> None:
    rows = [(f"Where is the parcel that has the number {i}?", "parcel") for i in range(100)]
    rows += [(text, "other") for text in unlike(100)]
    parts = split_positions(Dataset.from_rows(rows), {"validation": 0.2}, 0)
    assert sum(row < 100 for row in parts["validation"].tolist()) == 20


def test_a_label_whose_texts_are_nearly_equal_is_learnt() -> None:
    rows = [(text, "common") for text in unlike(30)]
    rows += [("the quick brown fox jumps", "rare"), ("the quick brown fox jumps!", "rare")]
    for seed in range(20):
        assert {30, 31} <= set(split_positions(Dataset.from_rows(rows), {"validation": 0.4}, seed)["train"].tolist())


def test_few_texts_that_are_all_nearly_equal_can_be_split() -> None:
    data = Dataset.from_rows([("the quick brown fox jumps" + end, "a") for end in ("", "!", ".")])
    assert [len(part) for part in split_positions(data, {"validation": 0.3}, 0).values()] == [2, 1]


def test_many_rows_are_not_searched_for_near_copies_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "LIMIT", 50)
    texts = unlike(40)
    data = Dataset.from_rows([(text, "a") for text in texts + [f"{text}!" for text in texts]])
    left, asked = (split_positions(data, {"validation": 0.3}, 0, near=chosen) for chosen in ("auto", True))
    assert on_both_sides(left)
    assert not on_both_sides(asked)


def test_rows_in_files_are_split_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"text {i * 7919 % 2_000}" for i in range(3_000)]
    targets = [[f"l{i % 7}", f"m{i % 5}"] for i in range(3_000)]
    shares = {"validation": 0.2, "test": 0.1}
    in_memory = split_rows(texts, targets, shares, 0)
    monkeypatch.setattr(growing, "IN_MEMORY", 1_000)
    monkeypatch.setattr(growing, "AT_ONCE", 100)
    assert split_rows(texts, targets, shares, 0) == in_memory


def test_several_labels_a_row_and_none_are_shared_out() -> None:
    targets = [("rare", "common") if i % 10 == 0 else ("common",) if i % 10 < 8 else () for i in range(1_000)]
    parts = split_rows(unlike(1_000), targets, {"validation": 0.2}, 0)
    assert Counter(label for row in parts["validation"] for label in targets[row]) == {"common": 160, "rare": 20}


def test_numbers_are_no_labels() -> None:
    parts = split_rows(unlike(100), [i / 7 for i in range(100)], {"validation": 0.2}, 0)
    assert len(parts["validation"]) == 20
    assert np.ptp(parts["validation"]) > 70


def test_a_seed_may_be_any_whole_number() -> None:
    found = [
        tuple(split_rows(unlike(50), None, {"validation": 0.2}, seed)["validation"]) for seed in (-1, 0, 2**70 + 1)
    ]
    assert len({*found}) == 3


def test_copies_of_one_text_cannot_be_split() -> None:
    with pytest.raises(DataError, match="9 rows with 1 different texts cannot make 2 parts"):
        Dataset.from_rows([("same", "a")] * 9).split()


def test_a_hundred_thousand_rows_split_in_seconds() -> None:
    data = Dataset.from_rows([(f"text {i % 70_000} of some length", f"label {i % 13}") for i in range(100_000)])
    start = time.process_time()
    parts = data.split()
    assert time.process_time() - start < 30  # about 5 s, near-copies included; quadratic code takes hours
    assert abs(len(parts["validation"]) - 10_000) <= 2
