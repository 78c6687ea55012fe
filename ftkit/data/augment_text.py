"""Label-safe changes of one text: words deleted, swapped, inserted or replaced, and noise in characters.

Never touched: negations and what is behind them in their clause ("not very good" must become neither "very good" nor
"not cheap"), Chinese words that hold one (不错 is the judgement itself), words such as "but", numbers, web addresses,
and signs, but for their width. Words stay in their clause: "dear, but good" must not become "good, but dear". A text
never loses its last word and never becomes twice as long.
No rule can tell which word the label hangs on: look at `show_augmented` before you train.

Source: Wei and Zou 2019, "EDA", https://aclanthology.org/D19-1670: n = share * words, at least 1. Other than there,
words change places with one of the next three, and what is inserted is a word of the same clause, which needs no data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from random import Random
from typing import Any

from ftkit.data.clean_text import find_urls
from ftkit.data.words import HAN, NEGATIONS, has_chinese, is_installed, spans, stop_words
from ftkit.errors import SettingError
from ftkit.i18n import text as said

REACH = 3  # words from one to another that it may change places with
SCOPE = 4  # words behind a negation that it may deny
_WORDS_THAT_SEEM_TO = """
非常 特别 别人 区别 分别 级别 性别 别墅 告别 未来 无线 无论 无比 不过 不仅 不但 不管 不论 不断 不同 不错 非洲
莫非 是否 否则
"""
_WORDS_OF_CONTRAST = (
    "but however although though yet while whereas except 但 但是 可是 不过 然而 虽然 虽 而 却 只是 除了"
)
_NOT = frozenset("不没无非未别莫勿毋否")
_AUXILIARIES = "do does did is are was were has have had ca could wo would should must need might ai sha"
_SAY_NO = NEGATIONS | {f"{verb}{end}" for verb in _AUXILIARIES.split() for end in ("n't", "nt")}
_SEEM_TO = frozenset(_WORDS_THAT_SEEM_TO.split())
_BUT = frozenset(_WORDS_OF_CONTRAST.split())
_QUOTES = "'’\"“”‘"
_NUMERALS = frozenset("〇零一二两三四五六七八九十百千万亿半第几")
_HAN = re.compile(f"[{HAN}]")
_INNER = 5  # letters that a Latin word must have for noise, so that it can still be read
_WIDTHS = str.maketrans("，！？；,!?;", ",!?;，！？；")


@dataclass(slots=True)
class Piece:
    """A word or sign of a text.

    Attributes:
        gap: The white space before it.
        word: Its letters.
        free: Whether it may be changed.
        clause: The how manieth clause of the text it is in.
    """

    gap: str
    word: str
    free: bool
    clause: int = 0


def is_negation(word: str) -> bool:
    """Returns whether a word says no.

    Example:
        >>> [is_negation(word) for word in ("not", "Don't", "no-one", "没有", "非常")]
        [True, True, True, True, False]
    """
    low = word.lower().replace("’", "'")
    return not _SAY_NO.isdisjoint((low, *low.split("-"))) or (bool(_NOT.intersection(low)) and low not in _SEEM_TO)


def holds_negation(word: str) -> bool:
    """Returns whether a Chinese word has a sign of a negation, whatever it means: 不错 is often the judgement.

    Example:
        >>> [holds_negation(word) for word in ("不错", "无聊", "非常", "很好")]
        [True, True, True, False]
    """
    return not _NOT.isdisjoint(word)


def is_number(word: str) -> bool:
    """Returns whether a word is or holds a number, in digits or in Chinese.

    Example:
        >>> [is_number(word) for word in ("3.5%", "GPT-4", "三百", "tea")]
        [True, True, True, False]
    """
    return any(map(str.isdigit, word)) or all(sign in _NUMERALS for sign in word)


def pieces_of(text: str) -> tuple[list[Piece], str]:
    """Returns a text's words and signs, and the white space behind them; together they are the text.

    Chinese is cut into words if jieba is installed, else into characters.
    """
    pieces: list[Piece] = []
    at = denied = clause = 0
    for start, end, is_url in _spans(text):
        word = text[start:end]
        letters = any(map(str.isalpha, word))
        denied = still_denied(word, denied)
        sign = not any(map(str.isalnum, word)) and word not in _QUOTES
        but = word.lower() in _BUT
        clause += sign or but or denied > SCOPE
        kept = denied or is_url or is_number(word) or but or holds_negation(word)
        pieces.append(Piece(text[at:start], word, letters and not kept, clause))
        at = end
    return pieces, text[at:]


_pieces_of = lru_cache(maxsize=64)(pieces_of)  # every copy of a text asks; no operation changes what it is given


def still_denied(word: str, denied: int) -> int:
    """Returns how many words from this one on a negation may deny; 0 if this one is free.

    Args:
        word: A word or sign; "but" and signs end what is denied, quotation marks do not.
        denied: What this returned for the word before it.
    """
    if is_negation(word):
        return SCOPE + 1
    if (any(map(str.isalnum, word)) and word.lower() not in _BUT) or word in _QUOTES:
        return max(0, denied - 1)
    return 0


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    at = 0
    for first, last in (*find_urls(text), (len(text), len(text))):
        for start, end in _words(text[at:first]):
            yield at + start, at + end, False
        if first < last:
            yield first, last, True
        at = last


def _words(text: str) -> Iterator[tuple[int, int]]:
    if has_chinese(text) and not is_installed("jieba"):
        found = (m.span() for m in re.finditer(f"[{HAN}]|[^\\s{HAN}]+", text))
        for start, end in found:
            if _HAN.match(text[start]):
                yield start, end
            else:
                yield from ((start + a, start + b) for a, b in spans(text[start:end]))
    else:
        yield from spans(text)


def written(pieces: Sequence[Piece], rest: str = "") -> str:
    """Returns pieces as a text; the first keeps no white space that another left behind."""
    return "".join(part for piece in pieces for part in (piece.gap, piece.word)) + rest


def deleted(pieces: list[Piece], share: float, random: Random) -> list[Piece]:
    """Returns pieces without a share of the free words; of all words at least one stays."""
    free = [i for i, piece in enumerate(pieces) if piece.free]
    n_words = sum(any(map(str.isalnum, piece.word)) for piece in pieces)
    n = min(_count(share, free), n_words - 1, len(free))
    return _without(pieces, set(random.sample(free, max(0, n))))


def _without(pieces: Sequence[Piece], gone: set[int]) -> list[Piece]:
    kept = [replace(piece) for i, piece in enumerate(pieces) if i not in gone]
    if kept and 0 in gone:
        kept[0].gap = pieces[0].gap
    return kept


def _apart(pieces: Sequence[Piece]) -> list[Piece]:
    """Parts Latin words between which there is no longer a Chinese one."""
    out = list(pieces)
    for i, (before, piece) in enumerate(pairwise(pieces), 1):
        if not piece.gap and _is_latin(before.word[-1]) and _is_latin(piece.word[0]):
            out[i] = replace(piece, gap=" ")
    return out


def _is_latin(sign: str) -> bool:
    return sign.isalnum() and not _HAN.match(sign)


def swapped(pieces: list[Piece], share: float, random: Random) -> list[Piece]:
    """Returns pieces of which a share of the free words have changed places with one of the next three."""
    words = [piece.word for piece in pieces]
    free = [i for i, piece in enumerate(pieces) if piece.free]
    pairs = [
        (i, j)
        for k, i in enumerate(free)
        for j in free[k + 1 : k + 1 + REACH]
        if words[i] != words[j] and pieces[i].clause == pieces[j].clause
    ]
    random.shuffle(pairs)
    n, used = _count(share, free), set[int]()
    for i, j in pairs:
        if n and not used & {i, j}:
            words[i], words[j] = words[j], words[i]
            used |= {i, j}
            n -= 1
    return [replace(piece, word=word) for piece, word in zip(pieces, words, strict=True)]


def inserted(pieces: list[Piece], share: float, random: Random) -> list[Piece]:
    """Returns pieces with a share of the free words once more, each before another free word."""
    free = [i for i, piece in enumerate(pieces) if piece.free]
    out, places = list(pieces), []
    for _ in range(_count(share, free)):
        chosen = random.choice(free)
        word = pieces[chosen].word
        fitting = [i for i in free if pieces[i].clause == pieces[chosen].clause and not _is_beside(pieces, i, word)]
        if fitting:
            places.append((random.choice(fitting), word))
    for place, word in sorted(places, reverse=True):
        here = out[place]
        latin = not (_HAN.match(here.word[0]) and _HAN.match(word[-1]))
        between = " " if latin or (here.gap and here.gap.isspace()) else ""
        out[place : place + 1] = [replace(here, word=word), replace(here, gap=between)]
    return out


def _is_beside(pieces: Sequence[Piece], place: int, word: str) -> bool:
    """Whether the word before a place, or the one there, is this word: said twice, it would mean more."""
    return any(pieces[i].word.lower() == word.lower() for i in (place - 1, place) if i >= 0)


def with_synonyms(pieces: list[Piece], share: float, random: Random) -> list[Piece]:
    """Returns pieces with a share of the free English words replaced by a synonym of their commonest sense."""
    choices = {i: found for i, piece in enumerate(pieces) if piece.free and (found := synonyms(piece.word.lower()))}
    chosen = random.sample(
        sorted(choices), min(_count(share, [i for i, p in enumerate(pieces) if p.free]), len(choices))
    )
    out = list(pieces)
    for i in chosen:
        word = random.choice(choices[i])
        out[i] = replace(pieces[i], word=word.capitalize() if pieces[i].word[:1].isupper() else word)
    return out


def with_noise(pieces: list[Piece], share: float, random: Random) -> list[Piece]:
    """Returns pieces with slips of the hand: characters left out, doubled or in the wrong order, signs of other width.

    Of Latin words only those of five letters or more, and in these only the letters inside.
    """
    sites: list[tuple[int, int]] = []  # piece, character
    chinese = any(_HAN.match(piece.word) for piece in pieces)
    for i, piece in enumerate(pieces):
        if piece.free and _HAN.search(piece.word):
            sites += [(i, k) for k in range(len(piece.word))]
        elif piece.free and len(piece.word) >= _INNER:
            sites += [(i, k) for k in range(1, len(piece.word) - 2)]
        elif chinese and len(piece.word) == 1 and piece.word.translate(_WIDTHS) != piece.word:
            sites.append((i, 0))
    n_free = sum(piece.free for piece in pieces)
    words = [piece.word for piece in pieces]
    for i, k in random.sample(sites, min(_count(share, sites), len(sites))):
        if words[i] == pieces[i].word:  # one slip a word
            words[i] = _slip(words[i], k, pieces[i].free, random, n_free > 1)
    new = [replace(piece, word=word) for piece, word in zip(pieces, words, strict=True)]
    return _without(new, {i for i, word in enumerate(words) if not word})


def _slip(word: str, k: int, letters: bool, random: Random, may_vanish: bool) -> str:
    if not letters:
        return word.translate(_WIDTHS)
    kind = random.choice(("delete", "double", "turn"))
    if kind == "delete" and (len(word) > 1 or may_vanish):
        return word[:k] + word[k + 1 :]
    if kind == "turn" and k + 1 < len(word):
        return word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    return word[: k + 1] + word[k:]


Operation = Callable[[list[Piece], float, Random], list[Piece]]
OPERATIONS: dict[str, Operation] = {
    "delete": deleted,
    "swap": swapped,
    "insert": inserted,
    "synonym": with_synonyms,
    "noise": with_noise,
}


def augmented_text(text: str, operation: str, share: float, random: Random) -> str:
    """Returns a text after one operation; the same text where it can do nothing safely.

    Args:
        text: Any text.
        operation: A key of OPERATIONS.
        share: Share of the words, or for ``"noise"`` of the characters, that are changed; at least one is.
        random: Where chance comes from.
    """
    pieces, rest = _pieces_of(text)
    new = OPERATIONS[operation](pieces, share, random)
    if new == pieces:
        return text
    out = written(_apart(new), rest)
    return out if out.strip() and len(out) <= 2 * len(text) else text


def _count(share: float, among: Sequence[Any]) -> int:
    return min(len(among), max(1, round(share * len(among))))


# -- synonyms


@cache
def synonyms(word: str) -> tuple[str, ...]:
    """Returns the other English words of a word's usual sense, from WordNet; none for an inflected form.

    Rare synonyms are left out, and so are those of words that often mean something else: "want" is no "privation".
    """
    wordnet = wordnet_reader()
    if not word.isascii() or not word.isalpha() or word in stop_words("en") or wordnet.morphy(word) != word:
        return ()
    lemmas = [lemma for sense in wordnet.synsets(word) for lemma in sense.lemmas() if lemma.name() == word]
    counts = [lemma.count() for lemma in lemmas]  # how often in texts that were tagged by hand
    if not counts or 2 * max(counts) <= sum(counts):
        return ()  # the word has no sense that is meant more often than all others together
    sense = lemmas[counts.index(max(counts))].synset()
    names = (lemma.name() for lemma in sense.lemmas() if lemma.count())
    return tuple(sorted({name for name in names if name.isalpha() and name.islower() and name != word}))


@cache
def wordnet_reader() -> Any:
    """Returns nltk's WordNet, ready to be asked.

    Raises:
        SettingError: If nltk or its data is not installed; nothing is downloaded.
    """
    try:
        from nltk.corpus import wordnet

        wordnet.ensure_loaded()
    except ImportError as error:
        raise SettingError(said("augment.no_nltk")) from error
    except (LookupError, OSError) as error:  # the folder is not there, or a file of it is not
        raise SettingError(said("augment.no_wordnet")) from error
    return wordnet
