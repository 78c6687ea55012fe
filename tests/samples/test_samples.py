"""The shipped samples are what their README says, and load without a word of complaint."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import ftkit
from ftkit import samples
from ftkit.errors import DataError, SettingError

LANGUAGES = ("en", "zh")
FOLDER = Path(samples.__file__).parent


@pytest.fixture(autouse=True)
def _english():
    before = ftkit.language()
    ftkit.language("en")
    yield
    ftkit.language(before)


def lines(name: str, language: str) -> list[str]:
    return samples.path(name, language).read_text(encoding="utf-8").splitlines()


def messages(language: str) -> list[tuple[str, str]]:
    return [tuple(line.split("\t")) for line in lines("messages", language)]


def pairs(name: str, language: str) -> list[tuple[str, ...]]:
    return [tuple(line.split("\t")) for line in lines(name, language)]


def visits(language: str) -> list[list[tuple[str, str]]]:
    blocks = "\n".join(lines("visits", language)).split("\n\n")
    return [[tuple(line.split(" ")) for line in block.splitlines()] for block in blocks]


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_have_enough_rows_and_five_labels_of_similar_size(language):
    counts = Counter(label for label, _ in messages(language))
    assert sum(counts.values()) >= 260
    assert len(counts) == 5
    assert max(counts.values()) < 0.25 * sum(counts.values())
    assert len(set(counts.values())) > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_are_clean_and_never_repeat(language):
    texts = [text for _, text in messages(language)]
    assert len(set(texts)) == len(texts)
    assert all(part == part.strip() and part for row in messages(language) for part in row)
    lengths = [len(text.split()) if language == "en" else len(text) for text in texts]
    assert min(lengths) >= (5 if language == "en" else 8)
    assert max(lengths) <= (25 if language == "en" else 40)


@pytest.mark.parametrize("language", LANGUAGES)
def test_visits_have_enough_sentences_of_three_kinds_in_legal_bio(language):
    sentences = visits(language)
    kinds = Counter(tag[2:] for sentence in sentences for _, tag in sentence if tag.startswith("B-"))
    assert len(sentences) >= 100
    assert set(kinds) == {"PER", "LOC", "DATE"}
    assert min(kinds.values()) > 100
    for sentence in sentences:
        for (_, before), (_, tag) in zip([("", "O"), *sentence], sentence, strict=False):
            assert re.fullmatch(r"O|[BI]-(PER|LOC|DATE)", tag)
            assert not tag.startswith("I-") or before[2:] == tag[2:]
    assert len({tuple(token for token, _ in sentence) for sentence in sentences}) == len(sentences)


def test_chinese_visits_have_one_character_a_line():
    assert all(len(token) == 1 for sentence in visits("zh") for token, _ in sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tales_are_short_whole_sentences_that_never_repeat(language):
    sentences = lines("tales", language)
    assert len(sentences) >= 300
    assert len(set(sentences)) == len(sentences)
    assert all(sentence == sentence.strip() and "\t" not in sentence for sentence in sentences)
    assert all(sentence[-1] in (".?!" if language == "en" else "。？！") for sentence in sentences)
    assert max(map(len, sentences)) <= (100 if language == "en" else 40)


@pytest.mark.parametrize("language", LANGUAGES)
def test_recipes_have_a_title_and_a_content_of_which_none_repeats(language):
    rows = pairs("recipes", language)
    assert len(rows) >= 160
    assert {len(row) for row in rows} == {2}
    assert all(cell and cell == cell.strip() for row in rows for cell in row)
    for column in (0, 1):
        assert len({row[column] for row in rows}) == len(rows)
    lengths = [len(content) for _, content in rows]
    assert min(lengths) >= (60 if language == "en" else 30)
    assert max(lengths) <= 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_recipes_name_in_the_content_what_the_title_names(language):
    def named(title: str, content: str) -> bool:
        if language == "zh":
            return any(pair in content for pair in map("".join, pairwise(title)))
        words = [word for word in title.lower().split() if len(word) > 3]
        return any(word.removesuffix("s").removesuffix("oe") in content.lower() for word in words)

    rows = pairs("recipes", language)
    assert sum(named(title, content) for title, content in rows) > 0.75 * len(rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_four_wordings_of_its_question_and_no_question_two_answers(language):
    rows = pairs("questions", language)
    single = [row for row in rows if len(row) == 2]
    assert len(single) >= 240
    assert set(Counter(answer for _, answer in single).values()) == {4}
    assert len({question for question, _ in single}) == len(single)
    assert all(question[-1] in "?？" for question, _ in single)


@pytest.mark.parametrize("language", LANGUAGES)
def test_some_questions_have_two_turns_that_end_in_a_known_answer(language):
    rows = pairs("questions", language)
    answers = {row[1] for row in rows if len(row) == 2}
    conversations = [row for row in rows if len(row) != 2]
    assert len(conversations) >= 10
    assert {len(row) for row in conversations} == {4}
    assert all(row[3] in answers for row in conversations)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "expected"),
    [("tales", "corpus"), ("recipes", "title"), ("questions", "qa"), ("messages", "labels"), ("visits", "tags")],
)
def test_a_sample_is_detected_and_loads_without_problems(name, expected, language):
    data = ftkit.load(samples.path(name, language))
    assert data.format == expected
    assert data.report.problems == ()
    assert len(data) == len(visits(language) if name == "visits" else lines(name, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_loaded_rows_are_the_rows_of_the_file(language):
    data = ftkit.load(samples.path("messages", language))
    assert [(example.target, example.text) for example in data] == messages(language)
    data = ftkit.load(samples.path("tales", language))
    assert [example.text for example in data] == lines("tales", language)
    data = ftkit.load(samples.path("recipes", language))
    assert [(example.text, example.target) for example in data] == pairs("recipes", language)
    data = ftkit.load(samples.path("questions", language))
    for example, row in zip(data, pairs("questions", language), strict=True):
        turns = (row[0], row[1]) if len(row) == 2 else (row[::2], row[1::2])
        assert (example.text, example.target) == turns
    data = ftkit.load(samples.path("visits", language))
    assert [list(zip(example.text, example.target, strict=True)) for example in data] == visits(language)


def test_the_counts_in_the_readme_and_the_descriptions_are_those_of_the_files():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for language in LANGUAGES:
        ftkit.language(language)
        rows, sentences = messages(language), visits(language)
        labels = Counter(label for label, _ in rows).most_common()
        kinds = Counter(tag[2:] for sentence in sentences for _, tag in sentence if tag.startswith("B-")).most_common()
        assert f"| {len(rows)} | " + ", ".join(f"{label} {n}" for label, n in labels) in readme
        assert f"| {len(sentences)} sentences | " + ", ".join(f"{kind} {n}" for kind, n in kinds) in readme
        for name in ("tales", "recipes", "questions"):
            row = next(row for row in readme.splitlines() if row.startswith(f"| `{language}/{name}."))
            assert f"| {len(lines(name, language))} |" in row
            assert str(len(lines(name, language))) in samples.available()[name]
        assert f"| {len({row[1] for row in pairs('questions', language) if len(row) == 2})} answers" in readme
        assert str(len(rows)) in samples.available()["messages"]
        assert str(len(sentences)) in samples.available()["visits"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_in_use_chooses_the_file(language):
    ftkit.language(language)
    assert samples.path("messages") == samples.path("messages", language)
    assert samples.path("messages").parent.name == language


def test_a_misspelt_sample_is_answered_with_the_right_name():
    with pytest.raises(DataError, match=r"'mesages' is not a sample.*tales, .*, visits.*path\('messages'\)"):
        samples.path("mesages")


def test_an_unknown_language_is_answered_with_the_known_ones():
    with pytest.raises(SettingError, match=r"'zh-CN' is not a language.*language='zh'"):
        samples.path("visits", language="zh-CN")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_utf8_with_line_feeds_and_end_in_one(language):
    for name in samples.available():
        content = samples.path(name, language).read_bytes()
        assert b"\r" not in content
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\n")
        assert not content.endswith(b"\n\n")
