"""Classes of places: those with the same parts of a plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ._columns import Range
from ._plan import Locks, Part, covers, united

FEW = 8
"""The number of parts up to which each has a part of its own in a predicate."""

Ids = dict[str, tuple[Range, ...]]
"""Ids that are locked in a class, with their places."""


@dataclass(frozen=True)
class Classes:
    """Places with the same parts have the same class."""

    spans: Sequence[tuple[Range, int]]
    """Ranges of places and the class of each, in order."""
    members: Sequence[Sequence[int]]
    """The numbers of the parts of each class."""
    parts: Sequence[Part]

    @property
    def most(self) -> int:
        """The largest number of parts of a class."""
        return max(map(len, self.members))

    def keyed(self) -> list[tuple[int, Part]]:
        """Returns each part of each class with its key: the class times `most`, plus the place of the part in it."""
        if len(self.parts) == 1:
            return [(0, self.parts[0])]
        keys = [(of, key, number) for of, numbers in enumerate(self.members) for key, number in enumerate(numbers)]
        locks = self._locks()
        return [
            (self.most * of + key, replace(self.parts[number], locks=locks.get((of, number))))
            for of, key, number in keys
        ]

    def _locks(self) -> dict[tuple[int, int], Locks]:
        """Returns the locks of each part at the places of each class.

        Mostly, the parts of a class have the same locks. Then they are the same object for all classes.
        """
        every = [part.locks for part in self.parts if part.locks is not None]
        if not every:
            return {}
        common = dict.fromkeys(every[0].everywhere)
        for one in every[1:]:
            common = dict.fromkeys(item for item in one.everywhere if item in common)
        found = self._locked(common)
        places: dict[int, list[Range]] = {}
        for span, of in self.spans:
            places.setdefault(of, []).append(span)
        if len(every) == len(self.parts) and self._is_alike(found):
            ids: dict[str, list[Range]] = {}
            for of, numbers in enumerate(self.members):
                for item, ranges in found[of, numbers[0]].items():
                    ids.setdefault(item, []).extend(ranges)
            inside = united(span for span, _ in self.spans)
            same = _locks_of(common, {item: united(ranges) for item, ranges in ids.items()}, inside)
            return dict.fromkeys(found, same)
        return {(of, number): _locks_of(common, ids, places[of]) for (of, number), ids in found.items()}

    def _locked(self, common: dict[str, None]) -> dict[tuple[int, int], Ids]:
        """Returns the ids that are locked, by class and part, without those that are locked everywhere in all parts."""
        begins = [first for (first, _), _ in self.spans]
        members = [frozenset(numbers) for numbers in self.members]
        found: dict[tuple[int, int], dict[str, list[Range]]] = {
            (of, number): {}
            for of, numbers in enumerate(self.members)
            for number in numbers
            if self.parts[number].locks is not None
        }
        for number, part in enumerate(self.parts):
            if part.locks is None:
                continue
            everywhere = [(item, part.places) for item in part.locks.everywhere if item not in common]
            for item, ranges in [*everywhere, *part.locks.partly]:
                for first, last in ranges:
                    for at in range(bisect_right(begins, last) - 1, -1, -1):
                        (begin, end), of = self.spans[at]
                        if end < first:
                            break
                        if number in members[of]:
                            found[of, number].setdefault(item, []).append((max(begin, first), min(end, last)))
        return {key: {item: united(ranges) for item, ranges in ids.items()} for key, ids in found.items()}

    def _is_alike(self, found: dict[tuple[int, int], Ids]) -> bool:
        return all(
            found[of, number] == found[of, numbers[0]] for of, numbers in enumerate(self.members) for number in numbers
        )


def _locks_of(common: dict[str, None], ids: Ids, inside: Sequence[Range]) -> Locks:
    everywhere = [item for item, ranges in ids.items() if covers(ranges, inside)]
    partly = [(item, ranges) for item, ranges in ids.items() if not covers(ranges, inside)]
    return Locks((*common, *everywhere), tuple(partly))


def classes(parts: Sequence[Part]) -> Classes:
    """Numbers the places of parts, of which some may be at the same places."""
    changes: dict[int, list[int]] = {}
    for number, part in enumerate(parts):
        for first, last in part.places:
            changes.setdefault(first, []).append(number)
            changes.setdefault(last + 1, []).append(number)
    spans: list[tuple[Range, int]] = []
    numbers: dict[tuple[int, ...], int] = {}
    active: set[int] = set()
    begin = 0
    for at in sorted(changes):
        if active:
            spans.append(((begin, at - 1), numbers.setdefault(tuple(sorted(active)), len(numbers))))
        active.symmetric_difference_update(changes[at])
        begin = at
    return Classes(spans, list(numbers), parts)


def groups(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """Returns the parts of which each group has a part of its own in a predicate.

    Places with a similar number of parts are in one group, because a row is compared with as many parts as any place of
    its group has. There are no more groups than binary digits of the largest number.
    """
    if len(parts) <= FEW:
        return [[part] for part in parts]
    found = classes(parts)
    places: dict[int, dict[int, list[Range]]] = {}
    for span, of in found.spans:
        numbers = found.members[of]
        for number in numbers:
            places.setdefault(len(numbers).bit_length(), {}).setdefault(number, []).append(span)
    return [
        [replace(parts[number], places=united(spans)) for number, spans in sorted(places[size].items())]
        for size in sorted(places)
    ]
