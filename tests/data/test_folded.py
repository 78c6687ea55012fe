"""Texts without width, case and spaces: the table of characters says what Unicode's own functions say."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import folded as module
from ftkit.data.folded import folded, normalised

SIGNS = " \t\n\u3000\u200baＡßé中각\u0301\u1100\u1161\u11a8ｶﾞ℃ﬁ½Σςİ\u00a8😀"
AWKWARD = st.text(st.sampled_from(SIGNS), max_size=8)


@given(st.lists(st.one_of(AWKWARD, st.text(max_size=8), st.lists(AWKWARD, max_size=3)), max_size=20))
def test_many_at_once_are_what_each_is_alone(values: list[str | list[str]]) -> None:
    assert folded(values) == [normalised(value) for value in values]


@pytest.mark.parametrize("frame", ["{}", "a{}b", " {} ", "가{}", "{}\u0301"])
def test_every_character_of_the_basic_plane_is_what_it_is_alone(frame: str) -> None:
    texts = [frame.format(chr(point)) for point in range(0x10000) if not 0xD800 <= point < 0xE000]
    assert folded(texts) == [normalised(text) for text in texts]


def test_long_texts_are_taken_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 10)
    texts = ["", "Ａ" * 25, "b", " c ", "", "ß" * 11, ""]
    assert folded(texts) == [normalised(text) for text in texts]


def test_the_highest_character_is_in_the_table() -> None:
    assert folded([chr(sys.maxunicode)]) == [chr(sys.maxunicode)]
