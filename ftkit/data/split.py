"""Which rows are for training and which for checking: by label, with like texts on one side, the same every time.

Everything that has a number a row lies in `ftkit.data.growing` arrays: fourteen million rows are split in the memory
of one million. Chance is arithmetic (SplitMix64 of the seed and the row), so no library's release changes a split.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.copies import mixed, text_hashes
from ftkit.data.folded import Value, folded, normalised
from ftkit.data.growing import Array, Growing, blank, first_equal, spans
from ftkit.data.near import Near, Signatures, asked_for, group
from ftkit.data.quota import Sides, chance
from ftkit.errors import DataError
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset

__all__ = ["normalised", "split_chunks", "split_positions", "split_rows"]

ROWS = 4_096  # read at once
TEMPLATE = 3, 4  # near-duplicates: a group of more than 3 texts and a 4th of its label's is a pattern, not a copy

Chunks = Callable[[], Iterator[tuple[Sequence[Value], Sequence[Any] | None]]]


def split_positions(
    data: Dataset,
    shares: Mapping[str, float],
    seed: int,
    near: Near = "auto",
    progress: Callable[[int], None] | None = None,
) -> dict[str, Array]:
    """Returns the positions of ``"train"`` and of each split in `shares`, ascending; each row is in exactly one.

    Of titles those with the same title stay together, of conversations those that begin with the same question.

    Args:
        data: The rows.
        shares: Each split's share of the rows, above 0; what they leave is for training.
        seed: Decides which rows go where.
        near: Whether near-duplicates stay together too; "auto" for up to 200,000 rows.
        progress: Called with how many rows have been read.

    Returns:
        Shape (rows of the split,) int32 each.

    Raises:
        DataError: If there are fewer different texts than splits.
    """
    from ftkit.data.dataset import UNLABELLED

    labelled = data.format not in UNLABELLED
    system = "system_text" in data.report.counts  # it stands before the first question, and is no part of it
    whole = data.format == "qa" and _begin_alike(data, system)

    def chunks() -> Iterator[tuple[Sequence[Value], Sequence[Any] | None]]:
        for start in range(0, len(data), ROWS):
            part = data[start : start + ROWS]
            texts: Sequence[Value] = part.texts
            if data.format == "qa":
                texts = _beginnings(texts, part.targets if whole else None, system)
            yield texts, part.targets if labelled else None

    return split_chunks(chunks, shares, seed, near, progress)


def split_rows(
    texts: Sequence[Value], targets: Sequence[Any] | None, shares: Mapping[str, float], seed: int, near: Near = False
) -> dict[str, list[int]]:
    """Returns what `split_chunks` does, for rows in memory."""
    found = split_chunks(lambda: iter([(texts, targets)]), shares, seed, near)
    return {name: rows.tolist() for name, rows in found.items()}


def split_chunks(
    chunks: Chunks,
    shares: Mapping[str, float],
    seed: int,
    near: Near = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Array]:
    """Returns the positions of ``"train"`` and of each split in `shares`, ascending; each row is in exactly one.

    Rows whose texts are equal once normalised form a group, with `near` also those that are nearly equal, and a group
    is never torn. A group's stratum is the rarest of its labels. Each stratum gives each split its share; what group
    sizes leave missing is made up from any stratum. One group of each label that has two texts or more stays in
    training. Takes O(n log n) time and, beside files, no memory that grows with the rows.

    Args:
        chunks: Returns the rows from the first on: texts (or tokens) and targets (a label, or tags or labels, of each
            row; None where there are none to share out).
        shares: Each split's share of the rows, above 0; what they leave is for training.
        seed: Decides which rows go where.
        near: Whether near-duplicates stay together too.
        progress: Called with how many rows have been read.

    Raises:
        DataError: If there are fewer different texts than splits.
    """
    rows = _read(chunks, near, progress)
    n = len(rows.first)
    groups, strata = rows.first, _strata(rows.first, rows)
    if rows.signed is not None:
        joined = _without_templates(group(rows.signed), groups, strata)
        if _n_groups(joined) > len(shares):
            groups, strata = joined, _strata(joined, rows, needed=strata.needed)
    n_groups = _n_groups(groups)
    if n_groups <= len(shares):
        raise DataError(text("data.too_few_texts", n=n_groups, rows=n, splits=len(shares) + 1))

    sizes = blank(n, np.int32)
    for span in spans(n):
        np.add.at(sizes, groups[span], 1)
    sides = Sides(sizes, strata.of, len(strata.names), seed)
    for kept in _kept_for_training(groups, sizes, strata, rows, seed, at_most=n_groups - len(shares)):
        sides.keep(kept)
    for later, share in zip(reversed(range(len(shares))), shares.values(), strict=True):
        sides.take(share, wanted=max(1, round(share * n)), leave=later)

    positions = {name: Growing(np.int32) for name in ("train", *shares)}
    for span in spans(n):
        side = sides.of[groups[span]]
        for number, name in enumerate(positions):
            positions[name].extend(np.flatnonzero(side == number) + span.start)
    return {name: found.array() for name, found in positions.items()}


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is kept of the rows: for each the first with an equal text, and its labels as (row, label) pairs."""

    first: Array
    at: Array
    labels: Array
    names: list[str]
    signed: Signatures | None


