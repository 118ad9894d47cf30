"""How databases compare lists and sets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .._answers import Filter
from ._columns import Columns, Range
from ._needs import Pieces, Sets
from ._sql import BRANCH, VALUE, Sql, Writer, filled


def pairs(sets: Sets) -> tuple[list[int], list[str]]:
    """Returns the keys and the values of sets, as two lists of the same length."""
    keys = [number for number, texts in sets for _ in texts]
    return keys, [text for _, texts in sets for text in texts]


def triples(given: Pieces) -> tuple[list[int], list[str], list[int]]:
    rows = [(number, item, place) for (number, item), places in given.items() for place in places]
    return [number for number, _, _ in rows], [item for _, item, _ in rows], [place for _, _, place in rows]


def _json(value: Any) -> str:
    """Returns JSON as JavaScript writes it, so that both languages have the same parameters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Postgresql(Writer):
    """With `IS TRUE`, PostgreSQL hashes a set once; otherwise it would join the set with each row."""

    def in_texts(self, column: str, texts: Sequence[str]) -> str:
        return f"{column} = ANY({self.put(list(texts))}::text[])"

    def is_number_of(self, number: str, numbers: Sequence[int]) -> str:
        return f"{number} = ANY({self.put(list(numbers))}::int[])"

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        # `width_bucket` finds the last range that begins at or before the number, by binary search.
        low, high = self.put(ranges[0][0]), self.put(ranges[-1][1])
        last = self.put([last for _, last in ranges])
        first = self.put([first for first, _ in ranges])
        found = f"({last}::int[])[width_bucket({column}::int, {first}::int[])]"
        return f"({column} BETWEEN {low} AND {high} AND {column} <= {found})"

    def number_of_range(self, column: str, spans: Sequence[tuple[Range, int]]) -> str:
        of, first = self.put([number for _, number in spans]), self.put([first for (first, _), _ in spans])
        return f"({of}::int[])[width_bucket({column}::int, {first}::int[])]"

    def number_of_text(self, column: str, numbers: Sequence[tuple[str, int]]) -> str:
        # A text, because some drivers encode parameters of type `jsonb` once more. The subquery parses it once.
        return f"((SELECT {self.put(_json(dict(numbers)))}::text::jsonb) ->> {column})::int"

    def series(self, count: int) -> str:
        return f"generate_series(0, {count - 1}) AS rolecall_series({BRANCH})"

    def has_any(self, column: str, held: Sequence[str]) -> str:
        return f"cardinality({column}) = 0 OR {column} && {self.put(list(held))}::text[]"

    def has_all(self, column: str, held: Sequence[str]) -> str:
        return f"{column} <@ {self.put(list(held))}::text[]"

    def in_set(self, key: str, column: str, sets: Sets) -> str:
        keys, texts = map(self.put, pairs(sets))
        return f"({key}, {column}) IN (SELECT * FROM unnest({keys}::int[], {texts}::text[])) IS TRUE"

    def has_any_in(self, key: str, column: str, sets: Sets) -> str:
        found = f"SELECT 1 FROM unnest({column}) AS rolecall_list({VALUE}) WHERE {self.in_set(key, VALUE, sets)}"
        return f"cardinality({column}) = 0 OR EXISTS ({found})"

    def has_all_in(self, key: str, column: str, sets: Sets) -> str:
        lacking = f"({self.in_set(key, VALUE, sets)}) IS NOT TRUE"
        return f"NOT EXISTS (SELECT 1 FROM unnest({column}) AS rolecall_list({VALUE}) WHERE {lacking})"

    def in_pieces(self, key: str | None, item: str, place: str, given: Pieces) -> str:
        keys, items, places = triples(given)
        if key is None:
            found = f"unnest({self.put(items)}::text[], {self.put(places)}::int[])"
            return f"({item}, {place}) IN (SELECT * FROM {found}) IS TRUE"
        found = f"unnest({self.put(keys)}::int[], {self.put(items)}::text[], {self.put(places)}::int[])"
        return f"({key}, {item}, {place}) IN (SELECT * FROM {found}) IS TRUE"


