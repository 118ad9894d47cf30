"""Answers from a server that stay right: the first from a pass or a snapshot, then whatever a stream of changes tells."""

from __future__ import annotations

import json
import math
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from http.client import HTTPResponse
from typing import Any, Generic, TypeVar

from ._core import Engine, PortableSession
from ._errors import ClientError

_OVER = ("session.ended", "session.missing")
"""What is refused where nobody is logged in any more."""

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 30.0
_TIMEOUT = 40.0
"""Seconds without a sign of life, after which a stream counts as broken: the server sends one every 15."""
_LONGEST_AGE = 24 * 60 * 60.0
"""Seconds that a server may be away at most: withdrawn roles hold for that long."""

T = TypeVar("T", Engine, PortableSession)


@dataclass(frozen=True)
class Connection:
    """How the connection to the server is."""

    connected: bool
    """Whether changes arrive."""
    since: datetime
    """Since when."""
    error: BaseException | None = None
    """Why it is not connected, as far as that is known."""


def _now() -> datetime:
    return datetime.now(timezone.utc)


class _Staying(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: the server's bearer is for the server alone."""

    def redirect_request(self, *_: object) -> None:
        return None


_server = urllib.request.build_opener(_Staying)


def _refusal(error: urllib.error.HTTPError) -> ClientError:
    try:
        told = json.loads(error.read())["error"]
        return ClientError(str(told["code"]), str(told["message"]))
    except (ValueError, KeyError, TypeError, OSError):
        return ClientError(f"http.{error.code}", str(error.reason))


def _is_of_bearer(refused: ClientError) -> bool:
    """Whether a pass opens nothing any more."""
    return refused.code.startswith(("pass.", "session."))


def _socket_of(stream: HTTPResponse) -> Any:
    """The socket that a stream is read from."""
    return getattr(getattr(stream.fp, "raw", None), "_sock", None)


class Live(Generic[T]):
    """Answers that stay right until it is closed. Use it as a context manager, or call `close`.

    A process that was forked, such as a worker of a server that loads the application first, connects by itself: when it is
    used there first, or at once where somebody listens. Until then it is not connected, and `max_age` counts.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._connection = Connection(connected=False, since=_now())
        self._listeners: list[Callable[[Live[T]], None]] = []
        self._closed = threading.Event()
        self._setting = threading.Lock()
        self._stream: HTTPResponse | None = None
        self._wait = _FIRST_WAIT
        self._starting = threading.Lock()
        self._is_started = False
        _all.add(self)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"`{type(self).__name__}` cannot be pickled or copied: connect in each process")

    def _work(self) -> list[tuple[str, Callable[[], None]]]:
        """What its threads do, by name."""
        return [("rolecall", self._follow)]

    def _start(self) -> None:
        """Starts its threads, once in a process."""
        if self._is_started:
            return
        with self._starting:
            if self._is_started or self._closed.is_set():
                return
            self._is_started = True
            try:
                for name, work in self._work():
                    threading.Thread(target=work, name=name, daemon=True).start()
            except RuntimeError:
                # The interpreter is about to end: it answers for as long as it may.
                return

    def _forked(self) -> None:
        """Begins again in a process that was forked: the threads stayed behind, and locks may be held for ever."""
        was, stream = self._connection, self._stream
        self._connection = Connection(False, _now() if was.connected else was.since, was.error)
        is_closed = self._closed.is_set()
        self._closed = threading.Event()
        if is_closed:
            self._closed.set()
        self._setting, self._starting = threading.Lock(), threading.Lock()
        self._stream, self._wait, self._is_started = None, _FIRST_WAIT, False
        sock = None if stream is None else _socket_of(stream)
        if sock is not None:
            # The connection itself is the other process's: nothing is sent, and no lock of the reader is taken.
            descriptor = sock.detach()
            if descriptor >= 0:
                os.close(descriptor)
        if self._listeners:
            self._start()

    @property
    def current(self) -> T:
        """What answers now. Take it anew for each request. Raises `ClientError` where what there is became too old."""
        raise NotImplementedError

    @property
    def connection(self) -> Connection:
        """Whether changes arrive, and since when."""
        self._start()
        return self._connection

    def on_change(self, listener: Callable[[Live[T]], None]) -> Callable[[], None]:
        """Calls back, in the thread that listens, whenever the answers are others, or the connection is.

        Returns what ends that.
        """
        self._start()
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Ends the connection; what is there goes on to answer for as long as it may."""
        with self._setting:
            self._closed.set()
            # Nobody is told: whoever closes it knows.
            if self._connection.connected:
                self._connection = Connection(False, _now())
        stream = self._stream
        if stream is not None and stream.fp is not None:
            # Whoever reads it is woken.
            try:
                import socket

                sock = _socket_of(stream)
                if sock is not None:
                    sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self) -> Live[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _bearer(self) -> str:
        raise NotImplementedError

    def _mark(self) -> str | None:
        """What the answers are marked with; without it the server looks at the bearer."""
        raise NotImplementedError

    def _refresh(self) -> None:
        """Gets other answers, since the server has others."""
        raise NotImplementedError

    def _end(self) -> None:
        """Forgets what answers: whoever it is for is no longer logged in."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Gets whatever is needed to connect."""
        raise NotImplementedError

    def _heed(self, refused: ClientError) -> None:
        """Nothing answers where nobody is logged in any more, however that is heard of."""
        if refused.code in _OVER:
            self._end()

    def _open(self, path: str, headers: dict[str, str], *, data: bytes | None = None) -> HTTPResponse:
        headers = {"authorization": f"Bearer {self._bearer()}", **headers}
        request = urllib.request.Request(self._url + path, data=data, headers=headers)
        try:
            response = _server.open(request, timeout=_TIMEOUT)
        except urllib.error.HTTPError as error:
            if error.code == 304:
                raise
            refused = _refusal(error)
            self._heed(refused)
            raise refused from None
        assert isinstance(response, HTTPResponse)
        return response

    def _tell(self) -> None:
        for listener in list(self._listeners):
            try:
                listener(self)
            except Exception:
                # It is told as what nobody caught, and keeps nobody else from hearing.
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))

    def _set(self, connected: bool, error: BaseException | None = None) -> None:
        with self._setting:
            # What is closed hears of nothing any more, so that it becomes too old.
            connected = connected and not self._closed.is_set()
            if self._connection.connected == connected:
                return
            self._connection = Connection(connected, _now(), error)
        self._tell()

    def _follow(self) -> None:
        """Follows the stream, and connects again for as long as it is not closed."""
        while not self._closed.is_set():
            ended: BaseException | None = None
            try:
                self._prepare()
                if self._listen():
                    continue
            except Exception as error:
                ended = error
            if self._closed.is_set():
                return
            self._set(False, ended)
            # Some sooner, some later, so that a server that comes back is not met by everyone at once.
            self._closed.wait(self._wait * random.uniform(0.5, 1))
            self._wait = min(self._wait * 2, _LONGEST_WAIT)

    def _listen(self) -> bool:
        """Listens until the stream ends; tells whether it ended because its bearer did."""
        mark = self._mark()
        try:
            opened = self._open("/v1/stream", {} if mark is None else {"last-event-id": mark})
        except ClientError as refused:
            if _is_of_bearer(refused):
                self._refresh()
            raise
        with opened as stream:
            self._stream = stream
            for line in stream:
                if self._closed.is_set():
                    return False
                if not line.startswith(b"event:"):
                    continue
                event = line[6:].strip()
                if event == b"changed":
                    self._refresh()
                if event == b"ended":
                    self._end()
                if event in (b"expired", b"ended"):
                    return True
                self._wait = _FIRST_WAIT
                self._set(True)
        return False


