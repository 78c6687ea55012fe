from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.views.lines import plain, shortened, text_width, wrapped

ANYTHING = st.text(st.characters(codec=None), max_size=300)


@given(ANYTHING)
def test_plain_text_is_one_line_that_xml_and_terminals_take(value: str) -> None:
    said = plain(value)
    said.encode("utf-8")
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Cn", "Zl", "Zp") for letter in said)


def test_marks_that_turn_the_direction_are_left_out_and_joined_emoji_stay() -> None:
    assert plain("a\u202eb\u2066c") == "abc"
    assert plain("👩\u200d💻") == "👩\u200d💻"


def test_lines_are_joined_and_blank_ones_left_out() -> None:
    assert plain("床前明月光\r\n\n  疑是地上霜 ") == "床前明月光 / 疑是地上霜"


@given(ANYTHING, st.integers(30, 400), st.integers(1, 4))
def test_wrapped_lines_are_few_and_fit(value: str, width: int, lines: int) -> None:
    said = plain(value)
    found = wrapped(said, width, lines)
    assert len(found) <= lines
    assert all(text_width(line) <= width for line in found)
    if text_width(said) <= width:
        assert found == ([said] if said else [])


def test_nothing_is_lost_where_there_is_room() -> None:
    said = "Boil the water, then pour it over the leaves. " * 5 + "床前明月光，疑是地上霜。" * 5
    assert "".join("".join(wrapped(said, 200, 99)).split()) == "".join(said.split())


def test_words_are_kept_whole_and_what_does_not_fit_is_an_ellipsis() -> None:
    first, second = wrapped("one two three four five six seven", 80, 2)
    assert first == "one two"
    assert second.endswith("…")


@pytest.mark.parametrize(("limit", "found"), [(5, "四个字"), (2, "四…")])
def test_shortened(limit: int, found: str) -> None:
    assert shortened("四个字", limit) == found
