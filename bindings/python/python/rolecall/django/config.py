"""The settings `ROLECALL`, and the session of a request."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]
from django.core.signals import setting_changed  # type: ignore[import-untyped]
from django.utils.module_loading import import_string  # type: ignore[import-untyped]

from .._core import Session
from .._guard import UNAUTHENTICATED, Denied, Guard, Scope

KEYS = ("ENGINE", "AT", "SUBJECT", "NOW")


def _given(key: str) -> Any:
    """Returns a setting. `ENGINE`, `SUBJECT` and `NOW` may be paths of objects, such as `shop.roles.engine`."""
    given = getattr(settings, "ROLECALL", {})
    unknown = sorted(set(given) - set(KEYS))
    if unknown:
        raise ImproperlyConfigured(f"ROLECALL has no setting `{unknown[0]}`; it has {', '.join(KEYS)}")
    value = given.get(key)
    return import_string(value) if isinstance(value, str) and key != "AT" else value


@functools.cache
def guard() -> Guard[Any]:
    """Returns the guard of the settings."""
    source, at = _given("ENGINE"), _given("AT")
    if source is None or at is None:
        raise ImproperlyConfigured(
            'ROLECALL needs `ENGINE` and `AT`, such as {"ENGINE": "shop.roles.engine", "AT": "acme"}'
        )
    return Guard(source, at, _given("NOW"))


@functools.cache
def _subject() -> Callable[[Any], str | None]:
    return _given("SUBJECT") or (lambda user: f"user:{user.get_username()}")


def subject_of(user: Any) -> str | None:
    """Returns the id of a user in the directory, or None if nobody is logged in."""
    return _subject()(user) if user is not None and user.is_authenticated and user.is_active else None


def _forget(*, setting: str, **_: object) -> None:
    if setting == "ROLECALL":
        guard.cache_clear()
        _subject.cache_clear()


setting_changed.connect(_forget)


def session_at(request: Any, scope: Scope[Any] | None = None) -> Session | Denied | None:
    """Returns the session of a request, why there is none, or None for an unknown scope. The request keeps it."""
    subject = subject_of(getattr(request, "user", None))
    if subject is None:
        return UNAUTHENTICATED
    match = getattr(request, "resolver_match", None)
    at = (scope or guard().scope).of(request, match.kwargs if match is not None else {})
    known: dict[tuple[str, str], Session | None] = request.__dict__.setdefault("_rolecall", {})
    if (subject, at) not in known:
        known[subject, at] = guard().session(subject, at, request.META.get("REMOTE_ADDR"))
    return known[subject, at]


def session_of(request: Any) -> Session | None:
    """Returns the session of a request: None if nobody is logged in, or the scope does not exist."""
    session = session_at(request)
    return None if isinstance(session, Denied) else session
