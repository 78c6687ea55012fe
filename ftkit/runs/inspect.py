"""The microscope: rows of a Dataset as a model would be trained on them, token by token."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from ftkit.data.dataset import Dataset, Example
from ftkit.errors import SettingError
from ftkit.i18n import text
from ftkit.runs.blocks import blocks
from ftkit.runs.prepare import check_task, is_multilabel
from ftkit.runs.spec import LABELLED, PACKED, RunSpec, unknown_setting
from ftkit.runs.spec import TASKS as RUN_TASKS

if TYPE_CHECKING:
    from ftkit.data.tokenise import Encoded
    from ftkit.runs.run import Run
    from ftkit.tasks import OwnTask, Task
    from ftkit.tasks.inspection import Inspected, Inspection, Piece

MOST_ROWS = 32  # shown together
_CHUNK = 1_000
_tokenizers: WeakKeyDictionary[Dataset, dict[bool, Any]] = WeakKeyDictionary()  # tiny's, by whether it writes


@dataclass(frozen=True)
class Reader:
    """What reads the rows: a task, a tokenizer and how much of a row it takes."""

    task: Task
    tokenizer: Any
    max_length: int
    model: str
    limit: int = 0  # of the model
    block: int | None = None  # of packed lines, if it is known already


def inspect(
    data: Dataset,
    row: int | slice | str = 0,
    *,
    model: str | os.PathLike[str] | Run = "tiny",
    max_length: int | Literal["auto"] = "auto",
    task: str | OwnTask | None = None,
    **misspelt: Any,
) -> Inspection:
    """Returns what a model sees of a row: its tokens and ids, which of them are learnt, what is cut off, the padding.

    It is made of what training itself makes of the row: the task's own `encode` and `pack`. Of packed lines the block
    is shown that the line is in, counted over all rows of `data`: training packs the rows that it learns from.

    Args:
        data: The rows.
        row: A number from 0, a slice, where it stands (``"reviews.tsv:41"``), or a text of your own.
        model: ``"tiny"``, whose tokenizer is trained on `data` at the first look, a folder, a hub name, or a run.
        max_length: As in `finetune`; a run brings its own.
        task: As in `finetune`; a run brings its own.
        misspelt: Anything else is a mistake.

    Raises:
        SettingError: If there is no such row or option, or `max_length` leaves no room for text.
        DataError: If the rows can't be learnt as `task`.
        ModelError: If there is no such model.

    Example:
        >>> ftkit.inspect(data, 3).rows[1]["token"]  # doctest: +SKIP
        'the'
    """
    from ftkit.tasks.inspection import Inspection, padded

    for unknown in misspelt:
        raise unknown_setting(unknown, ("row", "model", "max_length", "task"))
    own_text = isinstance(row, str) and not _is_place(data, row)
    first, stop = (0, 1) if own_text else _positions(data, row)  # asked first: the tokenizer may take a while
    reader = _run_reader(model) if hasattr(model, "spec") else _reader(data, model, max_length, task)
    notes: list[str] = []
    if own_text:
        if reader.task.generative or reader.task.name in (*PACKED, "tagging"):
            raise SettingError(text("inspection.no_own_text", row=row, task=reader.task.name))
        notes.append(text("inspection.unlabelled"))
        examples = list(_examined(reader, Example(str(row), "", ""), labelled=False))
    else:
        if stop - first > MOST_ROWS:
            notes.append(text("inspection.many", n=MOST_ROWS, total=stop - first))
            stop = first + MOST_ROWS
        if reader.task.name in PACKED:
            examples, said = blocks(reader, data, first, stop)
            notes += said
        else:
            examples = [found for example in data[first:stop] for found in _examined(reader, example)]
    length = reader.block or reader.max_length
    return Inspection(reader.task.name, reader.model, length, padded(examples, reader.tokenizer), tuple(notes))


def _is_place(data: Dataset, row: str) -> bool:
    """Whether a text says where a row stands: "reviews.tsv:41", but not "reviews.tsv: all of them"."""
    name, _, line = row.rpartition(":")
    return line.isdecimal() and name in (data.files or (data.name,))


def _positions(data: Dataset, row: Any) -> tuple[int, int]:
    """Returns the first row that is asked for, and the one after the last."""
    if not len(data):
        raise SettingError(text("inspection.empty", row=row, name=data.name))
    first = data[0].source
    if isinstance(row, str):
        wanted = int(row.rpartition(":")[2])
        for start in range(0, len(data), _CHUNK):
            part = data[start : start + _CHUNK]
            if wanted in part.table.column("line").to_pylist():
                for at, example in enumerate(part):
                    if example.source == row:
                        return start + at, start + at + 1
        raise SettingError(text("inspection.no_source", row=row, name=data.name, first=first))
    try:
        if isinstance(row, slice):
            start, stop, step = row.indices(len(data))
        else:
            index = operator.index(row)  # also a number of numpy's
            start, stop, step = index % len(data), index % len(data) + 1, 1
            if not -len(data) <= index < len(data):
                stop = start
    except (TypeError, ValueError):
        step = 0
    if step != 1 or isinstance(row, bool):
        raise SettingError(text("inspection.bad_row", row=row, first=first))
    if stop <= start:
        raise SettingError(text("inspection.no_row", row=row, name=data.name, n=len(data), last=len(data) - 1))
    return start, stop


# -- who reads


def _run_reader(run: Any) -> Reader:
    """Returns a run's own tokenizer, task and limits."""
    predictor = run._model()
    block = predictor.max_length if predictor.task.name in PACKED else None
    return Reader(predictor.task, predictor.tokenizer, predictor.max_length, run.id, block=block)


