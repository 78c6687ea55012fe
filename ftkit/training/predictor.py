"""A trained model with its tokenizer, ready to be asked about texts, to continue them, or to be measured on data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from ftkit.data.dataset import Dataset
from ftkit.data.tokenise import Encoded
from ftkit.errors import DataError, ModelError
from ftkit.i18n import text
from ftkit.tasks import Measured, Task, Writer
from ftkit.training.forward import forward_batches
from ftkit.training.generation import decode_stream, generate

BATCH_SIZE = 32
MAX_NEW_TOKENS = 128
_CHUNK = 4_096  # rows tokenised together


@dataclass(frozen=True)
class Generated:
    """What a model wrote after a prompt; `ended` is whether it came to an end by itself, not by the limit."""

    prompt: Any
    text: str
    ended: bool


@dataclass(frozen=True)
class Predictor:
    """A run's kept model with its tokenizer, ready to be asked. Made by `ftkit.runs.build.load_predictor`."""

    model: nn.Module
    tokenizer: Any
    task: Task
    device: torch.device
    max_length: int  # tokens of a row, as in training
    max_new_tokens: int = MAX_NEW_TOKENS  # of a text that is measured, as in training

    def predict(self, texts: Sequence[Any]) -> list[Any]:
        """Returns a prediction for each text (or each sentence's tokens), in order; long ones are cut.

        Tasks that write text give what the model finds likeliest at every token, as `Generated`.
        """
        if not texts:
            return []
        if self.task.generative:
            return self.generate(texts)
        encoded = self.task.encode(texts, None, self.tokenizer, self.max_length)
        predictions: list[Any] = [None] * len(texts)
        for batch, logits, _ in self._passes(encoded, BATCH_SIZE):
            for i, row in zip(batch, logits.cpu().numpy(), strict=True):
                predictions[i] = self.task.decode(row, encoded, int(i), texts[i])
        return predictions

    def generate(
        self,
        prompts: Sequence[Any],
        *,
        max_new_tokens: int = MAX_NEW_TOKENS,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> list[Generated]:
        """Returns what the model writes after each prompt, in order.

        Args:
            prompts: Texts; for chat also lists of turns, question and answer in turn, that end with a question.
            max_new_tokens: The longest text; the model's own limit holds too.
            temperature: 0 takes the likeliest token; higher flattens the distribution that is drawn from.
            top_p: Draws from the likeliest tokens whose shares add up to this.
            seed: Of the draws: prompt number i gets the same text in any company.
        """
        limit = self.max_length
        ids = [self._writer.prompt(prompt, self.tokenizer, limit) for prompt in prompts]
        settings = {"temperature": temperature, "top_p": top_p, "seed": seed}
        written = self._write(ids, max_new_tokens, **settings)
        finished = [self._writer.finish(tokens, self.tokenizer) for tokens in written]
        return [Generated(prompt, *found) for prompt, found in zip(prompts, finished, strict=True)]

    def stream(
        self,
        prompt: Any,
        *,
        max_new_tokens: int = MAX_NEW_TOKENS,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> Iterator[str]:
        """Yields what `generate` returns piece by piece, as it is written."""
        ids = [self._writer.prompt(prompt, self.tokenizer, self.max_length)]
        settings = {"temperature": temperature, "top_p": top_p, "seed": seed}
        pieces = decode_stream(self.tokenizer)
        for _, tokens in self._tokens(ids, max_new_tokens, **settings):
            piece = pieces.push(int(tokens[0]))
            if piece:
                yield piece
        if rest := pieces.close():
            yield rest

    def evaluate(self, data: Dataset) -> dict[str, float]:
        """Returns loss and metrics on data with known answers; tasks that write text write one for every row.

        Raises:
            DataError: If the data has a label that the model was not trained for, or several a text where it gives one.
        """
        unseen = sorted(set(data.labels) - set(self.task.labels)) if self.task.labels else []
        if unseen:
            known = ", ".join(self.task.labels[:8])
            raise DataError(text("runs.evaluate_unseen", name=data.name, labels=", ".join(unseen[:5]), known=known))
        several = len(data) and isinstance(data[0].target, tuple)
        if several and self.task.model_config.get("problem_type") == "single_label_classification":
            raise DataError(text("own.several", name=data.name))
        limit = self.max_length
        parts = []
        for start in range(0, len(data), _CHUNK):  # a large file's rows are never Python objects all at once
            part = data[start : start + _CHUNK]
            parts.append(self.task.encode(part.texts, part.targets, self.tokenizer, limit))
        encoded = self.task.pack(Encoded.joined(parts), limit)
        classes: list[np.ndarray] = [np.empty(0)] * len(encoded) if self.task.reads_classes else []
        loss, terms = 0.0, 0
        for batch, logits, labels in self._passes(encoded, BATCH_SIZE // 4 if self.task.generative else BATCH_SIZE):
            assert labels is not None
            loss, terms = loss + float(self.task.loss(logits, labels, 0.0)), terms + self.task.count(labels)
            for i, found in zip(batch, self.task.read(logits).cpu().numpy() if classes else (), strict=bool(classes)):
                classes[i] = found
        generated: dict[int, str] = {}
        if encoded.prompts is not None:
            written = self._write(encoded.prompts, self.max_new_tokens)
            generated = {i: self._writer.finish(ids, self.tokenizer)[0] for i, ids in enumerate(written)}
        mean = loss / terms if terms else math.nan
        return {**self.task.metrics(Measured(mean, terms, classes, generated), encoded), "loss": mean}

    def must_write(self) -> None:
        """Checks that the task writes text.

        Raises:
            DataError: If it does not.
            ModelError: If it fills in masks.
        """
        if self.task.name == "masked_language_modelling":
            raise ModelError(text("tasks.masked_predict"))
        if not self.task.generative:
            raise DataError(text("runs.writes_nothing", task=self.task.name))

    @property
    def _writer(self) -> Writer:
        self.must_write()
        return cast("Writer", self.task)

    @property
    def _pad(self) -> int:
        return self.tokenizer.pad_token_id or 0

    def _passes(self, encoded: Encoded, size: int) -> Iterator[tuple[np.ndarray, torch.Tensor, torch.Tensor | None]]:
        options = {"use_cache": False} if self.task.generative else {}
        return forward_batches(self.model, encoded, size, self.device, "fp32", self._pad, options)

    def _write(self, prompts: Sequence[np.ndarray], max_new_tokens: int, **settings: Any) -> list[list[int]]:
        written: list[list[int]] = [[] for _ in prompts]
        for rows, ids in self._tokens(prompts, max_new_tokens, **settings):
            for row, token in zip(rows, ids, strict=True):
                written[row].append(int(token))
        return written

    def _tokens(
        self, prompts: Sequence[np.ndarray], max_new_tokens: int, **settings: Any
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the rows and their newest tokens, a batch of prompts after the other."""
        for first in range(0, len(prompts), BATCH_SIZE):
            pieces = generate(
                self.model,
                list(prompts[first : first + BATCH_SIZE]),
                end_ids=self._writer.end_ids(self.tokenizer),
                pad_id=self._pad,
                device=self.device,
                max_new_tokens=max_new_tokens,
                first_row=first,
                **settings,
            )
            for rows, ids in pieces:
                yield rows + first, ids
