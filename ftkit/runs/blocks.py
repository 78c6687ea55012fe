"""Packed lines under the microscope: the blocks that they stand in, as training makes them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from ftkit.data.dataset import Dataset
from ftkit.i18n import text

if TYPE_CHECKING:
    from ftkit.data.tokenise import Encoded
    from ftkit.runs.inspect import Reader
    from ftkit.tasks import Task
    from ftkit.tasks.inspection import Inspected, Piece

_BEFORE = 20_000  # rows before a packed one that the blocks are counted from
_CHUNK = 1_000


def blocks(reader: Reader, data: Dataset, first: int, stop: int) -> tuple[list[Inspected], list[str]]:
    """Returns the blocks that rows stand in, as training packs them if it learns from all rows."""
    from ftkit.data.tokenise import Encoded
    from ftkit.runs.resolve import BLOCKS, packed_length
    from ftkit.tasks.inspection import Inspected, token_names, tokens_of
    from ftkit.tasks.language import edges

    task, tokenizer = reader.task, reader.tokenizer
    notes = [text("inspection.packed")]
    block = reader.block
    if block is None:
        n_tokens, enough = 0, BLOCKS[0] * 1_000  # more make no longer blocks
        for start in range(0, len(data), _CHUNK):
            n_tokens += _n_tokens(task, data[start : start + _CHUNK], tokenizer)
            if n_tokens >= enough:
                break
        block = packed_length("auto", n_tokens, reader.limit)
    begin = max(0, first - _BEFORE)
    if begin:
        notes.append(text("inspection.window", first=f"{begin:,}"))
    parts, n_after, lengths = [], 0, []
    for start in range(begin, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        parts.append(task.encode(chunk.texts, chunk.targets, tokenizer, block))
        lengths += [len(ids) for ids in parts[-1].input_ids]
        n_after = sum(lengths[stop - begin :])
        if n_after > 2 * block:
            break
    lines = Encoded.joined(parts)
    packed = task.pack(lines, block)
    before, after = edges(tokenizer) if task.name == "masked_language_modelling" else ([], [])
    overlap = 0 if task.name == "masked_language_modelling" else 1
    step = max(1, block - len(before) - len(after) - overlap)
    inner = [len(ids) - len(before) - len(after) for ids in packed.input_ids]
    lead = sum(inner) - overlap * (len(inner) - 1) - sum(lengths)  # what the stream begins with before its first line
    starts = [lead]
    for length in lengths:
        starts.append(starts[-1] + length)
    wanted = range(starts[first - begin] // step, max(starts[stop - begin] - 1 - overlap, 0) // step + 1)
    found = []
    for k in [k for k in wanted if k < len(inner)]:
        ids = [int(token) for token in packed.input_ids[k]]
        low = k * step
        texts, where = _stream(reader, data, lines, begin, starts, low, low + inner[k])
        row = [*[None] * len(before), *where, *[None] * len(after)]
        assert packed.labels is not None
        names = token_names(packed.labels[k], tokenizer)
        loss = [bool(name) and (at > 0 or not overlap) for at, name in enumerate(names)]
        tokens = tokens_of(list(enumerate(row)), ids, names, loss, texts, tokenizer)
        focus = max(0, starts[first - begin] - low + len(before))
        found.append(Inspected(data[first].source, texts, tuple(tokens), focus=min(focus, len(ids) - 1)))
    return found, notes


def _n_tokens(task: Task, rows: Dataset, tokenizer: Any) -> int:
    return sum(len(ids) for ids in task.encode(rows.texts, rows.targets, tokenizer, 0).input_ids)


def _stream(
    reader: Reader, data: Dataset, lines: Encoded, begin: int, starts: list[int], low: int, high: int
) -> tuple[dict[str, str], list[Piece | None]]:
    """Returns the lines that stand in a piece of the stream, by where they are, and the token at each place of it."""
    from ftkit.tasks.inspection import align, pieces

    texts: dict[str, str] = {}
    where: list[Piece | None] = [None] * (high - low)
    line = max(0, bisect_right(starts, low) - 1)
    while line < len(starts) - 1 and starts[line] < high:
        example = data[begin + line]
        texts[example.source] = str(example.text)
        ids = [int(token) for token in lines.input_ids[line]]
        for at, piece in align(ids, pieces(reader.tokenizer, example.source, str(example.text)), reader.tokenizer):
            place = None if at is None else starts[line] + at - low
            if place is not None and 0 <= place < high - low:
                where[place] = piece
        line += 1
    return texts, where
