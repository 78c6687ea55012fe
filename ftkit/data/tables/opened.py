"""`open_table`: what kind of container a file is, told by its bytes before its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ftkit.data.sniff import binary_kind, find_encoding
from ftkit.data.tables.columnar import open_columnar
from ftkit.data.tables.delimited import open_delimited
from ftkit.data.tables.excel import open_workbook
from ftkit.data.tables.fasttext import open_fasttext
from ftkit.data.tables.objects import open_objects
from ftkit.data.tables.table import Table
from ftkit.errors import DataError
from ftkit.i18n import text

OFFICE = (".xlsx", ".xlsm", ".xls", ".et", ".csv")  # what Excel and WPS hold open
OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also what a workbook with a password looks like
NOT_PLAIN = (".xlsx", ".xlsm", ".parquet", ".arrow", ".feather")


def open_table(path: Path, *, encoding: str | None = None, named: Sequence[str] | None = None) -> Table | None:
    """Returns a file's records, or None if it is plain text lines (or nothing that this package knows).

    Args:
        path: The file, unpacked (see `ftkit.data.tables.packed`).
        encoding: The codec to read text with, such as ``"gb18030"``; None to detect it.
        named: The words by which the user names columns; empty if by numbers, None if not at all.

    Raises:
        DataError: If the file is held open by Excel or WPS, is damaged, or is an old Excel file.

    Example:
        >>> open_table(Path("reviews.csv")).names  # doctest: +SKIP
        ('text', 'label')
    """
    try:
        return _opened(path, encoding, named)
    except PermissionError as error:
        raise locked(path, error) from error


def locked(path: Path, error: OSError) -> DataError:
    """Returns what to raise where a file cannot be opened: says so if Excel or WPS holds it open."""
    beside = (path.with_name(f"~${path.name}"), path.with_name(f".~{path.name}"), path.with_name(f"~${path.name[2:]}"))
    key = "held_open" if path.suffix.lower() in OFFICE or any(p.exists() for p in beside) else "unreadable"
    return DataError(text(f"tables.{key}", where=path.as_posix(), error=error.strerror or error))


def _opened(path: Path, encoding: str | None, named: Sequence[str] | None) -> Table | None:
    where, suffix = path.as_posix(), path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        return None
    if start.startswith(b"PAR1"):
        return open_columnar(path, "parquet")
    if start.startswith(b"ARROW1") or start.startswith(b"\xff\xff\xff\xff"):
        return open_columnar(path, "arrow")
    if start.startswith(OLD_EXCEL):
        key = "locked_excel" if suffix in (".xlsx", ".xlsm") else "old_excel"
        raise DataError(text(f"tables.{key}", where=where, stem=path.with_suffix(".xlsx").name))
    kind = binary_kind(path)
    if kind == "Excel" or (suffix in (".xlsx", ".xlsm") and start.startswith(b"PK")):
        return open_workbook(path)
    if suffix in NOT_PLAIN and kind is not None:
        raise DataError(text("tables.not_what_it_says", where=where, suffix=suffix, kind=kind or text("data.binary")))
    if kind is not None and encoding is None:
        return None
    if encoding is None:
        found = find_encoding(path)
        if not hasattr(found, "name"):
            return None
        encoding = found.name
    return open_objects(path, encoding) or open_fasttext(path, encoding) or open_delimited(path, encoding, named)
