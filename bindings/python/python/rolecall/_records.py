"""Reads the entries of records that are not built-in maps and lists."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from datetime import date, time, timedelta, tzinfo
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from numbers import Number
from pathlib import PurePath
from typing import Any
from uuid import UUID

from ._errors import RequestError

_SINGLE = (
    str,
    bytes,
    bytearray,
    memoryview,
    Number,
    date,
    time,
    timedelta,
    tzinfo,
    UUID,
    Enum,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    PurePath,
    re.Pattern,
)
"""Values without fields. `Number` includes `Decimal`, `Fraction` and the numbers of other libraries."""


class _LargeError(Exception):
    """A value has more entries than there is room for."""


def _read(entries: Iterable[Any], room: int) -> list[Any]:
    # Checked before memory is used for the entries: a `range` may have any number of them.
    if isinstance(entries, Sized):
        try:
            size = len(entries)
        except OverflowError:
            raise _LargeError from None
        if size > room:
            raise _LargeError
    return list(islice(entries, room + 1))


def parts(value: Any, room: int) -> tuple[str, list[tuple[Any, Any]]] | None:
    """Returns the kind of a value and its entries, each read once. `None` for a single value; `large` for over `room`.

    Raises `RequestError` for an object whose fields no path can name: they would not be withheld.
    """
    if isinstance(value, _SINGLE) or value is None:
        return None
    try:
        return _entries(value, room)
    except _LargeError:
        return "large", []


def _entries(value: Any, room: int) -> tuple[str, list[tuple[Any, Any]]] | None:
    kind = type(value)
    if callable(getattr(kind, "_asdict", None)):
        # A path may name a field of a named tuple by its number.
        return "named" if isinstance(value, tuple) else "map", list(value._asdict().items())
    if isinstance(value, Mapping) or (callable(getattr(kind, "keys", None)) and hasattr(kind, "__getitem__")):
        return "map", [(key, value[key]) for key in _read(value.keys(), room)]
    if isinstance(value, Set):
        return "frozenset" if isinstance(value, frozenset) else "set", list(enumerate(_read(value, room)))
    if isinstance(value, (Sequence, deque)):
        return "tuple" if isinstance(value, tuple) else "list", list(enumerate(_read(value, room)))
    if hasattr(kind, "dtype") and getattr(value, "shape", None) == ():
        return None
    raise RequestError(
        "request.shape",
        f"a `{kind.__name__}` is not a map, a list or a single value, so its fields cannot be withheld",
        "record",
        "pass a dict of its fields, such as `dataclasses.asdict(value)`, or a list, such as `array.tolist()`",
    )
