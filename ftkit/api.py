"""The public functions: each is thin, and there is one path from a file to a run."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ftkit.data.arguments import is_data
from ftkit.data.dataset import Dataset
from ftkit.data.formats import FORMATS, Format
from ftkit.data.load import Data
from ftkit.data.load import check as _check
from ftkit.data.load import load as _load
from ftkit.data.problems import Report
from ftkit.errors import RunActiveError, RunError, SettingError
from ftkit.i18n import text
from ftkit.models.load import find_model
from ftkit.runs.alive import earlier_run
from ftkit.runs.cell import current_cell
from ftkit.runs.inbox import Inbox
from ftkit.runs.prepare import Prepared, prepare
from ftkit.runs.run import Run, attached
from ftkit.runs.spec import PACKED, RunSpec, unknown_setting
from ftkit.runs.store import RunFolder, find_folder, keep_rows, list_folders, runs_root
from ftkit.tasks import Metric, OwnTask
from ftkit.tasks.own import check_own
from ftkit.training.events import Event
from ftkit.views import html
from ftkit.views.live import choose

if TYPE_CHECKING:
    from ftkit.data.augment import Augment

_log = logging.getLogger(__name__)


def _inspect(data: Dataset, row: int | slice | str, **options: Any) -> Any:
    from ftkit.runs.inspect import inspect  # loads torch

    html.register()
    return inspect(data, row, **options)


Dataset.inspector = staticmethod(_inspect)


def load(
    path: Data,
    *,
    format: str | Format | None = None,
    task: str | None = None,
    columns: Mapping[str, int | str] | None = None,
    encoding: str | None = None,
    label_names: Sequence[str] | None = None,
    on_error: Literal["raise", "skip"] = "raise",
) -> Dataset:
    """Returns the rows of training files, or of data in memory; see `ftkit.data.load.load` for arguments and errors.

    Example:
        >>> len(load(ftkit.samples.path("messages", "en"))) > 200  # doctest: +SKIP
        True
    """
    html.register()
    return _load(
        path,
        format=format,
        task=task,
        columns=columns,
        encoding=encoding,
        label_names=label_names,
        on_error=on_error,
    )


def check(
    path: Data,
    *,
    format: str | Format | None = None,
    columns: Mapping[str, int | str] | None = None,
    encoding: str | None = None,
    label_names: Sequence[str] | None = None,
    contents: bool = True,
    duplicates: bool = True,
    near: bool | Literal["auto"] = "auto",
    batch_size: int = 32,
) -> Report:
    """Returns what is wrong with training files, or with data in memory, line by line; never raises on content.

    See `ftkit.data.load.check` for the arguments.
    """
    html.register()
    return _check(
        path,
        format=format,
        columns=columns,
        encoding=encoding,
        label_names=label_names,
        contents=contents,
        duplicates=duplicates,
        near=near,
        batch_size=batch_size,
    )


def finetune(
    data: Dataset | Data,
    *,
    model: str | os.PathLike[str] = "tiny",
    pretrained: bool = True,
    task: str | OwnTask | None = None,
    method: Literal["full", "lora", "head"] = "full",
    lora_rank: int = 8,
    lora_alpha: float = 16.0,
    lora_dropout: float = 0.0,
    lora_targets: tuple[str, ...] | Literal["auto"] = "auto",
    epochs: int | Literal["auto"] = "auto",
    learning_rate: float | Literal["auto"] = "auto",
    batch_size: int | Literal["auto"] = "auto",
    optimizer: str = "adamw",
    weight_decay: float = 0.01,
    schedule: str = "linear",
    warmup_ratio: float = 0.06,
    dropout: float | None = None,
    label_smoothing: float = 0.0,
    max_length: int | Literal["auto"] = "auto",
    accumulate: int = 1,
    clip: float | None = 1.0,
    validation: float | Dataset | Data = 0.1,
    evaluate_every: int | None = None,
    patience: int | None = None,
    plateau: bool = True,
    plateau_after: int = 5,
    plateau_change: float = 0.001,
    max_minutes: float | None = None,
    augment: bool | str | Sequence[str] | Mapping[str, Any] | Augment | None = None,
    metrics: Mapping[str, Metric] | None = None,
    precision: Literal["auto", "fp32", "bf16"] = "auto",
    seed: int = 0,
    watch: tuple[str, ...] | Literal["auto"] = "auto",
    show: Literal["auto"] | bool = "auto",
    background: bool = False,
    tags: tuple[str, ...] = (),
    **unknown: Any,
) -> Run:
    """Fine-tunes a model on data, with a live chart, and returns the run, ended or (in the background) under way.

    Args:
        data: A Dataset, or what `load` makes one of: a file, several, a DataFrame.
        model: ``"tiny"`` (small, new, needs no download), a folder that `save_pretrained` wrote, or a hub name, the
            only thing that uses the network.
        pretrained: False starts the named architecture from random weights.
        task: What the rows are learnt as; None for the data's own. ``"language_modelling"`` (or
            ``"masked_language_modelling"``) of corpus lines, ``"generation"`` of contents from titles (or
            ``"summarisation"``: titles from contents), ``"chat"``, ``"classification"``, ``"tagging"``. Or an object
            of your own: see `ftkit.tasks.own.Own` for what it needs.
        method: ``"full"`` trains every weight; ``"lora"`` small matrices beside the frozen ones, for a pretrained
            model; ``"head"`` only the last layer.
        lora_rank: Of those matrices: more learns more and costs more.
        lora_alpha: Their output is scaled by ``lora_alpha / lora_rank``.
        lora_dropout: Of what goes into them.
        lora_targets: Names of the layers that get them; ``"auto"`` for every linear layer of the model's blocks.
        epochs: Times that every row is seen; ``"auto"`` decides by the number of rows: 50 to 20 up to 1,000 rows,
            20 to 10 up to 10,000, 10 to 5 above.
        learning_rate: At its peak.
        batch_size: Rows of one forward pass; `accumulate` of them make one step.
        optimizer: ``"adamw"``, ``"adam"``, ``"sgd"`` or ``"adafactor"``.
        weight_decay: Pulls weights (not biases and norms) towards 0.
        schedule: How the learning rate falls after the warm-up: ``"linear"``, ``"cosine"``, ``"constant"``.
        warmup_ratio: Share of the run over which the learning rate rises.
        dropout: Sets every dropout rate of the model, 0 up to 1; None leaves the model's own.
        label_smoothing: Share of each answer spread over all labels, 0 up to 1.
        max_length: Tokens of a row at most; longer ones lose their end, which is counted and said.
        accumulate: Batches that make one step: the result equals that of one large batch.
        clip: Longest gradient, as its norm; None for no limit.
        validation: Share of rows held out (by label, equal and nearly equal texts on one side), or rows of their own,
            as for `data`. Files that are splits already stay what they are.
        evaluate_every: Steps between evaluations; None for the end of every epoch.
        patience: Evaluations without a lower validation loss after which the run ends.
        plateau: Whether the run ends when the mean training loss of an epoch changes by less than `plateau_change`.
        plateau_after: The last epoch, counted from 0, after which that is not asked yet.
        plateau_change: The change that counts as none.
        max_minutes: Ends the run in time; the learning rate is planned to have fallen by then.
        augment: Makes up more training rows, after the split: ``True`` for what suits the format, the name of an
            operation such as ``"delete"``, several, or a dict of names and shares, ``{"delete": 0.2, "copies": 2}``.
        metrics: Your own, ``{"name": fn}``, each ``fn(predictions, targets) -> float`` over labels, tag lists or texts.
        precision: ``"fp32"``, ``"bf16"``, or ``"auto"``: bf16 where the hardware computes it.
        seed: Of the split, the new weights, the order and the dropout: the same seed gives the same run.
        watch: Prompts that are continued at every evaluation, for tasks that write text; ``"auto"`` for three of the
            validation rows, ``()`` for none.
        show: ``"auto"``: a live panel in a notebook, a line an epoch in a terminal; False for nothing.
        background: True returns at once and trains on; `run.wait()` waits.
        tags: Words to find the run by.

    Raises:
        SettingError: For a setting that does not exist or cannot be; nothing has started then.
        DataError: For data that cannot be learnt from.
        ModelError: For a model that cannot be loaded.
        RunActiveError: If this cell's earlier run is still alive and asks for something else.
        RunFailedError: If training raised.

    Example:
        >>> run = ftkit.finetune(data, epochs=5)  # doctest: +SKIP
        >>> run.metrics["accuracy"]  # doctest: +SKIP
        0.91
    """
    settings = dict(locals())
    settings |= settings.pop("unknown")
    spec, prepared, own = _ready(settings)
    if show not in ("auto", True, False):
        known = "'auto', True, False"
        raise SettingError(text("runs.setting_choice", name="show", value=repr(show), known=known, close="auto"))
    cell = current_cell()
    run = earlier_run(spec, cell)
    if run is None:
        run = Run(RunFolder.claim(spec), prepared.own)
        run._start(prepared, own, choose(show, run._tell), cell)
    else:
        said = "runs.shown_ended" if run._ended() else "runs.shown_again"
        if run.spec == spec:
            print(text(said, run=run.id))  # noqa: T201 - in the user's own cell
        view = choose(show, run._tell)
        if view is not None:
            run._join(view)
        if run.spec != spec:  # shown all the same: running the cell again took its buttons away
            raise RunActiveError(text("runs.active", run=run.id))
    return run if background else run.wait()


def stream(data: Dataset | Data, **settings: Any) -> Iterator[Event]:
    """Yields the events of a run that trains in this thread: bring your own view. Stop by leaving the loop.

    Args:
        data: As in `finetune`.
        **settings: As in `finetune`, without ``show`` and ``background``.
    """
    for name in ("show", "background"):
        if name in settings:
            raise unknown_setting(name, [*_SETTINGS, "metrics"])
    spec, prepared, own = _ready({"data": data, **settings})
    return _stream(spec, prepared, own)


def _stream(spec: RunSpec, prepared: Prepared, metrics: Mapping[str, Metric] | None) -> Iterator[Event]:
    from ftkit.runs.execute import execute

    folder = RunFolder.claim(spec)
    with folder.kept_alive():
        yield from execute(spec, prepared, folder, Inbox(folder), metrics)


def list_runs() -> list[Run]:
    """Returns every run of the folder in use (``FTKIT_RUNS``, else ``ftkit-runs/``), oldest first."""
    runs = []
    for folder in list_folders(runs_root()):
        try:
            runs.append(attached(folder))
        except RunError as error:  # one damaged folder must not hide the others
            _log.warning("%s", error)
    return runs


def attach(run: str | os.PathLike[str], *, task: OwnTask | None = None) -> Run:
    """Returns an earlier run, or one that is alive here or in another process, by its id or folder.

    Args:
        run: Its id, such as ``"r03"``, or its folder.
        task: The object that it was trained with, if that was a task of your own: its model cannot be asked without.
            Its numbers and chart are there in any case.

    Raises:
        RunNotFoundError: If there is none; it names the runs that there are.
        RunError: If the run was trained for another task.
        SettingError: If the object is no task.
    """
    if task is not None:
        check_own(task)
    return attached(find_folder(run), task)


_SETTINGS = tuple(
    f.name
    for f in dataclasses.fields(RunSpec)
    if f.name not in ("data", "fingerprint", "load_options", "own_task") and not f.name.startswith("validation_")
)


# what a run measures itself, and the columns of its history
_MEASURED = frozenset(
    {
        *("accuracy", "macro_f1", "f1", "precision", "recall", "loss", "perplexity", "bits_per_character"),
        *("rouge_l", "chrf", "bleu", "token_f1", "exact_match", "micro_f1"),
        *("step", "epoch", "train_loss", "val_loss", "learning_rate"),
    }
)


def _ready(settings: dict[str, Any]) -> tuple[RunSpec, Prepared, Mapping[str, Metric] | None]:
    """Returns a checked spec and its rows, before any model loads."""
    known = {*_SETTINGS, "data", "show", "background"}
    for name in (name for name in settings if name not in known):
        raise unknown_setting(name, [*_SETTINGS, "show", "background"])
    task = settings.get("task")
    own = None
    if task is not None and not isinstance(task, str):
        check_own(task)
        own, task = task, None  # it is not the file's task: that decides what the file is read as
    data = _dataset(settings["data"], task)
    metrics: Mapping[str, Metric] | None = settings.get("metrics")
    _check_metrics(metrics)
    values = {name: _plain(settings[name]) for name in _SETTINGS if name in settings}
    validation = None
    if is_data(values.get("validation")):
        validation = _dataset(values.pop("validation"), task)
        path, options = _place(validation)
        values |= {
            "validation_data": path,
            "validation_fingerprint": validation.fingerprint,
            "validation_load_options": options,
        }
    tags = values.get("tags", ())
    tags = (tags,) if isinstance(tags, str) else tags
    for name in ("watch", "lora_targets"):  # a list, or one alone
        if isinstance(values.get(name), list | tuple):
            values[name] = "auto" if list(values[name]) == ["auto"] else tuple(dict.fromkeys(values[name]))
        elif isinstance(values.get(name), str) and values[name] != "auto":
            values[name] = (values[name],)
    if not isinstance(tags, tuple | list) or not all(isinstance(tag, str) for tag in tags):
        raise SettingError(text("runs.setting_tags", value=repr(tags)))
    model = values.get("model", "tiny")
    values |= {
        "task": own.name if own is not None else task or data.task,
        "own_task": own is not None,
        "model": find_model(model, pretrained=bool(values.get("pretrained", True))).name,
        "metrics": tuple(metrics or ()),
        "tags": tuple(tags),
    }
    if metrics and own is not None:
        raise SettingError(text("own.metrics"))
    if metrics and values["task"] in PACKED:
        raise SettingError(text("tasks.no_answers"))
    path, options = _place(data)
    spec = RunSpec(data=path, fingerprint=data.fingerprint, load_options=options, **values)
    return spec, prepare(spec, data, validation, own), metrics


def _check_metrics(metrics: object) -> None:
    if metrics is not None and not isinstance(metrics, Mapping):
        raise SettingError(text("runs.setting_metrics", value=repr(metrics)))
    for name, metric in (metrics or {}).items():
        if not callable(metric):
            raise SettingError(text("runs.metric_not_callable", name=name))
        if name in _MEASURED:
            raise SettingError(text("runs.metric_taken", name=name, other=f"my_{name}"))


def _plain(value: Any) -> Any:
    """Returns a number of numpy's or a tensor's as Python's own, which JSON can hold; anything else as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value


def _dataset(data: Any, task: str | None) -> Dataset:
    return data if isinstance(data, Dataset) else load(data, task=task)


def _place(data: Dataset) -> tuple[str, dict[str, Any]]:
    """Returns where the rows can be read again: their file, or an Arrow file that they are written to."""
    if data.path is not None and data.format in FORMATS:  # only ftkit's own can be read again by name
        return str(Path(data.path).absolute()), dict(data.load_options)
    return keep_rows(data), {"arrow": True}
