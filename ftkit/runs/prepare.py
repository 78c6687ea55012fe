"""Everything that can be refused is refused here, before any model loads: the split, the sizes, the labels."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftkit.data.dataset import TASKS, Dataset
from ftkit.data.formats import FORMATS
from ftkit.data.load import load
from ftkit.data.overlap import overlap
from ftkit.errors import DataError, RunError, SettingError
from ftkit.i18n import text
from ftkit.runs.spec import LABELLED, PACKED, RunSpec
from ftkit.training.events import Warned


@dataclass(frozen=True)
class Prepared:
    """A run's rows: what it learns from, what it is measured on, the labels of both, and what is worth a warning.

    Attributes:
        n_rows: Rows of the data before it was split.
        train: Learnt from, made-up rows included.
        validation: Measured on.
        labels: Of both; none for tasks without.
        warnings: Told when the run starts.
        multilabel: Whether a text may have any number of labels.
        n_added: How many rows of `train` were made up.
        own: The user's own task, if it is one.
    """

    n_rows: int
    train: Dataset
    validation: Dataset
    labels: tuple[str, ...]
    warnings: tuple[Warned, ...]
    multilabel: bool = False
    n_added: int = 0
    own: Any = None


def prepare(spec: RunSpec, data: Dataset | None = None, validation: Dataset | None = None, own: Any = None) -> Prepared:
    """Returns the run's rows, split as its spec says.

    Args:
        spec: The run as asked for.
        data: The rows, if they are in memory; else they are read from where the spec says.
        validation: The validation rows, if some were given and are in memory.
        own: The user's own task, if the spec names one.

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
            check_task(rows, spec)
    if len(data) < 2:
        raise DataError(text("runs.data_few", name=data.name, n=len(data)))
    labelled = spec.task in LABELLED and not spec.own_task
    if labelled and len(data.labels) < 2:
        label = next(iter(data.labels), "")  # sentences without tokens have none at all
        raise DataError(text("runs.data_one_label", name=data.name, label=label))
    labels = set(data.labels) if labelled else set()
    warnings = []
    given = validation is not None or "validation" in data.given
    if validation is None and given and spec.validation != RunSpec.validation:
        warnings.append(Warned("validation_given", text("own.validation_given", share=spec.validation)))
    if validation is None:
        parts = data.split(validation=spec.validation, seed=spec.seed)
        train, validation = parts["train"], parts["validation"]
    else:
        train = data.given_part("train") or data
        if not len(validation):
            raise DataError(text("runs.validation_empty", name=validation.name))
        if labelled and is_multilabel(validation) and not is_multilabel(data):
            raise DataError(text("own.several", name=validation.name))
    _check_batches(spec, data, len(train), len(validation), given=given)
    if given:  # nobody looked at both sides together
        if unseen := sorted(set(validation.labels) - set(train.labels)) if labelled else []:
            warnings.append(Warned("label_unseen", text("runs.label_unseen", labels=", ".join(unseen[:5]))))
            labels.update(unseen)
        if shared := overlap(train, validation):
            names = (train.name, validation.name)
            if names[0] == names[1]:  # rows of memory, or parts of one file
                names = (text("own.training_rows"), text("own.validation_rows"))
            warnings.append(Warned("overlap", shared.message(*names)))
    if (test := data.given_part("test")) is not None and (shared := overlap(train, test)):
        warnings.append(Warned("overlap", shared.message("train", "test")))
    if labelled and spec.task == "classification":
        once = sorted(label for label, n in data.label_counts().items() if n == 1)
        if once:
            warnings.append(Warned("label_once", text("runs.label_once", labels=", ".join(once[:5]))))
    n_originals = len(train)
    if spec.augment is not None:
        train = _augmented(train, spec)
        if len(train) == n_originals:
            warnings.append(Warned("augment_nothing", text("augment.nothing")))
    return Prepared(
        len(data),
        train,
        validation,
        tuple(sorted(labels)),
        tuple(warnings),
        multilabel=labelled and is_multilabel(data),
        n_added=len(train) - n_originals,
        own=own,
    )


def _augmented(train: Dataset, spec: RunSpec) -> Dataset:
    """Returns the training rows, and behind them those made up from them."""
    from ftkit.data.augment import Augment, augmented

    augment = Augment.parse(spec.augment)
    if augment is None:
        return train
    train = copy.copy(train)
    train.task = spec.task  # what is read is changed, and the task says which side that is
    return augmented(train, augment, seed=spec.seed)


def check_task(rows: Dataset, spec: RunSpec) -> None:
    """Checks that rows can be learnt as a spec's task.

    Raises:
        DataError: If they are of a format for other tasks, or of one of the user's own with other columns.
    """
    if spec.own_task:  # it alone knows what it can read
        return
    if rows.format in FORMATS:
        possible = TASKS[rows.format]
        if spec.task not in possible:
            raise DataError(text("runs.data_task", name=rows.name, task=", ".join(possible), wanted=spec.task))
        return
    read, wanted = (_kind(rows, at) for at in (0, 1))
    fits = {
        "classification": read == "texts" and wanted in ("texts", "lists"),
        "tagging": (read, wanted) == ("lists",) * 2,
        "chat": read == wanted != "numbers",
    }.get(spec.task, read == "texts" and wanted == "texts")
    if not fits:
        said = [text(f"own.kind.{kind}") for kind in (read, wanted)]
        raise DataError(text("own.targets", name=rows.name, read=said[0], kind=said[1], task=spec.task))


def is_multilabel(rows: Dataset) -> bool:
    """Returns whether a row has any number of labels, rather than one: a list beside a text."""
    return (_kind(rows, 0), _kind(rows, 1)) == ("texts", "lists")


def _kind(rows: Dataset, column: int) -> str:
    """Returns what a column holds: ``"texts"``, ``"lists"`` of texts, ``"numbers"`` or ``"others"``."""
    import pyarrow as pa

    first = next(rows.parts(1), None)  # of many rows, bringing the table together would cost a copy
    found = (rows.table if first is None else first).schema.field(column).type
    if pa.types.is_list(found) or pa.types.is_large_list(found):
        return "lists" if _is_text(found.value_type) else "others"
    if _is_text(found):
        return "texts"
    return "numbers" if pa.types.is_floating(found) or pa.types.is_integer(found) else "others"


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


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
