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

from ftkit.models.load import build_model, find_model, load_tokenizer
from ftkit.models.tiny import MAX_LENGTH, tiny_config, train_tokenizer

TEXTS = [f"the {adjective} film number {i}" for i, adjective in enumerate(["good", "bad", "long", "short"] * 8)]
CHINESE = ["这部电影非常好看", "这部电影不好看", "今天天气很好，我们去北京", "我们不去北京"] * 3
LABELS = ("a", "b", "c")
HEADS = ("AutoModelForSequenceClassification", "AutoModelForTokenClassification")


def tiny(head: str, **settings: Any) -> tuple[Any, Any]:
    source = find_model("tiny")
    tokenizer = load_tokenizer(source, TEXTS + CHINESE, False)
    torch.manual_seed(0)
    return build_model(source, tokenizer, head, LABELS, **settings), tokenizer


@pytest.mark.parametrize("head", HEADS)
def test_padding_changes_no_logits(head: str) -> None:
    model, tokenizer = tiny(head)
    texts = ["good", "the bad film number 3", "the long film " * 30, "这部电影"]
    both = tokenizer(texts, padding=True, return_tensors="pt")
    model.eval()
    with torch.no_grad():
        together = model(**both).logits
        for i, body in enumerate(texts):
            alone = model(**tokenizer([body], return_tensors="pt")).logits
            same = together[i : i + 1] if together.ndim == 2 else together[i : i + 1, : alone.shape[1]]
            assert torch.allclose(same, alone, atol=1e-5), body


def test_chinese_is_read_character_by_character_and_english_by_words() -> None:
    tokenizer = train_tokenizer(TEXTS + CHINESE)
    assert tokenizer.tokenize("这部电影") == list("这部电影")
    assert tokenizer.tokenize("the Good film") == ["the", "good", "film"]


def test_the_same_texts_give_the_same_tokenizer_in_another_process(tmp_path: Path, repository: Path) -> None:
    code = (
        "import json, sys; from ftkit.models.tiny import train_tokenizer; "
        "texts = json.load(open(sys.argv[1], encoding='utf-8')); "
        "open(sys.argv[2], 'w', encoding='utf-8').write(train_tokenizer(texts).backend_tokenizer.to_str())"
    )
    given = tmp_path / "texts.json"
    given.write_text(json.dumps(TEXTS + CHINESE + [f"word{i} other{i % 7}" for i in range(300)]), encoding="utf-8")
    runs = []
    for number in range(2):
        out = tmp_path / f"{number}.json"
        environment = {**os.environ, "PYTHONHASHSEED": str(number + 1), "RAYON_NUM_THREADS": str(number + 1)}
        runs.append((out, subprocess.Popen([sys.executable, "-c", code, given, out], cwd=repository, env=environment)))
    found = set()
    for out, process in runs:
        assert process.wait(120) == 0
        found.add(out.read_text(encoding="utf-8"))
    assert len(found) == 1


def test_the_same_seed_draws_the_same_weights() -> None:
    a, b = (tiny(HEADS[0])[0].state_dict() for _ in range(2))
    assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("texts", [[], [""], ["   "], ["\x00"], ["x" * 10_000], ["😀"]], ids=lambda t: repr(t)[:8])
def test_a_tokenizer_of_hardly_any_text_still_works(texts: list[str]) -> None:
    tokenizer = train_tokenizer(texts)
    assert tokenizer("some text 文本")["input_ids"][0] == tokenizer.cls_token_id
    assert tiny_config(tokenizer).vocab_size == len(tokenizer)


def test_its_special_tokens_are_the_models() -> None:
    model, tokenizer = tiny(HEADS[0])
    assert tokenizer.pad_token_id == model.config.pad_token_id == 0
    assert model.config.cls_token_id == tokenizer.cls_token_id
    assert model.config.sep_token_id == tokenizer.sep_token_id


def test_its_longest_text_fits_its_positions() -> None:
    model, tokenizer = tiny(HEADS[0])
    batch = tokenizer(["film " * 2_000], truncation=True, return_tensors="pt")
    assert batch["input_ids"].shape == (1, MAX_LENGTH)
    with torch.no_grad():
        assert torch.isfinite(model.eval()(**batch).logits).all()


def test_it_is_small_enough_to_learn_on_a_laptop() -> None:
    model, tokenizer = tiny(HEADS[0])
    body = sum(p.numel() for p in model.parameters()) - 128 * len(tokenizer)
    assert body < 600_000


def test_dropout_can_be_set() -> None:
    model, _ = tiny(HEADS[0], dropout=0.0)
    ids = torch.tensor([[2, 8, 9, 3]])
    with torch.no_grad():
        a, b = (model.train()(input_ids=ids, attention_mask=torch.ones_like(ids)).logits for _ in range(2))
    assert torch.equal(a, b)


def test_plain_transformers_reads_what_it_writes(tmp_path: Path) -> None:
    model, tokenizer = tiny(HEADS[0])
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    read = transformers.AutoTokenizer.from_pretrained(tmp_path)
    batch = read(["the good film", "这部"], padding=True, return_tensors="pt")
    assert batch["input_ids"].tolist() == tokenizer(["the good film", "这部"], padding=True)["input_ids"]
    with torch.no_grad():
        assert torch.equal(model.eval()(**batch).logits, again.eval()(**batch).logits)
