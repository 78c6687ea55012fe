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
from ftkit.models.adapters import is_adapted, merged, save_adapter
from ftkit.models.load import find_model, quiet_transformers
from ftkit.models.tokens import tell_ends
from ftkit.runs.disk import remove_tree, replace
from ftkit.runs.spec import RunSpec
from ftkit.training.events import Evaluated, RunStarted

if TYPE_CHECKING:
    from ftkit.training.predictor import Predictor

MARK = "ftkit.json"  # what tells a folder that save() wrote from any other
_PIPELINES = {
    "classification": "text-classification",
    "tagging": "token-classification",
    "language_modelling": "text-generation",
    "masked_language_modelling": "fill-mask",
    "generation": "text-generation",
    "summarisation": "summarization",
    "chat": "text-generation",
}
_BASELINES = {  # what an answer that takes no learning is
    "classification": "always the commonest label",
    "tagging": "always the commonest tag",
    "language_modelling": "tokens by their frequency",
    "masked_language_modelling": "tokens by their frequency",
    "generation": "the title again; tokens by their frequency",
    "summarisation": "the content's beginning; tokens by their frequency",
    "chat": "always the commonest answer; tokens by their frequency",
}
_PRIVATE = ("watch", "base_fingerprint")  # settings that hold rows of the data, or are no settings


