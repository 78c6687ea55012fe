"""Which tasks a model's class can do, and whether a model that should only look back does so."""

from __future__ import annotations

from typing import Any

import torch
import transformers

from ftkit.errors import ModelError
from ftkit.i18n import text

# What the Auto class with each head is for. Language modelling is not for an encoder-decoder: it has no one text.
TASKS_OF_HEAD: dict[str, tuple[str, ...]] = {
    "AutoModelForSequenceClassification": ("classification",),
    "AutoModelForTokenClassification": ("tagging",),
    "AutoModelForCausalLM": ("language_modelling", "generation", "summarisation", "chat"),
    "AutoModelForMaskedLM": ("masked_language_modelling",),
    "AutoModelForSeq2SeqLM": ("generation", "summarisation", "chat"),
}
_CLASSES: dict[str, Any] = {
    "AutoModelForSequenceClassification": transformers.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    "AutoModelForTokenClassification": transformers.MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
    "AutoModelForCausalLM": transformers.MODEL_FOR_CAUSAL_LM_MAPPING,
    "AutoModelForMaskedLM": transformers.MODEL_FOR_MASKED_LM_MAPPING,
    "AutoModelForSeq2SeqLM": transformers.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
}
# Of the spread of the logits. BERT's relatives with random weights move by 2e-3 to 1e-1; GPT-2, Llama, Qwen, Mistral,
# Gemma, Phi, NeoX, Bloom, OPT and Mamba by nothing at all.
_MOVED = 1e-5
_PROBE_LENGTH = 12


def possible_heads(config: Any) -> tuple[str, ...]:
    """Returns the heads that an architecture can be trained with here, by its config alone.

    Bidirectional encoders that also come as ``…LMHeadModel`` count as masked language models only, unless their config
    says that they are decoders.
    """
    found = [head for head, classes in _CLASSES.items() if type(config) in classes]
    if getattr(config, "is_encoder_decoder", False):
        found = [head for head in found if head not in ("AutoModelForCausalLM", "AutoModelForMaskedLM")]
    elif "AutoModelForMaskedLM" in found and not getattr(config, "is_decoder", False):
        found = [head for head in found if head != "AutoModelForCausalLM"]
    return tuple(found)


def check_class(name: str, config: Any, head: str) -> None:
    """Checks that the architecture has the head at all.

    Raises:
        ModelError: If it has not; it names the tasks that the architecture can do.
    """
    lacks = type(config) not in _CLASSES[head]
    two_texts = bool(getattr(config, "is_encoder_decoder", False))
    if lacks or (two_texts and head in ("AutoModelForCausalLM", "AutoModelForMaskedLM")):
        raise _cannot("models.no_head", name, config, head)


def check_looks_back(name: str, model: Any, config: Any, vocabulary: int) -> None:
    """Checks by looking that no logits depend on later tokens: a model that sees the answer would learn nothing.

    Args:
        name: What the user calls the model.
        model: With the head of ``AutoModelForCausalLM``, on the CPU.
        config: Its config.
        vocabulary: Ids below it are tried.

    Raises:
        ModelError: If other last tokens move earlier logits.
    """
    half = _PROBE_LENGTH // 2
    ids = torch.arange(_PROBE_LENGTH).remainder(vocabulary).unsqueeze(0)
    other = ids.clone()
    other[:, half:] = (ids[:, half:] * 7 + 3).remainder(vocabulary)
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            mask = torch.ones_like(ids)
            a, b = (model(input_ids=i, attention_mask=mask).logits[:, :half].float() for i in (ids, other))
    finally:
        model.train(training)
    if float((a - b).abs().max()) > _MOVED * float(a.std()):
        raise _cannot("models.looks_ahead", name, config, "AutoModelForCausalLM")


def _cannot(key: str, name: str, config: Any, head: str) -> ModelError:
    tasks = [task for other in possible_heads(config) if other != head for task in TASKS_OF_HEAD[other]]
    able = ", ".join(tasks) or text("models.nothing")
    asked = ", ".join(task for task in TASKS_OF_HEAD[head] if task not in tasks)
    return ModelError(text(key, name=name, kind=config.model_type, tasks=asked, head=head, able=able))
