"""Timestamps, and numbers that are mistaken for them."""

from __future__ import annotations

from datetime import datetime, timezone

EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
"""An instant before this was made of a number of other units."""


def text_of(value: object) -> str | tuple[str, str] | None:
    """A `datetime` as RFC 3339; or what is wrong with it, and a way out. `None` for other values."""
    if not isinstance(value, datetime):
        return None
    # By `datetime` itself: a subclass may answer otherwise.
    if datetime.utcoffset(value) is None:
        return "the `datetime` has no time zone", "give it one, such as `datetime.now(timezone.utc)`"
    if value < EARLIEST:
        return (
            "the instant is before 1990: it looks as if it was made of a number in another unit",
            "`datetime.fromtimestamp` takes seconds; or write the instant as RFC 3339",
        )
    return datetime.isoformat(value)
