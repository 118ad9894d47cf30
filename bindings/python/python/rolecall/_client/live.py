"""The base of both clients: threads that follow a server, and listeners."""

from __future__ import annotations

import random
import sys
import threading
import urllib.error
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, Generic, TypeVar

from .._core import Engine, PortableSession
from .._errors import ClientError
from .connection import Connection, now
from .forks import track
from .options import FIRST_WAIT, LONGEST_WAIT
from .response import error_of, is_logged_out, needs_other_pass
from .watch import abandon, events, interrupt, request

T = TypeVar("T", Engine, PortableSession)


class Live(Generic[T]):
    """Answers that stay up to date until the connection is closed. Use it as a context manager, or call `close`.

    A forked process, such as a worker of a server that loads the application first, connects by itself: when it first
    uses the connection, or at once if there are listeners. Until then it is not connected, and `max_age` counts.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._connection = Connection(connected=False, since=now())
        self._listeners: list[Callable[[Live[T]], None]] = []
        self._closed = threading.Event()
        self._setting = threading.Lock()
        self._stream: HTTPResponse | None = None
        self._wait = FIRST_WAIT
        self._starting = threading.Lock()
        self._is_started = False
        track(self)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"`{type(self).__name__}` cannot be pickled or copied: connect in each process")

    @property
    def current(self) -> T:
        """The latest object that answers. Read it again for each request. Raises `ClientError` if it is too old."""
        raise NotImplementedError

    @property
    def connection(self) -> Connection:
        """Whether changes arrive, and since when."""
        self._start()
        return self._connection

    def on_change(self, listener: Callable[[Live[T]], None]) -> Callable[[], None]:
        """Calls `listener` whenever the answers or the connection change, in the thread that follows the server.

        Returns a function that ends the calls.
        """
        self._start()
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Ends the connection. The last state continues to answer for as long as it may."""
        with self._setting:
            self._closed.set()
            # Listeners are not called: the application itself closes the connection.
            if self._connection.connected:
                self._connection = Connection(False, now())
        if self._stream is not None:
            interrupt(self._stream)

    def __enter__(self) -> Live[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Methods that each client implements.

    def _bearer(self) -> str:
        """Returns the token that requests carry."""
        raise NotImplementedError

    def _mark(self) -> str | None:
        """Returns the mark of the current answers. Without one, the server compares them with the bearer."""
        raise NotImplementedError

    def _refresh(self) -> None:
        """Fetches the answers of the server again."""
        raise NotImplementedError

    def _end(self) -> None:
        """Drops the answers, because the subject is no longer logged in."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Fetches everything that a connection needs."""
        raise NotImplementedError

    def _work(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns the names and functions of its threads."""
        return [("rolecall", self._follow)]

    # Threads, which start once in each process.

    def _start(self) -> None:
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
                # The interpreter is about to exit. The last state continues to answer.
                return

    def _forked(self) -> None:
        """Restarts the connection in a forked process, with new locks: those of other threads are never released."""
        was, stream = self._connection, self._stream
        self._connection = Connection(False, now() if was.connected else was.since, was.error)
        is_closed = self._closed.is_set()
        self._closed = threading.Event()
        if is_closed:
            self._closed.set()
        self._setting, self._starting = threading.Lock(), threading.Lock()
        self._stream, self._wait, self._is_started = None, FIRST_WAIT, False
        if stream is not None:
            abandon(stream)
        if self._listeners:
            self._start()

    def _follow(self) -> None:
        """Follows the stream, and reconnects until the connection is closed."""
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
            # The wait is random, so that clients do not return to a restarted server all at once.
            self._closed.wait(self._wait * random.uniform(0.5, 1))
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    def _listen(self) -> bool:
        """Reads the stream until it ends. Returns whether it ended because its bearer did."""
        mark = self._mark()
        try:
            opened = self._open("/v1/stream", {} if mark is None else {"last-event-id": mark})
        except ClientError as failure:
            if needs_other_pass(failure):
                self._refresh()
            raise
        with opened as stream:
            self._stream = stream
            if self._closed.is_set():
                # Closed before the stream could be interrupted.
                return False
            for event in events(stream):
                if self._closed.is_set():
                    return False
                if event == b"changed":
                    self._refresh()
                if event == b"ended":
                    self._end()
                if event in (b"expired", b"ended"):
                    return True
                self._wait = FIRST_WAIT
                self._set(True)
        return False

    def _open(self, path: str, headers: dict[str, str], *, data: bytes | None = None) -> HTTPResponse:
        """Sends a request with the bearer. Raises `ClientError`, `OSError`, and `HTTPError` for 304."""
        try:
            return request(self._url + path, {"authorization": f"Bearer {self._bearer()}", **headers}, data)
        except urllib.error.HTTPError as error:
            if error.code == 304:
                raise
            failure = error_of(error)
            self._end_if_logged_out(failure)
            raise failure from None

    def _end_if_logged_out(self, failure: ClientError) -> None:
        """Ends the answers if any response shows that the subject is no longer logged in."""
        if is_logged_out(failure):
            self._end()

    def _set(self, connected: bool, error: BaseException | None = None) -> None:
        with self._setting:
            # A closed connection receives no changes, so its answers age.
            connected = connected and not self._closed.is_set()
            if self._connection.connected == connected:
                return
            self._connection = Connection(connected, now(), error)
        self._notify()

    def _notify(self) -> None:
        for listener in list(self._listeners):
            try:
                listener(self)
            except Exception:
                # Reported as an uncaught exception of the thread; the other listeners are still called.
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