def _reader(data: Dataset, model: Any, max_length: int | Literal["auto"], task: str | OwnTask | None) -> Reader:
    """Returns what `finetune` would read the rows with."""
    from ftkit.models.load import (
        complete_tokenizer,
        find_model,
        head_order,
        is_encoder_decoder,
        load_tokenizer,
        model_limit,
    )
    from ftkit.models.tokens import tell_ends
    from ftkit.runs.build import LEAST_WRITTEN
    from ftkit.runs.encode import plain_texts
    from ftkit.runs.resolve import AUTO_MAX_LENGTH
    from ftkit.tasks import build_task
    from ftkit.tasks.own import check_own

    own = None if task is None or isinstance(task, str) else task
    if own is not None:
        check_own(own)
    elif task is None and data.task not in RUN_TASKS:  # a format of one's own names none of ftkit's
        raise SettingError(text("inspection.own_format", name=data.name, format=data.format))
    source = find_model(model)
    name = own.name if own is not None else str(task or data.task)
    options = {"max_length": max_length, "own_task": own is not None}
    check_task(data, RunSpec(data="", fingerprint="", load_options={}, task=name, **options))  # type: ignore[arg-type]
    labels = head_order(source, data.labels) if name in LABELLED else ()
    kind = {"encoder_decoder": is_encoder_decoder(source), "multilabel": is_multilabel(data), "own": own}
    built = build_task(name, labels, **kind)  # type: ignore[arg-type]
    if source.kind == "tiny":
        held = _tokenizers.setdefault(data, {})
        if built.generative not in held:
            held[built.generative] = load_tokenizer(source, plain_texts(data), head=built.head)
        tokenizer: Any = held[built.generative]
        complete_tokenizer(tokenizer, head=built.head)
        limit = int(tokenizer.model_max_length)
    else:
        import transformers

        tokenizer = load_tokenizer(source, (), head=built.head, pretokenised=name == "tagging")
        complete_tokenizer(tokenizer, head=built.head)
        local = source.kind == "folder"
        config = transformers.AutoConfig.from_pretrained(source.name, local_files_only=local, trust_remote_code=False)
        limit = model_limit(tokenizer, config)
        if built.generative:
            tell_ends(SimpleNamespace(config=config), tokenizer)
        if config.is_encoder_decoder and hasattr(built, "decoder_start"):
            built.decoder_start = config.decoder_start_token_id
    cap = min(AUTO_MAX_LENGTH if max_length == "auto" else max_length, limit)
    special = tokenizer.num_special_tokens_to_add()  # what finetune refuses, in the same words
    if cap <= special:
        raise SettingError(text("runs.max_length_special", length=cap, special=special, fits=min(limit, 64)))
    if built.generative and cap < LEAST_WRITTEN and name not in PACKED:
        raise SettingError(text("runs.max_length_writes", length=cap, fits=min(limit, 64)))
    shown = Path(source.name).name if source.kind == "folder" else source.name
    block = min(max_length, limit) if name in PACKED and max_length != "auto" else None
    return Reader(built, tokenizer, cap, shown, limit, block)


# -- what it reads


def _examined(reader: Reader, example: Example, *, labelled: bool = True) -> Iterator[Inspected]:
    """Yields the rows that an example becomes: one, or several where a conversation is too long for one."""
    from ftkit.tasks.inspection import Inspected, align, token_names, tokens_of

    task, tokenizer = reader.task, reader.tokenizer
    targets = [example.target] if labelled else None
    encoded = task.pack(task.encode([example.text], targets, tokenizer, reader.max_length), reader.max_length)
    causal = task.head == "AutoModelForCausalLM"
    for i in range(len(encoded)):
        ids = [int(token) for token in encoded.input_ids[i]]
        texts, read, written = _texts(reader, example, encoded, i)
        labels, loss, target = [""] * len(ids), [False] * len(ids), ""
        found = None if encoded.labels is None else encoded.labels[i]
        outputs = found if encoded.decoder_start is not None else None
        if found is not None and outputs is None:
            if found.ndim == 0 or found.dtype.kind in "fb":
                target = _named(task, found)
            else:
                names = token_names(found, tokenizer) if not task.labels else _label_names(task, found)
                labels, loss = names, [bool(name) and (at > 0 or not causal) for at, name in enumerate(names)]
        if written and outputs is None:  # one stream: what is read, then what is written
            assert encoded.prompts is not None
            n = len(encoded.prompts[i])
            pairs = align(ids[:n], read, tokenizer)
            pairs += [(at if at is None else n + at, piece) for at, piece in align(ids[n:], written, tokenizer)]
        else:
            pairs = align(ids, read, tokenizer)
        tokens = tokens_of(pairs, ids, labels, loss, texts, tokenizer)
        if outputs is not None:
            known = [int(token) for token in outputs]
            names = token_names(outputs, tokenizer)
            tokens += tokens_of(
                align(known, written, tokenizer), known, names, [True] * len(known), texts, tokenizer, "output"
            )
        if task.name == "chat":
            tokens, texts = _turns_named(tokens, texts, example)
        yield Inspected(example.source, texts, tuple(tokens), target, bool(target))


