"""Writing and removing files so that nothing is half there, also where a virus scanner or Excel holds a file open."""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

RETRY_SECONDS = 5.0
_HELD = (5, 32, 1224)  # Windows: access denied, sharing violation, user-mapped section open


def retried(action: Callable[[], Any]) -> Any:
    """Returns what `action` returns, trying again for 5 s while another program holds its file.

    Raises:
        OSError: The last one, when the time is over; any other at once.
    """
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return action()
        except OSError as error:
            held = isinstance(error, PermissionError) or getattr(error, "winerror", None) in _HELD
            if not held or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)


def replace(source: Path, target: Path) -> None:
    """Renames a file over another, also while a scanner or reader holds one of them for a moment."""
    retried(lambda: source.replace(target))


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all: aside, synced to disk, then renamed over an older one."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Writes `value` as UTF-8 JSON, whole or not at all."""
    write_bytes(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8"))


def remove_tree(folder: Path) -> None:
    """Removes a folder and what is in it; one that is not there is fine."""
    if folder.exists():
        retried(lambda: shutil.rmtree(folder))
