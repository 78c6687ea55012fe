"""The steps that clean one text, in the order in which they are done; each does one thing.

1. ``unicode``: composes characters (NFC), or also replaces compatibility characters (NFKC: ``①`` becomes ``1``, and
   full-width punctuation ASCII).
2. ``width``: full-width letters, digits and signs become ASCII; Chinese punctuation stays, unless it is ``"ascii"``.
3. ``control``: control and invisible characters go; those that join an emoji or a letter stay.
4. ``markup``: HTML tags go, those that break a line leave a space; character references become characters.
5. ``lower``: lower case.
6. ``urls``: web addresses go, or become ``[url]``.
7. ``emoji``: emoji go. Stars of a rating stay.
8. ``whitespace``: one space for any run of spaces, none at the ends of lines, at most one blank line.

A step can make work for an earlier one (``&lt;b&gt;`` becomes a tag), so they are done until nothing changes: cleaning
a clean text changes nothing.

Source: Unicode Standard Annex #15 (normalisation forms); HTML Living Standard, 4 (elements) and 13.5 (references).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence

Step = Callable[[str], str]

URL_MARK = "[url]"  # in lower case and ASCII, so that no other step changes it
ROUNDS = 30  # references escaped more often than that are an attack, no text

_ASCII_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xFFE0: 0xA2, 0xFFE1: 0xA3, 0xFFE5: 0xA5}
_CHINESE = "！（），．：；？～"  # the punctuation of a Chinese sentence in that block
_POINT = re.compile(r"(?<=\d)．(?=\d)")  # but between two digits it is none
_LETTERS = {code: to for code, to in _ASCII_WIDTH.items() if chr(code) not in _CHINESE}
_TO_ASCII: dict[int, int | str] = {
    **_ASCII_WIDTH,
    **str.maketrans("。、【】〔〕「」『』“”‘’—·", '.,[][]""""""\'\'-.'),
    ord("…"): "...",
}
_WIDE = re.compile("[\u3000\uff01-\uff5e\uffe0\uffe1\uffe5]")
_WIDE_OR_CHINESE = re.compile("[\u3000\uff01-\uff5e\uffe0\uffe1\uffe5。、【】〔〕「」『』“”‘’…—·]")

_ANSI = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
_BREAKS = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb]"
)

# Only names that HTML has: "<unk>", "List<int>", "a < b" and "<3" are text.
_BLOCK = """
address article aside blockquote body br caption center col colgroup dd details dialog div dl dt fieldset figcaption
figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu meta nav
noscript ol optgroup option p pre section select summary table tbody td template textarea tfoot th thead title tr ul
"""
_INLINE = """
a abbr acronym applet area audio b base basefont bdi bdo big button canvas cite code data datalist del dfn em embed
font i img input ins kbd label map mark marquee math meter nobr object output param path picture progress q rp rt ruby
s samp script slot small source span strike strong style sub sup svg time track tt u var video wbr
"""
_BLOCK_NAMES = frozenset(_BLOCK.split())
_NAMES = "|".join(sorted((*_BLOCK_NAMES, *_INLINE.split()), key=lambda name: (-len(name), name)))
_DOCTYPE = re.compile(r"<!doctype\b[^<>]*>", re.I)
_UNSHOWN = tuple(  # what a browser shows nothing of: from here to there
    (re.compile(start, re.I), re.compile(end, re.I))
    for start, end in (
        ("<!--", "-->"),
        (r"<script\b[^<>]*>", r"</script\s{0,9}>"),
        (r"<style\b[^<>]*>", r"</style\s{0,9}>"),
    )
)
_TAG = re.compile(rf"</?({_NAMES})(?:[\s/](?:\"[^\"]{{0,4000}}\"|'[^']{{0,4000}}'|[^<>\"']){{0,4000}}+)?>", re.I)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I)
_ESCAPED_AMPERSANDS = re.compile(r"&(?:amp;)+", re.I)

# ends at a space, a quotation mark, and what no address has: Chinese, Japanese and full-width characters
_URL = re.compile(
    r"(?:(?<![A-Za-z])(?:https?|ftp)://|(?<![\w@./])www\.(?=[\w-]+\.))[^\s<>\"'“”‘’\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\uffef]+",
    re.I,
)
_AFTER_URL = ".,;:!?)]}"  # the sentence's, not the address's
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]|(?:[\u231a\u231b\u23e9-\u23fa\u25fd\u25fe\u2600-\u2604\u2607-\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001faff])"
    "[\ufe0e\ufe0f\u20e3\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*|[\ufe0f\u20e3]+"
)
_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def normalised(form: str) -> Step:
    """Returns the step that brings a text into this Unicode form, ``"NFC"`` or ``"NFKC"``."""

    def step(text: str) -> str:
        return text if text.isascii() else unicodedata.normalize(form, text)  # type: ignore[arg-type]

    return step


def narrowed(text: str) -> str:
    """Returns a text with full-width letters, digits and signs as ASCII, and Chinese punctuation as it is.

    Example:
        >>> narrowed("ＧＰＴ－４，好！")
        'GPT-4，好！'
    """
    return _POINT.sub(".", text.translate(_LETTERS)) if _WIDE.search(text) else text


def narrowed_to_ascii(text: str) -> str:
    """Returns a text with full-width characters and Chinese punctuation as ASCII; 《 and 》 stay: they are no tags.

    Example:
        >>> narrowed_to_ascii("ＧＰＴ－４，好！“嗯”……")
        'GPT-4,好!"嗯"......'
    """
    return text.translate(_TO_ASCII) if _WIDE_OR_CHINESE.search(text) else text


def without_control(text: str) -> str:
    r"""Returns a text without control and invisible characters; line breaks of other systems become ``\n``.

    Example:
        >>> without_control("\x1b[1mgo\u200bod\x00\x1b[0m")
        'good'
    """
    if text.isprintable():
        return text
    text = _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text))


def without_markup(text: str) -> str:
    """Returns a text without HTML tags and comments, character references as characters.

    Example:
        >>> without_markup("<p>Tea &amp; <b>milk</b><br>a &lt; b, <unk>")
        ' Tea & milk a < b, <unk>'
    """
    if "<" in text:
        for start, end in _UNSHOWN:
            text = _without_between(text, start, end)
        text = _TAG.sub(_left_of_a_tag, _DOCTYPE.sub("", text))
    if "&" in text:
        text = _REFERENCE.sub(_character, _ESCAPED_AMPERSANDS.sub("&", text))
    return text


def _without_between(text: str, start: re.Pattern[str], end: re.Pattern[str]) -> str:
    """A search for each end, where a pattern for the whole would search the rest of the text from every start."""
    parts, at = [], 0
    while (first := start.search(text, at)) and (last := end.search(text, first.end())):
        parts += [text[at : first.start()], " "]
        at = last.end()
    return "".join([*parts, text[at:]]) if at else text


def _left_of_a_tag(tag: re.Match[str]) -> str:
    return " " if tag[1].lower() in _BLOCK_NAMES else ""


def _character(reference: re.Match[str]) -> str:
    return html.unescape(reference[0])


def find_urls(text: str) -> list[tuple[int, int]]:
    """Returns where each web address begins and ends; marks of the sentence behind it are not of it."""
    if "://" not in text and "www." not in text.lower():
        return []
    return [(url.start(), url.start() + len(_address(url[0]))) for url in _URL.finditer(text)]


def _address(found: str) -> str:
    kept = found.rstrip(_AFTER_URL)
    if kept.count("(") > kept.count(")") and found[len(kept) :].startswith(")"):
        kept += ")"  # as in https://en.wikipedia.org/wiki/Tea_(disambiguation)
    return kept


def urls_replaced(by: str) -> Step:
    """Returns the step that replaces web addresses by this text."""

    def step(text: str) -> str:
        parts, at = [], 0
        for start, end in find_urls(text):
            parts += [text[at:start], by]
            at = end
        return "".join([*parts, text[at:]]) if at else text

    return step


def without_emoji(text: str) -> str:
    """Returns a text without emoji; ★ and ☆ stay, for they are ratings.

    Example:
        >>> without_emoji("好👍🏽！ ★★☆ 👨‍👩‍👧 1️⃣")
        '好！ ★★☆  1'
    """
    return text if text.isascii() else _EMOJI.sub("", text)


def spaces_joined(text: str) -> str:
    r"""Returns a text with single spaces and at most one blank line, and neither at its ends.

    Example:
        >>> spaces_joined("  one \u3000 two\n\n\n\nthree ")
        'one two\n\nthree'
    """
    text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text))
    return text.strip()


def cleaned_text(text: str, steps: Sequence[tuple[str, Step]]) -> tuple[str, frozenset[str]]:
    """Returns a text after these named steps, repeated until nothing changes, and the names of those that changed it.

    Args:
        text: Any text.
        steps: Names and functions, in order.
    """
    did: set[str] = set()
    for _ in range(ROUNDS):
        before = text
        for name, step in steps:
            after = step(text)
            if after != text:
                text = after
                did.add(name)
        if text == before:
            break
    return text, frozenset(did)
