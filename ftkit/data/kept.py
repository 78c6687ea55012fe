"""What was read of a large file, kept for the next time: reading 300 MB again takes milliseconds."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.examine import Asked, Examined
from ftkit.data.problems import Problem, Report
from ftkit.data.spill import IN_MEMORY, cache_root, mapped, without

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 1  # of what is kept: another one is read anew
SAMPLES, SAMPLE = 64, 4_096  # pieces of a file, and bytes of each, that tell two of the same size and time apart
SETTLED = 2.0  # seconds: a file that changed less than this before it was read may change again within the same time


class Kept:
    """The rows of one file in the cache, by what the file is and how it was read.

    A file is known by its path, size, time of change and a sample of its bytes; a file that changed a moment before it
    was read is not kept.

    Args:
        file: The file, as the user names it.
        place: The same, unpacked.
        asked: How it is read.
    """

    def __init__(self, file: Path, place: Path, asked: Asked) -> None:
        status = place.stat()
        named = asked.format is None or isinstance(asked.format, str)
        self._is_kept = named and status.st_size > IN_MEMORY and time.time() - status.st_mtime > SETTLED
        self.folder: Path | None = None
        self.rows: Path | None = None
        if self._is_kept:
            self.folder = cache_root() / "rows" / _key(file, place, status, asked)
            self.rows = self.folder / "rows.arrow"

    def find(self) -> Examined | None:
        """Returns what was read before; None if nothing was, or it is damaged."""
        if self.folder is None or self.rows is None or not (self.folder / "report.json").is_file():
            return None
        try:
            known = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
            table = without(mapped(self.rows), np.load(self.folder / "dropped.npy", allow_pickle=False))
            problems = tuple(Problem(**problem) for problem in known["report"].pop("problems"))
            report = Report(**known["report"], problems=problems)
            with contextlib.suppress(OSError):
                os.utime(self.folder / "report.json")  # what was used last is removed last
            return Examined(table, report, known["options"], known["seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, found: Examined) -> None:
        """Keeps what was read, if its rows went into a file."""
        if self.folder is None or self.rows is None or found.table is None or not self.rows.is_file():
            return
        try:
            np.save(self.folder / "dropped.npy", _dropped(mapped(self.rows), found.table), allow_pickle=False)
            known = {"report": dataclasses.asdict(found.report), "options": found.options, "seconds": found.seconds}
            aside = self.folder / f"report.{os.getpid()}.partial"
            aside.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
            aside.replace(self.folder / "report.json")  # last: it says that the rest is whole
        except (OSError, TypeError):  # a full disk: read anew the next time
            return


def _key(file: Path, place: Path, status: os.stat_result, asked: Asked) -> str:
    digest = hashlib.blake2b(digest_size=12)
    how: list[Any] = [asked.format, asked.task, sorted((asked.columns or {}).items()), asked.encoding]
    how += [asked.label_names, asked.copies]
    what = [VERSION, str(file.absolute()), status.st_size, status.st_mtime_ns, how]
    digest.update(json.dumps(what, ensure_ascii=False).encode())
    with place.open("rb") as opened:
        for piece in range(SAMPLES):
            opened.seek(piece * max(0, status.st_size - SAMPLE) // (SAMPLES - 1))
            digest.update(opened.read(SAMPLE))
    return digest.hexdigest()


def _dropped(whole: pa.Table, kept: pa.Table) -> np.ndarray[Any, Any]:
    """Returns the positions of rows that are in the file but not among those that are usable."""
    if whole.num_rows == kept.num_rows:
        return np.empty(0, np.int64)
    lines, left = whole.column("line").to_numpy(), kept.column("line").to_numpy()
    return np.flatnonzero(~np.isin(lines, left))
