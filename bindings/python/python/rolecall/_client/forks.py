"""Restarts connections in forked processes, because threads exist only in the parent."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forkable(Protocol):
    """A connection that starts again in a forked process."""

    def _forked(self) -> None: ...


_open: weakref.WeakSet[Forkable] = weakref.WeakSet()


def track(connection: Forkable) -> None:
    """Starts a connection again in each process that is forked from this one."""
    _open.add(connection)


def _after_fork() -> None:
    for connection in list(_open):
        connection._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
