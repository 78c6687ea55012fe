"""A trained model with its tokenizer, ready to be asked about texts or measured on data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import nn

from ftkit.data.dataset import Dataset
from ftkit.data.tokenise import Encoded
from ftkit.errors import DataError
from ftkit.i18n import text
from ftkit.tasks import Task, build_task
from ftkit.training.checkpoint import load_weights
from ftkit.training.devices import RANDOM, training_device
from ftkit.training.forward import forward_batches

BATCH_SIZE = 32


@dataclass(frozen=True)
class Predictor:
    """A run's kept model with its tokenizer, ready to be asked."""

    model: nn.Module
    tokenizer: Any
    task: Task
    device: torch.device

    @classmethod
    def load(cls, folder: Path, weights: Path, task_name: str) -> Predictor:
        """Returns the predictor over a run's config and tokenizer in `folder` and its `weights` file."""
        content = weights.read_bytes()  # first: while a run trains, a better checkpoint may take this one's place
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
        labels = [config.id2label[i] for i in range(config.num_labels)]
        task = build_task(task_name, labels)
        with RANDOM, torch.random.fork_rng(devices=[]):  # the weights drawn here are replaced at once
            model = getattr(transformers, task.head).from_config(config)
        load_weights(model, weights, content)
        device = training_device()
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        return cls(model.to(device).eval(), tokenizer, task, device)

    def predict(self, texts: Sequence[Any]) -> list[Any]:
        """Returns a prediction for each text (or each sentence's tokens), in order; long ones are cut."""
        if not texts:
            return []
        encoded = self.task.encode(texts, None, self.tokenizer, self.tokenizer.model_max_length)
        predictions: list[Any] = [None] * len(texts)
        for batch, logits in self._forward(encoded):
            for i, row in zip(batch, logits, strict=True):
                predictions[i] = self.task.decode(row, encoded, int(i), texts[i])
        return predictions

    def evaluate(self, data: Dataset) -> dict[str, float]:
        """Returns loss and metrics on data with known answers.

        Raises:
            DataError: If the data has a label that the model was not trained for.
        """
        unseen = sorted(set(data.labels) - set(self.task.labels))
        if unseen:
            known = ", ".join(self.task.labels[:8])
            raise DataError(text("runs.evaluate_unseen", name=data.name, labels=", ".join(unseen[:5]), known=known))
        encoded = self.task.encode(data.texts, data.targets, self.tokenizer, self.tokenizer.model_max_length)
        predicted: list[np.ndarray] = [np.empty(0)] * len(data)
        loss, terms = 0.0, 0
        pad = self.tokenizer.pad_token_id or 0
        for batch, logits, labels in forward_batches(self.model, encoded, BATCH_SIZE, self.device, "fp32", pad):
            assert labels is not None
            loss, terms = loss + float(self.task.loss(logits, labels, 0.0)), terms + self.task.count(labels)
            for i, classes in zip(batch, logits.argmax(-1).cpu().numpy(), strict=True):
                predicted[i] = classes
        return {**self.task.metrics(predicted, encoded), "loss": loss / max(terms, 1)}

    def _forward(self, encoded: Encoded) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        pad = self.tokenizer.pad_token_id or 0
        for batch, logits, _ in forward_batches(self.model, encoded, BATCH_SIZE, self.device, "fp32", pad):
            yield batch, logits.cpu().numpy()
