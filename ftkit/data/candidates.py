"""Finds the few rows that are worth a closer look, by the bytes that a fault begins with, at the speed of memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ("markup", "control_characters", "feff", "double_encoded", "urls", "full_width", "private_data")

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Positions = np.ndarray[Any, np.dtype[np.int64]]

_SLICE = 1 << 19  # bytes: with what is made of them they stay in a processor's cache
_OVERLAP = 3


def offsets_of(texts: pa.Array) -> Positions:
    """Returns at which byte of its buffer each of n texts begins, and where the last one ends. Shape (n + 1,)."""
    import pyarrow as pa

    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    offsets = np.frombuffer(texts.buffers()[1], width)[texts.offset : texts.offset + len(texts) + 1]
    return offsets.astype(np.int64)


def candidates(texts: pa.Array) -> dict[str, Positions]:
    """Returns, by kind, the rows whose bytes may hold it, ascending: too many cost time, but are no mistake."""
    offsets = offsets_of(texts)
    data = texts.buffers()[2]
    met: dict[str, list[Positions]] = {kind: [] for kind in KINDS}
    each = np.frombuffer(data, np.uint8)[: offsets[-1]] if data is not None else np.empty(0, np.uint8)
    for start in range(int(offsets[0]), len(each), _SLICE):
        piece = each[start : start + _SLICE + _OVERLAP]
        for kind, positions in _beginnings(piece):
            if len(positions):
                met[kind].append(positions + start)
    rows = {}
    for kind, parts in met.items():
        positions = np.concatenate(parts) if parts else np.empty(0, np.int64)
        rows[kind] = np.unique(np.searchsorted(offsets, positions, side="right") - 1)
    return rows


def _beginnings(piece: Bytes) -> Iterator[tuple[str, Positions]]:
    """Yields, by kind, at which bytes of a piece such a thing may begin."""
    last = len(piece) - 1

    def after(positions: Positions, n: int = 1) -> Bytes:
        return piece[np.minimum(positions + n, last)]

    for sign in (b"<", b"&"):
        at = np.flatnonzero(piece == sign[0])
        yield "markup", at[_AFTER_MARK[after(at)]]
    yield "markup", _pairs(piece, b"](")
    control = (piece < 32) | (piece == 127)
    at = np.flatnonzero(control)
    yield "control_characters", at[(piece[at] != 9) & (piece[at] != 10)]
    at = np.flatnonzero(piece == 0xC2)  # C1 and the soft hyphen
    yield "control_characters", at[(after(at) < 0xA0) | (after(at) == 0xAD)]
    at = _pairs(piece, b"\xe2\x80")
    yield "control_characters", at[_INVISIBLE_E280[after(at, 2)]]
    at = _pairs(piece, b"\xe2\x81")
    yield "control_characters", at[after(at, 2) >= 0xA0]
    at = _pairs(piece, b"\xef\xbb")
    yield "feff", at[after(at, 2) == 0xBF]
    at = np.flatnonzero(piece == 0xC3)  # a Latin-1 letter, then a sign: UTF-8 that was read as Latin-1
    yield "double_encoded", at[_AFTER_TWICE[after(at, 2)]]
    for sign in (b"\x94\x9b", b"\x8a\x86", b"\x90\xa8"):  # the ends of 锛 銆 鐨: UTF-8 that was read as GB18030
        yield "double_encoded", _pairs(piece, sign)
    at = _pairs(piece, b"//")
    yield "urls", at[piece[at - 1] == ord(":")]
    yield "urls", _pairs(piece, b"w.")
    at = _pairs(piece, b"\xef\xbc")
    third = after(at, 2)
    yield "full_width", at[((third >= 0x90) & (third <= 0x99)) | ((third >= 0xA1) & (third <= 0xBA))]
    at = _pairs(piece, b"\xef\xbd")
    yield "full_width", at[(after(at, 2) >= 0x81) & (after(at, 2) <= 0x9A)]
    yield "private_data", np.flatnonzero(piece == ord("@"))
    digit = (piece - np.uint8(48)) < 10
    yield "private_data", np.flatnonzero(digit[:-2] & digit[1:-1] & digit[2:])


def _one_of(values: bytes) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.isin(np.arange(256), np.frombuffer(values, np.uint8))


_AFTER_MARK = _one_of(bytes(range(65, 91)) + bytes(range(97, 123)) + b"/!#")
_INVISIBLE_E280 = _one_of(b"\x8b\x8e\x8f" + bytes(range(0xA8, 0xAF)))
_AFTER_TWICE = _one_of(b"\xc2\xc5\xc6\xcb\xe2 ")


def _pairs(piece: Bytes, sign: bytes) -> Positions:
    """Returns where two bytes stand: both are compared as one number, over even positions and over odd ones."""
    value = int.from_bytes(sign, "little")
    found = []
    for start in (0, 1):
        numbers = piece[start : start + (len(piece) - start) // 2 * 2].view("<u2")
        found.append(2 * np.flatnonzero(numbers == value) + start)
    return np.concatenate(found)
