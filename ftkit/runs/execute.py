"""From a spec to events: builds what `fit` needs, drives it, passes commands in, and keeps the best weights."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import torch

from ftkit.data.dataset import Dataset
from ftkit.data.tokenise import Encoded
from ftkit.errors import FtkitError, SettingError
from ftkit.i18n import text
from ftkit.models.load import build_model, find_model, head_order, load_tokenizer, model_limit
from ftkit.runs.inbox import Inbox
from ftkit.runs.prepare import Prepared
from ftkit.runs.resolve import AUTO_MAX_LENGTH, resolve
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder
from ftkit.tasks import Metric, Task, build_task
from ftkit.tasks.tagging import splitting
from ftkit.training.checkpoint import weights_to_bytes
from ftkit.training.devices import RANDOM, has_fast_bf16, training_device
from ftkit.training.events import (
    Command,
    Evaluated,
    Event,
    Paused,
    Progress,
    RunEnded,
    RunStarted,
    Saved,
    Stop,
    Tick,
    Unpaused,
    Warned,
)
from ftkit.training.loop import fit
from ftkit.training.optimizers import build_optimizer
from ftkit.training.state import Job, State

_CHUNK = 1_000  # rows tokenised between two signs of progress
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
    for name, encoded in (("train", job.train), ("validation", job.validation)):
        if encoded.n_truncated:
            values = {"n": encoded.n_truncated, "rows": len(encoded), "limit": job.plan.max_length}
            yield Warned("truncated", text(f"runs.truncated_{name}", **values))
    if len(job.validation) < job.plan.batch_size:
        yield Warned("validation_small", text("runs.validation_coarse", n=len(job.validation)))
    yield started

    optimizer = build_optimizer(job.plan.optimizer, model, job.plan.learning_rate, job.plan.weight_decay)
    state = State(model, optimizer)
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
                yield _save(state, folder, is_best=False)
            yield item
            return
        yield item
        paused = isinstance(item, Paused) or (paused and not isinstance(item, Unpaused))
        if isinstance(item, Evaluated) and item.is_best:
            yield _save(state, folder, is_best=True)
        for name in job.task.metric_errors.keys() - failing if isinstance(item, Evaluated) else ():
            failing.add(name)
            yield Warned("metric", text("runs.metric_failed", name=name, error=job.task.metric_errors[name]))
        if not warned and any(np.isnan(getattr(item, "train_losses", ()))):
            warned = True
            yield Warned("not_finite", text("runs.not_finite", rate=f"{job.plan.learning_rate / 10:g}"))


def build(
    spec: RunSpec, prepared: Prepared, folder: RunFolder, metrics: Mapping[str, Metric] | None
) -> Generator[Event, None, tuple[Job, torch.nn.Module, RunStarted]]:
    """Loads the model and tokenises the rows, with signs of progress; returns the job, the model and `RunStarted`."""
    yield Progress("model", 0, 1)
    source = find_model(spec.model, pretrained=spec.pretrained)
    labels = prepared.labels
    if spec.pretrained:
        labels = head_order(source, labels)
    task = build_task(spec.task, labels, metrics)
    device = training_device()
    tokenizer = load_tokenizer(source, _plain(prepared.train.texts), pretokenised=spec.task == "tagging")
    with RANDOM:
        torch.manual_seed(spec.seed)  # of the new weights
        model = build_model(
            source, tokenizer, task.head, task.labels, pretrained=spec.pretrained, dropout=spec.dropout
        ).to(device)
    model.config.save_pretrained(folder.model)  # type: ignore[operator, union-attr]
    yield Progress("model", 1, 1)

    limit = model_limit(tokenizer, model.config)
    cap = min(AUTO_MAX_LENGTH if spec.max_length == "auto" else spec.max_length, limit)
    special = tokenizer.num_special_tokens_to_add()
    if cap <= special:
        raise SettingError(text("runs.max_length_special", length=cap, special=special, fits=min(limit, 64)))
    train = yield from encode_all(task, prepared.train, tokenizer, cap)
    validation = yield from encode_all(task, prepared.validation, tokenizer, cap)
    plan, reasons = resolve(
        spec,
        n_rows=prepared.n_rows,
        n_train=len(train),
        n_validation=len(validation),
        longest=max(len(ids) for ids in train.input_ids),
        limit=limit,
        from_scratch=source.kind == "tiny" or not spec.pretrained,
        fast_bf16=has_fast_bf16(device),
    )
    tokenizer.model_max_length = plan.max_length
    tokenizer.save_pretrained(folder.model)
    job = Job(task, train, validation, plan, device, pad_id=tokenizer.pad_token_id or 0)
    n_parameters = sum(p.numel() for p in model.parameters())
    settings = {**dataclasses.asdict(plan), "model": spec.model, "method": spec.method, "dropout": spec.dropout}
    if task.name == "tagging":
        settings["splitting"] = splitting(prepared.train[:1000].texts)  # plain sentences will be split alike
    started = RunStarted(
        run=folder.id,
        task=task.name,
        total_steps=plan.epochs * plan.steps_per_epoch(len(train)),
        steps_per_epoch=plan.steps_per_epoch(len(train)),
        n_train=len(train),
        n_validation=len(validation),
        n_parameters=n_parameters,
        device=str(device),
        precision=plan.precision,
        threads=torch.get_num_threads(),
        labels=task.labels,
        settings=settings,
        reasons=reasons,
        baseline=task.baseline(prepared.train.targets, prepared.validation.targets),
    )
    return job, model, started


def encode_all(task: Task, rows: Dataset, tokenizer: Any, max_length: int) -> Generator[Event, None, Encoded]:
    """Tokenises rows in chunks, with signs of progress, and returns them together."""
    parts: list[Encoded] = []
    texts, targets = rows.texts, rows.targets
    for first in range(0, len(rows), _CHUNK):
        chunk = slice(first, first + _CHUNK)
        parts.append(task.encode(texts[chunk], targets[chunk], tokenizer, max_length))
        yield Progress("tokenise", min(first + _CHUNK, len(rows)), len(rows))
    return Encoded(
        input_ids=[ids for part in parts for ids in part.input_ids],
        labels=[label for part in parts for label in part.labels or ()],
        n_truncated=sum(part.n_truncated for part in parts),
        words=[w for part in parts for w in part.words or ()] if parts[0].words is not None else None,
        targets=targets if parts[0].targets is not None else None,
    )


def _save(state: State, folder: RunFolder, *, is_best: bool) -> Saved:
    position = {
        "step": state.step,
        "epoch": state.epoch,
        "examples_seen": state.examples_seen,
        "val_loss": state.best_val_loss if is_best else None,
        "metrics": {name: value for name, value in state.metrics.items() if np.isfinite(value)},
    }
    name = folder.save_weights(state.step, weights_to_bytes(state.model), position)
    return Saved(state.step, name, is_best)


def _plain(texts: Sequence[Any]) -> Iterator[str]:
    """Returns what a new tokenizer is trained on: texts, or every token of tagged sentences by itself."""
    for body in texts:
        if isinstance(body, str):
            yield body
        else:
            yield from body
