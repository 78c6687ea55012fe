"""From a spec and its rows to what `fit` needs: tokenizer, model, adapters, rows of ids; and back from its folder."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import transformers

from ftkit.data.dataset import Dataset
from ftkit.data.ragged import row_lengths
from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.errors import RunError, SettingError
from ftkit.i18n import text
from ftkit.models.adapters import adapt
from ftkit.models.load import (
    build_model,
    complete_tokenizer,
    find_model,
    head_order,
    is_encoder_decoder,
    load_tokenizer,
    model_limit,
)
from ftkit.runs.encode import encode_all, plain_texts
from ftkit.runs.prepare import Prepared
from ftkit.runs.resolve import AUTO_MAX_LENGTH, packed_length, resolve
from ftkit.runs.spec import LABELLED, PACKED, RunSpec
from ftkit.runs.store import RunFolder
from ftkit.tasks import Metric, Task, Writer, build_task
from ftkit.tasks.tagging import splitting
from ftkit.training.checkpoint import load_weights
from ftkit.training.devices import RANDOM, has_fast_bf16, training_device
from ftkit.training.events import Event, Progress, RunStarted, Warned
from ftkit.training.predictor import Predictor
from ftkit.training.state import Job, Watched, Writing

WRITTEN_ROWS = 32  # validation rows that are continued at every evaluation, for the metrics
WATCHED_ROWS = 3
LEAST_WRITTEN = 16  # tokens that a prompt and its answer need
MOST_NEW_TOKENS = 128  # of a text written at an evaluation


def build(
    spec: RunSpec, prepared: Prepared, folder: RunFolder, metrics: Mapping[str, Metric] | None
) -> Generator[Event, None, tuple[Job, torch.nn.Module, RunStarted]]:
    """Loads the model and tokenises the rows, with signs of progress; returns the job, the model and `RunStarted`."""
    yield Progress("model", 0, 1)
    source = find_model(spec.model, pretrained=spec.pretrained)
    labels = prepared.labels
    if spec.pretrained and labels:
        labels = head_order(source, labels)
    task = build_task(
        spec.task,
        labels,
        metrics,
        encoder_decoder=is_encoder_decoder(source),
        multilabel=prepared.multilabel,
        own=prepared.own,
    )
    device = training_device()
    tokenizer = load_tokenizer(source, plain_texts(prepared.train), head=task.head, pretokenised=spec.task == "tagging")
    for kind, message in complete_tokenizer(tokenizer, head=task.head):
        yield Warned(kind, message)
    from_scratch = source.kind == "tiny" or not spec.pretrained
    if from_scratch and spec.method != "full":
        yield Warned("frozen_scratch", text("runs.frozen_scratch", method=spec.method, model=spec.model))
    with RANDOM:
        model, adaptation = _model(spec, tokenizer, task, spec.lora_targets)
    new = getattr(model, "new_weights", ())
    if new and not labels and prepared.own is None:  # a new classifier is what everybody expects
        yield Warned("new_head", text("runs.new_head", model=spec.model, names=", ".join(new[:3])))
    model = model.to(device)
    cast("Any", model).config.save_pretrained(folder.model)
    yield Progress("model", 1, 1)

    _tell_start(task, model)

    limit = model_limit(tokenizer, model.config)
    cap = min(AUTO_MAX_LENGTH if spec.max_length == "auto" else spec.max_length, limit)
    special = tokenizer.num_special_tokens_to_add()
    if cap <= special:
        raise SettingError(text("runs.max_length_special", length=cap, special=special, fits=min(limit, 64)))
    if task.generative and cap < LEAST_WRITTEN and task.name not in PACKED:
        raise SettingError(text("runs.max_length_writes", length=cap, fits=min(limit, 64)))
    train = yield from encode_all(task, prepared.train, tokenizer, cap)
    validation = yield from encode_all(task, prepared.validation, tokenizer, cap)
    block = None
    if task.name in PACKED:
        block = cap = packed_length(spec.max_length, int(row_lengths(train.input_ids).sum()), limit)
    train, validation = task.pack(train, cap), task.pack(validation, cap)
    yield from _cut(train, prepared.train, "train", cap)
    yield from _cut(validation, prepared.validation, "validation", cap)
    plan, reasons = resolve(
        spec,
        n_rows=prepared.n_rows,
        n_train=len(train),
        n_validation=len(validation),
        longest=int(row_lengths(train.input_ids).max()),
        limit=limit,
        from_scratch=from_scratch,
        writes=task.generative,
        width=int(getattr(model.config, "hidden_size", 0) or 0),
        fast_bf16=has_fast_bf16(device),
        block=block,
    )
    tokenizer.model_max_length = limit if block is not None else plan.max_length  # a block is no limit of a text
    tokenizer.save_pretrained(folder.model)
    writing = _writing(spec, task, prepared.validation, validation, tokenizer, plan.max_length)
    job = Job(
        task,
        train,
        validation,
        plan,
        device,
        pad_id=tokenizer.pad_token_id or 0,
        writing=writing,
        forward_options={"use_cache": False} if task.generative else {},
    )
    settings = {**dataclasses.asdict(plan), "model": spec.model, "method": spec.method, "dropout": spec.dropout}
    if keeps_base(spec) and source.kind == "folder":
        settings["base_fingerprint"] = base_fingerprint(Path(source.name))
    if spec.method == "lora":
        settings |= {"lora_rank": spec.lora_rank, "lora_alpha": spec.lora_alpha, "lora_dropout": spec.lora_dropout}
        settings["lora_targets"] = adaptation.targets
        reasons["lora_targets"] = text("runs.lora_targets", targets=", ".join(adaptation.targets))
    if writing is not None:
        settings["max_new_tokens"] = writing.max_new_tokens
        settings["watch"] = tuple(watched.prompt for watched in writing.watched)
    if writing is not None and writing.rows:
        reasons["written"] = text(
            "runs.written", n=len(writing.rows), rows=len(validation), most=writing.max_new_tokens
        )
    if spec.augment:
        settings["augment"] = spec.augment
        reasons["augment"] = text("own.augmented", n=f"{prepared.n_added:,}", rows=f"{len(prepared.train):,}")
    if task.name == "tagging":
        settings["splitting"] = splitting(prepared.train[:1000].texts)  # plain sentences will be split alike
    started = RunStarted(
        run=folder.id,
        task=task.name,
        total_steps=plan.epochs * plan.steps_per_epoch(len(train)),
        steps_per_epoch=plan.steps_per_epoch(len(train)),
        n_train=len(prepared.train) - prepared.n_added,
        n_validation=len(prepared.validation),
        n_parameters=adaptation.n_parameters,
        device=str(device),
        precision=plan.precision,
        threads=torch.get_num_threads(),
        labels=task.labels,
        settings=settings,
        reasons={**reasons, **task.notes},
        baseline=task.baseline(train, validation),
        n_trainable=adaptation.n_trainable,
    )
    return job, model, started


def load_predictor(
    spec: RunSpec, settings: Mapping[str, Any], folder: Path, weights: Path, own: Any = None
) -> Predictor:
    """Returns the predictor over a run's config and tokenizer in `folder` and its `weights` file.

    Args:
        spec: The run as asked for.
        settings: What was in force.
        folder: The run's ``model/``.
        weights: Its ``model.safetensors``, with the trained weights alone if the others are the base model's.
        own: The user's own task, if the run has one.

    Raises:
        RunError: If the base model is gone, or is another than it was.
    """
    if keeps_base(spec):
        _check_base(spec, settings)
    content = weights.read_bytes()  # first: while a run trains, a better checkpoint may take this one's place
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    labels = [config.id2label[i] for i in range(config.num_labels)] if spec.task in LABELLED else []
    task = build_task(
        spec.task,
        labels,
        encoder_decoder=bool(getattr(config, "is_encoder_decoder", False)),
        multilabel=getattr(config, "problem_type", None) == "multi_label_classification",
        own=own,
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    with RANDOM, torch.random.fork_rng(devices=[]):
        if spec.method == "full":
            model: torch.nn.Module = getattr(transformers, task.head).from_config(config)  # its weights are replaced
        else:  # the frozen weights are the base model's
            model, _ = _model(spec, tokenizer, task, settings.get("lora_targets", "auto"))
    load_weights(model, weights, content)
    _tell_start(task, model)
    device = training_device()
    max_length = int(settings.get("max_length", tokenizer.model_max_length))
    most = int(settings.get("max_new_tokens", MOST_NEW_TOKENS))
    return Predictor(model.to(device).eval(), tokenizer, task, device, max_length, most)


def keeps_base(spec: RunSpec) -> bool:
    """Returns whether a checkpoint may leave out the frozen weights: they can be read from the base model again."""
    return spec.method != "full" and spec.pretrained and spec.model != "tiny"


def base_fingerprint(folder: Path) -> str:
    """Returns sixteen hexadecimal digits of a model folder's weights."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def _check_base(spec: RunSpec, settings: Mapping[str, Any]) -> None:
    folder = Path(spec.model)
    was = settings.get("base_fingerprint")
    if was is None:  # a hub name
        return
    if not folder.is_dir():
        raise RunError(text("runs.base_gone", method=spec.method, model=spec.model))
    if base_fingerprint(folder) != was:
        raise RunError(text("runs.base_changed", method=spec.method, model=spec.model))


