"""Words and stop words: golden rows in both languages, and what segmentation may never lose."""

from __future__ import annotations

import builtins
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data import words
from ftkit.data.dataset import Dataset
from ftkit.data.load import load
from ftkit.data.words import NEGATIONS, joined, segmented, stop_words, without_stop_words, word_counts
from ftkit.errors import SettingError

SEGMENTED = [  # a text, and its words with | between them
    # -- Chinese
    ("我来到北京清华大学", "我|来到|北京|清华大学"),
    ("他在上海工作", "他|在|上海|工作"),
    ("我喜欢吃苹果", "我|喜欢|吃|苹果"),
    ("这家酒店的服务态度很好", "这家|酒店|的|服务态度|很|好"),
    ("用iPhone15拍照", "用|iPhone15|拍照"),
    ("价格是1299元", "价格|是|1299|元"),
    ("请打开空调", "请|打开|空调"),
    ("中国人民银行", "中国人民银行"),
    ("他说：“你好！”", "他|说|：|“|你好|！|”"),
    ("2024年5月1日放假", "2024|年|5|月|1|日|放假"),
    ("C++和Python都会", "C++|和|Python|都|会"),
    ("北京大学生物系", "北京大学|生物系"),
    ("结婚的和尚未结婚的", "结婚|的|和|尚未|结婚|的"),
    ("小明硕士毕业于中国科学院计算所", "小明|硕士|毕业|于|中国科学院|计算所"),
    ("屏幕清晰，音质一般", "屏幕|清晰|，|音质|一般"),
    ("GPT-4和BERT-base", "GPT-4|和|BERT-base"),
    ("涨幅达到3.5%", "涨幅|达到|3.5%"),
    ("我爱自然语言处理", "我|爱|自然语言|处理"),
    ("好吃👍👍🏽", "好吃|👍|👍🏽"),
    ("人口1,400万", "人口|1,400|万"),
    # -- English
    ("The tea is good.", "The|tea|is|good|."),
    ("Don't do that!", "Don't|do|that|!"),
    ("It’s John’s.", "It’s|John’s|."),
    ("3.14 and 1,000,000", "3.14|and|1,000,000"),
    ("state-of-the-art", "state-of-the-art"),
    ("a - b", "a|-|b"),
    ("C++ or C#?", "C++|or|C#|?"),
    ("50% off", "50%|off"),
    ("R&D costs", "R&D|costs"),
    ("snake_case name", "snake_case|name"),
    ("Café naïve", "Café|naïve"),
    ("(yes)", "(|yes|)"),
    ("wait...", "wait|.|.|."),
    ("end.Start", "end|.|Start"),
    ("iPhone15 vs GPT-4o", "iPhone15|vs|GPT-4o"),
    ("  two   spaces ", "two|spaces"),
    ("hello, world", "hello|,|world"),
    ("family 👨‍👩‍👧!", "family|👨‍👩‍👧|!"),
    ("'quoted'", "'|quoted|'"),
    ("$5 @home #tag", "$|5|@|home|#|tag"),
]
WITHOUT = [  # a text, and what is left of it
    # -- Chinese
    ("我们的茶很好", "茶好"),
    ("因为它太苦，所以我不喝", "太苦，不喝"),
    ("这个手机不便宜", "手机不便宜"),
    ("他没有来", "没有"),
    ("什么时候发货？", "发货？"),
    ("服务非常差", "服务非常差"),
    ("虽然贵，但是质量好", "贵，质量好"),
    ("在北京和上海", "北京上海"),
    ("屏幕的清晰度", "屏幕清晰度"),
    ("如果下雨就取消", "下雨取消"),
    ("无糖的饮料", "无糖饮料"),
    ("请你把灯关掉", "灯关掉"),
    ("你们都喜欢吗", "喜欢"),
    ("从上海到北京", "上海北京"),
    ("酒店离机场很远", "酒店机场远"),
    ("而且价格便宜", "价格便宜"),
    ("对于新手来说", "新手"),
    ("快递被弄丢了", "快递弄丢"),
    ("音质一般", "音质"),
    ("电池未充满", "电池未充满"),
    # -- English
    ("The tea is good", "tea good"),
    ("I do not like it", "not like"),
    ("It isn't what I wanted.", "isn't wanted."),
    ("never again", "never"),
    ("this is the best of all", "best"),
    ("He said that they were late", "said late"),
    ("without sugar", "without sugar"),
    ("fire in the house", "fire house"),
    ("a serious system", "serious system"),
    ("The cat, the dog and the bird.", "cat, dog bird."),
    ("I'm sure it's (the) end", "sure () end"),
    ("To be or not to be", "not"),
    ("no one can help us", "no help"),
    ("they'll refund you", "refund"),
    ("great phone, but the battery is bad", "great phone, battery bad"),
    ("WHERE is MY order?", "order?"),
    ("nobody answered the call", "nobody answered call"),
    ("delivery took 3 days", "delivery took 3 days"),
    ("we’re happy", "happy"),
    ("you should not buy this", "not buy"),
]


@pytest.mark.parametrize(("text", "expected"), SEGMENTED, ids=[text for text, _ in SEGMENTED])
def test_a_golden_text_is_cut_as_by_hand(text: str, expected: str) -> None:
    assert "|".join(segmented(text)) == expected


