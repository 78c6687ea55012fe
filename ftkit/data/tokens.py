"""Tokenised examples on disk: written chunk by chunk, so that memory stays flat, and read as maps of files.

A folder holds bare numbers, a file for what each column of `Encoded` has in its rows and one for where the rows
end, and ``encoded.json``, which says what they are.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ftkit.data import cache
from ftkit.data.ragged import Ragged, Strings, on_disk
from ftkit.data.tokenise import Encoded

_SUMMED, _KEPT = ("n_truncated", "n_characters"), ("decoder_start",)
_COLUMNS = tuple(field.name for field in fields(Encoded) if field.name not in (*_SUMMED, *_KEPT))
_ABOUT = "encoded.json"


@dataclass(frozen=True)
class _Kind:
    """How a column is kept.

    Attributes:
        name: ``"none"``, ``"rows"``, ``"texts"``, ``"array"``, or the ``"beginnings"`` of `input_ids`: of a language
            model's labels, which are the ids themselves, whole ones.
        dtype: Of the numbers.
        shape: Of what an array has for each example.
    """

    name: str
    dtype: str = "|u1"
    shape: tuple[int, ...] = ()


class Growing:
    """Takes `Encoded` chunks and gives them back as one: from disk if there is a folder, else from memory.

    Attributes:
        failed: Whether the disk took less than it was given, so that the rest is in memory.

    Args:
        aside: Where to write, a path from `cache.begin`; None for memory alone.
    """

    def __init__(self, aside: Path | None) -> None:
        self.failed = False
        self._folder = aside
        self._parts: list[Encoded] = []
        self._kinds: dict[str, _Kind] = {}
        self._sizes: dict[str, int] = {}  # numbers written to each file
        self._numbers: dict[str, Any] = {}
        self._open: dict[str, BinaryIO] = {}

    def add(self, part: Encoded) -> None:
        """Takes the next examples."""
        if self._folder is None:
            self._parts.append(part)
            return
        columns = {
            name: _kept_as(getattr(part, name), None if name == "input_ids" else part.input_ids) for name in _COLUMNS
        }
        kinds = {name: kind for name, (kind, _) in columns.items()}
        files = {f"{name}.{end}": array for name, (_, arrays) in columns.items() for end, array in arrays.items()}
        for name in files:  # positions in the whole file
            if name.endswith((".offsets", ".ends")):
                column = name.partition(".")[0] if name.endswith(".offsets") else "input_ids"
                files[name] = files[name] + self._sizes.get(f"{column}.flat", 0)
        try:
            if any(kind is None for kind in kinds.values()) or (self._kinds and kinds != self._kinds):
                raise TypeError("rows of a kind that is not kept")
            if not self._open:
                self._folder.mkdir()
                self._open = {name: (self._folder / name).open("wb") for name in files}
                for name in files:
                    if name.endswith(".offsets"):
                        self._open[name].write(np.zeros(1, np.int64).data)
                        self._sizes[name] = 1
            for name, array in files.items():
                self._open[name].write(np.ascontiguousarray(array).data)
                self._open[name].flush()
        except (OSError, TypeError) as error:
            self.failed = isinstance(error, OSError)
            self._to_memory()
            self._parts.append(part)
            return
        self._kinds = {name: kind for name, kind in kinds.items() if kind is not None}
        self._sizes = {name: self._sizes.get(name, 0) + array.size for name, array in files.items()}
        self._numbers |= {name: getattr(part, name) + self._numbers.get(name, 0) for name in _SUMMED}
        self._numbers |= {name: getattr(part, name) for name in _KEPT}

    def _close(self) -> None:
        for file in self._open.values():
            with contextlib.suppress(OSError):  # what could not be flushed is not counted
                file.close()

    def _to_memory(self) -> None:
        """Reads back what was written whole, and leaves the disk alone from now on."""
        folder, self._folder = self._folder, None
        assert folder is not None
        self._close()
        if self._kinds:
            self._parts.append(_read(folder, self._kinds, self._sizes, self._numbers, in_memory=True))
        cache.discard(folder)

    def give_up(self) -> None:
        """Removes what was written: nobody will ask for it."""
        self._close()
        if self._folder is not None:
            cache.discard(self._folder)

    def finish(self, key: str, about: str) -> Encoded:
        """Returns all examples together, and keeps them under a key if they are on disk.

        Args:
            key: Tells all that the ids depend on.
            about: What they are of, for people.
        """
        if self._folder is not None:
            self._close()
            content = {
                "kinds": {name: asdict(kind) for name, kind in self._kinds.items()},
                "sizes": self._sizes,
                "numbers": self._numbers,
            }
            try:
                (self._folder / _ABOUT).write_text(json.dumps(content), encoding="utf-8")
                published = cache.publish("tokens", self._folder, key, about)
            except OSError:
                published = None
            if published is not None and (kept := find_tokens(key)) is not None:
                return kept
            self.failed = True
            self._to_memory()
        return Encoded.joined(self._parts)


def find_tokens(key: str) -> Encoded | None:
    """Returns the examples that were kept under a key, as maps of files; None if there are none, or not whole."""
    folder = cache.find("tokens", key)
    if folder is None:
        return None
    try:
        content = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        kinds = {name: _Kind(**{**told, "shape": tuple(told["shape"])}) for name, told in content["kinds"].items()}
        return _read(folder, kinds, content["sizes"], content["numbers"])
    except (OSError, ValueError, KeyError, TypeError):
        cache.discard(folder)
        return None


def _kept_as(value: Any, ids: Any) -> tuple[_Kind | None, dict[str, np.ndarray]]:
    """Returns how a column is kept and what to write, by the ending of the file; None for what cannot be kept."""
    if value is None:
        return _Kind("none"), {}
    if isinstance(value, list) and value and all(isinstance(row, np.ndarray) for row in value):
        fixed = value[0].ndim == 0 or value[0].dtype.kind == "f"
        value = np.stack(value) if fixed else Ragged.from_list(value)
    if isinstance(value, np.ndarray):
        return _Kind("array", value.dtype.str, value.shape[1:]), {"flat": value}
    if isinstance(value, Ragged):
        if isinstance(ids, Ragged) and value.flat is ids.flat and value.starts is ids.starts:
            return _Kind("beginnings"), {"ends": np.cumsum(ids.lengths) - ids.lengths + value.lengths}
        return _Kind("rows", value.dtype.str), _rows_of(value)
    if isinstance(value, Strings):
        return _Kind("texts"), _rows_of(value.rows)
    if all(isinstance(row, str) for row in value):
        return _Kind("texts"), _rows_of(Strings.from_list(value).rows)
    return None, {}


def _rows_of(rows: Ragged) -> dict[str, np.ndarray]:
    return {"flat": rows.in_order(), "offsets": np.cumsum(rows.lengths)}


def _read(
    folder: Path, kinds: dict[str, _Kind], sizes: dict[str, int], numbers: dict[str, Any], *, in_memory: bool = False
) -> Encoded:
    """Returns what is in a folder, as far as it was written whole.

    Raises:
        ValueError: If a file is shorter than it should be.
    """

    def numbers_in(name: str, dtype: Any) -> np.ndarray:
        n = sizes[name]
        found = np.fromfile(folder / name, dtype, n) if in_memory else on_disk(folder, name, dtype)
        if len(found) < n:
            raise ValueError(name)
        return found[:n]

    columns: dict[str, Any] = {}
    for name in _COLUMNS:  # input_ids first
        kind = kinds[name]
        if kind.name == "none":
            columns[name] = None
        elif kind.name == "array":
            columns[name] = numbers_in(f"{name}.flat", kind.dtype).reshape(-1, *kind.shape)
        elif kind.name == "beginnings":
            ids = columns["input_ids"]
            columns[name] = Ragged(ids.flat, ids.starts, numbers_in(f"{name}.ends", np.int64))
        else:
            offsets = numbers_in(f"{name}.offsets", np.int64)
            rows = Ragged(numbers_in(f"{name}.flat", kind.dtype), offsets[:-1], offsets[1:])
            columns[name] = Strings(rows) if kind.name == "texts" else rows
    return Encoded(**columns, **numbers)
