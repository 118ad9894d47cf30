"""Rolecall in Flask: views that need permissions, and templates that ask.

from rolecall.flask import Roles

roles = Roles(engine, subject=lambda: session.get("user"), at="acme/{shop}", app=app)

@app.post("/<shop>/segments")
@roles.needs("segments:edit")
def edit(shop): ...

{% if can("segments:edit") %} … {% endif %}
{% for item in menu("main").items %} … {% endfor %}
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, request

from ._answers import Menu
from ._core import Session
from ._errors import RequestError
from ._guard import PROBLEM, UNAUTHENTICATED, UNKNOWN_SCOPE, Denied, Guard, Scope, Source
from ._inputs import Resource

V = TypeVar("V", bound=Callable[..., Any])

__all__ = ["Roles"]


class Roles:
    """The roles of the users of an application."""

    def __init__(
        self,
        source: Source,
        *,
        subject: Callable[[], str | None],
        at: str | Callable[[Any], str],
        app: Flask | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Takes an engine, a connection of `connect`, or a function that returns an engine.

        `subject` returns the id of the user of the request, such as `user:ada`, or None if nobody is logged in. `at` is
        the scope: a path, in which `{name}` is a part of the address, or a function of the request.
        """
        self._guard: Guard[Any] = Guard(source, at, now)
        self._subject = subject
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Adds `can` and `menu` to the templates of an application."""
        app.jinja_env.globals.update(can=self.can, menu=self.menu)

    @property
    def session(self) -> Session:
        """The session of the request. Aborts with 401 if nobody is logged in, and with 403 for an unknown scope."""
        session = self._session(self._guard.scope)
        if session is None:
            abort(_refusal(UNKNOWN_SCOPE))
        return session

    def can(self, permission: str, resource: Resource | None = None) -> bool:
        """Returns whether the user of the request may, for templates. An unknown permission denies, with a warning."""
        session = None if self._subject() is None else self._session(self._guard.scope)
        try:
            self._guard.check_name(permission)
        except RequestError as error:
            # A misspelt name must not break a page. It denies.
            warnings.warn(str(error), stacklevel=2)
            return False
        return session is not None and session.can(permission, resource)

    def menu(self, name: str) -> Menu:
        """Returns the part of a menu that the user of the request sees."""
        return self.session.menu(name)

    def needs(
        self,
        permission: str,
        *,
        at: str | Callable[[Any], str] | None = None,
        resource: Callable[..., Resource] | None = None,
    ) -> Callable[[V], V]:
        """Makes a view need a permission: others get 401 or 403.

        `resource` gets the arguments of the view and returns the item. Raises `RequestError` at once for a permission
        that the policy does not have.
        """
        self._guard.check_name(permission)
        scope = self._guard.scope if at is None else Scope(at)

        def guarded(view: V) -> V:
            @functools.wraps(view)
            def run(*args: Any, **more: Any) -> Any:
                session = self._session(scope)
                item = None if resource is None else resource(*args, **more)
                denial = self._guard.denial(session, permission, item)
                if denial is not None:
                    abort(_refusal(denial))
                return current_app.ensure_sync(view)(*args, **more)

            return run  # type: ignore[return-value]

        return guarded

    def _session(self, scope: Scope[Any]) -> Session | None:
        """Returns the session at a scope, the same for the whole request."""
        subject = self._subject()
        if subject is None:
            abort(_refusal(UNAUTHENTICATED))
        at = scope.of(request, request.view_args or {})
        known: dict[tuple[int, str, str], Session | None] = g.setdefault("_rolecall", {})
        key = (id(self), subject, at)
        if key not in known:
            known[key] = self._guard.session(subject, at, request.remote_addr)
        return known[key]


def _refusal(denied: Denied) -> Response:
    """Returns the response that shows the codes."""
    return Response(denied.problem(), denied.status, content_type=PROBLEM)
