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

from ftkit.data.ragged import Ragged
from ftkit.data.tokenise import IGNORED, Encoded, token_ids
from ftkit.errors import ModelError
from ftkit.i18n import text
from ftkit.tasks import Measured, Metric

_AT_ONCE = 1 << 22  # tokens counted together
MASKED_SHARE = 0.15  # of the tokens; of these 80% become the mask, 10% another token, 10% stay: Devlin et al. 2019


def perplexity(loss: float) -> float:
    """Returns e to the mean loss in nats; infinite where a float ends.

    Example:
        >>> round(perplexity(math.log(50)))
        50
    """
    return math.inf if loss >= 700 else math.exp(loss)


def next_token_loss(logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    """Returns the summed cross-entropy of each position's logits with the next position's label.

    Args:
        logits: (B, T, V) fp32.
        labels: (B, T) int64, -100 where there is nothing to learn.
        label_smoothing: The share of the target spread over the vocabulary.
    """
    following = functional.pad(labels[:, 1:], (0, 1), value=IGNORED)  # moves labels: cutting logits would copy them
    return functional.cross_entropy(
        logits.flatten(0, 1),
        following.flatten(),
        reduction="sum",
        ignore_index=IGNORED,
        label_smoothing=label_smoothing,
    )


def count_next_tokens(labels: torch.Tensor) -> int:
    """Returns how many labels of (B, T) are predicted: all that are labelled but for the first position's."""
    return int((labels[:, 1:] != IGNORED).sum())


def unigram_loss(
    train: Sequence[np.ndarray] | np.ndarray, validation: Sequence[np.ndarray] | np.ndarray, n_vocabulary: int
) -> float:
    """Returns the mean loss in nats of validation labels under the training labels' frequencies, add-one smoothed.

    Args:
        train: Arrays of token ids, -100 where there is none.
        validation: The same.
        n_vocabulary: How many tokens there are: each counts once more than it came.

    Example:
        >>> train, validation = [np.array([0, 0, 1])], [np.array([0, 2, -100])]
        >>> bool(np.isclose(unigram_loss(train, validation, 4), -np.log([3 / 7, 1 / 7]).mean()))
        True
    """
    seen, measured = stream_of(train), stream_of(validation)
    measured = measured[measured != IGNORED]
    if not len(measured):
        return math.nan
    counts = np.zeros(1 + max(int(measured.max()), int(seen.max(initial=0))), np.int64)
    for first in range(0, len(seen), _AT_ONCE):
        part = seen[first : first + _AT_ONCE]
        counts += np.bincount(part[part != IGNORED], minlength=len(counts))
    return float(-np.log((counts[measured] + 1) / (counts.sum() + n_vocabulary)).mean())


def stream_of(rows: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Returns the numbers of all rows after each other."""
    if isinstance(rows, Ragged):
        return rows.in_order()
    return np.concatenate([np.empty(0, np.int32), *(np.asarray(row).ravel() for row in rows)])


def answer_room(max_length: int) -> int:
    """Returns how many tokens a prompt leaves free for what is written: 128, or half of a short context."""
    return min(128, max_length // 2)


def edges(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """Returns the special ids that the tokenizer writes before and after every text, ``[CLS]`` and ``[SEP]``, say."""
    inner: Any = tokenizer("a", add_special_tokens=False)["input_ids"]
    outer: Any = tokenizer("a")["input_ids"]
    n = len(inner)
    start = next((at for at in range(len(outer) - n + 1) if outer[at : at + n] == inner), len(outer))
    return list(outer[:start]), list(outer[start + n :])


def plain_ids(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """Returns the ids of each text without any special token before or after."""
    return [row.tolist() for row in token_ids(texts, tokenizer, add_special_tokens=False)[0]]


class LanguageModelling:
    """Every token from those before it; perplexity first, then bits per character.

    The lines of a split, each with an end token, are one stream. It is cut into blocks, and each block begins with the
    last token of the one before: so every token is predicted once, and no row is padded but the last. The stream
    begins with an end token, or with the token that the tokenizer begins every text with.
    """

    name = "language_modelling"
    head = "AutoModelForCausalLM"
    generative = True
    reads_classes = False
    labels: tuple[str, ...] = ()
    model_config: Mapping[str, Any] = {}

    def __init__(self, metrics: Mapping[str, Metric] | None = None) -> None:
        self.metric_errors = dict.fromkeys(metrics or {}, text("tasks.no_answers"))
        self.notes: dict[str, str] = {}
        self._start: list[int] = []  # what a stream begins with, unless its first line does by itself
        self._size = 0

    def encode(
        self, texts: Sequence[str], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns each line's ids with an end token; nothing is cut. `max_length` is for `pack`."""
        before, end = _line_ends(tokenizer)
        self._start, self._size = [] if before else [end], len(tokenizer)
        ids = token_ids(texts, tokenizer, add_special_tokens=False)[0].framed(before, [end])
        return Encoded(ids, ids, 0, n_characters=sum(len(line) + 1 for line in texts))

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the lines as blocks of `max_length` tokens; the last block may be shorter."""
        stream = stream_of(encoded.input_ids)
        if self._start:
            stream = np.concatenate([np.asarray(self._start, stream.dtype), stream])
        step = max(1, max_length - 1)
        starts = np.arange(0, len(stream) - 1, step)
        blocks = Ragged(stream, starts, np.minimum(starts + step + 1, len(stream)))
        return replace(encoded, input_ids=blocks, labels=blocks)

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the blocks as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed loss of (B, T, V) logits: see `next_token_loss`."""
        return next_token_loss(logits, labels, label_smoothing)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of predicted tokens in (B, T) labels."""
        return count_next_tokens(labels)

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Refuses: what was written is measured, or the loss."""
        raise NotImplementedError

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
        loss = unigram_loss([row[1:] for row in train.labels], predicted, self._size)
        return _measures(loss, sum(map(len, predicted)), validation.n_characters)

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: text is written by `training.generation`."""
        raise NotImplementedError

    def prompt(self, text: str, tokenizer: PreTrainedTokenizerBase, max_length: int) -> np.ndarray:
        """Returns what a line begins with in training and the ids of `text`: the last that leave room for more."""
        before, end = _line_ends(tokenizer)
        (ids,) = plain_ids(tokenizer, [text])
        begin = before or [end]
        return np.asarray([*begin, *ids[-max(1, max_length - answer_room(max_length) - len(begin)) :]], np.int32)

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
    model_config: Mapping[str, Any] = {}

    def __init__(self, metrics: Mapping[str, Metric] | None = None) -> None:
        self.metric_errors = dict.fromkeys(metrics or {}, text("tasks.no_answers"))
        self.notes: dict[str, str] = {}
        self._special = self._ordinary = np.empty(0, np.int64)  # ids that are never hidden, and all others
        self._edges: tuple[list[int], list[int]] = ([], [])
        self._mask = 0

    def encode(
        self, texts: Sequence[str], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns each line's ids with the token that ends a line; nothing is cut. `max_length` is for `pack`.

        Raises:
            ModelError: If the tokenizer has no mask token.
        """
        if tokenizer.mask_token_id is None:
            raise ModelError(text("tasks.no_mask", name=tokenizer.name_or_path or type(tokenizer).__name__))
        self._mask = int(tokenizer.mask_token_id)
        added = {token for token, known in tokenizer.added_tokens_decoder.items() if known.special}
        self._special = np.asarray(sorted(added | set(tokenizer.all_special_ids)), np.int64)
        self._ordinary = np.setdiff1d(np.arange(len(tokenizer)), self._special)
        self._edges = edges(tokenizer)
        ends = (*self._edges[1], tokenizer.sep_token_id, tokenizer.eos_token_id)
        end = next(([token] for token in ends if token is not None), [])
        ids = token_ids(texts, tokenizer, add_special_tokens=False)[0].framed([], end)
        return Encoded(ids, ids, 0, n_characters=sum(len(line) + 1 for line in texts))

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the lines as blocks of `max_length` tokens between the tokenizer's own marks, with fixed masks."""
        stream = stream_of(encoded.input_ids)
        before, after = self._edges
        step = max(1, max_length - len(before) - len(after))
        starts = np.arange(0, len(stream), step)
        blocks = Ragged(stream, starts, np.minimum(starts + step, len(stream))).framed(before, after)
        return self._masked(replace(encoded, input_ids=blocks, labels=None), np.random.default_rng(0))

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the blocks with masks drawn anew, from the seed and the epoch."""
        assert encoded.labels is not None
        return self._masked(replace(encoded, input_ids=self._whole(encoded)), np.random.default_rng((seed, epoch)))

    def _whole(self, encoded: Encoded) -> list[np.ndarray]:
        """Returns the ids with nothing hidden."""
        return [np.where(labels != IGNORED, labels, ids) for ids, labels in self._pairs(encoded)]

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
            hidden[other] = rng.choice(self._ordinary, size=len(other))
            inputs.append(hidden)
            labels.append(target)
        return replace(encoded, input_ids=Ragged.from_list(inputs, np.int32), labels=Ragged.from_list(labels, np.int64))

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the cross-entropy of (B, T, V) logits summed over the masked positions of (B, T) labels."""
        at = labels != IGNORED
        return functional.cross_entropy(logits[at], labels[at], reduction="sum", label_smoothing=label_smoothing)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of masked positions in (B, T) labels."""
        return int((labels != IGNORED).sum())

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns the likeliest class of every position of (B, T, V) logits: (B, T)."""
        return logits.argmax(-1)

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
        seen = [row[~np.isin(row, self._special)] for row in self._whole(train)]
        commonest = np.bincount(np.concatenate([np.empty(0, np.int64), *seen]), minlength=1).argmax()
        masked = np.concatenate([row[row != IGNORED] for row in validation.labels])
        loss = unigram_loss(seen, validation.labels, len(self._ordinary))
        return {"perplexity": perplexity(loss), "accuracy": float((masked == commonest).sum()) / max(len(masked), 1)}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: a masked model is saved and used with a fill-mask pipeline."""
        raise ModelError(text("tasks.masked_predict"))


def _measures(loss: float, terms: int, n_characters: int) -> dict[str, float]:
    bits = loss * terms / math.log(2) / max(n_characters, 1)
    return {"perplexity": perplexity(loss), "bits_per_character": bits}


def _line_ends(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], int]:
    """Returns what stands before a line, and the end token after it.

    Where the tokenizer begins a text with the end token itself (OPT), the one that ends the line before is enough.
    """
    end = int(tokenizer.eos_token_id)
    before, _ = edges(tokenizer)
    return ([] if before == [end] else before), end
