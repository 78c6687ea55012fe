"""Label-safe changes of one tagged sentence: its mentions change places or are replaced, and words outside of them go,
move or are repeated.

A mention is replaced whole, by another of the same type that stands in the data, with the tags that it has there, so
that tokens and tags stay in step and the tags stay legal in the scheme that they are in.

Source: Dai and Adel 2020, "An Analysis of Simple Data Augmentation for Named Entity Recognition",
https://aclanthology.org/2020.coling-main.343 (mention replacement; and that it helps most where rows are few).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from ftkit.data.augment_text import REACH, holds_negation, is_number, still_denied
from ftkit.data.schemes import BIO, Scheme, Span, spans_of, tags_of

POOL = 10_000  # mentions of a type that are remembered

Sentence = tuple[list[str], list[str]]


@dataclass
class Mentions:
    """The mentions of a data set, by type: what a mention may be replaced by.

    Attributes:
        scheme: The scheme of the tags.
        by_type: Different mentions, in the order of the data, the first 10,000 of each type.
    """

    scheme: Scheme = BIO
    by_type: dict[str, dict[tuple[str, ...], None]] = field(default_factory=dict)
    _lists: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def add(self, tokens: Sequence[str], tags: Sequence[str]) -> None:
        """Remembers the mentions of a sentence."""
        for begin, end, kind in _mentions(tags, self.scheme):
            known = self.by_type.setdefault(kind, {})
            if len(known) < POOL:
                known[tuple(tokens[begin:end])] = None

    def of(self, kind: str) -> list[tuple[str, ...]]:
        """Returns the mentions of a type."""
        if kind not in self._lists:
            self._lists[kind] = list(self.by_type.get(kind, ()))
        return self._lists[kind]


def _mentions(tags: Sequence[str], scheme: Scheme) -> list[Span]:
    """The spans of tags; none where all that is tagged is where words begin, or tags mark no spans."""
    return [] if scheme.is_plain or scheme.form == "B" else spans_of(tags, scheme)


def mention_replaced(tokens: list[str], tags: list[str], share: float, random: Random, known: Mentions) -> Sentence:
    """Returns the sentence with a share of its mentions, at least one, replaced by others of their type."""
    spans = _mentions(tags, known.scheme)
    replaceable = [i for i, (_, _, kind) in enumerate(spans) if len(known.of(kind)) > 1]
    chosen = set(random.sample(replaceable, min(len(replaceable), max(1, round(share * len(spans))))))
    texts = [tuple(tokens[begin:end]) for begin, end, _ in spans]
    for i in sorted(chosen):
        texts[i] = random.choice(known.of(spans[i][2]))
    return _rebuilt(tokens, tags, spans, texts, known.scheme)


def mentions_swapped(tokens: list[str], tags: list[str], share: float, random: Random, known: Mentions) -> Sentence:
    """Returns the sentence with two of its mentions, of one type and different, in each other's place."""
    spans = _mentions(tags, known.scheme)
    texts = [tuple(tokens[begin:end]) for begin, end, _ in spans]
    pairs = [
        (i, j)
        for i in range(len(spans))
        for j in range(i + 1, len(spans))
        if spans[i][2] == spans[j][2] and texts[i] != texts[j]
    ]
    if pairs:
        i, j = random.choice(pairs)
        texts[i], texts[j] = texts[j], texts[i]
    return _rebuilt(tokens, tags, spans, texts, known.scheme)


def _rebuilt(
    tokens: list[str],
    tags: list[str],
    spans: Sequence[Span],
    texts: Sequence[tuple[str, ...]],
    scheme: Scheme,
) -> Sentence:
    """Puts texts in the place of spans; the tags between them stay as they are."""
    out: Sentence = ([], [])
    placed: list[Span] = []
    at = 0
    for (begin, end, kind), words in zip(spans, texts, strict=True):
        out[0].extend(tokens[at:begin])
        out[1].extend(tags[at:begin])
        placed.append((len(out[0]), len(out[0]) + len(words), kind))
        out[0].extend(words)
        out[1].extend("O" for _ in words)
        at = end
    out[0].extend(tokens[at:])
    out[1].extend(tags[at:])
    new = tags_of(placed, len(out[0]), scheme)
    for begin, end, _ in placed:
        out[1][begin:end] = new[begin:end]
    return out


