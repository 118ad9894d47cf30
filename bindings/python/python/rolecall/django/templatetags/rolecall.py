"""`{% load rolecall %}`: `{% can "segments:edit" as may_edit %}` and `{% menu "main" as menu %}`."""

from __future__ import annotations

import warnings
from typing import Any

from django import template  # type: ignore[import-untyped]

from ..._answers import Menu
from ..._errors import RequestError
from ..config import session_of

register = template.Library()


@register.simple_tag(takes_context=True)  # type: ignore[untyped-decorator]
def can(context: Any, permission: str) -> bool:
    """Returns whether the user of the request may. An unknown permission denies, with a warning."""
    session = session_of(context["request"])
    if session is None:
        return False
    try:
        return session.can(permission)
    except RequestError as error:
        # A misspelt name must not break a page.
        warnings.warn(str(error), stacklevel=2)
        return False


@register.simple_tag(takes_context=True)  # type: ignore[untyped-decorator]
def menu(context: Any, name: str) -> Menu | None:
    """Returns the part of a menu that the user of the request sees; None if nobody is logged in."""
    session = session_of(context["request"])
    return None if session is None else session.menu(name)
