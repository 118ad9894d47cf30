"""A client for one subject."""

from __future__ import annotations

import json
import math
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone

from .._core import PortableSession
from .._errors import ClientError
from .connection import now
from .live import Live
from .response import needs_other_pass
from .watch import request


class LiveSession(Live[PortableSession]):
    """The permissions of one subject, from passes that are renewed."""

    def __init__(
        self, url: str, get_pass: Callable[[], str], issuer: str | None, audience: str | None, at: str | None
    ) -> None:
        super().__init__(url)
        self._get_pass = get_pass
        self._issuer = issuer or self._url
        self._audience = audience
        self._at = at
        self._pass = ""
        self._expires = self._renew_at = 0.0
        self._session: PortableSession | None = None
        self._answers: PortableSession | None = None
        """The session at the time of its latest use. It is replaced when its answers differ."""
        self._since = self._until = 0.0
        """The time of these answers, and the time at which they differ."""
        self._reported = math.inf
        """The time at which the answers that listeners know differ."""
        self._state = threading.Lock()
        self._rearmed = threading.Event()
        """Set when the renewing thread has to wait for another time."""
        self._requested = self._newest = 0
        """The number of requested passes, and of the latest in effect. Passes requested earlier are ignored."""
        self._authenticate()
        self._start()

    @property
    def current(self) -> PortableSession:
        self._start()
        with self._state:
            return self._answers_at(time.time())

    def _answers_at(self, instant: float) -> PortableSession:
        """Returns the answers at an instant: the same object until they differ. The caller holds `_state`."""
        session = self._session
        if session is None:
            raise ClientError("client.ended", "the subject is no longer logged in")
        # A clock can be set back too.
        if self._answers is None or not self._since <= instant < self._until:
            # The session denies everything that the pass does not cover.
            self._answers = session.at(session.coverage.at, datetime.fromtimestamp(instant, timezone.utc))
            self._since, self._until = instant, _seconds(self._answers.valid_until)
        return self._answers

    def close(self) -> None:
        super().close()
        self._rearmed.set()

    def _work(self) -> list[tuple[str, Callable[[], None]]]:
        return [*super()._work(), ("rolecall-renewal", self._renewing)]

    def _forked(self) -> None:
        self._state, self._rearmed = threading.Lock(), threading.Event()
        super()._forked()

    def _bearer(self) -> str:
        return self._pass

    def _mark(self) -> None:
        # The server compares with the pass itself.
        return None

    def _next_number(self) -> int:
        with self._state:
            self._requested += 1
            return self._requested

    def _take(self, number: int, text: str) -> None:
        """Verifies a pass and puts it into effect, unless a later one is."""
        with request(self._url + "/.well-known/jwks.json") as response:
            keys = response.read().decode()
        session = PortableSession.from_pass(
            text, keys=keys, issuer=self._issuer, audience=self._audience, time=now(), at=self._at
        )
        expires = _seconds(session.coverage.until)
        with self._state:
            if number <= self._newest:
                return
            self._newest = number
            self._pass, self._session, self._expires, self._answers = text, session, expires, None
            self._answers_at(time.time())
            self._reported = self._until
            # Well before it expires, at a random time, so that clients do not renew all at once.
            self._renew_at = time.time() + max(0.0, expires - time.time()) * random.uniform(0.6, 0.8)
        self._rearmed.set()
        self._notify()

    def _refresh(self) -> None:
        number = self._next_number()
        try:
            with self._open("/v1/passes/renew", {"content-type": "application/json"}, data=b"{}") as response:
                text = json.loads(response.read())["pass"]
        except ClientError as error:
            if not needs_other_pass(error):
                raise
            # The pass cannot be renewed: the subject has to be authenticated again.
            self._authenticate()
        else:
            self._take(number, text)

    def _authenticate(self) -> None:
        """Gets a pass from the application, and puts it into effect."""
        number = self._next_number()
        try:
            text = self._get_pass()
        except ClientError as error:
            self._end_if_logged_out(error)
            raise
        self._take(number, text)

    def _end(self) -> None:
        with self._state:
            # Passes that were requested earlier must not take effect.
            self._newest = self._requested
            was, self._session, self._answers = self._session, None, None
            self._expires, self._renew_at, self._reported = 0.0, math.inf, math.inf
        if was is not None:
            self._notify()

    def _prepare(self) -> None:
        if time.time() >= self._expires:
            self._authenticate()

    def _renewing(self) -> None:
        """Reports the times at which the answers differ, and renews the pass."""
        while not self._closed.is_set():
            # At most a minute, because the clock can be set and the machine can sleep.
            self._rearmed.wait(min(60.0, max(0.05, min(self._renew_at, self._reported) - time.time())))
            self._rearmed.clear()
            if self._closed.is_set():
                return
            if time.time() >= self._reported:
                with self._state:
                    if self._session is not None:
                        self._answers_at(time.time())
                    self._reported = self._until if self._session is not None else math.inf
                self._notify()
            if time.time() < self._renew_at:
                continue
            try:
                self._refresh()
            except Exception:
                # Retried while the pass lasts. After that, the thread that follows the server gets another one.
                with self._state:
                    left = self._expires - time.time()
                    self._renew_at = time.time() + max(1.0, left / 4) if left > 0 else math.inf


def _seconds(timestamp: str | None) -> float:
    """Returns a timestamp in seconds since the epoch; infinity for none."""
    return math.inf if timestamp is None else datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()


def connect_session(
    url: str,
    get_pass: Callable[[], str],
    *,
    issuer: str | None = None,
    audience: str | None = None,
    at: str | None = None,
) -> LiveSession:
    """Returns a client for one subject. `get_pass` returns a pass for it, at first and whenever one cannot be renewed.

    `issuer` is the public address of the server if it is not `url`. Raises `ClientError` or `OSError` if the first
    answers cannot be fetched. From then on the client answers while the server is unreachable, until the pass expires.
    """
    return LiveSession(url, get_pass, issuer, audience, at)
