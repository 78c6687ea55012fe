"""Mends what is in the cells of a record: texts and labels where they are read, and nothing beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftkit.data import privacy
from ftkit.data.fixrows import dumped
from ftkit.data.repair import _ODD, ROUNDS, characters_mended
from ftkit.data.tables.chats import TEXT_KEYS
from ftkit.data.tables.values import as_object, as_text

if TYPE_CHECKING:
    from ftkit.data.tables.shape import Shape
    from ftkit.data.tables.table import Table

TEXTS = ("text", "title", "content", "question", "answer", "input", "system", "token")  # parts that are texts
LISTS = ("messages", "history", "tokens")  # parts that a cell of CSV may have written out

Mend = Callable[[str], str]


def columns_to_mend(shape: Shape, table: Table) -> dict[str, str]:
    """Returns of each column that may be mended the part that it is.

    A text whose spans are counted in characters is none: every position after a repair would be another. Ids, tags,
    roles and columns of 0 and 1 are none either.
    """
    parts = [part for part in (*TEXTS, *LISTS, "label") if part in shape.columns]
    if "spans" in shape.columns:
        parts = []
    return {shape.column(table, part): part for part in parts}


def cell_mended(
    value: Any, part: str, done: set[str], fixes: frozenset[str], private: frozenset[str], found: Counter[str]
) -> Any:
    """Returns a cell mended, and masked.

    Args:
        value: What is in it.
        part: Which part of a row it is.
        done: Gets the kinds of what was repaired.
        fixes: The kinds of what to repair.
        private: The kinds of private data to mask.
        found: Counts what was masked, by kind.
    """
    if part == "label":
        if isinstance(value, list):
            return [label_mended(item, done, fixes) if isinstance(item, str) else item for item in value]
        return label_mended(value, done, fixes) if isinstance(value, str) else value

    def mend(text: str) -> str:
        text = text_mended(text, done, fixes)
        if private and (kinds := [one.kind for one in privacy.find(text) if one.kind in private]):
            found.update(kinds)
            done.add("private_data")
            text = privacy.masked(text, private)
        return text

    if part in LISTS and isinstance(value, str):
        parsed = as_object(value)
        if not isinstance(parsed, (list, dict)):
            return value  # tokens with spaces between them, as many as their tags
        better = _mended(parsed, mend)
        return value if better == parsed else dumped(better)
    if isinstance(value, (str, list, dict)):
        return _mended(value, mend)
    shown = as_text(value) if private else None  # a number may be a telephone's
    return value if not shown or mend(shown) == shown else mend(shown)


def text_mended(text: str, done: set[str], fixes: frozenset[str]) -> str:
    """Returns a text of one or more lines with its characters repaired, and no spaces at its ends."""
    for _ in range(ROUNDS):
        before = text
        if not (text.isascii() and text.isprintable()):
            if "\r" in text and "control_characters" in fixes:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
                done.add("control_characters")
            text = "\n".join(characters_mended(line, done, fixes) for line in text.split("\n"))
        if "spaces" in fixes and (stripped := text.strip()) != text:
            text = stripped
            done.add("spaces")
        if text == before:
            break
    return text


def label_mended(label: str, done: set[str], fixes: frozenset[str]) -> str:
    """Returns a label with its characters repaired, and single spaces between its words."""
    label = text_mended(label, done, fixes)
    if "spaces" in fixes and (better := " ".join(label.translate(_ODD).split())) != label:
        label = better
        done.add("spaces")
    return label


def _mended(value: Any, mend: Mend) -> Any:
    """Returns a value with the texts in it mended: of a message what is said, not who says it."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [_mended(item, mend) for item in value]
    if isinstance(value, dict):
        return {
            key: _mended(item, mend) if key in TEXT_KEYS or isinstance(item, list) else item
            for key, item in value.items()
        }
    return value
