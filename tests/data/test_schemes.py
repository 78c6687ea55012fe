"""Tag schemes: told from tags, read as seqeval reads them, and turned into one another."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from ftkit.data.schemes import BIO, LETTERS, PLAIN, Scheme, Span, detect_in, spans_of, tags_of
from ftkit.data.tagset import TagSet
from ftkit.tasks.entities import entities

PEER = importlib.import_module("seqeval.scheme")
PEERS = {"BIO": "IOB2", "BIOES": "IOBES", "BILOU": "BILOU", "IOB1": "IOB1", "IOE1": "IOE1", "IOE2": "IOE2"}
FORMS = ["B-X", "B_X", "X-B", "X_B", "b-x", "b_x"]
KINDS = ["PER", "LOC", "work.NAM"]


def seqeval_spans(tags: Sequence[str], scheme: str) -> list[Span]:
    read = PEER.Entities([list(tags)], getattr(PEER, PEERS[scheme])).entities[0]
    return [(entity.start, entity.end, entity.tag) for entity in read]


def seqeval_lenient(tags: Sequence[str]) -> list[Span]:
    return [(first, last + 1, kind) for kind, first, last in get_entities(list(tags))]


def some_spans(gap: int = 0) -> st.SearchStrategy[tuple[list[Span], int]]:
    """Spans that do not overlap, with at least `gap` tokens between them, and how many tokens there are."""
    piece = st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from(KINDS))

    def placed(pieces: list[tuple[int, int, str]], rest: int) -> tuple[list[Span], int]:
        spans, at = list[Span](), 0
        for before, length, kind in pieces:
            begin = at + max(before, gap)
            spans.append((begin, at := begin + length, kind))
        return spans, at + rest

    return st.builds(placed, st.lists(piece, max_size=6), st.integers(0, 2))


def some_tags(letters: str, kinds: Sequence[str] = ("PER", "LOC")) -> st.SearchStrategy[list[str]]:
    tags = ["O", *(f"{letter}-{kind}" for letter in letters.replace("O", "") for kind in kinds)]
    return st.lists(st.sampled_from(tags), max_size=9)


@pytest.mark.parametrize("scheme", PEERS)
def test_any_tags_are_read_as_seqeval_reads_them_strictly(scheme: str) -> None:
    @given(some_tags(LETTERS[scheme]))
    def check(tags: list[str]) -> None:
        assert spans_of(tags, scheme) == seqeval_spans(tags, scheme)

    check()


@given(some_tags("OBIES", ["PER", "LOC", "a-b"]))
def test_any_tags_are_read_as_seqeval_reads_them_leniently(tags: list[str]) -> None:
    assert spans_of(tags) == seqeval_lenient(tags)


@given(st.lists(st.sampled_from(["O", "B", "I", "E", "S"]), max_size=9))
def test_letters_alone_are_read_as_seqeval_reads_them(tags: list[str]) -> None:
    assert spans_of(tags) == seqeval_lenient(tags)


@given(some_tags("OBIESMLU"))
def test_the_metrics_read_tags_as_they_are_read_here(tags: list[str]) -> None:
    assert {(kind, first, end - 1) for first, end, kind in spans_of(tags)} == entities(tags)


@pytest.mark.parametrize("scheme", LETTERS)
def test_spans_come_back_from_their_tags(scheme: str) -> None:
    apart = 1 if scheme == "IO" else 0  # IO cannot say that two of a kind touch

    @given(some_spans(apart))
    def check(made: tuple[list[Span], int]) -> None:
        spans, n = made
        tags = tags_of(spans, n, scheme)
        assert len(tags) == n
        assert {tag[0] for tag in tags} <= set(LETTERS[scheme])
        assert spans_of(tags) == spans
        if scheme in PEERS:
            assert spans_of(tags, scheme) == seqeval_spans(tags, scheme)
        if scheme != "IOE1":  # a lone E-X is no span in seqeval's IOE1: its own "todo"
            assert spans_of(tags, scheme) == spans

    check()


@pytest.mark.parametrize("scheme", LETTERS)
def test_tags_of_spans_are_legal_and_turn_into_the_bio_of_the_same_spans(scheme: str) -> None:
    @given(st.lists(some_spans(1 if scheme == "IO" else 0), min_size=1, max_size=4))
    def check(made: list[tuple[list[Span], int]]) -> None:
        rows = [tags_of(spans, n, scheme) for spans, n in made]
        tagset, ids, starts = columns(rows, Scheme(scheme))
        assert len(tagset.illegal(ids, starts)[0]) == 0
        names = tagset.bio_names
        assert [names[i] for i in tagset.bio(ids, starts)] == [tag for made_of in made for tag in tags_of(*made_of)]

    check()


def columns(rows: Sequence[Sequence[str]], scheme: Scheme) -> tuple[TagSet, np.ndarray, np.ndarray]:
    tagset = TagSet(scheme)
    ids = tagset.numbers(tag for row in rows for tag in row)
    return tagset, ids, np.cumsum([0, *map(len, rows)])[:-1].astype(np.int32)[[bool(row) for row in rows]]


@given(st.lists(some_tags("OBIESMLU"), max_size=4))
def test_any_column_of_tags_turns_into_the_bio_of_its_lenient_spans(rows: list[list[str]]) -> None:
    tagset, ids, starts = columns(rows, Scheme("BIOES"))
    names = tagset.bio_names
    expected = [tag for row in rows for tag in tags_of(spans_of(row), len(row))]
    assert [names[i] for i in tagset.bio(ids, starts)] == expected


@pytest.mark.parametrize("scheme", [name for name in PEERS if not name.startswith("IOE1")])
def test_a_column_without_an_illegal_transition_reads_the_same_strictly_and_leniently(scheme: str) -> None:
    @given(some_tags(LETTERS[scheme]))
    def check(tags: list[str]) -> None:
        tagset, ids, starts = columns([tags], Scheme(scheme))
        if not len(tagset.illegal(ids, starts)[0]):
            assert spans_of(tags) == seqeval_spans(tags, scheme)

    check()


@pytest.mark.parametrize(
    ("scheme", "tags", "wrong"),
    [
        ("BIO", "O I-X I-X", {1: False}),
        ("BIO", "B-X I-Y O", {1: False}),
        ("BIO", "B-X E-X O", {1: False}),
        ("BIOES", "O E-X O", {1: False}),
        ("BIOES", "B-X S-X E-X", {1: False, 2: False}),
        ("BIOES", "B-X O", {0: True}),
        ("BIOES", "B-X", {0: True}),
        ("BILOU", "U-X I-X L-X", {1: False}),
        ("BMES", "B-X M-X O", {1: True}),
        ("IOB1", "O B-X I-X", {1: False}),
        ("IOE2", "I-X O", {0: True}),
        ("IOE1", "I-X E-X O", {1: True}),
        ("IO", "I-X B-X", {1: False}),
    ],
)
def test_an_illegal_transition_is_where_the_tag_is(scheme: str, tags: str, wrong: dict[int, bool]) -> None:
    tagset, ids, starts = columns([tags.split(), ["O"]], Scheme(scheme))
    at, left_open = tagset.illegal(ids, starts)
    assert dict(zip(at.tolist(), left_open.tolist(), strict=True)) == wrong


SPANS = [([(0, 1, "PER"), (1, 3, "PER"), (4, 7, "LOC")], 9), ([(1, 5, "LOC"), (6, 7, "PER"), (7, 8, "PER")], 8)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [name for name in LETTERS if name != "IO"])
def test_a_scheme_is_told_from_its_tags_however_they_are_written(name: str, form: str) -> None:
    scheme = Scheme(name, form)
    rows = [tags_of(spans, n, scheme) for spans, n in SPANS]
    assert detect_in(rows) == scheme
    assert [spans_of(row, detect_in(rows)) for row in rows][1] == spans_of(rows[1], scheme)


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        (["O I-PER I-PER O"], Scheme("IO")),
        (["O O"], BIO),
        (["B-PER I-PER O"] * 20 + ["O I-PER", "E-PER O"], BIO),
        (["B M E S", "S B E"], Scheme("BMES", "B")),
        (["B I I", "B I"], Scheme("BIO", "B")),
        (["NOUN VERB", "PRON VERB"], PLAIN),
        (["n v nr s_x", "v e_y"], PLAIN),
        (["E_mail S_name", "E_mail S_street"], PLAIN),
        (["B-PER per O", "B-PER I-PER"], BIO),
    ],
)
def test_what_tags_follow(rows: list[str], scheme: Scheme) -> None:
    assert detect_in([row.split() for row in rows]) == scheme


@pytest.mark.parametrize("spans", [[(1, 1, "X")], [(-1, 1, "X")], [(0, 4, "X")], [(0, 2, "X"), (1, 3, "X")]])
def test_spans_that_no_tags_can_mark_are_refused(spans: list[Span]) -> None:
    with pytest.raises(ValueError, match="not within 3 tokens"):
        tags_of(spans, 3)
