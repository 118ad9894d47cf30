"""Permissions of Django REST framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.exceptions import NotAuthenticated, PermissionDenied  # type: ignore[import-untyped]
from rest_framework.permissions import BasePermission  # type: ignore[import-untyped]

from .._inputs import Resource
from .config import guard
from .views import denial_of


def needs(
    permission: str | None = None, /, *, resource: Callable[[Any], Resource] | None = None, **methods: str
) -> type[Any]:
    """Returns a permission class: `needs("segments:view", POST="segments:edit")`.

    A method without a permission of its own needs the first one. `resource` returns the item of an object that a view
    reads or changes. Raises `RequestError` at once for a permission that the policy does not have.
    """
    for name in (*methods.values(), *([] if permission is None else [permission])):
        guard().check_name(name)

    def check(request: Any, item: Resource | None) -> bool:
        name = methods.get(request.method, permission)
        if name is None:
            raise PermissionDenied({"code": "forbidden"})
        # The request of the framework has the user that it authenticated.
        request._request.user = request.user
        denial = denial_of(request._request, name, None, item)
        if denial is not None:
            raise (NotAuthenticated if denial.status == 401 else PermissionDenied)(denial.body())
        return True

    class Needs(BasePermission):  # type: ignore[misc]
        def has_permission(self, request: Any, view: Any) -> bool:
            return check(request, None)

        def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
            return True if resource is None else check(request, resource(obj))

    return Needs
