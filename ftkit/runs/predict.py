"""What a run's model says of a whole file, into a CSV that Excel opens."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ftkit.data.dataset import Dataset
from ftkit.data.formats.labels import TEXT_NAMES
from ftkit.data.problems import excerpt
from ftkit.data.sniff import detect_encoding
from ftkit.data.source import read_lines
from ftkit.data.tables import open_table
from ftkit.data.unpack import plain_file
from ftkit.errors import DataError, FormatError
from ftkit.i18n import text
from ftkit.runs.disk import replace
from ftkit.runs.predict_tables import table_rows
from ftkit.runs.spec import check_number

if TYPE_CHECKING:
    from ftkit.training.predictor import Predictor

CHUNK = 512  # rows in memory at a time
HEAD = 200  # lines looked at to find the text column


def asked_items(texts: Iterable[Any], task: str, splitting: str, *, own: bool = False) -> list[Any]:
    """Returns what a model is asked about: texts; for tagging, tuples of tokens; for chat, texts or lists of turns.

    A task of the user's `own` is asked about whatever it takes.

    Raises:
        DataError: If an item is none of these.
    """
    if not isinstance(texts, Iterable):
        raise DataError(text("data.no_text_item", index=0, value=excerpt(repr(texts))))
    texts = list(texts)
    if own:
        return texts
    for i, item in enumerate(texts):
        parts = item if task in ("tagging", "chat") and isinstance(item, list | tuple) else [item]
        if not all(isinstance(part, str) for part in parts):
            raise DataError(text("data.no_text_item", index=i, value=excerpt(repr(item))))
        if task == "chat" and isinstance(item, list | tuple) and len(item) % 2 == 0:
            raise DataError(text("runs.turns_even", index=i, n=len(item)))
    if task != "tagging":
        return texts
    from ftkit.tasks.tagging import split_sentence

    return [split_sentence(item, splitting) if isinstance(item, str) else tuple(item) for item in texts]


def asked_rows(rows: Dataset, task: str) -> list[Any]:
    """Returns what a model is asked about the rows of a Dataset: for chat, all turns but the last answer."""
    if task == "summarisation":
        return list(rows.targets)
    if task != "chat":
        return list(rows.texts)
    asked: list[Any] = []
    for questions, answers in zip(rows.texts, rows.targets, strict=True):
        if isinstance(questions, str):
            asked.append(questions)
        else:
            turns = [turn for pair in zip(questions, answers, strict=True) for turn in pair]
            asked.append(turns[:-1])
    return asked


def writing_settings(max_new_tokens: object, temperature: object, top_p: object, seed: object) -> dict[str, Any]:
    """Returns the settings of `generate`, checked.

    Raises:
        SettingError: For the first that cannot be.
    """
    check_number("max_new_tokens", max_new_tokens, 1, whole=True)
    check_number("temperature", temperature, 0)
    check_number("top_p", top_p, 0, 1, open_low=True)
    check_number("seed", seed, 0, whole=True)
    return {"max_new_tokens": max_new_tokens, "temperature": temperature, "top_p": top_p, "seed": seed}


def predict_file(
    predictor: Predictor,
    source: Path,
    out: Path,
    splitting: str = "words",
    columns: Mapping[str, str | int] | None = None,
) -> Path:
    """Writes a CSV of a file's columns with `label` and `confidence` added, and returns its path.

    For tags it is `tag` and `confidence`; for tasks that write text `generated` and `ended`; for a task of the user's
    own `prediction`. Several labels are joined by a comma, or by ``|`` if one of them holds a comma.

    `splitting` is how plain sentences become tokens: see `ftkit.tasks.tagging.splitting`. `columns` is which column was
    which in the training data, for tables.

    Rows are read, predicted and written in pieces, so that the file may be larger than memory. UTF-8 with a byte order
    mark, which Excel needs to read Chinese. Written aside and renamed: an older file stays until the new one is whole.

    Raises:
        DataError: If the file is not there, or `out` is the file itself or cannot be written.
        FormatError: If a line has another number of columns, or the text column can't be told.
    """
    if not source.is_file():
        raise DataError(text("runs.predict_gone", path=source))
    if out.absolute() == source.absolute() or (out.exists() and out.samefile(source)):
        raise DataError(text("runs.predict_onto_itself", path=source))
    plain = plain_file(source)
    table = open_table(plain)
    if table is None:
        encoding = detect_encoding(plain).name
        lines = read_lines(plain, encoding, on_fault=lambda fault: None)  # a damaged character becomes U+FFFD
    if table is not None:
        table.name = source.name
        rows = table_rows(predictor, table, columns, splitting)
    elif predictor.task.generative:
        rows = _written_rows(predictor, source.name, lines)
    elif predictor.task.name == "tagging":
        rows = _tag_rows(predictor, source.name, lines, splitting)
    else:
        rows = _label_rows(predictor, source.name, lines)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        out.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for row in rows:
                writer.writerow(row)
        try:
            replace(aside, out)
        except PermissionError as error:
            raise DataError(text("runs.predict_held", path=out)) from error
    except OSError as error:
        raise DataError(text("data.unwritable", path=out, error=error.strerror or error)) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
    return out


def _label_rows(predictor: Predictor, name: str, lines: Iterable[tuple[int, str]]) -> Iterator[list[object]]:
    stream = iter(lines)
    head = list(islice(stream, HEAD))
    column, header = _text_column(name, head, set(predictor.task.labels))
    if _is_header(head[0][1]):
        head = head[1:]
    task = predictor.task
    labelled = task.name == "classification"
    sign = "|" if any("," in label for label in task.labels) else ","
    yield [*header, *(("label", "confidence") if labelled else ("prediction",))]
    while head := head or list(islice(stream, CHUNK)):
        cells = [_cells(name, number, line, len(header)) for number, line in head]
        asked = [i for i, row in enumerate(cells) if row[column].strip()]
        found = dict(zip(asked, predictor.predict([cells[i][column] for i in asked]), strict=True))
        for i, row in enumerate(cells):
            answer = found.get(i)
            if answer is None:
                yield [*row, *[""] * (1 + labelled)]
            elif labelled:
                label = answer.label if isinstance(answer.label, str) else sign.join(answer.label)
                yield [*row, label, f"{answer.confidence:.4f}"]
            else:
                yield [*row, answer]
        head = []


def _written_rows(predictor: Predictor, name: str, lines: Iterable[tuple[int, str]]) -> Iterator[list[object]]:
    """Continues the first column of every line, or for summaries the last; other columns are what was expected.

    Of a conversation, all but the last answer is continued: an even number of columns ends with what was expected.
    """
    filled = ((number, line) for number, line in lines if line.strip())
    first = next(filled, None)
    if first is None:
        raise FormatError(text("runs.predict_empty", name=name))
    chat = predictor.task.name == "chat"
    width = 2 if chat and "\t" in first[1] else first[1].count("\t") + 1
    column = width - 1 if predictor.task.name == "summarisation" else 0
    names = ["expected" if width == 2 else f"column_{i + 1}" for i in range(width)]
    names[column] = "prompt"
    yield [*names, "generated", "ended"]
    rows = _chain([first], filled)
    while chunk := list(islice(rows, CHUNK)):
        cells = [line.split("\t") if chat else _cells(name, number, line, width) for number, line in chunk]
        asked: list[Any] = [row[column].strip() for row in cells]
        if chat:
            asked = [[cell.strip() for cell in row[: len(row) - 1 + len(row) % 2]] for row in cells]
            cells = [
                ["\n".join(turns), *[*row[len(turns) :], ""][: width - 1]]
                for row, turns in zip(cells, asked, strict=True)
            ]
        whole = [bool(prompt) and all(prompt) for prompt in asked]
        found = iter(predictor.predict([prompt for prompt, can in zip(asked, whole, strict=True) if can]))
        for row, can in zip(cells, whole, strict=True):
            answer = next(found) if can else None
            yield [*row, answer.text if answer else "", answer.ended if answer else ""]


def _text_column(name: str, head: list[tuple[int, str]], labels: set[str]) -> tuple[int, list[str]]:
    """Returns which column holds the text, and the columns' names."""
    if head and _is_header(head[0][1]):
        cells = [cell.strip() for cell in head[0][1].split("\t")]
        named = {"label": "expected", "confidence": "expected_confidence"}  # the names that the answers' columns take
        at = next(i for i, cell in enumerate(cells) if cell.casefold() in TEXT_NAMES)
        return at, [named.get(cell.casefold(), cell) for cell in cells]
    rows = [line.split("\t") for _, line in head if line.strip()]
    if not rows:
        raise FormatError(text("runs.predict_empty", name=name))
    width = len(rows[0])
    if width == 1:
        return 0, ["text"]
    known = [i for i in range(width) if sum(len(row) > i and _are(row[i], labels) for row in rows) > len(rows) / 2]
    rest = [i for i in range(width) if i not in known[:1]]
    if len(rest) > 1:  # the longest text is it, if it is so in a clear majority of rows
        longest = [max(range(len(row)), key=[*map(len, row)].__getitem__) for row in rows]
        rest = [i for i in rest if longest.count(i) > 0.8 * len(rows)]
    if len(rest) != 1:
        raise FormatError(text("runs.predict_columns", name=name, line=head[0][0], n=width))
    names = [f"column_{i + 1}" for i in range(width)]
    names[rest[0]] = "text"
    if known:
        names[known[0]] = "expected"
    return rest[0], names


