"""Rows of different lengths over one flat array: a million rows of token ids are three arrays, not a million objects.

The arrays may be memory-mapped files: rows are then read when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

STRIDE = 4_096  # rows handled at once where a whole column is walked through


class Ragged(Sequence[np.ndarray]):
    """N arrays of different lengths; each is a view of one flat array, never a copy.

    Rows may overlap or stand in another order than their numbers: a selection costs two arrays of N numbers.

    Attributes:
        flat: (M,), of the dtype of every row.
        starts: (N,) int64, where each row begins in `flat`.
        ends: (N,) int64, where it ends.

    Example:
        >>> rows = Ragged.from_list([[1, 2], [], [3]])
        >>> rows[0].tolist(), rows.lengths.tolist(), len(rows.select([2, 0]))
        ([1, 2], [2, 0, 1], 2)
    """

    def __init__(self, flat: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
        self.flat, self.starts, self.ends = flat, starts, ends

    @classmethod
    def from_lengths(cls, flat: np.ndarray, lengths: np.ndarray) -> Ragged:
        """Returns rows of these lengths that follow each other in `flat`."""
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return cls(flat, offsets[:-1], offsets[1:])

    @classmethod
    def from_list(cls, rows: Iterable[Any], dtype: Any = None) -> Ragged:
        """Returns copies of the rows, each an array or a list of numbers, as one dtype; the first row's if None."""
        arrays = [np.asarray(row, dtype) for row in rows]
        flat = np.concatenate(arrays) if arrays else np.empty(0, dtype or np.int32)
        return cls.from_lengths(flat, np.fromiter(map(len, arrays), np.int64, len(arrays)))

    @classmethod
    def concatenated(cls, parts: Sequence[Sequence[np.ndarray]]) -> Ragged:
        """Returns the rows of several, one or more, in order."""
        known = [part if isinstance(part, Ragged) else cls.from_list(part) for part in parts]
        if len(known) == 1:
            return known[0]
        flat = np.concatenate([part.in_order() for part in known])
        return cls.from_lengths(flat, np.concatenate([part.lengths for part in known]))

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> Ragged: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Ragged:
        if isinstance(index, slice):
            return Ragged(self.flat, self.starts[index], self.ends[index])
        row: np.ndarray = self.flat[self.starts[index] : self.ends[index]]
        return row

    def __iter__(self) -> Iterator[np.ndarray]:
        flat = self.flat
        for first in range(0, len(self), STRIDE):
            part = slice(first, first + STRIDE)
            for start, end in zip(self.starts[part].tolist(), self.ends[part].tolist(), strict=True):
                yield flat[start:end]

    @property
    def lengths(self) -> np.ndarray:
        """Each row's length, (N,) int64."""
        found: np.ndarray = self.ends - self.starts
        return found

    @property
    def dtype(self) -> Any:
        """The dtype of every row."""
        return self.flat.dtype

    def select(self, indices: Any) -> Ragged:
        """Returns the rows at these positions, in this order."""
        at = np.asarray(indices, np.int64)
        return Ragged(self.flat, self.starts[at], self.ends[at])

    def in_order(self) -> np.ndarray:
        """Returns all rows after each other, (sum of lengths,): a view where they stand so already."""
        if not len(self):
            return self.flat[:0]
        if np.array_equal(self.starts[1:], self.ends[:-1]):
            stream: np.ndarray = self.flat[self.starts[0] : self.ends[-1]]
            return stream
        gathered: np.ndarray = self.flat[positions(self.starts, self.lengths)]
        return gathered

    def framed(self, before: Sequence[int], after: Sequence[int]) -> Ragged:
        """Returns copies of the rows with the same ids before and after each."""
        n_before, n_edges = len(before), len(before) + len(after)
        lengths = self.lengths + n_edges
        made = Ragged.from_lengths(np.empty(int(lengths.sum()), self.dtype), lengths)
        inner = np.ones(len(made.flat), bool)
        for at, token in enumerate(before):
            inner[made.starts + at], made.flat[made.starts + at] = False, token
        for at, token in enumerate(after):
            place = made.starts + (self.lengths + n_before + at)
            inner[place], made.flat[place] = False, token
        made.flat[inner] = self.in_order()
        return made

    def beginnings(self, lengths: Any) -> Ragged:
        """Returns the first numbers of each row, (N,) or one length for all; of a shorter row all of them."""
        return Ragged(self.flat, self.starts, np.minimum(self.ends, self.starts + np.asarray(lengths, np.int64)))

    def __repr__(self) -> str:
        """Returns the size in words, not the numbers."""
        return f"Ragged({len(self):,} rows, {int(self.lengths.sum()):,} x {self.dtype})"


def positions(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Returns the positions of all elements of rows, row after row, (sum of lengths,) int64.

    Example:
        >>> positions(np.array([7, 2]), np.array([2, 3])).tolist()
        [7, 8, 2, 3, 4]
    """
    before = np.cumsum(lengths) - lengths
    found: np.ndarray = np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
    return found


def row_lengths(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the length of each row, (N,) int64, of a Ragged or of a list of arrays."""
    return rows.lengths if isinstance(rows, Ragged) else np.fromiter(map(len, rows), np.int64, len(rows))


class Strings(Sequence[str]):
    """N texts as one flat array of UTF-8 bytes, which may be a memory-mapped file; each is decoded when asked for."""

    def __init__(self, rows: Ragged) -> None:
        self.rows = rows

    @classmethod
    def from_list(cls, texts: Iterable[str]) -> Strings:
        """Returns the texts; halves of surrogate pairs, which no UTF-8 holds, are kept too."""
        coded = [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths = np.fromiter(map(len, coded), np.int64, len(coded))
        return cls(Ragged.from_lengths(np.frombuffer(b"".join(coded), np.uint8), lengths))

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Strings: ...
    def __getitem__(self, index: int | slice) -> str | Strings:
        if isinstance(index, slice):
            return Strings(self.rows[index])
        return self.rows[index].tobytes().decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (row.tobytes().decode("utf-8", "surrogatepass") for row in self.rows)


class Column(Sequence[Any]):
    """A Dataset's texts or targets without a copy: rows become Python objects when they are asked for.

    Args:
        rows: A Dataset.
        name: ``"texts"`` or ``"targets"``.
    """

    def __init__(self, rows: Any, name: str) -> None:
        self._rows, self._name = rows, name

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return getattr(self._rows[index], self._name)
        at = range(len(self))[index]
        return getattr(self._rows[at : at + 1], self._name)[0]

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, len(self), STRIDE):
            yield from getattr(self._rows[first : first + STRIDE], self._name)


def on_disk(folder: Path, name: str, dtype: Any) -> np.ndarray:
    """Returns a file of bare numbers as a read-only map; an empty one, which cannot be mapped, as no numbers."""
    path = folder / name
    if not path.stat().st_size:
        return np.empty(0, dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))  # rows of a plain array are made faster
