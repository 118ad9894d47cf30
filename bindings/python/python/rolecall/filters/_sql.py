"""Predicates in SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .._answers import Filter
from ._columns import Columns, Conditions, Locked, Many, Range, Values, conditions, name_of


class Sql(NamedTuple):
    """A predicate for a `WHERE` clause, and its parameters in order."""

    text: str
    parameters: list[Any]


class Writer:
    """Writes a predicate. A dialect overrides how lists are compared."""

    def __init__(self, placeholder: Callable[[int], str], column: Callable[[str], str]) -> None:
        self.parameters: list[Any] = []
        self._placeholder = placeholder
        self.column = column

    def put(self, value: Any) -> str:
        """Adds a parameter, and returns its place in the text. The order of calls is that of the text."""
        self.parameters.append(value)
        return self._placeholder(len(self.parameters))

    def write(self, answer: Filter, columns: Columns) -> Sql:
        branches = []
        for branch in conditions(answer, columns):
            parts = [self.in_place(branch, columns)]
            parts.extend(self.has_values(values) for values in branch.values)
            if branch.locked is not None:
                item = self.column(columns.item or "")
                parts.append(f"{item} IS NOT NULL")
                parts.extend(self.is_not_locked(item, locked, columns) for locked in branch.locked)
            branches.append(f"({' AND '.join(parts)})")
        return Sql(f"({' OR '.join(branches)})" if branches else "(1 = 0)", self.parameters)

    def in_place(self, place: Conditions | Locked, columns: Columns) -> str:
        if place.scopes is not None:
            return self.in_scopes(self.column(columns.scope or ""), place.scopes)
        return self.in_ranges(self.column(columns.number or ""), place.ranges or [])

    def is_not_locked(self, item: str, locked: Locked, columns: Columns) -> str:
        return f"NOT ({self.in_place(locked, columns)} AND {self.in_scopes(item, locked.items)})"

    def in_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        if len(ranges) == 1:
            return f"{column} BETWEEN {self.put(ranges[0][0])} AND {self.put(ranges[0][1])}"
        return self.in_many_ranges(column, ranges)

    def has_values(self, values: Values) -> str:
        column = self.column(name_of(values.column))
        if not isinstance(values.column, Many):
            return f"({column} IS NULL OR {self.in_scopes(column, values.held)})"
        has = self.has_all if values.all else self.has_any
        return f"({column} IS NULL OR {has(column, values.held)})"

    def in_scopes(self, column: str, texts: Sequence[str]) -> str:
        raise NotImplementedError

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        raise NotImplementedError

    def has_any(self, column: str, held: Sequence[str]) -> str:
        """Returns whether a list is empty, or has an element that is held."""
        raise NotImplementedError

    def has_all(self, column: str, held: Sequence[str]) -> str:
        """Returns whether every element of a list is held."""
        raise NotImplementedError


class Postgresql(Writer):
    def in_scopes(self, column: str, texts: Sequence[str]) -> str:
        return f"{column} = ANY({self.put(list(texts))}::text[])"

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        # `width_bucket` finds the last range that begins at or before the number, by binary search.
        low, high = self.put(ranges[0][0]), self.put(ranges[-1][1])
        last = self.put([last for _, last in ranges])
        first = self.put([first for first, _ in ranges])
        found = f"({last}::int[])[width_bucket({column}::int, {first}::int[])]"
        return f"({column} BETWEEN {low} AND {high} AND {column} <= {found})"

    def has_any(self, column: str, held: Sequence[str]) -> str:
        return f"cardinality({column}) = 0 OR {column} && {self.put(list(held))}::text[]"

    def has_all(self, column: str, held: Sequence[str]) -> str:
        return f"{column} <@ {self.put(list(held))}::text[]"


def _json(value: list[Any]) -> str:
    """Returns JSON as JavaScript writes it, so that both languages have the same parameters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Sqlite(Writer):
    def in_scopes(self, column: str, texts: Sequence[str]) -> str:
        return f"{column} IN (SELECT value FROM json_each({self.put(_json(list(texts)))}))"

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        # The subquery does not depend on the row, so SQLite evaluates it once.
        given = self.put(_json([list(one) for one in ranges]))
        begin = f"SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each({given})"
        step = "SELECT number + 1, last FROM numbers WHERE number < last"
        numbers = f"WITH RECURSIVE numbers(number, last) AS ({begin} UNION ALL {step}) SELECT number FROM numbers"
        return f"{column} IN ({numbers})"

    def has_any(self, column: str, held: Sequence[str]) -> str:
        found = f"SELECT 1 FROM json_each({column}) WHERE {self.in_scopes('value', held)}"
        return f"NOT EXISTS (SELECT 1 FROM json_each({column})) OR EXISTS ({found})"

    def has_all(self, column: str, held: Sequence[str]) -> str:
        lacking = f"value IS NULL OR NOT {self.in_scopes('value', held)}"
        return f"NOT EXISTS (SELECT 1 FROM json_each({column}) WHERE {lacking})"


class Duckdb(Writer):
    def in_scopes(self, column: str, texts: Sequence[str]) -> str:
        return f"{column} IN (SELECT unnest({self.put(list(texts))}::VARCHAR[]))"

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        first, last = self.put([first for first, _ in ranges]), self.put([last for _, last in ranges])
        pairs = f"SELECT unnest({first}::INT[]) AS first, unnest({last}::INT[]) AS last"
        return f"{column} IN (SELECT unnest(generate_series(first, last)) FROM ({pairs}))"

    def has_any(self, column: str, held: Sequence[str]) -> str:
        return f"len({column}) = 0 OR list_has_any({self.put(list(held))}::VARCHAR[], {column})"

    def has_all(self, column: str, held: Sequence[str]) -> str:
        # Elements that are null are unknown values, which `list_has_all` ignores.
        known = f"list_count({column}) = len({column})"
        return f"({known} AND list_has_all({self.put(list(held))}::VARCHAR[], {column}))"


def quoted(name: str) -> str:
    """Quotes the name of a column, which may have the name of its table before it."""
    return ".".join(f'"{part}"' for part in name.split("."))


def postgresql(answer: Filter, columns: Columns, *, placeholder: str = "%s") -> Sql:
    """Returns a predicate for PostgreSQL 14 or later.

    `placeholder` is `%s` for psycopg, or `$` for drivers that number their parameters, such as asyncpg. Raises
    `FilterError`.
    """
    place = (lambda count: f"${count}") if placeholder == "$" else (lambda _: placeholder)
    return Postgresql(place, quoted).write(answer, columns)


def sqlite(answer: Filter, columns: Columns) -> Sql:
    """Returns a predicate for SQLite. Lists are JSON. Raises `FilterError`."""
    return Sqlite(lambda _: "?", quoted).write(answer, columns)


def duckdb(answer: Filter, columns: Columns) -> Sql:
    """Returns a predicate for DuckDB. Raises `FilterError`."""
    return Duckdb(lambda _: "?", quoted).write(answer, columns)
