"""Runs that learn to write: every format from rows to text, what is watched, adapters, a saved model that agrees."""

from __future__ import annotations

import csv
import json
import math
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.errors import DataError, ModelError, RunError, SettingError
from ftkit.runs.run import Run
from ftkit.training.events import Evaluated, Progress, Sampled, Tick
from ftkit.training.predictor import Generated

NAMES = ("fox", "owl", "hare", "bear", "frog")
PLACES = ("river", "hill", "barn", "wood")
TALES = [f"The {name} went to the {place} and saw {n} birds." for n in range(3) for name in NAMES for place in PLACES]
ASKED = [
    (f"Where is the {name} on day {n}?", f"At the {PLACES[i % 4]}.") for n in range(8) for i, name in enumerate(NAMES)
]
PAIRS = [(f"{name} {n}", f"Here is what the {name} does on day {n}.") for n in range(8) for name in NAMES]
FEW = {"epochs": 2, "show": False, "batch_size": 8, "validation": 0.25}


@pytest.fixture(scope="module")
def corpus() -> Dataset:
    return Dataset.from_rows(TALES, format="corpus")


@pytest.fixture(scope="module")
def questions() -> Dataset:
    return Dataset.from_rows(ASKED, format="qa")


@pytest.fixture
def chat(questions: Dataset) -> Run:
    return ftkit.finetune(questions, **{**FEW, "epochs": 6}, learning_rate=5e-3)


@pytest.mark.parametrize(
    ("format", "rows", "task", "metrics"),
    [
        ("corpus", TALES, "language_modelling", ["perplexity", "bits_per_character"]),
        ("corpus", TALES, "masked_language_modelling", ["perplexity", "accuracy"]),
        ("title", PAIRS, "generation", ["rouge_l", "chrf", "bleu", "perplexity"]),
        ("title", PAIRS, "summarisation", ["rouge_l", "chrf", "bleu", "perplexity"]),
        ("qa", ASKED, "chat", ["token_f1", "exact_match", "perplexity"]),
    ],
)
def test_every_task_learns_beyond_its_first_evaluation(
    format: str, rows: list[object], task: str, metrics: list[str]
) -> None:
    run = ftkit.finetune(Dataset.from_rows(rows, format=format), task=task, **{**FEW, "epochs": 4}, learning_rate=5e-3)
    assert run.state == "completed"
    assert list(run.history.evaluations[0].metrics) == metrics
    assert run.history.best is not None
    assert run.history.best.val_loss < run.history.evaluations[0].val_loss
    started = run.history.started
    assert started is not None
    assert set(started.baseline) == set(metrics)
    assert run.metrics["perplexity"] == pytest.approx(math.exp(run.metrics["val_loss"]))


def test_perplexity_and_bits_equal_what_transformers_measures_of_the_saved_model(
    corpus: Dataset, tmp_path: Path
) -> None:
    run = ftkit.finetune(corpus, **{**FEW, "validation": corpus[:12]})
    folder = run.save(tmp_path / "model")
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    texts = corpus[:12].texts
    end = [tokenizer.eos_token_id]
    lines = [tokenizer(text, add_special_tokens=False)["input_ids"] + end for text in texts]
    ids = np.concatenate([end, *lines])
    step = run.history.started.settings["max_length"] - 1  # type: ignore[union-attr]
    nats, n = 0.0, 0
    for start in range(0, len(ids) - 1, step):  # by transformers' own loss
        block = torch.tensor(ids[start : start + step + 1])[None]
        with torch.inference_mode():
            nats += float(model(input_ids=block, labels=block).loss) * (block.shape[1] - 1)
        n += block.shape[1] - 1
    assert n == sum(map(len, lines))  # every token once
    assert run.metrics["perplexity"] == pytest.approx(math.exp(nats / n), rel=1e-3)
    bits = nats / math.log(2) / sum(len(text) + 1 for text in texts)
    assert run.metrics["bits_per_character"] == pytest.approx(bits, rel=1e-3)
    assert run.evaluate(corpus[:12])["perplexity"] == pytest.approx(run.metrics["perplexity"], rel=1e-3)


def test_the_watched_prompts_are_continued_at_every_evaluation(questions: Dataset) -> None:
    run = ftkit.finetune(questions, watch=["Where is the fox?", "谁在那里？"], **FEW)
    steps = [event.step for event in run.history.evaluations]
    assert [(row.step, row.prompt) for row in run.samples] == [
        (step, prompt) for step in steps for prompt in ("Where is the fox?", "谁在那里？")
    ]
    again = ftkit.attach(run.folder)
    assert list(Run(again._folder).samples) == list(run.samples)


def test_watched_rows_are_validation_rows_unless_prompts_are_named(questions: Dataset) -> None:
    run = ftkit.finetune(questions, **FEW)
    asked = dict(ASKED)
    assert all(asked[row.prompt] == row.expected for row in run.samples)
    assert len({row.prompt for row in run.samples}) == 3
    assert not ftkit.finetune(questions, watch=(), **FEW).samples