@dataclass(frozen=True, slots=True)
class _Strata:
    """Which label decides over a group: the rarest.

    Attributes:
        of: By group the place of its rarest label in `names`, or ``len(names)`` if it has none. Shape (rows,) int32.
        names: The numbers of the labels, the rarest first.
        needed: Which labels have two texts or more. Shape (labels,) bool.
        once: Which pairs of group and label stand here for the first time. Shape (pairs,) bool.
    """

    of: Array
    names: Array
    needed: Array
    once: Array


class _Numbers(dict[str, int]):
    def __missing__(self, label: str) -> int:
        self[label] = number = len(self)
        return number


def _read(chunks: Chunks, near: Near, progress: Callable[[int], None] | None) -> _Rows:
    """Reads all rows once. With near="auto", signing ends, and what was signed is forgotten, at the limit."""
    found, at, labels = Growing(np.uint64), Growing(np.int32), Growing(np.int32)
    numbers, n = _Numbers(), 0
    signed = Signatures() if near else None
    for texts, targets in chunks():
        plain = folded(texts)
        found.extend(text_hashes(plain))
        if signed is not None:
            signed = signed if asked_for(near, n + len(texts)) else None
        if signed is not None:
            signed.add_folded(plain)
        if targets is not None:
            several = [_several(target) for target in targets]
            counts = np.fromiter(map(len, several), np.int64, len(several))
            flat = [numbers[label] for present in several for label in present]
            at.extend(np.repeat(np.arange(n, n + len(several), dtype=np.int32), counts))
            labels.extend(np.array(flat, np.int32))
        n += len(texts)
        if progress:
            progress(n)
    return _Rows(first_equal(found.array()), at.array(), labels.array(), list(numbers), signed)


def _several(target: Any) -> Sequence[str]:
    """Returns the different labels of a row; of a number, which is no label, none."""
    if isinstance(target, str):
        return (target,)
    return list(dict.fromkeys(target)) if isinstance(target, (tuple, list)) else ()


def _strata(groups: Array, rows: _Rows, needed: Array | None = None) -> _Strata:
    """Returns which label decides over each group.

    Args:
        groups: By row the first row of its group. Shape (rows,) int32.
        rows: The rows' labels.
        needed: Which labels have two texts or more; None if each group is a text.
    """
    n_labels = len(rows.names)
    seen = blank(len(rows.at), np.uint64)
    for span in spans(len(seen)):
        pair = groups[rows.at[span]].astype(np.uint64) * np.uint64(max(1, n_labels)) + rows.labels[span].astype(
            np.uint64
        )
        seen[span] = mixed(pair)
    first, once = first_equal(seen), blank(len(seen), bool)
    n_groups = np.zeros(n_labels, np.int64)
    for span in spans(len(seen)):
        once[span] = first[span] == np.arange(span.start, span.stop)
        n_groups += np.bincount(rows.labels[span][once[span]], minlength=n_labels)
    names = np.array(sorted(range(n_labels), key=lambda label: (n_groups[label], rows.names[label])), np.int64)
    place = np.empty(n_labels, np.int32)
    place[names] = np.arange(n_labels)
    of = blank(len(groups), np.int32)
    of[:] = n_labels
    for span in spans(len(seen)):
        np.minimum.at(of, groups[rows.at[span]], place[rows.labels[span]])
    return _Strata(of, names, n_groups > 1 if needed is None else needed, once)


