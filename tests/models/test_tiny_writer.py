from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.exceptions import TemplateError

from ftkit.models.load import build_model, complete_tokenizer, find_model, load_tokenizer, model_limit
from ftkit.models.tiny_writer import MAX_LENGTH, train_tokenizer, writer_config

HEAD = "AutoModelForCausalLM"
TEXTS = [f"the {adjective} film number {i}" for i, adjective in enumerate(["good", "bad", "long", "short"] * 8)]
CHINESE = ["这部电影非常好看", "这部电影不好看", "今天天气很好，我们去北京", "我们不去北京"] * 3
TURNS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello?"},
    {"role": "assistant", "content": "你好"},
    {"role": "user", "content": "Why?"},
]
TOKENIZER = train_tokenizer(TEXTS + CHINESE)


def tiny(**options: Any) -> tuple[Any, Any]:
    source = find_model("tiny")
    tokenizer = load_tokenizer(source, TEXTS + CHINESE, head=HEAD)
    torch.manual_seed(0)
    return build_model(source, tokenizer, HEAD, (), **options), tokenizer


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_every_string_comes_back_as_it_was(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER(text)["input_ids"]) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  two  spaces ",
        "a .  , b 's n't",
        "\r\n\t\x00",
        "e\u0301 é ﬁ",
        "👩‍👩‍👧",
        "<|end|>",
        "这 部\u3000电影。",
        "\ufffd",
    ],
)
def test_nothing_is_normalised(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER(text)["input_ids"]) == text


def test_the_real_files_come_back_as_they_were(shared_data: Path) -> None:
    for name in ("corpus/zh_songci300.txt", "qa/en_chatterbot.tsv", "title_content/zh_tang300.tsv"):
        lines = (shared_data / name).read_text(encoding="utf-8").splitlines()
        tokenizer = train_tokenizer(lines)
        assert [tokenizer.decode(ids) for ids in tokenizer(lines)["input_ids"]] == lines


def test_chinese_is_read_character_by_character_and_english_by_words() -> None:
    ids = TOKENIZER("这部电影")["input_ids"]
    assert [TOKENIZER.decode([i]) for i in ids] == list("这部电影")
    assert TOKENIZER.tokenize("the good film") == ["the", "Ġgood", "Ġfilm"]


def test_the_same_texts_give_the_same_tokenizer_in_another_process(tmp_path: Path, repository: Path) -> None:
    code = (
        "import json, sys; from ftkit.models.tiny_writer import train_tokenizer; "
        "texts = json.load(open(sys.argv[1], encoding='utf-8')); "
        "open(sys.argv[2], 'w', encoding='utf-8').write(train_tokenizer(texts).backend_tokenizer.to_str())"
    )
    given = tmp_path / "texts.json"
    given.write_text(json.dumps(TEXTS + CHINESE + [f"word{i} other{i % 7}" for i in range(300)]), encoding="utf-8")
    runs = []
    for number in range(2):
        out = tmp_path / f"{number}.json"
        environment = {**os.environ, "PYTHONHASHSEED": str(number + 1), "RAYON_NUM_THREADS": str(number + 1)}
        environment["TOKENIZERS_PARALLELISM"] = "true"
        runs.append((out, subprocess.Popen([sys.executable, "-c", code, given, out], cwd=repository, env=environment)))
    found = set()
    for out, process in runs:
        assert process.wait(120) == 0
        found.add(out.read_text(encoding="utf-8"))
    assert len(found) == 1


def test_a_conversation_is_written_in_its_own_marks() -> None:
    shown = TOKENIZER.apply_chat_template(TURNS, tokenize=False, add_generation_prompt=True)
    assert shown == (
        "<|system|>Be brief.<|end|><|user|>Hello?<|end|><|assistant|>你好<|end|><|user|>Why?<|end|><|assistant|>"
    )
    ids = TOKENIZER.apply_chat_template(TURNS, add_generation_prompt=True, return_dict=False)
    assert TOKENIZER.decode(ids) == shown
    assert ids.count(TOKENIZER.eos_token_id) == len(TURNS)


