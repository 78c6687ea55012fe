"""What a model is worth on the validation rows, and what it writes: in small pieces, so that a stop acts at once."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
import torch

from ftkit.tasks import Measured
from ftkit.training import events
from ftkit.training.forward import forward_batches
from ftkit.training.generation import generate
from ftkit.training.listening import Part, listen
from ftkit.training.state import Job, State

WRITE_BATCH = 32  # prompts that are continued together


def evaluate(state: State, job: Job) -> Part:
    """Measures loss and metrics on validation, a tick after every batch; a stop in between leaves no half result.

    What the watched prompts are continued with is told as `Sampled` after `Evaluated`.
    """
    task, data, plan, device = job.task, job.validation, job.plan, job.device
    classes: list[np.ndarray] = [np.empty(0)] * len(data) if task.reads_classes else []
    loss, terms, done = torch.zeros((), device=device), 0, 0
    size = plan.batch_size if job.writing else plan.batch_size * 2  # a vocabulary of logits for every token is large
    passes = forward_batches(state.model, data, size, device, plan.precision, job.pad_id, job.forward_options)
    for batch, logits, labels in passes:
        assert labels is not None
        loss, terms, done = loss + task.loss(logits, labels, 0.0), terms + task.count(labels), done + len(batch)
        for i, found in zip(batch, task.read(logits).cpu().numpy() if classes else (), strict=bool(classes)):
            classes[i] = found
        yield events.Progress("evaluate", done, len(data))
        why = yield from listen(state)
        if why:
            return why
    texts, why = yield from write(state, job)
    if why:
        return why
    val_loss = float(loss) / terms if terms else math.nan
    generated = {row: texts[at] for at, row in enumerate(job.writing.rows)} if job.writing else {}
    metrics = task.metrics(Measured(val_loss, terms, classes, generated), data)
    is_best = state.step > 0 and val_loss < state.best_val_loss
    state.evaluated_at, state.evaluations_since_best = state.step, 0 if is_best else state.evaluations_since_best + 1
    if is_best:
        state.best_val_loss, state.best_step = val_loss, state.step
    if is_best or state.best_step is None:
        state.metrics = metrics
    epoch = state.epoch + state.examples_seen / len(job.train)
    yield events.Evaluated(state.step, epoch, val_loss, metrics, is_best, state.clock.seconds)
    for watched in job.writing.watched if job.writing else ():
        yield events.Sampled(state.step, watched.prompt, texts[watched.at], watched.expected)
    return None


def write(
    state: State, job: Job
) -> Generator[events.Event | events.Tick, events.Command | None, tuple[list[str], str | None]]:
    """Has the model continue the prompts of `job.writing`, a tick after every token; returns texts and why to end."""
    writing = job.writing
    if writing is None:
        return [], None
    written: list[list[int]] = [[] for _ in writing.prompts]
    for first in range(0, len(writing.prompts), WRITE_BATCH):
        pieces = generate(
            state.model,
            writing.prompts[first : first + WRITE_BATCH],
            end_ids=set(writing.end_ids),
            pad_id=job.pad_id,
            device=job.device,
            max_new_tokens=writing.max_new_tokens,
            precision=job.plan.precision,
        )
        for rows, ids in pieces:
            for row, token in zip(rows, ids, strict=True):
                written[first + row].append(int(token))
            why = yield from listen(state)
            if why:
                return [], why
        yield events.Progress("generate", min(first + WRITE_BATCH, len(writing.prompts)), len(writing.prompts))
    return [writing.finish(ids)[0] for ids in written], None
