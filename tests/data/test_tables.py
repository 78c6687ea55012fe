"""Containers: what is in a file, by which line, whatever it is written in."""

from __future__ import annotations

import csv
import datetime
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.problems import Problems
from ftkit.data.tables import Table, open_table, recognise
from ftkit.errors import DataError

Rows = list[tuple[int, tuple[Any, ...]]]


def opened(folder: Path, name: str, content: str | bytes, **keywords: Any) -> Table | None:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(path, **keywords)


def rows(table: Table | None) -> Rows:
    assert table is not None
    return [(place, tuple(values.values())) for place, values in table.records()]


def faults(table: Table | None) -> list[tuple[int | None, str]]:
    assert table is not None
    list(table.records())
    return [(problem.line, problem.kind) for problem in table.problems]


# -- CSV

CSV: dict[str, tuple[bytes, Rows, list[tuple[int | None, str]]]] = {  # content, records, faults
    "plain": (b"text,label\na,x\nb,y\n", [(2, ("a", "x")), (3, ("b", "y"))], []),
    "no line end at the end": (b"text,label\na,x", [(2, ("a", "x"))], []),
    "CRLF": (b"text,label\r\na,x\r\n", [(2, ("a", "x"))], []),
    "a byte order mark": ("\ufefftext,label\na,x\n".encode(), [(2, ("a", "x"))], []),
    "UTF-16": ("text,label\n好,x\n".encode("utf-16"), [(2, ("好", "x"))], []),
    "GB18030": (
        "文本,标签\n这是一条很好的评论，我们都喜欢,好\n".encode("gb18030"),
        [(2, ("这是一条很好的评论，我们都喜欢", "好"))],
        [],
    ),
    "a comma in quotes": (b'text,label\n"a, b",x\n', [(2, ("a, b", "x"))], []),
    "doubled quotes": (b'text,label\n"a ""b"" c",x\n', [(2, ('a "b" c', "x"))], []),
    "a cell over three lines": (b'text,label\n"a\nb\n",x\nc,y\n', [(2, ("a\nb\n", "x")), (5, ("c", "y"))], []),
    "an empty cell": (b'text,label\n"",x\n,y\n', [(2, ("", "x")), (3, ("", "y"))], []),
    "spaces before a quote": (b'text,label\n"a", "x, y"\n', [(2, ("a", "x, y"))], []),
    "blank lines": (b"\ntext,label\n\na,x\n\n,\n", [(4, ("a", "x"))], []),
    "empty cells at the end": (b"text,label\na,x,,\n", [(2, ("a", "x"))], []),
    "header only": (b"text,label\n", [], []),
    "one column": (b"text\na, b\n", [(2, ("a, b",))], []),
    "Excel's sep line": (b"sep=;\ntext;label\na;x\n", [(3, ("a", "x"))], []),
    "a NUL": (
        b"text,label\na\0b,x\n" + b"long,x\n" * 50,
        [(2, ("a\0b", "x")), *((i, ("long", "x")) for i in range(3, 53))],
        [],
    ),
    "too many cells": (b"text,label\na,b,x\nc,y\n", [(3, ("c", "y"))], [(2, "ragged")]),
    "too few cells": (b"text,label\na\nc,y\n", [(3, ("c", "y"))], [(2, "ragged")]),
    "a quote that is not closed": (
        b'text,label\n"a,x\nb,y\n"c",x\nd,y\n',
        [(3, ("b", "y")), (4, ("c", "x")), (5, ("d", "y"))],
        [(2, "open_quote")],
    ),
    "a quote not closed up to the end": (
        b'text,label\na,x\n"b,y\nc,x\n',
        [(2, ("a", "x")), (4, ("c", "x"))],
        [(3, "open_quote")],
    ),
    "a quote that another line closes": (
        b'text,label\n"a,x\nb,y\nc,z"\nd,x\n',
        [(3, ("b", "y")), (4, ("c", 'z"')), (5, ("d", "x"))],
        [(2, "open_quote")],
    ),
    "a lone quote within quotes": (
        b'text,label\n"say "hi" twice",x\n',
        [(2, ('say "hi" twice', "x"))],
        [(2, "inner_quote")],
    ),
    "a quote within a plain cell": (b'text,label\n5" wide,x\n', [(2, ('5" wide', "x"))], []),
    "bytes that are no text": (
        "text,label\n好好好,x\n".encode() + b"a\xff,x\nb,y\n",
        [(2, ("好好好", "x")), (4, ("b", "y"))],
        [(3, "bad_bytes")],
    ),
    "such bytes within a quoted cell": (
        "text,label\n好好好,x\n".encode() + b'"a\n\xff\n",x\nb,y\n',
        [(2, ("好好好", "x")), (6, ("b", "y"))],
        [(4, "bad_bytes")],
    ),
}


