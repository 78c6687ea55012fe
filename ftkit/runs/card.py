"""`run.save`: a folder that plain transformers loads, with a model card that says where it comes from."""

from __future__ import annotations

import json
import math
import re
import uuid
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ftkit
from ftkit.errors import RunError
from ftkit.i18n import text
from ftkit.models.load import quiet_transformers
from ftkit.runs.disk import remove_tree, replace
from ftkit.runs.spec import RunSpec
from ftkit.training.events import Evaluated, RunStarted

if TYPE_CHECKING:
    from ftkit.training.predictor import Predictor

MARK = "ftkit.json"  # what tells a folder that save() wrote from any other
_PIPELINES = {"classification": "text-classification", "tagging": "token-classification"}


def save_model(
    predictor: Predictor,
    folder: Path,
    spec: RunSpec,
    started: RunStarted,
    first: Evaluated | None,
    best: Evaluated | None,
) -> Path:
    """Writes safetensors, config, tokenizer, labels and the model card; returns the folder.

    Everything is written aside first, then moved in: a folder is never left with half a model.

    Args:
        predictor: The run's kept model.
        folder: New, empty, or one that `save` wrote before.
        spec: The run as asked for.
        started: What was in force.
        first: The evaluation before training.
        best: The evaluation of the weights that are saved.

    Raises:
        RunError: If the folder holds something else.
    """
    folder = folder.expanduser().absolute()
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())):
        raise RunError(text("runs.save_occupied", folder=folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with quiet_transformers():
            predictor.model.save_pretrained(aside)  # type: ignore[operator]
        predictor.tokenizer.save_pretrained(aside)
        facts = _facts(spec, started, first, best)
        (aside / "README.md").write_text(_card(folder.name, facts), encoding="utf-8", newline="\n")
        (aside / MARK).write_text(
            json.dumps(_finite(facts), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8", newline="\n"
        )
        folder.mkdir(exist_ok=True)
        for file in sorted(aside.iterdir(), key=lambda f: f.name == MARK):
            replace(file, folder / file.name)
    finally:
        remove_tree(aside)
    return folder


def _facts(spec: RunSpec, started: RunStarted, first: Evaluated | None, best: Evaluated | None) -> dict[str, Any]:
    return {
        "ftkit": ftkit.__version__,
        "run": started.run,
        "task": started.task,
        "labels": list(started.labels),
        "data": {
            "file": Path(spec.data).name,
            "fingerprint": spec.fingerprint,
            "train": started.n_train,
            "validation": started.n_validation,
        },
        "settings": started.settings,
        "metrics": {**best.metrics, "val_loss": best.val_loss} if best else {},
        "before": {**first.metrics, "val_loss": first.val_loss} if first else {},
        "baseline": started.baseline,
        "step": best.step if best else None,
        "device": started.device,
        "precision": started.precision,
        "transformers": version("transformers"),
    }


def _finite(value: Any) -> Any:
    """Returns plain values with None for NaN and infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _code(shown: object) -> str:
    """Returns text as code of Markdown on one line, whatever is in it: also a bar inside a table."""
    line = " ".join(str(shown).split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def _card(name: str, facts: dict[str, Any]) -> str:
    pipeline, data = _PIPELINES[facts["task"]], facts["data"]
    rows = [
        f"| {_code(metric)} | {facts['before'].get(metric, float('nan')):.4f} | {value:.4f} | "
        + (f"{facts['baseline'][metric]:.4f} |" if metric in facts["baseline"] else "|")
        for metric, value in facts["metrics"].items()
    ]
    front = {"library_name": "transformers", "pipeline_tag": pipeline, "tags": ["ftkit"]}
    settings = [f"| {key} | {_code(value)} |" for key, value in facts["settings"].items() if value is not None]
    lines = [
        "---",
        *(f"{key}: {json.dumps(value)}" for key, value in front.items()),
        "---",
        "",
        f"# {name}",
        "",
        f"Fine-tuned with ftkit {facts['ftkit']} (run {facts['run']}) from {_code(facts['settings']['model'])}.",
        "",
        "```python",
        "from transformers import pipeline",
        "",
        f'model = pipeline("{pipeline}", {json.dumps(name, ensure_ascii=False)})',
        "```",
        "",
        "## Data",
        "",
        f"{_code(data['file'])}, fingerprint `{data['fingerprint']}`: {data['train']} rows learnt from, "
        f"{data['validation']} rows measured on.",
        "",
        f"Labels: {', '.join(map(_code, facts['labels']))}",
        "",
        "## Metrics on the validation rows",
        "",
        "The weights are those of the evaluation with the lowest validation loss, so these numbers are a little "
        "optimistic; new rows tell the truth.",
        "",
        "| metric | before | after | always the commonest label |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        "## Settings",
        "",
        "| setting | value |",
        "| --- | --- |",
        *settings,
        f"| device | {facts['device']}, {facts['precision']} |",
        f"| transformers | {facts['transformers']} |",
        "",
    ]
    return "\n".join(lines)
