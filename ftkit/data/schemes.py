"""Tag schemes: which one a file's tags follow, what spans they mark, and the same spans in BIO.

All schemes say with a letter before (or behind) a span's type where in the span a token stands. Read leniently, as the
CoNLL script does, one rule fits them all, so that what a tag becomes in BIO depends on it and on the tag before alone.

Source: Ramshaw and Marcus 1995, https://aclanthology.org/W95-0107 (IOB1); Tjong Kim Sang and Veenstra 1999,
https://aclanthology.org/E99-1023 (IOB2, here BIO; IOE1, IOE2); Ratinov and Roth 2009,
https://aclanthology.org/W09-1119 (BILOU); seqeval 1.2.2 for what illegal sequences are read as.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int, str]  # first token, the one behind the last, type

LETTERS = {  # what a scheme writes; where two fit a file equally well, the first is taken
    "BIO": "OBI",
    "BIOES": "OBIES",
    "BILOU": "OBILU",
    "BMES": "OBMES",
    "IO": "OI",
    "IOB1": "OIB",
    "IOE2": "OIE",
    "IOE1": "OIE",
}
_PLACES = "OBIES"  # outside, first, inside, last, single
PLACE = {letter: _PLACES.index(place) for letter, place in zip("OBIESMLU", "OBIESIES", strict=True)}
OUTSIDE, FIRST, INSIDE, LAST, SINGLE = range(5)

_FORMS = {  # how letter and type are written, the usual first
    "B-X": re.compile(r"(?P<letter>[BIESMLU])-(?P<type>\S+)"),
    "B_X": re.compile(r"(?P<letter>[BIESMLU])_(?P<type>\S+)"),
    "X-B": re.compile(r"(?P<type>\S+)-(?P<letter>[BIESMLU])"),
    "X_B": re.compile(r"(?P<type>\S+)_(?P<letter>[BIESMLU])"),
    "b-x": re.compile(r"(?P<letter>[biesmlu])-(?P<type>\S+)"),
    "b_x": re.compile(r"(?P<letter>[biesmlu])_(?P<type>\S+)"),
}
_ALONE = frozenset("OBIESMLU")


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a file's tags are written.

    Attributes:
        name: A key of LETTERS, or ``"plain"`` for tags that mark no spans, such as parts of speech.
        form: ``"B-X"``, ``"B_X"``, ``"X-B"``, ``"X_B"``, ``"b-x"`` or ``"b_x"``; ``"B"`` for letters alone, as in word
            segmentation.
    """

    name: str
    form: str = "B-X"

    @property
    def is_plain(self) -> bool:
        """Whether tags mark no spans."""
        return self.name == "plain"

    @property
    def is_kept(self) -> bool:
        """Whether tags stay as they are: BIO, tags without types, and plain ones."""
        return self.is_plain or self.form == "B" or (self.name, self.form) == ("BIO", "B-X")

    def parts(self, tag: str) -> tuple[str, str] | None:
        """Returns a tag's letter and type (empty if it has none), or None if it is a tag of no scheme.

        Example:
            >>> Scheme("BIOES", "X_B").parts("PER_E")
            ('E', 'PER')
        """
        small = self.form in ("b-x", "b_x")
        if (alone := tag.upper() if small else tag) in _ALONE and len(tag) == 1:
            return alone, ""
        found = _FORMS[self.form].fullmatch(tag) if self.form in _FORMS else None
        return (found["letter"].upper(), found["type"]) if found else None


BIO = Scheme("BIO")
PLAIN = Scheme("plain", "")


# -- which scheme it is


def detect(counts: Mapping[str, int], transitions: Mapping[tuple[str | None, str | None], int]) -> Scheme:
    """Returns the scheme with the fewest transitions that are illegal in it.

    Args:
        counts: How often each tag was seen.
        transitions: How often each pair of adjacent tags was seen; None stands for the start and the end of a
            sentence.

    Example:
        >>> detect({"I-X": 2, "O": 1}, {(None, "O"): 1, ("O", "I-X"): 1, ("I-X", "I-X"): 1, ("I-X", None): 1}).name
        'IO'
    """
    form = _form(counts)
    if not form:
        return PLAIN
    parts = {tag: Scheme("BIO", form).parts(tag) for tag in counts}
    pairs = Counter[tuple[tuple[str, str], tuple[str, str]]]()
    outside = ("O", "")
    for (before, after), n in transitions.items():
        pairs[(parts[before] if before else None) or outside, (parts[after] if after else None) or outside] += n
    letters = Counter[str]()
    for tag, n in counts.items():
        letters[(parts[tag] or outside)[0]] += n
    wrong = {
        name: sum(n for letter, n in letters.items() if letter not in known)
        + sum(n for (a, b), n in pairs.items() if is_illegal(name, PLACE[a[0]], PLACE[b[0]], a[1] == b[1]))
        for name, known in LETTERS.items()
    }
    return Scheme(min(wrong, key=wrong.__getitem__), form)


