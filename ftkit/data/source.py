"""Reads a file's physical lines as text, whatever its bytes: streaming, and naming the line and byte of each fault."""

from __future__ import annotations

import codecs
import io
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data.problems import Problems
from ftkit.i18n import text

BLOCK = 1 << 22  # bytes of whole lines that are looked at together
TAIL = 1 << 15  # bytes at a block's end among which a line end is looked for first
SLICE = 1 << 17  # bytes that are counted at once
CHUNK = 1 << 16  # bytes read at once
LOOKED_AT = 1 << 12  # bytes of a damaged line that tell what it was
CHUNK_AFTER_FAULT = 1 << 12  # each damaged line copies the rest of its chunk: with small ones time stays linear
_FAULT = "\udfff"  # stands for a line's first bytes that are no text; no file's decoder gives half a surrogate pair
_LINE_END = re.compile(rb"[\r\n]")
_LINE = re.compile(rb"([^\r\n]*)(\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Fault:
    """A line's first bytes that are no text in the encoding; `byte` is counted from 0 at the start of the file.

    `whole` is the whole line where it was at hand, its first bytes at most; else it is empty.
    """

    line: int
    byte: int
    raw: bytes
    whole: bytes = b""


@dataclass(frozen=True, slots=True)
class Block:
    r"""Whole lines of a file, as UTF-8.

    Attributes:
        first: The number of the first line, counted from 1.
        n_lines: How many lines there are.
        data: Valid UTF-8 without a byte order mark; every line, the last one too, ends in ``\n`` and nothing else does.
        damaged: The numbers of lines that held bytes that are no text; those bytes are U+FFFD here.
        has_signs: Whether U+FFFD is anywhere in it.
    """

    first: int
    n_lines: int
    data: bytes
    damaged: frozenset[int] = frozenset()
    has_signs: bool = True


def read_blocks(
    path: str | Path, encoding: str, *, on_fault: Callable[[Fault], None], block_size: int = BLOCK
) -> Iterator[Block]:
    """Yields a file's lines many at a time; they are those of `read_lines`.

    UTF-8 is taken as it is, checked at the speed of memory; any other encoding goes through `read_lines`.

    Args:
        path: The file.
        encoding: As in `read_lines`.
        on_fault: Called with the first bytes of each line that are no text, before the line's block is yielded.
        block_size: Bytes of a block, about; a longer line is a block of its own.
    """
    number = 1
    if encoding == "utf-8":
        for offset, raw in whole_lines(path, block_size):
            block = _block(number, offset, raw, on_fault)
            yield block
            number += block.n_lines
        return
    damaged, lines, size = set[int](), list[str](), 0

    def note(fault: Fault) -> None:
        damaged.add(fault.line)
        on_fault(fault)

    for _, line in read_lines(path, encoding, on_fault=note):
        lines.append(line)
        size += len(line) + 1
        if size >= block_size // 2:
            yield Block(number, len(lines), ("\n".join(lines) + "\n").encode(), frozenset(damaged))
            number, size = number + len(lines), 0
            damaged, lines = set(), []
    if lines:
        yield Block(number, len(lines), ("\n".join(lines) + "\n").encode(), frozenset(damaged))


def whole_lines(path: str | Path, block_size: int = BLOCK) -> Iterator[tuple[int, bytes]]:
    """Yields a file's bytes, without a UTF-8 mark at its start, cut after line ends; each with its offset.

    Where to cut is looked up first, so that nothing is copied twice: reading is a quarter of what checking takes.
    """
    with Path(path).open("rb", buffering=0) as file:
        offset = 3 if file.read(3) == codecs.BOM_UTF8 else 0
        size = file.seek(0, os.SEEK_END)
        while offset < size:
            stop = min(size, offset + block_size)
            if stop < size:
                stop = _last_line_end(file, offset, stop) or _next_line_end(file, stop - 1, size, block_size)
            file.seek(offset)
            data = file.read(stop - offset)
            while data is not None and 0 < len(data) < stop - offset:  # a system may give less than is asked for
                more = file.read(stop - offset - len(data))
                if not more:
                    break
                data += more
            if not data:  # the file became shorter
                return
            yield offset, data
            offset += len(data)


def _last_line_end(file: io.RawIOBase, offset: int, stop: int) -> int:
    """Returns where the last line between two offsets ends; 0 if none does."""
    start, length = stop, TAIL
    while start > offset:
        start, length = max(offset, stop - length), 4 * length
        file.seek(start)
        tail = file.read(stop - start) or b""
        if cut := tail.rfind(b"\n") + 1 or tail.rfind(b"\r", 0, -1) + 1:  # a last \r may be half of a \r\n
            return start + cut
    return 0


def _next_line_end(file: io.RawIOBase, start: int, size: int, block_size: int) -> int:
    """Returns where the line that goes on at an offset ends: at the latest with the file."""
    file.seek(start)
    while start < size:
        piece = file.read(block_size + 1) or b""
        if cut := piece.find(b"\n") + 1 or piece.find(b"\r", 0, -1) + 1:
            return start + cut
        start += max(1, len(piece) - 1)  # a last \r is looked at again, with what follows it
        file.seek(start)
    return size


def _block(number: int, offset: int, raw: bytes, on_fault: Callable[[Fault], None]) -> Block:
    damaged = set[int]()
    if is_utf8(raw):
        data = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in raw else raw
    else:
        lines = list[bytes]()
        for match in _LINE.finditer(raw):
            line = match[1]
            if not match[0]:
                break
            try:
                line.decode()
            except UnicodeDecodeError as error:
                at, bad = number + len(lines), line[error.start : error.end]
                damaged.add(at)
                on_fault(Fault(at, offset + match.start() + error.start, bad, line[:LOOKED_AT]))
                line = line.decode(errors="replace").encode()
            lines.append(line + b"\n")
        data = b"".join(lines)
    if not data.endswith(b"\n"):
        data += b"\n"
    n_lines, has_signs = _counted(data)
    return Block(number, n_lines, data, frozenset(damaged), has_signs)


def _counted(data: bytes) -> tuple[int, bool]:
    """Returns how many lines end in these bytes, and whether U+FFFD is among them.

    Its last two bytes, BF BD, are compared as one number, over even positions and over odd ones; what is made on the
    way stays in a processor's cache.
    """
    each = np.frombuffer(data, np.uint8)
    n_lines, has_signs = 0, False
    for start in range(0, len(each), SLICE):
        n_lines += int(np.count_nonzero(each[start : start + SLICE] == 10))
        for first in (start, start + 1):
            if not has_signs:
                piece = each[first : start + SLICE + 2]
                at = np.flatnonzero(piece[: len(piece) // 2 * 2].view("<u2") == 0xBDBF) * 2 + first
                has_signs = bool((each[at - 1] == 0xEF).any())  # 忽 ends so too
    return n_lines, has_signs


def is_utf8(data: bytes) -> bool:
    """Returns whether bytes are UTF-8 from the first to the last: twice as fast as decoding them."""
    import pyarrow as pa

    if data.isascii():
        return True
    if len(data) >= 1 << 31:
        return _decodes(data)
    whole = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, len(data)], np.int32)), pa.py_buffer(data)]
    )
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_lines(
    path: str | Path, encoding: str, *, on_fault: Callable[[Fault], None] | None = None, chunk_size: int = CHUNK
) -> Iterator[tuple[int, str]]:
    r"""Yields each physical line's number, counted from 1, and its text without the line end.

    Only ``\n``, ``\r\n`` and ``\r`` end a line; U+2028, ``\x0b``, ``\x85`` and the like are part of the text. A byte
    order mark at the start is left out. A character or line end that lies across two chunks is read as if it did not.

    Args:
        path: The file.
        encoding: A codec's name; of UTF-16 and UTF-32, one with its byte order (``utf-16-le``).
        on_fault: Called with the first bytes of a line that are no text in `encoding`, just before that line is
            yielded with U+FFFD in their place. With None they raise.
        chunk_size: How many bytes to read at once.

    Raises:
        UnicodeDecodeError: If `on_fault` is None and bytes are no text in `encoding`.
    """
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    met: deque[tuple[int, bytes]] | None = None if on_fault is None else deque()
    number, pending = 1, list[str]()

    def line() -> tuple[int, str]:
        joined = "".join(pending)
        if met and on_fault and _FAULT in joined:
            on_fault(Fault(number, *met.popleft()))
            joined = joined.replace(_FAULT, "\ufffd")
        return number, joined

    with Path(path).open("rb") as file:
        for piece in _without_mark(_decode(file, encoding, chunk_size, met)):
            first, *others = newlines.decode(piece).split("\n")
            pending.append(first)
            for other in others:
                yield line()
                pending = [other]
                number += 1
    ended = newlines.decode("", final=True)  # a "\r" that was the file's last character
    if ended or any(pending):
        yield line()


