"""Forward passes without learning, batch by batch: evaluation and prediction both stand on this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.data.tokenise import Encoded
from ftkit.training.batching import evaluation_batches, to_tensors
from ftkit.training.devices import autocast


def forward_batches(
    model: nn.Module,
    data: Encoded,
    batch_size: int,
    device: torch.device,
    precision: str,
    pad_id: int,
    options: Mapping[str, Any] | None = None,
) -> Iterator[tuple[np.ndarray, torch.Tensor, torch.Tensor | None]]:
    """Yields, in order of length, example numbers (B,), logits (B, K) or (B, T, K) fp32, and labels or None.

    Each yield follows one forward pass, which is told `options` too: the caller may stop between any two. Draws
    nothing from a random generator.
    """
    for batch in evaluation_batches(data, batch_size):
        model.eval()
        inputs = {name: t.to(device, non_blocking=True) for name, t in to_tensors(data, batch, pad_id).items()}
        labels = inputs.pop("labels", None)
        with torch.inference_mode(), autocast(device, precision):
            logits = model(**inputs, **(options or {})).logits.float()
        yield batch, logits, labels
