"""Rolecall in FastAPI: endpoints that need permissions, with their refusals in the description of the API.

from rolecall.fastapi import Roles

roles = Roles(engine, subject=current_user, at="acme/{shop}")

@app.post("/{shop}/segments", **roles.needs("segments:edit"))
def edit(shop: str): ...
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Depends, HTTPException
from fastapi.requests import HTTPConnection
from pydantic import BaseModel

from ._core import Session
from ._guard import UNAUTHENTICATED, UNKNOWN_SCOPE, Denied, Guard, Scope, Source
from ._inputs import Resource

__all__ = ["Refusal", "RefusalDetail", "Roles"]


class RefusalDetail(BaseModel):
    """Why a request was refused."""

    code: str
    permission: str | None = None
    reasons: list[str] = []


class Refusal(BaseModel):
    """The body of a response with status 401 or 403."""

    detail: RefusalDetail


class Roles:
    """The roles of the users of an application."""

    def __init__(
        self,
        source: Source,
        *,
        subject: Callable[..., Any],
        at: str | Callable[[HTTPConnection], str],
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Takes an engine, a connection of `connect`, or a function that returns an engine.

        `subject` is a dependency that returns the id of the user, such as `user:ada`, or None if nobody is logged in.
        `at` is the scope: a path, in which `{name}` is a part of the address, or a function of the request.
        """
        self._guard: Guard[HTTPConnection] = Guard(source, at, now)
        self._subject = subject
        self.session: Callable[..., Session] = self._session_at(self._guard.scope)
        """The dependency that returns the session of a request: `Annotated[Session, Depends(roles.session)]`."""

    def needs(
        self,
        permission: str,
        *,
        at: str | Callable[[HTTPConnection], str] | None = None,
        resource: Callable[..., Resource] | None = None,
    ) -> dict[str, Any]:
        """Returns the arguments of a route or router that needs a permission: its dependency, and its refusals.

        `resource` is a dependency that returns the item of a request. Raises `RequestError` at once for a permission
        that the policy does not have.
        """
        refused = {"model": Refusal}
        return {
            "dependencies": [Depends(self.dependency(permission, at=at, resource=resource))],
            "responses": {
                401: {**refused, "description": "Nobody is logged in"},
                403: {**refused, "description": f"The user needs the permission `{permission}`"},
            },
        }

    def dependency(
        self,
        permission: str,
        *,
        at: str | Callable[[HTTPConnection], str] | None = None,
        resource: Callable[..., Resource] | None = None,
    ) -> Callable[..., Session]:
        """Returns the dependency of `needs` alone, which gives the session to an endpoint."""
        self._guard.check_name(permission)
        session_at = self._session_at(self._guard.scope if at is None else Scope(at))
        item = resource or _no_item

        def check(session: Session = Depends(session_at), item: Any = Depends(item)) -> Session:  # noqa: B008
            denial = self._guard.denial(session, permission, item)
            if denial is not None:
                raise refusal(denial)
            return session

        return check

    def _session_at(self, scope: Scope[HTTPConnection]) -> Callable[..., Session]:
        subject_of = self._subject

        def session(request: HTTPConnection, subject: Any = Depends(subject_of)) -> Session:  # noqa: B008
            if subject is None:
                raise refusal(UNAUTHENTICATED)
            address = request.client.host if request.client else None
            found = self._guard.session(subject, scope.of(request, request.path_params), address)
            if found is None:
                raise refusal(UNKNOWN_SCOPE)
            return found

        return session


def refusal(denied: Denied) -> HTTPException:
    """Returns the exception whose response shows the codes."""
    return HTTPException(denied.status, denied.body())


def _no_item() -> None:
    return None