class Sqlite(Writer):
    """SQLite searches a set that does not depend on the row in an index, and it evaluates the set once.

    It has no function that finds the number of a text, so each bit of the number is a set.
    """

    def in_texts(self, column: str, texts: Sequence[str]) -> str:
        return f"{column} IN (SELECT value FROM json_each({self.put(_json(list(texts)))}))"

    def is_number_of(self, number: str, numbers: Sequence[int]) -> str:
        return f"{number} IN (SELECT value FROM json_each({self.put(_json(list(numbers)))}))"

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        given = self.put(_json([list(one) for one in ranges]))
        begin = f"SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each({given})"
        step = "SELECT number + 1, last FROM numbers WHERE number < last"
        numbers = f"WITH RECURSIVE numbers(number, last) AS ({begin} UNION ALL {step}) SELECT number FROM numbers"
        return f"{column} IN ({numbers})"

    def number_of_range(self, column: str, spans: Sequence[tuple[Range, int]]) -> str:
        return self._number_of(column, [(key, of) for (first, last), of in spans for key in range(first, last + 1)])

    def number_of_text(self, column: str, numbers: Sequence[tuple[str, int]]) -> str:
        return self._number_of(column, numbers)

    def _number_of(self, column: str, numbers: Sequence[tuple[Any, int]]) -> str:
        most = max(number for _, number in numbers)
        bits = []
        for bit in range(most.bit_length()):
            keys = [key for key, number in numbers if number >> bit & 1]
            bits.append(f"({column} IN (SELECT value FROM json_each({self.put(_json(keys))})) << {bit})")
        return f"({' + '.join(bits)})"

    def series(self, count: int) -> str:
        return f"(SELECT value AS {BRANCH} FROM json_each({self.put(_json(list(range(count))))})) AS rolecall_series"

    def has_any(self, column: str, held: Sequence[str]) -> str:
        found = f"SELECT 1 FROM json_each({column}) WHERE {self.in_texts('value', held)}"
        return f"NOT EXISTS (SELECT 1 FROM json_each({column})) OR EXISTS ({found})"

    def has_all(self, column: str, held: Sequence[str]) -> str:
        lacking = f"({self.in_texts('value', held)}) IS NOT TRUE"
        return f"NOT EXISTS (SELECT 1 FROM json_each({column}) WHERE {lacking})"

    def in_set(self, key: str, column: str, sets: Sets) -> str:
        given = f"json_each({self.put(_json(filled(sets)))}) AS rolecall_sets"
        rows = f"{given}, json_each(rolecall_sets.value) AS rolecall_list"
        return f"({key}, {column}) IN (SELECT rolecall_sets.key, rolecall_list.value FROM {rows})"

    def has_any_in(self, key: str, column: str, sets: Sets) -> str:
        found = f"SELECT 1 FROM json_each({column}) WHERE {self.in_set(key, 'value', sets)}"
        return f"NOT EXISTS (SELECT 1 FROM json_each({column})) OR EXISTS ({found})"

    def has_all_in(self, key: str, column: str, sets: Sets) -> str:
        lacking = f"({self.in_set(key, 'value', sets)}) IS NOT TRUE"
        return f"NOT EXISTS (SELECT 1 FROM json_each({column}) WHERE {lacking})"

    def in_pieces(self, key: str | None, item: str, place: str, given: Pieces) -> str:
        if key is None:
            rows = self.put(_json([[name, places] for (_, name), places in given.items()]))
            start, left = "json_extract(rolecall_items.value, '$[0]')", f"({item}, {place})"
            path = "'$[1]'"
        else:
            rows = self.put(_json([[number, name, places] for (number, name), places in given.items()]))
            both = "json_extract(rolecall_items.value, '$[0]'), json_extract(rolecall_items.value, '$[1]')"
            start, left = both, f"({key}, {item}, {place})"
            path = "'$[2]'"
        given_rows = f"json_each({rows}) AS rolecall_items, json_each(rolecall_items.value, {path}) AS rolecall_list"
        return f"{left} IN (SELECT {start}, rolecall_list.value FROM {given_rows})"


