"""What a file is: encodings, binary files and formats."""

from __future__ import annotations

import pickle
import random
import zipfile
import zlib
from pathlib import Path

import pytest

from ftkit.data.sniff import binary_kind, detect_encoding, detect_format
from ftkit.errors import EncodingError

CHINESE = "正面\t这家店的服务很好，下次还会再来。\n负面\t质量太差了，不推荐大家购买！\n" * 3
TRADITIONAL = "正面\t這部電影非常好看，我很喜歡裡面的演員。\n負面\t價格太貴，品質也不好。\n" * 3
FRENCH = "pos\tLe café était déjà fermé à Noël, où êtes-vous allés ?\nneg\tL'été, nous avons mangé des crêpes.\n" * 5
GERMAN = "pos\tGrößere Straßen, schöne Grüße aus München!\n" * 5
RUSSIAN = "плюс\tЭто очень хороший фильм, всем рекомендую.\n" * 5
JAPANESE = "良い\tこの映画はとても面白かったです。また見たいと思います。\n" * 5
KOREAN = "긍정\t이 영화는 정말 재미있었습니다. 다시 보고 싶어요.\n" * 5
ENGLISH = "pos\tI like it very much.\nneg\tNot at all.\n" * 5


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file.tsv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("text", "codec", "name", "bom"),
    [
        (ENGLISH, "ascii", "utf-8", False),
        (CHINESE, "utf-8", "utf-8", False),
        (CHINESE, "utf-8-sig", "utf-8", True),
        (FRENCH, "utf-8", "utf-8", False),
        (CHINESE, "gb18030", "gb18030", False),
        (CHINESE, "gbk", "gb18030", False),
        (CHINESE, "gb2312", "gb18030", False),
        (TRADITIONAL, "gb18030", "gb18030", False),
        ("类别1\t这是类别1的文本\n", "gb18030", "gb18030", False),
        (CHINESE + "😀 𠮷\n", "gb18030", "gb18030", False),
        (ENGLISH * 3_000 + CHINESE, "gb18030", "gb18030", False),  # the Chinese begins after the first chunk
        (ENGLISH * 3_000 + CHINESE, "utf-8", "utf-8", False),
        (CHINESE, "utf-16-le", "utf-16-le", False),
        (CHINESE, "utf-16-be", "utf-16-be", False),
        (ENGLISH, "utf-16-le", "utf-16-le", False),
        (ENGLISH, "utf-16-be", "utf-16-be", False),
        ("\ufeff" + CHINESE, "utf-16-le", "utf-16-le", True),
        ("\ufeff" + ENGLISH, "utf-16-be", "utf-16-be", True),
        ("\ufeff" + CHINESE, "utf-32-le", "utf-32-le", True),
        ("\ufeff" + CHINESE, "gb18030", "gb18030", True),
    ],
)
def test_the_encoding_is_detected(tmp_path: Path, text: str, codec: str, name: str, bom: bool) -> None:
    path = written(tmp_path, text.encode(codec))
    found = detect_encoding(path)
    assert (found.name, found.bom) == (name, bom)
    assert binary_kind(path) is None


@pytest.mark.parametrize("chunk_size", range(1, 8))
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le"])
def test_a_chunk_that_ends_inside_a_character_misleads_nobody(tmp_path: Path, codec: str, chunk_size: int) -> None:
    assert detect_encoding(written(tmp_path, CHINESE.encode(codec)), chunk_size=chunk_size).name == codec


@pytest.mark.parametrize("shift", range(4))
def test_a_character_on_the_edge_of_the_first_chunk_misleads_nobody(tmp_path: Path, shift: int) -> None:
    for codec in ("utf-8", "gb18030"):
        data = b"x" * (65_536 - 4 + shift) + CHINESE.encode(codec)
        assert detect_encoding(written(tmp_path, data)).name == codec


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (FRENCH, "cp1252"),
        (FRENCH, "mac_roman"),
        (GERMAN, "latin-1"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (KOREAN, "euc_kr"),
        (TRADITIONAL, "big5"),
    ],
)
def test_other_encodings_are_not_taken_for_gb18030_or_utf_16(tmp_path: Path, text: str, codec: str) -> None:
    with pytest.raises(EncodingError, match=r"^file\.tsv:1: Byte \d+ .*encoding="):
        detect_encoding(written(tmp_path, text.encode(codec)))


def test_the_first_wrong_byte_is_named(tmp_path: Path) -> None:
    data = b"pos\tfine\npos\tcaf\xe9 au lait\n"
    with pytest.raises(EncodingError, match=r"file\.tsv:2: Byte 16 of the file \(e9\).*encoding=\"cp1252\""):
        detect_encoding(written(tmp_path, data))


def test_big5_is_proposed_for_big5(tmp_path: Path) -> None:
    with pytest.raises(EncodingError, match='encoding="big5"'):
        detect_encoding(written(tmp_path, TRADITIONAL.encode("big5")))


def test_a_damaged_line_does_not_change_the_encoding(tmp_path: Path) -> None:
    assert detect_encoding(written(tmp_path, CHINESE.encode() + b"\xff\xfe\xfa\n" + CHINESE.encode())).name == "utf-8"
    gb = CHINESE.encode("gb18030")
    assert detect_encoding(written(tmp_path, gb + b"\xff\n" + gb)).name == "gb18030"


def test_lines_in_another_encoding_do_not_change_the_encoding_of_most(tmp_path: Path) -> None:
    data = CHINESE.encode() * 20 + CHINESE.encode("gb18030")
    assert detect_encoding(written(tmp_path, data)).name == "utf-8"


