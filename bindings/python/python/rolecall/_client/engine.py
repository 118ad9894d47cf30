"""A client that holds the whole engine."""

from __future__ import annotations

import urllib.error

from .._core import Engine
from .._errors import ClientError
from .connection import now
from .live import Live
from .options import age


class LiveEngine(Live[Engine]):
    """The whole engine, for a server that makes decisions by itself."""

    def __init__(self, url: str, token: str, max_age: float) -> None:
        super().__init__(url)
        self._token = token
        self._max_age = max_age
        self._tag: str | None = None
        self._engine: Engine | None = None
        self._refresh()
        self._start()

    @property
    def current(self) -> Engine:
        self._start()
        connection = self._connection
        away = 0.0 if connection.connected else (now() - connection.since).total_seconds()
        # Written so that the comparison fails for NaN.
        if self._engine is None or not away <= self._max_age:
            raise ClientError("client.stale", f"the server has been unreachable for {away:.0f} s")
        return self._engine

    def _bearer(self) -> str:
        return self._token

    def _mark(self) -> str | None:
        return self._tag and self._tag.strip('"')

    def _refresh(self) -> None:
        try:
            with self._open("/v1/snapshot", {} if self._tag is None else {"if-none-match": self._tag}) as response:
                self._engine = Engine.from_snapshot(response.read())
                self._tag = response.headers.get("etag")
        except urllib.error.HTTPError:
            # Not modified.
            return
        self._notify()

    def _end(self) -> None:
        self._engine = self._tag = None
        self._notify()

    def _prepare(self) -> None:
        pass


def connect(url: str, *, token: str, max_age: float = 15 * 60) -> LiveEngine:
    """Returns a client that holds the whole engine and follows every change, for servers that decide by themselves.

    `token` permits reading snapshots. Raises `ClientError` or `OSError` if the first answers cannot be fetched. From
    then on the client answers while the server is unreachable, for `max_age` seconds, at most a day; it reconnects by
    itself, and `connection` reports its state.
    """
    return LiveEngine(url, token, age(max_age))
