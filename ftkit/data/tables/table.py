"""`Table`: the records of one container, read again and again without being kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ftkit.data.problems import Problems

Record = tuple[int, dict[str, Any]]  # where it stands, and its values by column name
Reader = Callable[[Problems], Iterator[Record]]  # notes what it cannot read


@dataclass
class Table:
    """Named columns over records that are read from the start each time.

    A record's place is the line that it starts on (CSV, JSON), its row in the sheet (Excel, the header's counted), or
    the number of the row, counted from 1.

    Attributes:
        kind: ``"csv"``, ``"excel"``, ``"json"``, ``"jsonl"``, ``"parquet"``, ``"arrow"``, ``"fasttext"``,
            ``"folder"`` or ``"memory"``.
        name: What to call it in messages: of a file, its path.
        names: The columns' names, in order.
        read: Yields the records, and notes into the `Problems` that it is given those that cannot be read.
        path: The file; None of memory.
        encoding: The codec that its text was read with; None if it has none of its own.
        label_names: Names of the ids in a column, where the container knows them.
        has_header: Whether the names are the file's own: else they are the columns' numbers.
        sheet: Which sheet of a workbook this is.
        problems: What the last call of `records` could not read, by line, as far as it has come.
    """

    kind: str
    name: str
    names: tuple[str, ...]
    read: Reader
    path: Path | None = None
    encoding: str | None = None
    label_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_header: bool = True
    sheet: str | None = None
    problems: Problems = field(default_factory=Problems)

    def records(self) -> Iterator[Record]:
        """Yields each record's place and values, from the start; `problems` starts anew too."""
        self.problems = problems = Problems()
        with closing(self.read(problems)) as records:  # type: ignore[type-var]
            yield from records

    def head(self, n: int) -> list[Record]:
        """Returns the first `n` records that can be read; notes nothing."""
        with closing(self.read(Problems())) as records:  # type: ignore[type-var]
            return list(islice(records, n))

    def column(self, key: str | int) -> str | None:
        """Returns the name of the column meant by a name or a 0-based number; None if there is no such column.

        A name is looked for as it is written, then without regard to case and spaces around it.
        """
        if isinstance(key, bool):
            return None
        if isinstance(key, int):
            return self.names[key] if -len(self.names) <= key < len(self.names) else None
        if key in self.names:
            return key
        folded = [name for name in self.names if name.strip().casefold() == str(key).strip().casefold()]
        return folded[0] if len(folded) == 1 else None


def distinct(names: Sequence[object]) -> tuple[str, ...]:
    """Returns column names with what stands twice numbered: ``text``, ``text.1``.

    Example:
        >>> distinct([" text ", "text", None])
        ('text', 'text.1', '2')
    """
    seen: dict[str, int] = {}
    found = list[str]()
    for index, raw in enumerate(names):
        name = " ".join(str(raw).split()) if raw is not None else ""
        name = name or str(index)
        while name in seen:
            seen[name] += 1
            name = f"{name}.{seen[name]}"
        seen[name] = 0
        found.append(name)
    return tuple(found)
