"""How fast to learn and when to end: pure functions of numbers, each a few lines that can be read aloud."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from ftkit.i18n import text
from ftkit.training.events import RunEnded

if TYPE_CHECKING:
    from ftkit.training.plan import Plan
    from ftkit.training.state import State


Reason = Literal["completed", "stopped", "interrupted", "failed"]


def _linear(share: float) -> float:
    return 1.0 - share


def _cosine(share: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * share))


def _constant(share: float) -> float:
    return 1.0


SCHEDULES: dict[str, Callable[[float], float]] = {"linear": _linear, "cosine": _cosine, "constant": _constant}


def learning_rate_factor(progress: float, schedule: str, warmup_ratio: float) -> float:
    """Returns what the peak learning rate is multiplied by.

    It rises in a straight line over the first `warmup_ratio` of the run, then follows the schedule down.

    Args:
        progress: The share of the run that is done, 0 to 1.
        schedule: ``"linear"`` or ``"cosine"`` (both end at 0), or ``"constant"``.
        warmup_ratio: The share of the run that warms up.

    Example:
        >>> learning_rate_factor(0.5, "linear", 0.0)
        0.5
    """
    progress = min(max(progress, 0.0), 1.0)
    if progress < warmup_ratio:
        return progress / warmup_ratio
    return SCHEDULES[schedule]((progress - warmup_ratio) / (1.0 - warmup_ratio) if warmup_ratio < 1.0 else 0.0)


def progress_of(step: float, total_steps: int, elapsed_seconds: float, max_minutes: float | None) -> float:
    """Returns the share of the run that is done, by steps or by the time cap, whichever is further.

    So a run that the cap will cut has decayed its learning rate to 0 when the cap comes.
    """
    by_steps = step / max(total_steps, 1)
    by_time = elapsed_seconds / (max_minutes * 60.0) if max_minutes else 0.0
    return min(max(by_steps, by_time), 1.0)


def on_plateau(epoch_losses: Sequence[float], after: int = 5, change: float = 0.001) -> bool:
    """Returns whether the mean training loss has stopped moving.

    This is the field's plain rule, ``if epoch > 5 and abs(loss - last_loss) < 0.001: break`` with epochs counted
    from 0: so it is first asked at the end of the seventh epoch.

    Args:
        epoch_losses: The mean training loss of every epoch so far.
        after: The last epoch, counted from 0, at whose end the rule is not asked yet.
        change: The change of the mean loss, up or down, that counts as none.

    Example:
        >>> on_plateau([3.0, 2.0, 1.5, 1.2, 1.1, 1.0, 1.0])
        True
    """
    epoch = len(epoch_losses) - 1
    return epoch > after and epoch > 0 and abs(epoch_losses[-1] - epoch_losses[-2]) < change


def ending(state: State, plan: Plan, epoch_ended: bool) -> str | None:
    """Returns which rule ends the run after this step: a key of `runs.ended_…`, or None to go on."""
    if epoch_ended and math.isnan(state.epoch_losses[-1]):
        return "not_finite"
    if plan.max_minutes and state.clock.seconds >= plan.max_minutes * 60.0:
        return "max_minutes"
    if plan.patience and state.evaluations_since_best >= plan.patience and state.best_step is not None:
        return "patience"
    if epoch_ended and plan.plateau and on_plateau(state.epoch_losses, plan.plateau_after, plan.plateau_change):
        return "plateau"
    return None


def ended(state: State, why: str) -> RunEnded:
    """Returns the last event of a run that ended for the reason `why`."""
    reasons: dict[str, Reason] = {"stop": "stopped", "interrupt": "interrupted", "not_finite": "failed"}
    reason = reasons.get(why, "completed")
    unmeasured = state.step > 0 and state.best_step is None  # the weights as they are, not the best of several
    key = "runs.ended_unmeasured" if unmeasured and why in ("stop", "interrupt") else f"runs.ended_{why}"
    message = text(key, epochs=state.epoch, step=state.step)
    metrics = {} if state.evaluated_at < state.step and unmeasured else state.metrics
    return RunEnded(reason, why, message, state.step, state.best_step, metrics, state.clock.seconds)
