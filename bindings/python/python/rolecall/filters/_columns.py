"""The columns of rows, and the conditions of a filter on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType

from .._answers import Branch, Filter

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class FilterError(ValueError):
    """The columns cannot express the filter."""


@dataclass(frozen=True)
class Many:
    """A column that holds a list: an array in PostgreSQL and DuckDB, JSON in SQLite, a list in a data frame."""

    column: str


@dataclass(frozen=True)
class Columns:
    """The columns in which rows have their scope, their values and their labels.

    Name one of `scope`, which holds paths, and `number`, which holds numbers of `Engine.numbering`. A filter for paths
    needs `list_scopes` in its request. A text names a column with one value or `NULL`; `Many` names one with a list.
    `None` means that no row has a value in the boundary, or a label. What is not named is an error where the filter
    needs it.
    """

    scope: str | None = None
    number: str | None = None
    numbering: str | None = None
    """The version of the stored numbers. A filter with other numbers is rejected."""
    boundaries: Mapping[str, str | Many | None] = field(default_factory=dict)
    labels: str | Many | EllipsisType | None = ...
    item: str | None = None
    """The column of the id by which locks name a row. A row without one is not allowed where locks decide."""

    def __post_init__(self) -> None:
        if (self.scope is None) == (self.number is None):
            raise FilterError("name one column for the scope: `scope` for paths, or `number` for numbers")
        if self.number is not None and self.numbering is None:
            raise FilterError("`numbering` is missing: store the version with the numbers, and pass it")
        for column in [self.scope, self.number, self.item, self.labels, *self.boundaries.values()]:
            name = column.column if isinstance(column, Many) else column
            if isinstance(name, str) and not _NAME.fullmatch(name):
                raise FilterError(f"`{name}` is not the name of a column")


Range = tuple[int, int]


@dataclass(frozen=True)
class Values:
    """A condition on the values or the labels of a row: one of them, or all of them, must be held."""

    column: str | Many
    held: tuple[str, ...]
    all: bool


def check_numbering(answer: Filter, columns: Columns) -> None:
    if columns.number is not None and answer.numbering != columns.numbering:
        raise FilterError(
            f"the filter has the numbers of `{answer.numbering}` and the rows have those of `{columns.numbering}`: "
            "number the rows again"
        )


def values_of(branch: Branch, columns: Columns) -> list[Values]:
    """Returns the conditions of a branch. Raises `FilterError` if the columns cannot express one."""
    values = []
    for name, boundary in branch.boundaries.items():
        if name not in columns.boundaries:
            raise FilterError(f"`boundaries` has no column for `{name}`; write `None` if no row has values there")
        column = columns.boundaries[name]
        if column is not None:
            values.append(Values(column, tuple(boundary.values), boundary.match == "all"))
        if column is not None and boundary.also is not None:
            values.append(Values(column, tuple(boundary.also), False))
    if branch.labels is not None:
        labels = columns.labels
        if isinstance(labels, EllipsisType):
            raise FilterError("`labels` has no column; write `None` if no row has labels")
        if labels is not None:
            values.append(Values(labels, tuple(branch.labels), True))
    return values


def numbers(ranges: Sequence[Range]) -> list[int]:
    """Returns every number of some ranges."""
    return [number for first, last in ranges for number in range(first, last + 1)]


def name_of(column: str | Many) -> str:
    return column.column if isinstance(column, Many) else column
