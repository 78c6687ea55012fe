"""One `dropout=` for every architecture: which of a config's fields hold a dropout rate."""

from __future__ import annotations

from typing import Any

from ftkit.errors import SettingError

# The names that transformers' configs give to dropout rates that act in training.
_FIELDS = frozenset(
    {
        "activation_dropout",
        "attention_dropout",
        "attention_probs_dropout_prob",
        "attn_pdrop",
        "classifier_dropout",
        "classifier_dropout_prob",
        "cls_dropout",
        "dropout",
        "dropout_rate",
        "embd_pdrop",
        "embedding_dropout",
        "hidden_dropout",
        "hidden_dropout_prob",
        "mlp_dropout",
        "pooler_dropout",
        "resid_pdrop",
        "seq_classif_dropout",
        "summary_first_dropout",
    }
)


def set_dropout(config: Any, rate: float) -> list[str]:
    """Sets every dropout rate of a transformers config and returns the names of the fields that were set.

    Args:
        config: A `PretrainedConfig`; changed in place.
        rate: 0 to 1.

    Raises:
        SettingError: If the architecture has no dropout to set.
    """
    fields = {name for name in config.to_dict() if name in _FIELDS}
    if not fields:
        raise SettingError(
            f"dropout={rate}: the architecture {config.model_type!r} has no dropout to set. "
            "Leave dropout out, and use weight_decay= or fewer epochs against overfitting."
        )
    fields.add("classifier_dropout")  # the heads of GPT-2 and Qwen2 look for it, and take 0.1 where it is missing
    for name in fields:
        setattr(config, name, rate)
    return sorted(fields)