@pytest.mark.parametrize(("text", "expected"), WITHOUT, ids=[text for text, _ in WITHOUT])
def test_a_golden_text_keeps_what_a_hand_would_keep(text: str, expected: str) -> None:
    assert without_stop_words(text) == expected


@given(
    st.text(
        st.one_of(
            st.sampled_from("我们的茶 ，'’-&_.%+#19aB👍👨\u200d🏽é\u0301"), st.characters(exclude_categories=["Cs"])
        )
    )
)
def test_segmentation_loses_only_spaces(text: str) -> None:
    assert "".join(segmented(text)) == "".join(text.split())


def test_chinese_is_cut_as_jieba_cuts_it(shared_data: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():  # its import warns in Python 3.12 and later
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(60)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path)
    for row in load(shared_data / "corpus" / "zh_gsd_wiki.txt")[:200]:
        runs = words._PIECE.finditer(str(row.text))
        han = [run["han"] for run in runs if run["han"]]
        assert [list(words._cut_chinese()(run)) for run in han] == [tokenizer.lcut(run) for run in han]


def test_negations_are_no_stop_words() -> None:
    everything = stop_words("en") | stop_words("zh")
    assert not everything & NEGATIONS
    assert not [word for word in everything if word.endswith("n't")]
    assert {"the", "of", "it's", "i'm"} <= stop_words("en")
    assert {"我们", "因为", "的", "了"} <= stop_words("zh")
    assert not {"好", "good", "fire", "system"} & everything


def test_an_unknown_language_names_the_known() -> None:
    with pytest.raises(SettingError, match=r"no list for 'chinese'. Known: 'en', 'zh'. Use stop_words\('zh'\)"):
        stop_words("chinese")


def test_words_are_counted_without_stop_words_numbers_and_signs() -> None:
    rows = [("The tea is good, 100%!", "a"), ("Good tea. 茶很好，我们喝茶。", "b")]
    data = Dataset.from_rows(rows)
    assert word_counts(data) == {"tea": 2, "good": 2, "茶": 1, "好": 1, "喝茶": 1}
    assert word_counts(data, 1) == {"tea": 2}
    assert word_counts(data, None, stop_words=False)["我们"] == 1


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"n": "x"}, "n='x' cannot be. Expected a whole number"),
        ({"n": 2.5}, "n=2.5 cannot be"),
        ({"n": -1}, "n=-1 cannot be"),
        ({"n": 0}, "n=0 cannot be"),
        ({"n": True}, "n=True cannot be"),
        ({"stop_words": "fr"}, "stop_words='fr' cannot be. Expected True"),
        ({"top": 3}, "no option 'top'. Known: n, stop_words. Did you mean n="),
        ({"stopwords": False}, "Did you mean stop_words="),
    ],
)
def test_what_cannot_be_counted_is_said_with_what_can(options: dict[str, Any], known: str) -> None:
    with pytest.raises(SettingError, match=known):
        word_counts(Dataset.from_rows([("tea", "a")]), **options)


def test_words_of_both_sides_of_a_conversation_count_and_of_tags_the_sentence() -> None:
    chats = Dataset.from_rows([(["Order tea", "Bye"], ["Tea ordered", "Bye"])], "qa")
    assert word_counts(chats) == {"tea": 2, "bye": 2, "order": 1, "ordered": 1}
    tags = Dataset.from_rows([(list("我来到北京清华大学"), ["O"] * 9)], "tags")
    assert word_counts(tags) == {"来到": 1, "北京": 1, "清华大学": 1}
    assert word_counts(Dataset.from_rows([], "corpus")) == {}


def test_rare_words_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_VOCABULARY", 50)
    data = Dataset.from_rows([f"tea w{i}x tea" for i in range(200)], "corpus")
    counts = word_counts(data, None)
    assert counts["tea"] == 400
    assert len(counts) <= 51


def test_tokens_are_joined_as_one_writes() -> None:
    assert joined(["I", "like", "茶", "和", "tea", "。"]) == "I like茶和tea。"


@pytest.mark.parametrize("package", ["jieba", "stopwordsiso"])
def test_a_missing_package_is_named_with_how_to_install_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == package:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    words._cut_chinese.cache_clear()
    words._stop_words_of.cache_clear()
    try:
        with pytest.raises(SettingError, match=rf"'{package}' is not installed.*pip install ftkit\[zh\]"):
            segmented("我们") if package == "jieba" else stop_words("zh")
        assert segmented("only Latin letters") == ["only", "Latin", "letters"]
    finally:
        words._cut_chinese.cache_clear()
        words._stop_words_of.cache_clear()


def test_jieba_is_silent_and_leaves_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    code = "import tempfile; tempfile.tempdir = r'" + str(tmp_path) + "'; from ftkit.data.words import segmented; "
    code += "print(ascii(segmented('我来到北京')))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, check=True)
    assert done.stderr == b""
    assert done.stdout.split() == [b"['\\u6211',", b"'\\u6765\\u5230',", b"'\\u5317\\u4eac']"]
    assert list(tmp_path.iterdir()) == []
