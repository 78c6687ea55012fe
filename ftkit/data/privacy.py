"""Finds telephone numbers, identity cards, e-mail addresses and bank cards in a text: to count them, or mask them.

Precise before complete: what may as well be an order number, a date or a price is left alone. What was found is never
returned for a message, only its kind and place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ftkit.errors import SettingError, did_you_mean
from ftkit.i18n import text as say

MASKS = {
    "mobile": "[PHONE]",
    "landline": "[PHONE]",
    "international": "[PHONE]",
    "identity_card": "[ID]",
    "email": "[EMAIL]",
    "bank_card": "[CARD]",
}
GROUPS = {
    "all": tuple(MASKS),
    "phone": ("mobile", "landline", "international"),
    "id": ("identity_card",),
    "card": ("bank_card",),
}

_ALONE = r"(?<![0-9A-Za-z_.+*#-])(?<![A-Za-z0-9]/)(?<![A-Za-z0-9]=)"  # no piece of a word, a decimal or a link
_NAMED = r"(?:(?<=[Tt]el)|(?<=TEL)|(?<=[Pp]hone))"
_ENDED = r"(?![0-9A-Za-z_*]|[.-]\d|,\d{3}(?!\d)|\s?(?:元|块|圆|万|亿|美元|％|%|[Rr][Mm][Bb]|[Uu][Ss][Dd]))"
# Telephone numbering plan of the mainland: what a mobile number's first digits may be, and which area codes there are
_MOBILE = re.compile(
    rf"(?:{_ALONE}|{_NAMED})(?:(?:\+|00)?86[- ]?)?"
    r"1(?:3\d|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])(?P<gap>[- ]?)\d{4}(?P=gap)\d{4}"
    rf"{_ENDED}|(?<![0-9+])\+86[- ]?1[3-9]\d(?P<gap2>[- ]?)\d{{4}}(?P=gap2)\d{{4}}{_ENDED}"
)
_LANDLINE = re.compile(
    rf"(?:{_ALONE}|(?<![0-9+])\+86[- ]?)"
    r"(?:(?:[(（]0(?:10|2[0-57-9]|[3-9]\d\d)[)）][- ]?|0(?:10|2[0-57-9]|[3-9]\d\d)[- ])[2-8]\d{2,3}[- ]?\d{4})"
    rf"(?:(?:-|转| ?ext\.? ?)\d{{1,5}})?{_ENDED}"
)
# E.164: a country code, then no more than 15 digits in all
_COUNTRY = (
    r"(?:1|7|2[07]|2[1-69]\d|3[0-469]|3[578]\d|4[013-9]|42\d|5[1-8]|5[09]\d|6[0-6]|6[7-9]\d|8[124]|8[0578]\d"
    r"|9[0-58]|9[679]\d)"
)
_INTERNATIONAL = re.compile(rf"(?<![0-9A-Za-z_+*)\]])\+{_COUNTRY}(?:[ .-]?[(]?\d[)]?){{6,14}}(?!\d){_ENDED}")
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z_])(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}"
    r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z_])"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_FILES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".js", ".css", ".py", ".txt")  # "icon@2x.png" is a file
_CARD = re.compile(
    rf"{_ALONE}(?:\d{{16,19}}|\d{{4}}(?P<gap>[ -])\d{{4}}(?:(?P=gap)\d{{4}}){{2}}(?:(?P=gap)\d{{1,3}})?){_ENDED}"
)
_ISSUER = re.compile(r"62|4|5[1-5]|2(?:2[2-9]|[3-6]\d|7[01])|60|35|68")  # ISO/IEC 7812: who issues such cards
# said just before a number, these make it a number of another kind
_NUMBERED = re.compile(
    r"(?:单号?|编号|流水号?|序列号|货号|型号|批号|票号|快递|order|serial|invoice|tracking|sku)[^0-9\n]{0,6}$",
    re.IGNORECASE,
)
_CALLED = re.compile(r"(?:电话|手机|联系|号码|致电|[Tt]el|[Pp]hone|[Cc]all)[^0-9]{0,6}$")
_BEFORE = 16  # characters that are looked at for it
_MAY_HOLD = re.compile(r"[@＠]|\d[-－\d ()（）.．]{8,}\d")
_WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), *map(ord, "＠＋－．＿")]
_HALF = {code: code - 0xFEE0 for code in _WIDE}  # one for one: places stay; a full-width comma ends a number

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


class Found(NamedTuple):
    """Where in a text something private is, and of what kind."""

    kind: str
    start: int
    end: int


def find(text: str) -> list[Found]:
    """Returns what is private in a text, in order and without overlaps.

    Example:
        >>> find("write to li.lei@example.com")
        [Found(kind='email', start=9, end=27)]
    """
    if not _MAY_HOLD.search(text):
        return []
    if not text.isascii():
        text = text.translate(_HALF)
    found = list[Found]()
    for one in _candidates(text):  # the surest kind first: a later one may not overlap it
        if all(one.end <= other.start or other.end <= one.start for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def counts(text: str) -> Counter[str]:
    """Returns how many private things of each kind a text holds.

    Example:
        >>> counts("Call 13800138000, or 010-62345678.")
        Counter({'mobile': 1, 'landline': 1})
    """
    return Counter(one.kind for one in find(text))


def masked(text: str, kinds: Collection[str] | str = tuple(MASKS)) -> str:
    """Returns a text with what is private in it replaced by ``[PHONE]``, ``[ID]``, ``[EMAIL]`` or ``[CARD]``.

    Args:
        text: Any text.
        kinds: Which kinds to mask; see `chosen_kinds`.

    Raises:
        SettingError: If there is no such kind.

    Example:
        >>> masked("打 13800138000，或写信到 li.lei@example.com")
        '打 [PHONE]，或写信到 [EMAIL]'
    """
    wanted = chosen_kinds(kinds)
    while True:  # without the one, another may stand alone
        pieces, at = list[str](), 0
        for kind, start, end in find(text):
            if kind in wanted:
                pieces += [text[at:start], MASKS[kind]]
                at = end
        if not pieces:
            return text
        text = "".join([*pieces, text[at:]])


def chosen_kinds(mask: bool | str | Collection[str]) -> frozenset[str]:
    """Returns the kinds that are meant: all for True or ``"all"``, none for False, ``"phone"`` for all its three kinds.

    Raises:
        SettingError: If there is no such kind.
    """
    if isinstance(mask, bool):
        return frozenset(MASKS) if mask else frozenset()
    chosen = set[str]()
    if mask == "all":
        return frozenset(MASKS)
    for name in [mask] if isinstance(mask, str) else mask:
        if name not in MASKS and name not in GROUPS:
            known = (*GROUPS, *MASKS)
            hint = did_you_mean(str(name), known) or "phone"
            raise SettingError(say("checks.unknown_mask", value=name, known=", ".join(map(repr, known)), hint=hint))
        chosen.update(GROUPS.get(name, (name,)))
    return frozenset(chosen)


def is_identity_card(number: str) -> bool:
    """Returns whether 18 characters are a Chinese citizen's number with the right check character.

    Source: GB 11643-1999, ISO 7064 MOD 11-2.
    """
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    return _CHECK[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11] == number[17].upper()


def passes_luhn(digits: str) -> bool:
    """Returns whether the last digit checks the others, as on a bank card.

    Source: ISO/IEC 7812-1, annex B.
    """
    doubled = "0246813579"
    return sum(int(d if i % 2 == 0 else doubled[int(d)]) for i, d in enumerate(reversed(digits))) % 10 == 0


def _candidates(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text) if "@" in text else ():
        if not match[0].lower().endswith(_FILES):
            yield Found("email", *match.span())
    for match in _IDENTITY.finditer(text):
        if is_identity_card(match[0]):
            yield Found("identity_card", *match.span())
    for match in _INTERNATIONAL.finditer(text) if "+" in text else ():
        digits = sum(c.isdigit() for c in match[0])
        spaced = digits + 1 < len(match[0])
        if (8 if spaced else 10) <= digits <= 15 and _balanced(match[0]):
            yield Found("international", *match.span())
    for kind, pattern in (("mobile", _MOBILE), ("landline", _LANDLINE)):
        for match in pattern.finditer(text):
            if not _is_numbered(text, match.start()):
                yield Found(kind, *match.span())
    for match in _CARD.finditer(text):
        card = re.sub(r"\D", "", match[0])
        in_fours = match["gap"] and card.startswith("62")  # a UnionPay card as it is embossed: one with a slip too
        likely = _ISSUER.match(card) and len(set(card)) > 1 and (in_fours or passes_luhn(card))
        if likely and not _is_numbered(text, match.start()):
            yield Found("bank_card", *match.span())


def _balanced(number: str) -> bool:
    return number.count("(") == number.count(")") <= 1


def _is_numbered(text: str, start: int) -> bool:
    """Returns whether the words before a number say that it is an order's, a parcel's or the like."""
    since = max(0, start - _BEFORE)
    return bool(_NUMBERED.search(text, since, start)) and not _CALLED.search(text, since, start)
