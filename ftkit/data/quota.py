"""Which groups of rows go to which side of a split, so that each label has its share on each."""

from __future__ import annotations

import numpy as np

from ftkit.data.copies import MIX, mixed
from ftkit.data.growing import Array, blank, spans


class Sides:
    """Groups of rows, and the side that each is on: 0 for training, then 1, 2 … as splits are taken.

    Args:
        sizes: By group (its first row) how many rows it has; 0 where no group begins. Shape (rows,) int32.
        strata: By group the number of its stratum. Shape (rows,) int32.
        n_strata: The highest such number.
        seed: Decides the order within a stratum.

    Attributes:
        of: By group its side. Shape (rows,) uint8.
    """

    def __init__(self, sizes: Array, strata: Array, n_strata: int, seed: int) -> None:
        self.of = blank(len(sizes), np.uint8)
        self._sizes, self._n_sides = sizes, 1
        self._kept = blank(len(sizes), bool)
        self._seed = seed
        self._bits = max(1, (len(sizes) - 1).bit_length())  # of a group's number
        self._order, ranked, high = self._in_order(strata, n_strata)
        numbers = np.arange(n_strata + 1, dtype=np.uint64) << high if high < 64 else np.zeros(1, np.uint64)
        bounds = np.append(np.searchsorted(ranked, numbers), len(ranked))
        self._strata = [(a, b) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True) if a < b]
        self._rows = np.array([self._n_rows(a, b) for a, b in self._strata], np.int64)
        self._alone = blank(len(sizes), bool)  # a label of one text can be learnt or checked, better learnt
        for a, b in self._strata:
            if b - a == 1 and len(self._strata) > 1:
                self._alone[self._order[a]] = True
        self._n_free = len(self._order)

    def keep(self, group: int) -> None:
        """Leaves a group for training."""
        self._n_free -= not self._kept[group]
        self._kept[group] = True

    def take(self, share: float, wanted: int, leave: int) -> None:
        """Puts free groups with about `wanted` rows on a new side: first by quota, then what fits, then what is near.

        Args:
            share: Of each stratum's rows.
            wanted: How many rows.
            leave: How many free groups must be left.
        """
        side, self._n_sides = self._n_sides, self._n_sides + 1
        may, left = self._n_free - leave, wanted
        for (start, stop), quota in zip(self._strata, quotas(share * self._rows, wanted).tolist(), strict=True):
            if quota and stop - start > 1 and may:
                n_groups, n_rows = self._fill(start, stop, quota, may, side)
                may, left = may - n_groups, left - n_rows
        if left and may:
            n_groups, n_rows = self._fill_with_any(left, may, side)
            may, left = may - n_groups, left - n_rows
        if left and may:
            smallest = self._smallest()
            if smallest is not None and (left == wanted or self._sizes[smallest] < 2 * left):
                self._put(np.array([smallest]), side)

    def _in_order(self, strata: Array, n_strata: int) -> tuple[Array, Array, np.uint64]:
        """Returns the groups by stratum and then by chance, what they were sorted by, and from where on that is strata.

        Sorted in place as one number each (stratum, chance, group), so that a large array needs no second one.
        """
        high = np.uint64(64 - n_strata.bit_length())
        n = sum(int(np.count_nonzero(self._sizes[span])) for span in spans(len(self._sizes)))
        ranked, at = blank(n, np.uint64), 0
        for span in spans(len(self._sizes)):
            groups = np.flatnonzero(self._sizes[span]) + span.start
            above = strata[groups].astype(np.uint64) << high if high < 64 else np.uint64(0)
            ranked[at : at + len(groups)] = above | self._by_chance(groups, int(high))
            at += len(groups)
        ranked.sort()
        order, mask = blank(n, np.int32), np.uint64((1 << self._bits) - 1)
        for span in spans(n):
            order[span] = ranked[span] & mask
        return order, ranked, high

    def _by_chance(self, groups: Array, bits: int) -> Array:
        """Returns a number of so many bits for each group: chance above, the group's own number below."""
        by_chance = chance(groups, self._seed) >> np.uint64(64 - bits + self._bits)
        return np.asarray(by_chance << np.uint64(self._bits) | groups.astype(np.uint64))

    def _n_rows(self, start: int, stop: int) -> int:
        return sum(
            int(self._sizes[self._order[a : min(stop, a + (1 << 18))]].sum()) for a in range(start, stop, 1 << 18)
        )

    def _free(self, groups: Array) -> Array:
        return np.asarray(groups[(self.of[groups] == 0) & ~self._kept[groups]])

    def _put(self, groups: Array, side: int) -> None:
        self.of[groups] = side
        self._n_free -= len(groups)

    def _fill(self, start: int, stop: int, most: int, may: int, side: int) -> tuple[int, int]:
        """Takes the groups of a stretch of the order that still fit, one after the other."""
        left, room = most, may
        for at in range(start, stop, 1 << 16):
            groups = self._free(self._order[at : min(stop, at + (1 << 16))])
            n_groups, n_rows = self._fit(groups, left, room, side)
            left, room = left - n_rows, room - n_groups
            if not left or not room:
                break
        return may - room, most - left

    def _fit(self, groups: Array, most: int, may: int, side: int) -> tuple[int, int]:
        """Takes those of the groups, in this order, that are not more than what is left."""
        left, room = most, may
        while left and room and len(groups):
            groups = groups[self._sizes[groups] <= left]
            total = np.cumsum(self._sizes[groups], dtype=np.int64)
            n = min(int(np.searchsorted(total, left, side="right")), room)
            if not n:
                break
            self._put(groups[:n], side)
            left, room, groups = left - int(total[n - 1]), room - n, groups[n:]
        return may - room, most - left

    def _fill_with_any(self, most: int, may: int, side: int) -> tuple[int, int]:
        """Takes free groups of any stratum, the largest first, those that are alone in theirs last."""
        top = max((int(self._sizes[span].max()) for span in spans(len(self._sizes))), default=0)
        low = 63 - top.bit_length()
        ranked, n = blank(len(self._order), np.uint64), 0
        for span in spans(len(self._order)):
            groups = self._free(self._order[span])
            groups = groups[self._sizes[groups] <= most]
            size = (top - self._sizes[groups]).astype(np.uint64) << np.uint64(low)
            alone = self._alone[groups].astype(np.uint64) << np.uint64(63)
            ranked[n : n + len(groups)] = alone | size | self._by_chance(groups, low)
            n += len(groups)
        ranked[:n].sort()
        left, room = most, may
        for span in spans(n, 1 << 16):
            groups = (ranked[span] & np.uint64((1 << self._bits) - 1)).astype(np.int64)
            n_groups, n_rows = self._fit(groups, left, room, side)
            left, room = left - n_rows, room - n_groups
            if not left or not room:
                break
        return may - room, most - left

    def _smallest(self) -> int | None:
        found: tuple[int, bool, int] | None = None
        for span in spans(len(self._order)):
            groups = self._free(self._order[span])
            if len(groups):
                sizes, alone = self._sizes[groups], self._alone[groups]
                at = int(np.lexsort((alone, sizes))[0])
                here = int(sizes[at]), bool(alone[at]), int(groups[at])
                found = here if found is None or here[:2] < found[:2] else found
        return None if found is None else found[2]


def chance(groups: Array, seed: int) -> Array:
    """Returns 64 bits that look random for each group: the same for the same seed, on every machine and version."""
    return mixed(groups.astype(np.uint64) + mixed(np.array([(seed + int(MIX)) % 2**64], np.uint64)))


def quotas(exact: Array, wanted: int) -> Array:
    """Returns whole numbers near the exact ones that add up to `wanted`: the largest remainders are rounded up."""
    whole = np.floor(exact).astype(np.int64)
    short = max(0, wanted - int(whole.sum()))
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return np.asarray(whole)