def outside_deleted(tokens: list[str], tags: list[str], share: float, random: Random, known: Mentions) -> Sentence:
    """Returns the sentence without a share of its free tokens; none between two mentions, which would touch then."""
    free = [
        i
        for i in _free(tokens, tags, known.scheme)
        if not (0 < i < len(tags) - 1 and not _is_outside(tags[i - 1]) and not _is_outside(tags[i + 1]))
    ]
    chosen: set[int] = set()
    for i in random.sample(free, min(_count(share, free), max(0, len(tokens) - 1))):
        if not {i - 1, i + 1} & chosen:  # two that stand together may part two mentions
            chosen.add(i)
    kept = [i for i in range(len(tokens)) if i not in chosen]
    return [tokens[i] for i in kept], [tags[i] for i in kept]


def outside_swapped(tokens: list[str], tags: list[str], share: float, random: Random, known: Mentions) -> Sentence:
    """Returns the sentence with a share of its free tokens in the place of one of the next three."""
    free = _free(tokens, tags, known.scheme)
    pairs = [(i, j) for k, i in enumerate(free) for j in free[k + 1 : k + 1 + REACH] if tokens[i] != tokens[j]]
    random.shuffle(pairs)
    out, used, n = list(tokens), set[int](), _count(share, free)
    for i, j in pairs:
        if n and not used & {i, j}:
            out[i], out[j] = out[j], out[i]
            used |= {i, j}
            n -= 1
    return out, list(tags)


def outside_inserted(tokens: list[str], tags: list[str], share: float, random: Random, known: Mentions) -> Sentence:
    """Returns the sentence with a share of its free tokens once more, each before another free token."""
    free = _free(tokens, tags, known.scheme)
    places = [(random.choice(free), random.choice(free)) for _ in range(_count(share, free) if len(free) > 1 else 0)]
    new_tokens, new_tags = list(tokens), list(tags)
    for place, word in sorted(places, reverse=True):
        if tokens[word] not in (tokens[place], tokens[place - 1] if place else ""):
            new_tokens.insert(place, tokens[word])
            new_tags.insert(place, tags[place])
    return new_tokens, new_tags


TagOperation = Callable[[list[str], list[str], float, Random, Mentions], Sentence]
TAG_OPERATIONS: dict[str, TagOperation] = {
    "mention": mention_replaced,
    "entity_swap": mentions_swapped,
    "delete": outside_deleted,
    "swap": outside_swapped,
    "insert": outside_inserted,
}


def augmented_tags(
    tokens: Sequence[str], tags: Sequence[str], operation: str, share: float, random: Random, known: Mentions
) -> Sentence:
    """Returns a sentence's tokens and tags after one operation; the same where it can do nothing safely.

    Args:
        tokens: The sentence.
        tags: One for each token.
        operation: A key of TAG_OPERATIONS.
        share: Share of the mentions or tokens that are changed; at least one is.
        random: Where chance comes from.
        known: The mentions of the data.
    """
    new = TAG_OPERATIONS[operation](list(tokens), list(tags), share, random, known)
    return new if new[0] and len(new[0]) <= 2 * len(tokens) else (list(tokens), list(tags))


def _free(tokens: Sequence[str], tags: Sequence[str], scheme: Scheme) -> list[int]:
    """The tokens outside of mentions that may be changed: words, no negation nor what it denies, no number."""
    if scheme.is_plain:
        return []  # each tag says something, also O if there is one
    free, denied = [], 0
    for i, (token, tag) in enumerate(zip(tokens, tags, strict=True)):
        denied = still_denied(token, denied)
        if _is_outside(tag) and not (denied or holds_negation(token) or _is_number(token)):
            free.append(i)
    return free


def _is_number(token: str) -> bool:
    """Whether a token has no letters but numerals: 3, 三, 3万. Of 口0, as Weibo's tags have it, 0 is a place."""
    return not any(map(str.isalpha, token)) or is_number("".join(sign for sign in token if not sign.isdigit()))


def _is_outside(tag: str) -> bool:
    return tag in ("O", "o")


def _count(share: float, among: Iterable[int]) -> int:
    n = len(list(among))
    return min(n, max(1, round(share * n)))
