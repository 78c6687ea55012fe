"""Everything that is not plain lines: CSV, Excel, JSON, Parquet, packed files, memory; each becomes rows of a format.

`open_table` opens a file as a `Table` of records; `recognise` says which of the five formats its columns are, as a
`Shape` whose `batches` gives the rows.
"""

from ftkit.data.tables.opened import open_table
from ftkit.data.tables.recognise import recognise
from ftkit.data.tables.shape import Shape
from ftkit.data.tables.table import Record, Table

__all__ = ["Record", "Shape", "Table", "open_table", "recognise"]