def save_model(
    predictor: Predictor,
    folder: Path,
    spec: RunSpec,
    started: RunStarted,
    first: Evaluated | None,
    best: Evaluated | None,
    merge: bool = True,
) -> Path:
    """Writes safetensors, config, tokenizer, labels and the model card; returns the folder.

    Everything is written aside first, then moved in: a folder is never left with half a model.

    Args:
        predictor: The run's kept model; it stays as it is.
        folder: New, empty, or one that `save` wrote before.
        spec: The run as asked for.
        started: What was in force.
        first: The evaluation before training.
        best: The evaluation of the weights that are saved.
        merge: Of a run with LoRA: True writes a plain model with the adapters added into its weights, False the
            adapters alone, which peft reads over the model that they were trained on.

    Raises:
        RunError: If the folder holds something else, or there are no adapters that could be saved alone.
    """
    folder = folder.expanduser().absolute()
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())):
        raise RunError(text("runs.save_occupied", folder=folder))
    if spec.method != "full" and folder.exists() and Path(spec.model).exists() and folder.samefile(spec.model):
        raise RunError(text("runs.save_onto_base", folder=folder, method=spec.method))
    if not merge and not is_adapted(predictor.model):
        raise RunError(text("models.no_adapter", method=spec.method))
    source = find_model(spec.model, pretrained=False) if not merge else None
    if source is not None and (source.kind == "tiny" or not spec.pretrained):
        raise RunError(text("models.adapter_baseless"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        if source is None:
            model: Any = merged(predictor.model)
            if hasattr(predictor.task, "end_ids"):
                tell_ends(model, predictor.tokenizer, predictor.task.end_ids(predictor.tokenizer))
            with quiet_transformers():
                model.save_pretrained(aside)
        else:
            save_adapter(predictor.model, aside, source.name)
        predictor.tokenizer.save_pretrained(aside)
        facts = _facts(spec, started, first, best)
        code = example(folder.name, facts, predictor, source.name if source else None)
        (aside / "README.md").write_text(_card(folder.name, facts, code), encoding="utf-8", newline="\n")
        (aside / MARK).write_text(
            json.dumps(_finite(facts), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8", newline="\n"
        )
        folder.mkdir(exist_ok=True)
        for file in sorted(aside.iterdir(), key=lambda f: f.name == MARK):
            replace(file, folder / file.name)
        _remove_other_kind(folder, whole=source is None)
    finally:
        remove_tree(aside)
    return folder


def _remove_other_kind(folder: Path, whole: bool) -> None:
    """Removes what an earlier save of the other kind left: of a whole model and an adapter, neither hides the other."""
    left = ("adapter_config.json", "adapter_model.safetensors") if whole else ("config.json", "generation_config.json")
    for path in [folder / name for name in left] + ([] if whole else sorted(folder.glob("model*.safetensors*"))):
        path.unlink(missing_ok=True)


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
        "settings": {name: value for name, value in started.settings.items() if name not in _PRIVATE},
        "parameters": {"all": started.n_parameters, "trained": started.n_trainable or started.n_parameters},
        "metrics": {**best.metrics, "val_loss": best.val_loss} if best else {},
        "before": {**first.metrics, "val_loss": first.val_loss} if first else {},
        "baseline": started.baseline,
        "notes": {name: why for name, why in started.reasons.items() if best and name in (*best.metrics, "written")},
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


def example(name: str, facts: dict[str, Any], predictor: Predictor, base: str | None) -> list[str]:
    """Returns the lines of Python that load the saved model and ask it once.

    Args:
        name: The folder's.
        facts: From the run.
        predictor: The run's kept model.
        base: The model that an adapter folder belongs to; None for a whole model.
    """
    task, head = facts["task"], predictor.task.head
    two = head == "AutoModelForSeq2SeqLM"
    pipeline = "text-generation" if task == "summarisation" else _PIPELINES.get(task)  # transformers 5 has no other
    quoted = json.dumps(name, ensure_ascii=False)
    lines: list[str] = []
    if pipeline is None:
        return _own_example(head, quoted, base)
    if base is None and not two:
        lines = ["from transformers import pipeline", "", f'model = pipeline("{pipeline}", {quoted})']
    elif base is None:
        lines = [
            f"from transformers import {head}, AutoTokenizer",
            "",
            f"model = {head}.from_pretrained({quoted})",
            f"tokenizer = AutoTokenizer.from_pretrained({quoted})",
        ]
    else:
        options = ""
        if facts["labels"]:
            lines = ["import json", "from pathlib import Path", ""]
            options = ", id2label=dict(enumerate(labels)), pad_token_id=tokenizer.pad_token_id"
            options += ", ignore_mismatched_sizes=True"
        imported = f"{head}, AutoTokenizer" + ("" if two else ", pipeline")
        lines += ["from peft import PeftModel", f"from transformers import {imported}", ""]
        lines += [f"tokenizer = AutoTokenizer.from_pretrained({quoted})"]
        if facts["labels"]:
            lines += [f'labels = json.loads(Path({quoted}, "{MARK}").read_text(encoding="utf-8"))["labels"]']
        lines += [f"base = {head}.from_pretrained({json.dumps(base, ensure_ascii=False)}{options})"]
        if getattr(predictor.model, "new_token_ids", ()):
            lines += ["base.resize_token_embeddings(len(tokenizer))  # room for the end token that was added"]
        lines += [f"model = PeftModel.from_pretrained(base, {quoted}).merge_and_unload()"]
        if not two:
            lines += [f'model = pipeline("{pipeline}", model=model, tokenizer=tokenizer)']
    return lines + _question(task, two, predictor.tokenizer)


def _own_example(head: str, quoted: str, base: str | None) -> list[str]:
    """Returns the lines that load a model of the user's own task: what its numbers mean, that task knows."""
    whole = base is None
    return [
        *([] if whole else ["from peft import PeftModel"]),
        f"from transformers import {head}, AutoTokenizer",
        "",
        f"tokenizer = AutoTokenizer.from_pretrained({quoted})",
        f"model = {head}.from_pretrained({quoted if whole else json.dumps(base, ensure_ascii=False)})",
        *([] if whole else [f"model = PeftModel.from_pretrained(model, {quoted}).merge_and_unload()"]),
        'print(model(**tokenizer("A text", return_tensors="pt")).logits)',
    ]


def _question(task: str, two: bool, tokenizer: Any) -> list[str]:
    """Returns the lines that ask a model which writes; the others are asked with a text alone."""
    most = min(100, tokenizer.model_max_length // 2)
    if two:
        return [
            'ids = tokenizer("A text", return_tensors="pt").input_ids',
            f"print(tokenizer.decode(model.generate(ids, max_new_tokens={most})[0], skip_special_tokens=True))",
        ]
    if task == "masked_language_modelling":
        return [f'print(model("A {tokenizer.mask_token} word."))']
    if task in ("classification", "tagging"):
        return []
    asked = {
        "chat": '[{"role": "user", "content": "A question?"}]',
        "language_modelling": '"A beginning"',
    }.get(task, '"A text\\n\\n"')  # what is read, a blank line, then what is written
    read = '["generated_text"]' + ('[-1]["content"]' if task == "chat" else "")
    return [f"print(model({asked}, max_new_tokens={most}, do_sample=False)[0]{read})"]


def _card(name: str, facts: dict[str, Any], code: list[str]) -> str:
    task, data, parameters = facts["task"], facts["data"], facts["parameters"]
    rows = [
        f"| {_code(metric)} | {facts['before'].get(metric, float('nan')):.4f} | {value:.4f} | "
        + (f"{facts['baseline'][metric]:.4f} |" if metric in facts["baseline"] else "|")
        for metric, value in facts["metrics"].items()
    ]
    front = {"library_name": "transformers", "pipeline_tag": _PIPELINES.get(task), "tags": ["ftkit"]}
    front = {key: value for key, value in front.items() if value}
    if "model = PeftModel" in "\n".join(code):
        front["library_name"] = "peft"
    settings = [f"| {key} | {_code(value)} |" for key, value in facts["settings"].items() if value is not None]
    notes = [f"- {_code(metric)}: {' '.join(note.split())}" for metric, note in facts["notes"].items()]
    lines = [
        "---",
        *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()),
        "---",
        "",
        f"# {name}",
        "",
        f"Fine-tuned with ftkit {facts['ftkit']} (run {facts['run']}) from {_code(facts['settings']['model'])} for "
        f"{task.replace('_', ' ')}.",
        _trained(facts["settings"], parameters["trained"], parameters["all"]),
        "",
        "```python",
        *code,
        "```",
        "",
        "## Data",
        "",
        f"{_code(data['file'])}, fingerprint `{data['fingerprint']}`: {data['train']} rows learnt from, "
        f"{data['validation']} rows measured on.",
        "",
        *([f"Labels: {', '.join(map(_code, facts['labels']))}", ""] if facts["labels"] else []),
        "## Metrics on the validation rows",
        "",
        "The weights are those of the evaluation with the lowest validation loss, so these numbers are a little "
        "optimistic; new rows tell the truth.",
        "",
        f"| metric | before | after | {_baseline(facts)} |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        *([*notes, ""] if notes else []),
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


def _baseline(facts: dict[str, Any]) -> str:
    """Returns what an answer that takes no learning is."""
    if facts["task"] == "classification" and "micro_f1" in facts["metrics"]:
        return "the labels that most texts have"
    return _BASELINES.get(facts["task"], "without learning")


def _trained(settings: dict[str, Any], trained: int, everything: int) -> str:
    """Returns the sentence on how much of the model was trained, and how."""
    share = f"{trained:,} of {everything:,} parameters were trained ({trained / max(everything, 1):.2%})"
    if settings.get("method") == "lora":
        targets = ", ".join(map(_code, settings.get("lora_targets", ())))
        return f"{share}: LoRA of rank {settings.get('lora_rank')} on {targets}."
    return f"{share}: the head alone." if settings.get("method") == "head" else f"{share}."
