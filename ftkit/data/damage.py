"""What damaged bytes are and, where it is certain, the text that they were; and separators that are no tabs."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from ftkit.data.sniff import COMMON

Kind = Literal["cesu8", "mixed", "utf16_part", "truncated", "double_encoded", "unknown"]
Separator = Literal[
    "literal_tab", "spaces_for_tab", "fullwidth_space", "doubled_tab", "comma_for_tab", "fullwidth_comma"
]

SURE = 6  # Chinese characters: fewer may be others in another encoding by chance

_ROW = 1_000  # bytes: a token's row is no longer

_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_HIGH_AT_END = re.compile(rb"(?P<token>[^\t ]*\xed[\xa0-\xaf][\x80-\xbf])(?P<rest>[\t ].*)", re.DOTALL)
_LOW_AT_START = re.compile(rb"(?P<token>\xed[\xb0-\xbf][\x80-\xbf][^\t ]*)(?P<rest>[\t ].*)", re.DOTALL)
_IN_TURN = re.compile(rb"(?P<before>[\t ].*?)[BI]-(?P<type>\S+)$|(?P<other>.*)", re.DOTALL)
_THREE_BYTES = re.compile(rb"[\xe2-\xe9\xef][\x80-\xbf][\x80-\xbf]")  # a Chinese character, or its punctuation
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")

# cp1252 where it is certain: a letter of French, German, Spanish… in a word, or a sign of typography; not what cp1250
# (Polish, Czech) has at the same place, as ê for ę
_WESTERN = re.compile(
    r"(?:[\0-\x7f]|(?<=[A-Za-z])[àáâäçèéêëîïíñóôöùúûüß]|[çéàêâîô](?=[a-z])|[ÀÁÄÇÈÉÍÑÓÖÜ](?=[a-z]{2})"
    r"|(?<![^A-Za-z0-9 .,;!?])[‘’“”–—…€\xa0](?=[A-Za-z0-9 .,;!?]|$))*"
)
_CIRCUMFLEX_ALONE = re.compile("[^éèàçùûôâîïë]*ê[^éèàçùûôâîïë]*")
_ASCII_LETTERS = re.compile(rb"[A-Za-z]")

# UTF-8 read as Latin-1 or cp1252: a first byte of 2 to 4, then what its other bytes look like
_CONTINUED = "\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™"
_TWICE = re.compile(f"[\xc2-\xf4][{_CONTINUED}]|[\xe3-\xe9][{_CONTINUED}] ")
_LOST_A0 = re.compile(f"([\xe3-\xe9][{_CONTINUED}]) ")  # U+00A0, which an editor has made a space
_QUOTED_CAPITAL = re.compile("[A-Z\xc0-\xde][\xc2-\xde][»”’]")  # «CAFÉ» is no damage
# UTF-8 read as GB18030: what 的 是 ， 。 、 一 in 不 turn into, hardly ever met elsewhere
_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef‘’“”…—·]")
_TWICE_IN_GB = re.compile("[锛銆鐨涓鏄浜鎴鍦浣]")


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a line's bytes.

    Attributes:
        kind: ``"cesu8"`` (an emoji as two surrogates), ``"mixed"`` (another encoding than the file's),
            ``"utf16_part"``, ``"truncated"`` (half a character), ``"double_encoded"`` (encoded twice) or ``"unknown"``.
        detail: The encoding that it reads as; else the bytes, in hexadecimal.
    """

    kind: Kind
    detail: str


def explain(raw_line: bytes, encoding: str) -> Damage | None:
    """Returns what is wrong with a line's bytes; None if nothing is.

    Args:
        raw_line: The line without its end.
        encoding: The codec that the file is read in.

    Example:
        >>> explain("这个酒店很好".encode("gb18030"), "utf-8")
        Damage(kind='mixed', detail='gb18030')
    """
    return decoded(raw_line, encoding)[1]


def repaired(raw_line: bytes, encoding: str) -> str | None:
    r"""Returns the text that a damaged line was where that is certain; None where it is not, and of a sound line.

    Example:
        >>> repaired(b"\xed\xa0\xbd\xed\xb8\x80", "utf-8")
        '😀'
    """
    text, damage = decoded(raw_line, encoding)
    return text if damage else None


def decoded(raw_line: bytes, encoding: str) -> tuple[str | None, Damage | None]:
    """Returns a line's text, None if that is not certain, and what was wrong with its bytes, None if nothing was."""
    name = codecs.lookup(encoding).name
    try:
        text = raw_line.decode(name)
    except UnicodeDecodeError as error:
        return _of_damaged(raw_line, name, error)
    if "\0" in text and (wide := _utf_16(raw_line)):
        return wide[0], Damage("utf16_part", wide[1])
    if name != "utf-8" and not text.isascii() and (other := _as_utf_8(raw_line)):
        return other, Damage("mixed", "utf-8")
    if better := mojibake(text):
        return better, Damage("double_encoded", "utf-8")
    return text, None


