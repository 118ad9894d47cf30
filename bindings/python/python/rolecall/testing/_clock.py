"""A clock that a test sets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Protocol

from .._errors import RequestError


class Ends(Protocol):
    """Answers that may end, such as a session or a decision."""

    @property
    def valid_until(self) -> str | None: ...


class Clock:
    """A clock that a test sets. Call it to get its time, such as for the option `now` of the framework modules."""

    def __init__(self, time: str | datetime = "2026-01-01T00:00:00Z") -> None:
        self._time = _read(time)

    def __call__(self) -> datetime:
        return self._time

    def set(self, time: str | datetime) -> None:
        """Sets the time."""
        self._time = _read(time)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, milliseconds: float = 0
    ) -> None:
        """Moves the time on; a negative number moves it back."""
        self._time += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)

    def advance_to_end_of(self, answers: Ends) -> bool:
        """Moves the time to the end of a session or a decision. Returns whether it has one."""
        end = answers.valid_until
        if end is not None:
            self.set(end)
        return end is not None


def _read(time: str | datetime) -> datetime:
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time.replace("Z", "+00:00"))
        except ValueError:
            raise RequestError("timestamp.malformed", f"`{time}` is not a timestamp", "time") from None
    if time.utcoffset() is None:
        hint = "add one, as in `2026-01-01T00:00:00Z`"
        raise RequestError("timestamp.malformed", "the time has no time zone", "time", hint)
    return time.astimezone(timezone.utc)
