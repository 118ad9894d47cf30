"""The branches of a filter, merged and numbered, so that a predicate does not grow with them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from .._answers import Branch, Filter, LockedItems
from ._columns import Columns, FilterError, Many, Range, Values, check_numbering, values_of


@dataclass(frozen=True)
class Locks:
    """The ids of rows that are not allowed in a branch. A row needs an id."""

    everywhere: tuple[str, ...]
    partly: tuple[tuple[str, tuple[Range, ...]], ...]
    """Ids that are not allowed at some places of the branch only, with these places."""


@dataclass(frozen=True)
class Part:
    """Places at which the same rows are allowed. A row needs all conditions."""

    places: tuple[Range, ...]
    values: tuple[Values, ...]
    locks: Locks | None
    """`None` if locks do not decide."""


@dataclass(frozen=True)
class Plan:
    """What a predicate says. A row is allowed if one of the parts allows it."""

    parts: Sequence[Part]
    scopes: Sequence[str] | None
    """The paths of the places 1, 2 and so on. `None` if rows have the numbers themselves."""

    def numbered(self, places: Sequence[Range]) -> list[tuple[int, str]]:
        """Returns the paths of some places, each with its number."""
        scopes = self.scopes or ()
        return [(number, scopes[number - 1]) for first, last in places for number in range(first, last + 1)]


def plan(answer: Filter, columns: Columns) -> Plan:
    """Merges the branches of a filter. Raises `FilterError` if the columns cannot express one."""
    check_numbering(answer, columns)
    alike: dict[object, list[Branch]] = {}
    for branch in answer.branches:
        if columns.scope is not None and branch.scopes is None:
            raise FilterError("the filter lists no paths: ask for it with `list_scopes`")
        needed = tuple((name, one.match, one.values, one.also) for name, one in branch.boundaries.items())
        alike.setdefault((needed, branch.labels, branch.locked is None), []).append(branch)
    scopes = None
    if columns.scope is not None:
        scopes = list(dict.fromkeys(chain.from_iterable(branch.scopes or () for branch in answer.branches)))
    places = Places(scopes)
    parts = [_part(branches, columns, places) for branches in alike.values()]
    return Plan(_with_united_values([part for part in parts if part.places]), scopes)


class Places:
    """Finds the places of a branch or of locks."""

    def __init__(self, scopes: Sequence[str] | None) -> None:
        self._numbers = None if scopes is None else {scope: number for number, scope in enumerate(scopes, 1)}

    def of(self, given: Branch | LockedItems) -> Sequence[Range]:
        if self._numbers is None:
            return given.ranges
        if given.scopes is None:
            raise FilterError("the filter lists no paths: ask for it with `list_scopes`")
        return [(number, number) for number in map(self._numbers.__getitem__, given.scopes)]


def _part(branches: Sequence[Branch], columns: Columns, places: Places) -> Part:
    inside = united(chain.from_iterable(map(places.of, branches)))
    values, locks = tuple(values_of(branches[0], columns)), None
    if branches[0].locked is not None:
        if columns.item is None:
            raise FilterError("`item` has no column: locks decide about the rows, by the id of each row")
        locks = _locks([one for branch in branches for one in branch.locked or ()], inside, places)
    return Part(inside, values, locks)


def _locks(locked: Sequence[LockedItems], inside: Sequence[Range], places: Places) -> Locks:
    spans: dict[str, list[Range]] = {}
    for one in locked:
        found = places.of(one)
        for item in one.items:
            spans.setdefault(item, []).extend(found)
    everywhere, partly = [], []
    covering: dict[tuple[Range, ...], bool] = {}
    for item, given in spans.items():
        ranges = united(given)
        if ranges not in covering:
            covering[ranges] = covers(ranges, inside)
        if covering[ranges]:
            everywhere.append(item)
        else:
            partly.append((item, ranges))
    return Locks(tuple(everywhere), tuple(partly))


def united(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Returns ranges with the same numbers, in order and apart."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def covers(ranges: Sequence[Range], inside: Sequence[Range]) -> bool:
    begins = [first for first, _ in ranges]

    def is_in_one(span: Range) -> bool:
        at = bisect_right(begins, span[0])
        return at > 0 and span[1] <= ranges[at - 1][1]

    return all(map(is_in_one, inside))


def _with_united_values(parts: Sequence[Part]) -> Sequence[Part]:
    """Merges parts that differ in one condition: a row that needs one of some values or of others needs one of all."""
    for at in range(max((len(part.values) for part in parts), default=0)):
        found: dict[object, Part] = {}
        for number, part in enumerate(parts):
            one = part.values[at] if at < len(part.values) else None
            key: object = number
            if one is not None and not (one.all and isinstance(one.column, Many)):
                key = (part.places, part.locks, part.values[:at], one.column, part.values[at + 1 :])
            before = found.get(key)
            if one is not None and before is not None:
                held = tuple(dict.fromkeys([*before.values[at].held, *one.held]))
                part = replace(part, values=(*part.values[:at], replace(one, held=held), *part.values[at + 1 :]))
            found[key] = part
        parts = list(found.values())
    return parts


def pieces(ranges: Sequence[Range]) -> list[tuple[int, int]]:
    """Cuts ranges into pieces, each with all numbers whose quotient by a power of two is the same.

    Returns the power and the quotient of each piece. A range has at most two pieces for each power, so a set of pieces
    is about as large as the ranges, and it is searched once for each power.
    """
    found = []
    for first, last in ranges:
        at = first
        while at <= last:
            power = 0
            while at >> power & 1 == 0 and at + (2 << power) - 1 <= last:
                power += 1
            found.append((power, at >> power))
            at += 1 << power
    return found
