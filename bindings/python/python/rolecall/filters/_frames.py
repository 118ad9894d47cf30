"""Predicates for data frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from importlib import import_module
from typing import Any

from .._answers import Filter
from ._columns import Columns, Conditions, Locked, Many, Range, Values, conditions, numbers

FEW = 4
"""The number of ranges up to which each is compared on its own."""


def polars(answer: Filter, columns: Columns) -> Any:
    """Returns an expression for `DataFrame.filter` and `LazyFrame.filter` of Polars. Raises `FilterError`."""
    pl = import_module("polars")

    def in_ranges(number: Any, ranges: Sequence[Range]) -> Any:
        if len(ranges) <= FEW:
            return reduce(lambda one, other: one | other, (number.is_between(*one) for one in ranges))
        return number.is_in(pl.Series(numbers(ranges), dtype=pl.Int64).implode())

    def is_one_of(column: Any, texts: Sequence[str]) -> Any:
        return column.is_in(pl.Series(list(texts), dtype=pl.String).implode())

    def in_place(place: Conditions | Locked) -> Any:
        if place.scopes is not None:
            return is_one_of(pl.col(columns.scope or ""), place.scopes)
        return in_ranges(pl.col(columns.number or ""), place.ranges or [])

    def has_values(values: Values) -> Any:
        held = pl.Series(list(values.held), dtype=pl.String).implode()
        if not isinstance(values.column, Many):
            column = pl.col(values.column)
            return column.is_null() | column.is_in(held)
        column = pl.col(values.column.column)
        # An element that is null is an unknown value.
        is_held = column.list.eval(pl.element().is_in(list(values.held)).fill_null(False))
        if values.all:
            return column.is_null() | is_held.list.all()
        return column.is_null() | (column.list.len() == 0) | is_held.list.any()

    branches = []
    for branch in conditions(answer, columns):
        parts = [in_place(branch)]
        parts.extend(map(has_values, branch.values))
        if branch.locked is not None:
            item = pl.col(columns.item or "")
            parts.append(item.is_not_null())
            parts.extend(~(in_place(locked) & is_one_of(item, locked.items)) for locked in branch.locked)
        branches.append(reduce(lambda one, other: one & other, parts).fill_null(False))
    return reduce(lambda one, other: one | other, branches, pl.lit(False))


def pandas(answer: Filter, columns: Columns, frame: Any) -> Any:
    """Returns a mask for a `DataFrame` of pandas: `frame[pandas(answer, columns, frame)]`. Raises `FilterError`."""
    pd = import_module("pandas")

    def in_ranges(number: Any, ranges: Sequence[Range]) -> Any:
        if len(ranges) <= FEW:
            return reduce(lambda one, other: one | other, (number.between(*one) for one in ranges))
        return number.isin(numbers(ranges))

    def has_values(values: Values) -> Any:
        if not isinstance(values.column, Many):
            column = frame[values.column]
            return column.isna() | column.isin(values.held)
        held = frozenset(values.held)

        def is_allowed(row: Any) -> bool:
            if row is None or row is pd.NA or isinstance(row, float):
                return True
            if values.all:
                return held.issuperset(row)
            return len(row) == 0 or not held.isdisjoint(row)

        return frame[values.column.column].map(is_allowed).astype(bool)

    def in_place(place: Conditions | Locked) -> Any:
        if place.scopes is not None:
            return frame[columns.scope].isin(place.scopes)
        return in_ranges(frame[columns.number], place.ranges or []).fillna(False).astype(bool)

    allowed = pd.Series(False, index=frame.index)
    for branch in conditions(answer, columns):
        mask = in_place(branch)
        for values in branch.values:
            mask &= has_values(values)
        if branch.locked is not None:
            item = frame[columns.item]
            mask &= item.notna()
            for locked in branch.locked:
                mask &= ~(in_place(locked) & item.isin(locked.items))
        allowed |= mask
    return allowed