def _texts(
    reader: Reader, example: Example, encoded: Encoded, i: int
) -> tuple[dict[str, str], list[Piece], list[Piece]]:
    """Returns a row's texts by name, the tokens of what is read, and of what is written after it or by a decoder."""
    from ftkit.tasks.inspection import pieces, word_pieces
    from ftkit.tasks.tagging import splitting

    task, tokenizer = reader.task, reader.tokenizer
    if task.name == "tagging":
        between = "" if splitting([example.text]) == "characters" else " "
        body = between.join(example.text)
        return {"text": body}, word_pieces(tokenizer, "text", example.text, between), []
    if task.name in ("generation", "summarisation"):
        texts = {"title": str(example.text), "content": str(example.target)}
        sides = ["title", "content"] if task.name == "generation" else ["content", "title"]
        read, written = (pieces(tokenizer, side, texts[side]) for side in sides)
        return texts, read, written
    if task.name == "chat":
        if encoded.decoder_start is not None:
            assert encoded.sources is not None
            assert encoded.targets is not None
            texts = {"conversation": str(encoded.sources[i]), "answer": str(encoded.targets[i])}
            read, written = (pieces(tokenizer, part, body) for part, body in texts.items())
            return texts, read, written
        return _conversation(reader, example, encoded, i)
    parts = (example.text,) if isinstance(example.text, str) else tuple(map(str, example.text))
    texts = {"text" if len(parts) == 1 else f"text {n}": part for n, part in enumerate(parts, 1)}
    return texts, [piece for part, body in texts.items() for piece in pieces(tokenizer, part, body)], []


def _conversation(
    reader: Reader, example: Example, encoded: Encoded, i: int
) -> tuple[dict[str, str], list[Piece], list[Piece]]:
    """Returns the template's text of a conversation up to the answer that row `i` ends with, and its tokens."""
    from ftkit.tasks.inspection import Piece, pieces
    from ftkit.tasks.templates import look_at, show

    tokenizer = reader.tokenizer
    questions, answers = ([side] if isinstance(side, str) else list(side) for side in (example.text, example.target))
    k = (
        len(answers) - len(encoded) + i + 1
    )  # answers of this row: those that do not fit together have rows of their own
    template = look_at(tokenizer)
    shown = show(tokenizer, template, questions[:k], answers[:k], 0)
    shown = shown or show(tokenizer, template, questions[:k], answers[:k], k - 1)
    assert shown is not None
    whole = shown.whole[: shown.borders[-1][1]]
    read = pieces(tokenizer, "conversation", whole)
    ids = [int(token) for token in encoded.input_ids[i]]
    if ids[: len(read)] != [piece.id for piece in read]:  # tokens that melt over a border are trained apart
        cuts = [0, *(border for borders in shown.borders for border in borders)]
        apart = [
            Piece(piece.id, piece.start + first, piece.end + first, piece.part)
            for first, last in pairwise(cuts)
            for piece in pieces(tokenizer, "conversation", whole[first:last])
        ]
        if ids[: len(apart)] == [piece.id for piece in apart]:
            read = apart
    return {"conversation": whole}, read, []


def _turns_named(tokens: list[Any], texts: dict[str, str], example: Example) -> tuple[list[Any], dict[str, str]]:
    """Returns the tokens of a conversation with the turn that they stand in, or the template, as their part."""
    body, at, spans = texts["conversation"], 0, []
    sides = [[side] if isinstance(side, str) else list(side) for side in (example.text, example.target)]
    for n, pair in enumerate(zip(*sides, strict=True), 1):
        for name, turn in zip(("question", "answer"), pair, strict=True):
            found = body.find(turn.strip(), at)
            if turn.strip() and found >= 0:
                at = found + len(turn.strip())
                spans.append((found, at, f"{name} {n}"))
    named = []
    for token in tokens:
        if token.part == "conversation":
            inside = [part for first, last, part in spans if first < token.end and token.start < last]
            token = replace(token, part=inside[0] if inside else "template")
        named.append(token)
    return named, texts


def _named(task: Task, label: Any) -> str:
    """Returns a whole row's label by name: one, several, or a number."""
    if label.ndim:
        return ", ".join(name for name, has in zip(task.labels, label, strict=True) if has) or "-"
    return task.labels[int(label)] if task.labels else f"{float(label):g}"


def _label_names(task: Task, labels: Any) -> list[str]:
    return [task.labels[int(label)] if label >= 0 else "" for label in labels]
