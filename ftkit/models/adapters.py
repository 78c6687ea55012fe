"""Training less than the whole model: LoRA beside the linear layers, or the head alone."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import safetensors.torch
import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from ftkit.errors import SettingError, did_you_mean
from ftkit.i18n import text

Method = Literal["full", "lora", "head"]
_ADAPTER = "default"
_PEFT_TASKS = {
    "AutoModelForCausalLM": "CAUSAL_LM",
    "AutoModelForSeq2SeqLM": "SEQ_2_SEQ_LM",
    "AutoModelForSequenceClassification": "SEQ_CLS",
    "AutoModelForTokenClassification": "TOKEN_CLS",
}
_LANGUAGE_HEADS = ("AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM")


@dataclass(frozen=True)
class Adaptation:
    """How a model is trained.

    Attributes:
        method: ``"full"``, ``"lora"`` or ``"head"``.
        targets: The names of the linear layers that LoRA adapts; empty for the other methods.
        n_trainable: Numbers that training changes.
        n_parameters: Numbers that the model has, adapters included; what is shared counts once.
    """

    method: Method
    targets: tuple[str, ...]
    n_trainable: int
    n_parameters: int


def adapt(
    model: nn.Module,
    *,
    method: Method,
    head: str,
    rank: int = 8,
    alpha: float = 16.0,
    dropout: float = 0.0,
    targets: Literal["auto"] | tuple[str, ...] = "auto",
) -> tuple[nn.Module, Adaptation]:
    """Returns the same model, changed in place so that only what the method trains requires a gradient.

    Nothing that it says changes before the first step. The model keeps its class, ``config`` and ``forward``.

    - ``"full"`` trains everything.
    - ``"lora"`` freezes the model and learns two thin matrices beside each target: `rank` columns and rows whose
      product, times ``alpha / rank``, is added to the layer. What is new is trained in full with it: the head of
      classification and tagging, modules of a language model's head that its folder had no weights for, and the row of
      an end token that was added to the vocabulary.
    - ``"head"`` freezes all but the head. For language models that is the output embedding and what leads to it from
      the last block: its final norm, and a masked model's own transformation. An output embedding that is tied to the
      input embedding is untied (copied) first, as the input stays frozen.

    Args:
        model: From `build_model`. Draws from torch's global generator for ``"lora"``.
        method: What is trained.
        head: The name of the model's transformers Auto class.
        rank: 1 or more.
        alpha: The adapters' scale, times `rank`.
        dropout: Before the adapters, 0 to 1.
        targets: Names of linear layers such as ``("q_proj", "v_proj")``, or ``"auto"`` for all inside the blocks.

    Raises:
        SettingError: If a target is not there.

    Source: Hu et al. 2022 (LoRA); Dettmers et al. 2023 (on every linear layer).
    """
    names: tuple[str, ...] = ()
    if method == "lora":
        names = find_targets(model) if targets == "auto" else _checked(model, tuple(targets))
        new = _new_modules(model) if head in _LANGUAGE_HEADS else [m for _, m in _head_modules(model, head)]
        _add_lora(model, head, names, rank, alpha, dropout)
        for module in new:
            module.requires_grad_(True)
    elif method == "head":
        left = _untie(model) if head in _LANGUAGE_HEADS else []
        model.requires_grad_(False)
        for _, module in _head_modules(model, head):
            module.requires_grad_(True)
        for parameter in left:
            parameter.requires_grad = False
    parameters = list(model.parameters())
    n_trainable = sum(p.numel() for p in parameters if p.requires_grad)
    return model, Adaptation(method, names, n_trainable, sum(p.numel() for p in parameters))


def find_targets(model: nn.Module) -> tuple[str, ...]:
    """Returns the names of all linear layers inside the transformer blocks, as short as tells them from all others.

    Example:
        >>> find_targets(bert)  # doctest: +SKIP
        ('attention.output.dense', 'intermediate.dense', 'key', 'output.dense', 'query', 'value')
    """
    inside, outside = _linear(model)
    if not inside:
        raise SettingError(text("models.targets_none", kind=_kind(model)))
    found = set()
    for path in inside:
        parts = path.split(".")
        start = max(i for i, part in enumerate(parts) if part.isdigit()) + 1
        names = [".".join(parts[at:]) for at in range(len(parts) - 1, start - 1, -1)]
        found.add(next((name for name in names if not any(_is_named(other, name) for other in outside)), path))
    return tuple(sorted(found))


def merged(model: nn.Module) -> nn.Module:
    """Returns the model with its adapters added into its layers: a plain one, as if all of it had been trained.

    The given model stays as it is. What no adapter changes is shared between both, not copied.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils.other import AuxiliaryTrainingWrapper

    if not is_adapted(model):
        return model
    layers = {id(p) for m in model.modules() if isinstance(m, BaseTunerLayer) for p in m.get_base_layer().parameters()}
    plain = copy.deepcopy(model, {id(p): p for p in model.parameters() if id(p) not in layers})
    with torch.no_grad():
        for name, module in list(plain.named_modules()):
            parent, _, child = name.rpartition(".")
            if isinstance(module, AuxiliaryTrainingWrapper):
                new = module.unload_and_optionally_merge_module(merge=True, safe_merge=False, adapter_names=None)
                setattr(plain.get_submodule(parent), child, new)
            elif isinstance(module, BaseTunerLayer) and not name.endswith(".token_adapter"):
                module.merge()
                setattr(plain.get_submodule(parent), child, module.get_base_layer())
    plain.__dict__.pop("peft_config", None)
    return plain


