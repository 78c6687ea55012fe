"""What every format promises. A new one joins by a `Sample` in SAMPLES; nothing else here changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ftkit.data.dataset import Dataset
from ftkit.data.formats import FORMATS, Format
from ftkit.data.load import check, load
from ftkit.data.problems import Problem, Problems
from ftkit.data.sniff import detect_format
from ftkit.data.source import Source, read_lines
from ftkit.errors import DataError
from ftkit.i18n import data as data_texts
from ftkit.i18n import formats as format_texts


@dataclass(frozen=True)
class Sample:
    """A format's own examples.

    Attributes:
        format: The format.
        text: A file without a fault, large enough to be detected. Holds Chinese and an emoji, ends in a newline.
        rows: Each row's two columns, as Python values, and the line that it starts on.
        faults: A line that is wrong, to be put after a row (for the kind of problem that is expected).
        spans: Whether a row takes a line for each of its items.
    """

    format: Format
    text: str
    rows: list[tuple[Any, Any, int]]
    faults: dict[str, str] = field(default_factory=dict)
    spans: bool = False

    def __str__(self) -> str:
        return self.format.name


class Counted:
    """A format of a stranger's: a number, a colon and a text. Obeys the Protocol without importing it."""

    name = "counted"
    suffixes = (".counted",)

    def sniff(self, head: list[str]) -> float:
        filled = [line for line in head if line.strip()]
        return sum(line.partition(":")[0].isdecimal() for line in filled) / max(1, len(filled))

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        rows, problems = list[tuple[str, str, int]](), Problems()
        for number, line in source.lines():
            count, colon, body = line.partition(":")
            if source.is_damaged(number) or not line.strip():
                continue
            if colon and count.isdecimal() and body.strip():
                rows.append((body, count, number))
            else:
                problems.append(Problem("error", number, "no_count", "No count.", "Write one.", line[:60]))
        texts, counts, lines = zip(*rows, strict=True) if rows else ((), (), ())
        schema = pa.schema({"text": pa.string(), "count": pa.string(), "line": pa.int32()})
        return pa.table([texts, counts, lines], schema=schema), problems


def _labels() -> Sample:
    lines = [f"{'正面' if i % 2 else '负面'}\t这是第 {i} 条评论，大家的看法 😀" for i in range(12)]
    rows = [(line.split("\t")[1], line.split("\t")[0], i) for i, line in enumerate(lines, 1)]
    faults = {
        "no_tab": "正面 没有制表符",
        "literal_tab": "正面\\t写出来的制表符",
        "extra_tab": "正面\t多\t出\t来",
        "empty_label": "\t没有标签",
        "empty_text": "正面\t",
        "label_once": "中立\t只有一次",
    }
    return Sample(FORMATS["labels"], "\n".join(lines) + "\n", rows, faults)


def _tags() -> Sample:
    rows = [(["张", "三", "的", "😀", str(i)], ["B-PER", "I-PER", "O", "O", "O"], 6 * i + 1) for i in range(6)]
    text = "\n".join("".join(f"{a}\t{b}\n" for a, b in zip(*row[:2], strict=True)) for row in rows)
    faults = {
        "no_token": "\tO",
        "no_tag": "词元",
        "literal_tab": "词元\\tO",
        "tag_columns": "词元\tN\tO",
        "illegal_tag": "词元\t0",
    }
    return Sample(FORMATS["tags"], text, rows, faults, spans=True)


def _counted() -> Sample:
    lines = [f"{i}:第 {i} 条文本，这里有的是 😀" for i in range(12)]
    rows = [(line.partition(":")[2], line.partition(":")[0], i) for i, line in enumerate(lines, 1)]
    return Sample(Counted(), "\n".join(lines) + "\n", rows, {"no_count": "一:没有数"})


def _title() -> Sample:
    lines = [f"第 {i} 种茶\t这是关于第 {i} 种茶的一段很长的介绍，{'讲它怎样种、怎样采。' * 4}😀" for i in range(20)]
    rows = [(*line.split("\t"), i) for i, line in enumerate(lines, 1)]
    faults = {
        "no_tab": "没有制表符的标题",
        "literal_tab": "标题\\t写出来的制表符",
        "extra_tab": "标题\t内容里\t多出来",
        "empty_title": "\t没有标题",
        "empty_content": "标题\t",
    }
    return Sample(FORMATS["title"], "\n".join(lines) + "\n", rows, faults)


def _qa() -> Sample:
    lines = [f"第 {i} 个问题是什么？\t是这个 😀 {i}" + f"\t还有吗？\t没有了 {i}" * (i % 3) for i in range(20)]
    rows = [(line.split("\t")[::2], line.split("\t")[1::2], i) for i, line in enumerate(lines, 1)]
    faults = {
        "no_tab": "没有制表符的问题？",
        "literal_tab": "问题？\\t写出来的制表符",
        "odd_cells": "问题？\t回答\t还有吗？",
        "empty_question": "问题？\t回答\t \t回答",
        "empty_answer": "问题？\t",
    }
    return Sample(FORMATS["qa"], "\n".join(lines) + "\n", rows, faults)


