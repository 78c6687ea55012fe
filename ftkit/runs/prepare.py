"""Everything that can be refused is refused here, before any model loads: the split, the sizes, the labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ftkit.data.dataset import TASKS, Dataset
from ftkit.data.load import load
from ftkit.data.split import normalised
from ftkit.errors import DataError, RunError, SettingError
from ftkit.i18n import text
from ftkit.runs.spec import LABELLED, PACKED, RunSpec
from ftkit.training.events import Warned


@dataclass(frozen=True)
class Prepared:
    """A run's rows: what it learns from, what it is measured on, the labels of both, and what is worth a warning."""

    n_rows: int
    train: Dataset
    validation: Dataset
    labels: tuple[str, ...]
    warnings: tuple[Warned, ...]


def prepare(spec: RunSpec, data: Dataset | None = None, validation: Dataset | None = None) -> Prepared:
    """Returns the run's rows, split as its spec says.

    Args:
        spec: The run as asked for.
        data: The rows, if they are in memory; else they are read from where the spec says.
        validation: The validation rows, if some were given and are in memory.

    Raises:
        DataError: If the rows cannot be learnt from.
        SettingError: If validation is too small for the batch size.
        RunError: If the rows changed since the spec was made.
    """
    if data is None:
        data = _read(spec.data, spec.fingerprint, spec.load_options)
    if validation is None and spec.validation_data:
        assert spec.validation_fingerprint
        validation = _read(spec.validation_data, spec.validation_fingerprint, spec.validation_load_options)
    for rows in (data, validation):
        if rows is not None:
            check_task(rows, spec.task)
    if len(data) < 2:
        raise DataError(text("runs.data_few", name=data.name, n=len(data)))
    if spec.task in LABELLED and len(data.labels) < 2:
        label = next(iter(data.labels), "")  # sentences without tokens have none at all
        raise DataError(text("runs.data_one_label", name=data.name, label=label))
    warnings = []
    if validation is None:
        parts = data.split(validation=spec.validation, seed=spec.seed)
        train, validation = parts["train"], parts["validation"]
        _check_batches(spec, data, len(train), len(validation), given=False)
    else:
        train = data
        if not len(validation):
            raise DataError(text("runs.validation_empty", name=validation.name))
        _check_batches(spec, data, len(train), len(validation), given=True)
        unseen = sorted(set(validation.labels) - set(train.labels))
        if unseen:
            warnings.append(Warned("label_unseen", text("runs.label_unseen", labels=", ".join(unseen[:5]))))
        shared = len({*map(normalised, train.texts)} & {*map(normalised, validation.texts)})
        if shared:
            warnings.append(Warned("overlap", text("runs.overlap", n=shared)))
    if spec.task == "classification":
        once = sorted(label for label, n in Counter(map(str, data.targets)).items() if n == 1)
        if once:
            warnings.append(Warned("label_once", text("runs.label_once", labels=", ".join(once[:5]))))
    labels = tuple(sorted(set(train.labels) | set(validation.labels) | set(data.labels)))
    return Prepared(len(data), train, validation, labels, tuple(warnings))


def check_task(rows: Dataset, task: str) -> None:
    """Checks that rows can be learnt as `task`.

    Raises:
        DataError: If they are of a format for other tasks.
    """
    possible = TASKS.get(rows.format, (rows.task,))
    if task not in possible:
        raise DataError(text("runs.data_task", name=rows.name, task=", ".join(possible), wanted=task))


def _read(path: str, fingerprint: str, options: dict[str, object]) -> Dataset:
    file = Path(path)
    if not file.exists():
        raise RunError(text("runs.data_gone", path=path))
    rows = Dataset.from_arrow(file) if options.get("arrow") else load(file, **options)  # type: ignore[arg-type]
    if rows.fingerprint != fingerprint:
        raise RunError(text("runs.data_changed", path=path, was=fingerprint, now=rows.fingerprint))
    return rows


def _check_batches(spec: RunSpec, data: Dataset, n_train: int, n_validation: int, *, given: bool) -> None:
    """Raises SettingError if a batch is more than there is; what the message says to use then works as it stands."""
    batch = spec.batch_size
    if batch == "auto" or spec.task in PACKED:  # packed rows are counted once they are tokenised
        return
    if n_train < batch:
        fits = n_train // 4 if given else min(n_train // 4, n_validation)
        raise SettingError(text("runs.train_small", n=n_train, batch=batch, fits=max(1, fits)))
    if n_validation < batch and not given:
        share = _share_for(batch, data, spec.seed)
        key = "runs.validation_small" if share else "runs.validation_small_rows"
        values = {"n": n_validation, "batch": batch, "share": f"{share:g}", "fits": n_validation}
        raise SettingError(text(key, **values))


def _share_for(batch: int, data: Dataset, seed: int) -> float:
    """Returns the smallest share in percent, half at most, that gives both sides a batch; 0 if none does.

    Tried out: equal texts stay together, so a share is met only about.
    """
    for percent in range(-(-100 * batch // len(data)), 51):
        parts = data.split(validation=percent / 100, seed=seed)
        if min(len(parts["train"]), len(parts["validation"])) >= batch:
            return percent / 100
    return 0.0
