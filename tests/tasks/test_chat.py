"""Chat: what a template makes of turns, which tokens are learnt, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from ftkit.data.tokenise import IGNORED
from ftkit.errors import ModelError
from ftkit.tasks import Measured, build_task
from ftkit.tasks.chat import Chat
from ftkit.tasks.templates import look_at, prompt_ids
from ftkit.tasks.text_metrics import exact_match, token_f1
from tests.tasks.small import QWEN3, QWEN3_ASKED, SILENT, deepseek, llama3, mistral, plain, qwen

ONE = [("Where is my parcel?", "It is on its way."), ("我的包裹在哪里？", "在路上。")]
TWO = (("Where is my parcel?", "谢谢, and when?"), ("It is on its way.", "Tomorrow."))


def learnt(ids: np.ndarray, labels: np.ndarray, tokenizer: Any) -> list[str]:
    """The runs of learnt tokens, as text."""
    assert ((labels == IGNORED) | (labels == ids)).all()
    runs: list[list[int]] = []
    for i, label in enumerate(labels):
        if label != IGNORED:
            if i == 0 or labels[i - 1] == IGNORED:
                runs.append([])
            runs[-1].append(int(label))
    return [tokenizer.decode(run) for run in runs]


def encoded(tokenizer: Any, rows: Any, max_length: int = 256) -> Any:
    texts, targets = zip(*rows, strict=True)
    return Chat().encode(list(texts), list(targets), tokenizer, max_length)


@pytest.mark.parametrize(
    ("make", "end"),
    [
        (qwen, "<|im_end|>"),
        (mistral, "</s>"),
        (llama3, "<|eot_id|>"),
        (deepseek, "<|end|>"),
        (plain, "<|endoftext|>"),
    ],
)
def test_only_the_answer_and_the_token_that_ends_it_are_learnt(
    make: Callable[[], PreTrainedTokenizerFast], end: str
) -> None:
    tokenizer = make()
    found = encoded(tokenizer, ONE)
    for ids, labels, (_, answer) in zip(found.input_ids, found.labels, ONE, strict=True):
        (text,) = learnt(ids, labels, tokenizer)
        assert text.strip() == answer + end


@pytest.mark.parametrize("make", [qwen, mistral, llama3, plain])
def test_the_labels_are_what_the_prefix_ids_leave(make: Callable[[], PreTrainedTokenizerFast]) -> None:
    tokenizer = make()
    found = encoded(tokenizer, ONE)
    for row, (question, answer) in enumerate(ONE):
        turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        prefix = tokenizer.apply_chat_template(turns[:1], add_generation_prompt=True, return_dict=False)
        whole = tokenizer.apply_chat_template(turns, return_dict=False)
        ids, labels = found.input_ids[row].tolist(), found.labels[row]
        assert whole[: len(ids)] == ids
        end = len(ids) - ids[::-1].index(ids[-1])
        assert whole[: len(prefix)] == prefix
        assert np.flatnonzero(labels != IGNORED).tolist() == list(range(len(prefix), end))
        assert found.prompts[row].tolist() == prefix


def test_a_header_that_cannot_be_asked_for_alone_is_not_learnt() -> None:
    template = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
    tokenizer = qwen(template)
    found = encoded(tokenizer, ONE)
    assert learnt(found.input_ids[0], found.labels[0], tokenizer) == ["It is on its way.<|im_end|>"]
    assert tokenizer.decode(found.prompts[0]).endswith("<|im_start|>assistant\n")
    assert found.prompts[0].tolist() == Chat().prompt(ONE[0][0], tokenizer, 256).tolist()


@pytest.mark.parametrize("make", [qwen, mistral, llama3, deepseek, plain])
def test_every_answer_of_several_turns_is_learnt(make: Callable[[], PreTrainedTokenizerFast]) -> None:
    tokenizer = make()
    found = encoded(tokenizer, [TWO])
    assert len(found) == 1
    texts = learnt(found.input_ids[0], found.labels[0], tokenizer)
    assert [text.strip().removesuffix(look_at(tokenizer).end) for text in texts] == list(TWO[1])
    assert found.targets == ["Tomorrow."]
    assert found.sources == ["Where is my parcel?\nIt is on its way.\n谢谢, and when?"]


def test_a_template_that_rewrites_earlier_turns_makes_a_row_of_every_answer() -> None:
    tokenizer = qwen(QWEN3)
    found = encoded(tokenizer, [TWO])
    assert len(found) == 2
    for row, answer in enumerate(TWO[1]):
        (text,) = learnt(found.input_ids[row], found.labels[row], tokenizer)
        assert text == f"<think>\n\n</think>\n\n{answer}<|im_end|>"


@pytest.mark.parametrize("make", [qwen, llama3, mistral, deepseek, plain, lambda: qwen(QWEN3_ASKED)])
@pytest.mark.parametrize(
    "pair", [*ONE, TWO, ("Hi", " spaced  "), ("Hi", "\n\nlines\n"), ("answer", "answer"), ("", "a")]
)
def test_every_learnt_character_is_of_an_answer_and_every_other_is_not(
    make: Callable[[], PreTrainedTokenizerFast], pair: Any
) -> None:
    # by characters and not by prefixes: answers of letters that no template has, then where those letters are
    tokenizer = make()
    questions, answers = (tuple([part] if isinstance(part, str) else part) for part in pair)
    odd = [answer.translate({ord(c): "ΩΨΦ"[i % 3] for i, c in enumerate("atIom.在")}) + "Ξ" for answer in answers]
    found = Chat().encode([questions], [tuple(odd)], tokenizer, 512)
    learnt_letters = [
        c
        for ids, labels in zip(found.input_ids, found.labels or [], strict=True)
        for c in "".join(learnt(ids, labels, tokenizer))
        if c in "ΩΨΦΞ"
    ]
    assert "".join(learnt_letters) == "".join(c for answer in odd for c in answer if c in "ΩΨΦΞ")
    for ids, labels in zip(found.input_ids, found.labels or [], strict=True):
        rest = tokenizer.decode(np.where(labels == IGNORED, ids, tokenizer.eos_token_id))
        if len(answers) == 1 or len(found) == 1:
            assert not set(rest) & set("ΩΨΦΞ")
        assert int(labels[-1]) in look_at(tokenizer).end_ids
        assert (labels[np.isin(labels, list(look_at(tokenizer).end_ids))] != IGNORED).sum() >= 1


def test_a_template_that_is_asked_for_no_thoughts_has_its_empty_block_in_the_prompt() -> None:
    tokenizer = qwen(QWEN3_ASKED)
    found = encoded(tokenizer, [TWO, *ONE])
    texts = [learnt(*pair, tokenizer) for pair in zip(found.input_ids, found.labels, strict=True)]
    assert texts == [[f"{answer}<|im_end|>"] for answer in (*TWO[1], ONE[0][1], ONE[1][1])]
    assert tokenizer.decode(found.prompts[2]).endswith("assistant\n<think>\n\n</think>\n\n")
    assert found.prompts[2].tolist() == Chat().prompt(ONE[0][0], tokenizer, 256).tolist()


def test_an_answer_with_thoughts_of_its_own_is_learnt_where_it_stands() -> None:
    tokenizer = qwen(QWEN3_ASKED)
    found = encoded(tokenizer, [("Hi", "<think>\nWell.\n</think>\n\nHello")])
    assert learnt(found.input_ids[0], found.labels[0], tokenizer) == ["<think>\nWell.\n</think>\n\nHello<|im_end|>"]


def test_a_prompt_that_begins_a_thought_is_not_used_where_answers_show_none() -> None:
    tokenizer = deepseek()
    found = encoded(tokenizer, ONE)
    assert tokenizer.decode(found.prompts[0]) == "<|begin|><|User|>Where is my parcel?<|Assistant|>"
    assert found.prompts[0].tolist() == Chat().prompt(ONE[0][0], tokenizer, 256).tolist()


def test_tokens_that_melt_over_the_border_of_an_answer_are_kept_apart() -> None:
    template = (
        "{% for m in messages %}{{ m.role + ':' + m.content + '<|im_end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
    )
    tokenizer = qwen(template)
    tokenizer.add_tokens([":parcel"])  # one token out of both
    found = encoded(tokenizer, [("Hi", "parcel")])
    assert learnt(found.input_ids[0], found.labels[0], tokenizer) == ["parcel<|im_end|>"]
    assert found.prompts[0].tolist() == Chat().prompt("Hi", tokenizer, 256).tolist()


def test_a_plain_template_begins_as_the_tokenizer_begins_a_text() -> None:
    tokenizer = mistral()
    tokenizer.chat_template = None
    found = encoded(tokenizer, ONE)
    assert tokenizer.decode(found.input_ids[0]) == ("<s>User:\nWhere is my parcel?\nAssistant:\nIt is on its way.</s>")


def test_an_empty_answer_teaches_its_end_alone() -> None:
    for make in (qwen, mistral, llama3, plain):
        tokenizer = make()
        found = encoded(tokenizer, [("Where is my parcel?", "")])
        (text,) = learnt(found.input_ids[0], found.labels[0], tokenizer)
        assert text.strip() == look_at(tokenizer).end


def test_questions_alone_are_encoded_as_prompts() -> None:
    tokenizer = qwen()
    found = Chat().encode(["Hi", TWO[0]], None, tokenizer, 256)
    assert found.labels is None
    assert found.input_ids[0].tolist() == Chat().prompt("Hi", tokenizer, 256).tolist()


def test_a_tokenizer_without_a_template_gets_a_plain_one_that_is_saved(tmp_path: Any) -> None:
    tokenizer = plain()
    encoded(tokenizer, ONE)
    tokenizer.save_pretrained(tmp_path)
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert again.chat_template == tokenizer.chat_template
    assert again.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False) == "User:\nHi\n"


def test_a_template_without_an_assistant_turn_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="chat template leaves the assistant's turn out"):
        encoded(qwen(SILENT), ONE)


def test_a_template_that_raises_is_refused_with_its_own_words() -> None:
    with pytest.raises(ModelError, match="nobody may speak"):
        encoded(qwen("{{ raise_exception('nobody may speak') }}"), ONE)


@pytest.mark.parametrize("make", [qwen, mistral, plain])
def test_an_answer_longer_than_the_context_loses_its_end_and_is_counted(
    make: Callable[[], PreTrainedTokenizerFast],
) -> None:
    tokenizer = make()
    long = "It is on its way. " * 40
    found = encoded(tokenizer, [("Where is my parcel?", long), ONE[0]], max_length=160)
    assert [len(ids) <= 160 for ids in found.input_ids] == [True, True]
    answer = tokenizer(long.strip(), add_special_tokens=False)["input_ids"]
    kept = int((found.labels[0] != IGNORED).sum())
    assert found.lost[0] == pytest.approx(len(answer) + 1 - kept, abs=2)  # a space more where a template writes one
    assert found.lost[1] == 0
    assert tokenizer.eos_token_id not in found.labels[0].tolist()  # it must not learn to stop there
    assert found.n_truncated == 1


def test_the_oldest_turns_go_first_when_a_conversation_is_too_long() -> None:
    tokenizer = qwen()
    questions = tuple(f"Question {i}: where is my parcel?" for i in range(12))
    answers = tuple(f"Answer {i}." for i in range(12))
    found = encoded(tokenizer, [(questions, answers)], max_length=256)
    assert all(len(ids) <= 256 for ids in found.input_ids)
    texts = [learnt(ids, labels, tokenizer) for ids, labels in zip(found.input_ids, found.labels, strict=True)]
    assert [text for row in texts for text in row] == [f"{answer}<|im_end|>" for answer in answers]  # each once
    assert len(texts[0]) > 1  # all that fit, in a row
    assert found.targets == [row[-1].removesuffix("<|im_end|>") for row in texts]
    last = tokenizer.decode(found.input_ids[-1])
    assert "Question 11" in last
    assert "Answer 10." in last
    assert "Question 0" not in last
    assert found.n_truncated == len(found) - 1
    assert not found.lost.any()


def test_a_long_question_keeps_its_beginning_and_the_answer_stays_whole() -> None:
    tokenizer = qwen()
    found = encoded(tokenizer, [("parcel " * 200, "It is on its way.")], max_length=160)
    (text,) = learnt(found.input_ids[0], found.labels[0], tokenizer)
    assert text == "It is on its way.<|im_end|>"
    assert len(found.input_ids[0]) <= 160
    assert found.lost.tolist() == [0]
    assert found.n_truncated == 1


def test_a_prompt_may_be_a_question_or_turns_and_ends_where_an_answer_begins() -> None:
    tokenizer = qwen()
    one = tokenizer.decode(Chat().prompt("Hi", tokenizer, 256))
    assert one.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    turns = tokenizer.decode(Chat().prompt(["Hi", "Hello", "And you?"], tokenizer, 256))
    assert turns.endswith("assistant\nHello<|im_end|>\n<|im_start|>user\nAnd you?<|im_end|>\n<|im_start|>assistant\n")


def test_a_prompt_never_grows_beyond_half_of_the_context() -> None:
    tokenizer = qwen()
    ids = prompt_ids(tokenizer, look_at(tokenizer), ["parcel " * 300], [], 96)
    assert len(ids) <= 96
    assert tokenizer.decode(ids).endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_an_answer_ends_at_the_template_token_or_the_end_token() -> None:
    tokenizer = qwen()
    tokenizer.eos_token = "<|endoftext|>"
    ends = {tokenizer.convert_tokens_to_ids(token) for token in ("<|im_end|>", "<|endoftext|>")}
    assert Chat().end_ids(tokenizer) == ends
    ids = tokenizer("在路上。<|im_end|>", add_special_tokens=False)["input_ids"]
    assert Chat().finish(ids, tokenizer) == ("在路上。", True)
    assert Chat().finish(ids[:-1], tokenizer) == ("在路上。", False)


def test_metrics_compare_what_was_written_with_the_last_answer() -> None:
    tokenizer = qwen()
    found = Chat().pack(encoded(tokenizer, [*ONE, TWO]), 256)
    task = build_task("chat", (), {"longest": lambda written, true: max(map(len, written))})
    metrics = task.metrics(Measured(1.0, 10, (), {0: "on its way", 1: "在路上", 2: "Tomorrow."}), found)
    true = [ONE[0][1], ONE[1][1], "Tomorrow."]
    assert metrics["token_f1"] == token_f1(["on its way", "在路上", "Tomorrow."], true)
    assert metrics["exact_match"] == exact_match(["on its way", "在路上", "Tomorrow."], true) == pytest.approx(2 / 3)
    assert metrics["perplexity"] == pytest.approx(np.e)
    assert metrics["longest"] == 10
    assert task.notes == {}
    assert task.metrics(Measured(1.0, 10), found) == {
        "perplexity": pytest.approx(np.e)
    }  # nothing written, nothing wrong


def test_the_baseline_is_always_the_commonest_answer() -> None:
    tokenizer = qwen()
    train = encoded(tokenizer, [ONE[0], ("And now?", ONE[0][1]), ONE[1]])
    validation = encoded(tokenizer, [ONE[0], ONE[1]])
    found = Chat().baseline(train, validation)
    assert found["exact_match"] == 0.5
    assert found["perplexity"] > 1


def test_an_encoder_decoder_reads_the_turns_and_writes_the_last_answer() -> None:
    tokenizer = plain()
    task = Chat(encoder_decoder=True)
    task.decoder_start = 7
    found = task.encode([ONE[0][0], TWO[0]], [ONE[0][1], TWO[1]], tokenizer, 256)
    assert len(found) == 3  # every answer of a conversation
    assert tokenizer.decode(found.labels[2]) == "Tomorrow.<|endoftext|>"
    assert tokenizer.decode(found.input_ids[2]) == "Where is my parcel?\nIt is on its way.\n谢谢, and when?"
    assert found.decoder_start == 7
    long = task.encode([("first " * 30, "last?")], [("a", "b")], tokenizer, 32)
    assert tokenizer.decode(long.input_ids[1]) == "last?"  # the oldest turns go first
    logits = torch.randn(1, 4, 10)
    labels = torch.tensor([[1, 2, IGNORED, IGNORED]])
    expected = torch.nn.functional.cross_entropy(logits[0, :2], labels[0, :2], reduction="sum")
    assert torch.allclose(task.loss(logits, labels, 0.0), expected)
    assert task.count(labels) == 2
