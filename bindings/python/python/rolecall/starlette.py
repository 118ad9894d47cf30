"""Rolecall in Starlette: endpoints that need permissions.

from rolecall.starlette import Roles

roles = Roles(engine, subject=lambda request: request.session.get("user"), at="acme/{shop}")

@roles.needs("segments:edit")
async def edit(request): ...
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response

from ._core import Session
from ._guard import PROBLEM, UNAUTHENTICATED, UNKNOWN_SCOPE, Denied, Guard, Scope, Source
from ._inputs import Resource

E = TypeVar("E", bound=Callable[..., Any])
Subject = Callable[[HTTPConnection], str | Awaitable[str | None] | None]

__all__ = ["Roles"]


class Roles:
    """The roles of the users of an application."""

    def __init__(
        self,
        source: Source,
        *,
        subject: Subject,
        at: str | Callable[[HTTPConnection], str],
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Takes an engine, a connection of `connect`, or a function that returns an engine.

        `subject` returns the id of the user of a request, such as `user:ada`, or None if nobody is logged in. `at` is
        the scope: a path, in which `{name}` is a part of the address, or a function of the request.
        """
        self._guard: Guard[HTTPConnection] = Guard(source, at, now)
        self._subject = subject

    async def session(self, request: HTTPConnection) -> Session:
        """Returns the session of a request. Raises the `HTTPException` 401 if nobody is logged in, and 403 if the scope
        does not exist."""
        session = await self._session(request, self._guard.scope)
        if isinstance(session, Session):
            return session
        denied = session or UNKNOWN_SCOPE
        raise HTTPException(denied.status, denied.code)

    def needs(
        self,
        permission: str,
        *,
        at: str | Callable[[HTTPConnection], str] | None = None,
        resource: Callable[[HTTPConnection], Resource] | None = None,
    ) -> Callable[[E], E]:
        """Makes an endpoint need a permission: others get 401 or 403.

        `resource` returns the item of a request. Raises `RequestError` at once for a permission that the policy does
        not have.
        """
        self._guard.check_name(permission)
        scope = self._guard.scope if at is None else Scope(at)

        async def refusal(request: HTTPConnection) -> Response | None:
            session = await self._session(request, scope)
            if isinstance(session, Denied):
                denial: Denied | None = session
            else:
                denial = self._guard.denial(session, permission, None if resource is None else resource(request))
            return None if denial is None else Response(denial.problem(), denial.status, media_type=PROBLEM)

        def guarded(endpoint: E) -> E:
            if inspect.iscoroutinefunction(endpoint):

                @functools.wraps(endpoint)
                async def run(*args: Any, **more: Any) -> Any:
                    return await refusal(_request(args, more)) or await endpoint(*args, **more)

            else:

                @functools.wraps(endpoint)
                async def run(*args: Any, **more: Any) -> Any:
                    return await refusal(_request(args, more)) or await run_in_threadpool(endpoint, *args, **more)

            return run  # type: ignore[return-value]

        return guarded

    async def _session(self, request: HTTPConnection, scope: Scope[HTTPConnection]) -> Session | Denied | None:
        subject = self._subject(request)
        if inspect.isawaitable(subject):
            subject = await subject
        if subject is None:
            return UNAUTHENTICATED
        at = scope.of(request, request.path_params)
        return self._guard.session(subject, at, request.client.host if request.client else None)


def _request(args: tuple[Any, ...], more: dict[str, Any]) -> HTTPConnection:
    """Returns the request among the arguments of an endpoint, which may be a method."""
    for value in (*args, *more.values()):
        if isinstance(value, HTTPConnection):
            return value
    raise TypeError("an endpoint that needs a permission takes the request as an argument")
