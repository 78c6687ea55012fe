"""Tokenised examples: what a task's `encode` returns and what batches are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

IGNORED = -100  # the label of positions that no loss looks at (torch's cross_entropy default)


@dataclass(frozen=True)
class Encoded:
    """Tokenised examples, not padded yet.

    Attributes:
        input_ids: N arrays, each (T_i,) int32.
        labels: N arrays: () for one label per example, (T_i,) for one per token; None when there are none.
        n_truncated: How many examples were longer than the limit and lost their end.
        words: For tagging, per example the token that starts at every position, (T_i,), -1 for none; else None.
        targets: For tagging, the whole true tags of every example: positions that were cut off count too.
    """

    input_ids: list[np.ndarray]
    labels: list[np.ndarray] | None
    n_truncated: int
    words: list[np.ndarray] | None = None
    targets: Sequence[Sequence[str]] | None = None

    def __len__(self) -> int:
        return len(self.input_ids)
