"""Language modelling: what comes next in a text, or what stands behind a mask. Lines are packed into full rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.errors import ModelError
from ftkit.i18n import text
from ftkit.tasks import Measured, Metric

MASKED_SHARE = 0.15  # of the tokens; of these 80% become the mask, 10% another token, 10% stay: Devlin et al. 2019


def perplexity(loss: float) -> float:
    """Returns e to the mean loss in nats; infinite where a float ends.

    Example:
        >>> round(perplexity(math.log(50)))
        50
    """
    return math.exp(loss) if loss < 700 else math.inf


def next_token_loss(logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    """Returns the summed cross-entropy of each position's logits with the next position's label.

    Args:
        logits: (B, T, V) fp32.
        labels: (B, T) int64, -100 where there is nothing to learn.
        label_smoothing: The share of the target spread over the vocabulary.
    """
    return functional.cross_entropy(
        logits[:, :-1].flatten(0, 1),
        labels[:, 1:].flatten(),
        reduction="sum",
        ignore_index=IGNORED,
        label_smoothing=label_smoothing,
    )


def count_next_tokens(labels: torch.Tensor) -> int:
    """Returns how many labels of (B, T) are predicted: all that are labelled but for the first position's."""
    return int((labels[:, 1:] != IGNORED).sum())


def unigram_loss(train: Sequence[np.ndarray], validation: Sequence[np.ndarray]) -> float:
    """Returns the mean loss in nats of validation labels under the training labels' frequencies, add-one smoothed.

    Args:
        train: Arrays of token ids, -100 where there is none.
        validation: The same.
    """
    seen, measured = (np.concatenate([np.asarray(row).ravel() for row in rows]) for rows in (train, validation))
    seen, measured = seen[seen != IGNORED], measured[measured != IGNORED]
    if not len(measured):
        return math.nan
    counts = np.bincount(seen, minlength=int(measured.max()) + 1) + 1.0
    return float(-np.log(counts[measured] / counts.sum()).mean())


