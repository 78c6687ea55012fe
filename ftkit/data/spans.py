"""Texts with marked spans of characters, as annotation tools export them, as tokens with BIO tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ftkit.data.schemes import tags_of

Marked = tuple[int, int, str]  # first character, the one behind the last, label

# characters of Chinese stand alone, runs of letters and digits are words, any other sign stands alone
_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+(?:['’][^\W{_CJK}]+)?|[^\w\s]")


@dataclass(frozen=True, slots=True)
class SpanFault:
    """A span that was left out.

    Attributes:
        kind: ``"empty"`` (no characters but white space), ``"outside"`` (of the text) or ``"overlap"`` (with another).
        start: Its first character.
        end: The one behind its last.
        label: Its label.
        other: The span that it overlaps.
    """

    kind: Literal["empty", "outside", "overlap"]
    start: int
    end: int
    label: str
    other: Marked | None = None


def tokens_and_tags(text: str, spans: Iterable[Marked]) -> tuple[list[str], list[str], list[SpanFault]]:
    """Returns a text's tokens without white space, their BIO tags, and the spans that could not be marked.

    A word is split where a span begins or ends inside it. Of two spans that overlap the one that begins first is kept,
    and of those the longer.

    Args:
        text: The text.
        spans: (first character, the one behind the last, label); a span given twice counts once. White space in a
            label becomes ``_``: a tag has none.

    Example:
        >>> tokens_and_tags("李明去Beijing2008", [(0, 2, "PER"), (3, 10, "LOC")])
        (['李', '明', '去', 'Beijing', '2008'], ['B-PER', 'I-PER', 'O', 'B-LOC', 'O'], [])
    """
    kept, faults = _placed(text, spans)
    cuts = sorted({edge for start, end, _ in kept for edge in (start, end)})
    tokens, places, at = list[str](), list[int](), 0
    for match in _TOKEN.finditer(text):
        begin, end = match.span()
        while at < len(cuts) and cuts[at] <= begin:
            at += 1
        while at < len(cuts) and cuts[at] < end:
            tokens.append(text[begin : cuts[at]])
            places.append(begin)
            begin, at = cuts[at], at + 1
        tokens.append(text[begin:end])
        places.append(begin)
    marked, first = list[Marked](), 0
    for start, end, label in kept:
        while places[first] < start:
            first += 1
        last = first
        while last < len(places) and places[last] < end:
            last += 1
        marked.append((first, last, "_".join(label.split())))
        first = last
    return tokens, tags_of(marked, len(tokens)), faults


def _placed(text: str, spans: Iterable[Marked]) -> tuple[list[Marked], list[SpanFault]]:
    """Returns the spans that can be marked, without white space at their ends, in order, and the others."""
    kept, faults = list[Marked](), list[SpanFault]()
    for start, end, label in sorted(set(spans), key=lambda span: (span[0], -span[1], span[2])):
        inside = text[max(start, 0) : max(end, 0)]
        if start >= end:
            faults.append(SpanFault("empty", start, end, label))
        elif start < 0 or end > len(text):
            faults.append(SpanFault("outside", start, end, label))
        elif not inside.strip():
            faults.append(SpanFault("empty", start, end, label))
        else:
            span = start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip()), label
            if kept and kept[-1][1] > span[0]:
                faults.append(SpanFault("overlap", start, end, label, kept[-1]))
            else:
                kept.append(span)
    return kept, faults
