"""What ftkit keeps on disk because it can make it again: rows read from files, token ids, unpacked archives.

Each room is a folder. An entry is a file or a folder in it, with a small JSON record beside it. It is written aside
and renamed when it is whole, so that several processes may work at once and a crash leaves nothing that is read. Where
there is no place to write, all goes on without: nothing here raises because of a disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("rows", "tokens", "unpacked")
MOST_GB = 20.0  # by default, and never more than a tenth of the free disk
_ABANDONED_SECONDS = 24 * 3600.0  # after which something half-written is nobody's any more
_KEY = re.compile(r"[\w-][\w.-]*", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """Something that is kept.

    Attributes:
        room: One of `ROOMS`.
        key: Its name there.
        path: The file or folder.
        about: What it was made of, such as ``"reviews.tsv"``.
        n_bytes: Its size.
        made: When it was written, in seconds since 1970.
        used: When it was last asked for.
    """

    room: str
    key: str
    path: Path
    about: str
    n_bytes: int
    made: float
    used: float


def cache_root() -> Path:
    """Returns the folder of all rooms: ``FTKIT_CACHE``, else the system's place for what can be made again."""
    named = os.environ.get("FTKIT_CACHE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("ftkit", appauthor=False))


def size_limit() -> float:
    """Returns how many bytes may be kept: ``FTKIT_CACHE_GB``, else 20 GB or a tenth of the free disk, the smaller.

    What is kept already counts as free. 0 turns the cache off.
    """
    asked = os.environ.get("FTKIT_CACHE_GB")
    if asked:
        with contextlib.suppress(ValueError):
            return max(0.0, float(asked)) * 1e9
    folder = cache_root()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free + sum(entry.n_bytes for entry in entries())
    except OSError:
        return 0.0
    return min(MOST_GB * 1e9, 0.1 * free)


def find(room: str, key: str) -> Path | None:
    """Returns the entry's file or folder, and notes that it was used; None if there is none."""
    entry = None if _is_off() else _read(_record(room, key), room)
    if entry is None:
        return None
    with contextlib.suppress(OSError):  # a folder that may not be written to can still be read
        os.utime(_record(room, key))
    return entry.path


def _is_off() -> bool:
    with contextlib.suppress(ValueError):
        return float(os.environ.get("FTKIT_CACHE_GB") or 1) <= 0
    return False


def forget(room: str, key: str) -> None:
    """Removes an entry that turned out to be damaged."""
    entry = _read(_record(room, key), room)
    if entry is not None:
        remove([entry])


def begin(room: str, n_bytes: int = 0) -> Path | None:
    """Returns a path to write a new entry to, a file or a folder, which is not there yet; None if there is no place.

    Args:
        room: One of `ROOMS`.
        n_bytes: About how large it will be.
    """
    folder = cache_root() / room
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if n_bytes >= min(size_limit(), shutil.disk_usage(folder).free):
            return None
        aside = folder / f".new-{uuid.uuid4().hex}"
        aside.touch()  # tells a folder that may not be written to
        aside.unlink()
    except OSError:
        return None
    return aside


def publish(room: str, aside: Path, key: str, about: str) -> Path | None:
    """Makes what was written to `aside` an entry, and returns its path; the other's if another process was first.

    The least recently used entries go where there are too many. None if it could not be kept: then it is still at
    `aside`, to be used and then given to `discard`.

    Args:
        room: As for `begin`.
        aside: From `begin`; all files closed.
        key: Letters, digits, ``_``, ``-`` and ``.``; tells also the version of what is written.
        about: What it was made of, for people.
    """
    record, path = _record(room, key), cache_root() / room / key
    draft = record.with_name(f".new-{uuid.uuid4().hex}.json")
    try:
        content = {"room": room, "key": key, "about": about, "made": time.time(), "bytes": _size(aside)}
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        if find(room, key) is None:
            draft.replace(record)  # first: without its thing it counts for nothing
        if path.exists():  # by a renaming, so it is whole
            discard(aside)
        else:
            aside.rename(path)
    except OSError:
        if not path.exists():
            return None
        discard(aside)  # another process was first
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
    shrink(keep=path)
    return path


def discard(path: Path) -> bool:
    """Removes a file or folder that is no entry, as far as the system allows; returns whether it is out of the way."""
    hidden = path.with_name(f".old-{uuid.uuid4().hex}")
    try:
        path.rename(hidden)  # fails as a whole where another process has it open on Windows
    except FileNotFoundError:
        return True
    except OSError:
        return False
    _delete(hidden)
    return True


def entries(room: str | None = None) -> list[Entry]:
    """Returns what is kept in a room, or in all, the least recently used first."""
    found = [entry for name in ([room] if room else ROOMS) for path in _records(name) if (entry := _read(path, name))]
    return sorted(found, key=lambda entry: entry.used)


def remove(chosen: Iterable[Entry]) -> tuple[int, int]:
    """Removes entries, but for those that another process has open on Windows; returns how many, and their bytes."""
    n, n_bytes = 0, 0
    for entry in chosen:
        if discard(entry.path):
            with contextlib.suppress(OSError):
                _record(entry.room, entry.key).unlink()
            n, n_bytes = n + 1, n_bytes + entry.n_bytes
    return n, n_bytes


def shrink(keep: Path | None = None) -> None:
    """Removes what is half-written and nobody's, and the least recently used entries beyond `size_limit`.

    Args:
        keep: An entry's path that stays whatever its size.
    """
    for room in ROOMS:
        _sweep(room)
    kept, limit = entries(), size_limit()
    too_many = sum(entry.n_bytes for entry in kept) - limit
    for entry in kept:
        if too_many <= 0:
            break
        if entry.path != keep:
            too_many -= remove([entry])[1]


def _sweep(room: str) -> None:
    """Removes what a crash left: things aside, things without a record, records without a thing."""
    try:
        there = list((cache_root() / room).iterdir())
    except OSError:
        return
    for path in there:
        with contextlib.suppress(OSError):
            record = path.name.endswith(".json") and not path.name.startswith(".")
            whole = not path.name.startswith(".") and (record or path.with_name(path.name + ".json").exists())
            if record and not path.with_name(path.name.removesuffix(".json")).exists():
                whole = False
            if not whole and time.time() - _newest(path) > _ABANDONED_SECONDS:
                _delete(path)


def _record(room: str, key: str) -> Path:
    if room not in ROOMS or not _KEY.fullmatch(key):
        raise ValueError(f"{room}/{key}")
    return cache_root() / room / f"{key}.json"


def _records(room: str) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from (path for path in (cache_root() / room).glob("*.json") if not path.name.startswith("."))


def _read(record: Path, room: str) -> Entry | None:
    """Returns the entry that a record is of; None if either is not there or makes no sense."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        path = record.with_name(record.name.removesuffix(".json"))
        if not path.exists():
            return None
        about, n_bytes, made = str(content["about"]), int(content["bytes"]), float(content["made"])
        return Entry(room, path.name, path, about, n_bytes, made, record.stat().st_mtime)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _files(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter([path])


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in _files(path))


def _newest(path: Path) -> float:
    return max([path.stat().st_mtime, *(file.stat().st_mtime for file in _files(path))])


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