def begin_ids(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Returns the id that the tokenizer begins every text with, if it does."""
    begin = tokenizer.bos_token_id
    if begin is None or begin == tokenizer.eos_token_id:
        return []
    found: Any = tokenizer("a")["input_ids"]
    return [int(begin)] if found[0] == begin else []


class LanguageModelling:
    """Every token from those before it; perplexity first, then bits per character.

    The lines of a split, each with an end token, are one stream. It is cut into blocks, and each block begins with the
    last token of the one before: so every token is predicted once, and no row is padded but the last.
    """

    name = "language_modelling"
    head = "AutoModelForCausalLM"
    generative = True
    reads_classes = False
    labels: tuple[str, ...] = ()

    def __init__(self, metrics: Mapping[str, Metric] | None = None) -> None:
        self.metric_errors: dict[str, str] = dict.fromkeys(
            metrics or {}, "language modelling gives no answers to compare"
        )
        self.notes: dict[str, str] = {}
        self._end = 0

    def encode(
        self, texts: Sequence[str], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns each line's ids with an end token; nothing is cut. `max_length` is for `pack`."""
        self._end = int(tokenizer.eos_token_id)
        ids = _lines(texts, tokenizer, self._end)
        return Encoded(ids, ids, 0, n_characters=sum(len(line) + 1 for line in texts))

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the lines as blocks of `max_length` tokens; the last block may be shorter."""
        stream = np.concatenate([np.asarray([self._end], np.int32), *encoded.input_ids])
        step = max(1, max_length - 1)
        blocks = [stream[start : start + step + 1] for start in range(0, len(stream) - 1, step)]
        return replace(encoded, input_ids=blocks, labels=[block.astype(np.int64) for block in blocks])

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the blocks as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed loss of (B, T, V) logits: see `next_token_loss`."""
        return next_token_loss(logits, labels, label_smoothing)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of predicted tokens in (B, T) labels."""
        return count_next_tokens(labels)

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns perplexity, and bits per character: all the loss in bits, over the characters and line ends.

        Source: https://arxiv.org/abs/1808.04444 (bits per character)
        """
        return _measures(measured.loss, measured.terms, encoded.n_characters)

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of always expecting the tokens as often as they came in `train`."""
        assert train.labels is not None
        assert validation.labels is not None
        predicted = [row[1:] for row in validation.labels]
        loss = unigram_loss([row[1:] for row in train.labels], predicted)
        return _measures(loss, sum(map(len, predicted)), validation.n_characters)

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: text is written by `training.generation`."""
        raise NotImplementedError

    def prompt(self, text: str, tokenizer: PreTrainedTokenizerBase, max_length: int) -> np.ndarray:
        """Returns what the text begins with in training: an end token, then the ids, the last that fit."""
        end = int(tokenizer.eos_token_id)
        (ids,) = _lines([text], tokenizer, end)
        room = max(1, max_length // 2)
        return np.concatenate([np.asarray([end], np.int32), ids[:-1][-room:]])

    def end_ids(self, tokenizer: PreTrainedTokenizerBase) -> set[int]:
        """Returns the end token's id."""
        return {int(tokenizer.eos_token_id)}

    def finish(self, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase) -> tuple[str, bool]:
        """Returns the text of the ids, and whether the line came to its end."""
        ended = bool(ids) and int(ids[-1]) in self.end_ids(tokenizer)
        return str(tokenizer.decode(list(ids), skip_special_tokens=True)), ended


class MaskedLanguageModelling:
    """What stood behind a mask, from both sides; perplexity of the masked tokens first, then the share guessed."""

    name = "masked_language_modelling"
    head = "AutoModelForMaskedLM"
    generative = False
    reads_classes = True
    labels: tuple[str, ...] = ()

    def __init__(self, metrics: Mapping[str, Metric] | None = None) -> None:
        self.metric_errors: dict[str, str] = dict.fromkeys(
            metrics or {}, "language modelling gives no answers to compare"
        )
        self.notes: dict[str, str] = {}
        self._special: np.ndarray = np.empty(0, np.int64)
        self._edges: tuple[list[int], list[int]] = ([], [])
        self._mask = self._size = 0

    def encode(
        self, texts: Sequence[str], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns each line's ids with the token that ends a line; nothing is cut. `max_length` is for `pack`.

        Raises:
            ModelError: If the tokenizer has no mask token.
        """
        if tokenizer.mask_token_id is None:
            raise ModelError(text("tasks.no_mask", name=tokenizer.name_or_path or type(tokenizer).__name__))
        self._mask, self._size = int(tokenizer.mask_token_id), len(tokenizer)
        self._special = np.asarray(sorted(set(tokenizer.all_special_ids)), np.int64)
        empty: Any = tokenizer("")["input_ids"]  # [CLS] and [SEP], say
        self._edges = (list(empty[:1]), list(empty[1:2]))
        end = self._edges[1] or [tokenizer.sep_token_id or tokenizer.eos_token_id or self._mask]
        ids = _lines(texts, tokenizer, int(end[0]))
        return Encoded(ids, ids, 0, n_characters=sum(len(line) + 1 for line in texts))

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the lines as blocks of `max_length` tokens between the tokenizer's own marks, with fixed masks."""
        stream = np.concatenate(encoded.input_ids)
        before, after = self._edges
        step = max(1, max_length - len(before) - len(after))
        pieces = [stream[start : start + step] for start in range(0, len(stream), step)]
        blocks = [np.asarray([*before, *piece, *after], np.int32) for piece in pieces]
        return self._masked(replace(encoded, input_ids=blocks, labels=None), np.random.default_rng(0))

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the blocks with masks drawn anew, from the seed and the epoch."""
        assert encoded.labels is not None
        whole = [np.where(labels != IGNORED, labels, ids) for ids, labels in self._pairs(encoded)]
        return self._masked(replace(encoded, input_ids=whole), np.random.default_rng((seed, epoch)))

    def _pairs(self, encoded: Encoded) -> zip[tuple[np.ndarray, np.ndarray]]:
        assert encoded.labels is not None
        return zip(encoded.input_ids, encoded.labels, strict=True)

    def _masked(self, encoded: Encoded, rng: np.random.Generator) -> Encoded:
        """Hides 15% of the tokens of every block, one at least, never a special one."""
        inputs, labels = [], []
        for ids in encoded.input_ids:
            free = np.flatnonzero(~np.isin(ids, self._special))
            chosen = rng.permutation(free)[: max(1, round(MASKED_SHARE * len(free)))]
            target = np.full(len(ids), IGNORED, dtype=np.int64)
            target[chosen] = ids[chosen]
            hidden, fate = ids.astype(np.int32), rng.random(len(chosen))
            hidden[chosen[fate < 0.8]] = self._mask
            other = chosen[(fate >= 0.8) & (fate < 0.9)]
            hidden[other] = rng.integers(0, self._size, size=len(other))
            inputs.append(hidden)
            labels.append(target)
        return replace(encoded, input_ids=inputs, labels=labels)

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the cross-entropy of (B, T, V) logits summed over the masked positions of (B, T) labels."""
        at = labels != IGNORED
        return functional.cross_entropy(logits[at], labels[at], reduction="sum", label_smoothing=label_smoothing)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of masked positions in (B, T) labels."""
        return int((labels != IGNORED).sum())

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns the perplexity of the masked tokens, and the share of them that is guessed right."""
        hits = total = 0
        for classes, (_, labels) in zip(measured.classes, self._pairs(encoded), strict=True):
            at = labels != IGNORED
            hits += int((classes[: len(labels)][at] == labels[at]).sum())
            total += int(at.sum())
        return {"perplexity": perplexity(measured.loss), "accuracy": hits / max(total, 1)}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of always expecting the tokens as often as they came in `train`."""
        assert validation.labels is not None
        whole = [np.where(labels != IGNORED, labels, ids) for ids, labels in self._pairs(train)]
        seen = [row[~np.isin(row, self._special)] for row in whole]
        counts = np.bincount(np.concatenate(seen))
        masked = np.concatenate([row[row != IGNORED] for row in validation.labels])
        hits = float((masked == counts.argmax()).mean()) if len(masked) else 0.0
        return {"perplexity": perplexity(unigram_loss(seen, validation.labels)), "accuracy": hits}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: a masked model is saved and used with a fill-mask pipeline."""
        raise ModelError(text("tasks.masked_predict"))


def _measures(loss: float, terms: int, n_characters: int) -> dict[str, float]:
    bits = loss * terms / math.log(2) / max(n_characters, 1)
    return {"perplexity": perplexity(loss), "bits_per_character": bits}


def _lines(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, end: int) -> list[np.ndarray]:
    """Returns the ids of each line, with the token that the tokenizer begins a text with, and an end token."""
    if not texts:
        return []
    before = begin_ids(tokenizer)
    found = tokenizer(list(texts), add_special_tokens=False, return_attention_mask=False, truncation=False)
    return [np.asarray([*before, *row, end], np.int32) for row in found["input_ids"]]
