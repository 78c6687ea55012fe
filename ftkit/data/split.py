"""Which rows are for training and which for checking: by label, with equal texts on one side, the same every time."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ftkit.errors import DataError
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

Value = str | Sequence[str]


def split_rows(
    texts: Sequence[Value], targets: Sequence[Value] | None, shares: Mapping[str, float], seed: int
) -> dict[str, list[int]]:
    """Returns the positions of ``"train"`` and of each split in `shares`, ascending; each row is in exactly one.

    Rows whose texts are equal once normalised form a group, and a group is never torn. A group's stratum is the rarest
    of its labels. Each stratum gives each split its share; what group sizes leave missing is made up from any stratum.
    One group of each label that has two or more stays in training. Takes O(n log n).

    Args:
        texts: A text, or a sequence of tokens, for each row.
        targets: A label, or a sequence of tags, for each row; None where there are no labels to share out.
        shares: Each split's share of the rows, above 0; what they leave is for training.
        seed: Decides which rows go where.

    Raises:
        DataError: If there are fewer groups than splits.
    """
    by_text: dict[str, list[int]] = {}
    for position, value in enumerate(texts):
        by_text.setdefault(normalised(value), []).append(position)
    groups = list(by_text.values())
    if len(groups) <= len(shares):
        raise DataError(text("data.too_few_texts", n=len(groups), rows=len(texts), splits=len(shares) + 1))

    rng = random.Random(seed)
    rng.shuffle(groups)
    labels = [
        sorted({label for row in group for label in _several(targets[row])}) if targets else [] for group in groups
    ]
    n_groups = Counter(label for present in labels for label in present)
    kept = _kept_for_training(groups, labels, n_groups, at_most=len(groups) - len(shares))
    strata: dict[str, list[int]] = {}
    for number, present in enumerate(labels):
        rarest = min(present, key=lambda label: (n_groups[label], label), default="")
        strata.setdefault(rarest, []).append(number)

    free = [number for number in range(len(groups)) if number not in kept]
    positions: dict[str, list[int]] = {}
    for later, (name, share) in zip(reversed(range(len(shares))), shares.items(), strict=True):
        wanted = max(1, round(share * len(texts)))
        quotas = _quotas({label: share * sum(len(groups[g]) for g in of) for label, of in strata.items()}, wanted)
        taken = _take(wanted, quotas, strata, free, groups, at_most=len(free) - later)
        positions[name] = sorted(row for number in taken for row in groups[number])
        free = [number for number in free if number not in taken]
    elsewhere = {row for rows in positions.values() for row in rows}
    return {"train": [row for row in range(len(texts)) if row not in elsewhere], **positions}


def beginnings(table: pa.Table) -> list[Value]:
    """Returns what the conversations of a table are told apart by: their first questions.

    Who has seen a conversation has seen the shorter ones that it begins with. Where more than half of the rows begin
    alike, as with a greeting, it is all that stands before the last answer.
    """
    questions, answers = (table.column(i).to_pylist() for i in (0, 1))
    starts = [asked[0] for asked in questions]
    if 2 * max(Counter(map(normalised, starts)).values(), default=0) <= len(starts):
        return starts
    return [[*asked, *given[:-1]] for asked, given in zip(questions, answers, strict=True)]


def normalised(value: Value) -> str:
    """Returns a text without what two copies of it may differ in: width, case and spaces.

    Example:
        >>> normalised("Ｈello,  World")
        'hello, world'
    """
    joined = " ".join(value) if isinstance(value, (tuple, list)) else str(value)
    return " ".join(unicodedata.normalize("NFKC", joined).casefold().split())


def _several(target: Value) -> Sequence[str]:
    return target if isinstance(target, (tuple, list)) else (str(target),)


def _kept_for_training(
    groups: list[list[int]], labels: list[list[str]], n_groups: Counter[str], at_most: int
) -> set[int]:
    """Returns groups that hold every label of two groups or more, the rarest labels first; at least one group."""
    largest: dict[str, int] = {}  # large ones, so that the small ones can fill the other splits to the row
    for number, present in enumerate(labels):
        for label in present:
            if label not in largest or len(groups[number]) > len(groups[largest[label]]):
                largest[label] = number
    kept, covered = set[int](), set[str]()
    for label in sorted(n_groups, key=lambda label: (n_groups[label], label)):
        if n_groups[label] > 1 and label not in covered and len(kept) < at_most:
            kept.add(largest[label])
            covered.update(labels[largest[label]])
    return kept or {max(range(len(groups)), key=lambda number: len(groups[number]))}


def _quotas(exact: dict[str, float], wanted: int) -> dict[str, int]:
    """Returns whole numbers near the exact ones that add up to `wanted`: the largest remainders are rounded up."""
    quotas = {label: int(share) for label, share in exact.items()}
    by_remainder = sorted(exact, key=lambda label: quotas[label] - exact[label])
    for label in by_remainder[: max(0, wanted - sum(quotas.values()))]:
        quotas[label] += 1
    return quotas


def _take(
    wanted: int,
    quotas: dict[str, int],
    strata: dict[str, list[int]],
    free: list[int],
    groups: list[list[int]],
    at_most: int,
) -> set[int]:
    """Returns free groups with about `wanted` rows: first by quota, then what fits, at last what comes nearest."""
    taken, available = set[int](), set(free)
    for label, members in strata.items():
        left = quotas[label] if len(members) > 1 else 0  # a label of one text can be learnt or checked, better learnt
        for number in members:
            if left and len(taken) < at_most and number in available and len(groups[number]) <= left:
                taken.add(number)
                left -= len(groups[number])
    left = wanted - sum(len(groups[number]) for number in taken)
    alone = {members[0] for members in strata.values() if len(members) == 1}
    others = sorted((g for g in free if g not in taken), key=lambda g: (g in alone, -len(groups[g])))
    for number in others:
        if len(taken) < at_most and len(groups[number]) <= left:
            taken.add(number)
            left -= len(groups[number])
    smallest = min((g for g in others if g not in taken), key=lambda g: len(groups[g]), default=None)
    if smallest is not None and len(taken) < at_most and (not taken or len(groups[smallest]) < 2 * left):
        taken.add(smallest)
    return taken