def _corpus() -> Sample:
    lines = [f"第{i}段文字，讲的是茶😀" for i in range(12)]
    rows = [(line, "", i) for i, line in enumerate(lines, 1)]
    return Sample(FORMATS["corpus"], "\n".join(lines) + "\n", rows)  # any line is text: none can be wrong


SAMPLES = [_labels(), _tags(), _title(), _qa(), _corpus(), _counted()]
NEWLINES = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]


@pytest.fixture(params=SAMPLES, ids=str)
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.param
    return found


def a_source(path: Path, data: str | bytes, encoding: str = "utf-8") -> Source:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    head = [line for _, line in read_lines(path, encoding, on_fault=lambda fault: None)]
    return Source(path, encoding, head=head)


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


def with_fault(sample: Sample, fault: str | bytes) -> tuple[bytes, int]:
    """The sample with a wrong line after its third row, and that line's number."""
    lines = sample.text.encode().split(b"\n")
    at = sample.rows[3][2] - 1
    while at and not lines[at - 1].strip():  # after the third row, before what parts it from the fourth
        at -= 1
    lines.insert(at, fault.encode() if isinstance(fault, str) else fault)
    return b"\n".join(lines), at + 1


FAULTS = [pytest.param(sample, kind, id=f"{sample}-{kind}") for sample in SAMPLES for kind in sample.faults]


def test_every_format_that_ships_has_a_sample() -> None:
    assert {sample.format.name for sample in SAMPLES} >= set(FORMATS)


def test_the_name_and_suffixes_are_plain(sample: Sample) -> None:
    assert sample.format.name.isidentifier()
    assert isinstance(sample.format.suffixes, tuple)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in sample.format.suffixes)


def test_the_sample_reads_as_its_rows(sample: Sample, tmp_path: Path) -> None:
    table, problems = sample.format.read(a_source(tmp_path / "a.txt", sample.text))
    assert rows_of(table) == sample.rows
    assert problems == []


def test_the_table_has_an_input_a_target_and_a_line(sample: Sample, tmp_path: Path) -> None:
    for content in (sample.text, ""):
        table, _ = sample.format.read(a_source(tmp_path / "a.txt", content))
        assert table.num_columns == 3
        assert table.schema.field("line").type == pa.int32()
        assert table.column(0).null_count == table.column(1).null_count == 0


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("codec", CODECS)
def test_every_encoding_and_newline_gives_the_same_rows(
    sample: Sample, tmp_path: Path, codec: str, newline: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(sample.text.replace("\n", NEWLINES[newline]).encode(codec))
    data = load(path, format=sample.format)
    assert rows_of(data.table) == sample.rows


@pytest.mark.parametrize("end", ["", "\n\n\n", "\n \n", "\r\n"])
def test_the_end_of_the_file_may_have_any_number_of_newlines(sample: Sample, tmp_path: Path, end: str) -> None:
    table, problems = sample.format.read(a_source(tmp_path / "a.txt", sample.text.rstrip("\n") + end))
    assert rows_of(table) == sample.rows
    assert problems == []


def test_blank_lines_before_shift_the_line_numbers(sample: Sample, tmp_path: Path) -> None:
    table, _ = sample.format.read(a_source(tmp_path / "a.txt", "\n\n" + sample.text))
    assert [row[2] for row in rows_of(table)] == [row[2] + 2 for row in sample.rows]


@pytest.mark.parametrize("content", ["", "\n", " \n\n", "\r\r"])
def test_an_empty_file_has_no_row_and_load_says_so(sample: Sample, tmp_path: Path, content: str) -> None:
    table, _ = sample.format.read(a_source(tmp_path / "a.txt", content))
    assert table.num_rows == 0
    assert [
        problem.kind for problem in check(tmp_path / "a.txt", format=sample.format, contents=False, near=False).problems
    ] == ["empty_file"]
    with pytest.raises(DataError, match="There is no row"):
        load(tmp_path / "a.txt", format=sample.format)


HEADS = [[], [""], ["\t"], ["\t\t", " ", "\ufffd"], ["x"] * 50, ["a\tb"] * 9 + [""], ["\\t", "O", " O", "-DOCSTART-"]]


def test_sniff_is_from_zero_to_one_and_sure_of_its_own_sample(sample: Sample) -> None:
    heads = [*HEADS, *(other.text.split("\n") for other in SAMPLES)]
    assert all(0 <= sample.format.sniff(head) <= 1 for head in heads)
    assert sample.format.sniff(sample.text.split("\n")) >= 0.8


def test_sniff_leaves_the_head_as_it_is(sample: Sample) -> None:
    head = sample.text.split("\n")
    sample.format.sniff(head)
    assert head == sample.text.split("\n")


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.format.name in FORMATS], ids=str)
def test_a_format_that_ships_is_detected_in_its_own_sample(sample: Sample) -> None:
    assert detect_format(sample.text.split("\n")).format == sample.format.name


