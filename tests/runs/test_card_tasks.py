"""What `save` writes for each task: plain folders, adapters, and cards whose code runs."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
import transformers

import ftkit
from ftkit.errors import ModelError, RunError
from ftkit.runs.run import Run
from tests.models import folders
from tests.runs.data import labelled, tagged

PEFT_ASKS_BY_AN_OLD_NAME = "ignore:.is_gradient_checkpointing:FutureWarning"
LINES = [f"a {size} {animal} sat by the {thing}" for size in ("big", "small", "red") for animal in ("cat", "dog", "hen")
         for thing in ("door", "fire", "tree")]  # fmt: skip


def rows(task: str) -> ftkit.Dataset:
    if task == "classification":
        return labelled(40)
    if task == "tagging":
        return tagged(24)
    if task in ("language_modelling", "masked_language_modelling"):
        return ftkit.Dataset.from_rows(LINES, format="corpus")
    if task == "chat":
        return ftkit.Dataset.from_rows([(f"what is {i}?", f"{i} is {i + 1} less one") for i in range(24)], format="qa")
    return ftkit.Dataset.from_rows([(f"title {i}", line) for i, line in enumerate(LINES)], format="title")


def tuned(task: str, **settings: Any) -> Run:
    return ftkit.finetune(rows(task), task=task, **{"epochs": 1, "show": False, **settings})


TASKS = {
    "language_modelling": "text-generation",
    "masked_language_modelling": "fill-mask",
    "generation": "text-generation",
    "summarisation": "summarization",
    "chat": "text-generation",
    "classification": "text-classification",
    "tagging": "token-classification",
}
Made = Callable[..., Run]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Gives a run with LoRA over a folder that plain transformers wrote."""

    @functools.cache
    def make(task: str) -> Run:
        kind = {"classification": folders.bert, "tagging": folders.modernbert}.get(task, folders.gpt2)
        if task == "masked_language_modelling":
            kind = folders.modernbert
        if task == "summarisation":
            kind = folders.bart
        folder = kind(tmp_path / "base")  # type: ignore[operator]
        return tuned(task, model=folder, method="lora", learning_rate=1e-2)

    return make


