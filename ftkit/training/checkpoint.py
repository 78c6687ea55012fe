"""Weights on disk: safetensors beside a JSON of where training stood; written aside, synced, renamed; read whole."""

from __future__ import annotations

from pathlib import Path

import safetensors.torch
import torch
from torch import nn


def weights_to_bytes(model: nn.Module) -> bytes:
    """Returns the model's tensors as safetensors; tensors that share memory are kept once, under their first name."""
    kept: dict[str, torch.Tensor] = {}
    aliases: dict[str, str] = {}
    seen: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    for name, tensor in model.state_dict().items():
        key = (tensor.data_ptr(), tensor.shape, tensor.stride())
        if tensor.numel() and key in seen:
            aliases[name] = seen[key]
        else:
            seen[key] = name
            kept[name] = tensor.detach().cpu().contiguous()
    return safetensors.torch.save(kept, metadata={"format": "pt", **{f"alias.{a}": b for a, b in aliases.items()}})


def load_weights(model: nn.Module, file: Path, content: bytes | None = None) -> None:
    """Puts the weights of `file` into `model`, on whatever device each of its tensors is.

    The file is read into memory, never mapped: a mapped file cannot be replaced on Windows.

    Args:
        model: Of the architecture that the weights were written from.
        file: What `weights_to_bytes` gave, on disk.
        content: The file's bytes, if they were read already.

    Raises:
        RuntimeError: If names or shapes differ from the model's.
    """
    tensors = safetensors.torch.load(file.read_bytes() if content is None else content)
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    own = model.state_dict()
    pointers = {own[name].data_ptr() for name in tensors if name in own}
    lost = [name for name in missing if own[name].data_ptr() not in pointers]
    if lost or unexpected:
        raise RuntimeError(f"{file}: not the weights of this model: missing {lost[:3]}, unexpected {unexpected[:3]}")
