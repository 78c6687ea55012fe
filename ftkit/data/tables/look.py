"""What a table's first records show: which columns hold texts, lists, spans, switches, labels."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from statistics import fmean
from typing import Any

from ftkit.data.problems import Problem
from ftkit.data.tables.names import called, is_number
from ftkit.data.tables.table import Table
from ftkit.data.tables.tagged import spans_of
from ftkit.data.tables.values import as_list, as_object, as_switch, as_text, measured, missing

TAG = re.compile(r"O|[BIESMLU][-_]\S+")
HEAD = 500  # records that are looked at
FEW = 4  # rows: below, nothing can have come again and again
SHORT = 24  # characters: labels have at most so many on average
SURE = ("label", "labels", "标签")  # of several columns that may be labels, these are


class Look:
    """A table's first records, and the columns that the user gives.

    Attributes:
        table: The table.
        given: The column of each part that the user names.
        label_names: Names of ids that the user gives.
    """

    def __init__(self, table: Table, given: dict[str, str], label_names: tuple[str, ...] = ()) -> None:
        self.table = table
        self.given = given
        self.label_names = label_names
        self._values: dict[str, list[Any]] = {}

    @cached_property
    def head(self) -> list[dict[str, Any]]:
        """The values of the first records."""
        return [values for _, values in self.table.head(HEAD)]

    def values(self, name: str) -> list[Any]:
        """Returns a column's first values that are not missing."""
        if name not in self._values:
            self._values[name] = [v for values in self.head if not missing(v := values.get(name))]
        return self._values[name]

    def value(self, name: str) -> Any:
        """Returns a column's first value that is not missing; "" if there is none."""
        return next(iter(self.values(name)), "")

    def first(self, part: str, fits: Callable[[str], bool] = lambda name: True) -> str:
        """Returns the column of a part: what the user gives, else the first one called so that fits; else ""."""
        key = "text" if part == "utterance" else part
        if key in self.given:
            return self.given[key]
        taken = set(self.given.values())
        return next((name for name in called(self.table.names, part) if name not in taken and fits(name)), "")

    # -- what a column holds

    def scalar(self, name: str) -> bool:
        """Whether a column holds single values, not lists or objects: in most of its cells."""
        values = self.values(name)
        return 2 * sum(as_text(value) is not None for value in values) >= len(values)

    def listed(self, name: str) -> bool:
        """Whether a column holds lists of single values, or texts with spaces between them."""
        found = [as_object(value) for value in self.values(name)]
        if not found:
            return False
        lists = [value for value in found if isinstance(value, list)]
        if len(lists) == len(found):
            return all(as_text(item) is not None for value in lists for item in value[:20])
        return not lists and all(isinstance(value, str) for value in found) and any(" " in value for value in found)

    def even(self, one: str, other: str) -> bool:
        """Whether nine in ten records have as many items in one column as in the other."""
        pairs = [(_items(values.get(one)), _items(values.get(other))) for values in self.head]
        return bool(pairs) and fmean(a == b for a, b in pairs) >= 0.5 and max(a for a, _ in pairs) > 1

    def tagged(self, body: str, name: str) -> bool:
        """Whether a column holds a tag such as ``B-PER`` for each word or each character of a text."""
        from ftkit.data.tables.tagged import sequences

        pairs = [sequences(values.get(body), values.get(name)) for values in self.head if not missing(values.get(name))]
        even = [pair for pair in pairs if pair and len(pair[0]) == len(pair[1])]
        tags = [str(tag) for _, marks in even for tag in marks]
        return len(tags) > len(even) > len(pairs) / 2 and fmean(bool(TAG.fullmatch(tag)) for tag in tags) > 0.9

    def messages(self, name: str) -> bool:
        """Whether most cells of a column hold lists of objects with a role, or of pairs; a broken one alone is none."""
        from ftkit.data.tables.chats import ROLE_KEYS, TEXT_KEYS

        found = list[bool]()
        for value in self.values(name)[:20]:
            parsed = as_object(value)
            if isinstance(parsed, dict):
                parsed = next((inner for inner in parsed.values() if isinstance(inner, list)), None)
            if not isinstance(parsed, list) or not parsed:
                continue
            first = parsed[0]
            if isinstance(first, dict):
                found.append(any(key in first for key in ROLE_KEYS) and any(key in first for key in TEXT_KEYS))
            else:
                found.append(isinstance(first, str) or (isinstance(first, list) and len(first) == 2))
        return 2 * sum(found) > len(found)

    def word(self, name: str) -> bool:
        """Whether a column holds a word in each cell."""
        return self.scalar(name) and all(len(str(as_text(v)).split()) < 2 for v in self.values(name)[:100])

    def numbered(self, name: str) -> bool:
        """Whether a column numbers groups of rows: a value comes in several rows, or is left out in them."""
        n = len(self.values(name))
        different = len({as_text(value) for value in self.values(name)})
        return self.scalar(name) and bool(n) and (different < n or n < len(self.head) or len(self.head) == 1)

    def spanned(self, name: str) -> bool:
        """Whether a column holds labelled spans of characters."""
        found = [as_object(value) for value in self.values(name)]
        filled = [value for value in found if isinstance(value, (list, dict)) and value]
        return bool(filled) and fmean(not isinstance(spans_of(value), str) for value in filled) > 0.5

    # -- labels

    def body(self) -> str:
        """Returns the column of the texts to be labelled; "" if none is called so."""
        labels = set(self.named_labels())
        for part in ("text", "question", "title", "content"):
            if name := self.first(part, lambda name: name not in labels and self.scalar(name)):
                return name
        return ""

    def named_labels(self) -> list[str]:
        """Returns the columns that are called as labels are."""
        names = [name for name in called(self.table.names, "label") if not self.measured(name)]
        return [name for name in names if name not in self.given.values()] if self.given else names

    def label_columns(self, body: str) -> list[str]:
        """Returns the columns that may be the label of a text: one if its name is sure."""
        names = [name for name in self.named_labels() if name != body]
        titled = called(self.table.names, "title") and called(self.table.names, "content")
        summaries = called(self.table.names, "summary")  # "target" is what people call a summary too
        names = [name for name in names if self.is_label_like(name) or not (titled or name in summaries)]
        sure = [name for name in names if name.strip().casefold() in SURE]
        return sure[:1] or names

    def measured(self, name: str) -> bool:
        """Whether a column holds measurements."""
        return measured(self.values(name))

    def measures(self) -> str:
        """Returns the column that is called a label and holds measurements; "" if none does."""
        return next((name for name in called(self.table.names, "label") if self.measured(name)), "")

    def is_label_like(self, name: str) -> bool:
        """Whether a column holds few short values that come again and again."""
        from ftkit.data.formats.labels import _label_likeness

        if is_number(name) or self.measured(name):
            return False
        if any(as_list(value) is not None for value in self.values(name)):
            return self.listed(name)
        values = [str(as_text(value)).strip() for value in self.values(name)]
        if len(values) < FEW:
            return bool(values) and fmean(map(len, values)) <= SHORT
        return len(set(values)) > 1 and _label_likeness(values) > 0.3

    def label_like(self, body: str) -> list[str]:
        """Returns the columns beside the text that look like labels, whatever they are called."""
        if len(self.head) < FEW:
            return []
        return [name for name in self.table.names if name != body and self.scalar(name) and self.is_label_like(name)]

    def switches(self, body: str) -> list[str]:
        """Returns the 0/1 columns, if they are two or more and no column is called a label."""
        given = [name for key, name in self.given.items() if key.startswith(("label_", "labels_"))]
        if given:
            return given
        if "label" in self.given or "labels" in self.given or not self.head:
            return []
        found = [
            name
            for name in self.table.names
            if name != body
            and not is_number(name)
            and self.values(name)
            and all(as_switch(value) is not None for value in self.values(name))
        ]
        named = [name for name in self.named_labels() if name not in found]
        return found if len(found) > 1 and not named else []

    def one_each(self, columns: list[str]) -> bool:
        """Whether each record has just one of these columns set."""
        return all(sum(bool(as_switch(values.get(name))) for name in columns) == 1 for values in self.head)

    def two_by_content(self) -> dict[str, str] | None:
        """Returns which column is the label, if there are two and one alone looks like it; numbering ones aside."""
        names = [name for name in self.table.names if not is_number(name) or len(self.table.names) == 2]
        names = [name for name in names if self.scalar(name)]
        if len(names) != 2 or len(self.head) < FEW:
            return None
        alike = [self.is_label_like(name) for name in names]
        if alike[0] == alike[1] or any(key not in ("text", "label") for key in self.given):
            return None
        label = names[alike.index(True)]
        return {"text": names[alike.index(False)], "label": label}

    # -- what to say

    def problem(self) -> Problem | None:
        """Returns the first thing that is wrong in a table, for one in which no record can be read."""
        for _ in self.table.records():
            break
        return next(iter(self.table.problems), None)

    def only(self) -> str:
        """Returns the table's first column."""
        return self.table.names[0] if self.table.names else ""

    def guess(self, format: str | None) -> dict[str, str]:
        """Returns what to pass as `columns` if the longest texts and the shortest ones are what is meant."""
        names = [name for name in self.table.names if self.scalar(name) and not is_number(name)] or list(
            self.table.names
        )
        longest = sorted(names, key=lambda name: -self._length(name))
        two = [*longest, *longest, "?", "?"][:2] if len(longest) > 1 else [*longest, "?", "?"][:2]
        keys = {"title": ("content", "title"), "qa": ("answer", "question"), "tags": ("tokens", "tags")}
        if format == "corpus":
            return {"text": two[0]}
        first, second = keys.get(format or "", ("text", "label"))
        like = [name for name in names if name != two[0] and self.is_label_like(name)]
        found = {first: two[0], second: like[0] if like and second == "label" else two[1]}
        return dict(reversed(found.items())) if format in ("title", "qa") else found

    def _length(self, name: str) -> float:
        return fmean(len(str(value)) for value in self.values(name)) if self.values(name) else 0.0


def _items(value: Any) -> int:
    parsed = as_object(value)
    return len(parsed) if isinstance(parsed, list) else len(parsed.split()) if isinstance(parsed, str) else 0
