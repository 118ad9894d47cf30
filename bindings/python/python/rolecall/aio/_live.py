"""A connection whose threads report to an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from types import TracebackType
from typing import Any, Generic, TypeVar

from .._client import Connection, Live
from .._client import connect as connect_thread
from .._client import connect_session as connect_session_thread
from .._core import Engine, PortableSession

T = TypeVar("T", Engine, PortableSession)


class AsyncLive(Generic[T]):
    """Answers that stay up to date until the connection is closed. Use it in the event loop that made it."""

    def __init__(self, live: Live[T]) -> None:
        self._live: Live[T] = live
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Callable[[AsyncLive[T]], Any]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = asyncio.Event()
        self._stop = live.on_change(lambda _: self._report())

    @property
    def current(self) -> T:
        """The latest object that answers. Read it again for each request. Raises `ClientError` if it is too old."""
        return self._live.current

    @property
    def connection(self) -> Connection:
        """Whether changes arrive, and since when."""
        return self._live.connection

    def on_change(self, listener: Callable[[AsyncLive[T]], Awaitable[None] | None]) -> Callable[[], None]:
        """Calls `listener`, a function or a coroutine function, whenever the answers or the connection change.

        Returns a function that ends the calls.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def changes(self) -> AsyncIterator[AsyncLive[T]]:
        """Yields this connection after each change, until it is closed. Changes in quick succession count as one."""
        woken = asyncio.Event()
        end = self.on_change(lambda _: woken.set())
        try:
            while await self._woken(woken):
                woken.clear()
                yield self
        finally:
            end()

    async def aclose(self) -> None:
        """Ends the connection. The last state continues to answer for as long as it may."""
        self._stop()
        self._stop = lambda: None
        self._closed.set()
        self._live.close()

    async def __aenter__(self) -> AsyncLive[T]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _woken(self, woken: asyncio.Event) -> bool:
        """Waits for a change or for the end. Returns whether the connection is still open."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (woken, self._closed)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
        return not self._closed.is_set()

    def _report(self) -> None:
        """Passes a change from a thread of the connection to the event loop."""
        try:
            self._loop.call_soon_threadsafe(self._notify)
        except RuntimeError:
            # The event loop has ended without `aclose`.
            self._live.close()

    def _notify(self) -> None:
        for listener in list(self._listeners):
            try:
                result = listener(self)
            except Exception as error:
                self._loop.call_exception_handler({"message": "a listener of rolecall.aio failed", "exception": error})
                continue
            if asyncio.iscoroutine(result):
                task = self._loop.create_task(result)
                # The loop itself keeps no reference to its tasks.
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)


class Connecting(Generic[T]):
    """A connection that is being made: await it, or use it in `async with`."""

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], Live[T]]) -> None:
        self._make: Callable[[asyncio.AbstractEventLoop], Live[T]] = make
        self._made: AsyncLive[T] | None = None

    def __await__(self) -> Generator[Any, None, AsyncLive[T]]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncLive[T]:
        self._made = await self._open()
        return self._made

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made is not None:
            await self._made.aclose()

    async def _open(self) -> AsyncLive[T]:
        made = asyncio.ensure_future(asyncio.to_thread(self._make, asyncio.get_running_loop()))
        try:
            return AsyncLive(await asyncio.shield(made))
        except asyncio.CancelledError:
            # The thread cannot be cancelled; nobody would close what it makes.
            made.add_done_callback(_close_unused)
            raise


def _close_unused(made: asyncio.Future[Any]) -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().close()


def connect(url: str, *, token: str, max_age: float = 15 * 60) -> Connecting[Engine]:
    """Returns a client that holds the whole engine and follows every change, like `rolecall.connect`.

    Raises `ClientError` or `OSError` when it is awaited, if the first answers cannot be fetched.
    """
    return Connecting(lambda _: connect_thread(url, token=token, max_age=max_age))


def connect_session(
    url: str,
    get_pass: Callable[[], str | Awaitable[str]],
    *,
    issuer: str | None = None,
    audience: str | None = None,
    at: str | None = None,
) -> Connecting[PortableSession]:
    """Returns a client for one subject, like `rolecall.connect_session`.

    `get_pass` returns a pass or is a coroutine function; it runs in the event loop. Raises `ClientError` or `OSError`
    when it is awaited, if the first answers cannot be fetched.
    """

    async def ask() -> str:
        result = get_pass()
        return result if isinstance(result, str) else await result

    def make(loop: asyncio.AbstractEventLoop) -> Live[PortableSession]:
        def get() -> str:
            return asyncio.run_coroutine_threadsafe(ask(), loop).result()

        return connect_session_thread(url, get, issuer=issuer, audience=audience, at=at)

    return Connecting(make)
