"""Repaired copies of CSV, TSV with a header and JSON, read independently: by `csv` and `json`."""

from __future__ import annotations

import csv
import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ftkit import language
from ftkit.data.fix import Fixed, fix, fix_call
from ftkit.data.fixlines import printable
from ftkit.data.load import check
from ftkit.data.source import read_lines
from ftkit.errors import DataError, SettingError

GOOD = [[str(i), f"Comment {i} 写得很清楚, ok", "正面" if i % 2 else "负面"] for i in range(12)]
NAMES = ["id", "text", "label"]


def written(rows: list[list[str]], mark: str = ",", names: list[str] | None = None) -> str:
    """Rows as the standard library writes them."""
    import io

    file = io.StringIO()
    csv.writer(file, delimiter=mark, lineterminator="\n").writerows([names or NAMES, *rows])
    return file.getvalue()


def cells(path: Path, mark: str = ",") -> list[list[str]]:
    """Rows as the standard library reads them."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=mark))


def mended(tmp_path: Path, data: str | bytes, name: str = "reviews.csv", **options: object) -> Fixed:
    """What `fix` returns; the source is the same afterwards."""
    source = tmp_path / name
    source.write_bytes(data if isinstance(data, bytes) else data.encode())
    before = source.read_bytes()
    fixed = fix(check(source), overwrite=True, **options)  # type: ignore[arg-type]
    assert source.read_bytes() == before
    return fixed


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("row", "right", "kind"),
    [
        (["x", " good\nfilm  ", "正面"], ["x", "good\nfilm", "正面"], "spaces"),
        (["x", "good film", " 正面 "], ["x", "good film", "正面"], "spaces"),
        (["x", "go\u200bod\x00\nfilm", "正面"], ["x", "good\nfilm", "正面"], "control_characters"),
        (["x", "good\ufefffilm", "正面"], ["x", "goodfilm", "正面"], "feff"),
        (["x", "ä½\xa0å¥½å\x90\x97", "正面"], ["x", "你好吗", "正面"], "double_encoded"),
    ],
)
def test_a_cell_that_can_be_repaired_is(tmp_path: Path, mark: str, row: list[str], right: list[str], kind: str) -> None:
    if mark == "\t" and "\n" in row[1]:
        row, right = ([cell.replace("\n", "-") for cell in one] for one in (row, right))
    name = "reviews.tsv" if mark == "\t" else "reviews.csv"
    fixed = mended(tmp_path, written([*GOOD, row], mark), name)
    assert cells(fixed.out, mark) == [NAMES, *GOOD, right]
    assert (fixed.counts, fixed.left, fixed.dropped) == ({kind: 1}, (), 0)
    assert f"@@ {kind}\n" in fixed.diff.read_text(encoding="utf-8")
    after = check(fixed.out)
    assert after.ok
    assert kind not in after.counts


def test_rows_without_a_fault_keep_every_character(tmp_path: Path) -> None:
    text = 'id,"text",label\n1,"a ""quoted"" word",pos\n2,"two\n\nlines",neg\n3, spaced id ,pos\n\n4,"plain",neg\n'
    fixed = mended(tmp_path, text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert fixed.out.read_text(encoding="utf-8") == text.replace(" spaced id ", "spaced id")
    assert set(fixed.counts) == {"spaces", "byte_order_mark", "line_ends"}


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
def test_any_encoding_becomes_utf_8(tmp_path: Path, codec: str) -> None:
    rows = [*GOOD, ["x", "服务好\n下次还来", "正面"]]
    fixed = mended(tmp_path, written(rows).replace("\n", "\r\n").encode(codec))
    assert cells(fixed.out) == [NAMES, *rows]
    assert not fixed.out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert set(fixed.counts) <= {"byte_order_mark", "line_ends"}


def test_a_damaged_line_gets_its_text_back(tmp_path: Path) -> None:
    damaged = 'x,"这个酒店很好,下次还来",正面\n'.encode("gb18030")
    fixed = mended(tmp_path, written(GOOD).encode() + damaged)
    assert cells(fixed.out)[-1] == ["x", "这个酒店很好,下次还来", "正面"]
    assert fixed.counts == {"bad_bytes": 1}


def test_columns_that_are_not_read_stay_as_they_are(tmp_path: Path) -> None:
    row = [" 13800138000\u200b ", "call 13800138000 ", "正面"]
    fixed = mended(tmp_path, written([*GOOD, row]), mask=True)
    assert cells(fixed.out)[-1] == [row[0], "call [PHONE]", "正面"]
    assert fixed.counts == {"spaces": 1, "masked_mobile": 1}


def test_private_data_is_masked_in_texts_and_not_shown_in_the_diff(tmp_path: Path) -> None:
    rows = [["x", "a,13800138000,123", "正面"], ["y", "to li@example.com, please", "正面"], ["z", "13800138000", ""]]
    fixed = mended(tmp_path, written([*GOOD, *rows]), mask=True)
    assert [row[1] for row in cells(fixed.out)[13:]] == ["a,13800138000,123", "to [EMAIL], please"]
    shown = fixed.diff.read_text(encoding="utf-8") + repr(fixed)
    assert "li@example.com" not in shown
    assert "13800138000" not in shown
    lines = [json.dumps({"text": text, "label": i % 2}) for i, text in enumerate(["\n13800138000", "a", "b", "c", "d"])]
    fixed = mended(tmp_path, "\n".join(lines), "a.jsonl", mask=True)
    assert json.loads(fixed.out.read_text(encoding="utf-8").split("\n")[0]) == {"text": "[PHONE]", "label": 0}
    assert "13800138000" not in fixed.diff.read_text(encoding="utf-8")


def test_a_missing_or_an_extra_empty_cell_at_the_end_is_put_right(tmp_path: Path) -> None:
    names = ["text", "label", "note"]
    text = written([[f"comment {i}", "ab"[i % 2], "n"] for i in range(12)], names=names)
    fixed = mended(tmp_path, f"{text}short,a\nlong,b,n,,\nfull,a,n\n")
    assert cells(fixed.out)[13:] == [["short", "a", ""], ["long", "b", "n"], ["full", "a", "n"]]
    assert (fixed.counts, fixed.left) == ({"columns": 2}, ())
    assert check(fixed.out).counts.get("ragged", 0) == 0


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("x,,正面", "left_empty"),
        ("x,\u200b,正面", "left_empty"),
        ("x,text", "left_width"),
        ("x,text,正面,more", "left_width"),
        ('x,"text,正面', "left_quote"),
        (b"x,\xe6\xad,\xe6\xad\xa3\xe9\x9d\xa2", "left_bytes"),
    ],
)
def test_a_row_that_cannot_be_repaired_is_only_in_the_diff(tmp_path: Path, line: str | bytes, kind: str) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    data = written(GOOD[:6]).encode() + raw + b"\n" + written(GOOD[6:]).encode().split(b"\n", 1)[1]
    fixed = mended(tmp_path, data)
    assert cells(fixed.out) == [NAMES, *GOOD]
    (left,) = fixed.left
    assert (left.kind, left.line, fixed.dropped) == (kind, 8, 1)
    assert f"@@ -8 +7,0 @@ {'control_characters, ' * (chr(0x200B) in str(line))}{kind}\n-x," in fixed.diff.read_text(
        encoding="utf-8"
    )
    assert check(fixed.out).ok
    kept = mended(tmp_path, data, on_left="keep")
    assert (kept.out.read_text(encoding="utf-8").count("\n"), kept.dropped) == (14, 0)


def test_a_row_that_is_there_twice_stays_once_and_another_label_stays(tmp_path: Path) -> None:
    other = ["x", GOOD[0][1], "正面"]
    again = ["y", f" {GOOD[3][1]} ", GOOD[3][2]]
    fixed = mended(tmp_path, written([*GOOD, again, other, ["z", *GOOD[3][1:]]]))
    assert cells(fixed.out) == [NAMES, *GOOD, other]
    assert fixed.counts == {"spaces": 1, "duplicate": 2}
    assert "duplicate" not in check(fixed.out).counts


def test_odd_quotes_are_written_as_rfc_4180_has_them(tmp_path: Path) -> None:
    fixed = mended(tmp_path, written(GOOD) + 'x,a 5" screen,正面\ny,"an "odd" one",负面\nz, "spaced" ,负面\n')
    assert cells(fixed.out)[13:] == [
        ["x", 'a 5" screen', "正面"],
        ["y", 'an "odd" one', "负面"],
        ["z", "spaced", "负面"],
    ]
    assert fixed.out.read_text(encoding="utf-8").split("\n")[13:15] == [
        'x,"a 5"" screen",正面',
        'y,"an ""odd"" one",负面',
    ]
    assert fixed.counts == {"quotes": 3}
    assert not {"inner_quote", "open_quote"} & set(check(fixed.out).counts)


def test_tsv_whose_quotes_are_signs_keeps_them(tmp_path: Path) -> None:
    rows = ['1\tsaid "so\t正面', '2\t"all" right \t负面', *("\t".join(row) for row in GOOD)]
    fixed = mended(tmp_path, "\n".join(["id\ttext\tlabel", *rows, ""]), "a.tsv")
    assert fixed.out.read_text(encoding="utf-8").split("\n")[1:3] == [rows[0], '2\t"all" right\t负面']
    assert fixed.counts == {"spaces": 1}


def test_json_lines_keep_what_is_not_mended_to_the_last_digit(tmp_path: Path) -> None:
    lines = [f'{{"id": {i}.10, "text":"row {i}", "label" : "{"ab"[i % 2]}"}}' for i in range(6)]
    odd = '{"id": 1.2300, "text": " caf\\u00e9\\u200b", "label" :"a", "text2":" \\u4f60 "}'
    fixed = mended(
        tmp_path, "\n".join([*lines, odd, "", lines[1], '{"text": "cut', '{"text": "", "label": "a"}', "7"]), "a.jsonl"
    )
    right = '{"id": 1.2300, "text": "caf\\u00e9", "label" :"a", "text2":" \\u4f60 "}'
    assert fixed.out.read_text(encoding="utf-8").split("\n") == [*lines, right, "", ""]
    assert fixed.counts == {"control_characters": 1, "spaces": 1, "duplicate": 1}
    assert [(left.kind, left.line) for left in fixed.left] == [("left_json", 10), ("left_empty", 11), ("left_json", 12)]
    after = check(fixed.out)
    assert after.ok
    assert fix(after).counts == {}


def test_a_json_document_becomes_json_lines(tmp_path: Path) -> None:
    records = [{"id": i, "text": f"row {i}", "label": "ab"[i % 2], "more": {"at": [i]}} for i in range(8)]
    document = json.dumps({"name": "reviews", "data": [*records, {**records[0], "text": " row 9 "}]}, indent=1)
    fixed = mended(tmp_path, document.replace('"row 3"', '"row 3'), "a.json")
    assert fixed.out == tmp_path / "a.fixed.jsonl"
    read = [json.loads(line) for line in fixed.out.read_text(encoding="utf-8").splitlines()]
    assert read[:3] == records[:3]
    assert read[-1] == {**records[0], "text": "row 9"}
    assert records[3] not in read
    assert fixed.left[0].kind == "left_json"
    assert '@@ left_json\n-  {\n-   "id": 3,\n-   "text": "row 3,\n' in fixed.diff.read_text(encoding="utf-8")
    assert check(fixed.out).ok
    with pytest.raises(SettingError, match=r'Use report.fix\(out=".*b.jsonl"\)'):
        fix(check(tmp_path / "a.json"), tmp_path / "b.json")


def test_conversations_are_mended_where_something_is_said(tmp_path: Path) -> None:
    said = [
        {"role": " user", "content": " write to li@example.com "},
        {"role": "assistant", "content": [{"type": " text", "text": "fine\u200b"}]},
    ]
    lines = [
        json.dumps(
            {
                "messages": said
                if i == 4
                else [{"role": "user", "content": f"q {i}"}, {"role": "assistant", "content": "a"}]
            }
        )
        for i in range(6)
    ]
    fixed = mended(tmp_path, "\n".join([*lines, lines[2]]), "chat.jsonl", mask=True)
    read = [json.loads(line) for line in fixed.out.read_text(encoding="utf-8").splitlines()]
    assert read[4]["messages"][0] == {"role": " user", "content": "write to [EMAIL]"}
    assert read[4]["messages"][1]["content"] == [{"type": " text", "text": "fine"}]
    assert (len(read), fixed.counts["duplicate"]) == (6, 1)


def test_a_conversation_in_a_cell_of_csv_is_masked_there_and_in_the_diff(tmp_path: Path) -> None:
    chats = [
        [{"role": "user", "content": f"q {i}\n13800138000"}, {"role": "assistant", "content": "a "}] for i in range(4)
    ]
    rows = [[str(i), json.dumps(chat)] for i, chat in enumerate(chats)]
    fixed = mended(tmp_path, written([*rows, ["9", "no list"]], names=["id", "messages"]), mask=True)
    read = [json.loads(cell) for _, cell in cells(fixed.out)[1:]]
    assert [[turn["content"] for turn in chat] for chat in read] == [[f"q {i}\n[PHONE]", "a"] for i in range(4)]
    assert "13800138000" not in fixed.diff.read_text(encoding="utf-8")
    assert [(left.kind, left.line) for left in fixed.left] == [("not_messages", 6)]


def test_a_sentence_of_a_token_a_row_goes_or_stays_as_one(tmp_path: Path) -> None:
    def rows(number: int, *pairs: tuple[str, str]) -> list[list[str]]:
        return [[str(number) if not i else "", *pair] for i, pair in enumerate(pairs)]

    right = [*rows(1, ("我", "O"), ("走", "O")), *rows(2, ("北", "B-LOC"), ("京", "I-LOC"))]
    wrong = rows(3, ("上", "B-LOC"), ("", "I-LOC"))
    names = ["sentence", "word", "tag"]
    data = written([*right, *wrong, *rows(4, ("我", "O"), (" 走 ", "O")), *rows(5, ("好", "O"))], names=names)
    fixed = mended(tmp_path, data, "a.csv")
    assert cells(fixed.out) == [names, *right, *rows(5, ("好", "O"))]
    assert [(left.kind, left.line) for left in fixed.left] == [("left_sentence", 6), ("left_empty", 7)]
    assert fixed.counts == {"spaces": 1, "duplicate": 1}
    with pytest.raises(SettingError, match="tags in a table cannot be masked"):
        mended(tmp_path, data, "a.csv", mask=True)


def test_spans_stay_where_they_are(tmp_path: Path) -> None:
    record = {"text": "  Li\u200b went", "entities": [[2, 4, "PER"]]}
    fixed = mended(tmp_path, "\n".join(json.dumps({**record, "id": i}) for i in range(4)), "a.jsonl")
    assert json.loads(fixed.out.read_text(encoding="utf-8")) == {**record, "id": 0}
    assert fixed.counts == {"duplicate": 3}


def test_the_medical_csv_is_repaired_and_then_clean(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "awkward" / "zh_medical_gb18030.csv"
    before = source.read_bytes()
    report = check(source)
    fixed = fix(report, tmp_path / "out.csv")
    assert source.read_bytes() == before
    with source.open(encoding="gb18030", newline="") as file:
        old = [[cell.replace("\r\n", "\n") for cell in row] for row in csv.reader(file)]
    seen, expected = set[tuple[str, ...]](), list[list[str]]()
    for row in old[1:]:
        row = [*row[:2], *(cell.strip() for cell in row[2:])]
        if tuple(row[2:]) not in seen:
            expected.append(row)
        seen.add(tuple(row[2:]))
    found = cells(fixed.out)
    assert found[0] == old[0]
    assert [row for row in found[1:] if '"' not in "".join(row)] == [r for r in expected if '"' not in "".join(r)]
    assert (len(found), fixed.dropped, fixed.counts["duplicate"]) == (
        len(expected) + 1,
        396,
        report.counts["duplicate"],
    )
    after = check(fixed.out)
    assert (after.format, after.stats["columns"]) == (report.format, report.stats["columns"])
    assert after.ok
    assert not {"duplicate", "inner_quote", "control_characters", "double_encoded"} & set(after.counts)
    twice = fix(after)
    assert (twice.counts, twice.left) == ({}, ())
    assert twice.out.read_bytes() == fixed.out.read_bytes()


def test_english_rows_as_excel_writes_them_stay_cell_by_cell(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "classification" / "en_banking77.tsv").read_text(encoding="utf-8").splitlines()
    rows = [[str(i), *line.split("\t")] for i, line in enumerate(lines[:4_000])]
    text_at = max((1, 2), key=lambda at: len(rows[0][at]))
    names = ["id", *(("text", "label") if text_at == 1 else ("label", "text"))]
    data = written(rows, ";", names).replace("\n", "\r\n").encode("utf-16")
    fixed = mended(tmp_path, data)
    kept = {tuple(cell.strip() for cell in row[1:]): row for row in reversed(rows)}
    expected = [row for row in rows if kept[tuple(cell.strip() for cell in row[1:])] is row]
    assert cells(fixed.out, ";") == [names, *([row[0], *(cell.strip() for cell in row[1:])] for row in expected)]
    assert fix(check(fixed.out)).counts == {}


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(n: int) -> int:
        source = tmp_path / f"{n}.csv"
        source.write_text(
            "text,label\n" + "".join(f" row {i} {'x' * 400},{i % 2}\n" for i in range(n)), encoding="utf-8"
        )
        report = check(source, near=False)
        tracemalloc.start()
        fix(report)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1_000)
    small, large = peak(2_000), peak(12_000)
    assert large - small < 10_000 * 150  # of each row its hash, while their set grows, of 400 characters and more


@pytest.mark.parametrize("kind", ["excel", "parquet", "arrow", "gz", "unread"])
def test_what_cannot_be_written_is_refused_with_what_to_do(tmp_path: Path, kind: str) -> None:
    import pandas as pd

    frame = pd.DataFrame({"text": ["good", "bad"] * 4, "label": ["pos", "neg"] * 4})
    message = rf'fix does not write {kind} files.* ftkit.check\("data.csv"\).fix\(\)'
    if kind == "excel":
        frame.to_excel(source := tmp_path / "data.xlsx", index=False)
    elif kind == "parquet":
        frame.to_parquet(source := tmp_path / "data.parquet")
    elif kind == "arrow":
        frame.to_feather(source := tmp_path / "data.arrow")
    elif kind == "gz":
        (source := tmp_path / "data.csv.gz").write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
        message = r'fix does not write packed files.* ftkit.check\("data.csv"\).fix\(\)'
    else:
        (source := tmp_path / "data.csv").write_text("x1,x2\n0.5,1.5\n0.7,2.5\n", encoding="utf-8")
        message = "could not tell what the file's columns are"
    report = check(source)
    with pytest.raises(SettingError, match=message):
        fix(report)
    assert fix_call(report) == ""
    assert not list(tmp_path.glob("*fixed*"))


def test_rows_that_are_no_single_file_are_refused_with_what_to_do(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(written([*GOOD, GOOD[0]]), encoding="utf-8")
    for data in ([{"text": "a", "label": "b"}] * 4, [tmp_path / "a.csv", tmp_path / "b.csv"]):
        report = check(data)
        with pytest.raises(SettingError, match="fix works on one file"):
            fix(report)
        assert fix_call(report) == ""


def test_a_report_of_a_table_ends_with_the_call_that_repairs(tmp_path: Path) -> None:
    (source := tmp_path / "a.csv").write_text(written(GOOD), encoding="utf-8")
    assert fix_call(check(source)) == ""
    source.write_text(written([*GOOD, GOOD[0]]), encoding="utf-8")
    assert fix_call(check(source)) == f'report.fix(out="{tmp_path.as_posix()}/a.fixed.csv")'
    records = [{"text": f"call 13800138000 {i}", "label": i % 2} for i in range(8)]
    (source := tmp_path / "a.json").write_text(json.dumps(records), encoding="utf-8")
    report = check(source)
    assert fix_call(report) == f'report.fix(out="{tmp_path.as_posix()}/a.fixed.jsonl", mask=True)'
    assert eval(fix_call(report), {"report": report}).counts == {"masked_mobile": 8}


def test_a_file_that_became_another_is_not_taken_for_the_one_that_was_checked(tmp_path: Path) -> None:
    (source := tmp_path / "a.jsonl").write_text('{"text": "a", "label": "b"}\n' * 4, encoding="utf-8")
    report = check(source)
    source.write_text("just a line\n", encoding="utf-8")
    with pytest.raises(DataError, match="no longer the file that was checked"):
        fix(report)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(("code", "said"), [("en", "quotes written as RFC 4180"), ("zh", "按 RFC 4180 改写引号")])
def test_what_was_done_reads_in_both_languages(tmp_path: Path, code: str, said: str) -> None:
    language(code)
    fixed = mended(tmp_path, written(GOOD) + 'x,a 5" screen,正面\n' + 'y,"open,正面\n')
    assert said in repr(fixed)
    assert len(fixed.left) == 1


piece = st.sampled_from(
    [
        *("a", "b", ",", ",", ";", "\t", '"', '""', '","', "\n", "\n", "\r\n", " ", "\ufeff", "\u200b", "\0", "正面"),
        *("很好，", "13800138000", "x@y.com", "sep=;\n", "\x1b[0m", "ä½\xa0å¥½", "\u2028", "{}", "[1]", "\\"),
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    header=st.sampled_from(
        ["text,label\n", "id;text;label\n", '"text"\t"label"\n', "question,answer,note\n", "text\n", ""]
    ),
    body=st.lists(piece, max_size=40).map("".join),
    tail=st.binary(max_size=6),
    keep=st.booleans(),
    mask=st.booleans(),
)
@example(header='"text"\t"label"\n', body='"a\n1"\tb\na\t b', tail=b"", keep=False, mask=False)
def test_any_small_csv_is_mended_once_and_the_source_stays(
    folder: Path, header: str, body: str, tail: bytes, keep: bool, mask: bool
) -> None:
    source = folder / "any.csv"
    source.write_bytes(data := (header + body).encode() + tail)
    report = check(source)
    try:
        fixed = fix(report, folder / "once.csv", mask=mask, on_left="keep" if keep else "drop", overwrite=True)
    except (DataError, SettingError):
        assert report.stats.get("container") is None
        return
    assert source.read_bytes() == data
    once = fixed.out.read_bytes()
    assert once.decode("utf-8") is not None
    assert b"\r" not in once
    if not mask and report.encoding:  # nothing is lost: each line is in the copy, or the diff shows it
        shown = set(fixed.diff.read_text(encoding="utf-8").split("\n")) | {
            f"-{line}" for line in once.decode().split("\n")
        }
        lines = [line for _, line in read_lines(source, report.encoding, on_fault=lambda fault: None)]
        assert all(f"-{printable(line)}" in shown or f"-{line}" in shown or "\ufffd" in line for line in lines)
    columns = report.stats.get("columns")
    if keep or report.stats.get("container") is None:
        return
    try:
        again = check(fixed.out, format=report.format, columns=columns, encoding="utf-8")  # type: ignore[arg-type]
    except SettingError:
        return  # so few rows are left that they are no table
    if again.stats.get("columns") == columns:
        assert not {"duplicate", "double_encoded", "control_characters", "feff", "inner_quote"} & set(again.counts)
        twice = fix(again, folder / "twice.csv", mask=mask, overwrite=True)
        assert twice.out.read_bytes() == once


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([" a\u200b", "\r", "\ud800", "b", ""])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["text", "role", "x"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    records=st.lists(st.fixed_dictionaries({"text": values, "label": values}), min_size=1, max_size=8),
    name=st.sampled_from(["any.jsonl", "any.json"]),
    format=st.sampled_from(["labels", "title", "corpus"]),
)
def test_any_json_is_mended_once(folder: Path, records: list[dict[str, object]], name: str, format: str) -> None:
    source = folder / name
    lines = [json.dumps(record) for record in records]
    source.write_text("\n".join(lines) if name == "any.jsonl" else f"[{','.join(lines)}]", encoding="utf-8")
    other = {"labels": "label", "title": "title", "corpus": ""}[format]
    columns = {"content" if format == "title" else "text": "text"} | ({other: "label"} if other else {})
    report = check(source, format=format, columns=columns)
    if report.stats.get("container") not in ("json", "jsonl"):
        return
    fixed = fix(report, folder / "once.jsonl", overwrite=True)
    again = check(fixed.out, format=format, columns=columns)
    if again.stats.get("container") == "jsonl" and again.stats.get("columns") == report.stats.get("columns"):
        assert not {"duplicate", "control_characters"} & set(again.counts)
        assert fix(again, folder / "twice.jsonl", overwrite=True).out.read_bytes() == fixed.out.read_bytes()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json"])
def test_records_that_differ_in_what_is_masked_all_stay(tmp_path: Path, suffix: str) -> None:
    rows = [{"text": f"打 {n} 吧", "label": "正面"} for n in ("13812345678", "13912345678", "13812345678")]
    written = {
        "csv": "text,label\n" + "".join(f"{row['text']},{row['label']}\n" for row in rows),
        "jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        "json": json.dumps(rows, ensure_ascii=False),
    }
    (path := tmp_path / f"a.{suffix}").write_text(written[suffix], encoding="utf-8")
    fixed = check(path).fix(mask=True)
    content = fixed.out.read_text(encoding="utf-8")
    assert content.count("[PHONE]") == 2
    assert fixed.counts == {"duplicate": 1, "masked_mobile": 2}
    assert "12345678" not in content + fixed.diff.read_text(encoding="utf-8")
