"""Packed files: gzip, zstandard, bzip2, xz, and zip with one file in it, unpacked to disk piece by piece."""

from __future__ import annotations

import hashlib
import lzma
import os
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ftkit.data.sniff import binary_kind
from ftkit.errors import DataError
from ftkit.i18n import text

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1 << 20  # bytes unpacked at once
PACKED = {  # a file's first bytes, and what they mean to pyarrow
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # an empty one
}
SUFFIXES = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz", ".zip", ".tgz")
NO_DATA = ("__MACOSX/", ".DS_Store")
OFFICE = ("Excel", "Word", "PowerPoint", "PyTorch", "NumPy")  # zip archives that are files of their own kind
TAR_AT, TAR = 257, b"ustar"


def packing(path: Path) -> str | None:
    """Returns how a file is packed, such as ``"gzip"``, told by its first bytes; None if it is not."""
    with path.open("rb") as file:
        start = file.read(8)
    kind = next((kind for mark, kind in PACKED.items() if start.startswith(mark)), None)
    return None if kind == "zip" and (path.suffix.lower() == ".xlsx" or binary_kind(path) in OFFICE) else kind


def unpacked(path: Path, folder: Path) -> Path:
    """Returns a packed file's content as a file in `folder`, under its own name; any other file as it is.

    ``reviews.tsv.gz`` becomes ``<folder>/<digits>/reviews.tsv``; the digits are of its whole path, so that files of
    one name do not meet.

    Args:
        path: The file.
        folder: Where to unpack it; made if it is not there.

    Raises:
        DataError: If the archive is damaged or cut off, needs a password, or holds several files; or if there is no
            room in the folder.
        PermissionError: If the file cannot be opened.
    """
    kind = packing(path)
    if kind is None:
        return path
    inner = _inner_name(path) if kind != "zip" else _member(path)
    digits = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    target = folder / digits / inner
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with _stream(path, kind) as read, part.open("wb") as file:
            while piece := _read(read, path, kind):
                file.write(piece)
        with part.open("rb") as file:
            file.seek(TAR_AT)
            if file.read(len(TAR)) == TAR:
                raise DataError(text("tables.tar", where=path.as_posix(), name=inner))
        part.replace(target)
    except OSError as error:
        where, place = path.as_posix(), target.parent.as_posix()
        raise DataError(text("tables.no_room", where=where, folder=place, error=error.strerror or error)) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _inner_name(path: Path) -> str:
    name = path.stem if path.suffix.lower() in SUFFIXES else path.name
    return f"{name}.tar" if path.suffix.lower() == ".tgz" else name


def _member(path: Path) -> str:
    """Returns the name of the one file in a zip archive, without its folders."""
    with _archive(path) as archive:
        return PurePosixPath(_only(archive, path).filename.replace("\\", "/")).name


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _damaged(path, "zip", error) from error


def _only(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith(NO_DATA) and not member.filename.endswith(NO_DATA)
    ]
    if len(members) != 1:
        found = ", ".join(repr(member.filename) for member in members[:6]) or "-"
        raise DataError(text("tables.members", where=path.as_posix(), n=len(members), found=found))
    if members[0].flag_bits & 1:
        raise DataError(text("tables.password", where=path.as_posix()))
    return members[0]


@contextmanager
def _stream(path: Path, kind: str) -> Iterator[Callable[[int], bytes]]:
    """Yields a function that returns the next bytes of what is packed."""
    if kind == "zip":
        with _archive(path) as archive:
            opened = archive.open  # gives bytes, unlike other methods of this name
            try:
                member = opened(_only(archive, path))
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
                raise _damaged(path, kind, error) from error
            with member:
                yield member.read
    elif kind == "xz":
        with lzma.open(path) as file:
            yield file.read
    else:
        import pyarrow as pa

        with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, kind) as stream:
            yield stream.read


def _read(read: Callable[[int], bytes], path: Path, kind: str) -> bytes:
    try:
        return read(PIECE)
    except Exception as error:  # each library has errors of its own for damage
        raise _damaged(path, kind, error) from error


def _damaged(path: Path, kind: str, error: Exception) -> DataError:
    shown = " ".join(str(error).split())[:160] or type(error).__name__
    return DataError(text("tables.bad_archive", where=path.as_posix(), kind=kind, error=shown))
