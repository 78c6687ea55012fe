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

from ftkit.training import events, rules
from ftkit.training.batching import narrow, step_seed, to_tensors, train_batches
from ftkit.training.devices import autocast
from ftkit.training.events import Command, Event, Tick
from ftkit.training.forward import forward_batches
from ftkit.training.optimizers import step_if_finite
from ftkit.training.state import Job, State

CADENCE_SECONDS = 0.25  # how often losses are read from the device and told
Part = Generator[Event | Tick, Command | None, str | None]  # a part of the loop: returns why to end, or None


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
        start = (plan.seed, state.epoch, state.examples_seen)
        for batches in train_batches(n, plan.batch_size, plan.accumulate, *start):
            progress = rules.progress_of(state.step + 0.5, total_steps, state.clock.seconds, plan.max_minutes)
            factor = rules.learning_rate_factor(progress, plan.schedule, plan.warmup_ratio)
            for group in state.optimizer.param_groups:
                group["lr"] = plan.learning_rate * factor
            losses.append(train_step(state, job, batches))
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


def train_step(state: State, job: Job, batches: list[np.ndarray]) -> torch.Tensor:
    """Takes one optimizer step over its micro-batches; returns its mean loss on the device, NaN if it was skipped."""
    task, plan, device = job.task, job.plan, job.device
    state.model.train()
    torch.manual_seed(step_seed(plan.seed, state.step))  # dropout is a function of (seed, step) alone
    parts = [part for batch in batches for part in narrow(job.train, batch, device)]
    tensors = [to_tensors(job.train, part, job.pad_id) for part in parts]
    terms = sum(task.count(t["labels"]) for t in tensors)  # dividing by all of them makes accumulation exact
    loss = torch.zeros((), device=device)
    for tensor in tensors:
        inputs = {name: t.to(device, non_blocking=True) for name, t in tensor.items()}
        labels = inputs.pop("labels")
        with autocast(device, plan.precision):
            logits = state.model(**inputs).logits
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


def evaluate(state: State, job: Job) -> Part:
    """Measures loss and metrics on validation, a tick after every batch; a stop in between leaves no half result."""
    task, data, plan, device = job.task, job.validation, job.plan, job.device
    predicted: list[np.ndarray] = [np.empty(0)] * len(data)
    loss, terms, done = torch.zeros((), device=device), 0, 0
    passes = forward_batches(state.model, data, plan.batch_size * 2, device, plan.precision, job.pad_id)
    for batch, logits, labels in passes:
        assert labels is not None
        loss, terms, done = loss + task.loss(logits, labels, 0.0), terms + task.count(labels), done + len(batch)
        for i, classes in zip(batch, logits.argmax(-1).cpu().numpy(), strict=True):
            predicted[i] = classes
        yield events.Progress("evaluate", done, len(data))
        why = yield from listen(state)
        if why:
            return why
    val_loss, metrics = float(loss) / max(terms, 1), task.metrics(predicted, data)
    is_best = state.step > 0 and val_loss < state.best_val_loss
    state.evaluated_at, state.evaluations_since_best = state.step, 0 if is_best else state.evaluations_since_best + 1
    if is_best:
        state.best_val_loss, state.best_step = val_loss, state.step
    if is_best or state.best_step is None:
        state.metrics = metrics
    epoch = state.epoch + state.examples_seen / len(job.train)
    yield events.Evaluated(state.step, epoch, val_loss, metrics, is_best, state.clock.seconds)
    return None


def listen(state: State) -> Part:
    """Gives way to one command; waits here while paused. Returns why to end, or None to go on."""
    command = yield Tick()
    if isinstance(command, events.Pause):
        state.clock.hold()
        yield events.Paused(state.step)
        while not isinstance(command, events.Unpause | events.Stop):
            command = yield Tick()
        state.clock.run()
        if isinstance(command, events.Unpause):
            yield events.Unpaused(state.step)
    return command.why if isinstance(command, events.Stop) else None