def joined(first: bytes, second: bytes) -> str | None:
    r"""Returns the one row that two rows of tokens were, if an emoji was torn into its two surrogates between them.

    Example:
        >>> joined(b"\xed\xa0\xbd\tO", b"\xed\xb0\xad\tO")
        '🐭\tO'
    """
    if max(len(first), len(second)) > _ROW:
        return None
    high, low = _HIGH_AT_END.fullmatch(first), _LOW_AT_START.fullmatch(second)
    if not high or not low or _untagged(high["rest"]) != _untagged(low["rest"]):
        return None
    return _with_pairs(high["token"] + low["token"] + high["rest"])


def mojibake(text: str) -> str | None:
    """Returns the text that was encoded twice, such as 你好 of ``ä½\xa0å¥½`` or of ``浣犲ソ``; None if it was not.

    Conservative: what may be right as it stands is left so. Tabs stay as many as there were.

    Source: ftfy's heuristic for Latin-1 and its kin, https://ftfy.readthedocs.io/en/latest/heuristic.html
    """
    better = text
    if _TWICE_IN_GB.search(text):
        better = "\t".join(map(_twice_in_gb, text.split("\t")))
    if _TWICE.search(better) and not (_QUOTED_CAPITAL.search(better) and len(_TWICE.findall(better)) == 1):
        better = _twice_in_latin(better)
    same_shape = better.count("\t") == text.count("\t") and not re.search(r"[\r\n]", better)
    return better if better != text and same_shape and better.count("\ufffd") <= text.count("\ufffd") else None


def separators(line: str, labels: Collection[str] = ()) -> Separator | None:
    r"""Returns what a line has where a tab belongs; None if it has single tabs, or nothing that is surely meant so.

    Args:
        line: A line without its end.
        labels: The labels known from other rows: with them one space or comma is enough.

    Example:
        >>> separators("正面　很好看"), separators("正面 很好看"), separators("正面 很好看", {"正面"})
        ('fullwidth_space', None, 'spaces_for_tab')
    """
    if "\t" in line:
        return "doubled_tab" if "\t\t" in line else None
    if "\\t" in line:
        return "literal_tab"
    kinds: tuple[Separator, ...] = ("spaces_for_tab", "comma_for_tab", "fullwidth_comma", "fullwidth_space")
    for kind in kinds if labels else ():
        if _beside_label(line, kind, labels):
            return kind
    if len(_FULLWIDTH.findall(line.strip())) == 1:
        return "fullwidth_space"
    return "spaces_for_tab" if len(_SPACES.findall(line.strip())) == 1 else None


def with_tabs(line: str, kind: Separator, labels: Collection[str] = ()) -> str:
    r"""Returns a line with tabs in place of its separators of this kind, as `separators` named it.

    Example:
        >>> with_tabs("正面　很好看", "fullwidth_space")
        '正面\t很好看'
    """
    if kind == "doubled_tab":
        return re.sub("\t+", "\t", line)
    if kind == "literal_tab":
        return line.replace("\\t", "\t")
    if two := _beside_label(line, kind, labels):
        return "\t".join(two)
    return _GAPS[kind].sub("\t", line.strip(), count=1)


_SPACES = re.compile(" {2,}")
_FULLWIDTH = re.compile("(?<![ \u3000]) *\u3000[ \u3000]*")
_GAPS: dict[str, re.Pattern[str]] = {
    "spaces_for_tab": _SPACES,
    "fullwidth_space": _FULLWIDTH,
    "comma_for_tab": re.compile("(?<! ) *, *"),
    "fullwidth_comma": re.compile("(?<! ) *， *"),
}


def _beside_label(line: str, kind: Separator, labels: Collection[str]) -> tuple[str, str] | None:
    """Returns the two columns, if one of them, before the first such gap or after the last, is a known label."""
    gap = re.compile(" +") if kind == "spaces_for_tab" else _GAPS[kind]
    gaps = list(gap.finditer(line := line.strip()))
    for at in gaps[:1] + gaps[-1:]:
        first, second = line[: at.start()], line[at.end() :]
        if first and second and (first in labels if at is gaps[0] else False):
            return first, second
        if first and second and at is gaps[-1] and second in labels:
            return first, second
    return None


def _of_damaged(raw: bytes, name: str, error: UnicodeDecodeError) -> tuple[str | None, Damage]:
    """Returns what `decoded` does for bytes that are no text in their encoding."""
    if name == "utf-8" and _is_cesu8(raw):
        return _with_pairs(raw), Damage("cesu8", _SURROGATE.findall(raw)[0].hex(" "))
    if b"\0" in raw and (wide := _utf_16(raw)):
        return wide[0], Damage("utf16_part", wide[1])
    cells = raw.split(b"\t")  # label and text may come from two files
    codec = None if any(map(_as_utf_8, cells)) and name == "utf-8" else _reads_as(raw, name)
    if codec:
        return raw.decode(codec), Damage("mixed", codec)
    read = [_cell(cell, name) for cell in cells]
    others = {codec for text, codec in filter(None, read) if codec != name and not text.isascii()}
    if all(read) and len(others) == 1:
        return "\t".join(text for text, _ in filter(None, read)), Damage("mixed", others.pop())
    bad = raw[error.start : error.end]
    cut = "incomplete" in error.reason or "unexpected end" in error.reason or "continuation" in error.reason
    return None, Damage("truncated" if cut else "unknown", bad.hex(" "))


