from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from ftkit import i18n
from ftkit.errors import ModelError
from ftkit.models.load import build_model, complete_tokenizer, find_model, load_tokenizer, model_limit
from ftkit.models.tokens import end_was_added, tell_ends
from tests.models import folders

CAUSAL, MASKED = "AutoModelForCausalLM", "AutoModelForMaskedLM"
CLASSIFY = "AutoModelForSequenceClassification"


def without_end(folder: Path, separator: bool = False) -> Path:
    """A decoder whose tokenizer names no end token; with a separator as BERT's, or not."""
    tokenizer = folders.word_piece() if separator else folders.byte_level()
    names = ["bos_token", "eos_token", "unk_token"] if not separator else ["cls_token"]
    for name in names:
        setattr(tokenizer, name, None)
    if separator:
        tokenizer.pad_token = None
    config = transformers.GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2)
    return folders._saved(folder, CAUSAL, config, tokenizer)


def loaded(folder: Path) -> tuple[Any, Any, list[tuple[str, str]]]:
    source = find_model(folder)
    tokenizer = load_tokenizer(source, [], head=CAUSAL)
    said = complete_tokenizer(tokenizer, head=CAUSAL)
    torch.manual_seed(0)
    return build_model(source, tokenizer, CAUSAL, ()), tokenizer, said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_missing_end_token_is_added_with_a_row_of_its_own_and_said(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "_chosen", language)
    model, tokenizer, said = loaded(without_end(tmp_path))
    assert [kind for kind, _ in said] == ["end_token", "padding_token"]
    assert all("<|end|>" in message for _, message in said)
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == len(tokenizer) - 1
    assert model.get_input_embeddings().weight.shape[0] == len(tokenizer)
    assert model.config.eos_token_id == model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert model.new_token_ids == (tokenizer.eos_token_id,)
    assert tokenizer.decode(tokenizer("a<|end|>")["input_ids"], skip_special_tokens=True) == "a"


def test_a_separator_serves_as_the_end(tmp_path: Path) -> None:
    model, tokenizer, said = loaded(without_end(tmp_path, separator=True))
    assert [kind for kind, _ in said] == ["end_token", "padding_token"]
    assert tokenizer.eos_token == tokenizer.pad_token == "[SEP]"
    assert model.config.eos_token_id == tokenizer.sep_token_id
    assert not hasattr(model, "new_token_ids")


def test_an_end_that_was_added_is_known_again_after_saving(tmp_path: Path) -> None:
    _, tokenizer, _ = loaded(without_end(tmp_path / "a"))
    tokenizer.save_pretrained(tmp_path / "b")
    again = transformers.AutoTokenizer.from_pretrained(tmp_path / "b")
    assert end_was_added(again)
    assert complete_tokenizer(again, head=CAUSAL) == []


def test_tiny_s_own_end_was_not_added(tmp_path: Path) -> None:
    source = find_model("tiny")
    tokenizer = load_tokenizer(source, ["a text"], head=CAUSAL)
    model = build_model(source, tokenizer, CAUSAL, ())
    model.save_pretrained(tmp_path)  # type: ignore[operator]
    tokenizer.save_pretrained(tmp_path)
    assert not end_was_added(load_tokenizer(find_model(tmp_path), [], head=CAUSAL))
    assert not hasattr(model, "new_token_ids")


def test_the_end_token_fills_up_and_its_embedding_is_learnt_all_the_same(tmp_path: Path) -> None:
    model, tokenizer, said = loaded(folders.llama(tmp_path))
    assert [kind for kind, _ in said] == ["padding_token"]
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 0
    model(input_ids=torch.tensor([[0, 5, 6]])).logits.sum().backward()
    assert model.get_input_embeddings().weight.grad[0].abs().sum() > 0
    assert model.generation_config.pad_token_id == 0


