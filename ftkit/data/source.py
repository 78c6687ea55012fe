"""Reads a file's physical lines as text, whatever its bytes: streaming, and naming the line and byte of each fault."""

from __future__ import annotations

import codecs
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problems
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.blocks import Block

CHUNK = 1 << 16  # bytes read at once
CHUNK_AFTER_FAULT = 1 << 12  # each damaged line copies the rest of its chunk: with small ones time stays linear
_FAULT = "\udfff"  # stands for a line's first bytes that are no text; no file's decoder gives half a surrogate pair
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Fault:
    """A line's first bytes that are no text in the encoding; `byte` is counted from 0 at the start of the file.

    `whole` is the whole line where it was at hand, its first bytes at most; else it is empty.
    """

    line: int
    byte: int
    raw: bytes
    whole: bytes = b""


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
        from ftkit.data.blocks import read_blocks  # that one stands on this module

        for block in read_blocks(self.path, self.encoding, on_fault=self._note):
            yield block
            self.n_lines = block.first + block.n_lines - 1  # now: whoever cut the block has counted its lines

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
