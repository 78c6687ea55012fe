"""Text of unknown origin as single lines: without control characters, cut to a length, broken to a width."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # they shape letters and emoji
_LATIN, _WIDE = 6.5, 11.0  # at 11 px, in a wide font such as DejaVu Sans


def plain(value: str) -> str:
    """Returns text as one line that any file format and any terminal takes: lines are joined by " / ".

    What a model writes before it has learnt may hold every character: escape sequences, marks that turn the direction
    of writing, halves of surrogate pairs. They become U+FFFD, or nothing where they are invisible.

    Example:
        >>> plain("one\\ntwo\\x1b[31m  three")
        'one / two\ufffd[31m three'
    """
    joined = " / ".join(line for line in (" ".join(line.split()) for line in value.split("\n")) if line)
    return "".join(map(_harmless, joined))


def _harmless(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cf":
        return letter if letter in _JOINERS else ""
    return "\ufffd" if kind in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp") else letter


def shortened(value: str, limit: int, mark: str = "…") -> str:
    """Returns `value` cut to `limit` characters, with an ellipsis where something was cut."""
    return value if len(value) <= limit else value[: limit - len(mark)].rstrip() + mark


def wrapped(value: str, width: float, lines: int) -> list[str]:
    """Returns at most `lines` lines of about `width` px at 11 px; what does not fit is an ellipsis.

    Lines break at spaces, and between any two Chinese characters.
    """
    out: list[str] = []
    while value:
        end = _fitting(value, width)
        if end == len(value):
            return [*out, value]
        if len(out) == lines - 1:
            return [*out, value[: _fitting(value, width - _WIDE)].rstrip() + "…"]
        breaks = (at for at in range(end, end // 2, -1) if value[at] == " " or _is_wide(value[at - 1 : at + 1]))
        end = next(breaks, max(end, 1))
        out.append(value[:end].rstrip())
        value = value[end:].lstrip()
    return out


def text_width(value: str) -> float:
    """Returns about how wide text is in px at 11 px: a Chinese character is twice a Latin letter."""
    return sum(map(_letter_width, value))


def _fitting(value: str, width: float) -> int:
    used = 0.0
    for at, letter in enumerate(value):
        used += _letter_width(letter)
        if used > width:
            return at
    return len(value)


def _letter_width(letter: str) -> float:
    kind, width = unicodedata.category(letter), unicodedata.east_asian_width(letter)
    if kind in ("Mn", "Me", "Cf"):
        return 0.0
    # signs of "ambiguous" width, U+FFFD among them, are drawn wide; Greek and Cyrillic letters are not
    return _WIDE if width in "WF" or (width == "A" and kind[0] != "L") else _LATIN


def _is_wide(letters: str) -> bool:
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in letters)
