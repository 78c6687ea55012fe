"""Rows from the cache, from disk or from memory are the rows a task makes of the texts; nothing changes but time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftkit
from ftkit.data import cache
from ftkit.data.dataset import Dataset
from ftkit.data.tokenise import Encoded
from ftkit.models import tiny, tiny_writer
from ftkit.models.load import complete_tokenizer
from ftkit.runs import encode
from ftkit.runs.encode import encode_all, plain_texts
from ftkit.tasks import build_task
from ftkit.training.events import Evaluated, Progress, RunStarted, StepsEnded, Warned
from tests.runs.data import labelled, tagged

TITLED = [(f"title {i}", f"A content of {i} words, 或者是中文。") for i in range(30)]
TURNS = [((f"q {i}", "and?"), (f"a {i}", "so.")) if i % 3 else (f"q {i}", f"a {i}") for i in range(30)]
DATA = {
    "classification": labelled(),
    "tagging": tagged(),
    "language_modelling": Dataset.from_rows([content for _, content in TITLED], format="corpus"),
    "masked_language_modelling": Dataset.from_rows([content for _, content in TITLED], format="corpus"),
    "generation": Dataset.from_rows(TITLED, format="title"),
    "summarisation": Dataset.from_rows(TITLED, format="title"),
    "chat": Dataset.from_rows(TURNS, format="qa"),
}


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FTKIT_CACHE_GB", "1")
    monkeypatch.setattr(encode, "CHUNK", 7)


def task_and_tokenizer(name: str, data: Dataset) -> tuple[Any, Any]:
    writes = name not in ("classification", "tagging", "masked_language_modelling")
    tokenizer = (tiny_writer if writes else tiny).train_tokenizer(plain_texts(data))
    task = build_task(name, data.labels)
    complete_tokenizer(tokenizer, head=task.head)
    return task, tokenizer


def whole(steps: Any) -> tuple[Encoded, list[Any]]:
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return end.value, events


def plain(encoded: Encoded) -> dict[str, Any]:
    """What is in it, as lists."""

    def of(value: Any) -> Any:
        if value is None or isinstance(value, int | str):
            return value
        return value.tolist() if isinstance(value, np.ndarray | np.generic) else [of(row) for row in value]

    return {name: of(value) for name, value in vars(encoded).items()}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("kept", [True, False])
def test_rows_are_what_the_task_makes_of_all_texts_at_once(
    name: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = DATA[name]
    monkeypatch.setattr(encode, "KEPT_BYTES", 0 if kept else 1 << 30)
    task, tokenizer = task_and_tokenizer(name, data)
    expected = task.encode(data.texts, data.targets, tokenizer, 24)
    found, events = whole(encode_all(task, data, tokenizer, 24))
    assert plain(found) == plain(expected)
    assert events == [Progress("tokenise", min(first + 7, len(data)), len(data)) for first in range(0, len(data), 7)]
    other, same_tokenizer = task_and_tokenizer(name, data)  # a new process, say
    again, events = whole(encode_all(other, data, same_tokenizer, 24))
    assert plain(again) == plain(expected)
    assert len(events) == (1 if kept else -(-len(data) // 7))
    assert len(cache.entries("tokens")) == kept
    packed, first = (plain(t.pack(e, 24)) for t, e in ((other, again), (task, expected)))
    assert packed == first


def test_other_rows_lengths_labels_or_tokens_are_not_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "KEPT_BYTES", 0)
    data = labelled()
    task, tokenizer = task_and_tokenizer("classification", data)
    swapped = build_task("classification", data.labels[::-1])
    added = tiny.train_tokenizer(data.texts)
    added.add_tokens(["lovely day"])
    asked = [(task, data, tokenizer, 24), (task, data[:30], tokenizer, 24), (task, data, tokenizer, 5)]
    for a_task, rows, a_tokenizer, limit in [*asked, (swapped, data, tokenizer, 24), (task, data, added, 24)]:
        found, _ = whole(encode_all(a_task, rows, a_tokenizer, limit))
        assert plain(found) == plain(a_task.encode(rows.texts, rows.targets, a_tokenizer, limit))
    assert len(cache.entries("tokens")) == 5


def test_lines_are_kept_once_for_all_block_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "KEPT_BYTES", 0)
    data = DATA["language_modelling"]
    for limit in (16, 32):
        task, tokenizer = task_and_tokenizer("language_modelling", data)
        whole(encode_all(task, data, tokenizer, limit))
    assert len(cache.entries("tokens")) == 1


class Changing:
    """A task of the user's own, whose rows are never kept."""

    name, head, labels = "own", "AutoModelForSequenceClassification", ()

    def encode(self, texts: Any, targets: Any, tokenizer: Any, max_length: int) -> Encoded:
        return Encoded([np.array([len(text)]) for text in texts], [np.asarray(0.5) for _ in texts], 0)


def test_a_task_of_the_users_own_is_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "KEPT_BYTES", 0)
    found, _ = whole(encode_all(Changing(), labelled(), None, 24))  # type: ignore[arg-type]
    assert len(found) == 60
    assert cache.entries() == []


def test_no_place_to_keep_is_said_and_nothing_else_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encode, "KEPT_BYTES", 0)
    (tmp_path / "file").touch()
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "file"))
    data = labelled()
    task, tokenizer = task_and_tokenizer("classification", data)
    found, events = whole(encode_all(task, data, tokenizer, 24))
    assert plain(found) == plain(task.encode(data.texts, data.targets, tokenizer, 24))
    assert [event.kind for event in events if isinstance(event, Warned)] == ["cache"]


def test_a_caller_that_leaves_half_way_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encode, "KEPT_BYTES", 0)
    data = labelled()
    task, tokenizer = task_and_tokenizer("classification", data)
    steps = encode_all(task, data, tokenizer, 24)
    next(steps)
    steps.close()
    assert list((tmp_path / "cache" / "tokens").iterdir()) == []


@pytest.mark.parametrize("name", ["classification", "tagging", "language_modelling", "generation"])
def test_a_run_over_kept_rows_learns_the_very_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def losses(kept_bytes: int) -> list[Any]:
        monkeypatch.setattr(encode, "KEPT_BYTES", kept_bytes)
        told = list(ftkit.stream(DATA[name], task=name, epochs=1, seed=3, max_length=24))
        return [
            *(loss for e in told if isinstance(e, StepsEnded) for loss in e.train_losses),
            *((e.val_loss, e.metrics) for e in told if isinstance(e, Evaluated)),
            *(e.baseline for e in told if isinstance(e, RunStarted)),
        ]

    in_memory = losses(1 << 30)
    assert losses(0) == in_memory  # written
    assert len(cache.entries("tokens")) == 2
    assert losses(0) == in_memory  # read
    assert len(cache.entries("tokens")) == 2


def test_a_new_tokenizer_is_trained_on_all_texts_where_they_are_few() -> None:
    data = DATA["generation"]
    assert list(plain_texts(data)) == [*data.texts, *data.targets]
    assert list(plain_texts(labelled())) == labelled().texts
    assert list(plain_texts(tagged(2))) == [token for tokens in tagged(2).texts for token in tokens]


def test_a_new_tokenizer_is_trained_on_a_share_spread_evenly_where_they_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = Dataset.from_rows([f"{i:09d}" for i in range(1000)], format="corpus")
    monkeypatch.setattr(encode, "SAMPLE_BYTES", 2_400)
    assert list(plain_texts(data))[:250] == [f"{i:09d}" for i in range(0, 1000, 4)]
