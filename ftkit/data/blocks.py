"""Reads a file's lines many at a time, as valid UTF-8: what row checks over millions of lines are built on."""

from __future__ import annotations

import codecs
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftkit.data.source import Fault, read_lines

BLOCK = 1 << 22  # bytes of whole lines that are looked at together
LOOKED_AT = 1 << 12  # bytes of a damaged line that tell what it was
TAIL = 1 << 15  # bytes at a block's end among which a line end is looked for first
SLICE = 1 << 17  # bytes that are counted at once
_LINE = re.compile(rb"([^\r\n]*)(\r\n|\r|\n|$)")


@dataclass(slots=True)
class Block:
    r"""Whole lines of a file, as UTF-8.

    Attributes:
        first: The number of the first line, counted from 1.
        counted: How many lines there are, where that is known already: whoever cuts a block into lines knows it.
        data: Valid UTF-8 without a byte order mark; every line, the last one too, ends in ``\n`` and nothing else does.
        damaged: The numbers of lines that held bytes that are no text; those bytes are U+FFFD here.
        has_signs: Whether U+FFFD is anywhere in it.
    """

    first: int
    counted: int | None
    data: bytes
    damaged: frozenset[int] = frozenset()
    has_signs: bool = True

    @property
    def n_lines(self) -> int:
        """How many lines there are."""
        if self.counted is None:
            each = np.frombuffer(self.data, np.uint8)
            self.counted = sum(int(np.count_nonzero(each[at : at + SLICE] == 10)) for at in range(0, len(each), SLICE))
        return self.counted


def read_blocks(
    path: str | Path, encoding: str, *, on_fault: Callable[[Fault], None], block_size: int | None = None
) -> Iterator[Block]:
    """Yields a file's lines many at a time; they are those of `read_lines`.

    UTF-8 is taken as it is, checked at the speed of memory; any other encoding goes through `read_lines`.

    Args:
        path: The file.
        encoding: As in `read_lines`.
        on_fault: Called with the first bytes of each line that are no text, before the line's block is yielded.
        block_size: Bytes of a block, about; a longer line is a block of its own. None for `BLOCK`.
    """
    number, block_size = 1, block_size or BLOCK
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


def whole_lines(path: str | Path, block_size: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yields a file's bytes, without a UTF-8 mark at its start, cut after line ends; each with its offset.

    Where to cut is looked up first, so that nothing is copied twice: reading is a quarter of what checking takes.
    """
    block_size = block_size or BLOCK
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
    return Block(number, None, data, frozenset(damaged), bool(damaged) or _has_signs(data))


def _has_signs(data: bytes) -> bool:
    """Returns whether U+FFFD, EF BF BD, is among these bytes.

    Two bytes are compared as one number, which it begins with at an even offset and ends with at an odd one; what is
    made on the way stays in a processor's cache.
    """
    pairs = np.frombuffer(data, "<u2", count=len(data) // 2)
    for start in range(0, len(pairs), SLICE // 2):
        piece = pairs[start : start + SLICE // 2]
        found = np.flatnonzero((piece == 0xBFEF) | (piece == 0xBDBF))
        for at in (2 * (found + start)).tolist():
            if data[at : at + 3] == b"\xef\xbf\xbd" or data[at - 1 : at + 2] == b"\xef\xbf\xbd":  # 忽 ends so too
                return True
    return False


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