def _cell(raw: bytes, name: str) -> tuple[str, str] | None:
    """Returns a cell's text and its encoding; None if that cannot be told."""
    try:
        return raw.decode(name), name
    except UnicodeDecodeError:
        codec = _reads_as(raw, name)
        return (raw.decode(codec), codec) if codec else None


def _reads_as(raw: bytes, name: str) -> str | None:
    """Returns the encoding, other than `name`, that bytes are surely in."""
    if name != "utf-8":
        return "utf-8" if _as_utf_8(raw) else None
    n_high = sum(map(len, _HIGH_BYTES.findall(raw)))
    if 3 * len(_THREE_BYTES.findall(raw)) > n_high / 4:
        return None  # mostly UTF-8 all the same: one character is damaged
    scores = {codec: _chineseness(raw, codec) for codec in ("gb18030", "big5")}
    best = max(scores, key=lambda codec: scores[codec])
    if scores[best] > 0.9 and scores[best] - min(scores.values()) > 0.2:
        return best
    return "cp1252" if _is_western(raw) else None


def _chineseness(raw: bytes, codec: str) -> float:
    """Returns how surely bytes are Chinese in a codec: near 1 if all characters are of its frequent half."""
    try:
        wide = [c for c in raw.decode(codec) if c > "\x7f"]
        first = [c.encode(codec)[0] for c in wide]
    except UnicodeError:
        return 0.0
    if len(wide) < SURE or COMMON.isdisjoint(wide):
        return 0.0
    frequent = sum(0xB0 <= b <= 0xD7 or 0xA1 <= b <= 0xA3 for b in first)
    if codec == "big5":
        frequent = sum(0xA1 <= b <= 0xC6 for b in first)
    common = sum(c in COMMON for c in wide) / len(wide)
    return frequent / len(wide) + min(0.5, common) - (0.1 if codec == "gb18030" else 0.3)  # Big5 is the rarer one


def _is_western(raw: bytes) -> bool:
    runs = _HIGH_BYTES.findall(raw)
    if any(len(run) > 1 for run in runs) or len(_ASCII_LETTERS.findall(raw)) < max(4, 2 * len(runs)):
        return False
    text = raw.decode("cp1252", "replace")
    return bool(_WESTERN.fullmatch(text)) and not _CIRCUMFLEX_ALONE.fullmatch(text)


def _as_utf_8(raw: bytes) -> str | None:
    """Returns bytes as UTF-8 if they are, and are Chinese: two characters of another encoding may be both by chance."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    wide = [c for c in text if c > "\x7f"]
    chinese = sum("\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef" for c in wide)
    return text if chinese >= SURE or (chinese >= 2 and chinese > 0.8 * len(wide)) else None


def _utf_16(raw: bytes) -> tuple[str, str] | None:
    """Returns a line of UTF-16 in another file, and which; its line end may have left a zero byte at a side."""
    for codec, cut in (("utf-16-le", raw[1:] if len(raw) % 2 and raw[:1] == b"\0" else raw), ("utf-16-be", raw)):
        whole = cut[:-1] if len(cut) % 2 and cut[-1:] == b"\0" else cut
        try:
            text = whole.decode(codec)
        except UnicodeDecodeError:
            continue
        usual = sum("\x20" <= c <= "\x7e" or c == "\t" or c in COMMON for c in text)
        if len(text) > 1 and usual > 0.8 * len(text) and "\0" not in text:
            return text, codec
    return None


def _is_cesu8(raw: bytes) -> bool:
    """Returns whether surrogates are all that is wrong: GB18030 has their bytes too, as in 错。"""
    try:
        return bool(_SURROGATE.search(raw)) and bool(raw.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return False


def _with_pairs(raw: bytes) -> str | None:
    """Returns CESU-8 as text; None if a surrogate has lost its other half."""
    try:
        return raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None


def _untagged(rest: bytes) -> tuple[bytes | None, bytes | None]:
    """Returns a row's columns after the token in which B- and I- of one type are the same."""
    found = _IN_TURN.fullmatch(rest)
    return (found["before"], found["type"]) if found and found["type"] else (rest, None)


def _twice_in_gb(cell: str) -> str:
    try:
        # cp936 reads a lone byte 80 as the euro sign
        better = b"\x80".join(part.encode("gb18030") for part in cell.split("€")).decode("utf-8")
    except UnicodeError:
        return cell
    wide = [c for c in better if c > "\x7f"]
    common = sum(c in COMMON for c in wide)
    sure = len(wide) >= 2 and 3 * common >= len(wide) and all(_CHINESE.match(c) for c in wide)
    return better if sure else cell


def _twice_in_latin(text: str) -> str:
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.badness import is_bad

    config = TextFixerConfig(unescape_html=False, replace_lossy_sequences=False, fix_c1_controls=False)
    better: str = fix_encoding(text, config)
    spaced = _LOST_A0.sub("\\1\xa0", better)
    if spaced != better and not is_bad(restored := fix_encoding(spaced, config)):
        return restored
    return better
