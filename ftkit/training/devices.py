"""Which device trains, and in which precision it computes."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext

import torch


@functools.cache
def accelerator() -> object:
    """Returns the process's one `accelerate.Accelerator`: it is used for devices and processes only.

    Its state is process-wide, so precision, accumulation and checkpoints stay out of it.
    """
    from accelerate import Accelerator

    return Accelerator(mixed_precision="no")


def training_device() -> torch.device:
    """Returns the device that accelerate finds: CUDA, MPS, …, else the CPU."""
    device: torch.device = accelerator().device  # type: ignore[attr-defined]
    return device


def has_fast_bf16(device: torch.device) -> bool:
    """Returns whether bf16 is computed by hardware here: Ampere or newer GPUs, CPUs with AMX."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
        return bool(probe and probe())
    return False


def autocast(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """Returns the context in which a forward pass computes: weights stay fp32, matrix products may be bf16."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()