def first_fault(path: str | Path, encoding: str, *, chunk_size: int = CHUNK) -> Fault | None:
    """Returns the first bytes of a file that are no text in `encoding`, or None if there are none."""
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, line = 0, 1
    with Path(path).open("rb") as file:
        while True:
            chunk = file.read(chunk_size)
            offset += len(chunk)
            try:
                line += newlines.decode(decoder.decode(chunk, final=not chunk)).count("\n")
            except UnicodeDecodeError as error:
                data = error.object  # what the decoder held back, and then `chunk`
                line += newlines.decode(data[: error.start].decode(encoding, "replace") + "x").count("\n")
                return Fault(line, offset - len(data) + error.start, data[error.start : error.end])
            if not chunk:
                return None


def _decode(
    file: io.BufferedReader, encoding: str, chunk_size: int, met: deque[tuple[int, bytes]] | None
) -> Iterator[str]:
    """Yields the file's text in pieces. A line's first bytes that are no text become _FAULT, and are put into `met`.

    What follows on that line is decoded leniently up to the next byte that may be of a line end: a file of nothing but
    faults then costs little more than any other.
    """
    decoder_of = codecs.getincrementaldecoder(encoding)
    strict, lenient = decoder_of("strict"), decoder_of("replace")
    offset, noted = 0, False  # bytes read; whether the line that goes on has a fault that was noted
    while True:
        chunk = rest = file.read(chunk_size)
        offset += len(chunk)
        while True:
            try:
                piece = strict.decode(rest, final=not chunk)
            except UnicodeDecodeError as error:
                if met is None:
                    raise
                data = error.object  # what the decoder held back, and then `rest`
                piece, rest = data[: error.start].decode(encoding, "replace"), data[error.end :]
                noted = noted and "\n" not in piece and "\r" not in piece
                if not noted:
                    raw = data[error.start : error.end]
                    met.append((offset - len(rest) - len(raw), raw))
                yield piece + ("\ufffd" if noted else _FAULT)
                noted = True
                end = _LINE_END.search(rest)
                same_line, rest = (rest[: end.start()], rest[end.start() :]) if end else (rest, b"")
                lenient.reset()
                yield lenient.decode(same_line, final=not chunk)
                strict.setstate(lenient.getstate())
                chunk_size = min(chunk_size, CHUNK_AFTER_FAULT)
            else:
                noted = noted and "\n" not in piece and "\r" not in piece
                yield piece
                break
        if not chunk:
            return