@pytest.mark.parametrize("case", CSV)
def test_csv_gives_its_records_by_line_and_names_its_faults(case: str, tmp_path: Path) -> None:
    content, expected, problems = CSV[case]
    table = opened(tmp_path, "a.csv", content)
    assert rows(table) == expected
    assert faults(table) == problems


def test_records_are_read_again_with_the_same_problems(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.csv", "text,label\na\nb,x\n")
    assert table is not None
    assert list(table.records()) == list(table.records())
    assert len(table.problems) == 1
    assert table.head(1) == [(3, {"text": "b", "label": "x"})]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\ufeff"), max_size=8)


@given(
    table=st.lists(st.tuples(cells, cells.filter(str.strip), st.sampled_from("xy")), min_size=1),
    mark=st.sampled_from(",;"),
)
def test_what_pythons_csv_writes_is_read_as_it_was(table: list[tuple[str, str, str]], mark: str, folder: Path) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=mark, lineterminator="\n").writerows([("id", "text", "label"), *table])
    found = opened(folder, "a.csv", written.getvalue(), encoding="utf-8")
    assert [values for _, values in rows(found)] == table
    assert not faults(found)


@given(content=st.text(st.sampled_from('",\nab '), max_size=60))
def test_any_quotes_end_and_no_line_is_lost_in_silence(content: str, folder: Path) -> None:
    table = opened(folder, "a.csv", f"text,label\n{content}", encoding="utf-8")
    assert table is not None
    places = [place for place, _ in table.records()]
    assert places == sorted(set(places))
    assert all(problem.line for problem in table.problems)


def test_the_medical_csv_has_as_many_records_as_pythons_csv_reads(shared_data: Path) -> None:
    path = shared_data / "awkward" / "zh_medical_gb18030.csv"
    text = path.read_bytes().decode("gb18030")
    reader = csv.reader(io.StringIO(text, newline=""))
    names, expected, start = next(reader), [], reader.line_num + 1
    for cells in reader:
        expected.append((start, tuple(cell.replace("\r\n", "\n") for cell in cells)))
        start = reader.line_num + 1
    table = open_table(path)
    assert table is not None
    assert table.names == tuple(names)
    assert text.count("\n") == 7_691
    assert len(expected) == 7_644
    assert rows(table) == expected
    assert not table.problems
    assert recognise(table).columns == {"question": "ask", "answer": "answer"}


def test_no_other_shared_file_is_taken_for_a_table(shared_data: Path) -> None:
    files = [p for p in sorted(shared_data.rglob("*")) if p.is_file() and p.suffix != ".csv"]
    assert [path.name for path in files if open_table(path) is not None] == []


def test_a_line_of_countless_commas_is_no_table(tmp_path: Path) -> None:
    assert opened(tmp_path, "a.csv", "," * 100_000) is None


# -- tab-separated text

TABS: dict[str, tuple[str, bool]] = {  # content, whether it is a table
    "two columns": ("好\tx\n坏\ty\n", False),
    "two columns with a header that lines know": ("text\tlabel\na\tx\n", False),
    "two columns with another header": ("prompt\tcompletion\na\tx\n", True),
    "three columns without a header": ("1\ta\tx\n2\tb\ty\n", False),
    "three columns with a header": ("id\ttext\tlabel\n1\ta\tx\n", True),
    "quoted cells": ('text\tlabel\n"a ""b"""\tx\n', True),
    "a lone quote": ('text\tlabel\n"a\tx\n', False),
    "tokens and tags": ("Li\tB-PER\nran\tO\n\nHi\tO\n", False),
}