def test_generation_is_the_same_for_a_seed_in_a_batch_and_streamed(chat: Run) -> None:
    prompts = [question for question, _ in ASKED[:3]]
    drawn = {"temperature": 1.0, "top_p": 0.9, "seed": 7, "max_new_tokens": 12}
    together = chat.generate(prompts, **drawn)
    assert together == chat.generate(prompts, **drawn)
    assert together[0] == chat.generate(prompts[0], **drawn)
    assert together != chat.generate(prompts, **{**drawn, "seed": 8})
    assert "".join(chat.generate(prompts[0], stream=True, **drawn)).strip() == together[0].text
    assert chat.predict(prompts) == chat.generate(prompts)
    assert isinstance(chat.predict(prompts[0]), Generated)


def test_greedy_text_equals_what_transformers_writes_with_the_saved_model(chat: Run, tmp_path: Path) -> None:
    folder = chat.save(tmp_path / "model")
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    for question, _ in ASKED[:3]:
        turns = [{"role": "user", "content": question}]
        ids = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        found = model.generate(**ids, do_sample=False, max_new_tokens=12)[0, ids["input_ids"].shape[1] :]
        written = tokenizer.decode(found, skip_special_tokens=True).strip()
        assert chat.generate(question, max_new_tokens=12).text == written


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"temperature": -1}, "temperature=-1"),
        ({"top_p": 0}, "top_p=0"),
        ({"top_p": 1.5}, "top_p=1.5"),
        ({"max_new_tokens": 0}, "max_new_tokens=0"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_a_setting_of_generation_that_cannot_be_is_named(chat: Run, settings: dict[str, float], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        chat.generate("Hi", **settings)


def test_what_cannot_be_continued_is_refused_in_words(chat: Run) -> None:
    with pytest.raises(DataError, match="end with an answer"):
        chat.generate([["Hi", "Hello"]])
    with pytest.raises(SettingError, match="2 prompts"):
        chat.generate(["Hi", "Ho"], stream=True)
    with pytest.raises(DataError, match="Item 0 is no text"):
        chat.generate([3])
    with pytest.raises(DataError, match="Item 0 is no text"):
        chat.generate(None)  # type: ignore[arg-type]
    labelled = Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(60)])
    with pytest.raises(DataError, match="writes no text"):
        ftkit.finetune(labelled, **FEW).generate("Hi")


def test_a_masked_model_says_how_it_is_asked(corpus: Dataset) -> None:
    run = ftkit.finetune(corpus, task="masked_language_modelling", **FEW)
    with pytest.raises(ModelError, match="fill-mask"):
        run.predict("The fox")


def test_a_file_of_questions_becomes_a_csv_of_answers(chat: Run, tmp_path: Path) -> None:
    lines = [f"{question}\t{answer}" for question, answer in ASKED[:5]]
    (tmp_path / "in.tsv").write_text("\n".join(lines), encoding="utf-8")
    out = chat.predict(tmp_path / "in.tsv", out=tmp_path / "out.csv")
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["prompt", "expected", "generated", "ended"]
    found = chat.generate([question for question, _ in ASKED[:5]])
    assert [row[2] for row in rows[1:]] == [answer.text for answer in found]


def test_conversations_of_a_file_are_asked_with_all_their_turns(chat: Run, tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("Where is the fox?\tAt the hill.\nHi\tHello.\tAnd you?\tFine.\n", encoding="utf-8")
    out = chat.predict(tmp_path / "in.tsv", out=tmp_path / "out.csv")
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:2] for row in rows[1:]] == [["Where is the fox?", "At the hill."], ["Hi\nHello.\nAnd you?", "Fine."]]
    assert rows[2][2] == chat.generate([["Hi", "Hello.", "And you?"]])[0].text


def test_an_evaluation_can_be_stopped_between_two_tokens(questions: Dataset) -> None:
    events, stopped_at = [], None
    run = ftkit.stream(questions, **{k: v for k, v in FEW.items() if k != "show"})
    for event in run:
        events.append(event)
        if isinstance(event, Progress) and event.phase == "evaluate" and event.done == event.total:
            ftkit.list_runs()[-1].stop()  # while the first evaluation writes
            time.sleep(0.5)  # by then the run has seen it
            stopped_at = len(events)
    assert stopped_at is not None
    assert not any(isinstance(event, Evaluated | Sampled | Tick) for event in events[stopped_at:])
    assert events[-1].reason == "stopped"


def test_an_answer_that_was_cut_is_counted_and_its_line_is_named() -> None:
    rows = [*ASKED, ("Tell me all.", "All of it. " * 300)]
    run = ftkit.finetune(Dataset.from_rows(rows, format="qa"), max_length=64, **FEW)
    (warned,) = [w.message for w in run.history.warnings if w.kind == "answer_cut"]
    assert "1 of" in warned
    assert f"rows:{len(rows)}" in warned


