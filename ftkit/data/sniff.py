"""What a file is: whether it is text at all, in which encoding, and in which of the five formats."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftkit.data.blocks import is_utf8, whole_lines
from ftkit.data.formats import FORMATS
from ftkit.data.problems import sentences
from ftkit.data.source import CHUNK, first_fault, read_lines
from ftkit.errors import EncodingError
from ftkit.i18n import text

__all__ = ["HEAD", "Detection", "Encoding", "binary_kind", "detect_encoding", "detect_format", "read_lines"]

HEAD = 2_000  # lines that detection looks at: a file sorted by label still shows several labels
SAMPLE = 1 << 12  # bytes that tell an encoding
ENOUGH = 1 << 20  # bytes of characters beyond ASCII that are UTF-8: no other encoding reads so by chance
SPACE = frozenset(" \t\r\n")
MARKS = (  # the longer first: UTF-16's mark is the beginning of UTF-32's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
SIGNATURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"\xd0\xcf\x11\xe0", "Excel/Word 97-2003"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"\x93NUMPY", "NumPy"),
    (b"\x89HDF", "HDF5"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "exe"),
)
INSIDE_ZIP = {b"xl/": "Excel", b"word/": "Word", b"ppt/": "PowerPoint", b"data.pkl": "PyTorch", b".npy": "NumPy"}
PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95.{8})?[}\]()c\x8cXK]", re.DOTALL)
CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))
# Chinese text of any kind takes a third or more of its characters from these; other bytes read as GB18030, some 3%
COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么"
    "去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全三又关"
    "点正业外将两高间由问很最重并物手应向头文体美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任常先海通教儿原"
    "东声提立及比员解水名真论处走义各入几口认条平系气题活更别打女变四神总何电数安少报才结反受目太量再感建做接必场件计管期市直德资命"
    "山金指许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王完设式色路记南品住告类求据程北边死张该交规万取"
    "這個們來為國說時會對過發後裡種經學現當沒動還進樣開從實與長機關點業將兩間問應頭體見產話給門兒東聲論處義幾認條氣題變總電數報結"
    "，。、：；！？“”‘’（）《》…\u3000"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec to read a file with, and whether the file starts with a byte order mark."""

    name: str
    bom: bool = False


def binary_kind(path: str | Path) -> str | None:
    """Returns what a file that is no text looks like, such as ``"PNG"``: empty if unknown, None if it may be text."""
    with Path(path).open("rb") as file:
        head = file.read(CHUNK)
    if any(head.startswith(mark) for mark, _ in MARKS):
        return None
    if kind := next((kind for signature, kind in SIGNATURES if head.startswith(signature)), ""):
        return kind
    if head.startswith(b"PK\x03\x04"):
        return next((kind for name, kind in INSIDE_ZIP.items() if name in head), "zip")
    if PICKLE.match(head):
        return "pickle"
    if b"\0" in head and _utf_16(head):
        return None
    n_control = len(head) - len(head.translate(None, CONTROL))
    if n_control <= len(head) / 100:
        return None
    # text with a control character in every line is text that wants mending
    is_text = b"\0" not in head and n_control <= len(head) / 10 and not _decoded(head, "utf-8")[1]
    return None if is_text else ""


@dataclass(frozen=True, slots=True)
class NotText:
    """A file in none of the encodings that are tried: its first bytes that are not UTF-8, and an encoding to try."""

    line: int
    byte: int
    raw: str
    hint: str


def detect_encoding(path: str | Path, *, chunk_size: int = CHUNK) -> Encoding:
    """Returns the encoding that a file's bytes show; a few damaged characters do not change it.

    A file that is UTF-8 to its last byte, or for a megabyte of characters beyond ASCII, is UTF-8. Else what follows its
    first wrong byte decides: UTF-8 with damage, GB18030 if it then reads like Chinese, UTF-16 without a mark if it then
    reads like text.

    Args:
        path: The file.
        chunk_size: How many bytes to read at once.

    Raises:
        EncodingError: If it is none of these. Names the line and byte of the first byte that is not UTF-8.
    """
    found = find_encoding(path, chunk_size=chunk_size)
    if isinstance(found, Encoding):
        return found
    name = Path(path).name
    values = {"byte": found.byte, "raw": found.raw, "hint": found.hint, "name": name}
    raise EncodingError(
        f"{name}:{found.line}: " + sentences(text("data.not_text", **values), text("data.not_text.fix", **values))
    )


