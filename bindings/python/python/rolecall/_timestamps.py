"""Converts timestamps, and rejects those that were made from numbers in the wrong unit."""

from __future__ import annotations

from datetime import datetime, timezone

EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
"""A timestamp before this was probably made from a number in the wrong unit."""


def text_of(value: object) -> str | tuple[str, str] | None:
    """Returns a `datetime` as RFC 3339, or an error message and a hint. `None` for other values."""
    if not isinstance(value, datetime):
        return None
    # Methods of `datetime` itself, because a subclass may override them.
    if datetime.utcoffset(value) is None:
        return "the `datetime` has no time zone", "add one, as in `datetime.now(timezone.utc)`"
    if value < EARLIEST:
        return (
            "the timestamp is before 1990; it was probably made from a number in the wrong unit",
            "pass seconds to `datetime.fromtimestamp`, or write the timestamp in RFC 3339",
        )
    return datetime.isoformat(value)
