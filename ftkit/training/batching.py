"""Which examples make the next batch, and how they become tensors. A function of (seed, epoch, position), no state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from ftkit.data.ragged import row_lengths
from ftkit.data.tokenise import IGNORED, Encoded


def epoch_order(seed: int, epoch: int, n: int) -> np.ndarray:
    """Returns the order, (N,) int64, in which epoch number `epoch` sees its examples."""
    return np.random.default_rng((seed, epoch)).permutation(n)


def step_seed(seed: int, step: int) -> int:
    """Returns the seed of one step's dropout: steps and seeds never share a stream."""
    return int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0] >> 1)


def train_batches(n: int, size: int, accumulate: int, seed: int, epoch: int, start: int) -> Iterator[list[np.ndarray]]:
    """Yields, for every optimizer step left in an epoch, its micro-batches as arrays of example numbers.

    Args:
        n: The number of training examples.
        size: Examples in a micro-batch.
        accumulate: Micro-batches in a step.
        seed: The run's seed.
        epoch: Counted from 0.
        start: How many examples of this epoch were seen already.
    """
    order = epoch_order(seed, epoch, n)[start:]
    for first in range(0, len(order), size * accumulate):
        step = order[first : first + size * accumulate]
        yield [step[i : i + size] for i in range(0, len(step), size)]


def evaluation_batches(encoded: Encoded, size: int) -> list[np.ndarray]:
    """Returns batches of example numbers in order of length, so that little is padded."""
    order = np.argsort(row_lengths(encoded.input_ids), kind="stable")
    return [order[i : i + size] for i in range(0, len(order), size)]


def narrow(encoded: Encoded, batch: np.ndarray, device: torch.device) -> list[np.ndarray]:
    """Returns a batch in parts of like lengths, so that little is padded; their gradients add up to its own.

    Half to two thirds of a batch of real texts is padding. A part costs what about 400 more tokens would: splitting
    took a step of 32 reviews from 221 to 140 ms on two cores. On a GPU another pass costs more than its padding.
    """
    if device.type != "cpu":
        return [batch]
    lengths = np.array([len(encoded.input_ids[i]) for i in batch])
    by_length = batch[np.argsort(lengths, kind="stable")]
    lengths.sort()
    choices = [np.array_split(np.arange(len(batch)), parts) for parts in (1, 2, 3, 4) if parts <= len(batch)]
    cheapest = min(choices, key=lambda parts: sum(len(part) * lengths[part[-1]] + 400 for part in parts))
    return [by_length[part] for part in cheapest]


def to_tensors(encoded: Encoded, batch: Sequence[int] | np.ndarray, pad_id: int) -> dict[str, torch.Tensor]:
    """Returns a padded batch on the CPU.

    Returns:
        ``input_ids`` and ``attention_mask``: (B, T) int64, padded right; ``labels``: (B,) or (B, T) int64 if there are
        any, padded with -100, as wide as the longest of them for an encoder-decoder, which gets ``decoder_input_ids``
        too: (B, U) int64, the answer one place later. Labels that are fractions, or true and false, are never padded:
        (B,) or (B, K) float32.
    """
    rows = [encoded.input_ids[i] for i in batch]
    width = max(1, *(len(row) for row in rows))  # an empty text has no token where a tokenizer marks no ends
    ids = np.full((len(rows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    tensors = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
    if encoded.labels is not None:
        targets = [encoded.labels[i] for i in batch]
        if targets[0].dtype.kind in "fb":
            labels = np.stack(targets).astype(np.float32)
        elif targets[0].ndim == 0:
            labels = np.array(targets, dtype=np.int64)
        else:
            if encoded.decoder_start is not None:
                width = max(1, *(len(target) for target in targets))
            labels = np.full((len(rows), width), IGNORED, dtype=np.int64)
            for i, target in enumerate(targets):
                labels[i, : len(target)] = target
            if encoded.decoder_start is not None:
                shifted = np.full_like(labels, encoded.decoder_start)
                shifted[:, 1:] = np.where(labels[:, :-1] == IGNORED, pad_id, labels[:, :-1])
                tensors["decoder_input_ids"] = torch.from_numpy(shifted)
        tensors["labels"] = torch.from_numpy(labels)
    return tensors
