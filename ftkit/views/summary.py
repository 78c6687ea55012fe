"""summary(): a run in words: under the chart, as the picture's alternative text, as the terminal's last line."""

from __future__ import annotations

import numpy as np

from ftkit.views.metrics import baseline_kind, lower_is_better
from ftkit.views.table import History
from ftkit.views.words import clock, number, trained, words, words_or


def summary(history: History, lang: str | None = None) -> str:
    """Returns what happened in words: state and reason, steps and time, metric before and after, the best step.

    Args:
        history: The run so far; it need not have ended.
        lang: ``"en"`` or ``"zh"`` instead of the language in use.
    """
    ended, started = history.ended, history.started
    run = started.run if started else ""
    parts = [words("summary.run", lang, run=run, state=words(f"state.{history.state}", lang)).replace("  ", " ")]
    if ended is not None:
        message = ended.message.strip().rstrip(".。")  # ready to be read: a sentence, or a few
        if message:
            parts += [words("summary.stop", lang), message]
        elif ended.detail:
            reason = words_or(f"detail.{ended.detail}", ended.detail, lang)
            parts.append(words("summary.reason", lang, reason=reason))
    parts.append(words("summary.stop", lang))
    parts.append(_steps(history, lang))
    if started is not None:
        parts.append(trained(started, lang, key="summary.trained"))
    parts.append(_measured(history, lang))
    lost = int((~np.isfinite(history.train_losses)).sum())
    if lost:
        parts.append(words("summary.not_finite", lang, count=lost))
    if history.warnings:
        parts.append(words("summary.warnings", lang, count=len(history.warnings)))
    return "".join(parts).strip()


def _steps(history: History, lang: str | None) -> str:
    step = history.ended.step if history.ended else history.step
    if not step:
        return words("summary.nothing", lang) if history.ended else ""
    time = clock(history.elapsed_seconds)
    epochs = history.epochs_at
    if history.total_steps is None or not len(epochs):
        return words("summary.steps_only", lang, step=step, time=time)
    return words("summary.steps", lang, step=step, total=history.total_steps, epochs=f"{epochs[-1]:.1f}", time=time)


def _measured(history: History, lang: str | None) -> str:
    """Metric and validation loss before training and now (of the weights kept, once the run has ended)."""
    evaluations, best, name = list(history.evaluations), history.best, history.primary_metric
    if not evaluations:
        return ""
    before = evaluations[0] if evaluations[0].step == 0 else None
    after = best or evaluations[-1]
    parts = []
    if name is not None:
        kept = history.ended.metrics if history.ended else {}
        value = kept.get(name, after.metrics.get(name))
        was = before.metrics.get(name) if before is not None and before is not after else None
        parts.append(_metric(name, was, value, lang))
        started = history.started
        baseline = started.baseline.get(name) if started else None
        if started is not None and baseline is not None:
            key = f"summary.baseline.{baseline_kind(started.task, name)}"
            parts.append(words(key, lang, baseline=number(baseline)))
        parts.append(words("summary.stop", lang))
    if before is not None and before is not after:
        values = {"before": number(before.val_loss), "after": number(after.val_loss)}
        parts.append(words("summary.val_loss", lang, **values))
    else:
        parts.append(words("summary.val_loss_now", lang, after=number(after.val_loss)))
    if history.ended is not None and history.ended.best_step is not None:
        parts.append(words("summary.kept", lang, step=history.ended.best_step))
    elif best is not None:
        parts.append(words("summary.best", lang, step=best.step))
    return "".join(parts)


def _metric(name: str, before: float | None, after: float | None, lang: str | None) -> str:
    values = {"metric": name, "before": number(before), "after": number(after)}
    if not lower_is_better(name):
        return words("summary.metric_now" if before is None else "summary.metric", lang, **values)
    if before is None:
        return words("summary.falls_now", lang, **values)
    moved = 0.0 if after is None or values["before"] == values["after"] else after - before
    judged = "better" if moved < 0 else "worse" if moved > 0 else "same"  # of NaN nothing is said
    return words("summary.falls", lang, judged=words(f"summary.{judged}", lang), **values)
