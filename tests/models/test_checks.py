from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from ftkit.errors import ModelError
from ftkit.models.checks import TASKS_OF_HEAD, check_looks_back, possible_heads
from ftkit.models.load import build_model, complete_tokenizer, find_model, is_encoder_decoder, load_tokenizer
from tests.models import folders

CAUSAL, MASKED, TWO = "AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM"
WRITERS = [folders.gpt2, folders.llama, folders.qwen2, folders.opt]
ENCODERS = [folders.bert, folders.roberta, folders.modernbert]
PAIRS = [folders.t5, folders.bart]


def built(folder: Path, head: str, **settings: Any) -> tuple[Any, Any]:
    source = find_model(folder, pretrained=settings.get("pretrained", True))
    tokenizer = load_tokenizer(source, [], head=head)
    complete_tokenizer(tokenizer, head=head)
    return build_model(source, tokenizer, head, (), **settings), tokenizer


@pytest.mark.parametrize("make", WRITERS)
def test_models_that_look_back_are_taken_with_their_own_weights(make: Any, tmp_path: Path) -> None:
    model, tokenizer = built(make(tmp_path), CAUSAL)
    plain = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    ids = torch.tensor([tokenizer("a good film")["input_ids"]])
    with torch.no_grad():
        assert torch.equal(model.eval()(input_ids=ids).logits, plain(input_ids=ids).logits)


@pytest.mark.parametrize("make", ENCODERS)
def test_models_that_look_ahead_are_refused_where_the_next_word_is_asked_for(make: Any, tmp_path: Path) -> None:
    folder = make(tmp_path)
    with pytest.raises(ModelError) as caught:
        built(folder, CAUSAL)
    for named in ("language_modelling, generation, summarisation, chat", "masked_language_modelling", "tagging"):
        assert named in str(caught.value)


@pytest.mark.parametrize("spread", [0.2, 0.02, 0.005])
@pytest.mark.parametrize("kind", ["bert", "roberta", "electra", "megatron-bert", "roformer", "xlnet", "xlm"])
def test_looking_ahead_is_seen_also_in_small_random_weights(kind: str, spread: float) -> None:
    names = {"xlnet": {"d_model": 16, "n_layer": 1, "n_head": 2, "d_inner": 20}, "xlm": {
        "emb_dim": 16, "n_layers": 1, "n_heads": 2}}.get(kind, folders.SMALL)  # fmt: skip
    config = transformers.AutoConfig.for_model(kind, vocab_size=60, initializer_range=spread, **names)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config)
    with pytest.raises(ModelError, match="cannot do"):
        check_looks_back("model", model, config, 60)


@pytest.mark.parametrize("kind", ["gpt2", "gpt_neox", "bloom", "mistral", "phi", "stablelm", "bert"])
def test_looking_back_is_never_taken_for_looking_ahead(kind: str) -> None:
    names = {"gpt2": {"n_embd": 16, "n_layer": 2, "n_head": 2}, "bloom": {"hidden_size": 16, "n_layer": 2, "n_head": 2},
             "bert": {**folders.SMALL, "is_decoder": True}}.get(kind, folders.SMALL)  # fmt: skip
    config = transformers.AutoConfig.for_model(kind, vocab_size=60, **names, **({"num_key_value_heads": 1} if kind in (
        "mistral", "phi", "stablelm") else {}), pad_token_id=0, bos_token_id=1, eos_token_id=2)  # fmt: skip
    for seed in range(3):
        torch.manual_seed(seed)
        model = transformers.AutoModelForCausalLM.from_config(config)
        check_looks_back("model", model.train(), config, 60)
        assert model.training


@pytest.mark.parametrize("make", [folders.bert, folders.modernbert])
def test_encoders_guess_hidden_words(make: Any, tmp_path: Path) -> None:
    model, tokenizer = built(make(tmp_path), MASKED)
    ids = torch.tensor([tokenizer("a good film")["input_ids"]])
    assert model(input_ids=ids).logits.shape == (1, ids.shape[1], len(tokenizer))


@pytest.mark.parametrize("make", [*WRITERS, *PAIRS])
def test_what_cannot_guess_hidden_words_names_what_it_can(make: Any, tmp_path: Path) -> None:
    source = find_model(make(tmp_path))
    with pytest.raises(ModelError, match=r"cannot do masked_language_modelling.*generation.*chat"):
        build_model(source, load_tokenizer(source, [], head=MASKED), MASKED, ())


@pytest.mark.parametrize("make", PAIRS)
def test_encoder_decoders_write_and_know_where_an_answer_starts_and_ends(make: Any, tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert is_encoder_decoder(find_model(folder))
    model, tokenizer = built(folder, TWO)
    assert model.config.decoder_start_token_id == (1 if make is folders.t5 else 0)
    assert model.config.eos_token_id == model.generation_config.eos_token_id == tokenizer.eos_token_id
    ids = torch.tensor([tokenizer("a good film")["input_ids"]])
    written = model.eval().generate(ids, max_new_tokens=4, do_sample=False)
    assert written[0, 0] == model.config.decoder_start_token_id


@pytest.mark.parametrize("make", PAIRS)
def test_encoder_decoders_are_no_language_models(make: Any, tmp_path: Path) -> None:
    folder = make(tmp_path)
    with pytest.raises(ModelError, match=r"cannot do language_modelling.*It can do:.*generation, summarisation, chat"):
        built(folder, CAUSAL)


@pytest.mark.parametrize("make", [*WRITERS, *ENCODERS])
def test_other_models_are_no_encoder_decoders(make: Any, tmp_path: Path) -> None:
    source = find_model(make(tmp_path))
    assert not is_encoder_decoder(source)
    with pytest.raises(ModelError, match="AutoModelForSeq2SeqLM"):
        build_model(source, load_tokenizer(source, [], head=TWO), TWO, ())


def test_a_damaged_config_is_no_encoder_decoder(tmp_path: Path) -> None:
    folder = folders.t5(tmp_path)
    (folder / "config.json").write_text("{", encoding="utf-8")
    assert not is_encoder_decoder(find_model(folder))


def test_every_head_is_for_some_task_and_every_architecture_gets_its_own() -> None:
    configs = {
        "gpt2": (CAUSAL,),
        "bert": (MASKED,),
        "t5": (TWO,),
        "modernbert-decoder": (CAUSAL,),
        "mamba": (CAUSAL,),
    }
    for kind, heads in configs.items():
        found = possible_heads(transformers.AutoConfig.for_model(kind))
        assert set(heads) == set(found) & {CAUSAL, MASKED, TWO}, kind
        assert all(TASKS_OF_HEAD[head] for head in found)


@pytest.mark.parametrize("make", [folders.gpt2, folders.t5])
def test_random_weights_of_an_architecture_are_checked_too(make: Any, tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "model.safetensors").unlink()
    head = TWO if make is folders.t5 else CAUSAL
    assert built(folder, head, pretrained=False)[0].config.eos_token_id == 0
