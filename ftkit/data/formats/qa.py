"""The `qa` format: a question and its answer a line, or a conversation of several, with tabs between the turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data.cells import is_empty, list_offsets, trimmed, where, with_replacement_sign
from ftkit.data.formats import pairs, streamed
from ftkit.data.formats.streamed import drop, note
from ftkit.data.problems import Problems

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

ASKS = re.compile(r"[?？吗呢][\"'”’」』）)]*\s*$")
NAMES = {
    "question": frozenset(
        {"question", "query", "q", "prompt", "instruction", "user", "问题", "提问", "问", "指令", "用户"}
    ),
    "answer": frozenset(
        {"answer", "response", "reply", "a", "output", "assistant", "回答", "答案", "答", "回复", "助手"}
    ),
}


class Qa:
    """Chat data: ``question<TAB>answer``, or ``question<TAB>answer<TAB>question<TAB>answer`` and so on."""

    name = "qa"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are questions and answers, from 0 to 1.

        What gives them away are question marks, and lines of two, four and more columns side by side; without those,
        an answer about as long as its question.
        """
        if (share := pairs.headed(head, NAMES)) is not None:
            return share
        rows = [line.split("\t") for line in head if line.count("\t") % 2 and line.strip()]
        if not rows:
            return 0.0
        asked = asks([row[::2] for row in rows])
        widths = {len(row) for row in rows}
        if max(widths) == 2:
            longer = median(len(row[1]) for row in rows) / max(1.0, median(len(row[0]) for row in rows))
            evidence = max(asked, 0.6 * (1 - min(1.0, max(0.0, (longer - 2) / 6))) + 0.4 * asked)
        else:  # a table has as many columns in every line, a conversation as many turns as it takes
            evidence = max(asked, 0.8 if len(widths) > 1 else 0.0)
        return pairs.likeness(head, len(rows), evidence)

    def read(self, source: Source) -> tuple[pa.Table, Problems]:
        """Returns ``question: list<string>, answer: list<string>, line: int32``, and every problem met.

        A row has as many questions as answers: one of each turn.
        """
        return streamed.read(self, source)

    def schema(self) -> pa.Schema:
        """Returns the table's columns."""
        import pyarrow as pa

        strings = pa.list_(pa.string())
        return pa.schema({"question": strings, "answer": strings, "line": pa.int32()})

    def batches(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Yields the usable rows, and notes what is wrong with single rows."""
        import pyarrow as pa

        columns = pairs.chosen(source, NAMES)
        in_turns = not source.columns and columns in ({}, {"question": 0, "answer": 1})
        in_turns = in_turns and not (columns and source.head[0].count("\t") > 1)  # a header of two is of one turn
        source.columns = columns = {} if in_turns else columns
        at = columns.get("question", 0), columns.get("answer", 1)
        width = 2 if in_turns else pairs.width(source, columns, NAMES)
        for questions, answers, lines, others, has_signs in pairs.blocks(source, at, width, NAMES, problems):
            batch = pa.record_batch([_turns(questions), _turns(answers), lines], schema=self.schema())
            if in_turns:
                batch = _with_longer(batch, others, source, problems)
            else:
                for number, line in others:
                    pairs.note_width(number, line, width, NAMES, source, problems)
            yield self.checked(batch, problems, has_signs=has_signs)

    def checked(self, batch: pa.RecordBatch, problems: Problems, *, has_signs: bool = True) -> pa.RecordBatch:
        """Returns the rows whose every turn has both, without white space around, and notes what the others lack."""
        import pyarrow as pa
        import pyarrow.compute as pc

        batch = _with_system(batch, problems)
        sides, empty, signs = list[pa.Array](), list[pa.Array](), np.empty(0, np.int64)
        for side in batch.columns[:2]:
            values = trimmed(side.flatten())
            row_of = side.value_parent_indices()
            sides.append(pa.ListArray.from_arrays(list_offsets(side), values))
            rows = np.unique(row_of.to_numpy()[where(is_empty(values))])
            empty.append(pa.array(np.isin(np.arange(len(batch)), rows) | (side.value_lengths().to_numpy() == 0)))
            if has_signs:
                signs = np.union1d(signs, row_of.to_numpy()[with_replacement_sign(values)])
        batch = pa.record_batch([*sides, batch.column(2)], schema=self.schema())
        bad = pc.or_(*empty)

        def cells(row: int) -> list[str]:
            return [text for turn in zip(*(side[row].as_py() for side in sides), strict=True) for text in turn]

        def about(row: int) -> str:
            return "\t".join(cells(row))

        for row in where(bad).tolist():
            kind = "empty_answer" if "" in cells(row) and cells(row).index("") % 2 else "empty_question"
            problems.add("error", kind, batch.column(2)[row].as_py(), area="formats", about=about(row))
        note(problems, "warning", "replacement_char", batch, signs, about)
        return drop(batch, bad, problems)

    def finished(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Returns all rows."""
        return table


def asks(rows: list[list[str]]) -> float:
    """Returns the share of rows with a text that ends as a question does."""
    return fmean(any(ASKS.search(cell) for cell in row) for row in rows)


def _with_system(batch: pa.RecordBatch, problems: Problems) -> pa.RecordBatch:
    """Returns rows of a table whose system texts stand before their first questions, with a blank line between."""
    import pyarrow as pa

    if "system" not in batch.schema.names:
        return batch
    systems = [(system or "").strip() for system in batch.column("system").to_pylist()]
    questions = batch.column("question").to_pylist()
    if any(systems) and not problems.counts["system_text"]:
        problems.add("info", "system_text", area="formats", about=next(filter(None, systems)))
    joined = [
        [f"{system}\n\n{asked[0]}", *asked[1:]] if system and asked and asked[0].strip() else asked
        for system, asked in zip(systems, questions, strict=True)
    ]
    strings = pa.list_(pa.string())
    columns = [pa.array(joined, strings), batch.column("answer"), batch.column("line")]
    return pa.record_batch(columns, names=["question", "answer", "line"])


def _turns(column: pa.Array) -> pa.Array:
    """Returns strings as lists of one."""
    import pyarrow as pa

    return pa.ListArray.from_arrays(pa.array(np.arange(len(column) + 1, dtype=np.int32)), column)


def _with_longer(
    batch: pa.RecordBatch, others: list[tuple[int, str]], source: Source, problems: Problems
) -> pa.RecordBatch:
    """Returns a batch together with the lines that hold several turns, in the order of the file."""
    import pyarrow as pa

    longer = list[tuple[list[str], list[str], int]]()
    for number, line in others:
        cells = line.split("\t")
        if len(cells) % 2:
            values = {"n": len(cells), "found": pairs.listed(cells), "name": source.name}
            problems.add("error", "odd_cells", number, area="formats", about=line, **values)
            problems.skipped += 1
        else:
            longer.append((cells[::2], cells[1::2], number))
    if not longer:
        return batch
    added = pa.record_batch(list(map(list, zip(*longer, strict=True))), schema=batch.schema)
    both = pa.Table.from_batches([batch, added]).combine_chunks()
    return both.sort_by("line").to_batches()[0]