def test_a_longer_conversation_begins_as_the_shorter_one() -> None:
    shorter = TOKENIZER.apply_chat_template(TURNS[:2], tokenize=False, add_generation_prompt=True)
    assert TOKENIZER.apply_chat_template(TURNS, tokenize=False).startswith(shorter)


def test_a_role_without_a_mark_is_refused() -> None:
    with pytest.raises(TemplateError, match="not tool"):
        TOKENIZER.apply_chat_template([{"role": "tool", "content": "x"}], tokenize=False)


@pytest.mark.parametrize("texts", [[], [""], ["   "], ["\x00"], ["x" * 10_000], ["😀"]], ids=lambda t: repr(t)[:8])
def test_a_tokenizer_of_hardly_any_text_still_works(texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts)
    assert tokenizer.decode(tokenizer("some text 文本")["input_ids"]) == "some text 文本"
    assert writer_config(tokenizer).vocab_size == len(tokenizer)


def test_it_lacks_nothing_that_writing_needs() -> None:
    model, tokenizer = tiny()
    assert complete_tokenizer(tokenizer, head=HEAD) == []
    assert model.config.eos_token_id == model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert model.config.pad_token_id == model.generation_config.pad_token_id == tokenizer.pad_token_id
    assert model_limit(tokenizer, model.config) == MAX_LENGTH


def test_what_it_remembers_of_the_tokens_before_changes_nothing() -> None:
    model, tokenizer = tiny()
    ids = torch.randint(5, len(tokenizer), (2, 20))
    with torch.no_grad():
        whole = model.eval()(input_ids=ids).logits
        first = model(input_ids=ids[:, :12], use_cache=True)
        rest = model(input_ids=ids[:, 12:], past_key_values=first.past_key_values, use_cache=True).logits
    assert torch.allclose(rest, whole[:, 12:], atol=1e-5)


def test_padding_before_a_text_changes_no_logits() -> None:
    model, tokenizer = tiny()
    ids = torch.randint(5, len(tokenizer), (1, 9))
    padded = torch.cat([torch.full((1, 4), tokenizer.pad_token_id), ids], 1)
    mask = (torch.arange(13) >= 4).long().unsqueeze(0)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    with torch.no_grad():
        alone = model.eval()(input_ids=ids).logits
        found = model(input_ids=padded, attention_mask=mask, position_ids=positions).logits[:, 4:]
    assert torch.allclose(found, alone, atol=1e-5)


def test_it_learns_a_line_by_heart_within_seconds() -> None:
    model, tokenizer = tiny()
    ids = torch.tensor([[tokenizer.eos_token_id, *tokenizer(TEXTS[0])["input_ids"], tokenizer.eos_token_id]])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(model(input_ids=ids).logits[0, :-1], ids[0, 1:])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    written = model.generate(ids[:, :2], max_new_tokens=40, do_sample=False)
    assert tokenizer.decode(written[0], skip_special_tokens=True) == TEXTS[0]
    assert written[0, -1] == tokenizer.eos_token_id


def test_it_is_small_enough_to_learn_on_a_laptop() -> None:
    model, tokenizer = tiny()
    assert sum(p.numel() for p in model.parameters()) - 128 * len(tokenizer) < 400_000
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_dropout_can_be_set() -> None:
    model, _ = tiny(dropout=0.5)
    ids = torch.tensor([[2, 8, 9, 3]])
    with torch.no_grad():
        a, b = (model.train()(input_ids=ids).logits for _ in range(2))
    assert not torch.equal(a, b)


def test_plain_transformers_reads_what_it_writes(tmp_path: Path) -> None:
    model, tokenizer = tiny()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)
    read = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert read.apply_chat_template(TURNS, tokenize=False) == tokenizer.apply_chat_template(TURNS, tokenize=False)
    assert (read.eos_token_id, read.pad_token_id) == (tokenizer.eos_token_id, tokenizer.pad_token_id)
    batch = read(["the good film", "这部"], padding=True, return_tensors="pt")
    with torch.no_grad():
        assert torch.equal(model.eval()(**batch).logits, again.eval()(**batch).logits)
