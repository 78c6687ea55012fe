"""Token classification: one tag per word or character, scored by whole entities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from ftkit.data.ragged import Ragged
from ftkit.data.tokenise import IGNORED, Encoded, id_type, label_type
from ftkit.tasks import Measured, Metric, own_metrics
from ftkit.tasks.classification import softmax
from ftkit.tasks.entities import entities, entity_metrics

# single CJK characters (tags of Chinese are per character), runs of letters and digits, else one mark each
_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+(?:['’][^\W{_CJK}]+)?|[^\w\s]")


@dataclass(frozen=True)
class TagPrediction:
    """A sentence's tokens, each with its tag and the model's confidence in it (0 to 1).

    Tokens beyond the model's limit were not seen: they are tagged ``O`` with confidence 0.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    confidences: tuple[float, ...]

    @property
    def entities(self) -> list[tuple[str, int, int]]:
        """Returns (type, first token, last token), both counted from 0 and included, in order."""
        return sorted(entities(self.tags), key=lambda e: e[1])


def splitting(sentences: Iterable[Sequence[str]]) -> str:
    """Returns how a file's sentences are split: ``"characters"`` if nearly all tokens are one, and Chinese; or
    ``"words"``. Digits and Latin letters stand alone in files of characters.
    """
    tokens = [token for sentence in sentences for token in sentence]
    single = sum(len(token) == 1 for token in tokens)
    chinese = any(re.match(f"[{_CJK}]", token) for token in tokens)
    return "characters" if chinese and single > 0.95 * len(tokens) else "words"


def split_sentence(sentence: str, how: str = "words") -> tuple[str, ...]:
    """Returns a plain sentence's tokens: every character, or CJK characters one by one, words whole and marks apart.

    Args:
        sentence: Without line ends.
        how: What `splitting` said of the training file.

    Example:
        >>> split_sentence("Li 去北京 now!")
        ('Li', '去', '北', '京', 'now', '!')
    """
    if how == "characters":
        return tuple(character for character in sentence if not character.isspace())
    return tuple(_WORD.findall(sentence))


class Tagging:
    """One tag per token, cross-entropy at each token's first sub-word; entity-level F1 first."""

    name = "tagging"
    head = "AutoModelForTokenClassification"
    generative = False
    reads_classes = True
    model_config: Mapping[str, Any] = {}

    def __init__(self, labels: Sequence[str], metrics: Mapping[str, Metric] | None = None) -> None:
        self.labels = tuple(labels)
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self._metrics = dict(metrics or {})
        self._ids = {label: i for i, label in enumerate(self.labels)}

    def encode(
        self,
        texts: Sequence[Sequence[str]],
        targets: Sequence[Sequence[str]] | None,
        tokenizer: PreTrainedTokenizerBase,
        max_length: int,
    ) -> Encoded:
        """Returns token ids, and a label id at each token's first sub-word: (T,), ignored elsewhere.

        A token that the tokenizer makes nothing of (a lone control character, say) has no position and no label.
        """
        encoding = tokenizer(
            [list(tokens) for tokens in texts],
            is_split_into_words=True,
            truncation=True,
            max_length=max_length,
            return_attention_mask=False,
        )
        ids, labels, words, n_truncated = [], [], [], 0
        for i, row in enumerate(encoding["input_ids"]):
            word_ids = np.asarray([-1 if w is None else w for w in encoding.word_ids(i)], dtype=np.int32)
            starts = np.r_[True, word_ids[1:] != word_ids[:-1]] & (word_ids >= 0)
            ids.append(np.asarray(row, dtype=np.int32))
            words.append(np.where(starts, word_ids, -1))
            n_truncated += bool(encoding.encodings[i].overflowing)
            if targets is not None:
                tag_ids = np.asarray([*(self._ids[tag] for tag in targets[i]), IGNORED], dtype=np.int64)
                labels.append(np.where(starts, tag_ids[word_ids], IGNORED))  # -1, no word, finds the last
        return Encoded(
            Ragged.from_list(ids, id_type(len(tokenizer))),
            Ragged.from_list(labels, label_type(len(self.labels))) if targets is not None else None,
            n_truncated,
            Ragged.from_list(words, np.int32),
            targets,
        )

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the examples as they are."""
        return encoded

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the examples as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the cross-entropy summed over labelled positions.

        Args:
            logits: (B, T, K) fp32.
            labels: (B, T) int64, -100 where there is nothing to learn.
            label_smoothing: The share of the target spread over all tags.
        """
        return functional.cross_entropy(
            logits.flatten(0, 1),
            labels.flatten(),
            reduction="sum",
            ignore_index=IGNORED,
            label_smoothing=label_smoothing,
        )

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of labelled positions in (B, T) labels."""
        return int((labels != IGNORED).sum())

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns the likeliest class of every position of (B, T, K) logits: (B, T)."""
        return logits.argmax(-1)

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns entity-level F1, precision and recall, token accuracy, then the user's own metrics over tag lists.

        Tokens that were cut off count as predicted ``O``: what the model cannot see, it misses.
        """
        assert encoded.words is not None
        assert encoded.targets is not None
        tags = []
        for classes, words, target in zip(measured.classes, encoded.words, encoded.targets, strict=True):
            row = ["O"] * len(target)
            for position in np.flatnonzero(words >= 0):
                row[words[position]] = self.labels[classes[position]]
            tags.append(row)
        targets = [list(target) for target in encoded.targets]
        return {**entity_metrics(tags, targets), **own_metrics(self._metrics, tags, targets, self.metric_errors)}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of giving every token the commonest tag of `train`."""
        assert train.targets is not None
        assert validation.targets is not None
        commonest = Counter(tag for tags in train.targets for tag in tags).most_common(1)[0][0]
        return entity_metrics([[commonest] * len(tags) for tags in validation.targets], validation.targets)

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Sequence[str]) -> TagPrediction:
        """Returns the prediction that logits of shape (T, K) stand for."""
        assert encoded.words is not None
        tags, confidences = ["O"] * len(example), [0.0] * len(example)
        shares = softmax(logits)
        for position in np.flatnonzero(encoded.words[index] >= 0):
            word, best = encoded.words[index][position], int(shares[position].argmax())
            tags[word], confidences[word] = self.labels[best], float(shares[position, best])
        return TagPrediction(tuple(example), tuple(tags), tuple(confidences))
