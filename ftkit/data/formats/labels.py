"""The `labels` format: one text and its label a line, with a tab between them, in either order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problem, Problems, excerpt

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

TAG = re.compile(r"O|[BIESMLU]-\S+")
ODD_SPACE = re.compile(r"[^\S ]| {2}|[\u200b-\u200f\u2060\ufeff]")
SENTENCE = re.compile(r"[,，。?？!！;；]|\.$")
SHORT, LONG = 24, 60  # characters: labels have at most SHORT on average, texts are taken for labels up to LONG
FEW = 4  # rows: below, nothing can have come "again and again"
# a first line made of one name of each is a header, not a row
TEXT_NAMES = {"text", "sentence", "content", "review", "comment", "title", "文本", "内容", "评论", "句子", "标题"}
LABEL_NAMES = {"label", "labels", "category", "class", "target", "sentiment", "标签", "类别", "分类", "情感"}

Row = tuple[int, str, str]  # line, text, label


class Labels:
    """Text classification data: ``label<TAB>text`` or ``text<TAB>label``."""

    name = "labels"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are labelled texts, from 0 to 1.

        What gives labels away is that few short values come again and again in one of two columns, or a first line
        that names the columns.
        """
        filled = [line for line in head if line.strip()]
        if head and _header(head[0]) and len(filled) > 1:
            return fmean(line.count("\t") == head[0].count("\t") for line in filled)
        rows = [line.split("\t") for line in filled if line.count("\t") == 1]
        if len(rows) < FEW:
            return 0.3 * len(rows) / max(1, len(filled))
        columns = [[row[side].strip() for row in rows] for side in (0, 1)]
        scores = [_label_likeness(values) for values in columns]
        side = scores.index(max(scores))
        tagged = max(fmean(bool(TAG.fullmatch(value)) for value in values) for values in columns)
        score = scores[side] * (1 - tagged) * len(rows) / len(filled)
        in_sentences = len(head) - len(filled) > len(head) / 50 and fmean(map(len, columns[1 - side])) < 12
        return 0.4 * score if in_sentences else score  # words with blank lines between: parts of speech

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``text: string, label: string, line: int32`` of the usable rows, and every problem met."""
        import pyarrow as pa

        problems = Problems()
        columns = _columns(source)
        rows = list(_rows(source, columns or {"label": 0, "text": 1}, problems))
        if columns:
            source.columns = columns
        elif rows:
            problems.add("error", "column_order", rows[0][0], about="\t".join(rows[0][1:]), name=source.path.as_posix())
            problems.skipped += len(rows)
            rows = []
        _look_at_texts(rows, problems)
        rows = _without_single_labels(rows, problems)
        lines, texts, labels = zip(*rows, strict=True) if rows else ((), (), ())
        schema = pa.schema({"text": pa.string(), "label": pa.string(), "line": pa.int32()})
        return pa.table([texts, labels, lines], schema=schema), problems


def _label_likeness(values: Sequence[str]) -> float:
    """Returns how much a column looks like labels: few, short, seen again and again, and no sentences."""
    counts = Counter(values)
    repeated = sum(n for n in counts.values() if n > 1) / len(values)
    often = min(1.0, (len(values) / len(counts) - 1) / 2)
    short = min(1.0, max(0.0, (LONG - fmean(map(len, counts))) / (LONG - SHORT)))
    worded = fmean(bool(SENTENCE.search(value)) for value in counts)
    return repeated * often * short * (1 - worded)


def _columns(source: Source) -> dict[str, int] | None:
    """Returns which column is the text and which the label: as the user says, else as the head shows; else None."""
    given = dict(source.columns)
    if given:
        (known, at), *_ = given.items()
        return {{"text": "label", "label": "text"}[known]: 0 if at else 1} | given
    if header := _header(source.head[0]) if source.head else None:
        return header
    rows = [line.split("\t") for line in source.head if line.strip() and line.count("\t") == 1]
    if not rows:
        return None
    first, second = (_label_likeness([row[side].strip() for row in rows]) for side in (0, 1))
    if abs(first - second) < 0.2:  # too few rows to tell by repetition: a label is much shorter than its text
        first = fmean(2 * len(row[0]) <= len(row[1]) for row in rows)
        second = fmean(2 * len(row[1]) <= len(row[0]) for row in rows)
        if max(first, second) < 0.9:
            return None
    return {"label": 0, "text": 1} if first > second else {"label": 1, "text": 0}


def _header(line: str) -> dict[str, int] | None:
    """Returns which column is which, if a line names just one of each."""
    names = [cell.strip().casefold() for cell in line.split("\t")]
    texts = [i for i, name in enumerate(names) if name in TEXT_NAMES]
    labels = [i for i, name in enumerate(names) if name in LABEL_NAMES]
    return {"text": texts[0], "label": labels[0]} if len(texts) == len(labels) == 1 else None


def _width(source: Source, needed: int) -> int:
    """Returns how many columns a line must have: those named, else two, else the commonest number that suffices."""
    if source.head and _header(source.head[0]):
        return max(needed, source.head[0].count("\t") + 1)
    widths = Counter(line.count("\t") + 1 for line in source.head if line.strip())
    if needed == 2 and (widths[2] or not source.columns):
        return 2
    return max((width for width in widths if width >= needed), key=lambda width: widths[width], default=needed)


def _rows(source: Source, columns: dict[str, int], problems: Problems) -> Iterator[Row]:
    """Yields the rows that have a text and a label."""
    text_at, label_at = columns["text"], columns["label"]
    width = _width(source, max(text_at, label_at) + 1)
    for number, line in source.lines():
        cells = line.split("\t")
        if source.is_damaged(number):
            problems.skipped += 1
        elif len(cells) != width:
            if line.strip():
                _report_width(number, line, cells, width, source.path.as_posix(), problems)
        elif number == 1 and _header(line):
            problems.add("info", "header", 1, about=line)
        else:
            text, label = cells[text_at], cells[label_at].strip()
            if not label or not text.strip():
                problems.add("error", "empty_text" if label else "empty_label", number, about=line)
                problems.skipped += 1
                continue
            if "\ufffd" in text or "\ufffd" in label:
                problems.add("warning", "replacement_char", number, about=line)
            if ODD_SPACE.search(label):
                problems.add("info", "label_space", number, about=label)
            yield number, text, label


def _report_width(number: int, line: str, cells: list[str], width: int, name: str, problems: Problems) -> None:
    problems.skipped += 1
    n = len(cells)
    if n == 1:
        problems.add("error", "literal_tab" if "\\t" in line else "no_tab", number, about=line)
    else:
        found = ", ".join(repr(excerpt(cell, 20)) for cell in cells[:6])
        values: dict[str, Any] = {"n": n, "width": width, "found": found, "last": n - 1, "name": name}
        problems.add("error", "extra_tab", number, about=line, **values)


def _look_at_texts(rows: list[Row], problems: Problems) -> None:
    """Warns of texts that come twice, with the same label or with two."""
    seen: dict[str, tuple[int, str]] = {}
    for number, text, label in rows:
        first, other = seen.setdefault(text, (number, label))
        if first != number:
            kind = "duplicate" if label == other else "two_labels"
            problems.add("warning", kind, number, about=text, first=first, label=excerpt(label), other=excerpt(other))


def _without_single_labels(rows: list[Row], problems: Problems) -> list[Row]:
    """Returns the rows whose label is seen at least twice: one example can be learnt from or checked, never both."""
    counts = Counter(label for _, _, label in rows)
    if len(counts) == 1 and len(rows) > 1:
        problems.add("warning", "one_label", about=rows[0][2])
    for number, _, label in rows:
        if counts[label] == 1:
            problems.add("error", "label_once", number, about=label)
            problems.skipped += 1
    return [row for row in rows if counts[row[2]] > 1]
