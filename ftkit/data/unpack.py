"""A packed file's content, unpacked once and kept in the cache."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from ftkit.data import cache
from ftkit.data.spill import goes_at_end
from ftkit.data.tables.packed import packing, unpacked

VERSION = 1
GROWTH = 5  # about how many times larger than the archive its content is


def plain_file(path: Path) -> Path:
    """Returns a file as it is, or a packed one's content, under the name that it has in the archive.

    It is unpacked again only if the archive changed. Where nothing can be kept it goes with the process.

    Raises:
        DataError: If the archive is damaged or cut off, needs a password, or holds several files; or if there is no
            room for what is in it.
    """
    if packing(path) is None:
        return path
    status = path.stat()
    what = f"{VERSION}:{path.absolute()}:{status.st_size}:{status.st_mtime_ns}"
    key = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    if (folder := cache.find("unpacked", key)) is not None and (inside := _only_file(folder)) is not None:
        return inside
    aside = cache.begin("unpacked", GROWTH * status.st_size)
    place = aside or Path(tempfile.mkdtemp(prefix="ftkit-"))
    try:
        found = unpacked(path, place)
    except BaseException:
        cache.discard(place)
        raise
    folder = cache.publish("unpacked", aside, key, path.name) if aside is not None else None
    if folder is None:
        goes_at_end(place)
        return found
    return folder / found.relative_to(place)


def _only_file(folder: Path) -> Path | None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return files[0] if len(files) == 1 else None
