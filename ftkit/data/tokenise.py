"""Tokenised examples: what a task's `encode` returns and what batches are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

IGNORED = -100  # the label of positions that no loss looks at (torch's cross_entropy default)


@dataclass(frozen=True)
class Encoded:
    """Tokenised examples, not padded yet.

    Attributes:
        input_ids: N arrays, each (T_i,) int32.
        labels: N arrays: () for one label per example, (T_i,) for one per token, (U_i,) for an
            encoder-decoder's answers; None when there are none.
        n_truncated: How many examples were longer than the limit and lost something.
        words: For tagging, per example the token that starts at every position, (T_i,), -1 for none; else None.
        targets: The whole true answers, tag lists or texts, uncut: what was cut off counts too; else None.
        sources: For tasks that write text, what is read, as people would show it, uncut; else None.
        prompts: For tasks that write text, per example the ids that the answer follows, (P_i,) int32; else None.
        lost: For tasks that write text, per example how many tokens of the answer were cut off, (N,) int64; else None.
        n_characters: Of the text that language modelling predicts, one more a line for its end; else 0.
        decoder_start: The id that an encoder-decoder's answer starts from; None for all other models.
    """

    input_ids: list[np.ndarray]
    labels: list[np.ndarray] | None
    n_truncated: int
    words: list[np.ndarray] | None = None
    targets: Sequence[Any] | None = None
    sources: Sequence[str] | None = None
    prompts: list[np.ndarray] | None = None
    lost: np.ndarray | None = None
    n_characters: int = 0
    decoder_start: int | None = None

    def __len__(self) -> int:
        return len(self.input_ids)

    @classmethod
    def joined(cls, parts: Sequence[Encoded]) -> Encoded:
        """Returns the examples of several, one or more, in order."""
        first = parts[0]
        return cls(
            input_ids=[ids for part in parts for ids in part.input_ids],
            labels=None if first.labels is None else [label for part in parts for label in part.labels or ()],
            n_truncated=sum(part.n_truncated for part in parts),
            words=None if first.words is None else [words for part in parts for words in part.words or ()],
            targets=None if first.targets is None else [target for part in parts for target in part.targets or ()],
            sources=None if first.sources is None else [source for part in parts for source in part.sources or ()],
            prompts=None if first.prompts is None else [prompt for part in parts for prompt in part.prompts or ()],
            lost=None if first.lost is None else np.concatenate([part.lost for part in parts if part.lost is not None]),
            n_characters=sum(part.n_characters for part in parts),
            decoder_start=first.decoder_start,
        )
