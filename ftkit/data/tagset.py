"""Whole columns of tags as numbers: which are illegal where they stand, and the same spans in BIO."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ftkit.data.schemes import FIRST, INSIDE, LETTERS, OUTSIDE, PLACE, SINGLE, Scheme, is_illegal, written

Ids = np.ndarray[Any, np.dtype[np.int32]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


class TagSet:
    """A file's tags by number, in the order in which they are met, and what each means.

    Attributes:
        scheme: How they are written.
        names: The tags.
    """

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._kinds: dict[str, int] = {}
        self._legal, self._place, self._foreign, self._kind = list[bool](), list[int](), list[bool](), list[int]()
        self.numbers(["O"])

    def numbers(self, tags: Iterable[str]) -> Ids:
        """Returns each tag's number, and takes in those that are new. Shape (n,)."""
        found = []
        for tag in tags:
            if tag not in self._numbers:
                self._numbers[tag] = len(self.names)
                self.names.append(tag)
                parts = None if self.scheme.is_plain else self.scheme.parts(tag)
                letter, kind = parts or ("O", "")
                self._legal.append(self.scheme.is_plain or parts is not None)
                self._place.append(PLACE[letter])
                self._foreign.append(letter not in LETTERS.get(self.scheme.name, "O"))
                self._kind.append(self._kinds.setdefault(kind, len(self._kinds)))
            found.append(self._numbers[tag])
        return np.asarray(found, dtype=np.int32)

    @property
    def legal(self) -> Flags:
        """Whether each is a tag of the scheme's form. Shape (tags,)."""
        return np.asarray(self._legal, dtype=np.bool_)

    @property
    def outside(self) -> Flags:
        """Whether each marks no span. Shape (tags,)."""
        return np.asarray([place == OUTSIDE for place in self._place], dtype=np.bool_)

    @property
    def foreign(self) -> Flags:
        """Whether each has a letter that the scheme does not have, such as ``E-PER`` among BIO. Shape (tags,)."""
        return np.asarray(self._foreign, dtype=np.bool_)

    @property
    def bio_names(self) -> list[str]:
        """The tags of `bio`, by number."""
        names = ["O"] * (1 + 2 * len(self._kinds))
        for kind, number in self._kinds.items():
            names[1 + 2 * number : 3 + 2 * number] = [written(letter, kind, "B-X") for letter in "BI"]
        return names

    def bio(self, ids: Ids, starts: Ids) -> Ids:
        """Returns tags in BIO, as numbers into `bio_names`, that mark what `spans_of` reads leniently.

        Args:
            ids: The tags of sentences, one after the other. Shape (n,).
            starts: Where each sentence begins in `ids`, ascending. Shape (sentences,).
        """
        place, kind = np.asarray(self._place, dtype=np.int8), np.asarray(self._kind, dtype=np.int32)
        at, before, _ = _in_spans(ids, starts, place)
        here, then = place[ids[at]], place[before]
        starting = (
            (then != FIRST) & (then != INSIDE) | (here == FIRST) | (here == SINGLE) | (kind[ids[at]] != kind[before])
        )
        found = np.zeros(len(ids), dtype=np.int32)
        found[at] = 2 + 2 * kind[ids[at]] - starting
        return found

    def illegal(self, ids: Ids, starts: Ids) -> tuple[Ids, Flags]:
        """Returns where tags stand that the scheme does not allow there, and whether what follows is what is wrong.

        Args:
            ids: As in `bio`.
            starts: As in `bio`.

        Returns:
            Positions in `ids`, ascending, and for each whether it may not stand before the next tag (True) or behind
            the one before (False). Both of shape (illegal,).
        """
        if self.scheme.is_plain:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.bool_)
        name, places = self.scheme.name, range(5)
        allowed = np.array([[[is_illegal(name, a, b, same) for same in (False, True)] for b in places] for a in places])
        place, kind = np.asarray(self._place, dtype=np.int8), np.asarray(self._kind, dtype=np.int32)
        at, before, after = _in_spans(ids, starts, place)
        here = ids[at]
        wrong = allowed[place[before], place[here], (kind[before] == kind[here]).astype(np.int8)]
        wrong |= self.foreign[here]
        left_open = (place[after] == OUTSIDE) & allowed[place[here], OUTSIDE, 0] & ~wrong
        found = wrong | left_open
        return at[found], left_open[found]


def _in_spans(ids: Ids, starts: Ids, place: np.ndarray[Any, Any]) -> tuple[Ids, Ids, Ids]:
    """Returns where tags are that are not outside (few are), and the tags before and behind them.

    At the ends of a sentence ``O``, number 0, stands for what is not there.
    """
    outside = np.flatnonzero(place == OUTSIDE)
    inside = ids != 0 if len(outside) == 1 else (place != OUTSIDE)[ids]
    at = np.flatnonzero(inside).astype(np.int32)
    first = np.zeros(len(ids) + 1, dtype=np.bool_)
    first[starts] = first[-1] = True
    padded = np.append(ids, np.int32(0))
    before = np.where(first[at], 0, padded[at - 1]).astype(np.int32)
    after = np.where(first[at + 1], 0, padded[at + 1]).astype(np.int32)
    return at, before, after
