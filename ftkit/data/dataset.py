"""The rows of a file, or of memory, as a sequence of examples over Arrow columns."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast, overload

import numpy as np

from ftkit.data.example import TASKS, UNLABELLED, Example
from ftkit.data.parts import Rows, Taker, fingerprint, read, sizes, write
from ftkit.data.problems import Report
from ftkit.data.rows import table_of
from ftkit.data.shares import checked_shares
from ftkit.data.show import shown
from ftkit.data.spill import is_small
from ftkit.data.split import split_positions
from ftkit.errors import DataError, SettingError
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BATCH", "TASKS", "UNLABELLED", "Dataset", "Example"]

BATCH = 4_096  # rows turned into Python objects at once


class Dataset(Sequence[Example]):
    """Rows over Arrow columns; examples are made on demand.

    ``data[3]`` is an `Example`, ``data[:500]`` a Dataset. Made by `ftkit.load`, `from_rows` or `from_arrow`.

    Attributes:
        table: Columns: what goes into the model, what shall come out, ``line`` and, of several files, ``file``. Rows
            that are a choice of many are brought together when this is asked for: `parts` gives them bit by bit.
        format: The format's name, such as ``"labels"``.
        task: The task to train, such as ``"classification"``.
        name: The file's name, for `Example.source`.
        given: Of files that are splits already, which rows are which: first and last but one, by ``"train"`` and so on.
        files: Of several files their names, which the column ``file`` counts from 0 on; else none.
        report: What was found in the file; of a part, what was found in the whole.
        path: The file; None if this is not exactly the usable rows of one file.
        load_options: Keywords with which `load` gives these rows again from `path`.

    Example:
        >>> data = Dataset.from_rows([("good", "pos"), ("bad", "neg")])
        >>> data[1]
        Example(text='bad', target='neg', source='rows:2')
    """

    inspector: ClassVar[Callable[..., Any] | None] = None

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
        files: Sequence[str] = (),
        given: Mapping[str, tuple[int, int]] | None = None,
        rows: Rows | None = None,
    ) -> None:
        self._all = table
        self._rows = rows  # of a large table: positions of the rows that are meant, (n,) int32
        self.files = tuple(files)
        self.given = {name: (first, end) for name, (first, end) in (given or {}).items()}
        self.format = format
        self.task = task or TASKS.get(format, (format,))[0]
        self.name = name
        self.report = report or Report(name, format, None, stats={"rows": len(self)})
        self.path = path
        self.load_options = dict(load_options or {})

    # -- making and keeping

    @classmethod
    def from_rows(cls, rows: Iterable[Any], format: str = "labels") -> Dataset:
        """Returns a Dataset of rows of memory.

        Args:
            rows: The rows, in order; row n gets the source ``rows:n``, counted from 1. For ``"labels"`` each is
                (text, label), or (text, labels) where a text may have several; for ``"tags"`` (tokens, tags), for
                ``"title"`` (title, content), for ``"qa"`` (question, answer) or of a conversation
                (questions, answers), for ``"corpus"`` a text or (text,).
            format: The format's name.

        Raises:
            SettingError: If there is no such format.
            DataError: If a row is not of this shape; the message names it.

        Example:
            >>> Dataset.from_rows([("Hi", "Hello!"), (["Hi", "Bye"], ["Hello!", "See you."])], format="qa")[1].target
            ('Hello!', 'See you.')
        """
        return cls(table_of(rows, format), format)

    @classmethod
    def from_arrow(cls, path: str | Path) -> Dataset:
        """Returns the Dataset that `to_arrow` wrote.

        Raises:
            DataError: If the file is not there or is no such Dataset.
        """
        try:
            table, facts = read(Path(path))
            known = {key: facts[key] for key in ("format", "task", "name")}
        except (OSError, KeyError, ValueError) as error:
            raise DataError(text("data.no_arrow", path=path, error=error)) from error
        return cls(table, **known, files=facts.get("files", ()), given=facts.get("given"))

    def to_arrow(self, path: str | Path) -> None:
        """Writes the rows as an Arrow IPC file that `from_arrow` reads."""
        facts = {key: getattr(self, key) for key in ("format", "task", "name", "files", "given")}
        write(self.parts(1 << 16), self._all.schema, facts, Path(path))

    # -- rows

    @property
    def table(self) -> pa.Table:
        """The columns of all rows together."""
        return self._all if self._rows is None else self._taker.take(self._rows)

    def parts(self, size: int = BATCH) -> Iterator[pa.Table]:
        """Yields the columns, `size` rows at a time: what to use where there may be more rows than memory holds."""
        for start in range(0, len(self), size):
            yield self._slice(start, start + size)

    def _slice(self, start: int, stop: int) -> pa.Table:
        if self._rows is None:
            return self._all.slice(start, max(0, stop - start))
        return self._taker.take(self._rows[start:stop])

    @cached_property
    def _taker(self) -> Taker:
        return Taker(self._all)

    def __len__(self) -> int:
        return int(self._all.num_rows) if self._rows is None else len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> Dataset: ...
    def __getitem__(self, index: int | slice) -> Example | Dataset:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return self.select(range(start, stop, step))
            if stop - start == len(self):
                return self
            if self._rows is None:
                return self._part(self._slice(start, stop))
            return self._part(self._all, self._rows[start : max(start, stop)])
        position = range(len(self))[index]
        return next(self._examples(self._slice(position, position + 1)))

    def __iter__(self) -> Iterator[Example]:
        for part in self.parts():
            yield from self._examples(part)

    def _examples(self, table: pa.Table) -> Iterator[Example]:
        texts, targets, lines = (table.column(i).to_pylist() for i in (0, 1, "line"))
        frozen = _turns if self.format == "qa" else _frozen
        named = [self.files[i] for i in table.column("file").to_pylist()] if self.files else repeat(self.name)
        for body, target, line, name in zip(texts, targets, lines, named, strict=False):
            yield Example(frozen(body), frozen(target), f"{name}:{line}")

    def select(self, indices: Sequence[int] | np.ndarray[Any, Any]) -> Dataset:
        """Returns the rows at these positions, in this order."""
        import pyarrow as pa

        chosen = np.asarray(indices)
        if chosen.dtype.kind == "b":  # a mask
            if len(chosen) != len(self):
                raise IndexError(text("data.mask", n=len(chosen), rows=len(self)))
            chosen = np.flatnonzero(chosen)
        chosen = chosen if chosen.dtype.kind in "iu" else chosen.astype(np.int64)
        if len(chosen) and not (int(chosen.min()) >= 0 and int(chosen.max()) < len(self)):
            raise IndexError(text("data.no_row", rows=len(self)))
        if is_small(self._all):
            if len(chosen) == len(self) and (chosen == np.arange(len(self))).all():
                return self
            return self._part(self.table.take(pa.array(chosen)))
        rows = chosen.astype(np.int32, copy=False) if self._rows is None else self._rows[chosen]
        return self._part(self._all, rows)

    def _part(self, table: pa.Table, rows: Rows | None = None) -> Dataset:
        known = {"task": self.task, "name": self.name, "report": self.report, "files": self.files}
        part = Dataset(table, self.format, **known, rows=rows)  # type: ignore[arg-type]
        if rows is not None:
            part.__dict__["_taker"] = self._taker  # over the same table
        return part

    def split(
        self,
        validation: float = 0.1,
        test: float = 0.0,
        seed: int = 0,
        *,
        near: bool | Literal["auto"] = "auto",
        progress: Callable[[int], None] | None = None,
    ) -> dict[str, Dataset]:
        """Returns the rows as ``"train"``, ``"validation"`` and ``"test"``, each in the order of the file.

        Texts that are equal but for case, width and spaces stay on one side, and those that are nearly equal, of titles
        those with the same title, of conversations those that begin with the same question. Each label has its share
        on each side, as far as that allows, and every label with two different texts or more is in ``"train"``.

        Files that were splits already (`given`) stay what they are; where they have no validation rows, these are
        taken from ``"train"``.

        Args:
            validation: Share of the rows, from 0 to 1; with 0 there is no such key.
            test: The same.
            seed: Another seed gives another split; the same seed the same.
            near: Whether nearly equal texts stay on one side; ``"auto"`` for up to 200,000 rows.
            progress: Called with how many rows have been read, where there are many.

        Raises:
            SettingError: If a share is below 0, or nothing would be left to train on.
            DataError: If there are fewer different texts than splits.
        """
        if made := getattr(self.report.stats.get("augmented"), "added", 0):
            raise SettingError(text("augment.split_first", n=made))
        wanted = checked_shares(validation, test, seed, near)
        if self.given:
            parts = {name: self.given_part(name) or self for name in self.given}
            if "validation" not in parts and validation:
                parts |= parts["train"].split(validation, seed=seed, near=near, progress=progress)
            return parts
        positions = split_positions(self, wanted, seed, near, progress)
        return {key: self.select(rows) for key, rows in positions.items()}

    def given_part(self, name: str) -> Dataset | None:
        """Returns the rows of a split that the files were already; None if there is none of that name."""
        return self[slice(*self.given[name])] if name in self.given else None

    # -- making more of them

    def clean(self, **options: Any) -> Dataset:
        """Returns the rows cleaned of markup, invisible characters, odd widths and spaces; labels are never changed.

        The result shows what was changed. See `ftkit.data.clean.cleaned` for the options and errors.

        Example:
            >>> Dataset.from_rows([("Caf&eacute;  <b>open</b>", "x")]).clean()[0].text
            'Café open'
        """
        from ftkit.data.clean import cleaned

        return cleaned(self, **options)

    def augment(self, how: Any = True, *, seed: int = 0, **misspelt: Any) -> Dataset:
        """Returns the rows followed by new ones made of them, labels unchanged: for training rows, after `split`.

        Args:
            how: As in ``finetune(augment=...)``: True, an operation's name, or a dict such as
                ``{"delete": 0.1, "copies": 2}``. See `ftkit.data.augment.Augment`.
            seed: The same seed gives the same rows.

        Raises:
            SettingError: If there is no such operation, or it fits no such rows.
        """
        from ftkit.data.augment import Augment, augmented

        augment = Augment.parse(how, misspelt)
        return self if augment is None else augmented(self, augment, seed=seed)

    def inspect(self, row: int | slice | str = 0, *, model: Any = "tiny", **options: Any) -> Any:
        """Returns rows as a model reads them: tokens, ids, labels, what the loss looks at, what is cut off.

        Args:
            row: Which row, rows as a slice, or a text of your own.
            model: ``"tiny"``, a folder, a hub name, or a run.
            options: As in `ftkit.runs.inspect.inspect`: ``max_length``, ``task``.

        Raises:
            SettingError: If an argument cannot be.
            ModelError: If there is no such model.
        """
        if Dataset.inspector is None:  # what looks at rows with a model stands above this module, and says so itself
            importlib.import_module("ftkit.api")
        assert Dataset.inspector is not None
        return Dataset.inspector(self, row, model=model, **options)

    def word_counts(self, n: int | None = 20, stop_words: bool = True, **misspelt: Any) -> dict[str, int]:
        """Returns the commonest words and how often each comes; `stop_words` leaves out those that say nothing.

        Raises:
            SettingError: If Chinese is to be cut into words and jieba is not installed.
        """
        from ftkit.data.words import word_counts

        return word_counts(self, n, stop_words, **misspelt)

    # -- what is in them

    @property
    def texts(self) -> list[str] | list[tuple[str, ...]]:
        """What goes into the model, row by row: texts, or tuples of tokens or of a conversation's questions."""
        return self._column(0)

    @property
    def targets(self) -> list[str] | list[tuple[str, ...]]:
        """What shall come out, row by row: labels or texts, or tuples of tags or of a conversation's answers."""
        return self._column(1)

    def _column(self, index: int) -> list[str] | list[tuple[str, ...]]:
        frozen = _turns if self.format == "qa" else _frozen
        return cast("list[str]", [frozen(v) for part in self.parts() for v in part.column(index).to_pylist()])

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label or tag there is, sorted; none where the targets are texts."""
        return tuple(sorted(self.label_counts()))

    def label_counts(self) -> dict[str, int]:
        """Returns how many rows have each label, or how many tokens each tag; the commonest first."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = self._all.schema.field(1).type
        if self.format in UNLABELLED or not pa.types.is_string(kind.value_type if pa.types.is_list(kind) else kind):
            return {}
        counted = Counter[str]()
        for part in self.parts(1 << 16):
            values = pc.value_counts(_flat(part.column(1)))
            names, counts = (values.field(name).to_pylist() for name in ("values", "counts"))
            counted.update(dict(zip(names, counts, strict=True)))
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def lengths(self, of: Literal["text", "target"] | None = None) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Returns each row's length: in tokens for tags, else in characters. Shape (rows,).

        Args:
            of: Which side; a conversation's turns are taken together. None for both where the target is a text too,
                and for the text where it is not.
        """
        if of is None and self.format in UNLABELLED:
            return self.lengths("text") + self.lengths("target")
        at, joined = 1 if of == "target" else 0, self.format == "qa"
        return np.concatenate([np.empty(0, np.int64), *(sizes(p.column(at), joined) for p in self.parts(1 << 16))])

    def turns(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Returns how many texts each row has on one side: of a conversation its turns. Shape (rows,)."""
        import pyarrow as pa

        if not pa.types.is_list(self._all.schema.field(0).type):
            return np.ones(len(self), np.int64)
        counts = [chunk.value_lengths().to_numpy() for part in self.parts(1 << 16) for chunk in part.column(0).chunks]
        return np.concatenate([np.empty(0, np.int64), *counts])

    @property
    def is_multilabel(self) -> bool:
        """Whether a row may have several labels, or none."""
        import pyarrow as pa

        return self.format == "labels" and pa.types.is_list(self._all.schema.field(1).type)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that are the same for the same rows in the same order, whatever their encoding."""
        return fingerprint(self.parts(1 << 16))

    # -- in a terminal

    def __repr__(self) -> str:
        """Returns what is in the rows as text; every sign that is not the user's own is ASCII."""
        return shown(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Shows one line where IPython shows a Dataset inside something else, as in what `split` returns."""
        inside = len(printer.stack) > 1
        printer.text(f"Dataset({self.name}: {len(self):,} x {self.format})" if inside else repr(self))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _turns(values: list[str]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else tuple(values)


def _flat(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.list_flatten(column) if pa.types.is_list(column.type) else column
