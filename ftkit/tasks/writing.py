"""Writing one text from another: contents from titles, or titles from contents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from ftkit.data.ragged import Ragged
from ftkit.data.tokenise import IGNORED, Encoded, id_type, label_type
from ftkit.i18n import text
from ftkit.tasks import Measured, Metric, own_metrics
from ftkit.tasks.language import (
    answer_room,
    count_next_tokens,
    edges,
    next_token_loss,
    perplexity,
    plain_ids,
    unigram_loss,
)
from ftkit.tasks.text_metrics import bleu, chrf, is_chinese, rouge_l

SEPARATOR = "\n\n"  # between what is read and what is written, for a model that reads and writes one stream
_SENTENCE = re.compile(r".*?(?:[。！？!?]|\.(?=\s|$)|$)", re.DOTALL)


def fit_pair(source: Sequence[int], target: Sequence[int], room: int) -> tuple[int, int]:
    """Returns how many ids of source and target fit into `room` together: the target gets half, more if it is free.

    Example:
        >>> fit_pair(range(10), range(4), 12), fit_pair(range(10), range(9), 12), fit_pair([1], range(20), 12)
        ((8, 4), (6, 6), (1, 11))
    """
    kept = min(len(target), max(room - len(source), room // 2, 1))
    return min(len(source), max(room - kept, 0)), kept


def join(
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
    sources: Sequence[str],
    targets: Sequence[str] | None,
    max_length: int,
    *,
    kept_before: int,
    kept_after: int,
    end: int,
    n_vocabulary: int,
    decoder_start: int | None = None,
) -> Encoded:
    """Returns pairs of ids as examples: loss on the target and its end alone; what does not fit is cut and counted.

    Args:
        pairs: Ids of what is read (with all that comes before the answer) and of what is written, N times.
        sources: The texts that are read.
        targets: The texts that shall be written; None if nobody knows.
        max_length: Of one example; for an encoder-decoder of each side.
        kept_before: How many ids at the beginning of each source are never cut.
        kept_after: How many at its end.
        end: The id that ends a text.
        n_vocabulary: How many ids there are.
        decoder_start: See `Encoded`; None for one stream.
    """
    ids, labels, n_prompts, lost, n_cut = [], [], [], [], 0
    for source, target in pairs:
        whole = [*target, end]
        if decoder_start is None:
            n_source, n_target = fit_pair(source, whole if targets is not None else [], max_length)
        else:
            n_source, n_target = min(len(source), max_length), min(len(whole), max_length)
        prompt, written = shortened(source, n_source, kept_before, kept_after), whole[:n_target]
        lost.append(len(whole) - n_target)
        n_cut += bool(lost[-1] or len(prompt) < len(source))
        n_prompts.append(len(prompt))
        if decoder_start is None and targets is not None:
            ids.append([*prompt, *written])
            labels.append([IGNORED] * len(prompt) + written)
        else:
            ids.append(prompt)
            labels.append(written)
    rows = Ragged.from_list(ids, id_type(n_vocabulary))
    prompts = rows.beginnings(n_prompts)
    if targets is None:
        return Encoded(rows, None, n_cut, sources=sources, prompts=prompts, decoder_start=decoder_start)
    return Encoded(
        rows,
        Ragged.from_list(labels, label_type(n_vocabulary)),
        n_cut,
        targets=targets,
        sources=sources,
        prompts=prompts,
        lost=np.asarray(lost, np.int64),
        decoder_start=decoder_start,
    )


def shortened(source: Sequence[int], length: int, kept_before: int, kept_after: int) -> list[int]:
    """Returns a source of `length` ids: it loses its end, but for the marks before and after it.

    Example:
        >>> shortened([1, 2, 3, 4, 5, 0], 4, 1, 1)
        [1, 2, 3, 0]
    """
    if len(source) <= length:
        return list(source)
    after = list(source[len(source) - kept_after :]) if kept_after else []
    return [*source[: max(kept_before, length - kept_after)], *after]


def answer_loss(logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float, *, shifted: bool) -> torch.Tensor:
    """Returns the summed cross-entropy of the written tokens.

    Args:
        logits: (B, T, V) fp32.
        labels: (B, T) int64, -100 where nothing is written.
        label_smoothing: The share of the target spread over the vocabulary.
        shifted: False for one stream, whose logits are of the next position; True for a decoder's own labels.
    """
    if not shifted:
        return next_token_loss(logits, labels, label_smoothing)
    return functional.cross_entropy(
        logits.flatten(0, 1),
        labels.flatten(),
        reduction="sum",
        ignore_index=IGNORED,
        label_smoothing=label_smoothing,
    )


def written_text(ids: Sequence[int], tokenizer: PreTrainedTokenizerBase, end_ids: set[int]) -> tuple[str, bool]:
    """Returns the text that ids stand for, without the end token, and whether there was one."""
    ended = bool(ids) and int(ids[-1]) in end_ids
    # special ids show as nothing, an end token that is none does not
    found = str(tokenizer.decode(list(ids[: len(ids) - ended]), skip_special_tokens=True))
    return found.strip(), ended


def answers_perplexity(train: Encoded, validation: Encoded, n_vocabulary: int) -> float:
    """Returns the perplexity of the written tokens of `validation` under their frequencies in `train`."""
    assert train.labels is not None
    assert validation.labels is not None
    return perplexity(unigram_loss(train.labels, validation.labels, n_vocabulary))


def chinese_note(encoded: Encoded, names: Sequence[str]) -> dict[str, str]:
    """Returns the word that metrics of Chinese need: it is compared character by character."""
    chinese = is_chinese([str(target) for target in (encoded.targets or ())[:200]])
    return dict.fromkeys(names, text("tasks.by_character")) if chinese else {}


class Writing:
    """A content from its title (``"generation"``) or a title from its content (``"summarisation"``).

    A model that reads and writes one stream gets source, a blank line, target and an end token; loss is on the target
    and its end. An encoder-decoder reads the source and writes the target. ROUGE-L first, then chrF, BLEU, perplexity.
    """

    generative = True
    reads_classes = False
    labels: tuple[str, ...] = ()
    model_config: Mapping[str, Any] = {}

    def __init__(
        self, name: str, metrics: Mapping[str, Metric] | None = None, *, encoder_decoder: bool = False
    ) -> None:
        self.name = name
        self.head = "AutoModelForSeq2SeqLM" if encoder_decoder else "AutoModelForCausalLM"
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.decoder_start: int | None = None  # of an encoder-decoder: the id that it starts to write from
        self._encoder_decoder = encoder_decoder
        self._size = 0
        self._metrics = dict(metrics or {})

    def encode(
        self, texts: Sequence[str], targets: Sequence[str] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns ids and labels of titles and contents, whichever is read; what does not fit is cut and counted."""
        read, written = (targets, texts) if self.name == "summarisation" and targets is not None else (texts, targets)
        self._size = len(tokenizer)
        before, after = self._marks(tokenizer)
        sources = [[*before, *row, *after] for row in plain_ids(tokenizer, read)]
        answers = plain_ids(tokenizer, written if written is not None else [""] * len(read))
        # BART writes its first mark itself, as it was pretrained to
        first = before if self._encoder_decoder else []
        assert self.decoder_start is not None or not self._encoder_decoder, "set decoder_start first"
        return join(
            [(source, [*first, *answer]) for source, answer in zip(sources, answers, strict=True)],
            read,
            written if targets is not None else None,
            max_length,
            kept_before=len(before),
            kept_after=len(after),
            end=int(tokenizer.eos_token_id),
            n_vocabulary=self._size,
            decoder_start=self.decoder_start,
        )

    def _marks(self, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
        """Returns the ids before and after a source."""
        before, after = edges(tokenizer)
        return before, after if self._encoder_decoder else _separator(tokenizer)

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the examples as they are."""
        self.notes = chinese_note(encoded, ("rouge_l", "bleu"))
        return encoded

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the examples as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed loss of the written tokens: see `answer_loss`."""
        return answer_loss(logits, labels, label_smoothing, shifted=self._encoder_decoder)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of written tokens in (B, T) labels."""
        return int((labels != IGNORED).sum()) if self._encoder_decoder else count_next_tokens(labels)

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Refuses: what was written is measured, or the loss."""
        raise NotImplementedError

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns ROUGE-L, chrF and BLEU of what was written, perplexity, then the user's own metrics over texts."""
        assert encoded.targets is not None
        rows = sorted(measured.generated)
        written, true = [measured.generated[i] for i in rows], [encoded.targets[i] for i in rows]
        own = own_metrics(self._metrics, written, true, self.metric_errors) if rows else {}
        return {**_near(written, true), "perplexity": perplexity(measured.loss), **own}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of copying: the title itself, or as much of the content as a title is long."""
        assert train.targets is not None
        assert validation.targets is not None
        copied = list(validation.sources or ())
        if self.name == "summarisation":
            usual = round(median(len(target) for target in train.targets))
            copied = [_SENTENCE.match(source).group()[:usual] for source in copied]  # type: ignore[union-attr]
        found = _near(copied, validation.targets)
        return {**found, "perplexity": answers_perplexity(train, validation, self._size)}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: text is written by `training.generation`."""
        raise NotImplementedError

    def prompt(self, text: str, tokenizer: PreTrainedTokenizerBase, max_length: int) -> np.ndarray:
        """Returns the ids that come before the answer; one stream leaves room for it: see `answer_room`."""
        before, after = self._marks(tokenizer)
        (ids,) = plain_ids(tokenizer, [text])
        room = max_length if self._encoder_decoder else max_length - answer_room(max_length)
        return np.asarray(shortened([*before, *ids, *after], room, len(before), len(after)), np.int32)

    def end_ids(self, tokenizer: PreTrainedTokenizerBase) -> set[int]:
        """Returns the end token's id."""
        return {int(tokenizer.eos_token_id)}

    def finish(self, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase) -> tuple[str, bool]:
        """Returns the text that was written, and whether it came to an end by itself."""
        return written_text(ids, tokenizer, self.end_ids(tokenizer))


def _separator(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Returns the ids of a blank line, or of another mark where the tokenizer has nothing for it (BERT's has not)."""
    marks = (tokenizer.sep_token_id, tokenizer.eos_token_id)
    return plain_ids(tokenizer, [SEPARATOR])[0] or [int(mark) for mark in marks if mark is not None][:1]


def _near(written: Sequence[str], true: Sequence[str]) -> dict[str, float]:
    if not true:  # nothing was written: that is not to say that all of it was wrong
        return {}
    return {"rouge_l": rouge_l(written, true), "chrf": chrf(written, true), "bleu": bleu(written, true)}
