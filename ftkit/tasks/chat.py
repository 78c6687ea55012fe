"""Chat: answers to questions, over one turn or several. Loss is on the answers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from ftkit.data.ragged import Ragged
from ftkit.data.tokenise import IGNORED, Encoded, id_type, label_type
from ftkit.tasks import Measured, Metric, own_metrics
from ftkit.tasks.language import answer_room, count_next_tokens, edges, perplexity, plain_ids
from ftkit.tasks.templates import Template, look_at, messages, prompt_ids, show, tokenised
from ftkit.tasks.text_metrics import exact_match, token_f1
from ftkit.tasks.writing import answer_loss, answers_perplexity, chinese_note, fit_pair, join, shortened, written_text

Turns = tuple[tuple[str, ...], tuple[str, ...]]  # questions, answers


class Chat:
    """Answers in the words of the tokenizer's chat template; token F1 first, then exact match and perplexity.

    A tokenizer without a template gets a plain one. An encoder-decoder reads the turns line by line and writes the
    last answer.
    """

    name = "chat"
    generative = True
    reads_classes = False
    labels: tuple[str, ...] = ()
    model_config: Mapping[str, Any] = {}

    def __init__(self, metrics: Mapping[str, Metric] | None = None, *, encoder_decoder: bool = False) -> None:
        self.head = "AutoModelForSeq2SeqLM" if encoder_decoder else "AutoModelForCausalLM"
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.decoder_start: int | None = None  # of an encoder-decoder: the id that it starts to write from
        self._encoder_decoder = encoder_decoder
        self._size = 0
        self._metrics = dict(metrics or {})

    def encode(
        self, texts: Sequence[Any], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns conversations as ids, labelled where an answer stands; what does not fit is cut and counted.

        A conversation is a row, and all its answers are learnt. Answers that do not fit into it have rows of their own,
        with as much of what came before as fits; so has every answer where the template renders the beginning of a
        conversation otherwise once it goes on.

        Args:
            texts: A question, or the questions of several turns.
            targets: An answer, or as many.
            tokenizer: Its template is used.
            max_length: The oldest turns go first, then the question's end; an answer gets half of this if it needs it.
        """
        self._size = len(tokenizer)
        answered = [()] * len(texts) if targets is None else targets
        turns = [(_turns(asked), _turns(given)) for asked, given in zip(texts, answered, strict=True)]
        if self._encoder_decoder:
            return self._encode_pairs(_each_answer(turns) if targets is not None else turns, tokenizer, max_length)
        if targets is None:
            prompts = [self.prompt(_alternating(*pair), tokenizer, max_length) for pair in turns]
            ids = Ragged.from_list(prompts, id_type(self._size))
            return Encoded(ids, None, 0, sources=[_shown(*pair) for pair in turns], prompts=ids)
        template = look_at(tokenizer)
        shown = [show(tokenizer, template, *pair, 0) for pair in turns]
        whole = iter(tokenised(tokenizer, [row for row in shown if row is not None]))
        rows: list[_Row] = []
        for pair, row in zip(turns, shown, strict=True):
            fitting = 0
            if row is not None:
                rendered, end = next(whole), _end(template, tokenizer)
                room = max_length - (end is not None)
                fitting = sum(last <= room for _, last in rendered.spans)
                if fitting:
                    prompt = rendered.spans[fitting - 1][0]
                    rows.append(_Row(_first(pair, fitting), *rendered.row(fitting, fitting, end), prompt))
            parts = [_first(pair, k + 1) for k in range(fitting, len(pair[1]))]
            rows += [_fitted(part, tokenizer, template, max_length) for part in parts]
        ids = Ragged.from_list([row.ids for row in rows], id_type(self._size))
        return Encoded(
            ids,
            Ragged.from_list([row.labels for row in rows], label_type(self._size)),
            sum(row.cut for row in rows),
            targets=[row.turns[1][-1] for row in rows],
            sources=[_shown(*row.turns) for row in rows],
            prompts=ids.beginnings([row.prompt for row in rows]),
            lost=np.asarray([row.lost for row in rows], np.int64),
        )

    def _encode_pairs(self, pairs: list[Turns], tokenizer: PreTrainedTokenizerBase, max_length: int) -> Encoded:
        before, after = edges(tokenizer)
        shown = [_shown(*pair) for pair in pairs]
        sources = [self._source(pair, tokenizer, max_length) for pair in pairs]
        answers = [given[-1] for asked, given in pairs if len(given) == len(asked)]
        ids = plain_ids(tokenizer, answers or [""] * len(pairs))
        assert self.decoder_start is not None, "set decoder_start first"
        return join(
            [(source, [*before, *answer]) for source, answer in zip(sources, ids, strict=True)],
            shown,
            answers or None,
            max_length,
            kept_before=len(before),
            kept_after=len(after),
            end=int(tokenizer.eos_token_id),
            n_vocabulary=self._size,
            decoder_start=self.decoder_start,
        )

    def _source(self, pair: Turns, tokenizer: PreTrainedTokenizerBase, max_length: int) -> list[int]:
        """Returns what an encoder reads: the oldest turns go where it is too long."""
        questions, answers = pair
        before, after = edges(tokenizer)
        ids: list[int] = []
        for k in range(len(questions)):
            ids = [*before, *plain_ids(tokenizer, [_shown(questions[k:], answers[k:])])[0], *after]
            if len(ids) <= max_length:
                break
        return ids

    def pack(self, encoded: Encoded, max_length: int) -> Encoded:
        """Returns the conversations as they are."""
        self.notes = chinese_note(encoded, ("token_f1",))
        return encoded

    def rows_of_epoch(self, encoded: Encoded, seed: int, epoch: int) -> Encoded:
        """Returns the conversations as they are: every epoch sees the same."""
        return encoded

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, label_smoothing: float) -> torch.Tensor:
        """Returns the summed loss of the answers' tokens: see `answer_loss`."""
        return answer_loss(logits, labels, label_smoothing, shifted=self._encoder_decoder)

    def count(self, labels: torch.Tensor) -> int:
        """Returns the number of the answers' tokens in (B, T) labels."""
        return int((labels != IGNORED).sum()) if self._encoder_decoder else count_next_tokens(labels)

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Refuses: what was written is measured, or the loss."""
        raise NotImplementedError

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns token F1 and exact match of the answers written, perplexity, then the user's own metrics."""
        assert encoded.targets is not None
        rows = sorted(measured.generated)
        written, true = [measured.generated[i] for i in rows], [encoded.targets[i] for i in rows]
        own = own_metrics(self._metrics, written, true, self.metric_errors) if rows else {}
        return {**_near(written, true), "perplexity": perplexity(measured.loss), **own}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of always giving the commonest answer of `train`."""
        assert train.targets is not None
        assert validation.targets is not None
        commonest = Counter(train.targets).most_common(1)[0][0]
        found = _near([commonest] * len(validation.targets), validation.targets)
        return {**found, "perplexity": answers_perplexity(train, validation, self._size)}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: text is written by `training.generation`."""
        raise NotImplementedError

    def prompt(self, text: Any, tokenizer: PreTrainedTokenizerBase, max_length: int) -> np.ndarray:
        """Returns the ids that come before the answer; one stream leaves room for it: see `answer_room`.

        Args:
            text: A question, or turns: question and answer in turn, a question last.
            tokenizer: Its template is used.
            max_length: The longest conversation.
        """
        turns = _turns(text)
        pair = turns[::2], turns[1::2]
        if self._encoder_decoder:
            before, after = edges(tokenizer)
            found = shortened(self._source(pair, tokenizer, max_length), max_length, len(before), len(after))
        else:
            room = max_length - answer_room(max_length)
            found = prompt_ids(tokenizer, look_at(tokenizer), *pair, room)
        return np.asarray(found, np.int32)

    def end_ids(self, tokenizer: PreTrainedTokenizerBase) -> set[int]:
        """Returns the ids that end an answer: the template's own, and the end token's."""
        return {int(tokenizer.eos_token_id)} if self._encoder_decoder else set(look_at(tokenizer).end_ids)

    def finish(self, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase) -> tuple[str, bool]:
        """Returns the answer that was written, and whether it came to an end by itself."""
        return written_text(ids, tokenizer, self.end_ids(tokenizer))


