"""`user.has_perm` and `perms` in templates."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend  # type: ignore[import-untyped]

from .._core import Session
from .._errors import RequestError
from .config import guard, subject_of


class RolesBackend(BaseBackend):  # type: ignore[misc]
    """Answers `user.has_perm("segments:edit", "acme/shop")`; it logs nobody in.

    The second argument is a scope, or an object with the scope in `rolecall_scope`. Without it, the scope is `AT` of
    the settings, if that is a path without parts. `perms.segments.edit` in a template asks for `segments:edit`.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Returns whether a user has a permission. Names that the policy does not have belong to other backends."""
        name = perm if ":" in perm else ":".join(perm.rsplit(".", 1))
        try:
            guard().check_name(name)
        except RequestError:
            return False
        session = self._session(user_obj, obj)
        return session is not None and session.can(name)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Returns whether a user has any permission of a resource."""
        session = self._session(user_obj, None)
        if session is None:
            return False
        return any(name.startswith((f"{app_label}:", f"{app_label}/")) for name in session.permissions().permissions)

    def _session(self, user: Any, scope: Any) -> Session | None:
        subject = subject_of(user)
        at = getattr(scope, "rolecall_scope", scope)
        if at is None:
            at = guard().scope.fixed
        if subject is None or not isinstance(at, str):
            return None
        return guard().session(subject, at, None)