def _model(spec: RunSpec, tokenizer: Any, task: Task, targets: Any) -> tuple[torch.nn.Module, Any]:
    """Returns the model as it is before its first step: the same every time. Draws from torch's generator."""
    torch.manual_seed(spec.seed)  # of the new weights
    source = find_model(spec.model, pretrained=spec.pretrained)
    model = build_model(
        source,
        tokenizer,
        task.head,
        task.labels,
        pretrained=spec.pretrained,
        dropout=spec.dropout,
        settings=task.model_config,
    )
    return adapt(
        model,
        method=cast("Any", spec.method),
        head=task.head,
        rank=spec.lora_rank,
        alpha=spec.lora_alpha,
        dropout=spec.lora_dropout,
        targets=tuple(targets) if targets != "auto" else "auto",
    )


def _tell_start(task: Task, model: Any) -> None:
    """Tells a task the id that an encoder-decoder starts to write from."""
    if model.config.is_encoder_decoder and hasattr(task, "decoder_start"):
        task.decoder_start = model.config.decoder_start_token_id


def _cut(encoded: Encoded, rows: Dataset, name: str, limit: int) -> Iterator[Warned]:
    """Yields what was cut off, if anything was."""
    if encoded.n_truncated:
        values = {"n": encoded.n_truncated, "rows": len(encoded), "limit": limit}
        yield Warned("truncated", text(f"runs.truncated_{name}", **values))
    lost = encoded.lost
    if lost is not None and lost.any():
        worst = int(lost.argmax())
        where = rows[worst].source if len(rows) == len(encoded) else f"{rows.name}"
        assert encoded.labels is not None
        kept = sum(int((labels != IGNORED).sum()) for labels in encoded.labels)
        values = {"n": int((lost > 0).sum()), "rows": len(encoded), "lost": int(lost.sum()), "limit": limit}
        more = {"total": kept + int(lost.sum()), "where": where, "most": int(lost.max())}
        yield Warned("answer_cut", text("runs.answers_cut", **values, **more))


