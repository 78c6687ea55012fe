"""The `labels` format: one text and its label a line, with a tab between them, in either order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.cells import blank, cut, list_offsets, where, with_replacement_sign
from ftkit.data.formats import streamed
from ftkit.data.formats.streamed import drop, note
from ftkit.data.problems import Problems, excerpt
from ftkit.data.spill import without

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

TAG = re.compile(r"O|[BIESMLU]-\S+")
ODD_SPACE = re.compile(r"[^\S ]| {2}|[\u200b-\u200f\u2060\ufeff]")
SENTENCE = re.compile(r"[,，。?？!！;；]|\.$")
SHORT, LONG = 24, 60  # characters: labels have at most SHORT on average, texts are taken for labels up to LONG
FIRST = 500  # lines that tell whether labels are numbers
FEW = 4  # rows: below, nothing can have come "again and again"
# a first line made of one name of each is a header, not a row
TEXT_NAMES = {"text", "sentence", "content", "review", "comment", "title", "文本", "内容", "评论", "句子", "标题"}
LABEL_NAMES = {"label", "labels", "category", "class", "target", "sentiment", "标签", "类别", "分类", "情感"}


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

    def read(self, source: Source) -> tuple[pa.Table, Problems]:
        """Returns ``text: string, label: string, line: int32`` of the usable rows, and every problem met."""
        return streamed.read(self, source)

    def schema(self) -> pa.Schema:
        """Returns the table's columns."""
        import pyarrow as pa

        return pa.schema({"text": pa.string(), "label": pa.string(), "line": pa.int32()})

    def batches(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields the usable rows, and notes what is wrong with single rows."""
        import pyarrow as pa

        columns = _columns(source)
        text_at, label_at = (columns["text"], columns["label"]) if columns else (1, 0)
        width, name = _width(source, max(text_at, label_at) + 1), source.name
        written = _written_labels(source, width, label_at)
        names = () if written <= {*source.label_names} else source.label_names  # they are the names already
        names = source.label_names = names or _names_beside(source, written)
        unplaced = 0
        for block in source.blocks():
            cells = cut(block, width, (text_at, label_at))
            for number, line in cells.odd:
                if line.strip():
                    _report_width(number, line, width, name, problems)
            problems.skipped += len(block.damaged)
            batch = pa.record_batch([*cells.columns, cells.lines], schema=self.schema())
            if len(cells.lines) and cells.lines[0] == 1 and _header(source.head[0]):
                problems.add("info", "header", 1, about=source.head[0])
                batch = batch.slice(1)
            batch = self.checked(batch, problems, has_signs=block.has_signs)
            batch = _named(batch, names, problems) if names else batch
            if not columns and batch.num_rows and not unplaced:
                first = batch.slice(0, 1).to_pylist()[0]
                about = f"{first['text']}\t{first['label']}"
                problems.add("error", "column_order", first["line"], about=about, name=name)
            unplaced += 0 if columns else batch.num_rows
            if columns:
                yield batch
        if columns:
            source.columns = columns
        problems.skipped += unplaced

    def checked(self, batch: pa.RecordBatch, problems: Problems, *, has_signs: bool = True) -> pa.RecordBatch:
        """Returns the rows that have a text and a label, and notes what is wrong with the others.

        Rows with lists of labels may have none.
        """
        import pyarrow as pa

        texts, labels, lines = batch.columns
        several = pa.types.is_list(labels.type)
        coded = (labels.flatten() if several else labels).dictionary_encode()
        written, index = coded.dictionary.to_pylist(), coded.indices.to_numpy()
        names = [name.strip() for name in written]
        if names != written:
            values = pa.array(names, pa.string()).take(coded.indices)
            labels = pa.ListArray.from_arrays(list_offsets(labels), values) if several else values
            batch = pa.record_batch([texts, labels, lines], names=batch.schema.names)
        no_text = blank(texts)
        no_label = np.array([not name for name in names], bool)[index] if not several and "" in names else None
        bad = no_text if no_label is None else no_text | no_label

        def about(row: int) -> str:
            label = labels[row].as_py()
            return f"{', '.join(label) if several else label}\t{texts[row].as_py()}"

        if no_label is not None:
            note(problems, "error", "empty_label", batch, np.flatnonzero(no_label), about)
        if bad.any():
            alone = no_text if no_label is None else no_text & ~no_label
            note(problems, "error", "empty_text", batch, np.flatnonzero(alone), about)
        odd = np.array([bool(ODD_SPACE.search(name)) for name in names], bool)
        if odd.any() and not several:
            note(
                problems,
                "info",
                "label_space",
                batch,
                np.flatnonzero(odd[index] & ~bad),
                lambda row: str(labels[row].as_py()),
            )
        if has_signs:
            signs = with_replacement_sign(texts)
            signs = signs if several else np.union1d(signs, with_replacement_sign(labels))
            note(problems, "warning", "replacement_char", batch, signs[~bad[signs]], about)
        return drop(batch, pa.array(bad), problems) if bad.any() else batch

    def finished(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Returns the rows whose label is seen twice or more: one example can be learnt from or checked, never both."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = table.column("label")
        if pa.types.is_list(column.type):
            return table
        counts = pc.value_counts(column)
        if len(counts) == 1 and table.num_rows > 1:
            problems.add("warning", "one_label", about=counts[0]["values"].as_py())
        once = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
        if not len(once):
            return table
        dropped = where(pc.is_in(column, value_set=once))
        lines = np.array([table.column("line")[int(row)].as_py() for row in dropped], np.int32)
        problems.add_many("error", "label_once", lines, about=lambda i: str(column[int(dropped[i])].as_py()))
        problems.skipped += len(dropped)
        return without(table, dropped)


def _written_labels(source: Source, width: int, label_at: int) -> set[str]:
    """Returns the labels of the first lines, as they are written."""
    header = bool(source.head and _header(source.head[0]))
    rows = [line.split("\t") for line in source.head[header : FIRST + header]]
    return {row[label_at].strip() for row in rows if len(row) == width}


def _names_beside(source: Source, labels: set[str]) -> tuple[str, ...]:
    """Returns what a ``labels.txt`` beside the file says that the labels mean, if they are numbers that it counts."""
    from ftkit.data.tables.labelled import label_list

    if not labels or not all(label.isdecimal() and label.isascii() for label in labels):
        return ()
    names = label_list(source.shown or source.path)
    return names if all(int(label) < len(names) for label in labels) else ()


def _named(batch: pa.RecordBatch, names: tuple[str, ...], problems: Problems) -> pa.RecordBatch:
    """Returns rows with the names of their labels instead of numbers; notes numbers without a name."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from ftkit.data.tables.labelled import named

    coded = batch.column("label").dictionary_encode()
    known = [named(label, names) for label in coded.dictionary.to_pylist()]
    labels = pa.array(known, pa.string()).take(coded.indices)
    bad = pc.is_null(labels)

    def about(row: int) -> str:
        return str(batch.column("label")[row].as_py())

    note(problems, "error", "unknown_id", batch, bad, about, area="tables", n=len(names), part="label")
    return drop(batch.set_column(1, "label", labels), bad, problems)


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


def _report_width(number: int, line: str, width: int, name: str, problems: Problems) -> None:
    problems.skipped += 1
    cells = line.split("\t")
    n = len(cells)
    if n == 1:
        problems.add("error", "literal_tab" if "\\t" in line else "no_tab", number, about=line)
    else:
        found = ", ".join(repr(excerpt(cell, 20)) for cell in cells[:6])
        values: dict[str, Any] = {"n": n, "width": width, "found": found, "last": n - 1, "name": name}
        problems.add("error", "extra_tab", number, about=line, **values)