class Duckdb(Writer):
    def in_texts(self, column: str, texts: Sequence[str]) -> str:
        return f"{column} IN (SELECT unnest({self.put(list(texts))}::VARCHAR[]))"

    def is_number_of(self, number: str, numbers: Sequence[int]) -> str:
        return f"{number} IN (SELECT unnest({self.put(list(numbers))}::INT[]))"

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        first, last = self.put([first for first, _ in ranges]), self.put([last for _, last in ranges])
        spans = f"SELECT unnest({first}::INT[]) AS first, unnest({last}::INT[]) AS last"
        return f"{column} IN (SELECT unnest(generate_series(first, last)) FROM ({spans}))"

    def number_of_range(self, column: str, spans: Sequence[tuple[Range, int]]) -> str:
        low, high = spans[0][0][0], spans[-1][0][1]
        numbers = [0] * (high - low + 1)
        for (first, last), of in spans:
            numbers[first - low : last - low + 1] = [of] * (last - first + 1)
        return f"({self.put(numbers)}::INT[])[{column} - {low} + 1]"

    def number_of_text(self, column: str, numbers: Sequence[tuple[str, int]]) -> str:
        texts, found = self.put([text for text, _ in numbers]), self.put([number for _, number in numbers])
        rows = f"SELECT unnest({texts}::VARCHAR[]) AS {VALUE}, unnest({found}::INT[]) AS rolecall_number"
        return f"(SELECT rolecall_number FROM ({rows}) WHERE {VALUE} = {column})"

    def series(self, count: int) -> str:
        return f"(SELECT unnest(range({count})) AS {BRANCH}) AS rolecall_series"

    def has_any(self, column: str, held: Sequence[str]) -> str:
        return f"len({column}) = 0 OR list_has_any({self.put(list(held))}::VARCHAR[], {column})"

    def has_all(self, column: str, held: Sequence[str]) -> str:
        # Elements that are null are unknown values, which `list_has_all` ignores.
        known = f"list_count({column}) = len({column})"
        return f"({known} AND list_has_all({self.put(list(held))}::VARCHAR[], {column}))"

    def in_set(self, key: str, column: str, sets: Sets) -> str:
        keys, texts = map(self.put, pairs(sets))
        return f"({key}, {column}) IN (SELECT unnest({keys}::INT[]), unnest({texts}::VARCHAR[]))"

    def has_any_in(self, key: str, column: str, sets: Sets) -> str:
        return f"len({column}) = 0 OR list_has_any({self._set_of(key, sets)}, {column})"

    def has_all_in(self, key: str, column: str, sets: Sets) -> str:
        known = f"list_count({column}) = len({column})"
        return f"({known} AND list_has_all({self._set_of(key, sets)}, {column}))"

    def _set_of(self, key: str, sets: Sets) -> str:
        return f"({self.put([list(one) for one in filled(sets)])}::VARCHAR[][])[{key} + 1]"

    def in_pieces(self, key: str | None, item: str, place: str, given: Pieces) -> str:
        keys, items, places = triples(given)
        if key is None:
            found = f"unnest({self.put(items)}::VARCHAR[]), unnest({self.put(places)}::INT[])"
            return f"({item}, {place}) IN (SELECT {found})"
        found = (
            f"unnest({self.put(keys)}::INT[]), unnest({self.put(items)}::VARCHAR[]), unnest({self.put(places)}::INT[])"
        )
        return f"({key}, {item}, {place}) IN (SELECT {found})"


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