def _n_groups(groups: Array) -> int:
    return sum(int((groups[span] == np.arange(span.start, span.stop)).sum()) for span in spans(len(groups)))


def _without_templates(joined: Array, first: Array, strata: _Strata) -> Array:
    """Returns the groups of near-duplicates but for those that are most of a label, which would have no share then.

    "I live in house 1." to "I live in house 99." are as alike as copies. Those are split like any texts.
    """
    n_texts, n_of = blank(len(joined), np.int32), np.zeros(len(strata.names) + 1, np.int64)
    for span in spans(len(joined)):
        texts = first[span] == np.arange(span.start, span.stop)
        np.add.at(n_texts, joined[span][texts], 1)
        n_of += np.bincount(strata.of[span][texts], minlength=len(n_of))
    few, share = TEMPLATE
    for span in spans(len(joined)):
        root = joined[span]
        template = n_texts[root] > np.maximum(few, n_of[strata.of[root]] // share)
        joined[span] = np.where(template, first[span], root)
    return joined


def _kept_for_training(groups: Array, sizes: Array, strata: _Strata, rows: _Rows, seed: int, at_most: int) -> list[int]:
    """Returns groups that hold every label of two texts or more, the rarest labels first; at least one group."""
    n_labels = len(rows.names)
    best, largest = np.zeros(n_labels, np.uint64), np.full(n_labels, len(groups), np.int64)
    candidates = blank(len(groups), bool)
    for again in (False, True):  # large ones, so that the small ones can fill the other splits to the row
        for span in spans(len(rows.at)):
            labels, members = rows.labels[span], groups[rows.at[span]]
            rank = (sizes[members].astype(np.uint64) << np.uint64(32)) | (chance(members, seed) >> np.uint64(32))
            if again:
                same = rank == best[labels]
                np.minimum.at(largest, labels[same], members[same])
            else:
                np.maximum.at(best, labels, rank)
    candidates[largest[largest < len(groups)]] = True
    held: dict[int, list[int]] = {}
    for span in spans(len(rows.at)):
        members = groups[rows.at[span]]
        chosen = strata.once[span] & candidates[members]
        for member, label in zip(members[chosen].tolist(), rows.labels[span][chosen].tolist(), strict=True):
            held.setdefault(member, []).append(label)
    kept, covered = list[int](), set[int]()
    for label in strata.names.tolist():
        if strata.needed[label] and label not in covered and len(kept) < at_most:
            kept.append(int(largest[label]))
            covered.update(held[kept[-1]])
    return kept or [max((int(sizes[span].argmax()) + span.start for span in spans(len(sizes))), key=sizes.__getitem__)]


def _beginnings(asked: Sequence[Value], given: Sequence[Value] | None, system: bool) -> list[Value]:
    """Returns what conversations are told apart by: their first questions, or all that stands before the last answer.

    Who has seen a conversation has seen the shorter ones that it begins with.
    """
    turns = [(value,) if isinstance(value, str) else tuple(value) for value in asked]
    if system:
        turns = [(first.partition("\n\n")[2] or first, *later) for first, *later in turns]
    if given is None:
        return [questions[0] for questions in turns]
    answers = [(value,) if isinstance(value, str) else tuple(value) for value in given]
    return [(*questions, *replies[:-1]) for questions, replies in zip(turns, answers, strict=True)]


def _begin_alike(data: Dataset, system: bool) -> bool:
    """Returns whether more than half of the conversations begin with the same question, as with a greeting."""
    found = Growing(np.uint64)
    for start in range(0, len(data), ROWS):
        found.extend(text_hashes(folded(_beginnings(data[start : start + ROWS].texts, None, system))))
    first, times = first_equal(found.array()), blank(len(found), np.int32)
    for span in spans(len(first)):
        np.add.at(times, first[span], 1)
    return 2 * max((int(times[span].max()) for span in spans(len(times))), default=0) > len(times)
