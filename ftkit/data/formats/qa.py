"""The `qa` format: a question and its answer a line, or a conversation of several, with tabs between the turns."""

from __future__ import annotations

import re
from statistics import fmean, median
from typing import TYPE_CHECKING

from ftkit.data.formats import pairs
from ftkit.data.problems import Problem, Problems

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

Conversation = tuple[int, list[str], list[str]]  # line, questions, answers


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

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``question: list<string>, answer: list<string>, line: int32``, and every problem met.

        A row has as many questions as answers: one of each turn.
        """
        import pyarrow as pa

        problems = Problems()
        columns = pairs.chosen(source, NAMES)
        in_turns = not source.columns and columns in ({}, {"question": 0, "answer": 1})
        in_turns = in_turns and not (columns and source.head[0].count("\t") > 1)  # a header of two is of one turn
        source.columns = columns = {} if in_turns else columns
        rows = list(_in_turns(source, problems) if in_turns else _two_columns(source, columns, problems))
        copies = ((n, (*asked, *given[:-1]), given[-1], asked[-1]) for n, asked, given in rows)
        pairs.look_for_copies(copies, "two_answers", problems)
        lines, questions, answers = zip(*rows, strict=True) if rows else ((), (), ())
        strings = pa.list_(pa.string())
        schema = pa.schema({"question": strings, "answer": strings, "line": pa.int32()})
        return pa.table([questions, answers, lines], schema=schema), problems


def asks(rows: list[list[str]]) -> float:
    """Returns the share of rows with a text that ends as a question does."""
    return fmean(any(ASKS.search(cell) for cell in row) for row in rows)


def _in_turns(source: Source, problems: Problems) -> list[Conversation]:
    found = list[Conversation]()
    for number, cells in pairs.rows(source, NAMES, problems):
        about = "\t".join(cells)
        if len(cells) % 2:
            values = {"n": len(cells), "found": pairs.listed(cells), "name": source.path.as_posix()}
            problems.add("error", "odd_cells", number, area="formats", about=about, **values)
        elif not all(cells):
            kind = "empty_answer" if cells.index("") % 2 else "empty_question"
            problems.add("error", kind, number, area="formats", about=about)
        else:
            found.append((number, cells[::2], cells[1::2]))
            continue
        problems.skipped += 1
    return found


def _two_columns(source: Source, columns: dict[str, int], problems: Problems) -> list[Conversation]:
    found = list[Conversation]()
    width = pairs.width(source, columns, NAMES)
    for number, cells in pairs.rows(source, NAMES, problems):
        if two := pairs.two_cells(number, cells, columns, width, NAMES, source, problems):
            found.append((number, [two[0]], [two[1]]))
    return found
