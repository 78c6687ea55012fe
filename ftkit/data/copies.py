"""Rows that come twice, found among any number of rows in the same memory: a hash and a line of each are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.growing import Array, Growing, blank, first_equal, spans
from ftkit.data.problems import KEPT_PER_KIND, Problems, Severity, excerpt

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_TOKENS = 20
MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a format speaks of rows that begin as an earlier one.

    Attributes:
        other: The problem of a row that goes on differently; None where rows have no second side.
        severity: How bad that is.
        area: The module of ``i18n`` that has its texts.
        by_start: True if every row is compared with the first that begins alike; else a row that is wholly equal to
            an earlier one is a duplicate, whatever the first of them was.
        shows: Which text is shown: of the start, or of the end.
    """

    other: str | None
    severity: Severity = "warning"
    area: str = "data"
    by_start: bool = True


KINDS = {
    "labels": Kind("two_labels"),
    "tags": Kind("two_taggings"),
    "title": Kind("two_contents", "info", "formats", by_start=False),
    "qa": Kind("two_answers", "info", "formats", by_start=False),
    "corpus": Kind(None),
}

Read = Callable[[Array], "pa.Table | pa.RecordBatch"]


class Copies:
    """Rows, added batch by batch, of which the equal ones are told at the end.

    Args:
        folder: Where more rows than a million are kept while this lives; None for the system's temporary folder.

    Example:
        >>> copies = Copies()
        >>> copies.add(["a", "b", "a"], ["x", "y", "z"], np.array([1, 2, 3]))
        >>> copies.first_rows().tolist()
        [0, 1, 0]
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._starts, self._ends = Growing(np.uint64, folder), Growing(np.uint64, folder)
        self._lines = Growing(np.int32, folder)

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, starts: Any, ends: Any | None, lines: Array) -> None:
        """Adds rows.

        Args:
            starts: What rows are told apart by: an Arrow array of strings or of lists of strings, or a list of such.
            ends: How they go on, in the same form; None where there is nothing more.
            lines: Their lines. Shape (rows,).
        """
        self._starts.extend(hashes(starts))
        if ends is not None:
            self._ends.extend(hashes(ends))
        self._lines.extend(np.asarray(lines))

    def add_batch(self, batch: pa.RecordBatch | pa.Table, format: str) -> None:
        """Adds the rows of a batch of a format's table."""
        if batch.num_rows:
            starts, ends = sides(batch, format)
            self.add(starts, ends, batch.column("line").to_numpy())

    def first_rows(self) -> Array:
        """Returns for each row the first with the same start. Shape (rows,) int32."""
        return first_equal(self._starts.array(), self._folder)

    def tell(self, problems: Problems, read: Read, format: str) -> None:
        """Notes every row that comes twice, in the order of the rows; the first 1,000 of a kind are looked at again.

        Args:
            problems: Where it is noted.
            read: Returns the table's rows at these ascending positions, counted as they were added.
            format: Which of `KINDS`.
        """
        if format not in KINDS:  # a user's own format says itself what it minds
            return
        kind, first = KINDS[format], self.first_rows()
        if kind.other is None:
            self._tell_most(first, problems, read)
            return
        noted: list[tuple[str, int, int]] = []
        left = {"duplicate": 0, kind.other: 0}
        for name, rows, others in self._found(first, kind):
            room = max(0, KEPT_PER_KIND - problems.counts[name] - sum(known == name for known, _, _ in noted))
            noted += [(name, *pair) for pair in zip(rows[:room].tolist(), others[:room].tolist(), strict=True)]
            left[name] += len(rows[room:])
        noted.sort(key=lambda item: item[1])
        self._note(noted, kind, problems, read, format)
        for name, n in left.items():
            if n:
                problems.counts[name] += n

    def _found(self, first: Array, kind: Kind) -> Any:
        """Yields (kind, rows, the rows that they repeat), a span of rows at a time."""
        starts, ends = self._starts.array(), self._ends.array()
        wholes = None
        if not kind.by_start:
            both = blank(len(starts), np.uint64, self._folder)
            for span in spans(len(starts)):
                both[span] = mixed(starts[span] * MIX + ends[span])
            wholes = first_equal(both, self._folder)
        for span in spans(len(starts)):
            rows = np.flatnonzero(first[span] != np.arange(span.start, span.stop)) + span.start
            if wholes is None:
                same, before = ends[rows] == ends[first[rows]], first[rows]
            else:
                same, before = wholes[rows] != rows, np.where(wholes[rows] != rows, wholes[rows], first[rows])
            for name, chosen in (("duplicate", same), (kind.other, ~same)):
                if chosen.any():
                    yield name, rows[chosen], before[chosen]

    def _note(self, noted: list[tuple[str, int, int]], kind: Kind, problems: Problems, read: Read, format: str) -> None:
        """Notes rows, once their texts have been compared: equal hashes alone accuse nobody."""
        lines = self._lines.array()
        for at in range(0, len(noted), 128):  # a row may be long: not all of them at once
            part = noted[at : at + 128]
            rows = np.unique([row for _, *pair in part for row in pair])
            texts = dict(zip(rows.tolist(), _pairs(read(rows), format), strict=True))
            for name, row, before in part:
                (start, end), (other_start, other_end) = texts[row], texts[before]
                if start != other_start or (end == other_end) != (name == "duplicate"):
                    continue
                values: dict[str, Any] = {"first": int(lines[before])}
                if name == "two_labels":
                    values |= {"label": excerpt(_shown(end)), "other": excerpt(_shown(other_end))}
                about = start[(len(start) - 1) // 2] if format == "qa" else _shown(start)  # the last question
                same = name == "duplicate"
                severity, area = "warning" if same else kind.severity, "data" if same else kind.area
                problems.add(severity, name, int(lines[row]), area=area, about=about, **values)

    def _tell_most(self, first: Array, problems: Problems, read: Read) -> None:
        """Notes how many rows repeat an earlier one, and which does so most often."""
        times = blank(len(first), np.int32, self._folder)
        n, most, best = 0, 0, 0
        for span in spans(len(first)):
            repeats = first[span][first[span] != np.arange(span.start, span.stop)]
            np.add.at(times, repeats, 1)
            n += len(repeats)
        for span in spans(len(first)):
            here = int(times[span].argmax())
            if times[span.start + here] > best:
                most, best = span.start + here, int(times[span.start + here])
        if n:
            ((about, _),) = _pairs(read(np.array([most])), "corpus")
            problems.add("info", "copies", area="formats", about=about, n=n, times=best + 1)


def sides(table: pa.Table | pa.RecordBatch, format: str) -> tuple[Any, Any | None]:
    """Returns what rows are told apart by, and how they go on: of a conversation its last answer, of corpus nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if format == "qa":
        asked, given = table.column(0), table.column(1)
        turns = pc.list_value_length(asked)
        if table.num_rows and pc.max(turns).as_py() == pc.min(turns).as_py() == 1:
            return asked, pc.list_element(given, 0)
        pairs = _pairs(table, format)
        return pa.array([list(start) for start, _ in pairs], pa.list_(pa.string())), [end for _, end in pairs]
    return table.column(0), None if format == "corpus" else table.column(1)


def hashes(values: Any) -> Array:
    """Returns 64 bits for each text or list of texts; equal ones have the same, within one process.

    Python's own hash (SipHash, keyed anew in each process) takes 0.18 µs for a row of 92 bytes, the making of the
    object included, and nobody can prepare a file whose rows all collide.

    Args:
        values: An Arrow array of strings or of lists of strings, or a Python list of such.

    Returns:
        Shape (rows,) uint64.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values, (list, tuple)):
        values = pa.array(values)
    if isinstance(values, pa.ChunkedArray):
        return np.concatenate([hashes(chunk) for chunk in values.chunks] or [np.empty(0, np.uint64)])
    if pa.types.is_dictionary(values.type):
        return np.asarray(hashes(values.dictionary)[values.indices.to_numpy()])
    if pa.types.is_null(values.type):
        return np.zeros(len(values), np.uint64)
    n = None
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        n = pc.list_value_length(values).to_numpy(zero_copy_only=False).astype(np.uint64)
        values = pc.binary_join(values, "\x1f")
    kind = pa.large_binary() if pa.types.is_large_string(values.type) else pa.binary()
    found = np.fromiter(map(hash, values.view(kind).to_numpy(zero_copy_only=False)), np.int64, len(values))
    return mixed(found.view(np.uint64) if n is None else found.view(np.uint64) ^ (n * MIX))


def text_hashes(texts: Sequence[str]) -> Array:
    """Returns 64 bits for each text; equal ones have the same, within one process. Shape (texts,) uint64."""
    return mixed(np.fromiter(map(hash, texts), np.int64, len(texts)).view(np.uint64))


def mixed(values: Array) -> Array:
    """Returns 64 bits each of which depends on all bits of a value.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def _pairs(table: pa.Table | pa.RecordBatch, format: str) -> list[tuple[Any, Any]]:
    """Returns each row's start and end as Python has them."""
    starts, ends = (table.column(i).to_pylist() for i in (0, 1))
    if format == "qa":
        return [((*asked, *given[:-1]), given[-1]) for asked, given in zip(starts, ends, strict=True)]
    return list(zip(starts, ends, strict=True))


def _shown(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else " ".join(value[:SHOWN_TOKENS])