def _without_mark(pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        if piece:
            yield piece.removeprefix("\ufeff")
            break
    yield from pieces


@dataclass
class Source:
    """A file to be read by a format: where it is, how it is encoded, and which of its columns are which.

    Attributes:
        path: The file.
        encoding: The codec to read it with.
        columns: Which column is which, by name and 0-based index; the format fills in what the user left open.
        head: The first lines, for the format to look at before it reads.
        problems: Damaged lines, noted while they are read.
        n_lines: How many lines were read so far.
        label_names: What labels that are numbers mean, from 0 on; the format fills in what a list beside the file says.
        shown: What to call it in messages, if that is another name.
        copies: Whether rows that come twice are looked for.
        alone: Whether these are all the rows there are: one of several files does not show what only all rows do.
        keep: Whether the rows are wanted, and not only what is wrong with them.
        keep_in: The file that many rows are kept in; None for one that goes with the process.
        seconds: CPU seconds that each step of reading took.
    """

    path: Path
    encoding: str = "utf-8"
    columns: Mapping[str, int] = field(default_factory=dict)
    head: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    n_lines: int = 0
    label_names: tuple[str, ...] = ()
    shown: Path | None = None
    copies: bool = True
    alone: bool = True
    keep: bool = True
    keep_in: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _damaged: int = 0

    @property
    def name(self) -> str:
        """What to call the file in messages."""
        return (self.shown or self.path).as_posix()

    def blocks(self) -> Iterator[Block]:
        """Yields the lines many at a time, in the form in which they are looked at fast."""
        for block in read_blocks(self.path, self.encoding, on_fault=self._note, block_size=BLOCK):
            self.n_lines = block.first + block.n_lines - 1
            yield block

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yields each line's number, counted from 1, and its text without the line end."""
        for number, line in read_lines(self.path, self.encoding, on_fault=self._note):
            self.n_lines = number
            yield number, line

    def is_damaged(self, number: int) -> bool:
        """Returns whether line `number`, the last one read, holds bytes that are no text.

        The source has reported it as an error: the format has nothing to add, and leaves its row out.
        """
        return self._damaged == number

    def _note(self, fault: Fault) -> None:
        self._damaged = fault.line
        raw, other = fault.raw[:8].hex(" "), "utf-8" if self.encoding.startswith("gb") else "gb18030"
        from ftkit.data.damage import explain  # that one stands on this module

        damage = explain(fault.whole, self.encoding) if fault.whole else None
        what = text(f"checks.damage.{damage.kind}", detail=damage.detail) if damage else ""
        values: dict[str, Any] = {
            "what": text("data.damage", what=what) if what else "",
            "byte": fault.byte,
            "encoding": self.encoding,
            "other": other,
            "name": self.name,
        }
        self.problems.add("error", "bad_bytes", fault.line, about=raw, **values)
