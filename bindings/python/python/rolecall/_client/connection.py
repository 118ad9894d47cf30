"""The state of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True)
class Connection:
    """The state of the connection to a server."""

    connected: bool
    """Whether changes arrive."""
    since: datetime
    """When this state began."""
    error: BaseException | None = None
    """The reason why it is not connected, if known."""


def now() -> datetime:
    """Returns the current time in UTC."""
    return datetime.now(timezone.utc)
