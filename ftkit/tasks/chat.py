"""Chat: answers to questions, over one turn or several. Loss is on the answers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.tasks import Measured, Metric, own_metrics
from ftkit.tasks.language import count_next_tokens, perplexity
from ftkit.tasks.templates import Rendered, Template, conversation, ensure_template, look_at, prompt_ids
from ftkit.tasks.text_metrics import exact_match, token_f1
from ftkit.tasks.writing import answer_loss, answers_perplexity, chinese_note, join, written_text

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

    def __init__(self, metrics: Mapping[str, Metric] | None = None, *, encoder_decoder: bool = False) -> None:
        self.head = "AutoModelForSeq2SeqLM" if encoder_decoder else "AutoModelForCausalLM"
        self.metric_errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.decoder_start: int | None = None  # of an encoder-decoder: the id that it starts to write from
        self._encoder_decoder = encoder_decoder
        self._metrics = dict(metrics or {})

    def encode(
        self, texts: Sequence[Any], targets: Sequence[Any] | None, tokenizer: PreTrainedTokenizerBase, max_length: int
    ) -> Encoded:
        """Returns conversations as ids, labelled where an answer stands; what does not fit is cut and counted.

        A template that renders the beginning of a conversation otherwise once it goes on makes a row of every turn.

        Args:
            texts: A question, or the questions of several turns.
            targets: An answer, or as many.
            tokenizer: Its template is used.
            max_length: The oldest turns go first, then the question's end; an answer gets half of this if it needs it.
        """
        answered = [()] * len(texts) if targets is None else targets
        turns = [(_turns(asked), _turns(given)) for asked, given in zip(texts, answered, strict=True)]
        if self._encoder_decoder:
            return self._encode_pairs(_each_answer(turns), tokenizer, max_length)
        template = look_at(tokenizer)
        rows: list[tuple[Turns, Rendered, int, bool]] = []  # turns, ids, answer tokens lost, whether anything was cut
        for questions, answers in turns:
            whole = conversation(tokenizer, template, questions, answers)
            if whole is not None and len(whole.ids) <= max_length:
                rows.append(((questions, answers), whole, 0, False))
                continue
            parts = [(questions, answers)] if whole is not None else _each_answer([(questions, answers)])
            rows += [self._fitted(part, tokenizer, template, max_length) for part in parts]
        return Encoded(
            [row.ids for _, row, _, _ in rows],
            [row.labels for _, row, _, _ in rows],
            sum(cut for _, _, _, cut in rows),
            targets=[answers[-1] for (_, answers), _, _, _ in rows],
            sources=[_shown(*pair) for pair, _, _, _ in rows],
            prompts=[row.ids[: row.prompt] for _, row, _, _ in rows],
            lost=np.asarray([lost for _, _, lost, _ in rows], np.int64),
        )

    def _fitted(
        self, pair: Turns, tokenizer: PreTrainedTokenizerBase, template: Template, max_length: int
    ) -> tuple[Turns, Rendered, int, bool]:
        """Returns the last answer of a conversation with as much of what comes before as fits."""
        questions, answers = pair
        prompt = prompt_ids(tokenizer, questions, answers[:-1], 1 << 30)
        alone = conversation(tokenizer, template, questions[-1:], answers[-1:])
        assert alone is not None, "a single turn has no beginning that could change"
        answer = alone.ids[alone.prompt :]
        kept = min(len(answer), max(max_length - len(prompt), max_length // 2, 1))
        shorter = prompt_ids(tokenizer, questions, answers[:-1], max_length - kept)
        kept = min(len(answer), max(1, max_length - len(shorter)))
        ids = np.asarray([*shorter, *answer[:kept]], np.int32)[:max_length]
        labels = np.full(len(ids), IGNORED, np.int64)
        labels[len(shorter) :] = ids[len(shorter) :]
        lost = len(answer) - kept
        return pair, Rendered(ids, labels, len(shorter)), lost, bool(lost) or len(shorter) < len(prompt)

    def _encode_pairs(self, pairs: list[Turns], tokenizer: PreTrainedTokenizerBase, max_length: int) -> Encoded:
        shown = [_shown(*pair) for pair in pairs]
        answers = [given[-1] if given else "" for _, given in pairs]
        sources: Any = tokenizer(shown, return_attention_mask=False)["input_ids"] if shown else []
        ids: Any = tokenizer(answers, add_special_tokens=False, return_attention_mask=False)["input_ids"]
        end = int(tokenizer.eos_token_id)
        return join(list(zip(sources, ids, strict=True)), shown, answers, end, max_length, self.decoder_start)

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

    def metrics(self, measured: Measured, encoded: Encoded) -> dict[str, float]:
        """Returns token F1 and exact match of the answers written, perplexity, then the user's own metrics."""
        assert encoded.targets is not None
        rows = sorted(measured.generated)
        written, true = [measured.generated[i] for i in rows], [encoded.targets[i] for i in rows]
        own = own_metrics(self._metrics, written, true, self.metric_errors)
        return {**_near(written, true), "perplexity": perplexity(measured.loss), **own}

    def baseline(self, train: Encoded, validation: Encoded) -> dict[str, float]:
        """Returns the metrics of always giving the commonest answer of `train`."""
        assert train.targets is not None
        assert validation.targets is not None
        commonest = Counter(train.targets).most_common(1)[0][0]
        found = _near([commonest] * len(validation.targets), validation.targets)
        return {**found, "perplexity": answers_perplexity(train, validation)}

    def decode(self, logits: np.ndarray, encoded: Encoded, index: int, example: Any) -> Any:
        """Refuses: text is written by `training.generation`."""
        raise NotImplementedError

    def prompt(self, text: Any, tokenizer: PreTrainedTokenizerBase, max_length: int) -> np.ndarray:
        """Returns the ids that come before the answer: at most half of `max_length` for one stream.

        Args:
            text: A question, or turns: question and answer in turn, a question last.
            tokenizer: Its template is used.
            max_length: The longest conversation.
        """
        turns = _turns(text)
        questions, answers = turns[::2], turns[1::2]
        if self._encoder_decoder:
            found: Any = tokenizer(_shown(questions, answers))["input_ids"]
            return np.asarray(found[:max_length], np.int32)
        ensure_template(tokenizer)
        return np.asarray(prompt_ids(tokenizer, questions, answers, max_length // 2), np.int32)

    def end_ids(self, tokenizer: PreTrainedTokenizerBase) -> set[int]:
        """Returns the ids that end an answer: the template's own, and the end token's."""
        return {int(tokenizer.eos_token_id)} if self._encoder_decoder else set(look_at(tokenizer).end_ids)

    def finish(self, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase) -> tuple[str, bool]:
        """Returns the answer that was written, and whether it came to an end by itself."""
        return written_text(ids, tokenizer, self.end_ids(tokenizer))


def _turns(turns: Any) -> tuple[str, ...]:
    return (turns,) if isinstance(turns, str) else tuple(turns)


def _each_answer(turns: Sequence[Turns]) -> list[Turns]:
    """Returns a conversation for each answer, with all that came before."""
    return [(asked[: k + 1], given[: k + 1]) for asked, given in turns for k in range(len(given))]


def _shown(questions: Sequence[str], answers: Sequence[str]) -> str:
    """Returns what comes before the last answer, a turn a line."""
    lines = [line for pair in zip(questions, answers, strict=False) for line in pair]
    before = lines[: 2 * len(questions) - 1] if len(answers) >= len(questions) else [*lines, questions[-1]]
    return "\n".join(before)


def _near(written: Sequence[str], true: Sequence[str]) -> dict[str, float]:
    return {"token_f1": token_f1(written, true), "exact_match": exact_match(written, true)}
