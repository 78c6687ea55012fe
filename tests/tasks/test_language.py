"""Language modelling: every token is predicted once, and nothing but words is hidden."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.errors import ModelError
from ftkit.models import tiny, tiny_writer
from ftkit.tasks import Measured, build_task
from ftkit.tasks.language import LanguageModelling, MaskedLanguageModelling, edges, perplexity
from ftkit.training.batching import to_tensors
from tests.tasks.small import mistral, plain

LINES = ["Where is my parcel?", "我的包裹在哪里？", "", "A fox lived by the river. " * 6, "谢谢你的帮助"] * 4


def packed(task: Any, tokenizer: Any, lines: list[str], max_length: int) -> Encoded:
    chunks = [task.encode(lines[at : at + 3], [""] * 3, tokenizer, max_length) for at in range(0, len(lines), 3)]
    found: Encoded = task.pack(Encoded.joined(chunks), max_length)
    return found


def opt() -> Any:
    """OPT's way: a text begins with the token that also ends it."""
    tokenizer = mistral()
    tokenizer.add_special_tokens({"eos_token": "<s>"})
    return tokenizer


@pytest.mark.parametrize("max_length", [2, 7, 32, 512, 5000])
@pytest.mark.parametrize("make", [plain, mistral, opt], ids=["gpt2", "llama", "opt"])
def test_every_token_is_predicted_once_and_only_the_last_row_is_short(make: Any, max_length: int) -> None:
    tokenizer, task = make(), LanguageModelling()
    found = packed(task, tokenizer, LINES, max_length)
    starts = [tokenizer.bos_token_id] if make is mistral else []
    stream = [
        token
        for line in LINES
        for token in [*starts, *tokenizer(line, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    ]
    if make is mistral:
        first, stream = stream[0], stream[1:]
    else:
        first = tokenizer.eos_token_id
    assert found.input_ids[0][0] == first
    assert [int(token) for row in found.input_ids for token in row[1:]] == stream
    assert sum(task.count(torch.from_numpy(row)[None]) for row in found.labels or []) == len(stream)
    assert all(len(row) == max_length for row in found.input_ids[:-1])
    assert 2 <= len(found.input_ids[-1]) <= max_length
    for before, after in zip(found.input_ids, found.input_ids[1:], strict=False):
        assert before[-1] == after[0]


def test_the_loss_is_the_one_of_transformers_block_by_block() -> None:
    tokenizer, task = plain(), LanguageModelling()
    found = packed(task, tokenizer, LINES, 24)
    torch.manual_seed(0)
    config = transformers.GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2, n_positions=24)
    model = transformers.GPT2LMHeadModel(config).eval()
    tensors = to_tensors(found, np.arange(len(found)), tokenizer.pad_token_id)
    labels = tensors.pop("labels")
    with torch.inference_mode():
        ours = task.loss(model(**tensors).logits, labels, 0.0).item()
        rows = [torch.from_numpy(row.astype(np.int64))[None] for row in found.input_ids]
        theirs = [model(input_ids=row, labels=row).loss.item() * (row.shape[1] - 1) for row in rows]
    assert ours == pytest.approx(sum(theirs), rel=1e-5)
    n_characters = sum(len(line) + 1 for line in LINES)
    n_tokens = task.count(labels)
    metrics = task.metrics(Measured(ours / n_tokens, n_tokens), found)
    assert list(metrics) == ["perplexity", "bits_per_character"]
    assert metrics["perplexity"] == pytest.approx(math.exp(sum(theirs) / n_tokens), rel=1e-5)
    assert metrics["bits_per_character"] == pytest.approx(sum(theirs) / math.log(2) / n_characters, rel=1e-5)


def test_the_baseline_is_the_unigram_distribution_with_one_added_to_every_token() -> None:
    tokenizer, task = plain(), LanguageModelling()
    train, validation = packed(task, tokenizer, LINES, 16), packed(task, tokenizer, ["Where is the fox?", "北京"], 16)
    counts = Counter(int(token) for row in train.input_ids for token in row[1:])
    n, size = sum(counts.values()), len(tokenizer)
    tokens = [int(token) for row in validation.input_ids for token in row[1:]]
    loss = -sum(math.log((counts[token] + 1) / (n + size)) for token in tokens) / len(tokens)
    found = task.baseline(train, validation)
    assert found["perplexity"] == pytest.approx(math.exp(loss))
    assert found["bits_per_character"] == pytest.approx(loss * len(tokens) / math.log(2) / validation.n_characters)


@pytest.mark.parametrize("make", [plain, mistral, opt], ids=["gpt2", "llama", "opt"])
def test_a_prompt_begins_as_a_line_does_in_training(make: Any) -> None:
    tokenizer, task = make(), LanguageModelling()
    prompt = task.prompt("A fox", tokenizer, 64).tolist()
    row = packed(task, tokenizer, ["A fox lived"], 64).input_ids[0].tolist()
    assert row[: len(prompt)] == prompt
    assert task.prompt("", tokenizer, 64).tolist() == row[:1]


def test_a_long_prompt_keeps_its_end_and_leaves_room_to_write() -> None:
    tokenizer, task = plain(), LanguageModelling()
    prompt = task.prompt("river " * 500 + "fox", tokenizer, 400)
    assert len(prompt) == 400 - 128
    assert tokenizer.decode(prompt).endswith("river fox")
    assert len(task.prompt("river " * 500, tokenizer, 40)) == 20


def test_a_written_line_has_ended_if_its_last_token_says_so() -> None:
    tokenizer, task = plain(), LanguageModelling()
    ids = tokenizer("the river")["input_ids"]
    assert task.end_ids(tokenizer) == {tokenizer.eos_token_id}
    assert task.finish([*ids, tokenizer.eos_token_id], tokenizer) == ("the river", True)
    assert task.finish(ids, tokenizer) == ("the river", False)
    assert task.finish([], tokenizer) == ("", False)


@pytest.mark.parametrize("loss", [800.0, 1e9, math.inf])
def test_a_huge_perplexity_is_infinite_without_a_warning(loss: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert perplexity(loss) == math.inf
    assert math.isnan(perplexity(math.nan))


def test_a_metric_of_the_user_is_said_to_have_no_answers_to_compare() -> None:
    task = build_task("language_modelling", (), {"mine": lambda written, true: 1.0})
    assert "no answers" in task.metric_errors["mine"]


def test_an_epoch_sees_the_same_blocks() -> None:
    task = LanguageModelling()
    found = packed(task, plain(), LINES, 16)
    assert task.rows_of_epoch(found, 0, 3) is found


@pytest.mark.parametrize(
    ("make", "before", "after"),
    [(plain, 0, 0), (mistral, 1, 0), (lambda: tiny.train_tokenizer(LINES), 1, 1)],
    ids=["gpt2", "llama", "bert"],
)
def test_what_stands_around_a_text_is_found_by_looking(make: Any, before: int, after: int) -> None:
    assert tuple(map(len, edges(make()))) == (before, after)


# -- masked


@pytest.fixture(scope="module")
def bert() -> Any:
    return tiny.train_tokenizer(LINES)


def masked(bert: Any, lines: list[str] = LINES * 10, max_length: int = 32) -> tuple[MaskedLanguageModelling, Encoded]:
    task = MaskedLanguageModelling()
    return task, packed(task, bert, lines, max_length)


def whole(encoded: Encoded) -> list[list[int]]:
    rows = zip(encoded.input_ids, encoded.labels or [], strict=True)
    return [np.where(labels == IGNORED, ids, labels).tolist() for ids, labels in rows]


def test_lines_stand_in_full_rows_between_the_marks_of_the_tokenizer(bert: Any) -> None:
    _, found = masked(bert)
    stream = [i for line in LINES * 10 for i in [*bert(line, add_special_tokens=False)["input_ids"], bert.sep_token_id]]
    rows = whole(found)
    assert [token for row in rows for token in row[1:-1]] == stream
    assert {row[0] for row in rows} == {bert.cls_token_id}
    assert {row[-1] for row in rows} == {bert.sep_token_id}
    assert {len(row) for row in rows[:-1]} == {32}


def test_fifteen_per_cent_are_hidden_eighty_ten_ten_and_never_a_special_token(bert: Any) -> None:
    _, found = masked(bert, LINES * 100, 128)
    special = set(bert.all_special_ids)
    fates: Counter[str] = Counter()
    for ids, labels, row in zip(found.input_ids, found.labels or [], whole(found), strict=True):
        words = sum(token not in special for token in row)
        assert (labels != IGNORED).sum() == max(1, round(0.15 * words))
        for token, label in zip(ids[labels != IGNORED], labels[labels != IGNORED], strict=True):
            assert int(label) not in special
            fates["mask" if token == bert.mask_token_id else "same" if token == label else "other"] += 1
            assert token == bert.mask_token_id or int(token) not in special
        assert np.array_equal(ids[labels == IGNORED], np.asarray(row)[labels == IGNORED])
    total = sum(fates.values())
    assert total > 1500
    assert fates["mask"] / total == pytest.approx(0.8, abs=0.03)
    assert fates["other"] / total == pytest.approx(0.1, abs=0.03)
    assert fates["same"] / total == pytest.approx(0.1, abs=0.03)


def test_every_epoch_hides_others_and_the_same_ones_when_it_is_repeated(bert: Any) -> None:
    task, found = masked(bert)
    first, second = task.rows_of_epoch(found, 0, 0), task.rows_of_epoch(found, 0, 1)
    assert whole(first) == whole(second) == whole(found)
    assert any(not np.array_equal(a, b) for a, b in zip(first.labels or [], second.labels or [], strict=True))
    again = task.rows_of_epoch(second, 0, 0)  # whatever it starts from
    assert all(map(np.array_equal, again.input_ids, first.input_ids))
    other = task.rows_of_epoch(found, 1, 0)
    assert not all(map(np.array_equal, other.input_ids, first.input_ids))


def test_the_masks_of_validation_never_change(bert: Any) -> None:
    _, first = masked(bert)
    _, second = masked(bert)
    assert all(map(np.array_equal, first.input_ids, second.input_ids))


def test_the_masked_loss_is_the_one_of_transformers(bert: Any) -> None:
    task, found = masked(bert)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(bert),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    model = transformers.BertForMaskedLM(config).eval()
    tensors = to_tensors(found, np.arange(len(found)), bert.pad_token_id)
    with torch.inference_mode():
        theirs = model(**tensors)
    labels = tensors["labels"]
    mean = task.loss(theirs.logits, labels, 0.0).item() / task.count(labels)
    assert mean == pytest.approx(theirs.loss.item(), rel=1e-5)
    classes = list(theirs.logits.argmax(-1).numpy())
    metrics = task.metrics(Measured(mean, task.count(labels), classes), found)
    at = labels != IGNORED
    assert list(metrics) == ["perplexity", "accuracy"]
    assert metrics["accuracy"] == pytest.approx((theirs.logits.argmax(-1)[at] == labels[at]).float().mean().item())


def test_the_masked_baseline_always_expects_the_commonest_token(bert: Any) -> None:
    task, train = masked(bert)
    special = set(bert.all_special_ids)
    counts = Counter(token for row in whole(train) for token in row if token not in special)
    true = [int(token) for row in train.labels or [] for token in row if token != IGNORED]
    found = task.baseline(train, train)
    commonest = max(counts.values())
    shares = {np.mean([token == t for token in true]) for t, n in counts.items() if n == commonest}
    assert found["accuracy"] in shares
    n, size = sum(counts.values()), len(bert) - len(special)
    loss = -np.mean([math.log((counts[token] + 1) / (n + size)) for token in true])
    assert found["perplexity"] == pytest.approx(math.exp(loss))


def test_a_tokenizer_without_a_mask_token_is_refused_with_what_to_do_instead() -> None:
    tokenizer = tiny_writer.train_tokenizer(LINES)
    with pytest.raises(ModelError, match=r"no mask token.*task='language_modelling'"):
        MaskedLanguageModelling().encode(["a"], [""], tokenizer, 16)


def test_a_row_of_marks_alone_has_nothing_to_learn(bert: Any) -> None:
    task, found = masked(bert, ["", ""])
    labels = torch.from_numpy((found.labels or [])[0])[None]
    assert task.count(labels) == 0
    assert task.loss(torch.zeros(1, labels.shape[1], 9), labels, 0.0).item() == 0.0


def test_a_masked_model_says_that_it_writes_nothing(bert: Any) -> None:
    task, found = masked(bert)
    with pytest.raises(ModelError, match="fill-mask"):
        task.decode(np.zeros(1), found, 0, "")
