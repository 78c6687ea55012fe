"""What a run's model says of the records of a table: CSV, Excel, JSON, Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from ftkit.data.tables import Table
from ftkit.data.tables.names import called
from ftkit.data.tables.values import as_text
from ftkit.errors import FormatError
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.training.predictor import Predictor

CHUNK = 512  # rows in memory at a time
HEAD = 200  # records that tell the column with the texts
READ = {"generation": "title", "summarisation": "content", "chat": "question"}  # what is read; for all others the text


def table_rows(
    predictor: Predictor, table: Table, columns: Mapping[str, str | int] | None, splitting: str
) -> Iterator[list[object]]:
    """Yields a header and, for each record, its cells followed by the answer.

    Args:
        predictor: The model.
        table: The records.
        columns: Which column was which in the training data: one of that name is the one that is read.
        splitting: How sentences become tokens, for tags.

    Raises:
        FormatError: If the column with the texts cannot be told; lists the columns.
    """
    task = predictor.task
    read = _read_column(table, READ.get(task.name, "text"), columns or {})
    taken = {
        "label": "expected",
        "confidence": "expected_confidence",
        "generated": "expected",
        "ended": "expected_ended",
    }
    names = [taken.get(name.casefold(), name) for name in table.names]
    if task.name == "tagging":
        yield from _tagged(predictor, table, read, splitting)
        return
    added = ("label", "confidence") if task.name == "classification" else ("prediction",)
    added = ("generated", "ended") if task.generative else added
    yield [*names, *added]
    records = table.records()
    while chunk := list(islice(records, CHUNK)):
        asked = [(as_text(values.get(read)) or "").strip() for _, values in chunk]
        found = iter(predictor.predict([body for body in asked if body]))
        for (_, values), body in zip(chunk, asked, strict=True):
            cells = [_cell(values.get(name)) for name in table.names]
            yield [*cells, *(_answer(predictor, next(found)) if body else [""] * len(added))]


def _answer(predictor: Predictor, answer: Any) -> list[object]:
    task = predictor.task
    if task.generative:
        return [answer.text, answer.ended]
    if task.name != "classification":
        return [answer]
    sign = "|" if any("," in label for label in task.labels) else ","
    return [answer.label if isinstance(answer.label, str) else sign.join(answer.label), f"{answer.confidence:.4f}"]


def _tagged(predictor: Predictor, table: Table, read: str, splitting: str) -> Iterator[list[object]]:
    from ftkit.tasks.tagging import split_sentence

    yield ["sentence", "token", "tag", "confidence"]
    records = table.records()
    while chunk := list(islice(records, CHUNK)):
        asked = [(place, split_sentence(as_text(values.get(read)) or "", splitting)) for place, values in chunk]
        asked = [(place, tokens) for place, tokens in asked if tokens]
        for (place, _), found in zip(asked, predictor.predict([tokens for _, tokens in asked]), strict=True):
            for token, tag, confidence in zip(found.tokens, found.tags, found.confidences, strict=True):
                yield [place, token, tag, f"{confidence:.4f}"]


def _read_column(table: Table, part: str, columns: Mapping[str, str | int]) -> str:
    """Returns the column that is read: as in training, as people call it, the only one, or the one of long texts."""
    if part in columns and (column := table.column(columns[part])) is not None:
        return column
    if known := called(table.names, part):
        return known[0]
    if len(table.names) == 1:
        return table.names[0]
    head = table.head(HEAD)
    longest = Counter(
        max(table.names, key=lambda name: len(as_text(values.get(name)) or "")) for _, values in head
    ).most_common(1)
    if longest and longest[0][1] > 0.8 * len(head):
        return longest[0][0]
    names = ", ".join(map(repr, table.names))
    raise FormatError(text("own.predict_table", name=table.name, names=names, part=part))


def _cell(value: Any) -> object:
    shown = as_text(value)
    return str(value) if shown is None else shown
