"""Reads the lines of a file that is to be mended: their bytes, what text they are, their characters repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from ftkit.data.damage import decoded, joined
from ftkit.data.repair import Line, characters_mended
from ftkit.data.source import Fault, read_lines

PIECE = 1 << 20  # bytes that are read of a line at once


def mended_lines(path: Path, encoding: str, fixes: frozenset[str], counts: Counter[str]) -> Iterator[Line]:
    """Yields a file's lines, numbered as `ftkit.data.source.read_lines` does, with their characters repaired.

    Args:
        path: The file.
        encoding: The codec to read it with.
        fixes: The kinds of what to repair, of `ftkit.data.repair.KINDS`.
        counts: Where a ``byte_order_mark`` at the start, and ``line_ends`` other than a line feed, are counted.
    """
    if not _is_cut_by_bytes(encoding):
        yield from _of_text(path, encoding, fixes)
        return
    waiting: tuple[int, bytes] | None = None  # a row that may be the first half of an emoji
    for number, raw in _of_bytes(path, encoding, counts):
        if waiting and "bad_bytes" in fixes and (row := joined(waiting[1], raw)) is not None:
            yield _mended(Line(waiting[0], [_shown(waiting[1]), _shown(raw)], row, {"bad_bytes"}), fixes)
            waiting = None
            continue
        if waiting:
            yield _decoded(*waiting, encoding, fixes)
        waiting = (number, raw) if b"\xed" in raw and encoding == "utf-8" else None
        if not waiting:
            yield _decoded(number, raw, encoding, fixes)
    if waiting:
        yield _decoded(*waiting, encoding, fixes)


def _of_text(path: Path, encoding: str, fixes: frozenset[str]) -> Iterator[Line]:
    """Yields the lines of an encoding in which a line feed byte may be half of something else."""
    faults = list[Fault]()
    for number, text in read_lines(path, encoding, on_fault=faults.append):
        line = Line(number, [text], text)
        if faults:
            line.left, line.about = "left_bytes", faults.pop().raw.hex(" ")
        yield _mended(line, fixes)


def _of_bytes(path: Path, encoding: str, counts: Counter[str]) -> Iterator[tuple[int, bytes]]:
    number, mark = 0, "\ufeff".encode(encoding, "ignore")
    with path.open("rb") as file:
        for raw in _pieces(file):
            if not number and mark and raw.startswith(mark):
                raw = raw[len(mark) :]
                counts["byte_order_mark"] += 1
                if not raw:
                    continue
            for line in _lines_of(raw):
                number += 1
                counts["line_ends"] += line.endswith(b"\r")
                yield number, line.removesuffix(b"\r")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    r"""Yields lines up to their line feed; of a file that has none, pieces up to a ``\r``: it is not held whole."""
    held = list[bytes]()
    while piece := file.readline(PIECE):
        held.append(piece)
        at = len(piece) if piece.endswith(b"\n") else piece.rfind(b"\r", 0, -1) + 1  # the last may be half of a "\r\n"
        if at:
            yield b"".join([*held[:-1], piece[:at]])
            held = [piece[at:]] if at < len(piece) else []
    if held:
        yield b"".join(held)


def _decoded(number: int, raw: bytes, encoding: str, fixes: frozenset[str]) -> Line:
    text, damage = decoded(raw, encoding)
    kind = "" if damage is None else "double_encoded" if damage.kind == "double_encoded" else "bad_bytes"
    if kind in fixes and text is not None and not any(c in text for c in "\r\n"):
        return _mended(Line(number, [_shown(raw, encoding)], text, {kind}), fixes)
    if damage is None and text is not None:
        line = Line(number, [text], text)
        return line if text.replace("\t", "").isprintable() else _mended(line, fixes)
    line = Line(number, [_shown(raw, encoding)], raw.decode(encoding, "replace"))
    if text is None:
        line.left, line.about = "left_bytes", line.old[0]
    return _mended(line, fixes)


def _mended(line: Line, fixes: frozenset[str]) -> Line:
    if line.text and not (line.text.isprintable() and line.text.isascii()):
        line.text = characters_mended(line.text, line.done, fixes)
    return line


def _lines_of(raw: bytes) -> list[bytes]:
    r"""Returns the lines of what has at most one ``\n``, at its end; those with another end still end in ``\r``."""
    if b"\r" not in raw:
        return [raw.removesuffix(b"\n")]
    ended = raw.endswith(b"\n")
    body = raw[:-1] if ended else raw
    parts = body.split(b"\r")
    if ended and parts[-1]:
        return [*(part + b"\r" for part in parts[:-1]), parts[-1]]
    return [part + b"\r" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _is_cut_by_bytes(encoding: str) -> bool:
    """Returns whether a line feed byte is a line end wherever it stands."""
    if encoding.replace("-", "_").startswith(("utf_16", "utf_32", "utf_7", "iso2022", "hz")):
        return False
    return "\r\n\t a\\,".encode(encoding, "replace") == b"\r\n\t a\\,"


def _shown(raw: bytes, encoding: str = "utf-8") -> str:
    return raw.decode(encoding, "backslashreplace")


def printable(text: str) -> str:
    """Returns a line with control characters escaped, but for tabs: a diff must not play tricks on who reads it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\t\u3000\xa0" else c.encode("unicode_escape").decode() for c in text)


def write_hunk(diff: IO[str], number: int, old: Sequence[str], new: Sequence[str], what: str, written: int) -> None:
    """Writes one change into a unified diff without context.

    Args:
        diff: The diff.
        number: The first line in the source.
        old: What stands there.
        new: What stands in the copy instead.
        what: What was done.
        written: How many lines the copy has so far.
    """
    start = f"-{number}" + (f",{len(old)}" if len(old) != 1 else "")
    end = f"+{written + 1}" + (f",{len(new)}" if len(new) > 1 else "") if new else f"+{written},0"
    diff.write(f"@@ {start} {end} @@ {what}\n")
    diff.writelines(f"-{printable(text)}\n" for text in old)
    diff.writelines(f"+{printable(text)}\n" for text in new)