@pytest.mark.parametrize("case", TABS)
@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".txt"])
def test_tabs_are_a_table_only_where_lines_cannot_be_read_without_their_header(
    case: str, suffix: str, tmp_path: Path
) -> None:
    content, is_table = TABS[case]
    assert (opened(tmp_path, f"a{suffix}", content) is not None) is is_table


def test_quotes_in_a_tab_separated_table_are_signs_like_any_other(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.tsv", 'id\ttext\tlabel\n1\t"a\tx\n2\tb"\tx\n')
    assert rows(table) == [(2, ("1", '"a', "x")), (3, ("2", 'b"', "x"))]


@pytest.mark.parametrize("content", ["", "\n\n", "[Music] hello\n", "{laughs} hello\n", "a, b, c\nd, e\n"])
def test_plain_text_is_no_table(content: str, tmp_path: Path) -> None:
    assert opened(tmp_path, "a.txt", content) is None


# -- JSON

A, B = {"text": "a", "label": "x"}, {"text": "b", "label": "y"}
BOTH: Rows = [(1, ("a", "x")), (2, ("b", "y"))]
JSON: dict[str, tuple[str, str, Rows, list[tuple[int | None, str]]]] = {  # name, content, records, faults
    "lines": ("a.jsonl", f"{json.dumps(A)}\n{json.dumps(B)}\n", BOTH, []),
    "lines called .json": ("a.json", f"{json.dumps(A)}\n{json.dumps(B)}\n", BOTH, []),
    "lines called .txt": ("a.txt", f"{json.dumps(A)}\n{json.dumps(B)}", BOTH, []),
    "a blank line": ("a.jsonl", f"\n{json.dumps(A)}\n\n", [(2, ("a", "x"))], []),
    "one array": ("a.json", f"[{json.dumps(A)},\n{json.dumps(B)}]", BOTH, []),
    "an array called .txt": ("a.txt", f"[{json.dumps(A)},\n{json.dumps(B)}]", BOTH, []),
    "an array on many lines": ("a.json", json.dumps([A, B], indent=1), [(2, ("a", "x")), (6, ("b", "y"))], []),
    "a byte order mark": ("a.json", "\ufeff" + json.dumps([A]), [(1, ("a", "x"))], []),
    "under data": ("a.json", json.dumps({"n": 2, "data": [A, B]}), [(1, ("a", "x")), (1, ("b", "y"))], []),
    "under data, on many lines": (
        *("a.json", json.dumps({"data": [A, B], "info": {"x": [1]}}, indent=1)),
        *([(3, ("a", "x")), (7, ("b", "y"))], []),
    ),
    "two lists of records": (
        *("a.json", f'{{"train": [{json.dumps(A)}],\n"test": [{json.dumps(B)}]}}'),
        *([(1, ("a", "x"))], [(2, "json_other")]),
    ),
    "columns": ("a.json", '{"text": ["a", "b"], "label": ["x", "y"]}', [(1, ("a", "x")), (1, ("b", "y"))], []),
    "pandas' columns": (
        *("a.json", '{"text": {"0": "a", "1": "b"}, "label": {"0": "x", "1": "y"}}'),
        *([(1, ("a", "x")), (1, ("b", "y"))], []),
    ),
    "one object": ("a.json", json.dumps(A, indent=1), [(1, ("a", "x"))], []),
    "objects one after the other": (
        "a.json",
        f"{json.dumps(A, indent=1)}\n{json.dumps(B)}",
        [(1, ("a", "x")), (5, ("b", "y"))],
        [],
    ),
    "texts": ("a.json", '["a",\n"b"]', [(1, ("a",)), (2, ("b",))], []),
    "a damaged line": (
        "a.jsonl",
        f'{json.dumps(A)}\n{{"text": "b"\n{json.dumps(B)}\n',
        [(1, ("a", "x")), (3, ("b", "y"))],
        [(2, "bad_json")],
    ),
    "a line that is no object": ("a.jsonl", f"{json.dumps(A)}\n7\n", [(1, ("a", "x"))], [(2, "not_object")]),
    "a damaged item": (
        *("a.json", f'[{json.dumps(A)},\n{{"text": b, "label": "z"}},\n{json.dumps(B)}]'),
        *([(1, ("a", "x")), (3, ("b", "y"))], [(2, "bad_json")]),
    ),
    "an array that is cut off": ("a.json", f"[{json.dumps(A)},\n", [(1, ("a", "x"))], [(2, "json_cut")]),
    "an item that is cut off": ("a.json", f'[{json.dumps(A)},\n{{"text": "b', [(1, ("a", "x"))], [(2, "bad_json")]),
    "an empty array": ("a.json", "[]", [], []),
}


@pytest.mark.parametrize("case", JSON)
def test_json_gives_its_records_by_line_and_names_its_faults(case: str, tmp_path: Path) -> None:
    name, content, expected, problems = JSON[case]
    table = opened(tmp_path, name, content)
    assert rows(table) == expected
    assert faults(table) == problems


def test_a_json_fault_says_its_column_and_what_was_expected(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.json", '[{"text": "a"},\n {"text" "b"}]')
    rows(table)
    assert table is not None
    assert "column 10: Expecting ':' delimiter" in table.problems[0].message
    table = opened(tmp_path, "a.jsonl", '{"text": "a"}\n{"text" "b"}\n')
    rows(table)
    assert table is not None
    assert "column 9: Expecting ':' delimiter" in table.problems[0].message


def test_items_longer_than_what_is_read_at_once_are_whole(tmp_path: Path) -> None:
    items = [{"text": "好" * n, "n": n} for n in (10, 70_000, 200_000, 3)]
    table = opened(tmp_path, "a.json", json.dumps(items, ensure_ascii=False, indent=1))
    assert rows(table) == [(2 + 4 * i, tuple(item.values())) for i, item in enumerate(items)]


def test_bytes_that_are_no_text_leave_out_only_their_json_item(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.json", '[{"text": "好好好"},\n{"text": "'.encode() + b'\xff"},\n{"text": "b"}]')
    assert rows(table) == [(1, ("好好好",)), (3, ("b",))]
    assert faults(table) == [(2, "json_bytes")]


def test_json_in_gb18030_is_read(tmp_path: Path) -> None:
    content = json.dumps([{"text": "这是一条很好的评论，我们都喜欢"}], ensure_ascii=False)
    assert rows(opened(tmp_path, "a.json", content.encode("gb18030"))) == [(1, ("这是一条很好的评论，我们都喜欢",))]


@given(content=st.text(st.sampled_from('[]{}:,"\\ntrue1 \n'), max_size=80))
def test_any_brackets_end(content: str, folder: Path) -> None:
    for name in ("a.json", "a.jsonl"):
        table = opened(folder, name, content, encoding="utf-8")
        assert table is None or len(rows(table)) <= len(content)


def test_brackets_within_brackets_are_a_fault_and_no_crash(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.json", '[{"text": "a"},\n' + "[" * 100_000)
    assert rows(table) == [(1, ("a",))]
    assert faults(table)[0] == (2, "bad_json")


# -- anything


def written() -> dict[str, bytes]:
    """A small file of each kind."""
    import pyarrow.parquet

    table, parquet, arrow = pa.table({"text": ["a", "b"], "label": ["x", "y"]}), io.BytesIO(), io.BytesIO()
    pyarrow.parquet.write_table(table, parquet)
    with pa.ipc.new_file(arrow, table.schema) as writer:
        writer.write_table(table)
    return {
        "a.csv": b'text,label\n"a\nb",x\n' * 3,
        "a.json": json.dumps([A, B, {"messages": [{"role": "user", "content": [None]}]}], indent=1).encode(),
        "a.jsonl": b'{"tokens": ["a"], "tags": [1]}\n{"text": "b", "label": {"X": {"b": [[0, 0]]}}}\n',
        "a.txt": b"__label__x a\n__label__y b\n",
        "a.parquet": parquet.getvalue(),
        "a.arrow": arrow.getvalue(),
    }


@given(
    kind=st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.txt", "a.parquet", "a.arrow"]),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 20), st.binary(max_size=6)), max_size=4),
)
def test_a_file_with_any_damage_is_read_or_refused_and_never_crashes(
    kind: str, changes: list[tuple[int, int, bytes]], folder: Path
) -> None:
    content = written()[kind]
    for at, n, other in changes:
        content = content[:at] + other + content[at + n :]
    with suppress(DataError):
        table = opened(folder, kind, content)
        if table is not None:
            for batch in recognise(table).batches(table, Problems()):
                assert batch.num_rows


# -- Excel


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def test_excel_gives_the_first_sheet_with_content_by_its_rows(tmp_path: Path) -> None:
    lines = [
        [],
        ["文本", "标签", None, "日期"],
        ["好", 1, None, datetime.date(2024, 1, 2)],
        [],
        ["坏", 0.0],
        ["#N/A", 1],
    ]
    path = workbook(tmp_path / "a.xlsx", {"空": [], "数据": lines, "更多": [["x"]]})
    table = open_table(path)
    assert table is not None
    assert (table.kind, table.sheet, table.names) == ("excel", "数据", ("文本", "标签", "2", "日期"))
    assert rows(table) == [
        (3, ("好", 1, None, datetime.datetime(2024, 1, 2))),
        (5, ("坏", 0, None, None)),
        (6, (None, 1, None, None)),
    ]
    assert "'数据' is read" in table.problems[0].message
    batch = next(recognise(table).batches(table, table.problems))
    assert batch.to_pylist()[:2] == [{"text": "好", "label": "1", "line": 3}, {"text": "坏", "label": "0", "line": 5}]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Save it as .xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password"),
        ("a.xlsx", b"PK\x03\x04 xl/ " + bytes(600), "damaged"),
        ("a.parquet", b"PAR1" + bytes(600), "damaged"),
        ("a.arrow", b"ARROW1\0\0" + bytes(600), "damaged"),
        ("a.parquet", bytes(600), "is none"),
    ],
)
def test_a_damaged_or_old_file_says_what_to_do(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        opened(tmp_path, name, content)


def test_an_empty_workbook_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no cell"):
        open_table(workbook(tmp_path / "a.xlsx", {"x": []}))


@pytest.mark.parametrize(("name", "beside"), [("a.xlsx", None), ("a.txt", "~$a.txt"), ("a.txt", ".~a.txt")])
def test_a_file_held_open_by_office_says_to_close_it_there(
    name: str, beside: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    if beside:
        (tmp_path / beside).touch()

    def refused(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(DataError, match=r"Excel or WPS holds it open.*Close it there"):
        open_table(path)


# -- Parquet and Arrow


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather", "stream.arrow"])
def test_columns_are_read_row_by_row(name: str, tmp_path: Path) -> None:
    import pyarrow.feather
    import pyarrow.parquet

    table = pa.table(
        {"text": [f"t{i}" for i in range(10_000)], "label": pa.array(["x", None] * 5_000).dictionary_encode()}
    )
    path = tmp_path / name
    if name.endswith(".parquet"):
        pyarrow.parquet.write_table(table, path)
    elif name.endswith(".feather"):
        pyarrow.feather.write_feather(table, path)
    else:
        kind = pa.ipc.new_stream if name.startswith("stream") else pa.ipc.new_file
        with pa.OSFile(str(path), "wb") as file, kind(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=3_000)
    found = rows(open_table(path))
    assert found == [(i + 1, (f"t{i}", "x" if i % 2 == 0 else None)) for i in range(10_000)]
