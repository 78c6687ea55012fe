"""How near texts are: the libraries that others use are the references."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from ftkit.tasks.text_metrics import (
    bleu,
    chrf,
    exact_match,
    is_chinese,
    longest_common_subsequence,
    normal_answer,
    rouge_l,
    segment,
    token_f1,
)

ENGLISH = st.text(alphabet="abc ABC.,-' 12", max_size=40)
MIXED = st.text(alphabet="我你他 ab.，12", max_size=40)


class Segments:
    def tokenize(self, body: str) -> list[str]:
        return segment(body)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(ENGLISH, ENGLISH), min_size=1, max_size=4))
def test_rouge_l_of_english_is_the_one_of_rouge_score_with_its_own_tokenizer(pairs: list[tuple[str, str]]) -> None:
    scorer = RougeScorer(["rougeL"])
    expected = sum(scorer.score(true, found)["rougeL"].fmeasure for found, true in pairs) / len(pairs)
    assert rouge_l([p for p, _ in pairs], [r for _, r in pairs]) == pytest.approx(expected)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(MIXED, MIXED), min_size=1, max_size=4))
def test_rouge_l_of_chinese_is_the_one_of_rouge_score_over_characters(pairs: list[tuple[str, str]]) -> None:
    scorer = RougeScorer(["rougeL"], tokenizer=Segments())
    expected = sum(scorer.score(true, found)["rougeL"].fmeasure for found, true in pairs) / len(pairs)
    assert rouge_l([p for p, _ in pairs], [r for _, r in pairs]) == pytest.approx(expected)


def test_a_long_text_is_compared_in_no_time() -> None:
    rng = random.Random(0)
    a, b = ([rng.choice("甲乙丙丁戊己庚") for _ in range(5000)] for _ in range(2))
    assert 2500 < longest_common_subsequence(a, b) < 5000
    assert longest_common_subsequence(a, a) == 5000


def test_bleu_and_chrf_are_the_ones_of_sacrebleu() -> None:
    found = ["the cat sat on a mat", "it is raining", ""]
    true = ["the cat sat on the mat.", "It rains", "nothing"]
    assert bleu(found, true) == BLEU(tokenize="13a").corpus_score(found, [true]).score
    assert chrf(found, true) == CHRF().corpus_score(found, [true]).score
    chinese = ["今天天气很好。", "我在路上"], ["今天的天气很好！", "它在路上了"]
    assert bleu(*chinese) == BLEU(tokenize="zh").corpus_score(chinese[0], [chinese[1]]).score > 0
    assert chrf(*chinese) == CHRF().corpus_score(chinese[0], [chinese[1]]).score


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("The quick-brown  Fox.", ["quickbrown", "fox"]),
        ("An apple a day", ["apple", "day"]),
        ("北京2008年 Olympic 奥运会", ["北", "京", "2008", "年", "olympic", "奥", "运", "会"]),
        ("“你好，世界！”", ["你", "好", "世", "界"]),
        ("２００８年", ["2008", "年"]),
        ("", []),
        ("。", []),
    ],
)
def test_answers_are_compared_as_squad_and_cmrc_do(body: str, expected: list[str]) -> None:
    assert normal_answer(body) == expected


@pytest.mark.parametrize(
    ("found", "true", "f1", "exact"),
    [
        ("the Eiffel Tower", "Eiffel Tower!", 1.0, 1.0),
        ("in Paris", "Paris", 2 / 3, 0.0),
        ("Paris Paris", "Paris", 2 / 3, 0.0),
        ("tower Eiffel", "Eiffel tower", 1.0, 0.0),
        ("", "", 1.0, 1.0),
        ("", "Paris", 0.0, 0.0),
        ("the", "a", 1.0, 1.0),
        ("在路上", "它在路上。", 6 / 7, 0.0),
        ("london", "Paris", 0.0, 0.0),
    ],
)
def test_token_f1_and_exact_match_by_hand(found: str, true: str, f1: float, exact: float) -> None:
    assert token_f1([found], [true]) == pytest.approx(f1)
    assert exact_match([found], [true]) == exact


def test_texts_are_chinese_when_more_than_a_third_of_their_letters_are() -> None:
    assert is_chinese(["我用 GPT 写诗歌"])
    assert not is_chinese(["the word 北京 in English"])
    assert not is_chinese([])
    assert not is_chinese(["", "123 !"])


@pytest.mark.parametrize("metric", [rouge_l, bleu, chrf, exact_match, token_f1])
def test_every_metric_takes_empty_texts_and_no_text(metric: object) -> None:
    assert callable(metric)
    assert metric([], []) == 0.0
    assert 0.0 <= metric(["", "a"], ["b", ""]) <= 1.0