def logits(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(**batch).logits
    return found


def batch_of(run: Run, tokenizer: Any) -> dict[str, torch.Tensor]:
    batch = dict(tokenizer(["a big cat sat", "the door"], padding=True, return_tensors="pt"))
    batch.pop("token_type_ids", None)
    model: Any = run._model().model
    return batch | ({"decoder_input_ids": batch["input_ids"][:, :2]} if model.config.is_encoder_decoder else {})


def run_code(card: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec("\n".join(re.findall(r"```python\n(.*?)```", card, re.DOTALL)), names)
    return names


@pytest.mark.parametrize("task", TASKS)
def test_the_card_of_every_task_says_what_it_is_and_its_code_runs(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tuned(task)
    card = (run.save(tmp_path / "model") / "README.md").read_text(encoding="utf-8")
    assert f'pipeline_tag: "{TASKS[task]}"' in card
    assert ("\nLabels: " in card) == (task in ("classification", "tagging"))
    baseline = "commonest" if task in ("classification", "tagging", "chat") else "tokens by their frequency"
    assert baseline in next(line for line in card.splitlines() if line.startswith("| metric |"))
    started = run.history.started
    assert started is not None
    assert f"{started.n_parameters:,} of {started.n_parameters:,} parameters were trained (100.00%)." in card
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in card.splitlines() if row.startswith("| ")} == {3, 5}
    monkeypatch.chdir(tmp_path)
    assert "model" in run_code(card)


def test_a_card_holds_no_rows_of_the_data(tmp_path: Path) -> None:
    folder = tuned("chat", watch=("a secret question",)).save(tmp_path / "model")
    assert all("secret" not in path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
    assert "secret" not in (folder / "ftkit.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("task", ["language_modelling", "summarisation", "classification", "tagging"])
def test_a_merged_folder_is_plain_and_the_run_s_model_stays_usable(task: str, made: Made, tmp_path: Path) -> None:
    run = made(task)
    predictor: Any = run._model()
    batch = batch_of(run, predictor.tokenizer)
    said = logits(predictor.model, batch)
    folder = run.save(tmp_path / "merged")
    assert not (folder / "adapter_config.json").exists()
    plain = getattr(transformers, predictor.task.head).from_pretrained(folder)
    assert torch.allclose(logits(plain, batch), said, rtol=1e-4, atol=1e-5)
    assert torch.equal(logits(predictor.model, batch), said)
    assert ftkit.finetune(rows(task), task=task, model=folder, epochs=1, show=False).state == "completed"


@pytest.mark.filterwarnings(PEFT_ASKS_BY_AN_OLD_NAME)
@pytest.mark.parametrize("task", ["language_modelling", "summarisation", "classification", "tagging"])
def test_the_code_of_an_adapter_s_card_says_what_the_run_says(
    task: str, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(task)
    predictor: Any = run._model()
    folder = run.save(tmp_path / "适配器", merge=False)
    assert not (folder / "config.json").exists()
    assert not (folder / "model.safetensors").exists()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "LoRA of rank 8 on " in card
    monkeypatch.chdir(tmp_path)
    found = run_code(card)["model"]
    again = getattr(found, "model", found) if task != "summarisation" else found
    batch = batch_of(run, predictor.tokenizer)
    assert torch.allclose(logits(again, batch), logits(predictor.model, batch), rtol=1e-4, atol=1e-5)
    if task in ("classification", "tagging"):
        assert again.config.id2label == dict(enumerate(predictor.task.labels))


@pytest.mark.filterwarnings(PEFT_ASKS_BY_AN_OLD_NAME)
def test_peft_finds_the_base_of_an_adapter_by_itself(made: Made, tmp_path: Path) -> None:
    run = made("language_modelling")
    folder = run.save(tmp_path / "adapter", merge=False)
    predictor: Any = run._model()
    again = peft.AutoPeftModelForCausalLM.from_pretrained(folder)
    batch = batch_of(run, transformers.AutoTokenizer.from_pretrained(folder))
    assert torch.allclose(logits(again, batch), logits(predictor.model, batch), rtol=1e-4, atol=1e-5)


def test_an_adapter_folder_is_no_model_to_start_from(made: Made, tmp_path: Path) -> None:
    folder = made("classification").save(tmp_path / "adapter", merge=False)
    with pytest.raises(ModelError, match=r"adapter of .*base.*merge=True"):
        ftkit.finetune(rows("classification"), model=folder, show=False)


def test_a_whole_model_and_an_adapter_never_lie_in_one_folder(made: Made, tmp_path: Path) -> None:
    run = made("classification")
    run.save(tmp_path / "model")
    run.save(tmp_path / "model", merge=False)
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert "adapter_config.json" in names
    assert not names & {"config.json", "model.safetensors"}
    run.save(tmp_path / "model")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert {"config.json", "model.safetensors"} <= names
    assert "adapter_config.json" not in names


def test_what_has_no_adapter_cannot_be_saved_as_one(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no adapter \(method='full'\)"):
        tuned("classification").save(tmp_path / "model", merge=False)
    with pytest.raises(RunError, match=r"run\.save\(folder\)"):
        tuned("classification", method="lora").save(tmp_path / "model", merge=False)
    assert not (tmp_path / "model").exists()


def test_a_saved_chat_stops_where_its_template_ends_an_answer(tmp_path: Path) -> None:
    run = tuned("chat", model=folders.gpt2(tmp_path / "base"))
    predictor: Any = run._model()
    folder = run.save(tmp_path / "model")
    ends = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))["eos_token_id"]
    assert set(ends if isinstance(ends, list) else [ends]) == predictor.task.end_ids(predictor.tokenizer)
    assert transformers.AutoTokenizer.from_pretrained(folder).chat_template


def test_a_trained_head_alone_is_saved_with_the_rest(tmp_path: Path) -> None:
    run = tuned("language_modelling", model=folders.gpt2(tmp_path / "base"), method="head", learning_rate=1e-2)
    predictor: Any = run._model()
    batch = batch_of(run, predictor.tokenizer)
    folder = run.save(tmp_path / "model")
    again = transformers.AutoModelForCausalLM.from_pretrained(folder)
    assert torch.allclose(logits(again, batch), logits(predictor.model, batch), rtol=1e-4, atol=1e-5)
    assert "the head alone." in (folder / "README.md").read_text(encoding="utf-8")
