"""Arrays of a number a row: in memory while they are small, in a file without a name when there are many rows.

Pages of a mapped file are given back to the system when memory is short, so a file of ten million rows costs no more
memory than one of a million.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

IN_MEMORY = 8 << 20  # bytes: a million rows of 8
AT_ONCE = 1 << 18  # rows looked at at once

Array = np.ndarray[Any, np.dtype[Any]]


class Growing:
    """An array that grows at its end.

    Attributes:
        dtype: What it holds.
    """

    def __init__(self, dtype: Any, folder: Path | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self._folder = folder
        self._parts: list[Array] = []
        self._n = self._n_in_memory = 0
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self._n

    def extend(self, values: Array) -> None:
        """Adds values at the end."""
        self._parts.append(np.ascontiguousarray(values, self.dtype))
        self._n += len(values)
        self._n_in_memory += len(values)
        if self._n_in_memory * self.dtype.itemsize > IN_MEMORY:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - as long as the array
                weakref.finalize(self, self._file.close)
            self._flush(self._file)

    def array(self) -> Array:
        """Returns all values; of a large array a view of its file. Shape (rows,)."""
        if self._file is None:
            self._parts = [np.concatenate(self._parts) if self._parts else np.empty(0, self.dtype)]
            return self._parts[0]
        self._flush(self._file)
        return np.asarray(np.memmap(self._file, self.dtype, "r+", shape=(self._n,)))  # a plain array slices faster

    def _flush(self, file: IO[bytes]) -> None:
        file.seek(0, 2)
        for part in self._parts:
            file.write(part.data)
        file.flush()
        self._parts, self._n_in_memory = [], 0


def blank(n: int, dtype: Any, folder: Path | None = None) -> Array:
    """Returns an array of `n` zeros: in memory if small, else in a file that is gone with it."""
    if n * np.dtype(dtype).itemsize <= IN_MEMORY:
        return np.zeros(n, dtype)
    with tempfile.TemporaryFile(dir=folder) as file:  # the map keeps it
        file.truncate(n * np.dtype(dtype).itemsize)
        return np.asarray(np.memmap(file, dtype, "r+", shape=(n,)))


def spans(n: int, step: int = AT_ONCE) -> Iterator[slice]:
    """Yields the slices that make up ``range(n)``."""
    for start in range(0, n, step):
        yield slice(start, min(n, start + step))


def first_equal(hashes: Array, folder: Path | None = None) -> Array:
    """Returns for each row the first row with the same hash: itself where there is no earlier one.

    A share of the hashes is looked at at a time, so that at most about 32 MB are in use for any number of rows.

    Args:
        hashes: 64 bits a row, well mixed. Shape (rows,) uint64.
        folder: Where a large result is kept.

    Returns:
        Shape (rows,) int32.
    """
    n = len(hashes)
    first = blank(n, np.int32, folder)
    bits = max(0, (n - 1).bit_length() - 19)  # half a million rows a share
    for share in range(1 << bits):
        known, at = np.empty(0, np.uint64), np.empty(0, np.int32)
        waiting: list[tuple[Array, Array]] = []
        n_waiting = 0
        for span in spans(n):
            values = hashes[span]
            here = np.flatnonzero(values >> np.uint64(64 - bits) == share) if bits else np.arange(len(values))
            waiting.append((values[here], (here + span.start).astype(np.int32)))
            n_waiting += len(here)
            if n_waiting >= AT_ONCE or span.stop == n:
                found, rows = (np.concatenate(part) for part in zip(*waiting, strict=True))
                waiting, n_waiting = [], 0
                known, at = _first_of(found, rows, known, at, first)
    return first


def _first_of(found: Array, rows: Array, known: Array, at: Array, first: Array) -> tuple[Array, Array]:
    """Fills in the first rows of `found`, and returns the hashes known so far, ascending, with their first rows."""
    order = np.argsort(found, kind="stable")
    ranked = found[order]
    new = np.ones(len(ranked), bool)
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
    values = ranked[new]
    firsts = rows[order[new]]
    if len(known):
        place = np.searchsorted(known, values)
        seen = known[np.minimum(place, len(known) - 1)] == values
        firsts = np.where(seen, at[np.minimum(place, len(known) - 1)], firsts)
        known, at = np.insert(known, place[~seen], values[~seen]), np.insert(at, place[~seen], firsts[~seen])
    else:
        known, at = values, firsts
    first[rows[order]] = firsts[np.cumsum(new) - 1]
    return known, at