def _writing(
    spec: RunSpec, task: Task, rows: Dataset, encoded: Encoded, tokenizer: Any, max_length: int
) -> Writing | None:
    """Returns what evaluations have the model write: some validation rows, for the metrics, and what people watch."""
    if not task.generative:
        return None
    writer = cast("Writer", task)
    prompts: list[np.ndarray] = []
    chosen: tuple[int, ...] = ()
    watched: list[Watched] = []
    longest = 48
    if encoded.prompts is not None and encoded.labels is not None:
        drawn = np.random.default_rng(spec.seed).choice(len(encoded), min(WRITTEN_ROWS, len(encoded)), replace=False)
        chosen = tuple(sorted(int(i) for i in drawn))
        prompts = [encoded.prompts[i] for i in chosen]
        longest = max(int((labels != IGNORED).sum()) for labels in encoded.labels)
    if spec.watch != "auto":
        asked = [(prompt, "") for prompt in spec.watch]
    elif chosen:
        asked = []
        assert encoded.targets is not None
        assert encoded.sources is not None
        first = {encoded.sources[row]: (at, row) for at, row in reversed(list(enumerate(chosen)))}  # no text twice
        for shown, (at, row) in sorted(first.items(), key=lambda item: item[1])[:WATCHED_ROWS]:
            watched.append(Watched(shown, at, str(encoded.targets[row])))
    else:
        asked = [_beginning(str(body)) for body in rows[:WATCHED_ROWS].texts]
    for prompt, expected in asked:
        watched.append(Watched(prompt, len(prompts), expected))
        prompts.append(writer.prompt(prompt, tokenizer, max_length))
    return Writing(
        prompts=prompts,
        rows=chosen,
        watched=tuple(watched),
        end_ids=frozenset(writer.end_ids(tokenizer)),
        max_new_tokens=min(longest + 8, MOST_NEW_TOKENS),
        finish=lambda ids: writer.finish(ids, tokenizer),
    )


def _beginning(line: str) -> tuple[str, str]:
    """Returns the first third of a line, and the rest."""
    cut = max(1, len(line) // 3)
    space = line.find(" ", cut)
    cut = space if 0 < space <= cut + 12 else cut
    return line[:cut], line[cut:]
