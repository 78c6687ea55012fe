"""Titles and contents: what is read, what is learnt, and what is cut."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.models import tiny
from ftkit.tasks import Measured, build_task
from ftkit.tasks.text_metrics import bleu, chrf, rouge_l
from ftkit.tasks.writing import Writing, fit_pair
from ftkit.training.batching import to_tensors
from tests.tasks.small import TEXTS, mistral, plain

TITLES = ["The fox", "包裹", "River"]
CONTENTS = [
    "A fox lived by the river. It is on its way.",
    "我的包裹在哪里？在路上。",
    "The river is where my parcel is!",
]


def bert_writer() -> Any:
    """Chinese GPT-2's way: BERT's tokenizer, whose separator ends a text and which drops line ends."""
    tokenizer = tiny.train_tokenizer(TEXTS + TITLES * 2 + CONTENTS * 2)
    tokenizer.add_special_tokens({"eos_token": "[SEP]"})
    return tokenizer


MAKERS = {"gpt2": plain, "llama": mistral, "bert": bert_writer}


def encoded(task: Writing, tokenizer: Any, max_length: int = 256) -> Encoded:
    return task.pack(task.encode(TITLES, CONTENTS, tokenizer, max_length), max_length)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("name", ["generation", "summarisation"])
def test_source_separator_target_and_end_make_a_row_with_loss_on_the_last_two(name: str, make: Any) -> None:
    tokenizer, task = make(), Writing(name)
    read, written = (TITLES, CONTENTS) if name == "generation" else (CONTENTS, TITLES)
    found = encoded(task, tokenizer)
    before = tokenizer("x")["input_ids"][:1] if make is not plain else []
    blank = tokenizer("\n\n", add_special_tokens=False)["input_ids"] or [tokenizer.sep_token_id]
    for i in range(3):
        source, target = (tokenizer(t[i], add_special_tokens=False)["input_ids"] for t in (read, written))
        prompt, answer = [*before, *source, *blank], [*target, tokenizer.eos_token_id]
        assert found.input_ids[i].tolist() == prompt + answer
        assert (found.labels or [])[i].tolist() == [IGNORED] * len(prompt) + answer
        assert (found.prompts or [])[i].tolist() == prompt
        assert task.prompt(read[i], tokenizer, 256).tolist() == prompt
    assert found.n_truncated == 0
    assert found.lost is not None
    assert not found.lost.any()
    assert (list(found.sources or []), list(found.targets or [])) == (read, written)


@pytest.mark.parametrize("room", [4, 5, 10, 11, 64])
@pytest.mark.parametrize("n_source", [0, 1, 5, 50])
@pytest.mark.parametrize("n_target", [1, 2, 6, 50])
def test_the_target_gets_half_if_it_needs_it_and_nothing_stays_empty(n_source: int, n_target: int, room: int) -> None:
    source, target = fit_pair(range(n_source), range(n_target), room)
    assert source + target <= room
    assert target >= min(n_target, room // 2)
    assert source + target == min(room, n_source + n_target)
    assert source >= min(n_source, room - max(n_target, room // 2))


def test_what_does_not_fit_is_cut_and_counted_and_no_end_is_learnt_where_it_is_missing() -> None:
    tokenizer, task = mistral(), Writing("generation")
    titles = ["fox " * 40, "fox", "fox " * 40, "fox"]
    contents = ["river " * 40, "river " * 40, "river", "river"]
    found = task.encode(titles, contents, tokenizer, 32)
    blank = tokenizer("\n\n", add_special_tokens=False)["input_ids"]
    sizes = [len(tokenizer(content, add_special_tokens=False)["input_ids"]) + 1 for content in contents]
    for i, (ids, labels, prompt) in enumerate(
        zip(found.input_ids, found.labels or [], found.prompts or [], strict=True)
    ):
        assert len(ids) <= 32
        assert prompt[0] == tokenizer.bos_token_id
        assert prompt[-len(blank) :].tolist() == blank
        kept = int((labels != IGNORED).sum())
        assert found.lost is not None
        assert found.lost[i] == sizes[i] - kept
        assert (labels[-1] == tokenizer.eos_token_id) == (found.lost[i] == 0)
    assert (np.asarray(found.lost) > 0).tolist() == [True, True, False, False]
    assert int(((found.labels or [])[0] != IGNORED).sum()) == 16
    assert found.n_truncated == 3
    assert found.targets == contents  # uncut: what is lost counts in the metrics


def test_a_prompt_leaves_room_for_an_answer() -> None:
    tokenizer, task = plain(), Writing("summarisation")
    blank = tokenizer("\n\n", add_special_tokens=False)["input_ids"]
    for max_length, expected in ((64, 32), (400, 272)):
        prompt = task.prompt("river " * 900, tokenizer, max_length)
        assert len(prompt) == expected
        assert prompt[-len(blank) :].tolist() == blank


def test_sources_without_targets_are_encoded_as_what_is_read() -> None:
    found = Writing("summarisation").encode(CONTENTS, None, plain(), 256)
    assert found.labels is found.targets is found.lost is None
    assert [ids.tolist() for ids in found.input_ids] == [ids.tolist() for ids in found.prompts or []]


def test_the_loss_of_one_stream_is_the_one_of_transformers() -> None:
    tokenizer, task = plain(), Writing("generation")
    found = encoded(task, tokenizer)
    torch.manual_seed(0)
    config = transformers.GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2)
    model = transformers.GPT2LMHeadModel(config).eval()
    tensors = to_tensors(found, np.arange(3), tokenizer.pad_token_id)
    labels = tensors["labels"]
    with torch.inference_mode():
        theirs = model(**tensors)
    assert task.count(labels) == sum(len(tokenizer(content)["input_ids"]) + 1 for content in CONTENTS)
    mean = task.loss(theirs.logits, labels, 0.0).item() / task.count(labels)
    assert mean == pytest.approx(theirs.loss.item(), rel=1e-5)


@pytest.mark.parametrize("make", [mistral, bert_writer], ids=["bart", "bert"])
def test_an_encoder_decoder_reads_and_writes_apart(make: Any) -> None:
    tokenizer, task = make(), Writing("summarisation", encoder_decoder=True)
    task.decoder_start = 7
    assert task.head == "AutoModelForSeq2SeqLM"
    found = encoded(task, tokenizer)
    for i in range(3):
        assert found.input_ids[i].tolist() == tokenizer(CONTENTS[i])["input_ids"]
        target = tokenizer(TITLES[i], add_special_tokens=False)["input_ids"]
        first = tokenizer(TITLES[i])["input_ids"][:1]
        assert (found.labels or [])[i].tolist() == [*first, *target, tokenizer.eos_token_id]
    assert found.decoder_start == 7
    cut = encoded(task, tokenizer, 6)
    assert max(map(len, cut.input_ids)) == 6
    for i, ids in enumerate(cut.input_ids):  # the marks around a text stay
        outer = tokenizer(CONTENTS[i])["input_ids"]
        assert ids[0] == outer[0]
        assert ids[-1] == outer[-1] or make is mistral
    assert cut.lost is not None
    assert cut.lost.sum() == sum(max(0, len(row) - 6) for row in found.labels or [])


def test_the_loss_of_an_encoder_decoder_is_the_one_of_transformers() -> None:
    tokenizer, task = plain(), Writing("generation", encoder_decoder=True)
    task.decoder_start = 0
    found = encoded(task, tokenizer)
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    config.pad_token_id = tokenizer.pad_token_id
    model = transformers.T5ForConditionalGeneration(config).eval()
    tensors = to_tensors(found, np.arange(3), tokenizer.pad_token_id)
    labels = tensors.pop("labels")
    with torch.inference_mode():
        ours = task.loss(model(**tensors).logits, labels, 0.0).item() / task.count(labels)
        tensors.pop("decoder_input_ids")
        theirs = model(**tensors, labels=labels).loss.item()
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_an_encoder_decoder_must_be_told_where_it_starts() -> None:
    with pytest.raises(AssertionError):
        Writing("generation", encoder_decoder=True).encode(TITLES, CONTENTS, plain(), 64)


def test_metrics_are_of_the_texts_that_were_written() -> None:
    task = build_task("summarisation", (), {"mine": lambda written, true: sum(map(len, written))})
    found = task.pack(task.encode(TITLES, CONTENTS, plain(), 256), 256)
    metrics = task.metrics(Measured(math.log(5), 9, (), {2: "The river", 0: "The dog"}), found)
    assert list(metrics) == ["rouge_l", "chrf", "bleu", "perplexity", "mine"]
    written, true = ["The dog", "The river"], ["The fox", "River"]
    assert metrics["rouge_l"] == rouge_l(written, true)
    assert metrics["chrf"] == chrf(written, true)
    assert metrics["bleu"] == bleu(written, true)
    assert metrics["perplexity"] == pytest.approx(5)
    assert metrics["mine"] == len("The dogThe river")


def test_a_metric_of_the_user_that_fails_is_nan_and_noted() -> None:
    task = build_task("generation", (), {"mine": lambda written, true: 1 / 0})
    found = task.pack(task.encode(TITLES, CONTENTS, plain(), 256), 256)
    assert math.isnan(task.metrics(Measured(1.0, 9, (), {0: "a"}), found)["mine"])
    assert "ZeroDivisionError" in task.metric_errors["mine"]


def test_nothing_written_is_not_said_to_be_wrong() -> None:
    task = build_task("generation", ())
    found = task.encode(TITLES, CONTENTS, plain(), 256)
    assert task.metrics(Measured(0.0, 9), found) == {"perplexity": 1.0}


def test_the_baselines_copy() -> None:
    tokenizer = plain()
    writing = Writing("generation")
    rows = encoded(writing, tokenizer)
    assert writing.baseline(rows, rows)["rouge_l"] == rouge_l(TITLES, CONTENTS)
    summing = Writing("summarisation")
    rows = encoded(summing, tokenizer)
    # five characters, the median of 7, 2 and 5, of each first sentence
    assert summing.baseline(rows, rows)["chrf"] == chrf(["A fox", "我的包裹在", "The r"], TITLES)
    counts = np.bincount(np.concatenate([row[row != IGNORED] for row in rows.labels or []]), minlength=len(tokenizer))
    tokens = np.concatenate([row[row != IGNORED] for row in rows.labels or []])
    expected = np.exp(-np.log((counts[tokens] + 1) / (counts.sum() + len(tokenizer))).mean())
    assert summing.baseline(rows, rows)["perplexity"] == pytest.approx(expected)


def test_chinese_is_said_to_be_compared_by_character(monkeypatch: pytest.MonkeyPatch) -> None:
    from ftkit import i18n

    task = Writing("generation")
    task.pack(task.encode(["包裹"], ["我的包裹在哪里？"], plain(), 64), 64)
    assert "character by character" in task.notes["rouge_l"]
    monkeypatch.setattr(i18n, "_chosen", "zh")
    task.pack(task.encode(["包裹"], ["我的包裹在哪里？"], plain(), 64), 64)
    assert "逐字" in task.notes["bleu"]
    task.pack(task.encode(["Fox"], ["The fox"], plain(), 64), 64)
    assert task.notes == {}


def test_a_text_that_was_written_ends_at_the_end_token() -> None:
    tokenizer, task = plain(), Writing("generation")
    ids = tokenizer(" the river")["input_ids"]
    assert task.finish([*ids, tokenizer.eos_token_id], tokenizer) == ("the river", True)
    assert task.finish(ids, tokenizer) == ("the river", False)
    assert task.finish([], tokenizer) == ("", False)
