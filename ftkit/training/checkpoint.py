"""Weights on disk: safetensors beside a JSON of where training stood; written aside, synced, renamed; read whole."""

from __future__ import annotations

import json
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

_PART = "only_trained"  # in the metadata of a file that leaves out what training does not change


def weights_to_bytes(model: nn.Module, *, only_trained: bool = False) -> bytes:
    """Returns the model's tensors as safetensors; tensors that share memory are kept once, under their first name.

    Args:
        model: On any device.
        only_trained: Keeps the parameters that require a gradient alone, such as adapters and trained heads. The rest
            must be had from elsewhere: `load_weights` leaves it as it is.
    """
    trained = {p.data_ptr() for p in model.parameters() if p.requires_grad}
    kept: dict[str, torch.Tensor] = {}
    aliases: dict[str, str] = {}
    seen: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    for name, tensor in model.state_dict().items():
        if only_trained and tensor.data_ptr() not in trained:
            continue
        key = (tensor.data_ptr(), tensor.shape, tensor.stride())
        if tensor.numel() and key in seen:
            aliases[name] = seen[key]
        else:
            seen[key] = name
            kept[name] = tensor.detach().cpu().contiguous()
    metadata = {"format": "pt", **{f"alias.{a}": b for a, b in aliases.items()}}
    return safetensors.torch.save(kept, metadata={**metadata, _PART: "1"} if only_trained else metadata)


def load_weights(model: nn.Module, file: Path, content: bytes | None = None) -> None:
    """Puts the weights of `file` into `model`, on whatever device each of its tensors is.

    The file is read into memory, never mapped: a mapped file cannot be replaced on Windows.

    Args:
        model: Of the architecture that the weights were written from. If they are the trained ones alone, it must
            train the same parameters, and its others must be there already.
        file: What `weights_to_bytes` gave, on disk.
        content: The file's bytes, if they were read already.

    Raises:
        RuntimeError: If names or shapes differ from the model's.
    """
    content = file.read_bytes() if content is None else content
    tensors = safetensors.torch.load(content)
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    own = model.state_dict()
    pointers = {own[name].data_ptr() for name in tensors if name in own}
    if _PART in _metadata(content):
        trained = {p.data_ptr() for p in model.parameters() if p.requires_grad}
        missing = [name for name in missing if own[name].data_ptr() in trained]
    lost = [name for name in missing if own[name].data_ptr() not in pointers]
    if lost or unexpected:
        raise RuntimeError(f"{file}: not the weights of this model: missing {lost[:3]}, unexpected {unexpected[:3]}")


def _metadata(content: bytes) -> dict[str, str]:
    """Returns the metadata of a safetensors file.

    Source: https://huggingface.co/docs/safetensors: eight bytes with the header's length, then the header as JSON.
    """
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    found: dict[str, str] = header.get("__metadata__", {})
    return found
