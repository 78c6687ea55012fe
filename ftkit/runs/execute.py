"""From a spec to events: builds what `fit` needs, drives it, passes commands in, and keeps the best weights."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import torch

from ftkit.errors import FtkitError
from ftkit.i18n import text
from ftkit.runs.build import build, keeps_base
from ftkit.runs.inbox import Inbox
from ftkit.runs.prepare import Prepared
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder
from ftkit.tasks import Metric
from ftkit.training.checkpoint import weights_to_bytes
from ftkit.training.devices import RANDOM
from ftkit.training.events import (
    Command,
    Evaluated,
    Event,
    Paused,
    RunEnded,
    Saved,
    Stop,
    Tick,
    Unpaused,
    Warned,
)
from ftkit.training.loop import fit
from ftkit.training.optimizers import build_optimizer
from ftkit.training.state import State

_PAUSE_WAIT_SECONDS = 0.05


def execute(
    spec: RunSpec, prepared: Prepared, folder: RunFolder, inbox: Inbox, metrics: Mapping[str, Metric] | None = None
) -> Iterator[Event]:
    """Runs `spec` and yields its events, each written to the run folder before it is seen. The last is `RunEnded`.

    An error ends the run as failed and is raised after that event; a caller that stops listening interrupts it.

    Args:
        spec: The run as asked for.
        prepared: Its rows.
        folder: Its folder, claimed.
        inbox: Where commands come from.
        metrics: The user's own metrics, by name.
    """
    step, seconds, finished = 0, 0.0, False
    measured: Evaluated | None = None
    kept: Evaluated | None = None  # what the weights on disk come from

    def cut(reason: Literal["interrupted", "failed"], detail: str, message: str) -> RunEnded:
        best_step, found = (kept.step, kept.metrics) if kept else (None, {})
        return RunEnded(reason, detail, message, step, best_step, found, seconds)

    try:
        for event in _events(spec, prepared, folder, inbox, metrics):
            folder.append(event)
            step, seconds = getattr(event, "last", step), getattr(event, "elapsed_seconds", seconds)
            if isinstance(event, Evaluated):
                measured = event
            elif isinstance(event, Saved) and event.is_best:
                kept = measured
            finished = isinstance(event, RunEnded)
            yield event
    except GeneratorExit:
        if not finished:
            folder.append(cut("interrupted", "interrupt", text("runs.ended_closed")))
        raise
    except KeyboardInterrupt:  # of a stream, which trains in the thread that Ctrl-C reaches
        if not finished:
            event = cut("interrupted", "interrupt", text("runs.ended_cut", step=step))
            folder.append(event)
            yield event
        raise
    except BaseException as error:
        folder.log(traceback.format_exc())
        if not finished:
            event = cut("failed", type(error).__name__, explain(error))
            folder.append(event)
            yield event
        raise
    finally:
        folder.close()


def explain(error: BaseException) -> str:
    """Returns what an exception of training means to the user, with the fix where one is known."""
    if isinstance(error, FtkitError):
        return str(error)
    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return text("runs.out_of_memory", error=str(error).split(". ")[0] or "MemoryError")
    return text("runs.error", kind=type(error).__name__, error=error)


def _events(
    spec: RunSpec, prepared: Prepared, folder: RunFolder, inbox: Inbox, metrics: Mapping[str, Metric] | None
) -> Iterator[Event]:
    building = build(spec, prepared, folder, metrics)
    waiting: list[Command] = []  # told while the model loads and the rows are tokenised
    while True:
        try:
            yield next(building)
        except StopIteration as built:
            job, model, started = built.value
            break
        command = inbox.take()
        if isinstance(command, Stop):
            reason: Literal["interrupted", "stopped"] = "interrupted" if command.why == "interrupt" else "stopped"
            yield RunEnded(reason, command.why, text("runs.ended_before"), 0, None, {}, 0.0)
            return
        waiting += [command] if command else []
    for command in waiting:
        inbox.put(command)
    yield from prepared.warnings
    if len(job.validation) < job.plan.batch_size:
        yield Warned("validation_small", text("runs.validation_coarse", n=len(job.validation)))
    yield started

    optimizer = build_optimizer(job.plan.optimizer, model, job.plan.learning_rate, job.plan.weight_decay)
    state = State(model, optimizer)
    only_trained = keeps_base(spec)
    loop = fit(state, job)
    command = None
    paused = warned = False
    failing: set[str] = set()  # the user's metrics that were warned of
    while True:
        with RANDOM:
            item = loop.send(command)
        command = None
        if isinstance(item, Tick):
            command = inbox.take(_PAUSE_WAIT_SECONDS if paused else 0.0)
            continue
        if isinstance(item, RunEnded):
            if state.best_step is None:  # no evaluation chose weights: the last ones are kept
                yield _save(state, folder, only_trained, is_best=False)
            yield item
            return
        yield item
        paused = isinstance(item, Paused) or (paused and not isinstance(item, Unpaused))
        if isinstance(item, Evaluated) and item.is_best:
            yield _save(state, folder, only_trained, is_best=True)
        for name in job.task.metric_errors.keys() - failing if isinstance(item, Evaluated) else ():
            failing.add(name)
            yield Warned("metric", text("runs.metric_failed", name=name, error=job.task.metric_errors[name]))
        if not warned and any(np.isnan(getattr(item, "train_losses", ()))):
            warned = True
            yield Warned("not_finite", text("runs.not_finite", rate=f"{job.plan.learning_rate / 10:g}"))


def _save(state: State, folder: RunFolder, only_trained: bool, *, is_best: bool) -> Saved:
    position = {
        "step": state.step,
        "epoch": state.epoch,
        "examples_seen": state.examples_seen,
        "val_loss": state.best_val_loss if is_best else None,
        "metrics": {name: value for name, value in state.metrics.items() if np.isfinite(value)},
    }
    name = folder.save_weights(state.step, weights_to_bytes(state.model, only_trained=only_trained), position)
    return Saved(state.step, name, is_best)
