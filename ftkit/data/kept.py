"""What was read of a large file, kept for the next time: reading 300 MB again takes milliseconds."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data import cache
from ftkit.data.examine import Asked, Examined
from ftkit.data.problems import Problem, Report
from ftkit.data.spill import IN_MEMORY, goes_at_end, mapped, without
from ftkit.data.tables.labelled import label_list
from ftkit.i18n import language

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 1  # of what is kept: another one is read anew
SAMPLES, SAMPLE = 64, 4_096  # pieces of a file, and bytes of each, that tell two of the same size and time apart
SETTLED = 2.0  # seconds: a file that changed less than this before it was read may change again within the same time


class Kept:
    """The rows of one file in the cache, by what the file is and how it was read.

    A file is known by its path, size, time of change and a sample of its bytes; a file that changed a moment before it
    was read is not kept.

    Attributes:
        rows: The file that many rows are to be written to; None for one that goes with the process.

    Args:
        file: The file, as the user names it.
        place: The same, unpacked.
        asked: How it is read.
    """

    def __init__(self, file: Path, place: Path, asked: Asked) -> None:
        status, size = file.stat(), place.stat().st_size
        named = asked.format is None or isinstance(asked.format, str)
        self.rows: Path | None = None
        self._about = file.name
        self._key: str | None = None
        self._aside: Path | None = None
        if named and asked.keep and size > IN_MEMORY and time.time() - status.st_mtime > SETTLED:
            self._key = _key(file, place, status, size, asked)
            self._size = size

    def find(self) -> Examined | None:
        """Returns what was read before; None, and a place to write to in `rows`, if nothing was or it is damaged."""
        if self._key is None:
            return None
        folder = cache.find("rows", self._key)
        if folder is not None:
            if (found := _read(folder)) is not None:
                return found
            cache.forget("rows", self._key)
        self._aside = cache.begin("rows", 2 * self._size)
        self.rows = self._aside / "rows.arrow" if self._aside is not None else None
        return None

    def give_up(self) -> None:
        """Removes what was begun."""
        if self._aside is not None:
            cache.discard(self._aside)

    def keep(self, found: Examined) -> Examined:
        """Returns what was read, from now on out of the cache, if its rows went into a file."""
        if self._key is None or self._aside is None or self.rows is None:
            return found
        if found.table is None or not self.rows.is_file():
            cache.discard(self._aside)
            return found
        known = {"report": dataclasses.asdict(found.report), "options": found.options, "seconds": found.seconds}
        dropped = _dropped(mapped(self.rows), found.table)
        try:
            np.save(self._aside / "dropped.npy", dropped, allow_pickle=False)
            (self._aside / "report.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
            found.table = None  # Windows moves no file that is mapped
            folder = cache.publish("rows", self._aside, self._key, self._about)
        except (OSError, TypeError):
            folder = None
        if folder is None:
            goes_at_end(self._aside)
        found.table = without(mapped((folder or self._aside) / "rows.arrow"), dropped)
        return found


def _read(folder: Path) -> Examined | None:
    try:
        known = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        table = without(mapped(folder / "rows.arrow"), np.load(folder / "dropped.npy", allow_pickle=False))
        problems = tuple(Problem(**problem) for problem in known["report"].pop("problems"))
        report = Report(**known["report"], problems=problems)
        return Examined(table, report, known["options"], known["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _key(file: Path, place: Path, status: os.stat_result, size: int, asked: Asked) -> str:
    digest = hashlib.blake2b(digest_size=16)
    how: list[Any] = [asked.format, asked.task, sorted((asked.columns or {}).items()), asked.encoding]
    how += [language(), label_list(file)]  # messages are in a language; a list beside the file names labels
    how += [asked.label_names, asked.copies, asked.alone]
    what = [VERSION, file.as_posix(), str(file.absolute()), status.st_size, status.st_mtime_ns, how]
    digest.update(json.dumps(what, ensure_ascii=False).encode())
    with place.open("rb") as opened:
        for piece in range(SAMPLES):
            opened.seek(piece * max(0, size - SAMPLE) // (SAMPLES - 1))
            digest.update(opened.read(SAMPLE))
    return digest.hexdigest()


def _dropped(whole: pa.Table, kept: pa.Table) -> np.ndarray[Any, Any]:
    """Returns the positions of rows that are in the file but not among those that are usable."""
    if whole.num_rows == kept.num_rows:
        return np.empty(0, np.int64)
    lines, left = whole.column("line").to_numpy(), kept.column("line").to_numpy()
    return np.flatnonzero(~np.isin(lines, left))
