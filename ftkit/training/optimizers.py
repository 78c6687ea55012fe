"""The four optimizers, by the names people know them by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
    "sgd": torch.optim.SGD,
    "adafactor": torch.optim.Adafactor,
}
_EXTRA: dict[str, dict[str, Any]] = {
    "adamw": {"fused": True},
    "adam": {"fused": True},
    "sgd": {"fused": True, "momentum": 0.9},
    "adafactor": {},
}


def build_optimizer(name: str, model: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """Returns the optimizer over the model's trained parameters.

    Biases and norm weights (every parameter with fewer than two dimensions) are not decayed.

    Args:
        name: A key of `OPTIMIZERS`.
        model: Its parameters with ``requires_grad`` are trained.
        learning_rate: The peak; the loop sets it anew before every step.
        weight_decay: Decoupled for AdamW, SGD-style L2 for Adam and SGD.

    Source: Loshchilov and Hutter 2019 (AdamW); Kingma and Ba 2015 (Adam); Shazeer and Stern 2018 (Adafactor).
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = OPTIMIZERS[name]([g for g in groups if g["params"]], lr=learning_rate, **_EXTRA[name])
    if name == "sgd":  # else a first step that is skipped leaves the moments as the memory happened to be
        for p in trained:
            optimizer.state[p]["momentum_buffer"] = torch.zeros_like(p)
    return optimizer


def step_if_finite(optimizer: torch.optim.Optimizer, finite: torch.Tensor) -> None:
    """Takes one step unless `finite`, a boolean scalar on the device, is false; the host never waits to know.

    The fused optimizers read ``found_inf`` on the device and leave weights and moments alone. Adafactor has no such
    input: a bad gradient is replaced by zeros, which leaves its update at zero but lets its averages and decay move.
    """
    if isinstance(optimizer, torch.optim.Adafactor):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.grad = torch.where(finite, parameter.grad, torch.zeros_like(parameter.grad))
    else:
        optimizer.found_inf = (~finite).float()  # type: ignore[attr-defined]
        optimizer.grad_scale = None  # type: ignore[attr-defined]
    optimizer.step()
