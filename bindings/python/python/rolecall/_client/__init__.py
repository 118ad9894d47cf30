"""Clients of a server. They start from a pass or a snapshot, and follow a stream of changes."""

from .application import Application
from .connection import Connection
from .engine import LiveEngine, connect
from .filters import FilterClient
from .live import Live
from .session import LiveSession, connect_session

__all__ = [
    "Application",
    "Connection",
    "FilterClient",
    "Live",
    "LiveEngine",
    "LiveSession",
    "connect",
    "connect_session",
]
