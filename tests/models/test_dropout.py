from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from torch import nn

from ftkit.errors import SettingError
from ftkit.models.dropout import set_dropout

RATE = 0.37
SMALL = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "pad_token_id": 0,
}
GPT2 = {"vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 2, "pad_token_id": 0}
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": SMALL,
    "roberta": SMALL,
    "xlm-roberta": SMALL,
    "electra": {**SMALL, "embedding_size": 8},
    "albert": {**SMALL, "embedding_size": 8},
    "deberta-v2": {**SMALL, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "distilbert": {"vocab_size": 40, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 20, "pad_token_id": 0},
    "modernbert": {**SMALL, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2},
    "gpt2": GPT2,
    "qwen2": {**SMALL, "num_key_value_heads": 1},
    "t5": {
        "vocab_size": 40,
        "d_model": 16,
        "d_kv": 8,
        "d_ff": 20,
        "num_layers": 2,
        "num_heads": 2,
        "eos_token_id": 1,
        "decoder_start_token_id": 0,
    },
}
HEADS = ("AutoModelForSequenceClassification", "AutoModelForTokenClassification")


def config_of(kind: str) -> Any:
    return transformers.AutoConfig.for_model(kind, num_labels=3, **CONFIGS[kind])


def rates(model: nn.Module) -> dict[str, float]:
    """Every dropout rate that a built model holds: of its modules, and of attention that computes it by a number."""
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Dropout):
            found[name] = float(module.p)
        for attribute in ("attention_dropout", "dropout_prob", "dropout_rate", "attn_dropout"):
            value = getattr(module, attribute, None)
            if isinstance(value, float | int) and not isinstance(value, bool):
                found[f"{name}.{attribute}"] = float(value)
    return found


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", CONFIGS)
def test_dropout_reaches_every_dropout_of_the_built_model(kind: str, head: str) -> None:
    config = config_of(kind)
    set_dropout(config, RATE)
    found = rates(getattr(transformers, head).from_config(config))
    assert found, "this model has no dropout: nothing is tested"
    assert {name: rate for name, rate in found.items() if rate != RATE} == {}


@pytest.mark.parametrize("kind", CONFIGS)
def test_without_dropout_two_passes_in_training_are_equal(kind: str) -> None:
    config = config_of(kind)
    set_dropout(config, 0.0)
    torch.manual_seed(0)
    model = transformers.AutoModelForSequenceClassification.from_config(config).train()
    ids = torch.tensor([[5, 6, 7, 1], [8, 9, 10, 1]])
    mask = torch.ones_like(ids)
    with torch.no_grad():
        a, b = (model(input_ids=ids, attention_mask=mask).logits for _ in range(2))
    assert torch.equal(a, b)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", CONFIGS)
def test_with_dropout_two_passes_in_training_differ(kind: str, head: str) -> None:
    config = config_of(kind)
    set_dropout(config, 0.5)
    torch.manual_seed(0)
    model = getattr(transformers, head).from_config(config).train()
    ids = torch.tensor([[5, 6, 7, 1], [8, 9, 10, 1]])
    with torch.no_grad():
        a, b = (model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits for _ in range(2))
    assert not torch.equal(a, b)


def test_the_fields_that_were_set_are_named() -> None:
    assert {"attention_probs_dropout_prob", "hidden_dropout_prob"} <= set(set_dropout(config_of("bert"), 0.2))


def test_an_architecture_without_dropout_says_so_and_what_to_do() -> None:
    config = transformers.AutoConfig.for_model("mamba", num_labels=2)
    with pytest.raises(SettingError, match=r"dropout=0\.2.*'mamba'.*weight_decay="):
        set_dropout(config, 0.2)
