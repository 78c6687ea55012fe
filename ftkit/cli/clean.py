"""What ``ftkit clean`` does: shows what ftkit keeps on disk, and removes what it can make again. Never a run."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ftkit.data import cache
from ftkit.i18n import text

_SHOWN = 5  # entries of a room that are named


def clean(rooms: Sequence[str] = (), *, older_than: float | None = None, yes: bool = False) -> int:
    """Prints what is kept on disk; with rooms, removes what is in them. Returns the exit status.

    Args:
        rooms: Of `ftkit.data.cache.ROOMS`; none only shows.
        older_than: Removes only what was not used for so many days.
        yes: Removes without a question; else it is asked for at the keyboard, and nothing goes without an answer.
    """
    _show()
    if not rooms:
        return 0
    since = None if older_than is None else time.time() - older_than * 86_400
    chosen = [entry for room in rooms for entry in cache.entries(room) if since is None or entry.used < since]
    if not chosen:
        print(text("cache.nothing"))
        cache.shrink()
        return 0
    size = readable(sum(entry.n_bytes for entry in chosen))
    if not yes and not _agreed(text("cache.ask", n=len(chosen), size=size)):
        print(text("cache.kept_all"))
        return 1
    n, n_bytes = cache.remove(chosen)
    cache.shrink()
    print(text("cache.removed", n=n, size=readable(n_bytes)))
    if n < len(chosen):
        print(text("cache.in_use", n=len(chosen) - n))
    return 0


def _show() -> None:
    root = cache.cache_root()
    print(text("cache.root", folder=root, limit=readable(round(cache.size_limit()))))
    for room in cache.ROOMS:
        kept = cache.entries(room)
        size = readable(sum(entry.n_bytes for entry in kept))
        print(text("cache.room", room=f"{room:<9}", what=text(f"cache.{room}"), n=len(kept), size=size))
        for entry in sorted(kept, key=lambda entry: -entry.n_bytes)[:_SHOWN]:
            used = datetime.fromtimestamp(entry.used).strftime("%Y-%m-%d")
            print(text("cache.entry", size=f"{readable(entry.n_bytes):>9}", used=used, about=entry.about))
    print(text("cache.how"))
    runs = run_folders()
    total = readable(sum(_size(folder) for folder in runs))
    where = Path(os.environ.get("FTKIT_RUNS", "ftkit-runs")).resolve()
    print(text("cache.runs", n=len(runs), size=total, folder=where))
    for folder in sorted(runs, key=_size, reverse=True)[:_SHOWN]:
        print(text("cache.run", size=f"{readable(_size(folder)):>9}", folder=folder))
    if runs:
        print(text("cache.runs_how"))


def run_folders() -> list[Path]:
    """Returns the folders of all runs that ftkit knows of, those elsewhere too."""
    import ftkit

    return [Path(run.folder) for run in ftkit.list_runs()]


def readable(n_bytes: int) -> str:
    """Returns a size as people say it.

    Example:
        >>> readable(0), readable(1_500), readable(2_340_000_000)
        ('0 kB', '2 kB', '2.3 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{-(-n_bytes // 1000)} kB"


def _agreed(question: str) -> bool:
    try:
        return input(question + " ").strip().lower() in ("y", "yes", "是", "好")
    except EOFError:  # nobody is there
        print()
        return False


def _size(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError:
        return 0
