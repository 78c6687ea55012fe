"""What is known about metrics by name: which way is better, on which scale they are, what their baseline stands for."""

from __future__ import annotations

from typing import Literal

Scale = Literal["share", "percent", "perplexity", "bits"]

_SCALES: dict[str, Scale] = {
    "perplexity": "perplexity",
    "bits_per_character": "bits",
    "chrf": "percent",
    "bleu": "percent",
}
_BASELINES = {
    "language_modelling": "unigram",
    "masked_language_modelling": "unigram",
    "generation": "title",
    "summarisation": "beginning",
    "chat": "answer",
}


def lower_is_better(name: str) -> bool:
    """Returns whether a smaller value of this metric is the better one.

    Example:
        >>> [lower_is_better(name) for name in ("perplexity", "val_loss", "accuracy")]
        [True, True, False]
    """
    return name in ("perplexity", "bits_per_character", "loss", "rmse", "mse", "mae") or name.endswith("_loss")


def scale_of(name: str, low: float, high: float) -> Scale | None:
    """Returns the scale of a metric whose values are `low` to `high`: metrics of one scale fit on one axis.

    Metrics that are not known by name are shares if their values lie in 0..1; of others nothing is known: None.

    Example:
        >>> scale_of("rouge_l", 0.1, 0.3), scale_of("chrf", 0.1, 0.3), scale_of("rmse", 3.0, 8.0)
        ('share', 'percent', None)
    """
    if name in _SCALES:
        return _SCALES[name]
    return "share" if low >= 0 and high <= 1 else None


def baseline_kind(task: str, metric: str) -> str:
    """Returns what this task's baseline does without learning: a part of the keys of its texts in ``i18n/views.py``.

    Example:
        >>> baseline_kind("generation", "rouge_l"), baseline_kind("generation", "perplexity")
        ('title', 'unigram')
    """
    if _SCALES.get(metric) in ("perplexity", "bits"):
        return "unigram"
    return _BASELINES.get(task, "label" if task in ("classification", "tagging") else "other")
