"""A repaired copy and its diff: known awkward files, and any bytes."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ftkit import language
from ftkit.data import fixlines
from ftkit.data.damage import explain
from ftkit.data.fix import Fixed, fix, fix_call
from ftkit.data.load import check
from ftkit.data.repair import KINDS
from ftkit.errors import DataError, SettingError

GOOD = [f"{'正面' if i % 2 else '负面'}\t第 {i} 条评论，写得很清楚。" for i in range(12)]


def mended(
    tmp_path: Path, data: str | bytes, format: str | None = "labels", **options: object
) -> tuple[list[str], Fixed]:
    """The lines of a repaired copy, and what was done."""
    source = tmp_path / "reviews.tsv"
    source.write_bytes(data if isinstance(data, bytes) else data.encode())
    before = source.read_bytes()
    fixed = fix(check(source, format=format), overwrite=True, **options)  # type: ignore[arg-type]
    assert source.read_bytes() == before
    lines = fixed.out.read_bytes().decode("utf-8").split("\n")
    assert lines.pop() == ""
    return lines, fixed


@pytest.mark.parametrize(
    ("line", "right", "kind"),
    [
        ("正面\\t服务好", "正面\t服务好", "literal_tab"),
        ("正面\t\t服务好", "正面\t服务好", "doubled_tab"),
        ("正面\t服务好\t", "正面\t服务好", "doubled_tab"),
        ("正面    服务 好", "正面\t服务 好", "separators"),
        ("正面 服务 好", "正面\t服务 好", "separators"),
        ("正面　服务好", "正面\t服务好", "separators"),
        ("正面，服务好，还行", "正面\t服务好，还行", "separators"),
        ("正面,服务好", "正面\t服务好", "separators"),
        (" 正面 \t 服务好　", "正面\t服务好", "spaces"),
        ("正\u200b面\t服务好", "正面\t服务好", "control_characters"),
        ("正面\t服\x00务\x1b[0m好", "正面\t服务好", "control_characters"),
        ("正面\t服务\ufeff好", "正面\t服务好", "feff"),
        ("正面\tä½\xa0å¥½å\x90\x97", "正面\t你好吗", "double_encoded"),
        ("正面\t服务\t真好", "正面\t服务 真好", "extra_tab"),
    ],
)
def test_a_line_that_can_be_repaired_is(tmp_path: Path, line: str, right: str, kind: str) -> None:
    lines, fixed = mended(tmp_path, "\n".join([*GOOD, line, ""]))
    assert lines == [*GOOD, right]
    assert (fixed.counts, fixed.left, fixed.dropped) == ({kind: 1}, (), 0)
    diff = fixed.diff.read_text(encoding="utf-8").split("\n")
    assert diff[2] == f"@@ -13 +13 @@ {kind}"
    assert diff[4] == f"+{right}"
    again = check(fixed.out, format="labels")
    assert again.ok
    assert not {kind, "no_tab", "extra_tab", "label_space"} & set(again.counts)


@pytest.mark.parametrize(
    ("raw", "right"),
    [
        ("正面\t这个酒店很好，下次还来".encode("gb18030"), "正面\t这个酒店很好，下次还来"),
        ("正面".encode() + b"\t" + b"ok \xed\xa0\xbd\xed\xb0\xad", "正面\tok 🐭"),
        ("负面\t".encode() + "le café était très froid".encode("cp1252"), "负面\tle café était très froid"),
    ],
)
def test_a_damaged_line_gets_its_text_back(tmp_path: Path, raw: bytes, right: str) -> None:
    lines, fixed = mended(tmp_path, "\n".join([*GOOD, ""]).encode() + raw + b"\n")
    assert lines == [*GOOD, right]
    assert fixed.counts == {"bad_bytes": 1}
    assert "\\x" in fixed.diff.read_text(encoding="utf-8")
    assert check(fixed.out, format="labels").ok


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"\xe6\xad\xa3\t\xe5\xa5", "left_bytes"),
        ("没有制表符".encode(), "left_width"),
        ("正面\t".encode(), "left_empty"),
        ("\t没有标签".encode(), "left_empty"),
    ],
)
def test_a_line_that_cannot_be_repaired_is_only_in_the_diff(tmp_path: Path, raw: bytes, kind: str) -> None:
    data = "\n".join([*GOOD, ""]).encode() + raw + b"\n"
    lines, fixed = mended(tmp_path, data)
    assert lines == GOOD
    (left,) = fixed.left
    assert (left.kind, left.line, left.severity, fixed.dropped) == (kind, 13, "error", 1)
    diff = fixed.diff.read_text(encoding="utf-8").split("\n")
    assert diff[2] == f"@@ -13 +12,0 @@ {kind}"
    assert diff[3].startswith("-")
    kept, fixed = mended(tmp_path, data, on_left="keep")
    assert (len(kept), fixed.dropped, len(fixed.left)) == (13, 0, 1)


def test_lines_of_fasttext_keep_their_spaces(tmp_path: Path) -> None:
    line = "__label__pos very  good"
    lines, fixed = mended(tmp_path, f"{line}\n" * 9 + f"{line}\u200b\n")
    assert (set(lines), fixed.counts) == ({line}, {"control_characters": 1})


def test_rows_that_are_there_twice_stay_once_and_other_labels_stay(tmp_path: Path) -> None:
    other = GOOD[0].replace("负面", "正面")
    lines, fixed = mended(tmp_path, "\n".join([*GOOD, f" {GOOD[3]}", other, GOOD[3], ""]))
    assert lines == [*GOOD, other]
    assert fixed.counts == {"spaces": 1, "duplicate": 2}
    assert "duplicate" not in check(fixed.out, format="labels").counts


def test_another_encoding_a_mark_and_line_ends_become_the_usual(tmp_path: Path) -> None:
    for codec in ("utf-8-sig", "utf-16", "gb18030", "utf-16-le"):
        lines, fixed = mended(tmp_path, ("\r\n".join([*GOOD, ""])).encode(codec))
        assert lines == GOOD
        assert set(fixed.counts) <= {"byte_order_mark", "line_ends"}
        assert fixed.diff.read_text(encoding="utf-8").count("\n") == 2
    lines, fixed = mended(tmp_path, "\r".join([*GOOD, ""]))
    assert (lines, fixed.counts) == (GOOD, {"line_ends": 12})


def test_private_data_is_masked_and_the_diff_does_not_show_it(tmp_path: Path) -> None:
    secrets = ["13800138000", "li@example.com", "11010519491231002X", "4111111111111111"]
    rows = [f"正面\t请找 {secret} ，谢谢" for secret in secrets]
    lines, fixed = mended(tmp_path, "\n".join([*GOOD, *rows, f"正面 {secrets[0]}!", ""]), mask=True)
    assert lines[12:] == [f"正面\t请找 {m} ，谢谢" for m in ("[PHONE]", "[EMAIL]", "[ID]", "[CARD]")] + [
        "正面\t[PHONE]!"
    ]
    shown = fixed.diff.read_text(encoding="utf-8")
    assert not any(secret in shown for secret in secrets)
    assert "masked_mobile" in fixed.counts
    assert fixed.counts["masked_mobile"] == 2
    lines, _ = mended(tmp_path, "\n".join([*GOOD, *rows, ""]), mask=["email"])
    assert [secret in line for secret, line in zip(secrets, lines[12:], strict=True)] == [True, False, True, True]


def test_private_data_over_several_tokens_is_masked_as_one(tmp_path: Path) -> None:
    rows = [*(f"{c}\tO" for c in "打给"), *(f"{c}\tO" for c in "13800138000"), "张\tB-PER", "三\tI-PER", ""]
    plain = ["李\tB-PER", "四\tI-PER", "好\tO", ""]
    lines, fixed = mended(tmp_path, "\n".join(rows + plain), "tags", mask=True)
    assert lines == ["打\tO", "给\tO", "[PHONE]\tO", "张\tB-PER", "三\tI-PER", "", *plain[:3]]
    assert fixed.counts == {"masked_mobile": 1}
    assert not re.search(r"^[-+]\d", fixed.diff.read_text(encoding="utf-8"), re.MULTILINE)


def test_what_is_left_is_shown_without_what_is_private(tmp_path: Path) -> None:
    _, fixed = mended(tmp_path, "\n".join([*GOOD, "没有制表符，请打13800138000", ""]))
    (left,) = fixed.left
    assert "[PHONE]" in left.excerpt
    assert "13800138000" not in repr(fixed)


def test_a_token_that_is_no_more_is_left_out_and_a_name_takes_its_sentence_along(tmp_path: Path) -> None:
    rows = ["我\tO", "\tO", "走\tO", "", "北\tB-LOC", "\tI-LOC", "好\tO", "", "来\tO", " 了 \tO", ""]
    lines, fixed = mended(tmp_path, "\n".join(rows), "tags")
    assert lines == ["我\tO", "走\tO", "", "", "来\tO", "了\tO"]
    assert [(left.kind, left.line) for left in fixed.left] == [
        ("left_empty", 2),
        ("left_sentence", 5),
        ("left_empty", 6),
        ("left_sentence", 7),
    ]
    assert check(fixed.out, format="tags").ok


AWKWARD = {  # file, format: lines in the copy, what was repaired, what could not be
    ("awkward/zh_weibo_v1_cesu8.conll", "tags"): (None, {"bad_bytes": 8}, {}),
    ("awkward/en_btc_f_emptytoken.conll", "tags"): (None, {"control_characters": 1}, {"left_empty": 3}),
    ("awkward/en_btc_h_ragged.conll", "tags"): (None, {}, {"left_empty": 4}),
    ("awkward/zh_chengyu_bom_crlf.txt", "corpus"): (50_376, {"byte_order_mark": 1, "line_ends": 50_376}, {}),
    ("handbook/labels_literal_backslash_t.txt", "labels"): (2, {"literal_tab": 2}, {}),
    ("handbook/qa_literal_backslash_t.txt", "qa"): (2, {"literal_tab": 2}, {}),
    ("handbook/title_literal_backslash_t.txt", "title"): (2, {"literal_tab": 2}, {}),
    ("handbook/labels_literal_backslash_t.txt", None): (2, {"literal_tab": 2}, {}),
    ("handbook/tags.txt", "tags"): (4, {}, {"left_empty": 3}),
}


@pytest.mark.parametrize(("name", "format"), AWKWARD)
def test_a_real_awkward_file_is_repaired_and_then_clean(
    shared_data: Path, tmp_path: Path, name: str, format: str | None
) -> None:
    n_lines, done, left = AWKWARD[name, format]
    source = shared_data / name
    before = source.read_bytes()
    report = check(source, format=format)
    fixed = fix(report, tmp_path / source.name)
    assert source.read_bytes() == before
    assert {kind: n for kind, n in fixed.counts.items() if kind not in ("spaces", "duplicate")} == done
    assert {kind: n for kind, n in fixed.left_counts.items() if kind != "left_sentence"} == left
    lines = fixed.out.read_bytes().decode("utf-8").split("\n")[:-1]
    assert n_lines in (None, len(lines))

    after = check(fixed.out, format=format)
    assert not after.errors or {problem.kind for problem in after.errors} == {"label_once"} or format is None
    for kind in ("bad_bytes", "no_token", "literal_tab", "duplicate", "control_characters", "feff", "double_encoded"):
        assert kind not in after.counts
    twice = fix(check(fixed.out, format=format))
    assert (twice.counts, twice.left, twice.dropped) == ({}, (), 0)
    assert twice.out.read_bytes() == fixed.out.read_bytes()


def test_the_diff_and_the_copy_together_hold_every_line_of_the_source(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "awkward" / "en_btc_h_ragged.conll"
    fixed = fix(check(source), tmp_path / "out.conll")
    new = fixed.out.read_text(encoding="utf-8").split("\n")[:-1]
    hunks = re.findall(
        r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*\n((?:-.*\n)*)((?:\+.*\n)*)",
        fixed.diff.read_text(encoding="utf-8"),
        re.M,
    )
    rebuilt, at = list[str](), 0  # the copy with the diff undone
    for _, _, start, n_new, old, _ in hunks:
        n = int(n_new or 1)
        first = int(start) - 1 if n else int(start)
        rebuilt += new[at:first] + [line[1:] for line in old.splitlines()]
        at = first + n
    assert rebuilt + new[at:] == source.read_text(encoding="utf-8").split("\n")[:-1]


def test_the_source_is_never_written_under_any_name(tmp_path: Path) -> None:
    source = tmp_path / "Reviews.tsv"
    source.write_text("\n".join(GOOD), encoding="utf-8")
    report = check(source)
    (tmp_path / "sub").mkdir()
    os.link(source, tmp_path / "linked.tsv")
    for out in (source, tmp_path / "reviews.TSV", tmp_path / "sub" / ".." / "Reviews.tsv", tmp_path / "linked.tsv"):
        with pytest.raises(SettingError, match="this is the file itself"):
            fix(report, out, overwrite=True)
    assert source.read_text(encoding="utf-8") == "\n".join(GOOD)


def test_a_file_that_is_there_is_only_replaced_when_asked(tmp_path: Path) -> None:
    (source := tmp_path / "a.tsv").write_text("\n".join(GOOD), encoding="utf-8")
    report = check(source)
    fixed = fix(report)
    assert fixed.out == tmp_path / "a.fixed.tsv"
    with pytest.raises(SettingError, match="this is there already"):
        fix(report)
    fix(report, overwrite=True)
    fixed.out.unlink()
    with pytest.raises(SettingError, match=r"a\.fixed\.tsv\.diff: this is there already"):
        fix(report)
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
    with pytest.raises(DataError, match="there is no folder"):
        fix(report, tmp_path / "nowhere" / "a.tsv")
    source.unlink()
    with pytest.raises(DataError, match="no such file any more"):
        fix(report, tmp_path / "b.tsv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fixes": ["space"]}, "Did you mean report.fix\\(fixes=\\['spaces'\\]\\)"),
        ({"mask": ["phon"]}, "Did you mean report.fix\\(mask=\\['phone'\\]\\)"),
        ({"on_left": "dorp"}, "Did you mean report.fix\\(on_left='drop'\\)"),
    ],
)
def test_a_misspelt_argument_is_named_with_the_right_one(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        mended(tmp_path, "\n".join(GOOD), **options)  # type: ignore[arg-type]


def test_only_what_is_chosen_is_repaired(tmp_path: Path) -> None:
    lines, fixed = mended(tmp_path, "\n".join([*GOOD, " 正面\t好\u200b ", GOOD[0], ""]), fixes=["control_characters"])
    assert lines == [*GOOD, " 正面\t好 ", GOOD[0]]
    assert fixed.counts == {"control_characters": 1}


def test_a_report_ends_with_the_call_that_repairs(tmp_path: Path) -> None:
    (source := tmp_path / "reviews.tsv").write_text("\n".join(GOOD), encoding="utf-8")
    assert fix_call(check(source)) == ""
    source.write_text("\n".join([*GOOD, "正面 没有制表符"]), encoding="utf-8")
    assert fix_call(check(source)) == f'report.fix(out="{tmp_path.as_posix()}/reviews.fixed.tsv")'


@pytest.mark.parametrize(("code", "said"), [("en", "Repaired copy: "), ("zh", "修复后的副本：")])
def test_what_was_done_reads_in_both_languages(tmp_path: Path, code: str, said: str) -> None:
    language(code)
    _, fixed = mended(tmp_path, "\n".join([*GOOD, " 正面\t好的", "坏行", GOOD[0], ""]))
    shown = repr(fixed)
    assert shown.startswith(said)
    assert shown.count("\n") == 3


piece = st.sampled_from(
    [
        *(b"a", b"b\t", b"\t", b"\t\t", b" ", b"\n", b"\r\n", b"\r", b"\\t", b"O", b"B-X", b"\n\n", b"\0", b"#"),
        *(b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\xbd", b"\xed\xb0\xad", b"\xc3\xa4\xc2\xbd\xc2\xa0", b"\xe3\x80\x80"),
        *(b"\xc4\xe3\xba\xc3", b"13800138000", b"\xe2\x80\x8b", b"x@y.com", b",", b"  ", b"\x85", b"\xc2"),
        *("正面".encode(), "很好，".encode(), "浣犲ソ".encode()),
    ]
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    data=st.one_of(st.lists(piece, max_size=40).map(b"".join), st.binary(max_size=120)),
    format=st.sampled_from(["labels", "tags", "title", "qa", "corpus", None]),
    encoding=st.sampled_from([None, "utf-8", "gb18030", "utf-16-le"]),
    mask=st.booleans(),
)
@example(data=b"\\t", format="tags", encoding=None, mask=False)
@example(data=b"a\\t\\t", format=None, encoding=None, mask=False)
@example(data=b"\xef\xbb\xbf\na\nb\t", format="labels", encoding="gb18030", mask=False)
@example(data=b"b\tb\t\n\xef\xbb\xbf\t", format="labels", encoding=None, mask=False)
@example(data=b"13800138000,13800138000", format="labels", encoding=None, mask=True)
def test_any_bytes_are_mended_once_and_the_source_stays(
    folder: Path, data: bytes, format: str | None, encoding: str | None, mask: bool
) -> None:
    source = folder / "any.txt"
    source.write_bytes(data)
    report = check(source, format=format, encoding=encoding)
    try:
        fixed = fix(report, mask=mask, overwrite=True)
    except DataError:
        assert report.encoding is None
        return
    assert source.read_bytes() == data
    once = fixed.out.read_bytes()
    assert b"\r" not in once
    assert not once or once.endswith(b"\n")
    assert all(explain(line, "utf-8") is None for line in once.split(b"\n"))
    again = check(fixed.out, format=report.format, encoding="utf-8")
    if again.encoding and again.format == report.format:
        kinds = set(KINDS) - ({"duplicate"} if mask else set())  # two numbers are one mask now
        twice = fix(again, folder / "twice.txt", mask=mask, fixes=kinds, overwrite=True)
        assert twice.out.read_bytes() == once


def test_comments_and_lemmas_are_masked_too(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    words = "1\tcall\tcall\tVERB{0}\n2\t13812345678\t13812345678\tNUM{0}\n\n".format("\t_" * 6)
    sentence = "# text = mail a@b.com\n" + words
    path.write_text(sentence * 6, encoding="utf-8")
    fixed = check(path).fix(mask=True)
    content = fixed.out.read_text(encoding="utf-8")
    assert "a@b.com" not in content
    assert "13812345678" not in content
    assert "NUM" in content


@pytest.mark.parametrize("out", ["", "."])
def test_a_copy_needs_a_name(tmp_path: Path, out: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("a\tb\n" * 9, encoding="utf-8")
    with pytest.raises(SettingError, match=r"a\.fixed\.tsv"):
        check(path, format="labels").fix(out=out, overwrite=True)


def test_rows_and_sentences_that_differ_in_what_is_masked_all_stay(tmp_path: Path) -> None:
    rows = [f"正面\t打 {number} 吧" for number in ("13812345678", "13912345678", "13812345678")]
    lines, fixed = mended(tmp_path, "\n".join([*GOOD, *rows, ""]), mask=True)
    assert lines == [*GOOD, *["正面\t打 [PHONE] 吧"] * 2]
    assert (fixed.counts, fixed.dropped) == ({"duplicate": 1, "masked_mobile": 2}, 1)
    tokens = [f"{number}\tO\n" for number in ("13812345678", "13912345678", "13812345678")]
    lines, fixed = mended(tmp_path, "好\tO\n\n" + "\n".join(tokens), "tags", mask=True)
    assert [line for line in lines if line] == ["好\tO", *["[PHONE]\tO"] * 2]
    assert fixed.counts == {"duplicate": 1, "masked_mobile": 2}


def test_a_report_of_more_or_less_than_a_file_says_what_to_fix(tmp_path: Path) -> None:
    files = [tmp_path / "a.tsv", tmp_path / "b.tsv"]
    for file in files:
        file.write_text("\n".join(GOOD), encoding="utf-8")
    for several, named in ((tmp_path, r"a\.tsv"), (files, r"a\.csv")):
        with pytest.raises(SettingError, match=rf"fix works on one file.*{named}"):
            check(several).fix()
    with pytest.raises(SettingError, match="rows in memory"):
        check([{"text": "好", "label": "正面"}]).fix()


def test_lines_left_out_are_told_of_if_there_are_any(tmp_path: Path) -> None:
    assert "left out" not in repr(mended(tmp_path, "\n".join(GOOD))[1])
    assert "1 line was left out; it is in the diff." in repr(mended(tmp_path, "\n".join([*GOOD, "坏行"]))[1])
    assert "2 lines were left out; they are in the diff." in repr(mended(tmp_path, "\n".join([*GOOD, "坏", "行"]))[1])


@given(data=st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"bcd"]), max_size=12).map(b"".join))
def test_lines_read_in_pieces_are_those_of_the_whole(data: bytes) -> None:
    pieces = list(fixlines._pieces(io.BytesIO(data)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixlines, "PIECE", 3)
        small = list(fixlines._pieces(io.BytesIO(data)))
    assert b"".join(small) == b"".join(pieces) == data
    lines = [[line.removesuffix(b"\r") for raw in cut for line in fixlines._lines_of(raw)] for cut in (pieces, small)]
    assert lines[0] == lines[1]
    assert all(len(raw) <= 6 or b"\r" not in raw[:-3] for raw in small)
