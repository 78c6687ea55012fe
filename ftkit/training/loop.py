"""The training loop, top to bottom. It yields what happened, and at every `Tick` it can be told something.

Whoever drives it may read or replace the state while it is suspended at a yield; nobody reaches inside while it runs.
Losses stay on the device until the chart needs them, so no step waits for the numbers of another.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator

import numpy as np
import torch

from ftkit.data.tokenise import Encoded
from ftkit.training import events, rules
from ftkit.training.batching import narrow, step_seed, to_tensors, train_batches
from ftkit.training.devices import autocast
from ftkit.training.evaluation import evaluate
from ftkit.training.events import Command, Event, Tick
from ftkit.training.listening import listen
from ftkit.training.optimizers import step_if_finite
from ftkit.training.state import Job, State

CADENCE_SECONDS = 0.25  # how often losses are read from the device and told


def fit(state: State, job: Job) -> Generator[Event | Tick, Command | None, None]:
    """Trains `state.model` on `job` from where `state` stands, which it moves forward in place.

    Yields events, `RunEnded` last, and ticks that take commands.
    """
    plan, n = job.plan, len(job.train)
    total_steps = plan.epochs * plan.steps_per_epoch(n)
    losses: list[torch.Tensor] = []  # of the steps not told yet
    told = time.monotonic()
    state.clock.run()

    def tell() -> Generator[Event, None, None]:
        nonlocal told
        if losses:
            values = tuple(torch.stack(losses).tolist())  # the one place that waits for the device
            rate = float(state.optimizer.param_groups[0]["lr"])
            first, epoch = state.step - len(losses) + 1, state.epoch + state.examples_seen / n
            losses.clear()
            yield events.StepsEnded(first, state.step, values, rate, epoch, state.clock.seconds)
        told = time.monotonic()

    why = (yield from evaluate(state, job)) if state.evaluated_at < 0 else None
    while not why and state.epoch < plan.epochs:
        rows = job.task.rows_of_epoch(job.train, plan.seed, state.epoch)
        start = (plan.seed, state.epoch, state.examples_seen)
        for batches in train_batches(n, plan.batch_size, plan.accumulate, *start):
            progress = rules.progress_of(state.step + 0.5, total_steps, state.clock.seconds, plan.max_minutes)
            factor = rules.learning_rate_factor(progress, plan.schedule, plan.warmup_ratio)
            for group in state.optimizer.param_groups:
                group["lr"] = plan.learning_rate * factor
            losses.append(train_step(state, job, rows, batches))
            epoch_ended = end_epoch(state) if state.examples_seen >= n else None

            why = yield from listen(state)
            due = state.step % plan.evaluate_every == 0 if plan.evaluate_every else bool(epoch_ended)
            if epoch_ended or due or why or time.monotonic() - told > CADENCE_SECONDS:
                yield from tell()
            if epoch_ended:
                yield epoch_ended
            if due and not why:
                why = yield from evaluate(state, job)
            why = why or rules.ending(state, plan, bool(epoch_ended))
            if why:
                break
    if why not in ("stop", "interrupt", "not_finite") and state.evaluated_at < state.step:
        why = (yield from evaluate(state, job)) or why
    yield rules.ended(state, why or "epochs")


def train_step(state: State, job: Job, rows: Encoded, batches: list[np.ndarray]) -> torch.Tensor:
    """Takes one optimizer step over micro-batches of `rows`; returns its mean loss on the device, NaN if skipped."""
    task, plan, device = job.task, job.plan, job.device
    state.model.train()
    torch.manual_seed(step_seed(plan.seed, state.step))  # dropout is a function of (seed, step) alone
    parts = [part for batch in batches for part in narrow(rows, batch, device)]
    tensors = [to_tensors(rows, part, job.pad_id) for part in parts]
    terms = sum(task.count(t["labels"]) for t in tensors)  # dividing by all of them makes accumulation exact
    loss = torch.zeros((), device=device)
    for tensor in tensors:
        inputs = {name: t.to(device, non_blocking=True) for name, t in tensor.items()}
        labels = inputs.pop("labels")
        with autocast(device, plan.precision):
            logits = state.model(**inputs, **job.forward_options).logits
        part = task.loss(logits.float(), labels, plan.label_smoothing) / max(terms, 1)
        part.backward()  # type: ignore[no-untyped-call]
        loss += part.detach()
    parameters = [p for group in state.optimizer.param_groups for p in group["params"]]
    finite = torch.isfinite(torch.nn.utils.clip_grad_norm_(parameters, plan.clip or math.inf)) & torch.isfinite(loss)
    step_if_finite(state.optimizer, finite)
    state.optimizer.zero_grad(set_to_none=True)
    state.step += 1
    state.examples_seen += sum(len(batch) for batch in batches)
    done = torch.where(finite, torch.stack([loss * terms, torch.full_like(loss, terms)]), 0.0)
    state.epoch_loss = done if state.epoch_loss is None else state.epoch_loss + done
    return torch.where(finite, loss, math.nan)


def end_epoch(state: State) -> events.EpochEnded:
    """Closes the epoch in progress and returns its mean training loss; NaN if no step of it was finite."""
    loss, terms = (0.0, 0.0) if state.epoch_loss is None else state.epoch_loss.tolist()
    state.epoch_losses.append(loss / terms if terms else math.nan)
    state.epoch, state.examples_seen, state.epoch_loss = state.epoch + 1, 0, None
    return events.EpochEnded(state.epoch, state.step, state.epoch_losses[-1])
