"""Texts that are both in the rows that are learnt and in those that are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data.copies import text_hashes
from ftkit.data.folded import folded, normalised
from ftkit.data.growing import Array, Growing, blank, first_equal, spans
from ftkit.data.near import Near, Signatures, asked_for, similarities
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset

ROWS = 4_096  # read at once
NAMED = 20  # pairs


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many rows of another Dataset are in the training rows too.

    Attributes:
        n_rows: How many rows the other has.
        n_equal: How many of them have a text that is in the training rows, but for case, width and spaces.
        n_near: How many others are nearly equal to one; 0 if these were not looked for.
        pairs: The first 20, equal ones first: (source in train, source in the other, similarity up to 1).
        near: Whether near-duplicates were looked for.
    """

    n_rows: int
    n_equal: int
    n_near: int
    pairs: tuple[tuple[str, str, float], ...]
    near: bool

    def __bool__(self) -> bool:
        """Returns whether there is any overlap."""
        return bool(self.n_equal or self.n_near)

    def message(self, train: str, other: str) -> str:
        """Returns one sentence about it, with the first pair's files and lines; "" if there is none.

        Args:
            train: What the training rows are called.
            other: What the others are called.
        """
        if not self:
            return ""
        first, second, similarity = self.pairs[0]
        kind = "both" if self.n_equal and self.n_near else "equal" if self.n_equal else "near"
        values = {"rows": self.n_rows, "train": train, "other": other, "first": first, "second": second}
        values |= {"n": self.n_equal or self.n_near, "n_equal": self.n_equal, "n_near": self.n_near}
        return text(f"split.overlap_{kind}", **values, percent=int(100 * similarity))


def overlap(train: Dataset, other: Dataset, *, near: Near = "auto") -> Overlap:
    """Returns which rows of `other` are in `train` too, or nearly.

    Args:
        train: Rows that are learnt.
        other: Rows that are measured on.
        near: Whether near-duplicates are looked for; "auto" for up to 200,000 rows of both.

    Example:
        >>> from ftkit.data.dataset import Dataset
        >>> a = Dataset.from_rows([("It is a truth.", "x"), ("Nothing.", "y")])
        >>> overlap(a, Dataset.from_rows([("it is a  truth.", "x"), ("Else.", "y")])).pairs
        (('rows:1', 'rows:1', 1.0),)
    """
    n, n_all = len(train), len(train) + len(other)
    looked = asked_for(near, n_all)
    signed, found = Signatures() if looked else None, Growing(np.uint64)
    for plain in _texts(train, other):
        if signed is None:
            found.extend(text_hashes(plain))
        else:
            signed.add_folded(plain)
    first = first_equal(found.array()) if signed is None else signed.first_rows()
    equal, pairs = 0, list[tuple[int, int]]()
    for span in spans(len(other)):
        rows = np.arange(span.start, span.stop)
        shared = rows[first[rows + n] < n]
        equal += len(shared)
        pairs += [(int(first[row + n]), row) for row in shared[: NAMED - len(pairs)].tolist()]
    partners = _partners(signed, first, n, len(other)) if signed is not None else None
    n_near = 0
    if partners is not None:
        for span in spans(len(other)):
            rows = np.flatnonzero(partners[span]) + span.start
            n_near += len(rows)
            pairs += [(int(partners[row]) - 1, row) for row in rows[: NAMED - len(pairs)].tolist()]
    return Overlap(len(other), equal, n_near, tuple(_named(train, other, a, b) for a, b in pairs), looked)


def _texts(*parts: Dataset) -> Iterator[list[str]]:
    for data in parts:
        for start in range(0, len(data), ROWS):
            yield folded(data[start : start + ROWS].texts)


def _partners(signed: Signatures, first: Array, n: int, n_other: int) -> Array:
    """Returns for each row of the other 1 + a training row that it is nearly equal to; 0 if there is none.

    Pairs within one side are not asked for, and a row that has a partner needs no second.
    """
    found = blank(n + n_other, np.int32)  # by the first row with this text

    def wanted(a: Array, b: Array) -> Array:
        return np.asarray((a < n) & (b >= n) & (found[b] == 0))

    for a, b, _ in signed.pairs(wanted):
        found[b] = a + 1
    partners = blank(n_other, np.int32)
    for span in spans(n_other):
        root = first[np.arange(span.start, span.stop) + n]
        partners[span] = np.where(root >= n, found[root], 0)
    return partners


def _named(train: Dataset, other: Dataset, first: int, second: int) -> tuple[str, str, float]:
    one, two = train[first], other[second]
    similarity = similarities([normalised(one.text)], [normalised(two.text)])[0]
    return one.source, two.source, round(float(similarity), 3)
