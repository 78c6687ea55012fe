"""Reading physical lines: encodings, line ends, and characters that lie across two chunks."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.blocks import read_blocks
from ftkit.data.source import CHUNK, Fault, first_fault, read_lines

TEXT = "正面\t很好，喜欢！\n负面\té 😀 \u2028 same line \x0b \x0c \x85 still\n\nlast"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030")


def lines_of(path: Path, data: bytes, encoding: str = "utf-8", **options: object) -> list[str]:
    path.write_bytes(data)
    return [line for _, line in read_lines(path, encoding, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize("chunk_size", range(1, 8))
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_character_across_two_chunks_reads_as_if_it_were_not(tmp_path: Path, encoding: str, chunk_size: int) -> None:
    read = lines_of(tmp_path / "a.txt", TEXT.encode(encoding), encoding, chunk_size=chunk_size)
    assert read == TEXT.split("\n")


@pytest.mark.parametrize("chunk_size", [1, 2, 3, CHUNK])
def test_only_newline_and_carriage_return_end_a_line(tmp_path: Path, chunk_size: int) -> None:
    data = "a\r\nb\rc\n\r\nd\u2028e\x0bf\x0cg\x85h\x1ci\u2029j\r".encode()
    read = lines_of(tmp_path / "a.txt", data, chunk_size=chunk_size)
    assert read == ["a", "b", "c", "", "d\u2028e\x0bf\x0cg\x85h\x1ci\u2029j"]


def test_lines_are_numbered_from_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n\nc")
    assert list(read_lines(tmp_path / "a.txt", "utf-8")) == [(1, "a"), (2, ""), (3, "c")]


def test_an_empty_file_has_no_line(tmp_path: Path) -> None:
    assert lines_of(tmp_path / "a.txt", b"") == []


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path, encoding: str) -> None:
    assert lines_of(tmp_path / "a.txt", "\ufeff甲\n\ufeff乙".encode(encoding), encoding) == ["甲", "\ufeff乙"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(1, 9), st.sampled_from(ENCODINGS))
def test_lines_are_those_of_pythons_universal_newlines(folder: Path, text: str, chunk_size: int, encoding: str) -> None:
    expected = [line.removesuffix("\n") for line in io.StringIO(text.removeprefix("\ufeff"), newline=None)]
    assert lines_of(folder / "a.txt", text.encode(encoding), encoding, chunk_size=chunk_size) == expected


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 4, 5, 6, 7, CHUNK])
def test_wrong_bytes_are_named_by_line_and_byte_wherever_a_chunk_ends(tmp_path: Path, chunk_size: int) -> None:
    faults = list[Fault]()
    data = "好\n".encode() + b"a\xffb\xfe\n" + "中".encode()[:2] + b"\nfine\n" + b"\xe4"
    read = lines_of(tmp_path / "a.txt", data, on_fault=faults.append, chunk_size=chunk_size)
    assert read == ["好", "a\ufffdb\ufffd", "\ufffd", "fine", "\ufffd"]
    assert [(fault.line, fault.byte) for fault in faults] == [(2, 5), (3, 9), (5, 17)]


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 4, 5, CHUNK])
def test_wrong_bytes_are_found_in_gb18030_too(tmp_path: Path, chunk_size: int) -> None:
    faults = list[Fault]()
    data = "好的\n".encode("gb18030") + b"\xff\n" + "中\n".encode("gb18030")
    read = lines_of(tmp_path / "a.txt", data, "gb18030", on_fault=faults.append, chunk_size=chunk_size)
    assert read == ["好的", "\ufffd", "中"]
    assert [(fault.line, fault.byte) for fault in faults] == [(2, 5)]


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 4, CHUNK])
def test_a_lone_surrogate_and_a_half_character_are_found_in_utf_16(tmp_path: Path, chunk_size: int) -> None:
    faults = list[Fault]()
    data = "a\n".encode("utf-16-le") + b"\x00\xdc" + "\nb".encode("utf-16-le") + b"\x41"
    lines_of(tmp_path / "a.txt", data, "utf-16-le", on_fault=faults.append, chunk_size=chunk_size)
    assert [(fault.line, fault.byte) for fault in faults] == [(2, 4), (3, 10)]


def test_without_a_listener_wrong_bytes_raise(tmp_path: Path) -> None:
    with pytest.raises(UnicodeDecodeError):
        lines_of(tmp_path / "a.txt", b"a\xff")


def test_a_real_replacement_sign_is_no_fault(tmp_path: Path) -> None:
    faults = list[Fault]()
    assert lines_of(tmp_path / "a.txt", "a\ufffdb".encode(), on_fault=faults.append) == ["a\ufffdb"]
    assert not faults


@given(
    st.binary(max_size=200), st.integers(1, 9), st.sampled_from([*ENCODINGS, "utf-8", "cp1252", "big5", "shift_jis"])
)
def test_any_bytes_give_the_same_lines_and_faults_in_chunks_of_any_size(
    folder: Path, data: bytes, chunk_size: int, encoding: str
) -> None:
    path, whole, parts = folder / "a.txt", list[Fault](), list[Fault]()
    at_once = lines_of(path, data, encoding, on_fault=whole.append)
    assert lines_of(path, data, encoding, on_fault=parts.append, chunk_size=chunk_size) == at_once
    assert [fault.byte for fault in parts] == [fault.byte for fault in whole]
    assert first_fault(path, encoding, chunk_size=chunk_size) == (whole[0] if whole else None)
    assert all(0 <= fault.byte < len(data) for fault in whole)
    assert not any("\ud800" <= c <= "\udfff" for line in at_once for c in line)


def test_a_hopeless_file_takes_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for data, n_lines in ((b"\xff" * 2_000_000, 1), (b"\xff\xfe\xfd x\xff\n" * 200_000, 200_000)):
        path.write_bytes(data)
        start, faults = time.perf_counter(), list[Fault]()
        assert sum(1 for _ in read_lines(path, "utf-8", on_fault=faults.append)) == n_lines
        assert len(faults) == n_lines  # the first of a line speaks for it
        assert time.perf_counter() - start < 60  # some 2 s; a Python exception for each wrong byte takes a minute


@given(
    st.lists(
        st.sampled_from([b"a", b"\n", b"\r", b"\xef\xbb\xbf", "好".encode(), b"\xe5", b"\xa5", b"\xff"]), max_size=30
    ),
    st.integers(1, 9),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_blocks_hold_the_lines_and_faults_that_are_read_one_by_one(
    folder: Path, parts: list[bytes], block_size: int, encoding: str
) -> None:
    path = folder / "blocks.txt"
    path.write_bytes(b"".join(parts))
    faults, noted, found = list[Fault](), list[Fault](), list[tuple[int, str]]()
    expected = list(read_lines(path, encoding, on_fault=faults.append))
    for block in read_blocks(path, encoding, on_fault=noted.append, block_size=block_size):
        lines = block.data.decode().split("\n")
        assert lines.pop() == ""
        assert len(lines) == block.n_lines
        assert block.damaged == {fault.line for fault in noted if fault.line >= block.first}
        found += enumerate(lines, block.first)
    assert [number for number, _ in found] == [number for number, _ in expected]
    assert [(fault.line, fault.byte) for fault in noted] == [(fault.line, fault.byte) for fault in faults]
    for (number, line), (_, other) in zip(found, expected, strict=True):
        assert line == other or number in {fault.line for fault in faults}  # a fault may be one sign or several


def test_a_file_of_one_endless_line_is_one_block(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a" * 30_000_000)
    [block] = read_blocks(tmp_path / "a.txt", "utf-8", on_fault=print, block_size=1 << 12)
    assert (block.n_lines, len(block.data)) == (1, 30_000_001)


@given(st.lists(st.sampled_from(["a", "忽", "\ufffd", "￥", "é", "\n"]), max_size=12))
def test_a_block_knows_whether_a_lost_character_is_in_it(folder: Path, parts: list[str]) -> None:
    path = folder / "signs.txt"
    path.write_text("".join(parts), encoding="utf-8", newline="")
    blocks = list(read_blocks(path, "utf-8", on_fault=print))
    assert any(block.has_signs for block in blocks) == ("\ufffd" in parts)
    assert sum(block.n_lines for block in blocks) == sum(1 for _ in read_lines(path, "utf-8"))