def detect_in(sentences: Iterable[Sequence[str]]) -> Scheme:
    """Returns the scheme of sentences' tags.

    Example:
        >>> detect_in([["B_PER", "E_PER", "O", "S_LOC"]])
        Scheme(name='BIOES', form='B_X')
    """
    counts, pairs = Counter[str](), Counter[tuple[str | None, str | None]]()
    for tags in sentences:
        counts.update(tags)
        pairs.update(zip([None, *tags], [*tags, None], strict=True))
    return detect(counts, pairs)


def shows_spans(counts: Iterable[str]) -> bool:
    """Returns whether tags say more than ``O``: only then do they tell their scheme."""
    return any(tag != "O" for tag in counts)


def _form(counts: Mapping[str, int]) -> str:
    """Returns how most tags are written; empty if most are of no scheme.

    An unusual form must hold for nine in ten tags, and show ``O`` or one type with two letters: ``s_adj`` and
    ``E_mail`` may be plain.
    """
    rest = {tag: n for tag, n in counts.items() if tag not in _ALONE}
    if not rest:
        return "B" if set(counts) - {"O"} else "B-X"
    fitting = {form: [tag for tag in rest if pattern.fullmatch(tag)] for form, pattern in _FORMS.items()}
    mass = {form: sum(rest[tag] for tag in tags) for form, tags in fitting.items()}
    best = max(mass, key=mass.__getitem__)
    if best == "B-X":
        return "" if sum(rest.values()) > 2 * mass[best] else best
    small = best in ("b-x", "b_x")
    others = sum(n for tag, n in rest.items() if not (small and tag in "biesmluo"))
    types = Counter(found["type"] for tag in fitting[best] if (found := _FORMS[best].fullmatch(tag)))
    shown = "O" in counts or (small and "o" in counts) or any(n > 1 for n in types.values())
    return best if mass[best] and shown and mass[best] >= 0.9 * others else ""


def is_illegal(name: str, before: int, after: int, same: bool) -> bool:
    """Returns whether two places may not follow each other in a scheme; `same` says whether their types are equal."""
    opened, goes_on = before in (FIRST, INSIDE) and same, after in (INSIDE, LAST) and same
    if name == "BIO":
        return after == INSIDE and not opened
    if name == "IOB1":
        return after == FIRST and not opened
    if name == "IOE2":
        return before == INSIDE and not goes_on
    if name == "IOE1":
        return before == LAST and not goes_on
    if name in ("BIOES", "BILOU", "BMES"):
        return (before in (FIRST, INSIDE) or after in (INSIDE, LAST)) and not (opened and goes_on)
    return False


# -- tags and spans

# seqeval's patterns: the place before, this one (a: any), and types that are equal (=), differ (!) or do not matter
_STRICT = {
    "BIO": ("aB*", "BI= II=", "IO* II! IB* BO* BI! BB*"),
    "IO": ("OI* II!", "II=", "II! IO*"),
    "IOB1": ("OI* II! BI* IB= BB=", "BI= II=", "II! IO* IB* BO* BI! BB="),
    "IOE1": ("OI* II! EI* EE=", "II= IE=", "II! IO* IE! EI= EE="),
    "IOE2": ("OI* OE* EI* EE* II! IE!", "IE= II=", "Ea*"),
    "BIOES": ("aB* aS*", "BI= BE= II= IE=", "Sa* Ea*"),
}
_STRICT |= dict.fromkeys(("BMES", "BILOU"), _STRICT["BIOES"])
_WRITTEN = {  # a span's first, inner and last token, and its only one; IOB1 and IOE1 mark where two of a type touch
    "BIO": "BIIB",
    "BIOES": "BIES",
    "BILOU": "BILU",
    "BMES": "BMES",
    "IO": "IIII",
    "IOB1": "IIII",
    "IOE1": "IIII",
    "IOE2": "IIEE",
}


