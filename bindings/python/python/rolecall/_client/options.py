"""Bounds in seconds, and the options that they limit."""

from __future__ import annotations

from .._errors import ClientError

FIRST_WAIT = 0.1
"""The wait before the first attempt to reconnect. Each further attempt doubles it."""
LONGEST_WAIT = 30.0
SILENCE = 40.0
"""A stream that is silent for longer counts as broken: the server writes to it every 15 seconds."""
LONGEST_AGE = 24 * 60 * 60.0
"""The longest `max_age`: withdrawn roles remain in effect for that long while the server is unreachable."""


def age(seconds: object) -> float:
    """Returns the option `max_age`. Raises `ClientError` if it is not a number of seconds within a day."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= LONGEST_AGE:
        raise ClientError(
            "client.options",
            f"`max_age` is a number of seconds, at most {LONGEST_AGE:.0f} (a day), not `{seconds!r}`",
        )
    return seconds