def find_encoding(path: str | Path, *, chunk_size: int = CHUNK) -> Encoding | NotText:
    """Returns what `detect_encoding` does, or why there is no encoding."""
    with Path(path).open("rb") as file:
        head = file.read(CHUNK)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, bom=True)
    if b"\0" in head and (wide := _utf_16(head)):
        return Encoding(wide)
    fault = None if _begins_as_utf_8(path) else first_fault(path, "utf-8", chunk_size=chunk_size)
    if fault is None:
        return Encoding("utf-8")
    with Path(path).open("rb") as file:
        file.seek(max(0, fault.byte - CHUNK))
        before, after = file.read(min(CHUNK, fault.byte)), file.read(CHUNK)
    decoded, n_bad = _decoded(before + after, "utf-8")
    if sum(c > "\x7f" for c in decoded) > 2 * n_bad:
        return Encoding("utf-8")
    sample = before[before.rfind(b"\n") + 1 :] + after[:SAMPLE]  # from the line's start, where a character starts too
    if _reads_like_chinese(sample, "gb18030"):
        return Encoding("gb18030")
    if wide := _utf_16(head):
        return Encoding(wide)
    hint = "big5" if _reads_like_chinese(sample, "big5") else "cp1252"
    return NotText(fault.line, fault.byte, fault.raw.hex(" "), hint)


def _begins_as_utf_8(path: str | Path) -> bool:
    """Returns whether a file is UTF-8, or so much of its beginning that a fault further on is damage."""
    n_wide = 0
    for _, raw in whole_lines(path):
        if raw.isascii():
            continue
        if not is_utf8(raw):
            return False
        n_wide += int(np.count_nonzero(np.frombuffer(raw, np.uint8) > 0x7F))
        if n_wide >= ENOUGH:
            break
    return True


def _decoded(data: bytes, encoding: str) -> tuple[str, int]:
    """Returns the text and how many faults it has, as U+FFFD. A character cut off at the end is no fault."""
    decoded = codecs.getincrementaldecoder(encoding)("replace").decode(data)
    return decoded, decoded.count("\ufffd")


def _reads_like_chinese(data: bytes, encoding: str) -> bool:
    decoded, n_bad = _decoded(data, encoding)
    wide = [c for c in decoded if c > "\x7f"]
    return n_bad <= len(wide) / 20 and sum(c in COMMON for c in wide) > len(wide) / 5


def _utf_16(head: bytes) -> str | None:
    """Returns ``"utf-16-le"`` or ``"utf-16-be"`` if these bytes, read so, are text with spaces, tabs or line ends."""
    for name in ("utf-16-le", "utf-16-be"):
        decoded, n_bad = _decoded(head[:SAMPLE], name)
        usual = sum("\x20" <= c <= "\x7e" or c in "\t\r\n" or c in COMMON for c in decoded)
        spaced = not SPACE.isdisjoint(decoded)
        if n_bad <= len(decoded) / 20 and usual > len(decoded) / 5 and "\0" not in decoded and spaced:
            return name
    return None


@dataclass(frozen=True, slots=True)
class Detection:
    """How surely a file is in each format.

    Attributes:
        scores: From 0 to 1 by format name, the highest first.
        format: The one format that stands out, or None.
    """

    scores: dict[str, float]
    format: str | None

    @property
    def likely(self) -> str:
        """The format with the highest score, whether it stands out or not."""
        return next(iter(self.scores))

    @property
    def certainty(self) -> float:
        """From 0 to 1: the best score, less half of the next."""
        best, second = list(self.scores.values())[:2]
        return round(best - second / 2, 2)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The formats that are not ruled out, the likeliest first; all if none stands out."""
        return tuple(name for name, score in self.scores.items() if score >= 0.2) or tuple(self.scores)


def detect_format(head: Sequence[str], suffix: str = "") -> Detection:
    """Returns how surely the first lines of a file are in each of the five formats.

    Args:
        head: Lines without their ends; the whole file if it is short.
        suffix: The file name's ending, such as ``".conll"``.
    """
    lines = list(head)
    while lines and not lines[-1].strip():  # blank lines mean something between rows only
        lines.pop()
    scores = {name: known.sniff(lines) for name, known in FORMATS.items()}
    for name, known in FORMATS.items():
        if suffix.lower() in known.suffixes and scores[name] > 0.2:
            scores[name] = min(1.0, scores[name] + 0.1)
    scores = dict(sorted(scores.items(), key=lambda item: -item[1]))
    (best, score), (_, second) = list(scores.items())[:2]
    return Detection(scores, best if score >= 0.45 and score - second >= 0.15 else None)
