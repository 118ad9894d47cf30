"""The parts of records that are not built-in maps and lists."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence, Set
from datetime import date, time, timedelta, tzinfo
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
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
"""Values without fields of their own. `Number` has `Decimal`, `Fraction` and the numbers of other libraries."""


def parts(value: Any) -> tuple[str, list[tuple[Any, Any]]] | None:
    """What a value is, with its entries, each read once; nothing for a single value.

    Raises `RequestError` for an object whose fields no path of a field could find: they would be given.
    """
    if isinstance(value, _SINGLE) or value is None:
        return None
    kind = type(value)
    if callable(getattr(kind, "_asdict", None)):
        # A path may name a field of a named tuple by its place.
        return "named" if isinstance(value, tuple) else "map", list(value._asdict().items())
    if isinstance(value, Mapping) or (callable(getattr(kind, "keys", None)) and hasattr(kind, "__getitem__")):
        return "map", [(key, value[key]) for key in list(value.keys())]
    if isinstance(value, Set):
        return "frozenset" if isinstance(value, frozenset) else "set", list(enumerate(value))
    if isinstance(value, (Sequence, deque)):
        return "tuple" if isinstance(value, tuple) else "list", list(enumerate(value))
    if hasattr(kind, "dtype") and getattr(value, "shape", None) == ():
        return None
    raise RequestError(
        "request.shape",
        f"a `{kind.__name__}` is not a map, a list or a single value, so that its fields cannot be withheld",
        "record",
        "hand over a dict of its fields, such as `dataclasses.asdict(value)`, or a list, such as `array.tolist()`",
    )