_all: weakref.WeakSet[Live[Any]] = weakref.WeakSet()
"""Everything that is connected in this process."""


def _forked() -> None:
    for live in list(_all):
        live._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class LiveEngine(Live[Engine]):
    """Everything, for a server that decides by itself."""

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
        age = 0.0 if connection.connected else (_now() - connection.since).total_seconds()
        # What is no number is no bound.
        if self._engine is None or not age <= self._max_age:
            raise ClientError("client.stale", f"the server has been away for {age:.0f} s")
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
            # It is what there is already.
            return
        self._tell()

    def _end(self) -> None:
        self._engine = self._tag = None
        self._tell()

    def _prepare(self) -> None:
        pass


class LiveSession(Live[PortableSession]):
    """What one subject may do, by passes that are renewed."""

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
        self._state = threading.Lock()
        self._asked = self._newest = 0
        """How many passes were asked for, and the last of them that counts: what was asked for before it came too late."""
        self._authenticate()
        self._start()

    def _work(self) -> list[tuple[str, Callable[[], None]]]:
        return [*super()._work(), ("rolecall-renewal", self._renewing)]

    def _forked(self) -> None:
        self._state = threading.Lock()
        super()._forked()

    @property
    def current(self) -> PortableSession:
        self._start()
        session = self._session
        if session is None:
            raise ClientError("client.ended", "nobody is logged in any more")
        # Beyond what the pass covers it denies.
        return session.at(session.coverage.at, _now())

    def _bearer(self) -> str:
        return self._pass

    def _mark(self) -> None:
        # The stream is held against the pass itself.
        return None

    def _ask(self) -> int:
        with self._state:
            self._asked += 1
            return self._asked

    def _take(self, asked: int, text: str) -> None:
        with _server.open(self._url + "/.well-known/jwks.json", timeout=_TIMEOUT) as response:
            keys = response.read().decode()
        session = PortableSession.from_pass(
            text, keys=keys, issuer=self._issuer, audience=self._audience, time=_now(), at=self._at
        )
        until = session.coverage.until
        assert until is not None  # a pass has an end
        expires = datetime.fromisoformat(until.replace("Z", "+00:00")).timestamp()
        with self._state:
            if asked <= self._newest:
                return
            self._newest = asked
            self._pass, self._session, self._expires = text, session, expires
            # Well before its end, some sooner, some later.
            self._renew_at = time.time() + max(0.0, expires - time.time()) * random.uniform(0.6, 0.8)
        self._tell()

    def _refresh(self) -> None:
        asked = self._ask()
        try:
            with self._open("/v1/passes/renew", {"content-type": "application/json"}, data=b"{}") as response:
                text = json.loads(response.read())["pass"]
        except ClientError as error:
            if not _is_of_bearer(error):
                raise
            # It cannot be renewed: who asks must be authenticated again.
            self._authenticate()
        else:
            self._take(asked, text)

    def _authenticate(self) -> None:
        """Gets a pass from one's own backend."""
        asked = self._ask()
        try:
            text = self._get_pass()
        except ClientError as error:
            self._heed(error)
            raise
        self._take(asked, text)

    def _end(self) -> None:
        with self._state:
            # Nor does it answer from a pass that was asked for before.
            self._newest = self._asked
            was, self._session = self._session, None
            self._expires, self._renew_at = 0.0, math.inf
        if was is not None:
            self._tell()

    def _prepare(self) -> None:
        if time.time() >= self._expires:
            self._authenticate()

    def _renewing(self) -> None:
        while not self._closed.wait(min(60.0, max(0.05, self._renew_at - time.time()))):
            if time.time() < self._renew_at:
                continue
            try:
                self._refresh()
            except Exception:
                # The pass holds for a while; it is tried again. Without one, whoever follows gets it.
                with self._state:
                    left = self._expires - time.time()
                    self._renew_at = time.time() + max(1.0, left / 4) if left > 0 else math.inf


def connect(url: str, *, token: str, max_age: float = 15 * 60) -> LiveEngine:
    """Connects a server that decides by itself: it holds everything, and follows every change.

    `token` gives the right to snapshots. Raises `ClientError` or `OSError` where the first answers cannot be had; from then
    on it works while the server is away, for `max_age` seconds, at most a day, connects again by itself, and tells how it is.
    """
    if isinstance(max_age, bool) or not isinstance(max_age, (int, float)) or not 0 <= max_age <= _LONGEST_AGE:
        raise ClientError(
            "client.options", f"`max_age` is a number of seconds, at most {_LONGEST_AGE:.0f} (a day), not `{max_age!r}`"
        )
    return LiveEngine(url, token, max_age)


def connect_session(
    url: str,
    get_pass: Callable[[], str],
    *,
    issuer: str | None = None,
    audience: str | None = None,
    at: str | None = None,
) -> LiveSession:
    """Connects for one subject: `get_pass` gets a pass for it, also when one cannot be renewed.

    `issuer` is the address that the server is known by, where it is not `url`. Raises `ClientError` or `OSError` where the
    first answers cannot be had; from then on it works while the server is away, until the pass ends.
    """
    return LiveSession(url, get_pass, issuer, audience, at)
