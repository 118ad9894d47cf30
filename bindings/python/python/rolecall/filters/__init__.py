"""Writes the filter of an engine as a predicate of a database or a data frame.

Each function takes the filter and the columns of the rows. A predicate allows exactly the rows that the filter allows.
Values are parameters, never part of the text, and lists are one parameter. A row without values in a boundary has
`NULL` or an empty list there; both mean that the boundary does not limit the row.

The libraries are imported when their function is called, so none of them is required.
"""

from ._columns import Columns, FilterError, Many
from ._dialects import duckdb, postgresql, sqlite
from ._frames import pandas, polars
from ._orm import django, sqlalchemy
from ._sql import Sql

__all__ = [
    "Columns",
    "FilterError",
    "Many",
    "Sql",
    "django",
    "duckdb",
    "pandas",
    "polars",
    "postgresql",
    "sqlalchemy",
    "sqlite",
]