def _each_answer(turns: Sequence[Turns]) -> list[Turns]:
    """Returns a conversation for each answer, with all that came before."""
    return [_first(pair, k + 1) for pair in turns for k in range(len(pair[1]))]


@dataclass(frozen=True)
class _Row:
    """A conversation up to the answer that begins at `prompt`; how many tokens of it are lost, and whether any are."""

    turns: Turns
    ids: np.ndarray
    labels: np.ndarray
    prompt: int
    lost: int = 0
    cut: bool = False


def _fitted(pair: Turns, tokenizer: PreTrainedTokenizerBase, template: Template, max_length: int) -> _Row:
    """Returns the last answer of a conversation with as much of what comes before as fits."""
    questions, answers = pair
    shown = show(tokenizer, template, questions, answers, len(answers) - 1)
    assert shown is not None, "the last turn is the whole conversation's"
    (rendered,) = tokenised(tokenizer, [shown])
    ids, labels = rendered.row(1, 1, _end(template, tokenizer))
    ((prompt, _),) = rendered.spans
    if len(ids) <= max_length:
        return _Row(pair, ids, labels, prompt)
    answer = ids[prompt:].tolist()
    n_prompt, n_answer = fit_pair(ids[:prompt].tolist(), answer, max_length)
    shorter = prompt_ids(tokenizer, template, questions, answers[:-1], n_prompt)
    n_answer = min(len(answer), max(n_answer, max_length - len(shorter)))
    ids = np.asarray([*shorter, *answer[:n_answer]], np.int32)
    labels = np.asarray([IGNORED] * len(shorter) + answer[:n_answer], np.int64)
    return _Row(pair, ids, labels, len(shorter), len(answer) - n_answer, True)


def _end(template: Template, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """Returns the id to end an answer with, where the template ends it with nothing."""
    return None if template.end or tokenizer.eos_token_id is None else int(tokenizer.eos_token_id)


def _turns(turns: Any) -> tuple[str, ...]:
    return (turns,) if isinstance(turns, str) else tuple(turns)


def _first(pair: Turns, n: int) -> Turns:
    """Returns the first turns of a conversation."""
    return pair[0][:n], pair[1][:n]


def _alternating(questions: Sequence[str], answers: Sequence[str]) -> list[str]:
    """Returns question and answer in turn, a question last."""
    return [turn["content"] for turn in messages(questions, answers[: len(questions) - 1])]


def _shown(questions: Sequence[str], answers: Sequence[str]) -> str:
    """Returns what comes before the last answer, a turn a line."""
    return "\n".join(_alternating(questions, answers))


def _near(written: Sequence[str], true: Sequence[str]) -> dict[str, float]:
    if not true:  # nothing was written: that is not to say that all of it was wrong
        return {}
    return {"token_f1": token_f1(written, true), "exact_match": exact_match(written, true)}
