"""From a spec with `"auto"` in it to a plan of plain numbers, and a sentence for each choice made."""

from __future__ import annotations

import dataclasses
from typing import Any

from ftkit.advice.epochs import advise_epochs
from ftkit.i18n import text
from ftkit.runs.spec import RunSpec
from ftkit.training.plan import Plan

AUTO_MAX_LENGTH = 512  # tokens; longer ones cost their square
_FROM_SCRATCH = {"adamw": 1e-3, "adam": 1e-3, "sgd": 5e-2, "adafactor": 3e-2}
_PRETRAINED = {"adamw": 5e-5, "adam": 5e-5, "sgd": 1e-2, "adafactor": 1e-3}
_WRITER_FROM_SCRATCH = {"adamw": 3e-3, "adam": 3e-3, "sgd": 5e-2, "adafactor": 3e-2}  # 1e-3 learns less
SMALL = 256  # the width up to which a model that writes wants the rates below: measured from a saved `tiny`
_SMALL_WRITER = {"full": 1e-3, "lora": 1e-2, "head": 3e-3}
_FEW_WEIGHTS = {"adamw": 5e-4, "adam": 5e-4, "sgd": 5e-2, "adafactor": 5e-3}  # LoRA, or only the head
BLOCKS = (512, 256, 128, 64)  # tokens of a packed row
_MANY_BLOCKS = 1_000


def resolve(
    spec: RunSpec,
    *,
    n_rows: int,
    n_train: int,
    n_validation: int,
    longest: int,
    limit: int,
    from_scratch: bool,
    fast_bf16: bool,
    writes: bool = False,
    width: int = 0,
    block: int | None = None,
) -> tuple[Plan, dict[str, str]]:
    """Returns the plan, and why each automatic setting is as it is.

    Args:
        spec: The run as asked for.
        n_rows: Rows of the whole data; they decide the epochs.
        n_train: Rows that are learnt from.
        n_validation: Rows that are measured on.
        longest: Tokens of the longest training row, as cut.
        limit: The most tokens the model takes.
        from_scratch: Whether the weights are random.
        fast_bf16: Whether the hardware computes bf16.
        writes: Whether the model writes text.
        width: Numbers in a token's vector; 0 if unknown.
        block: Tokens of a row if lines are packed.
    """
    reasons: dict[str, str] = {}
    epochs, batch_size, rate = spec.epochs, spec.batch_size, spec.learning_rate
    precision = spec.precision
    max_length = min(limit, AUTO_MAX_LENGTH if spec.max_length == "auto" else spec.max_length)
    if epochs == "auto":
        epochs, reasons["epochs"] = advise_epochs(n_rows)
    if batch_size == "auto":
        batch_size = 16 if n_train < 2_000 else 32
        # validation fills a batch where it can; but a few rows to measure on must not slow the training down
        most = n_train // 2 if spec.validation_data else min(n_train // 2, max(n_validation, 8))
        while batch_size > max(most, 1):
            batch_size //= 2
        reasons["batch_size"] = text("runs.batch_size_auto", batch=batch_size, rows=f"{n_train:,}")
    if rate == "auto":
        few = spec.method != "full"
        new = _WRITER_FROM_SCRATCH if writes else _FROM_SCRATCH
        rate = (new if from_scratch else _FEW_WEIGHTS if few else _PRETRAINED)[spec.optimizer]
        if writes and not from_scratch and 0 < width <= SMALL and spec.optimizer in ("adamw", "adam"):
            rate = _SMALL_WRITER[spec.method]
        kind = "scratch" if from_scratch else spec.method if few else "pretrained"
        key = f"runs.learning_rate_{kind}"
        reasons["learning_rate"] = text(key, rate=f"{rate:g}", optimizer=spec.optimizer)
    if block is not None:
        max_length = block
        reasons["max_length"] = text("runs.packed", lines=f"{n_rows:,}", rows=f"{n_train:,}", length=block)
    elif spec.max_length == "auto":  # rows are padded to the longest of their batch, not to this
        reasons["max_length"] = text("runs.max_length_auto", length=max_length, longest=longest)
    if spec.max_length != "auto" and spec.max_length > limit:
        reasons["max_length"] = text("runs.max_length_limit", length=limit, asked=spec.max_length)
    if precision == "auto":
        precision = "bf16" if fast_bf16 else "fp32"
        reasons["precision"] = text(f"runs.precision_{precision}")
    chosen = {
        "epochs": epochs,
        "learning_rate": rate,
        "batch_size": batch_size,
        "max_length": max_length,
        "precision": precision,
    }
    asked: dict[str, Any] = {f.name: getattr(spec, f.name) for f in dataclasses.fields(Plan)}
    return Plan(**{**asked, **chosen}), reasons


def packed_length(asked: int | str, n_tokens: int, limit: int) -> int:
    """Returns the tokens of a packed row: as asked, else the longest that still gives a thousand rows, 64 at least."""
    if isinstance(asked, int):
        return min(asked, limit)
    fitting = [length for length in BLOCKS if n_tokens >= _MANY_BLOCKS * length]
    return min(fitting[0] if fitting else BLOCKS[-1], limit)
