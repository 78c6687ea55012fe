"""Excel workbooks: the first sheet with anything in it, row by row."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from ftkit.data.problems import Problems
from ftkit.data.tables.table import Record, Table, distinct
from ftkit.data.tables.values import missing
from ftkit.errors import DataError
from ftkit.i18n import text

ROWS = 1_000  # rows read at once
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def open_workbook(path: Path) -> Table:
    """Returns the records of a workbook's first sheet that is not empty; its first filled row names the columns.

    Args:
        path: The ``.xlsx`` file.

    Raises:
        DataError: If it is damaged, or no cell of it is filled.
    """
    first: tuple[int, list[Any]] | None = None
    filled = list[str]()
    for sheet in _sheets(path):
        if row := next(_rows(path, sheet), None):
            filled.append(sheet)
            first = first or row
    if first is None:
        raise DataError(text("tables.no_cell", where=path.as_posix()))
    number, cells = first
    columns = distinct(cells)

    def read(problems: Problems) -> Iterator[Record]:
        if len(filled) > 1:
            others = ", ".join(map(repr, filled[1:5]))
            problems.add("info", "sheet", area="tables", about=filled[0], others=others)
        for place, values in _rows(path, filled[0]):
            if place > number:
                values = [None if isinstance(value, str) and value in ERRORS else value for value in values]
                values += [None] * (len(columns) - len(values))
                yield place, dict(zip(columns, values, strict=False))

    return Table("excel", path.as_posix(), columns, read, path, sheet=filled[0])


def _sheets(path: Path) -> list[str]:
    book = _book(path)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def _book(path: Path) -> Any:
    import openpyxl

    try:
        with warnings.catch_warnings():  # of styles and the like, which nobody reads here
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except PermissionError:
        raise
    except Exception as error:  # openpyxl lets through whatever zip and XML readers raise
        raise DataError(text("tables.bad_excel", where=path.as_posix(), error=_named(error))) from error


def _rows(path: Path, sheet: str) -> Iterator[tuple[int, list[Any]]]:
    """Yields the number and the cells of each row that is not empty, without empty cells at its end."""
    book = _book(path)
    try:
        worksheet = book[sheet]
        worksheet.reset_dimensions()  # what other programs write there is often wrong
        rows = enumerate(worksheet.iter_rows(values_only=True), 1)
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    chunk = list(islice(rows, ROWS))
            except Exception as error:
                raise DataError(text("tables.bad_excel", where=path.as_posix(), error=_named(error))) from error
            if not chunk:
                return
            for number, row in chunk:
                cells = list(row)
                while cells and missing(cells[-1]):
                    cells.pop()
                if cells:
                    yield number, cells
    finally:
        book.close()


def _named(error: Exception) -> str:
    shown = " ".join(str(error).split())[:200]
    return "not a zip archive" if isinstance(error, BadZipFile) else f"{type(error).__name__}: {shown}"
