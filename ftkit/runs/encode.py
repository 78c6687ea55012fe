"""Rows as token ids: chunk by chunk, to the disk where they are many, and from there the next time."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Generator, Iterator
from typing import Any

import ftkit
from ftkit.data import cache
from ftkit.data.dataset import Dataset
from ftkit.data.ragged import STRIDE, Column
from ftkit.data.tokenise import Encoded
from ftkit.data.tokens import Growing, find_tokens
from ftkit.i18n import text
from ftkit.runs.spec import PACKED
from ftkit.tasks import Task
from ftkit.tasks.own import Own
from ftkit.training.events import Event, Progress, Warned

CHUNK = 1_000  # rows tokenised between two signs of progress
_MOST_SIGNS = 1_000  # of a million rows or more: they are written to the run's folder
KEPT_BYTES = 8 << 20  # of text: fewer are tokenised again each time, in a second or two
SAMPLE_BYTES = 50 << 20  # of text that a new tokenizer is trained on
FORMAT = 1  # of what the tasks make of a row: if that changes, kept ids are none
_MEASURED_ROWS = 1_000


def encode_all(task: Task, rows: Dataset, tokenizer: Any, max_length: int) -> Generator[Event, None, Encoded]:
    """Tokenises rows in chunks, with signs of progress, and returns them together.

    Many rows are written to the cache as they come, so that memory stays flat, and are maps of its files. The next run
    with the same rows, tokenizer and task finds them there.
    """
    n_bytes, key, own = _about_bytes(rows), "", dict[str, str]()
    changes = isinstance(task, Own) or not type(task).__module__.startswith("ftkit.")  # what it makes of a row
    if n_bytes >= KEPT_BYTES and not changes and cache.size_limit() > 0:
        _, own = _encoded(task, rows[:1], tokenizer, max_length)  # tells task and tokenizer of each other
        key = _key(task, rows, tokenizer, max_length)
        if (known := find_tokens(key)) is not None:
            yield Progress("tokenise", len(rows), len(rows))
            return _with_texts(known, rows, own)
    aside = cache.begin("tokens", n_bytes) if key else None
    growing = Growing(aside)
    try:
        chunk = max(CHUNK, -(-len(rows) // _MOST_SIGNS))
        for start in range(0, len(rows), chunk):
            part = rows[start : start + chunk]
            encoded, own = _encoded(task, part, tokenizer, max_length)
            growing.add(encoded)
            yield Progress("tokenise", min(start + chunk, len(rows)), len(rows))
        found = _with_texts(growing.finish(key, rows.name), rows, own)
    except BaseException:  # also of a caller that stops listening
        growing.give_up()
        raise
    if key and (aside is None or growing.failed):
        yield Warned("cache", text("cache.no_room", folder=cache.cache_root()))
    return found


def _encoded(task: Task, part: Dataset, tokenizer: Any, max_length: int) -> tuple[Encoded, dict[str, str]]:
    """Returns rows as ids without the texts that are the rows' own, and which columns these are."""
    texts, targets = part.texts, part.targets
    encoded = task.encode(texts, targets, tokenizer, max_length)
    own = {}
    for name in ("targets", "sources"):
        value = getattr(encoded, name)
        if value is texts or value is targets:
            own[name] = "texts" if value is texts else "targets"
    without: dict[str, Any] = dict.fromkeys(own)
    return dataclasses.replace(encoded, **without), own


def _with_texts(encoded: Encoded, rows: Dataset, own: dict[str, str]) -> Encoded:
    """Gives examples the rows' own texts back, which are read when they are asked for."""
    columns: dict[str, Any] = {name: Column(rows, column) for name, column in own.items()}
    return dataclasses.replace(encoded, **columns)


def _about_bytes(rows: Dataset) -> int:
    """Returns about how many bytes the rows' texts take, from some of the first."""
    some = rows[:_MEASURED_ROWS]
    sizes = [_bytes_of(table) for table in some.parts()]
    return round(sum(sizes) / max(len(some), 1) * len(rows))


def _bytes_of(table: Any) -> int:
    """Returns how many bytes of text a table's first two columns hold."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n_bytes = 0
    for column in table.columns[:2]:
        values = pc.list_flatten(column) if pa.types.is_list(column.type) else column
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            n_bytes += pc.sum(pc.binary_length(values)).as_py() or 0
    return n_bytes


def _key(task: Task, rows: Dataset, tokenizer: Any, max_length: int) -> str:
    """Returns a name that tells all that the ids depend on."""
    import tokenizers
    import transformers

    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    backend.pop("truncation"), backend.pop("padding")  # as the last call left them
    told = [
        FORMAT,
        ftkit.__version__,
        tokenizers.__version__,
        transformers.__version__,
        [rows.fingerprint, rows.format, len(rows)],
        [f"{type(task).__module__}.{type(task).__qualname__}", task.name, task.head, task.labels],
        getattr(task, "decoder_start", None),
        None if task.name in PACKED else max_length,  # nothing is cut before the lines are packed
        [type(tokenizer).__qualname__, tokenizer.truncation_side, tokenizer.split_special_tokens, len(tokenizer)],
        [tokenizer.special_tokens_map, tokenizer.chat_template],
        backend,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:40]


def plain_texts(rows: Dataset) -> Iterator[str]:
    """Yields what a new tokenizer is trained on: all that is read or written, tagged tokens one by one.

    Of more than `SAMPLE_BYTES` every second row, or third, and so on: spread evenly, and the same each time.
    """
    n_bytes = sum(map(_bytes_of, rows.parts()))
    if n_bytes > SAMPLE_BYTES:
        rows = rows.select(range(0, len(rows), -(-n_bytes // SAMPLE_BYTES)))
    for name in ("texts",) if rows.labels else ("texts", "targets"):
        for start in range(0, len(rows), STRIDE):
            for body in getattr(rows[start : start + STRIDE], name):
                if isinstance(body, str):
                    yield body
                elif isinstance(body, tuple | list):  # and not the numbers that a task of the user's own learns
                    yield from (part for part in body if isinstance(part, str))
