"""The rows of a file, or of memory, as a sequence of examples over Arrow columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np

from ftkit.data.formats import FORMATS
from ftkit.data.problems import Report, cells, excerpt, pad
from ftkit.data.split import split_rows
from ftkit.errors import DataError, SettingError, did_you_mean
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

TASKS = {"labels": "classification", "tags": "tagging"}  # each format's task, unless the user names another
BATCH = 4_096  # rows turned into Python objects at once
BAR = 24  # characters of a histogram's longest bar
LISTED = 12  # labels in a histogram


@dataclass(frozen=True, slots=True)
class Example:
    """One row: what goes into a model, what shall come out, and where it stands.

    Attributes:
        text: A text; for tags the sentence's tokens.
        target: The label; for tags one for each token.
        source: File and line, such as ``"reviews.tsv:41"``.
    """

    text: str | tuple[str, ...]
    target: str | tuple[str, ...]
    source: str


class Dataset(Sequence[Example]):
    """Rows over Arrow columns; examples are made on demand.

    ``data[3]`` is an `Example`, ``data[:500]`` a Dataset. Made by `ftkit.load`, `from_rows` or `from_arrow`.

    Attributes:
        table: Columns: what goes into the model, what shall come out, and ``line``.
        format: The format's name, ``"labels"`` or ``"tags"``.
        task: The task to train, ``"classification"`` or ``"tagging"``.
        name: The file's name, for `Example.source`.
        report: What was found in the file; of a part, what was found in the whole.
        path: The file; None if this is not exactly the usable rows of one file.
        load_options: Keywords with which `load` gives these rows again from `path`.

    Example:
        >>> data = Dataset.from_rows([("good", "pos"), ("bad", "neg")])
        >>> data[1]
        Example(text='bad', target='neg', source='rows:2')
    """

    def __init__(
        self,
        table: pa.Table,
        format: str,
        *,
        task: str | None = None,
        name: str = "rows",
        report: Report | None = None,
        path: Path | None = None,
        load_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.table = table
        self.format = format
        self.task = task or TASKS.get(format, format)
        self.name = name
        self.report = report or Report(name, format, None, stats={"rows": table.num_rows})
        self.path = path
        self.load_options = dict(load_options or {})

    # -- making and keeping

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Any, Any]], format: str = "labels") -> Dataset:
        """Returns a Dataset of (text, label) rows, or with ``format="tags"`` of (tokens, tags) rows.

        Args:
            rows: The rows, in order; row n gets the source ``rows:n``, counted from 1.
            format: ``"labels"`` or ``"tags"``.

        Raises:
            SettingError: If there is no such format.
            DataError: If a row is not of this shape; the message names it.
        """
        import pyarrow as pa

        if format not in FORMATS:
            raise SettingError(
                text("data.unknown_format", format=format, hint=did_you_mean(format, FORMATS) or "labels")
            )
        checked = [_row(number, row, format) for number, row in enumerate(rows, 1)]
        texts, targets = zip(*checked, strict=True) if checked else ((), ())
        if format == "labels":
            columns = {"text": pa.array(texts, pa.string()), "label": pa.array(targets, pa.string())}
        else:
            strings = pa.list_(pa.string())
            columns = {"tokens": pa.array(texts, strings), "tags": pa.array(targets, strings)}
        columns["line"] = pa.array(np.arange(1, len(checked) + 1, dtype=np.int32))
        return cls(pa.table(columns), format)

    @classmethod
    def from_arrow(cls, path: str | Path) -> Dataset:
        """Returns the Dataset that `to_arrow` wrote.

        Raises:
            DataError: If the file is not there or is no such Dataset.
        """
        import pyarrow as pa

        try:
            with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:  # read whole: a map would lock it
                table = reader.read_all()
            metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
            format, task, name = (metadata[f"ftkit.{key}"] for key in ("format", "task", "name"))
        except (OSError, KeyError, pa.ArrowInvalid) as error:
            raise DataError(text("data.no_arrow", path=path, error=error)) from error
        return cls(table.replace_schema_metadata(None), format, task=task, name=name)

    def to_arrow(self, path: str | Path) -> None:
        """Writes the rows as an Arrow IPC file that `from_arrow` reads."""
        import pyarrow as pa

        metadata = {"ftkit.format": self.format, "ftkit.task": self.task, "ftkit.name": self.name}
        table = self.table.replace_schema_metadata(metadata)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=1 << 16)

    # -- rows

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> Dataset: ...
    def __getitem__(self, index: int | slice) -> Example | Dataset:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return self._part(self.table.slice(start, max(0, stop - start)))
            return self.select(range(start, stop, step))
        position = range(len(self))[index]
        return next(self._examples(self.table.slice(position, 1)))

    def __iter__(self) -> Iterator[Example]:
        for start in range(0, len(self), BATCH):
            yield from self._examples(self.table.slice(start, BATCH))

    def _examples(self, table: pa.Table) -> Iterator[Example]:
        texts, targets, lines = (table.column(i).to_pylist() for i in (0, 1, "line"))
        for body, target, line in zip(texts, targets, lines, strict=True):
            yield Example(_frozen(body), _frozen(target), f"{self.name}:{line}")

    def select(self, indices: Sequence[int]) -> Dataset:
        """Returns the rows at these positions, in this order."""
        import pyarrow as pa

        return self._part(self.table.take(pa.array(indices, pa.int64())))

    def _part(self, table: pa.Table) -> Dataset:
        if table.num_rows == len(self) and table.equals(self.table):
            return self
        return Dataset(table, self.format, task=self.task, name=self.name, report=self.report)

    def split(self, validation: float = 0.1, test: float = 0.0, seed: int = 0) -> dict[str, Dataset]:
        """Returns the rows as ``"train"``, ``"validation"`` and ``"test"``, each in the order of the file.

        Texts that are equal but for case, width and spaces stay on one side. Each label has its share on each side, as
        far as that allows, and every label with two different texts or more is in ``"train"``.

        Args:
            validation: Share of the rows, from 0 to 1; with 0 there is no such key.
            test: The same.
            seed: Another seed gives another split; the same seed the same.

        Raises:
            SettingError: If a share is below 0, or nothing would be left to train on.
            DataError: If there are fewer different texts than splits.
        """
        shares: dict[str, Any] = {"validation": validation, "test": test}
        for key, share in shares.items():
            if not isinstance(share, (int, float)) or not 0 <= share < 1:
                raise SettingError(text("data.share", key=key, share=share))
        if validation + test >= 1:
            raise SettingError(text("data.shares", validation=validation, test=test))
        wanted = {key: share for key, share in shares.items() if share > 0}
        positions = split_rows(self.texts, self.targets, wanted, seed)
        return {key: self.select(rows) for key, rows in positions.items()}

    # -- what is in them

    @property
    def texts(self) -> list[str] | list[tuple[str, ...]]:
        """What goes into the model, row by row: texts, or tuples of tokens."""
        return cast("list[str]", [_frozen(value) for value in self.table.column(0).to_pylist()])

    @property
    def targets(self) -> list[str] | list[tuple[str, ...]]:
        """What shall come out, row by row: labels, or tuples of tags."""
        return cast("list[str]", [_frozen(value) for value in self.table.column(1).to_pylist()])

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label or tag there is, sorted."""
        return tuple(sorted(self.label_counts()))

    def label_counts(self) -> dict[str, int]:
        """Returns how many rows have each label, or how many tokens each tag; the commonest first."""
        import pyarrow.compute as pc

        counted = pc.value_counts(_flat(self.table.column(1))).to_pylist()
        return {item["values"]: item["counts"] for item in sorted(counted, key=lambda i: (-i["counts"], i["values"]))}

    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Returns each row's length: in characters for labels, in tokens for tags. Shape (rows,)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.table.column(0)
        lengths = pc.list_value_length(column) if pa.types.is_list(column.type) else pc.utf8_length(column)
        return np.asarray(lengths.to_numpy(), dtype=np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that are the same for the same rows in the same order, whatever their encoding."""
        digest = hashlib.sha256()
        for start in range(0, len(self), BATCH):
            for row in zip(*(self.table.column(i).slice(start, BATCH).to_pylist() for i in (0, 1)), strict=True):
                digest.update(_netstring(row).encode())
        return digest.hexdigest()[:16]

    # -- in a terminal

    def __repr__(self) -> str:
        """Returns what is in the rows as text; every sign that is not the user's own is ASCII."""
        if not len(self):
            return text("data.show.empty", name=self.name)
        counts, lengths = self.label_counts(), self.lengths()
        spread = {
            "low": lengths.min(),
            "median": round(float(np.median(lengths))),
            "p90": round(float(np.percentile(lengths, 90))),
            "high": lengths.max(),
        }
        n_problems = sum(self.report.counts.values()) or len(self.report.problems)
        lines = [
            text("data.show.head", name=self.name, format=self.format, rows=len(self), labels=len(counts)),
            text("data.show.problems", n=n_problems) if n_problems else text("data.report.none"),
            "",
            *_bars(counts),
            "",
            text("data.show.tokens" if isinstance(self[0].text, tuple) else "data.show.characters", **spread),
            "",
        ]
        for example in self[:3]:
            if isinstance(example.text, tuple):
                pairs = zip(example.text[:8], example.target, strict=False)
                shown = " ".join(f"{excerpt(token, 20)}/{tag}" for token, tag in pairs)
            else:
                shown = f"{excerpt(str(example.target), 20)} | {excerpt(example.text)}"
            lines.append(f"{example.source}  {shown}")
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Shows one line where IPython shows a Dataset inside something else, as in what `split` returns."""
        inside = len(printer.stack) > 1
        printer.text(f"Dataset({self.name}: {len(self):,} x {self.format})" if inside else repr(self))


def _bars(counts: Mapping[str, int]) -> list[str]:
    shown = [(excerpt(str(label), 24), n) for label, n in list(counts.items())[:LISTED]]
    width, most = max(cells(label) for label, _ in shown), max(counts.values())
    lines = [f"  {pad(label, width)}  {'#' * max(1, round(BAR * n / most)):<{BAR}} {n:,}" for label, n in shown]
    if len(counts) > LISTED:
        lines.append("  " + text("data.show.more_labels", n=len(counts) - LISTED))
    return lines


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _flat(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.list_flatten(column) if pa.types.is_list(column.type) else column


def _netstring(value: Any) -> str:
    """Returns a text that no other value gives: the length before each string, the count before each list."""
    if isinstance(value, (list, tuple)):
        return f"[{len(value)}:" + "".join(map(_netstring, value))
    return f"{len(str(value))}:{value}"


def _row(number: int, row: Any, format: str) -> tuple[Any, Any]:
    """Returns a row if it has the format's shape.

    Raises:
        DataError: If it has not.
    """
    if isinstance(row, (tuple, list)) and len(row) == 2:
        body, target = row
        if format == "labels" and isinstance(body, str) and isinstance(target, str):
            return body, target
        if format == "tags" and not isinstance(body, str) and not isinstance(target, str):
            body, target = list(body), list(target)
            if len(body) == len(target) and all(isinstance(value, str) for value in body + target):
                return body, target
    raise DataError(text(f"data.bad_row.{format}", number=number, row=excerpt(repr(row))))
