"""Predicates for data frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from .._answers import Filter
from ._classes import classes, groups
from ._columns import Columns, Many, Range, name_of, numbers
from ._needs import LockNeed, Need, lock_need, needs
from ._plan import Part, Plan, plan, united

Test = Callable[[Any], Any]
"""Returns whether a row has what it needs, by the key of the part that it needs."""

FEW_RANGES = 4
"""The number of ranges up to which each is compared on its own."""


def polars(answer: Filter, columns: Columns) -> Any:
    """Returns an expression for `DataFrame.filter` and `LazyFrame.filter` of Polars. Raises `FilterError`."""
    writer = _Polars(plan(answer, columns), columns)
    found = [one for group in groups(writer.plan.parts) for one in writer.group(group)]
    return writer.pl.any_horizontal(found) if found else writer.pl.lit(False)


class _Polars:
    def __init__(self, planned: Plan, columns: Columns) -> None:
        self.pl = import_module("polars")
        self.plan, self.columns = planned, columns

    def texts(self, texts: Sequence[str]) -> Any:
        return self.pl.Series(list(texts), dtype=self.pl.String).implode()

    def integers(self, given: Sequence[int]) -> Any:
        return self.pl.Series(list(given), dtype=self.pl.Int64).implode()

    def number_of(self, column: Any, found: dict[Any, int]) -> Any:
        return column.replace_strict(list(found), list(found.values()), default=None, return_dtype=self.pl.Int64)

    def group(self, parts: Sequence[Part]) -> list[Any]:
        """Returns expressions of which a row needs one."""
        inside = self.in_places(united(span for part in parts for span in part.places))
        found = classes(parts)
        rows = found.keyed()
        if len(rows) == 1:
            return [self.all_of([inside, *(test(None) for test in self.conditions(rows))])]
        if self.columns.number is not None:
            given: dict[Any, int] = {place: of for span, of in found.spans for place in numbers([span])}
        else:
            given = {path: of for span, of in found.spans for _, path in self.plan.numbered([span])}
        of_row = self.number_of(self.place(), given) * found.most
        keys = self.integers([key for key, _ in rows])
        tests = self.conditions(rows)
        each = []
        for branch in range(found.most):
            key = of_row + branch
            each.append(self.all_of([inside, key.is_in(keys), *(test(key) for test in tests)]))
        return each

    def all_of(self, parts: list[Any]) -> Any:
        return self.pl.all_horizontal([part.fill_null(False) for part in parts])

    def place(self) -> Any:
        return self.pl.col(self.columns.number or self.columns.scope or "")

    def in_places(self, inside: Sequence[Range]) -> Any:
        if self.columns.number is None:
            return self.place().is_in(self.texts([path for _, path in self.plan.numbered(inside)]))
        if len(inside) <= FEW_RANGES:
            return self.pl.any_horizontal([self.place().is_between(*span) for span in inside])
        return self.place().is_in(self.integers(numbers(inside)))

    def conditions(self, rows: Sequence[tuple[int, Part]]) -> list[Test]:
        """Returns the conditions of parts, for the key of the part that a row needs."""
        found = [self.has_values(need) for need in needs(rows)]
        locked = lock_need(rows)
        return found if locked is None else [*found, self.is_unlocked(locked)]

    def has_values(self, need: Need) -> Test:
        pl, held = self.pl, need.same
        column = pl.col(name_of(need.column))
        is_free = self.is_free(need.free)
        texts = dict.fromkeys(text for _, held in need.sets for text in held)
        codes: dict[Any, int] = {text: number for number, text in enumerate(texts)}
        known = self.integers([key * len(codes) + codes[text] for key, held in need.sets for text in held])
        if not isinstance(need.column, Many):
            if held is not None:
                is_held = column.is_in(self.texts(held))
                return lambda key: column.is_null() | is_free(key) | is_held
            code = self.number_of(column, codes)
            return lambda key: column.is_null() | is_free(key) | (key * len(codes) + code).is_in(known).fill_null(False)

        def has(is_held: Any) -> Any:
            return is_held.list.all() if need.all else (column.list.len() == 0) | is_held.list.any()

        # An element that is null is an unknown value.
        if held is not None:
            found = has(column.list.eval(pl.element().is_in(list(held)).fill_null(False)))
            return lambda key: column.is_null() | is_free(key) | found
        coded = column.list.eval(self.number_of(pl.element(), codes))
        is_known = pl.element().is_in(known).fill_null(False)
        return lambda key: column.is_null() | is_free(key) | has((coded + key * len(codes)).list.eval(is_known))

    def is_free(self, free: Sequence[int]) -> Test:
        keys = self.integers(free)
        return lambda key: key.is_in(keys) if free else self.pl.lit(False)

    def is_unlocked(self, locked: LockNeed) -> Test:
        item, is_free = self.pl.col(self.columns.item or ""), self.is_free(locked.free)
        items = dict.fromkeys([*(item for _, items in locked.everywhere for item in items), *locked.partly])
        codes: dict[Any, int] = {text: number for number, text in enumerate(items)}
        if not codes:
            return lambda key: item.is_not_null() | is_free(key)
        code = self.number_of(item, codes)
        everywhere = [of * len(codes) + codes[one] for of, items in locked.everywhere for one in items]
        found = locked.pieces()
        pairs: dict[Any, int] = {
            of * len(codes) + codes[one]: number for number, (of, one) in enumerate(locked.pairs(found))
        }
        place = self.place()
        if self.columns.number is None:
            place = self.number_of(place, {path: number for number, path in self.plan.numbered(locked.places)})
        sets = [(self.integers(everywhere), None)]
        for power, pieces in found:
            # A place has less than 32 bits.
            known = [
                pairs[of * len(codes) + codes[one]] << 32 | at for (of, one), places in pieces.items() for at in places
            ]
            sets.append((self.integers(known), place.cast(self.pl.Int64) // 2**power))

        def is_unlocked(key: Any) -> Any:
            combined = code if locked.is_same or key is None else key * len(codes) + code
            pair = self.number_of(combined, pairs)
            tests = [
                (combined if at is None else pair * 2**32 + at).is_in(known).fill_null(False) for known, at in sets
            ]
            return (item.is_not_null() & ~self.pl.any_horizontal(tests)) | is_free(key)

        return is_unlocked


def pandas(answer: Filter, columns: Columns, frame: Any) -> Any:
    """Returns a mask for a `DataFrame` of pandas: `frame[pandas(answer, columns, frame)]`. Raises `FilterError`."""
    pd, np = import_module("pandas"), import_module("numpy")
    planned = plan(answer, columns)
    allowed = np.zeros(len(frame), dtype=bool)
    if planned.scopes is not None:
        numbered = {path: number for number, path in enumerate(planned.scopes, 1)}
        places = frame[columns.scope].map(numbered).fillna(-1).to_numpy(dtype="int64")
    else:
        places = frame[columns.number].fillna(-1).to_numpy(dtype="int64")
    for parts in groups(planned.parts):
        found = classes(parts)
        rows, keyed = found.keyed(), {key for key, _ in found.keyed()}
        begins, ends = (np.array([span[end] for span, _ in found.spans]) for end in (0, 1))
        at = np.searchsorted(begins, places, side="right") - 1
        inside = np.flatnonzero((at >= 0) & (places <= ends[at]))
        of_row = np.array([of for _, of in found.spans])[at[inside]] * found.most
        needed, locked = needs(rows), lock_need(rows)
        is_unlocked = None if locked is None else _unlocked(pd, np, locked)
        for branch in range(found.most):
            is_known = np.isin(of_row + branch, list(keyed))
            chosen, keys = inside[is_known], of_row[is_known] + branch
            for need in needed:
                fits = _has_values(pd, need, frame, chosen, keys)
                chosen, keys = chosen[fits], keys[fits]
            if is_unlocked is not None:
                chosen = chosen[is_unlocked(frame[columns.item].iloc[chosen], places[chosen], keys)]
            allowed[chosen] = True
    return pd.Series(allowed, index=frame.index)


def _has_values(pd: Any, need: Need, frame: Any, chosen: Any, keys: Any) -> Any:
    """Returns which of the chosen rows have the values that they need."""
    held, free = {key: frozenset(texts) for key, texts in need.sets}, frozenset(need.free)
    if not isinstance(need.column, Many):
        column = frame[need.column].iloc[chosen]
        if need.same is not None and not free:
            return (column.isna() | column.isin(need.same)).to_numpy()
        missing = column.isna().to_numpy()
        return [none or key in free or one in held[key] for none, key, one in zip(missing, keys, column, strict=True)]

    def is_allowed(key: int, row: Any) -> bool:
        if key in free or row is None or row is pd.NA or isinstance(row, float):
            return True
        if need.all:
            return held[key].issuperset(row)
        return len(row) == 0 or not held[key].isdisjoint(row)

    return list(map(is_allowed, keys.tolist(), frame[need.column.column].iloc[chosen]))


def _unlocked(pd: Any, np: Any, locked: LockNeed) -> Callable[[Any, Any, Any], Any]:
    """Returns a function that says which rows have an id that is not locked at their place."""
    given = [item for _, items in locked.everywhere for item in items]
    codes = {item: number for number, item in enumerate(dict.fromkeys([*given, *locked.partly]))}
    everywhere = [key * len(codes) + codes[item] for key, items in locked.everywhere for item in items]
    found = locked.pieces()
    pairs = {key * len(codes) + codes[item]: number for number, (key, item) in enumerate(locked.pairs(found))}
    sets = [
        (
            power,
            [
                pairs[key * len(codes) + codes[item]] << 32 | at
                for (key, item), all_at in pieces.items()
                for at in all_at
            ],
        )
        for power, pieces in found
    ]

    def is_unlocked(items: Any, places: Any, keys: Any) -> Any:
        code = items.map(codes).fillna(-1).to_numpy(dtype="int64")
        combined = (0 if locked.is_same else keys * len(codes)) + code
        is_locked = np.isin(combined, everywhere)
        pair = pd.Series(combined).map(pairs).fillna(-1).to_numpy(dtype="int64")
        for power, known in sets:
            is_locked |= np.isin(pair << 32 | places >> power, known)
        return np.isin(keys, list(locked.free)) | (items.notna().to_numpy() & ~(is_locked & (code >= 0)))

    return is_unlocked
