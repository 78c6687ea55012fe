"""The file formats, one module each. `load(format=obj)` takes any object that obeys `Format`: a new one is one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ftkit.data.formats.corpus import Corpus
from ftkit.data.formats.labels import Labels
from ftkit.data.formats.qa import Qa
from ftkit.data.formats.tags import Tags
from ftkit.data.formats.title import Title

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.problems import Problem
    from ftkit.data.source import Source


class Format(Protocol):
    """How the lines of a file become rows.

    Attributes:
        name: What users call it, in ``load(format=...)``.
        suffixes: File name endings that speak for it, such as ``(".conll",)``; empty when none does.
    """

    name: str
    suffixes: tuple[str, ...]

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are in this format, from 0 to 1."""
        ...

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns the rows that can be used, and every problem met.

        The table's first column is what goes into the model, its second what shall come out, and ``line: int32`` the
        line that the row starts on. A row with an error, or on a line that `Source.is_damaged`, is left out of the
        table; one with a warning is not. No content makes this raise. Choices among columns are left in
        `Source.columns`: reading again with them gives the same rows.
        """
        ...


FORMATS: dict[str, Format] = {known.name: known for known in (Labels(), Tags(), Title(), Qa(), Corpus())}