@pytest.mark.parametrize(("sample", "kind"), FAULTS)
def test_a_fault_is_an_error_on_its_line_with_a_message_and_a_fix(sample: Sample, kind: str, tmp_path: Path) -> None:
    content, line = with_fault(sample, sample.faults[kind])
    _, problems = sample.format.read(a_source(tmp_path / "a.txt", content))
    assert [(p.severity, p.kind, p.line) for p in problems] == [("error", kind, line)]
    for problem in problems:
        assert problem.message.endswith(".")
        assert problem.fix.endswith(".")
        assert len(problem.excerpt) <= 60
        assert problem.excerpt.isprintable()


@pytest.mark.parametrize(("sample", "kind"), FAULTS)
def test_skipping_leaves_exactly_the_good_rows(sample: Sample, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    content, line = with_fault(sample, sample.faults[kind])
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.txt:{line}: "):
        load(path, format=sample.format)
    kept = load(path, format=sample.format, on_error="skip")
    good = [row for row in sample.rows if not is_torn(sample, row, line)]
    assert [row[:2] for row in rows_of(kept.table)] == [row[:2] for row in good]


def is_torn(sample: Sample, row: tuple[Any, Any, int], line: int) -> bool:
    """Whether a wrong line that was put in lies inside a row of several lines, or right behind it."""
    return sample.spans and row[2] < line <= row[2] + len(row[0])


def test_a_damaged_line_is_left_out_and_reported_once(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    content, line = with_fault(sample, b"\xff\xfe\tO")
    path.write_bytes(content)
    assert [(p.kind, p.line) for p in check(path, format=sample.format, contents=False, near=False).problems] == [
        ("bad_bytes", line)
    ]
    kept = load(path, format=sample.format, on_error="skip")
    assert len(kept) == sum(not is_torn(sample, row, line) for row in sample.rows)


@pytest.mark.parametrize(("sample", "kind"), FAULTS)
def test_problems_have_texts_in_both_languages(sample: Sample, kind: str) -> None:
    if sample.format.name in FORMATS:
        known = {key.partition(".")[2] for key in {**data_texts.TEXTS, **format_texts.TEXTS}}
        assert {kind, f"{kind}.fix"} <= known


@pytest.mark.parametrize(
    "content",
    [b"\x00\x01\x02", b"\t\t\t\n\t", b"a\tb\tc\td\te\tf\tg\n", b"\xff" * 99, b"O\n" * 9, b"-DOCSTART-", b"\\t\n" * 5],
)
def test_no_content_makes_read_raise(sample: Sample, tmp_path: Path, content: bytes) -> None:
    table, problems = sample.format.read(a_source(tmp_path / "a.txt", content))
    assert table.num_columns == 3
    assert all(problem.message and problem.fix and problem.kind for problem in problems)


def test_reading_never_changes_the_file(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    content = "\ufeff" + sample.text.replace("\n", "\r\n") + "x"
    source = a_source(path, content)
    before = path.stat().st_mtime_ns
    sample.format.read(source)
    assert path.read_bytes() == content.encode()
    assert path.stat().st_mtime_ns == before


def test_reading_twice_gives_the_same_rows(sample: Sample, tmp_path: Path) -> None:
    source = a_source(tmp_path / "a.txt", sample.text)
    first, _ = sample.format.read(source)
    again, _ = sample.format.read(source)  # with the columns that the first reading chose
    assert again.equals(first)


def test_rows_go_through_an_arrow_file(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(sample.text.encode())
    data = load(tmp_path / "a.txt", format=sample.format)
    data.to_arrow(tmp_path / "rows.arrow")
    again = Dataset.from_arrow(tmp_path / "rows.arrow")
    assert list(again) == list(data)
    assert again.fingerprint == data.fingerprint


def test_rows_written_as_lines_read_as_the_same_rows(sample: Sample, tmp_path: Path) -> None:
    rows = [sample.rows[0], *sample.rows[2:]]
    lines = sample.text.split("\n")
    start, end = sample.rows[1][2] - 1, sample.rows[2][2] - 1
    table, problems = sample.format.read(a_source(tmp_path / "a.txt", "\n".join(lines[:start] + lines[end:])))
    assert [row[:2] for row in rows_of(table)] == [row[:2] for row in rows]
    assert problems == []


def test_rows_split_without_losing_any(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(sample.text.encode())
    parts = load(tmp_path / "a.txt", format=sample.format).split(validation=0.3)
    assert sorted(example.source for part in parts.values() for example in part) == sorted(
        f"a.txt:{row[2]}" for row in sample.rows
    )
