"""What a run's model says: of texts, of a whole file into a CSV that Excel opens, of data with known answers."""

from __future__ import annotations

import csv
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoConfig, AutoTokenizer

from ftkit.data.dataset import Dataset
from ftkit.data.sniff import detect_encoding
from ftkit.data.source import read_lines
from ftkit.errors import DataError, FormatError, RunError
from ftkit.i18n import text
from ftkit.runs.disk import retried
from ftkit.runs.store import RunFolder
from ftkit.tasks import Task, build_task
from ftkit.tasks.tagging import split_words
from ftkit.training.checkpoint import load_weights
from ftkit.training.devices import training_device
from ftkit.training.forward import forward_batches

BATCH_SIZE = 32
CHUNK = 512  # rows in memory at a time
HEAD = 200  # lines looked at to find the text column


@dataclass(frozen=True)
class Predictor:
    """A run's kept model with its tokenizer, ready to be asked."""

    model: nn.Module
    tokenizer: Any
    task: Task
    device: torch.device

    @classmethod
    def of(cls, folder: RunFolder, task_name: str) -> Predictor:
        """Returns the predictor of a run folder's newest complete checkpoint.

        Raises:
            RunError: If there is none yet.
        """
        import transformers

        checkpoints = folder.checkpoints()
        if not checkpoints:
            raise RunError(text("runs.no_weights", run=folder.id))
        config = AutoConfig.from_pretrained(folder.model, local_files_only=True)
        labels = [config.id2label[i] for i in range(config.num_labels)]
        task = build_task(task_name, labels)
        with torch.random.fork_rng(devices=[]):  # the weights drawn here are replaced at once
            model = getattr(transformers, task.head).from_config(config)
        load_weights(model, checkpoints[-1] / "model.safetensors")
        device = training_device()
        tokenizer = AutoTokenizer.from_pretrained(folder.model, local_files_only=True)
        return cls(model.to(device).eval(), tokenizer, task, device)

    def predict(self, texts: Sequence[Any]) -> list[Any]:
        """Returns a prediction for each text (or each sentence's tokens), in order; long ones are cut as in training."""
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

    def _forward(self, encoded: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        pad = self.tokenizer.pad_token_id or 0
        for batch, logits, _ in forward_batches(self.model, encoded, BATCH_SIZE, self.device, "fp32", pad):
            yield batch, logits.cpu().numpy()


def words_of(item: Any) -> tuple[str, ...]:
    """Returns the tokens of a plain sentence, or a given list of tokens as it is."""
    return split_words(item) if isinstance(item, str) else tuple(item)


def predict_file(predictor: Predictor, source: Path, out: Path) -> int:
    """Writes a CSV of a file's columns with `label` and `confidence` added (for tags: `tag`), and returns its rows.

    Rows are read, predicted and written in pieces, so that the file may be larger than memory. UTF-8 with a byte order
    mark, which Excel needs to read Chinese. Written aside and renamed: an older file stays until the new one is whole.

    Raises:
        DataError: If the file is not there, or `out` is the file itself.
        FormatError: If a line has another number of columns, or the text column can't be told.
    """
    if not source.is_file():
        raise DataError(text("runs.predict_gone", path=source))
    if out.absolute() == source.absolute() or (out.exists() and out.samefile(source)):
        raise DataError(text("runs.predict_onto_itself", path=source))
    encoding = detect_encoding(source).name
    lines = read_lines(source, encoding)
    rows = _tag_rows if predictor.task.name == "tagging" else _label_rows
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.part")
    count = 0
    try:
        with aside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for row in rows(predictor, source.name, lines):
                writer.writerow(row)
                count += 1
        retried(lambda: os.replace(aside, out))
    finally:
        aside.unlink(missing_ok=True)
    return max(count - 1, 0)


def _label_rows(predictor: Predictor, name: str, lines: Iterable[tuple[int, str]]) -> Iterator[list[object]]:
    stream = iter(lines)
    head = list(islice(stream, HEAD))
    column, header = _text_column(name, head, set(predictor.task.labels))
    yield [*header, "label", "confidence"]
    while head:
        cells = [_cells(name, number, line, len(header)) for number, line in head]
        asked = [i for i, row in enumerate(cells) if row[column].strip()]
        found = dict(zip(asked, predictor.predict([cells[i][column] for i in asked]), strict=True))
        for i, row in enumerate(cells):
            answer = found.get(i)
            yield [*row, answer.label if answer else "", f"{answer.confidence:.4f}" if answer else ""]
        head = list(islice(stream, CHUNK))


def _text_column(name: str, head: list[tuple[int, str]], labels: set[str]) -> tuple[int, list[str]]:
    """Returns which column holds the text, and the columns' names."""
    rows = [line.split("\t") for _, line in head if line.strip()]
    if not rows:
        raise FormatError(text("runs.predict_empty", name=name))
    width = len(rows[0])
    known = [i for i in range(width) if all(len(row) > i and row[i].strip() in labels for row in rows)]
    rest = [i for i in range(width) if i not in known[:1]]
    if width == 1:
        return 0, ["text"]
    if not known:  # no column of known labels: the longest text is it, if it is so in a clear majority of rows
        longest = [max(range(len(row)), key=lambda i, row=row: len(row[i])) for row in rows]
        rest = [i for i in range(width) if longest.count(i) > 0.8 * len(rows)]
    if len(rest) != 1:
        raise FormatError(text("runs.predict_columns", name=name, line=head[0][0], n=width))
    names = [f"column_{i + 1}" for i in range(width)]
    names[rest[0]] = "text"
    if known:
        names[known[0]] = "expected"
    return rest[0], names


def _cells(name: str, number: int, line: str, width: int) -> list[str]:
    cells = line.split("\t")
    if not line.strip():
        return [""] * width
    if len(cells) != width:
        raise FormatError(text("runs.predict_ragged", name=name, line=number, n=len(cells), width=width))
    return cells


def _tag_rows(predictor: Predictor, name: str, lines: Iterable[tuple[int, str]]) -> Iterator[list[object]]:
    """Reads one token a line with blank lines between sentences, or else one plain sentence a line."""
    stream = iter(lines)
    head = list(islice(stream, HEAD))
    filled = [line for _, line in head if line.strip()]
    if not filled:
        raise FormatError(text("runs.predict_empty", name=name))
    per_token = any(not line.strip() for _, line in head[:-1]) or all(len(line.split()) == 2 for line in filled)
    lines = _chain(head, stream)
    if not per_token:
        yield ["sentence", "token", "tag", "confidence"]
        sentences = ((number, split_words(line)) for number, line in lines if line.strip())
        while chunk := list(islice(sentences, CHUNK)):
            for (number, _), found in zip(chunk, predictor.predict([words for _, words in chunk]), strict=True):
                for token, tag, confidence in zip(found.tokens, found.tags, found.confidences, strict=True):
                    yield [number, token, tag, f"{confidence:.4f}"]
        return
    width = max(len(line.split()) for line in filled)
    names = ["token", *(f"column_{i}" for i in range(2, width)), "expected"][:width]
    yield [*names, "tag", "confidence"]
    sentences_ = _sentences(lines)
    while group := list(islice(sentences_, CHUNK)):
        for rows, found in zip(group, predictor.predict([[r[0] for r in rows] for rows in group]), strict=True):
            for row, tag, confidence in zip(rows, found.tags, found.confidences, strict=True):
                yield [*(row + [""] * width)[:width], tag, f"{confidence:.4f}"]
            yield []


def _sentences(lines: Iterable[tuple[int, str]]) -> Iterator[list[list[str]]]:
    sentence: list[list[str]] = []
    for _, line in lines:
        if line.strip():
            sentence.append(line.split("\t") if "\t" in line else line.split())
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _chain(head: Iterable[tuple[int, str]], rest: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield from head
    yield from rest