def save_adapter(model: nn.Module, folder: Path, base: str) -> None:
    """Writes what LoRA trained, heads included, as peft's adapter folder: ``PeftModel.from_pretrained`` reads it.

    Args:
        model: From `adapt` with ``method="lora"``.
        folder: Made if it is missing.
        base: The name or path of the model that the adapters belong to.
    """
    from peft import get_peft_model_state_dict

    found = get_peft_model_state_dict(model, save_embedding_layers=False)
    config: Any = copy.copy(model.peft_config[_ADAPTER])  # type: ignore[index]
    heads = list(_trained_modules(model))
    for name in heads:
        found |= {f"{name}.{key}": tensor for key, tensor in model.get_submodule(name).state_dict().items()}
    config.base_model_name_or_path, config.inference_mode = base, True
    config.modules_to_save = heads or None
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    tensors = {f"base_model.model.{key}": tensor.detach().cpu().contiguous().clone() for key, tensor in found.items()}
    safetensors.torch.save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def is_adapted(model: nn.Module) -> bool:
    """Returns whether the model carries LoRA adapters."""
    return "peft_config" in model.__dict__


def _add_lora(model: nn.Module, head: str, targets: tuple[str, ...], rank: int, alpha: float, dropout: float) -> None:
    from peft import LoraConfig, inject_adapter_in_model

    inside, _ = _linear(model)
    chosen = [module for path, module in inside.items() if any(_is_named(path, name) for name in targets)]
    new: tuple[int, ...] = getattr(model, "new_token_ids", ())
    config = LoraConfig(
        task_type=_PEFT_TASKS.get(head),
        r=rank,
        lora_alpha=alpha,  # type: ignore[arg-type]
        lora_dropout=dropout,
        target_modules=list(targets),
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in chosen),
        trainable_token_indices={name: list(new) for name in _embedding_names(model)} if new else None,
    )
    inject_adapter_in_model(config, model, _ADAPTER)


def _trained_modules(model: nn.Module) -> Iterator[str]:
    """Yields the paths of the modules that are trained whole beside the adapters: new heads."""
    found = ""
    for name, module in model.named_modules():
        parameters = list(module.parameters())
        adapter = re.search(r"\b(lora_|token_adapter)", name)
        if adapter or (found and name.startswith(f"{found}.")) or not parameters:
            continue
        if all(p.requires_grad for p in parameters):
            found = name
            yield name


