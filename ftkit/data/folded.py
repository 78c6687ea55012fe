"""What two copies of a text may differ in, taken away: width, case and spaces. One text, or thousands at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Value = str | Sequence[str]

BLOCK = 1 << 20  # characters looked at at once: 4 MB as code points
UNKNOWN, SPECIAL, SPACE = 0xFFFFFFFF, 0xFFFFFFFE, 0x20
_table: np.ndarray[Any, np.dtype[np.uint32]] | None = None  # by code point: what it becomes; filled as they come


def normalised(value: Value) -> str:
    """Returns a text without what two copies of it may differ in: width, case and spaces.

    Example:
        >>> normalised("Ｈello,  World")
        'hello, world'
    """
    return " ".join(unicodedata.normalize("NFKC", joined(value)).casefold().split())


def joined(value: Value) -> str:
    """Returns a text as it is, and tokens or turns with a space between."""
    return value if isinstance(value, str) else " ".join(value)


def folded(values: Sequence[Value]) -> list[str]:
    """Returns the same as `normalised` for each, three times as fast: by a table of characters.

    Texts with characters whose form depends on their neighbours (combining marks, Hangul jamo) or that become
    several (``ß``, ``℃``) are left to `normalised`.

    Example:
        >>> folded(["Ｈello,  World", "straße"])
        ['hello, world', 'strasse']
    """
    return [text for block in blocks([joined(value) for value in values]) for text in _folded(block)]


def blocks(texts: list[str], most: int = 0) -> Iterator[list[str]]:
    """Yields the texts in runs of at most `most` characters (a million if 0), or of one text."""
    start = size = 0
    for position, text in enumerate(texts):
        size += len(text)
        if size > (most or BLOCK) and position > start:
            yield texts[start:position]
            start, size = position, len(text)
    if start < len(texts):
        yield texts[start:]


def _folded(texts: list[str]) -> list[str]:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    points = code_points("".join(texts))
    if not len(points):
        return texts
    mapped = _mapped(points)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    space = mapped == SPACE
    after_space = np.empty_like(space)
    after_space[0], after_space[1:] = True, space[:-1]
    after_space[starts[lengths > 0]] = True
    kept = ~(space & after_space)
    special = mapped == SPECIAL
    upto = np.zeros(len(points) + 1, np.int64)
    np.cumsum(kept, out=upto[1:])
    out = mapped[kept]
    left, right = upto[starts], upto[ends]
    trailing = (right > left) & (out[np.maximum(right, 1) - 1] == SPACE) if len(out) else np.zeros(len(texts), bool)
    right = right - trailing
    if not special.any():
        whole = out.tobytes().decode("utf-32-le", "surrogatepass")
        return [whole[a:b] for a, b in zip(left.tolist(), right.tolist(), strict=True)]
    out[out == SPECIAL] = SPACE
    whole = out.tobytes().decode("utf-32-le", "surrogatepass")
    found = [whole[a:b] for a, b in zip(left.tolist(), right.tolist(), strict=True)]
    where = np.searchsorted(ends, np.flatnonzero(special), side="right")
    for row in np.unique(where).tolist():
        found[row] = normalised(texts[row])
    return found


def code_points(text: str) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Returns a text's characters as numbers. Shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _mapped(points: np.ndarray[Any, np.dtype[np.uint32]]) -> np.ndarray[Any, np.dtype[np.uint32]]:
    global _table
    if _table is None:
        _table = np.full(0x110000, UNKNOWN, np.uint32)  # 4.4 MB
    mapped = _table[points]
    unknown = mapped == UNKNOWN
    if unknown.any():
        for point in np.unique(points[unknown]).tolist():
            _table[point] = _becomes(chr(point))
        mapped = _table[points]
    return np.asarray(mapped)


def _becomes(character: str) -> int:
    """Returns what a character becomes whatever stands beside it; `SPECIAL` if that cannot be said."""
    decomposed = unicodedata.normalize("NFKC", character)
    result = decomposed.casefold()
    if any(unicodedata.category(c).startswith("M") or 0x1100 <= ord(c) < 0x1200 for c in character + decomposed):
        return SPECIAL
    if len(result) != 1:
        return SPECIAL
    return SPACE if result.isspace() else ord(result)
