"""The `labels` format: one text and its label a line, with a tab between them, in either order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from ftkit.data.problems import Problem, Problems, excerpt

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

Row = tuple[int, str, str]  # line, text, label

TAG = re.compile(r"O|[BIESMLU]-\S+")
ODD_SPACE = re.compile(r"[^\S ]| {2}|[\u200b-\u200f\u2060\ufeff]")
SENTENCE = re.compile(r"[,，。?？!！;；]|\.$")
# a first line made of one name of each is a header, not a row
TEXT_NAMES = {"text", "sentence", "content", "review", "comment", "title", "文本", "内容", "评论", "句子", "标题"}
LABEL_NAMES = {"label", "labels", "category", "class", "target", "sentiment", "标签", "类别", "分类", "情感"}


class Labels:
    """Text classification data: ``label<TAB>text`` or ``text<TAB>label``."""

    name = "labels"
    suffixes: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ("text", "label")

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are labelled texts, from 0 to 1.

        What gives labels away is that few short values come again and again in one of two columns.
        """
        rows = [cells for cells in (line.split("\t") for line in head) if len(cells) == 2]
        n_blank = sum(not line.strip() for line in head)
        if not rows:
            return 0.0
        scores = [_label_likeness([row[side].strip() for row in rows]) for side in (0, 1)]
        side = scores.index(max(scores))
        labels, texts = [row[side].strip() for row in rows], [row[1 - side] for row in rows]
        score = scores[side] * len(rows) / (len(head) - n_blank)
        score *= 1 - sum(bool(TAG.fullmatch(label)) for label in labels) / len(labels)
        if n_blank > len(head) / 50 and fmean(map(len, texts)) < 12:  # words in sentences, not texts: part-of-speech tags
            score *= 0.4
        return score

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``text: string, label: string, line: int32`` of the usable rows, and every problem met."""
        import pyarrow as pa

        problems = Problems()
        columns = _columns(source)
        rows = list[Row]()
        if columns is None:
            problems.add("error", "column_order", 1, about=source.head[0], name=source.path.name)
        else:
            source.columns = columns
            rows = list(_rows(source, columns["text"], columns["label"], problems))
            _look_at_texts(rows, problems)
            rows = _without_single_labels(rows, problems)
        lines, texts, labels = zip(*rows, strict=True) if rows else ((), (), ())
        types = {"text": pa.string(), "label": pa.string(), "line": pa.int32()}
        return pa.table([texts, labels, lines], schema=pa.schema(types)), problems


def _label_likeness(values: Sequence[str]) -> float:
    """Returns how much a column looks like labels: few, short, seen again and again, and no sentences."""
    counts = Counter(values)
    repeated = sum(n for n in counts.values() if n > 1) / len(values)
    often = min(1.0, (len(values) / len(counts) - 1) / 2)
    short = min(1.0, max(0.0, (60 - fmean(map(len, counts))) / 36))
    worded = sum(bool(SENTENCE.search(value)) for value in counts) / len(counts)
    return repeated * often * short * (1 - worded)


def _columns(source: Source) -> dict[str, int] | None:
    """Returns which column is the text and which the label: as the user says, else as the head shows; else None."""
    given = source.columns
    if "text" in given and "label" in given:
        return {"text": given["text"], "label": given["label"]}
    if "text" in given:
        return {"text": given["text"], "label": 0 if given["text"] else 1}
    if "label" in given:
        return {"text": 0 if given["label"] else 1, "label": given["label"]}
    rows = [cells for cells in (line.split("\t") for line in source.head) if len(cells) == 2]
    if not rows:
        return {"label": 0, "text": 1}  # every line is reported anyway
    if header := _header(rows[0]):
        return header
    first, second = (_label_likeness([row[side].strip() for row in rows]) for side in (0, 1))
    if abs(first - second) < 0.2:  # too few rows to tell by repetition: a label is shorter than its text
        first = sum(2 * len(row[0]) <= len(row[1]) for row in rows) / len(rows)
        second = sum(2 * len(row[1]) <= len(row[0]) for row in rows) / len(rows)
        if max(first, second) < 0.9:
            return None
    return {"label": 0, "text": 1} if first > second else {"label": 1, "text": 0}


def _header(cells: Sequence[str]) -> dict[str, int] | None:
    names = [cell.strip().casefold() for cell in cells]
    text = [i for i, name in enumerate(names) if name in TEXT_NAMES]
    label = [i for i, name in enumerate(names) if name in LABEL_NAMES]
    return {"text": text[0], "label": label[0]} if len(text) == len(label) == 1 else None


def _width(source: Source, text_at: int, label_at: int) -> int:
    """Returns how many columns a line must have: two, or the commonest number if the user chose among more."""
    if {text_at, label_at} == {0, 1}:
        counts = Counter(line.count("\t") + 1 for line in source.head if "\t" in line)
        two = counts[2] > 0 or not counts
        return 2 if two else max(counts, key=lambda width: counts[width])
    return max(text_at, label_at) + 1


def _rows(source: Source, text_at: int, label_at: int, problems: Problems) -> Iterator[Row]:
    width = _width(source, text_at, label_at)
    for number, line in source.lines():
        cells = line.split("\t")
        if source.is_damaged(number):
            problems.skipped += 1
        elif len(cells) != width:
            if line.strip():
                _report_width(number, line, cells, width, problems)
        elif number == 1 and _header(cells):
            problems.add("info", "header", 1, about=line)
        else:
            text, label = cells[text_at], cells[label_at].strip()
            if not label or not text.strip():
                problems.add("error", "empty_text" if label else "empty_label", number, about=line)
                problems.skipped += 1
                continue
            if "\ufffd" in line:
                problems.add("warning", "replacement_char", number, about=line)
            if ODD_SPACE.search(label):
                problems.add("info", "label_space", number, about=label)
            yield number, text, label


def _report_width(number: int, line: str, cells: list[str], width: int, problems: Problems) -> None:
    problems.skipped += 1
    if len(cells) == 1:
        problems.add("error", "literal_tab" if "\\t" in line else "no_tab", number, about=line)
    else:
        found = ", ".join(repr(excerpt(cell, 20)) for cell in cells[:6])
        problems.add("error", "extra_tab", number, about=line, n=len(cells), width=width, found=found, last=len(cells) - 1)


def _look_at_texts(rows: list[Row], problems: Problems) -> None:
    """Warns of texts that come twice, with the same label or with two."""
    seen: dict[str, tuple[int, str]] = {}
    for number, text, label in rows:
        first, first_label = seen.setdefault(text, (number, label))
        if first != number:
            values = {"first": first, "label": excerpt(label), "first_label": excerpt(first_label)}
            kind = "duplicate" if label == first_label else "two_labels"
            problems.add("warning", kind, number, about=text, **values)


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