def test_a_complete_tokenizer_is_left_alone(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(find_model(folders.t5(tmp_path)), [], head="AutoModelForSeq2SeqLM")
    before = (len(tokenizer), tokenizer.eos_token, tokenizer.pad_token)
    assert complete_tokenizer(tokenizer, head="AutoModelForSeq2SeqLM") == []
    assert (len(tokenizer), tokenizer.eos_token, tokenizer.pad_token) == before


def test_words_cannot_be_hidden_without_a_mask_token(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(find_model(folders.roberta(tmp_path)), [], head=MASKED)
    with pytest.raises(ModelError, match=r"no mask token.*language_modelling"):
        complete_tokenizer(tokenizer, head=MASKED)


def test_a_classifier_needs_no_end_token() -> None:
    tokenizer = folders.word_piece()
    assert complete_tokenizer(tokenizer, head="AutoModelForSequenceClassification") == []
    assert tokenizer.eos_token is None


def test_a_vocabulary_smaller_than_the_tokenizer_s_is_refused(tmp_path: Path) -> None:
    folder = folders.gpt2(tmp_path)
    other = folders.byte_level(in_two_steps=True)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for pretrained in (True, False):
        config["vocab_size"] = 100
        small = tmp_path / f"small{pretrained}"
        model = transformers.GPT2LMHeadModel(transformers.GPT2Config.from_dict(config))
        model.save_pretrained(small)
        other.save_pretrained(small)
        source = find_model(small)
        tokenizer = load_tokenizer(source, [], head=CAUSAL)
        with pytest.raises(ModelError, match="do not belong together"):
            build_model(source, tokenizer, CAUSAL, (), pretrained=pretrained)


def test_a_chat_s_own_end_joins_the_ends_of_generation(tmp_path: Path) -> None:
    model, tokenizer, _ = loaded(folders.gpt2(tmp_path))
    tell_ends(model, tokenizer, {7, 0})
    assert model.generation_config.eos_token_id == [0, 7]
    tell_ends(model, tokenizer)
    assert model.generation_config.eos_token_id == [0, 7]


def test_ends_beyond_the_vocabulary_are_replaced(tmp_path: Path) -> None:
    tokenizer = folders.byte_level()
    config = transformers.GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2)
    assert config.eos_token_id == 50256
    model, _, _ = loaded(folders._saved(tmp_path, CAUSAL, config, tokenizer))
    assert model.config.eos_token_id == model.config.bos_token_id == 0
    assert model.generation_config.eos_token_id == model.generation_config.bos_token_id == 0


@pytest.mark.parametrize(
    ("kind", "settings", "limit"),
    [
        ("t5", {}, 512),
        ("bart", {"max_position_embeddings": 64}, 64),
        ("led", {"max_encoder_position_embeddings": 96, "max_decoder_position_embeddings": 64}, 64),
        ("opt", {"max_position_embeddings": 64}, 64),
        ("bloom", {}, 8192),
        ("mamba", {}, 8192),
    ],
)
def test_the_limit_of_models_that_write(kind: str, settings: dict[str, int], limit: int) -> None:
    assert model_limit(folders.byte_level(), transformers.AutoConfig.for_model(kind, **settings)) == limit


def test_the_limit_of_an_encoder_decoder_without_positions_is_its_tokenizers() -> None:
    tokenizer = folders.byte_level()
    tokenizer.model_max_length = 1024
    assert model_limit(tokenizer, transformers.T5Config()) == 1024


def test_an_adapter_folder_says_how_to_save_a_whole_model(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "org/base"}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"adapter of 'org/base'.*merge=True"):
        find_model(tmp_path)
    (tmp_path / "adapter_config.json").write_text("[", encoding="utf-8")
    with pytest.raises(ModelError, match=r"merge=True"):
        find_model(tmp_path)


def test_a_tokenizer_without_any_special_token_still_sorts_texts(tmp_path: Path) -> None:
    source = find_model(without_end(tmp_path))
    tokenizer = load_tokenizer(source, [], head=CLASSIFY)
    complete_tokenizer(tokenizer, head=CLASSIFY)
    model = build_model(source, tokenizer, CLASSIFY, ("a", "b"))
    assert model.config.pad_token_id == tokenizer.pad_token_id is not None  # type: ignore[union-attr]
    inputs = tokenizer(["a good film", "bad"], padding=True, return_tensors="pt")
    assert model(**inputs).logits.shape == (2, 2)
