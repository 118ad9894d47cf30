"""What rows need in the parts of a plan: one condition for each column, for any number of parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._columns import Many, Range, Values
from ._plan import Locks, Part, pieces, united

Keyed = Sequence[tuple[int, Part]]
"""Parts, each with its key."""
Sets = Sequence[tuple[int, Sequence[str]]]
"""Texts by key, in the order of the keys."""
Pieces = dict[tuple[int, str], list[int]]
"""Pieces of places by key and id."""


@dataclass(frozen=True)
class Need:
    """The values that a row needs in a column, by the key of a part."""

    column: str | Many
    all: bool
    sets: Sets
    free: Sequence[int]
    """The keys of the parts that do not limit the column."""

    @property
    def same(self) -> Sequence[str] | None:
        """The values, if every part that limits the column needs the same."""
        held = self.sets[0][1]
        return held if all(one == held for _, one in self.sets) else None


@dataclass(frozen=True)
class LockNeed:
    """The ids that a row must not have, by the key of a part."""

    locks: Sequence[tuple[int, Locks]]
    free: Sequence[int]
    """The keys of the parts for which locks do not decide."""
    is_same: bool
    """Whether every part has the same locks. Then only the first is here."""

    @property
    def everywhere(self) -> Sets:
        return [(key, one.everywhere) for key, one in self.locks]

    @property
    def partly(self) -> Sequence[str]:
        """The ids that are locked at some places only."""
        return list(dict.fromkeys(item for _, one in self.locks for item, _ in one.partly))

    @property
    def places(self) -> Sequence[Range]:
        """The places at which some ids are locked."""
        return united(span for _, one in self.locks for _, ranges in one.partly for span in ranges)

    def pieces(self) -> list[tuple[int, Pieces]]:
        """Returns the pieces of the places of these ids, by the power of two of their size."""
        found: dict[int, Pieces] = {}
        for key, one in self.locks:
            for item, ranges in one.partly:
                for power, quotient in pieces(ranges):
                    found.setdefault(power, {}).setdefault((key, item), []).append(quotient)
        return sorted(found.items())

    @staticmethod
    def pairs(found: list[tuple[int, Pieces]]) -> Sequence[tuple[int, str]]:
        """Returns the keys and ids of pieces, each pair once."""
        return list(dict.fromkeys(pair for _, pieces in found for pair in pieces))


def needs(rows: Keyed) -> list[Need]:
    """Returns what rows need in each column. A column that a part limits twice has two."""
    found: dict[tuple[str | Many, bool, int], dict[int, Values]] = {}
    for key, part in rows:
        before: list[tuple[str | Many, bool]] = []
        for values in part.values:
            kind = (values.column, values.all)
            found.setdefault((*kind, before.count(kind)), {})[key] = values
            before.append(kind)
    answer = []
    for (column, is_all, _), held in found.items():
        free = [key for key, _ in rows if key not in held]
        answer.append(Need(column, is_all, [(key, one.held) for key, one in held.items()], free))
    return answer


def lock_need(rows: Keyed) -> LockNeed | None:
    """Returns which ids rows must not have. `None` if locks do not decide."""
    locks = [(key, part.locks) for key, part in rows if part.locks is not None]
    if not locks:
        return None
    free = [key for key, part in rows if part.locks is None]
    is_same = not free and all(one == locks[0][1] for _, one in locks)
    return LockNeed(locks[:1] if is_same else locks, free, is_same)
