from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
import transformers

from ftkit.errors import SettingError
from ftkit.models.adapters import Adaptation, adapt, find_targets, is_adapted, merged, save_adapter
from ftkit.models.load import build_model, complete_tokenizer, find_model, load_tokenizer
from ftkit.training.checkpoint import load_weights, weights_to_bytes
from ftkit.training.optimizers import build_optimizer
from tests.models import folders
from tests.models.test_tokens import without_end

CAUSAL, MASKED, TWO = "AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM"
CLASSIFY, TAG = "AutoModelForSequenceClassification", "AutoModelForTokenClassification"


def masked_bert(folder: Path) -> Path:
    return folders.bert(folder, MASKED)


CASES = [
    (folders.gpt2, CAUSAL),
    (folders.llama, CAUSAL),
    (folders.qwen2, CAUSAL),
    (folders.opt, CAUSAL),
    (masked_bert, MASKED),
    (folders.modernbert, MASKED),
    (folders.t5, TWO),
    (folders.bart, TWO),
    (folders.gpt2, CLASSIFY),
    (folders.qwen2, CLASSIFY),
    (folders.bert, CLASSIFY),
    (folders.modernbert, CLASSIFY),
    (folders.bert, TAG),
    (folders.gpt2, TAG),
]
IDS = [f"{make.__name__}-{head.removeprefix('AutoModelFor')}" for make, head in CASES]
LABELS = ("a", "b", "c")
Base = Callable[[Any], Path]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Gives each kind of folder, made once."""
    return functools.cache(lambda make: make(tmp_path_factory.mktemp("base") / make.__name__))


def built(folder: Path, head: str) -> Any:
    source = find_model(folder)
    tokenizer = load_tokenizer(source, [], head=head)
    complete_tokenizer(tokenizer, head=head)
    torch.manual_seed(0)
    return build_model(source, tokenizer, head, LABELS if head in (CLASSIFY, TAG) else ()).eval()


def inputs(model: Any) -> dict[str, torch.Tensor]:
    ids = torch.tensor([[12, 5, 9, 31, 7], [8, 14, 3, 3, 21]])
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    return given | ({"decoder_input_ids": ids[:, :3]} if model.config.is_encoder_decoder else {})


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(**inputs(model)).logits
    return found


def train(model: Any, steps: int = 3) -> None:
    optimizer = build_optimizer("adamw", model, 0.05, 0.01)
    for _ in range(steps):
        torch.nn.functional.cross_entropy(
            model.train()(**inputs(model)).logits.flatten(0, -2), torch.zeros(1).long().expand(2 * 5)[: _terms(model)]
        ).backward()
        optimizer.step()
        optimizer.zero_grad()


def _terms(model: Any) -> int:
    found = model(**inputs(model)).logits
    return int(found.numel() // found.shape[-1])


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
@pytest.mark.parametrize("method", ["full", "lora", "head"])
def test_nothing_that_a_model_says_changes_before_the_first_step(make: Any, head: str, method: Any, base: Base) -> None:
    model = built(base(make), head)
    before, kind, config = logits(model), type(model), model.config
    again, _ = adapt(model, method=method, head=head)
    assert again is model
    assert type(model) is kind
    assert model.config is config
    assert torch.equal(logits(model), before)


@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
@pytest.mark.parametrize("method", ["lora", "head"])
def test_all_that_is_trained_moves_and_nothing_else(make: Any, head: str, method: Any, base: Base) -> None:
    model = built(base(make), head)
    _, adaptation = adapt(model, method=method, head=head)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    train(model)
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert moved == trained
    assert adaptation.n_trainable == sum(before[name].numel() for name in trained)
    assert adaptation.n_parameters == sum(p.numel() for p in before.values())


@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
def test_lora_leaves_the_embeddings_and_a_language_model_s_head_alone(make: Any, head: str, base: Base) -> None:
    model = built(base(make), head)
    adapt(model, method="lora", head=head)
    assert not any(p.requires_grad for p in model.get_input_embeddings().parameters())
    alone = {name.rsplit(".", 1)[0] for name, p in model.named_parameters() if p.requires_grad and "lora_" not in name}
    if head in (CAUSAL, MASKED, TWO):
        assert alone == set()
    else:
        assert alone
        assert all(name.startswith(("score", "classifier", "head", "bert.pooler")) for name in alone)


@pytest.mark.parametrize(
    ("make", "head", "targets"),
    [
        (folders.gpt2, CAUSAL, "c_attn c_fc c_proj"),
        (folders.llama, CAUSAL, "down_proj gate_proj k_proj o_proj q_proj up_proj v_proj"),
        (masked_bert, MASKED, "intermediate.dense key output.dense query value"),
        (folders.bert, TAG, "dense key query value"),
        (folders.modernbert, MASKED, "Wi Wo Wqkv"),
        (folders.t5, TWO, "k o q v wi wo"),
        (folders.bart, TWO, "fc1 fc2 k_proj out_proj q_proj v_proj"),
    ],
)
def test_the_targets_are_every_linear_layer_inside_the_blocks_and_no_other(
    make: Any, head: str, targets: str, base: Base
) -> None:
    model = built(base(make), head)
    assert " ".join(find_targets(model)) == targets
    linear = {
        name for name, m in model.named_modules()
        if isinstance(m, torch.nn.Linear | transformers.pytorch_utils.Conv1D) and ".0." in name
    }  # fmt: skip
    _, adaptation = adapt(model, method="lora", head=head)
    adapted = {name for name, m in model.named_modules() if hasattr(m, "lora_A")}
    assert adapted == linear
    assert " ".join(adaptation.targets) == targets


def test_lora_s_rank_scale_and_targets_are_those_asked_for(base: Base) -> None:
    model = built(base(folders.llama), CAUSAL)
    _, adaptation = adapt(model, method="lora", head=CAUSAL, rank=3, alpha=12, dropout=0.25, targets=("q_proj",))
    assert adaptation == Adaptation("lora", ("q_proj",), 3 * (16 + 16), sum(p.numel() for p in model.parameters()))
    layer = model.model.layers[0].self_attn.q_proj
    assert (layer.r["default"], layer.scaling["default"], layer.lora_dropout["default"].p) == (3, 4.0, 0.25)


def test_a_target_that_is_not_there_is_told_what_is(base: Base) -> None:
    model = built(base(folders.llama), CAUSAL)
    with pytest.raises(SettingError, match=r"'q_prj'.*down_proj, .*v_proj.*'q_proj'"):
        adapt(model, method="lora", head=CAUSAL, targets=("v_proj", "q_prj"))
    with pytest.raises(SettingError, match="lm_head"):
        adapt(model, method="lora", head=CAUSAL, targets=("lm_head",))
    assert not is_adapted(model)


def test_an_architecture_without_blocks_has_no_targets() -> None:
    with pytest.raises(SettingError, match='method="full"'):
        adapt(torch.nn.Sequential(torch.nn.Linear(2, 2)), method="lora", head=CLASSIFY)


@pytest.mark.parametrize(
    ("make", "head", "trained"),
    [
        (folders.gpt2, CAUSAL, "lm_head.weight transformer.ln_f.bias transformer.ln_f.weight"),
        (folders.llama, CAUSAL, "lm_head.weight model.norm.weight"),
        (folders.opt, CAUSAL,
         "lm_head.weight model.decoder.final_layer_norm.bias model.decoder.final_layer_norm.weight"),
        (folders.modernbert, MASKED,
         "decoder.bias decoder.weight head.dense.weight head.norm.weight model.final_norm.weight"),
        (folders.t5, TWO, "decoder.final_layer_norm.weight lm_head.weight"),
        (folders.bart, TWO, "lm_head.weight"),
        (folders.gpt2, CLASSIFY, "score.weight"),
        (folders.bert, TAG, "classifier.bias classifier.weight"),
    ],
)  # fmt: skip
def test_the_head_is_what_stands_after_the_last_block(make: Any, head: str, trained: str, base: Base) -> None:
    model = built(base(make), head)
    adapt(model, method="head", head=head)
    assert " ".join(sorted(name for name, p in model.named_parameters() if p.requires_grad)) == trained


@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
def test_merged_says_the_same_and_the_model_stays_as_it_is(make: Any, head: str, base: Base, tmp_path: Path) -> None:
    folder = base(make)
    model = built(folder, head)
    adapt(model, method="lora", head=head)
    train(model)
    said = logits(model)
    plain: Any = merged(model)
    assert close(logits(plain), said)
    assert torch.equal(logits(model), said)
    assert not is_adapted(plain)
    assert [n for n, _ in plain.named_parameters()] == [n for n, _ in built(folder, head).named_parameters()]
    plain.save_pretrained(tmp_path / "merged")
    again = getattr(transformers, head).from_pretrained(tmp_path / "merged")
    assert close(logits(again), said)


def test_merging_copies_only_what_adapters_change(base: Base) -> None:
    model = built(base(folders.gpt2), CAUSAL)
    adapt(model, method="lora", head=CAUSAL, targets=("c_attn",))
    plain: Any = merged(model)
    assert plain.transformer.wte.weight is model.transformer.wte.weight
    assert plain.lm_head.weight is plain.transformer.wte.weight
    assert plain.transformer.h[0].attn.c_attn.weight is not model.transformer.h[0].attn.c_attn.base_layer.weight


def test_a_model_without_adapters_is_merged_as_it_is(base: Base) -> None:
    model = built(base(folders.gpt2), CAUSAL)
    assert merged(model) is model


@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
def test_a_trained_head_is_there_again_in_plain_transformers(make: Any, head: str, base: Base, tmp_path: Path) -> None:
    model = built(base(make), head)
    adapt(model, method="head", head=head)
    train(model)
    model.save_pretrained(tmp_path / "saved")
    again = getattr(transformers, head).from_pretrained(tmp_path / "saved")
    assert close(logits(again), logits(model))


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # peft asks transformers by an old name
@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
def test_peft_reads_a_saved_adapter_and_says_the_same(make: Any, head: str, base: Base, tmp_path: Path) -> None:
    folder = base(make)
    model = built(folder, head)
    adapt(model, method="lora", head=head)
    train(model)
    save_adapter(model, tmp_path / "adapter", str(folder))
    assert sorted(p.name for p in (tmp_path / "adapter").iterdir() if p.suffix != ".md") == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    names = {"id2label": dict(enumerate(LABELS)), "pad_token_id": 0} if head in (CLASSIFY, TAG) else {}
    torch.manual_seed(9)
    base = getattr(transformers, head).from_pretrained(folder, **names)
    again = peft.PeftModel.from_pretrained(base, tmp_path / "adapter")
    assert close(logits(again), logits(model))
    assert again.peft_config["default"].base_model_name_or_path == str(folder)


@pytest.mark.parametrize(("make", "head"), CASES, ids=IDS)
@pytest.mark.parametrize("method", ["lora", "head"])
def test_a_checkpoint_of_what_was_trained_brings_a_run_back(make: Any, head: str, method: Any, base: Base) -> None:
    folder = base(make)
    model = built(folder, head)
    adapt(model, method=method, head=head)
    train(model)
    content = weights_to_bytes(model, only_trained=True)
    assert method == "head" or len(content) < len(weights_to_bytes(model))
    again = built(folder, head)
    torch.manual_seed(5)
    adapt(again, method=method, head=head)
    load_weights(again, Path("weights"), content)
    assert torch.equal(logits(again), logits(model))


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")
@pytest.mark.parametrize("tied", [True, False])
def test_the_row_of_an_added_end_token_is_learnt_with_adapters(tied: bool, tmp_path: Path) -> None:
    folder = without_end(tmp_path / "base")
    if not tied:
        config = transformers.AutoConfig.from_pretrained(folder, tie_word_embeddings=False)
        torch.manual_seed(0)
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    model = built(folder, CAUSAL)
    (end,) = model.new_token_ids
    rows = model.get_output_embeddings().weight.detach().clone()
    before = logits(model)
    adapt(model, method="lora", head=CAUSAL)
    assert torch.equal(logits(model), before)
    optimizer = build_optimizer("adamw", model, 0.05, 0.0)
    for _ in range(30):
        found = model(**inputs(model)).logits
        torch.nn.functional.cross_entropy(found.flatten(0, 1), torch.full((10,), end)).backward()
        optimizer.step()
        optimizer.zero_grad()
    said = logits(model)
    assert (said.argmax(-1) == end).all()
    plain: Any = merged(model)
    assert close(logits(plain), said)
    assert torch.equal(plain.get_output_embeddings().weight[:end], rows[:end])
    plain.save_pretrained(tmp_path / "merged")
    assert close(logits(transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "merged")), said)
    save_adapter(model, tmp_path / "adapter", str(folder))
    base = transformers.AutoModelForCausalLM.from_pretrained(folder)
    base.resize_token_embeddings(end + 1)
    assert close(logits(peft.PeftModel.from_pretrained(base, tmp_path / "adapter")), said)
    again = built(folder, CAUSAL)
    adapt(again, method="lora", head=CAUSAL)
    load_weights(again, Path("weights"), weights_to_bytes(model, only_trained=True))
    assert torch.equal(logits(again), said)


def test_dropout_of_the_architecture_and_of_the_adapters_stand_side_by_side(base: Base) -> None:
    source = find_model(base(folders.gpt2))
    tokenizer = load_tokenizer(source, [], head=CAUSAL)
    complete_tokenizer(tokenizer, head=CAUSAL)
    model: Any = build_model(source, tokenizer, CAUSAL, (), dropout=0.0)
    adapt(model, method="lora", head=CAUSAL, dropout=0.0)
    train(model, steps=1)
    with torch.no_grad():
        a, b = (model.train()(**inputs(model)).logits for _ in range(2))
    assert torch.equal(a, b)
    assert model.config.resid_pdrop == 0.0


def test_the_same_seed_draws_the_same_adapters(base: Base) -> None:
    folder = base(folders.gpt2)
    found = []
    for _ in range(2):
        model = built(folder, CAUSAL)
        adapt(model, method="lora", head=CAUSAL)
        found.append({name: p for name, p in model.named_parameters() if p.requires_grad})
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_adapters_keep_what_writing_needs(base: Base) -> None:
    model = built(base(folders.llama), CAUSAL)
    adapt(model, method="lora", head=CAUSAL)
    train(model)
    ids = inputs(model)["input_ids"]
    with torch.inference_mode():
        whole = model.eval()(input_ids=ids).logits
        first = model(input_ids=ids[:, :3], use_cache=True)
        rest = model(input_ids=ids[:, 3:], past_key_values=first.past_key_values, use_cache=True).logits
    assert close(rest, whole[:, 3:])
    written = model.generate(ids, max_new_tokens=3, do_sample=False)
    assert torch.equal(written, merged(model).generate(ids, max_new_tokens=3, do_sample=False))  # type: ignore[operator]


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")
def test_a_language_head_that_a_folder_lacks_is_trained_with_adapters_and_saved(base: Base, tmp_path: Path) -> None:
    model = built(base(folders.bert), MASKED)  # its body alone
    adapt(model, method="lora", head=MASKED)
    new = {name for name, p in model.named_parameters() if p.requires_grad and "lora_" not in name}
    assert {name.rpartition(".")[0] for name in new} == {
        "cls.predictions.transform.dense",
        "cls.predictions.transform.LayerNorm",
    }
    train(model)
    save_adapter(model, tmp_path, str(base(folders.bert)))
    torch.manual_seed(9)
    plain = transformers.AutoModelForMaskedLM.from_pretrained(base(folders.bert))
    assert close(logits(peft.PeftModel.from_pretrained(plain, tmp_path)), logits(model))


def test_an_adapter_saved_after_a_merge_still_has_its_head(base: Base, tmp_path: Path) -> None:
    source = find_model(base(folders.bert))
    model = build_model(source, load_tokenizer(source, [], head=CLASSIFY), CLASSIFY, LABELS)
    model, _ = adapt(model, method="lora", head=CLASSIFY)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    merged(model)
    assert {name for name, p in model.named_parameters() if p.requires_grad} == trained
    save_adapter(model, tmp_path / "adapter", "base")
    kept = peft.PeftConfig.from_pretrained(tmp_path / "adapter")
    assert "classifier" in kept.modules_to_save