def test_random_bytes_are_no_text(tmp_path: Path) -> None:
    draw = random.Random(0)
    for low in (0, 0x81):  # with control characters, and such as GB18030 is made of
        path = written(tmp_path, bytes(draw.randrange(low, 255) for _ in range(4_000)))
        if binary_kind(path) is None:
            with pytest.raises(EncodingError):
                detect_encoding(path)


def test_binary_files_are_called_what_they_look_like(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert binary_kind(book) == "Excel"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    assert binary_kind(tmp_path / "a.zip") == "zip"
    assert binary_kind(written(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(20))) == "PNG"
    assert binary_kind(written(tmp_path, b"\x1f\x8b" + zlib.compress(b"text"))) == "gzip"
    for protocol in (2, 3, 4, 5):
        assert binary_kind(written(tmp_path, pickle.dumps({"a": [1, "b"]}, protocol=protocol))) == "pickle"
        assert binary_kind(written(tmp_path, pickle.dumps(["text"], protocol=protocol))) == "pickle"
    assert binary_kind(written(tmp_path, bytes(range(256)) * 10)) == ""


def test_a_stray_control_character_does_not_make_a_text_binary(tmp_path: Path) -> None:
    assert binary_kind(written(tmp_path, CHINESE.encode() * 20 + b"\0\x08")) is None


LABELS = [f"{label}\tThis is text number {i}, as they come." for i in range(20) for label in ("good", "bad")]
TAGS = ["Li\tB-PER", "Ming\tI-PER", "sings\tO", ""] * 8
POS = ["Li\tNOUN", "Ming\tNOUN", "sings\tVERB", "well\tADV", ""] * 8
WORDS = [line for i in range(9) for line in (f"apple{i}\tfruit", f"dog{i}\tanimal")]
SEGMENTED = ["中 B", "国 E", "人 S", "民 B", "银 M", "行 E", ""] * 8


@pytest.mark.parametrize(
    ("head", "suffix", "format"),
    [
        (LABELS, ".tsv", "labels"),
        ([f"{text}\t{label}" for label, text in (line.split("\t") for line in LABELS)], ".tsv", "labels"),
        (["正面\t很好", "负面\t很差", "正面\t不错", "负面\t难吃"], ".txt", "labels"),
        (WORDS, ".tsv", "labels"),  # single words, but no blank line and no tag of a scheme
        (["L\tlarge shirt", "M\tmedium shirt", "S\tsmall shirt"] * 5, ".tsv", "labels"),
        (TAGS, ".tsv", "tags"),
        (TAGS, ".conll", "tags"),
        (POS, ".tsv", "tags"),
        (SEGMENTED, ".txt", "tags"),
        ([line for line in TAGS if line], ".txt", "tags"),  # no blank line, but the tags of a scheme
        ([" O", "喜欢 O", "北京 B-LOC", "", " O"], ".txt", "tags"),
        (["-DOCSTART- -X- O O", "", "EU NNP I-NP I-ORG", "rejects VBZ I-VP O", ""], ".txt", "tags"),
    ],
)
def test_the_format_is_detected_with_its_certainty(head: list[str], suffix: str, format: str) -> None:
    found = detect_format(head, suffix)
    assert found.format == format
    assert 0.3 < found.certainty <= 1


@pytest.mark.parametrize(
    ("head", "format"),
    [
        ([f"What is the number {i}?\tIt is {i * i}, of course." for i in range(30)], "qa"),
        ([f"Title {i}\t" + f"A long content about the matter {i}. " * 9 for i in range(30)], "title"),
        ([f"Sentence number {i} of a long story." for i in range(30)], "corpus"),
        (["今天天气很好。", "我们去公园散步。", ""] * 9, "corpus"),
    ],
)
def test_free_texts_are_told_apart_by_their_form(head: list[str], format: str) -> None:
    found = detect_format(head)
    assert found.format == found.likely == format
    assert found.certainty > 0.5


def test_a_line_of_column_names_decides() -> None:
    for header, format in (("question\tanswer", "qa"), ("问题\t回答", "qa"), ("title\tcontent", "title")):
        assert detect_format([header, "one\ttwo"]).format == format


def test_few_rows_of_two_texts_are_ambiguous_until_there_are_many() -> None:
    pairs = [f"{'abcdefghijklmnopqrst'[i]}x {i}\tyz {i * i} {i}" for i in range(20)]
    assert detect_format(pairs[:6]).format is None
    assert detect_format(pairs).format == "qa"


def test_a_table_of_four_columns_is_no_conversation_but_lines_of_two_and_four_are() -> None:
    assert detect_format([f"{i}\tname {i}\t{i % 7}\tplace {i}" for i in range(30)]).format is None
    said = ["\t".join(f"turn {j} of {i}" for j in range(2 + 2 * (i % 3))) for i in range(30)]
    assert detect_format(said).format == "qa"


@pytest.mark.parametrize("gap", [" ", ", ", "，"])
def test_labels_that_lost_their_tabs_are_not_taken_for_a_corpus(gap: str) -> None:
    assert (
        detect_format([f"{label}{gap}This is text {i}." for i in range(20) for label in ("good", "bad")]).format is None
    )


def test_one_line_may_be_anything() -> None:
    assert detect_format(["Only one line."]).format is None
    assert detect_format(["One line.", "And another."]).format == "corpus"


def test_two_rows_of_two_columns_are_ambiguous() -> None:
    found = detect_format(["类别1\t这是类别1的文本", "类别2\t这是类别2的文本"])
    assert found.format is None
    assert set(found.candidates) == {"labels", "title", "qa"}


@pytest.mark.parametrize("head", [[], [""], ["\t"], ["\t", "", " "], ["\t\t\t"], ["a"], ["-DOCSTART-"]])
def test_heads_with_nothing_in_them_have_no_format(head: list[str]) -> None:
    assert detect_format(head).format is None
