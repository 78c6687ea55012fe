"""Character spans as tokens with tags, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.schemes import spans_of
from ftkit.data.spans import Marked, SpanFault, tokens_and_tags
from ftkit.tasks.tagging import split_sentence

TEXT = "李明 went to 北京大学(PKU) in 2008年！"


@pytest.mark.parametrize(
    ("text", "spans", "tokens", "tags"),
    [
        ("李明去", [(0, 2, "PER")], "李 明 去", "B-PER I-PER O"),
        ("Li Ming sings", [(0, 7, "PER")], "Li Ming sings", "B-PER I-PER O"),
        ("iPhone15手机", [(0, 6, "brand")], "iPhone 15 手 机", "B-brand O O O"),
        ("abcdef", [(1, 2, "X"), (2, 4, "X"), (5, 6, "Y")], "a b cd e f", "O B-X B-X O B-Y"),
        ("a  b", [(0, 2, "X"), (2, 4, "Y")], "a b", "B-X B-Y"),
        ("don't", [], "don't", "O"),
        ("don't", [(0, 3, "X")], "don 't", "B-X O"),
        ("😀!", [(0, 1, "E")], "😀 !", "B-E O"),
        ("Guernica", [(0, 8, "work of art")], "Guernica", "B-work_of_art"),
        ("  ", [], "", ""),
        ("", [], "", ""),
    ],
)
def test_spans_become_tags(text: str, spans: list[Marked], tokens: str, tags: str) -> None:
    assert tokens_and_tags(text, spans) == (tokens.split(), tags.split(), [])


@pytest.mark.parametrize(
    ("spans", "fault"),
    [
        ([(3, 3, "X")], SpanFault("empty", 3, 3, "X")),
        ([(5, 3, "X")], SpanFault("empty", 5, 3, "X")),
        ([(2, 3, "X")], SpanFault("empty", 2, 3, "X")),
        ([(-2, 1, "X")], SpanFault("outside", -2, 1, "X")),
        ([(20, 99, "X")], SpanFault("outside", 20, 99, "X")),
        ([(99, 100, "X")], SpanFault("outside", 99, 100, "X")),
        ([(0, 2, "X"), (1, 3, "Y")], SpanFault("overlap", 1, 3, "Y", (0, 2, "X"))),
        ([(0, 1, "X"), (0, 2, "Y")], SpanFault("overlap", 0, 1, "X", (0, 2, "Y"))),
        ([(0, 2, "X"), (0, 2, "Y")], SpanFault("overlap", 0, 2, "Y", (0, 2, "X"))),
    ],
)
def test_a_span_that_cannot_be_marked_is_told_and_the_others_are(spans: list[Marked], fault: SpanFault) -> None:
    tokens, tags, faults = tokens_and_tags(TEXT, [(3, 7, "GOOD"), *spans])
    assert faults == [fault]
    assert tags[tokens.index("went")] == "B-GOOD"
    assert len(spans_of(tags)) == len(spans)


def test_a_span_given_twice_counts_once() -> None:
    assert tokens_and_tags("ab", [(0, 2, "X"), (0, 2, "X")]) == (["ab"], ["B-X"], [])


TEXTS = st.text(st.sampled_from("ab1_'’中国 \t\u3000,。😀é"), max_size=30)
SPANS = st.lists(st.tuples(st.integers(-3, 33), st.integers(-3, 33), st.sampled_from(["X", "Y"])), max_size=8)


def letters(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, SPANS)
def test_the_spans_come_back_from_tokens_and_tags(text: str, spans: list[Marked]) -> None:
    tokens, tags, faults = tokens_and_tags(text, spans)
    assert "".join(tokens) == letters(text)
    assert all(token and token.split() == [token] for token in tokens)
    lost = {(fault.start, fault.end, fault.label) for fault in faults}
    given_back = [("".join(tokens[first:end]), label) for first, end, label in spans_of(tags)]
    assert given_back == [
        (letters(text[s:e]), label) for s, e, label in sorted(set(spans)) if (s, e, label) not in lost
    ]
    where = [len("".join(tokens[:first])) for first, _, _ in spans_of(tags)]
    assert where == [len(letters(text[:s])) for s, e, label in sorted(set(spans)) if (s, e, label) not in lost]


@given(TEXTS)
def test_a_text_without_spans_is_split_as_it_is_for_a_prediction(text: str) -> None:
    assert tuple(tokens_and_tags(text, [])[0]) == split_sentence(text)


@given(TEXTS, SPANS)
def test_a_fault_is_what_it_says(text: str, spans: list[Marked]) -> None:
    for fault in tokens_and_tags(text, spans)[2]:
        if fault.kind == "empty":
            assert not text[max(0, fault.start) : max(0, fault.end)].strip()
        elif fault.kind == "outside":
            assert fault.start < 0 or fault.end > len(text)
        else:
            assert fault.other is not None
            assert fault.start < fault.other[1]
            assert fault.other[0] < fault.end