@pytest.mark.parametrize("method", ["lora", "head"])
def test_a_part_of_a_model_is_trained_from_a_folder_and_kept_small(
    corpus: Dataset, questions: Dataset, tmp_path: Path, method: str
) -> None:
    base = ftkit.finetune(corpus, **FEW).save(tmp_path / "base")
    run = ftkit.finetune(questions, model=base, method=method, **FEW)
    started = run.history.started
    assert started is not None
    assert 0 < started.n_trainable < started.n_parameters
    weights = next((run.folder / "checkpoints").rglob("model.safetensors"))
    assert weights.stat().st_size < 5 * started.n_trainable + 20_000  # fp32, and nothing of the base
    said = run.generate(ASKED[0][0])
    assert Run(run._folder).generate(ASKED[0][0]) == said  # read from disk again
    merged = ftkit.finetune(questions, model=run.save(tmp_path / "merged"), **FEW)
    assert merged.history.evaluations[0].val_loss == pytest.approx(run.history.best.val_loss, rel=1e-4)  # type: ignore[union-attr]


def test_an_adapter_whose_base_is_gone_or_changed_says_which(
    corpus: Dataset, questions: Dataset, tmp_path: Path
) -> None:
    base = ftkit.finetune(corpus, **FEW).save(tmp_path / "base")
    run = ftkit.finetune(questions, model=base, method="lora", **FEW)
    said = run.generate("Hi")
    for merge in (True, False):
        with pytest.raises(RunError, match="base: this is the model that the run was trained from"):
            run.save(base, merge=merge)
    base.rename(tmp_path / "moved")
    with pytest.raises(RunError, match=r"base: the model that this run was trained from is gone"):
        Run(run._folder).generate("Hi")
    other = ftkit.finetune(corpus, **{**FEW, "epochs": 1}).save(base)
    with pytest.raises(RunError, match="base: these weights are not those"):
        Run(run._folder).generate("Hi")
    weights = (tmp_path / "moved" / "model.safetensors").read_bytes()
    (other / "model.safetensors").write_bytes(weights)
    assert Run(run._folder).generate("Hi") == said


def test_a_model_in_memory_stays_when_its_file_is_written_over(
    corpus: Dataset, questions: Dataset, tmp_path: Path
) -> None:
    base = ftkit.finetune(corpus, **FEW).save(tmp_path / "base")
    run = ftkit.finetune(questions, model=base, method="lora", **FEW)
    said = run.generate("Hi")
    file = base / "model.safetensors"
    with file.open("r+b") as stream:  # in place, as a copy does
        size = file.stat().st_size
        stream.seek(size // 2)
        stream.write(bytes(size - size // 2))
    assert run.generate("Hi") == said


def test_the_new_settings_are_in_the_spec_and_come_back(questions: Dataset) -> None:
    run = ftkit.finetune(questions, watch="Hi", method="full", lora_targets=["q_proj"], **FEW)
    spec = json.loads((run.folder / "spec.json").read_text(encoding="utf-8"))
    assert (spec["watch"], spec["lora_targets"]) == (["Hi"], ["q_proj"])
    assert run._folder.spec() == run.spec


def test_rows_of_another_task_are_not_measured(chat: Run) -> None:
    with pytest.raises(DataError, match="these rows are for language_modelling"):
        chat.evaluate(Dataset.from_rows(TALES, format="corpus"))
    labelled = ftkit.finetune(Dataset.from_rows([(f"text {i}", "ab"[i % 2]) for i in range(60)]), **FEW)
    with pytest.raises(DataError, match="these rows are for chat"):
        labelled.evaluate(Dataset.from_rows(ASKED, format="qa"))


def test_the_rows_of_a_dataset_are_asked_as_they_are_learnt(chat: Run) -> None:
    rows = Dataset.from_rows([*ASKED[:2], (("Hi", "And you?"), ("Hello.", "Fine."))], format="qa")
    prompts = [answer.prompt for answer in chat.predict(rows)]
    assert prompts == [ASKED[0][0], ASKED[1][0], ["Hi", "Hello.", "And you?"]]
    titles = Dataset.from_rows(PAIRS, format="title")
    run = ftkit.finetune(titles, task="summarisation", **FEW)
    assert [answer.prompt for answer in run.predict(titles[:2])] == [content for _, content in PAIRS[:2]]


def test_evaluating_the_validation_rows_again_gives_the_same_numbers() -> None:
    pairs = Dataset.from_rows(PAIRS, format="title")
    run = ftkit.finetune(pairs, validation=pairs[:10], max_length=32, epochs=2, show=False)
    again = run.evaluate(pairs[:10])
    for name in ("rouge_l", "chrf", "bleu", "perplexity"):
        assert again[name] == pytest.approx(run.metrics[name], rel=1e-3)


def test_a_task_tells_which_of_two_formats_a_short_file_is(shared_data: Path) -> None:
    assert ftkit.load(shared_data / "handbook" / "qa.tsv", task="chat").format == "qa"
    assert ftkit.load(shared_data / "handbook" / "title.tsv", task="summarisation").format == "title"


def test_settings_that_cannot_help_are_refused_before_anything_starts(corpus: Dataset, questions: Dataset) -> None:
    with pytest.raises(SettingError, match="no answers that a metric could compare"):
        ftkit.finetune(corpus, metrics={"mine": lambda written, true: 1.0}, **FEW)
    with pytest.raises(SettingError, match="no room for a prompt and its answer"):
        ftkit.finetune(questions, max_length=8, **FEW)