def _checked(model: nn.Module, targets: tuple[str, ...]) -> tuple[str, ...]:
    inside, _ = _linear(model)
    for target in targets:
        if not any(_is_named(path, target) for path in inside):
            known = find_targets(model)
            close = did_you_mean(target, known) or known[0]
            raise SettingError(text("models.targets_unknown", target=target, known=", ".join(known), close=close))
    return targets


def _linear(model: nn.Module) -> tuple[dict[str, nn.Module], list[str]]:
    """Returns the linear layers inside the blocks by path, and the paths of all other linear layers."""
    found: dict[str, nn.Module] = {p: m for p, m in model.named_modules() if isinstance(m, nn.Linear | Conv1D)}
    inside = {path: m for path, m in found.items() if re.search(r"\.\d+\.", path)}
    return inside, [path for path in found if path not in inside]


def _is_named(path: str, name: str) -> bool:
    return path == name or path.endswith(f".{name}")


def _head_modules(model: Any, head: str) -> list[tuple[str, nn.Module]]:
    """Returns what stands after the last block, by path: what ``method="head"`` trains."""
    body = model.base_model
    output = model.get_output_embeddings() if head in _LANGUAGE_HEADS else None
    found: list[tuple[str, nn.Module]] = []
    for name, module in model.named_children():
        if (module is output) if body is model else module is not body:
            found.append((name, module))
    if head in _LANGUAGE_HEADS:
        found += _final_norms(model)
    else:  # a pooler is often as new as the classifier behind it: masked language models come without one
        found += [(name, module) for name, module in model.named_modules() if re.search(r"\.pooler$", name)]
    return [(name, module) for name, module in found if any(True for _ in module.parameters())]


def _new_modules(model: Any) -> list[nn.Module]:
    """Returns the modules outside the blocks whose weights are all drawn at random, as no file had them."""
    new = set(getattr(model, "new_weights", ()))
    found = []
    for path, module in model.named_modules():
        names = {f"{path}.{name}" for name, _ in module.named_parameters()}
        if names and names <= new and not re.search(r"\.\d+(\.|$)", path):
            found.append(module)
    return found


def _final_norms(model: Any) -> Iterator[tuple[str, nn.Module]]:
    """Yields the norm between the last block and the head: no block's, no embedding's, and no encoder's of two."""
    two = model.config.is_encoder_decoder
    for name, module in model.base_model.named_modules():
        if "norm" not in type(module).__name__.lower() or re.search(r"\.\d+\.", name) or "emb" in name:
            continue
        if not two or "decoder" in name.split("."):
            path = name if model.base_model is model else f"{model.base_model_prefix}.{name}"
            yield path, module


def _untie(model: Any) -> list[nn.Parameter]:
    """Gives the output embedding weights of its own where it shares them; returns what nothing reads any more.

    The config of a single stack says so too. An encoder-decoder's does not: it would untie its two input embeddings,
    which are saved once. Transformers 5 leaves untied what a file holds twice.
    """
    output, inputs = model.get_output_embeddings(), model.get_input_embeddings()
    if output.weight is not inputs.weight:
        return []
    others = {id(p): p for m in model.modules() if m is not output for p in m.parameters(recurse=False)}
    shared = [p for name, p in output.named_parameters() if id(p) in others and name != "weight"]
    for name, parameter in list(output.named_parameters()):
        if id(parameter) in others:  # BERT's bias too
            setattr(output, name, nn.Parameter(parameter.detach().clone()))
    if not model.config.is_encoder_decoder:
        model.config.tie_word_embeddings = False
    return shared


def _embedding_names(model: Any) -> list[str]:
    """Returns the paths of the embeddings whose rows are tokens: the input's, and the output's if it is another."""
    inputs, output = model.get_input_embeddings(), model.get_output_embeddings()
    wanted = [inputs] if output is None or output.weight is inputs.weight else [inputs, output]
    return [name for name, module in model.named_modules() if any(module is one for one in wanted)]


def _kind(model: nn.Module) -> str:
    return str(getattr(getattr(model, "config", None), "model_type", type(model).__name__))
