"""Predicates in SQL.

A predicate of a few branches has one part for each. More branches are one part: each place has a class, and sets of
pairs hold the values of each class. Sets are parameters, so the text does not grow with branches, locks or values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .._answers import Filter
from ._classes import classes, groups
from ._columns import Columns, Many, Range, name_of
from ._needs import Keyed, LockNeed, Need, Pieces, Sets, lock_need, needs
from ._plan import Part, Plan, plan, united


class Sql(NamedTuple):
    """A predicate for a `WHERE` clause, and its parameters in order."""

    text: str
    parameters: list[Any]


CLASS = "rolecall_class"
BRANCH = "rolecall_branch"
PLACE = "rolecall_place"
VALUE = "rolecall_value"
"""Names in subqueries. No column of the rows has one of them."""


class Writer:
    """Writes a predicate. A dialect overrides how lists and sets are compared."""

    def __init__(self, placeholder: Callable[[int], str], column: Callable[[str], str]) -> None:
        self.parameters: list[Any] = []
        self._placeholder = placeholder
        self.column = column

    def put(self, value: Any) -> str:
        """Adds a parameter, and returns its place in the text. The order of calls is that of the text."""
        self.parameters.append(value)
        return self._placeholder(len(self.parameters))

    def write(self, answer: Filter, columns: Columns) -> Sql:
        return self.write_plan(plan(answer, columns), columns)

    def write_plan(self, found: Plan, columns: Columns) -> Sql:
        self.plan, self.columns = found, columns
        texts = [f"({' AND '.join(self.group(group))})" for group in groups(found.parts)]
        return Sql(f"({' OR '.join(texts)})" if texts else "(1 = 0)", self.parameters)

    def group(self, parts: Sequence[Part]) -> list[str]:
        """Returns the conditions of parts, of which a row needs one."""
        inside = united(span for part in parts for span in part.places)
        texts = [self.in_places(inside)]
        found = classes(parts)
        rows = found.keyed()
        if len(rows) == 1:
            return texts + self.conditions(rows, None)
        of_row = "0" if len(found.members) == 1 else self.class_of(found.spans)
        row = f"(SELECT {of_row} AS {CLASS} LIMIT 1) AS rolecall_row"
        key = CLASS
        if found.most > 1:
            row += f" CROSS JOIN {self.series(found.most)}"
            key = f"({CLASS} * {found.most} + {BRANCH})"
        known = [] if found.most == 1 else [self.is_number_of(key, [one for one, _ in rows])]
        tests = " AND ".join(known + self.conditions(rows, key))
        return [*texts, f"EXISTS (SELECT 1 FROM {row} WHERE {tests or '1 = 1'})"]

    def conditions(self, rows: Keyed, key: str | None) -> list[str]:
        """Returns the conditions of parts. With several, `key` is that of the part that a row needs."""
        texts = [self.has_values(need, key) for need in needs(rows)]
        locked = lock_need(rows)
        return texts if locked is None else [*texts, self.is_unlocked(locked, key)]

    def has_values(self, need: Need, key: str | None) -> str:
        column = self.column(name_of(need.column))
        text = f"({column} IS NULL OR "
        if need.free:
            text += f"{self.is_number_of(key or '', need.free)} OR "
        held = need.same
        if held is not None:
            if not isinstance(need.column, Many):
                return f"{text}{self.in_texts(column, held)})"
            has = self.has_all if need.all else self.has_any
            return f"{text}{has(column, held)})"
        has_in = self.in_set
        if isinstance(need.column, Many):
            has_in = self.has_all_in if need.all else self.has_any_in
        return f"{text}{has_in(key or '', column, need.sets)})"

    def is_unlocked(self, locked: LockNeed, key: str | None) -> str:
        item = self.column(self.columns.item or "")
        key = None if locked.is_same else key
        text = f"({self.is_number_of(key or '', locked.free)} OR (" if locked.free else "("
        text += f"{item} IS NOT NULL"
        if any(items for _, items in locked.everywhere):
            in_items = (
                self.in_texts(item, locked.everywhere[0][1])
                if key is None
                else self.in_set(key, item, locked.everywhere)
            )
            # `NOT` with a set of pairs makes SQLite read the whole set.
            text += f" AND ({in_items}) IS NOT TRUE"
        if locked.partly:
            text += f" AND {self.is_locked_partly(item, locked, key)} IS NOT TRUE"
        return f"{text}))" if locked.free else f"{text})"

    def is_locked_partly(self, item: str, locked: LockNeed, key: str | None) -> str:
        text = f"({self.in_texts(item, locked.partly)} AND "
        if self.columns.number is not None:
            place = self.column(self.columns.number)
            text += "("
        else:
            # A path that is not listed has the number 0 or none, and places begin at 1.
            paths = [(path, number) for number, path in self.plan.numbered(locked.places)]
            found = self.number_of_text(self.column(self.columns.scope or ""), paths)
            text += f"EXISTS (SELECT 1 FROM (SELECT {found} AS {PLACE} LIMIT 1) AS rolecall_at WHERE "
            place = PLACE
        tests = [self.in_pieces(key, item, f"({place} >> {power})", given) for power, given in locked.pieces()]
        return f"{text}{' OR '.join(tests)}))"

    def in_places(self, inside: Sequence[Range]) -> str:
        if self.columns.number is None:
            return self.in_texts(
                self.column(self.columns.scope or ""), [path for _, path in self.plan.numbered(inside)]
            )
        column = self.column(self.columns.number)
        if len(inside) == 1:
            return f"{column} BETWEEN {self.put(inside[0][0])} AND {self.put(inside[0][1])}"
        return self.in_many_ranges(column, inside)

    def class_of(self, spans: Sequence[tuple[Range, int]]) -> str:
        if self.columns.number is not None:
            return self.number_of_range(self.column(self.columns.number), spans)
        paths = [(path, of) for span, of in spans for _, path in self.plan.numbered([span])]
        return self.number_of_text(self.column(self.columns.scope or ""), paths)

    def in_texts(self, column: str, texts: Sequence[str]) -> str:
        raise NotImplementedError

    def is_number_of(self, number: str, numbers: Sequence[int]) -> str:
        raise NotImplementedError

    def in_many_ranges(self, column: str, ranges: Sequence[Range]) -> str:
        raise NotImplementedError

    def number_of_range(self, column: str, spans: Sequence[tuple[Range, int]]) -> str:
        """Returns the number that belongs to the range of a column. Any number, if it is in no range."""
        raise NotImplementedError

    def number_of_text(self, column: str, numbers: Sequence[tuple[str, int]]) -> str:
        """Returns the number that belongs to a text. Zero or `NULL`, if none does."""
        raise NotImplementedError

    def series(self, count: int) -> str:
        """Returns a table with the numbers below `count`."""
        raise NotImplementedError

    def has_any(self, column: str, held: Sequence[str]) -> str:
        """Returns whether a list is empty, or has an element that is held."""
        raise NotImplementedError

    def has_all(self, column: str, held: Sequence[str]) -> str:
        """Returns whether every element of a list is held."""
        raise NotImplementedError

    def in_set(self, key: str, column: str, sets: Sets) -> str:
        """Returns whether a value is in the set of a key."""
        raise NotImplementedError

    def has_any_in(self, key: str, column: str, sets: Sets) -> str:
        raise NotImplementedError

    def has_all_in(self, key: str, column: str, sets: Sets) -> str:
        raise NotImplementedError

    def in_pieces(self, key: str | None, item: str, place: str, given: Pieces) -> str:
        """Returns whether an id and a place are in a set, with a key if there is one."""
        raise NotImplementedError


def filled(sets: Sets) -> list[Sequence[str]]:
    """Returns the sets of all keys from zero, by key."""
    found: list[Sequence[str]] = [[] for _ in range(sets[-1][0] + 1)]
    for number, texts in sets:
        found[number] = texts
    return found