def _are(cell: str, labels: set[str]) -> bool:
    """Returns whether a cell holds a label, or several with a sign between them."""
    return cell.strip() in labels or any({part.strip() for part in cell.split(sign)} <= labels for sign in ",|;")


def _is_header(line: str) -> bool:
    """Returns whether a first line names its columns, one of them as texts are named."""
    names = [cell.strip().casefold() for cell in line.split("\t")]
    return len(names) > 1 and all(names) and len(set(names)) == len(names) and len(TEXT_NAMES & {*names}) == 1


def _cells(name: str, number: int, line: str, width: int) -> list[str]:
    cells = line.split("\t")
    if not line.strip():
        return [""] * width
    if len(cells) != width:
        raise FormatError(text("runs.predict_ragged", name=name, line=number, n=len(cells), width=width))
    return cells


def _tag_rows(
    predictor: Predictor, name: str, lines: Iterable[tuple[int, str]], splitting: str
) -> Iterator[list[object]]:
    """Reads one token a line with blank lines between sentences, or else one plain sentence a line."""
    stream = iter(lines)
    head = list(islice(stream, HEAD))
    filled = [line for _, line in head if line.strip()]
    if not filled:
        raise FormatError(text("runs.predict_empty", name=name))
    per_token = _one_token_a_line([line for _, line in head], set(predictor.task.labels), splitting)
    lines = _chain(head, stream)
    if not per_token:
        yield ["sentence", "token", "tag", "confidence"]
        from ftkit.tasks.tagging import split_sentence

        sentences = ((number, split_sentence(line, splitting)) for number, line in lines if line.strip())
        while chunk := list(islice(sentences, CHUNK)):
            for (number, _), found in zip(chunk, predictor.predict([words for _, words in chunk]), strict=True):
                for token, tag, confidence in zip(found.tokens, found.tags, found.confidences, strict=True):
                    yield [number, token, tag, f"{confidence:.4f}"]
        return
    width = max(len(_columns(line)) for line in filled)
    names = ["token", *(f"column_{i}" for i in range(2, width)), "expected"][:width]
    yield [*names, "tag", "confidence"]
    sentences_ = _sentences(lines)
    while group := list(islice(sentences_, CHUNK)):
        for rows, found in zip(group, predictor.predict([[r[0] for r in rows] for rows in group]), strict=True):
            for row, tag, confidence in zip(rows, found.tags, found.confidences, strict=True):
                yield [*(row + [""] * width)[:width], tag, f"{confidence:.4f}"]
            yield []


def _one_token_a_line(head: list[str], tags: set[str], splitting: str) -> bool:
    """Returns whether lines hold a token each, with columns beside it or not, rather than whole sentences."""
    from ftkit.tasks.tagging import split_sentence

    rows = [_columns(line) for line in head if line.strip()]
    width, n = Counter(map(len, rows)).most_common(1)[0]
    if n < 0.9 * len(rows):  # sentences have words as they come
        return False
    if width == 1:
        return fmean(len(split_sentence(row[0], splitting)) for row in rows) < 1.5
    tagged = sum(row[-1] in tags for row in rows) > len(rows) / 2
    blank = any(not line.strip() for line in head[:-1])
    return tagged or width == 2 or (blank and sum("\t" in line for line in head) > len(rows) / 2)


def _columns(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _sentences(lines: Iterable[tuple[int, str]]) -> Iterator[list[list[str]]]:
    sentence: list[list[str]] = []
    for _, line in lines:
        if line.strip():
            sentence.append(_columns(line))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _chain(head: Iterable[tuple[int, str]], rest: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield from head
    yield from rest
