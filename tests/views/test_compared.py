"""Rows before and after, as HTML: escaped, with what changed marked."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.augment import Augment, augmentation_of, augmented, show_augmented
from ftkit.data.clean import cleaned, cleaning_of, compare
from ftkit.data.compared import Change, Comparison
from ftkit.data.dataset import Dataset
from ftkit.i18n import language
from ftkit.views.compared import CHARACTERS, compared_html, marked
from tests.views.awkward import EVIL


class Tags(HTMLParser):
    """The tags of a page, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


def plain(shown: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", shown))


def test_what_goes_is_struck_and_what_comes_is_underlined() -> None:
    before, after = marked("the ＧＰＴ model", "the GPT model")
    assert re.fullmatch(r'the <del style="[^"]*line-through">ＧＰＴ</del> model', before)
    assert re.fullmatch(r'the <ins style="[^"]*underline">GPT</ins> model', after)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, categories=["L", "P", "S"]), max_size=60),
    st.text(max_size=3),
)
def test_the_marks_add_nothing_to_the_texts(before: str, more: str) -> None:
    assert plain(marked(before, before)[1]) == before
    assert "<del" not in marked(before, before)[0]
    assert plain(marked(before, before + "x")[0]) == before


@given(st.text(max_size=80), st.text(max_size=80))
def test_text_of_the_data_is_never_a_tag(before: str, after: str) -> None:
    page = compared_html(Comparison("t", (Change(before, before, after), Change("s", before, None)), (after,)))
    known = {"div", "span", "table", "tr", "th", "td", "del", "ins", "tbody"}
    assert set(Tags(page).seen) <= known


def test_evil_text_is_escaped() -> None:
    data = Dataset.from_rows([(f"{EVIL} <b>x</b>", EVIL)])
    page = compared_html(compare(data, cleaned(data)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "mathjax_ignore" in page


def test_invisible_characters_are_seen_when_they_go() -> None:
    assert "\\u200b" in marked("a\u200bb", "ab")[0]
    assert "\\x1b" in marked("a\x1bb", "ab")[0]
    assert "␣␣" in marked("好  茶", "好茶")[0]


def test_a_long_text_is_shown_around_its_first_difference() -> None:
    before, after = marked("a" * 5_000 + "<b>x</b>" + "c" * 5_000, "a" * 5_000 + "x" + "c" * 5_000)
    assert plain(before).startswith("…aaa")
    assert "<b>" in plain(before)
    assert len(plain(before)) <= CHARACTERS + 2
    assert len(plain(after)) <= CHARACTERS + 2


@pytest.mark.parametrize(("lang", "head"), [("en", ["line", "before", "after"]), ("zh", ["行", "之前", "之后"])])
def test_the_table_speaks_both_languages(lang: str, head: list[str]) -> None:
    language(lang)
    data = Dataset.from_rows([("<b>tea</b>", "x"), ("<br>", "x")])
    page = compared_html(compare(data, cleaned(data)))
    assert re.findall(r"<th[^>]*>([^<]*)</th>", page) == head
    assert ("left out" if lang == "en" else "已去掉") in page


def test_facts_are_shown_too_with_their_warning() -> None:
    data = Dataset.from_rows([("The bright screen of the house shows detail", "x")])
    facts = cleaning_of(cleaned(data, remove_stop_words="en"))
    assert facts is not None
    assert "hurts a pretrained sub-word model" in compared_html(facts)
    made = augmentation_of(augmented(data, Augment(("delete",))))
    assert made is not None
    assert "<del" in compared_html(made)
    assert "<del" in compared_html(show_augmented(data, Augment(("delete",))))
    assert "No row differs." in compared_html(compare(data, data))
