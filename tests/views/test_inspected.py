from __future__ import annotations

from html.parser import HTMLParser

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.runs.inspect import inspect
from ftkit.views.inspected import inspection_html
from tests.runs.data import tagged

EVIL = "<script>alert('1')</script> & \"quoted\" <b>"


class Balanced(HTMLParser):
    """Follows tags: whatever opens must close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.said = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


def parsed(html: str) -> Balanced:
    found = Balanced()
    found.feed(html)
    assert found.open == []
    return found


def test_text_of_a_file_is_escaped_everywhere() -> None:
    data = Dataset.from_rows([(EVIL, "<i>"), ("plain", "b")] * 3)
    found = parsed(inspection_html(inspect(data, slice(0, 2), max_length=8)))
    assert found.tags <= {"div", "span", "b", "details", "summary", "table", "tr", "th", "td"}
    assert EVIL in found.said
    assert "<script" not in inspection_html(inspect(data, EVIL))


def test_labels_are_named_and_have_a_colour_each() -> None:
    html = inspection_html(inspect(tagged(), 0))
    assert "B-PER" in parsed(html).said
    assert "background:rgba(" in html
    assert "background:#" not in html  # an opaque ground would hide the text of a dark page


def test_what_is_cut_off_is_struck_through() -> None:
    data = Dataset.from_rows([("one two three four five six", "a"), ("b", "b")] * 3)
    assert "line-through" in inspection_html(inspect(data, 0, max_length=5))
    assert "line-through" not in inspection_html(inspect(data, 0))


def test_padding_is_counted() -> None:
    data = Dataset.from_rows([("one two three four five six", "a"), ("b", "b")] * 3)
    assert "5 padding" in parsed(inspection_html(inspect(data, slice(0, 2)))).said


def test_it_is_said_in_chinese_too() -> None:
    ftkit.language("zh")
    assert "逐个词元" in inspection_html(inspect(tagged(), 0))