def spans_of(tags: Sequence[str], scheme: Scheme | str | None = None) -> list[Span]:
    """Returns the spans that tags mark, in order: (first token, the one behind the last, type).

    Args:
        tags: One for each token; a tag of another scheme or of none counts as ``O``.
        scheme: The scheme, or its name, to read strictly: what is illegal in it is no span, or a shorter one. None to
            read leniently whatever the scheme: each run of one type is a span.

    Raises:
        KeyError: If there is no such scheme.

    Source: equal to ``seqeval.scheme.Entities``, and for None to seqeval's default ``get_entities``. A type that is not
    written is ``"_"``, as there. (In strict IOE1 a lone ``E-X`` is no span there either.)

    Example:
        >>> spans_of(["I-PER", "I-PER", "O", "B-LOC"])
        [(0, 2, 'PER'), (3, 4, 'LOC')]
        >>> spans_of(["I-PER", "I-PER", "O", "B-LOC"], "BIO")
        [(3, 4, 'LOC')]
    """
    known = Scheme(scheme) if isinstance(scheme, str) else scheme or BIO
    letters = "OBIESMLU" if scheme is None else LETTERS[known.name]
    parsed = [known.parts(tag) for tag in tags]
    read = [(_PLACES[PLACE[p[0]]], p[1] or "_") if p and p[0] in letters else ("O", "_") for p in parsed]
    return _lenient(read) if scheme is None else _strict(read, *_STRICT[known.name])


def _lenient(read: Sequence[tuple[str, str]]) -> list[Span]:
    found, begin, previous, of = list[Span](), -1, "O", "_"
    for i, (place, kind) in enumerate([*read, ("O", "_")]):
        starts = place != "O" and (previous in "OES" or place in "BS" or kind != of)
        if begin >= 0 and (starts or place == "O"):
            found.append((begin, i, of))
            begin = -1
        begin, previous, of = i if starts else begin, place, kind
    return found


def _strict(read: Sequence[tuple[str, str]], starts: str, goes_on: str, ends: str) -> list[Span]:
    def fits(patterns: str, i: int) -> bool:
        (before, of), (place, kind) = rows[i - 1] if i else ("O", "_"), rows[i]
        return any(
            p[0] in (before, "a") and p[1] in (place, "a") and (p[2] == "*" or (of == kind) == (p[2] == "="))
            for p in patterns.split()
        )

    rows, found, i = [*read, ("O", "_")], list[Span](), 0
    while i < len(rows):
        if not fits(starts, i):
            i += 1
            continue
        begin, i = i, i + 1
        while i < len(rows) and fits(goes_on, i):
            i += 1
        if i < len(rows) and fits(ends, i):
            found.append((begin, i, rows[begin][1]))
    return found


def tags_of(spans: Iterable[Span], n: int, scheme: Scheme | str = BIO) -> list[str]:
    """Returns the tags that mark spans: one for each of `n` tokens.

    Args:
        spans: (first token, the one behind the last, type), none over another; the type is ``""`` or ``"_"`` for
            letters alone.
        n: How many tokens there are.
        scheme: The scheme or its name. ``IO`` cannot part two spans of one type that touch.

    Raises:
        KeyError: If there is no such scheme.
        ValueError: If a span is empty, lies outside, or over another.

    Example:
        >>> tags_of([(0, 3, "PER"), (3, 4, "PER")], 5, "BIOES")
        ['B-PER', 'I-PER', 'E-PER', 'S-PER', 'O']
    """
    known = Scheme(scheme) if isinstance(scheme, str) else scheme
    small = known.form in ("b-x", "b_x")
    tags, ordered = ["o" if small else "O"] * n, sorted(spans)
    for k, (begin, end, kind) in enumerate(ordered):
        if not 0 <= begin < end <= n or (k and ordered[k - 1][1] > begin):
            raise ValueError(f"span {begin, end, kind} is empty, over another, or not within {n} tokens")
        first, inside, last, single = tuple(_WRITTEN[known.name])
        if known.name == "IOB1" and k and ordered[k - 1][1:] == (begin, kind):
            first = single = "B"
        if known.name == "IOE1" and k + 1 < len(ordered) and ordered[k + 1][::2] == (end, kind):
            last = single = "E"
        row = [single] if end - begin == 1 else [first, *[inside] * (end - begin - 2), last]
        for i, letter in enumerate(row, begin):
            tags[i] = written(letter.lower() if small else letter, "" if kind == "_" else kind, known.form)
    return tags


def written(letter: str, kind: str, form: str) -> str:
    """Returns a tag: a letter and a type, which may be empty, in a form."""
    if not kind or form == "B":
        return letter
    return form.upper().replace("X", "\0").replace("B", letter).replace("\0", kind)
