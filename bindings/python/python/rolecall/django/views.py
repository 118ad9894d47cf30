"""Views that need permissions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpResponse  # type: ignore[import-untyped]

from .._guard import PROBLEM, Denied, Scope
from .._inputs import Resource
from .config import guard, session_at

V = TypeVar("V", bound=Callable[..., Any])


def denial_of(
    request: Any, permission: str, scope: Scope[Any] | None = None, resource: Resource | None = None
) -> Denied | None:
    """Returns why a request may not proceed, or None if it may."""
    session = session_at(request, scope)
    return session if isinstance(session, Denied) else guard().denial(session, permission, resource)


def refusal(denied: Denied) -> Any:
    """Returns the response that shows the codes."""
    return HttpResponse(denied.problem(), status=denied.status, content_type=PROBLEM)


def needs(
    permission: str,
    *,
    at: str | Callable[[Any], str] | None = None,
    resource: Callable[..., Resource] | None = None,
) -> Callable[[V], V]:
    """Makes a view need a permission: others get 401 or 403.

    `resource` gets the arguments of the view and returns the item. Raises `RequestError` at once for a permission that
    the policy does not have.
    """
    guard().check_name(permission)
    scope = None if at is None else Scope[Any](at)

    def check(request: Any, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        item = None if resource is None else resource(request, *args, **more)
        denial = denial_of(request, permission, scope, item)
        return None if denial is None else refusal(denial)

    def guarded(view: V) -> V:
        if inspect.iscoroutinefunction(view):

            @functools.wraps(view)
            async def run(request: Any, *args: Any, **more: Any) -> Any:
                # The user of a request is read from the database.
                refused = await sync_to_async(check)(request, args, more)
                return await view(request, *args, **more) if refused is None else refused

        else:

            @functools.wraps(view)
            def run(request: Any, *args: Any, **more: Any) -> Any:
                refused = check(request, args, more)
                return view(request, *args, **more) if refused is None else refused

        return run  # type: ignore[return-value]

    return guarded


class NeedsMixin:
    """A view class that needs the permission `needs`. The name is checked when the class is made."""

    needs: str

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "needs" in cls.__dict__:
            guard().check_name(cls.needs)

    def needed_resource(self, request: Any) -> Resource | None:
        """Returns the item of a request. Override it for items with labels or values in boundaries."""
        return None

    def dispatch(self, request: Any, *args: Any, **more: Any) -> Any:
        """Answers a request whose user has the permission."""
        denial = denial_of(request, self.needs, None, self.needed_resource(request))
        if denial is not None:
            return refusal(denial)
        return super().dispatch(request, *args, **more)  # type: ignore[misc]
