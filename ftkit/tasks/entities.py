"""Entities out of tags, and their precision, recall and F1 as the CoNLL evaluation counts them."""

from __future__ import annotations

from collections.abc import Sequence

from ftkit.data.schemes import spans_of


def entities(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """Returns (type, first, last) of every entity, counted from 0, both ends included.

    Reads IOB1, BIO, IOE, BIOES, BILOU and BMES tags, and is as lenient as the CoNLL script: an ``I-`` with nothing
    before it starts an entity.

    Source: Tjong Kim Sang and Buchholz 2000, ``conlleval``; equal to seqeval 1.2.2's default.

    Example:
        >>> sorted(entities(["B-PER", "I-PER", "O", "B-LOC"]))
        [('LOC', 3, 3), ('PER', 0, 1)]
    """
    return {(kind, start, end - 1) for start, end, kind in spans_of(tags)}


def entity_metrics(predictions: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> dict[str, float]:
    """Returns entity-level ``f1``, ``precision`` and ``recall``, micro-averaged, and token ``accuracy``.

    Args:
        predictions: Tags of each sentence.
        targets: The true tags, of the same lengths.
    """
    hits = n_predicted = n_true = right = tokens = 0
    for predicted, target in zip(predictions, targets, strict=True):
        found, true = entities(predicted), entities(target)
        hits, n_predicted, n_true = hits + len(found & true), n_predicted + len(found), n_true + len(true)
        right += sum(p == t for p, t in zip(predicted, target, strict=True))
        tokens += len(target)
    return {
        "f1": 2 * hits / max(n_predicted + n_true, 1),
        "precision": hits / max(n_predicted, 1),
        "recall": hits / max(n_true, 1),
        "accuracy": right / max(tokens, 1),
    }
