"""What the modules for web frameworks share: the session of a request, and the answer to a user who may not proceed."""

from __future__ import annotations

import ipaddress
import json
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from ._client import Live
from ._core import Engine, Session
from ._errors import RequestError
from ._inputs import Resource
from .aio import AsyncLive

R = TypeVar("R")

Source = Engine | Live[Engine] | AsyncLive[Engine] | Callable[[], Engine]
"""An engine, a connection to a server that keeps one up to date, or a function that returns one."""


@dataclass(frozen=True)
class Denied:
    """A request that may not proceed, as the body of a response shows it: codes only."""

    status: int
    """401 if nobody is logged in, and 403 if the subject may not."""
    code: str
    """`unauthenticated` or `forbidden`."""
    permission: str | None = None
    reasons: tuple[str, ...] = ()
    """The codes of all reasons."""

    def problem(self) -> str:
        """Returns the body of a response with `application/problem+json` (RFC 9457)."""
        title = "Unauthorized" if self.status == 401 else "Forbidden"
        return json.dumps({"title": title, "status": self.status, **self.body()})

    def body(self) -> dict[str, Any]:
        """Returns plain data for a JSON response."""
        if self.permission is None:
            return {"code": self.code}
        return {"code": self.code, "permission": self.permission, "reasons": list(self.reasons)}


UNAUTHENTICATED = Denied(401, "unauthenticated")
UNKNOWN_SCOPE = Denied(403, "forbidden")
PROBLEM = "application/problem+json"


class Scope(Generic[R]):
    """The scope of a request: a path, a path with parts such as `acme/{shop}`, or a function of the request."""

    def __init__(self, given: str | Callable[[R], str]) -> None:
        self._of = given
        self._parts = () if callable(given) else tuple(string.Formatter().parse(given))
        for _, name, form, conversion in self._parts:
            if name is not None and (not name.isidentifier() or form or conversion):
                raise ValueError(f"`{given}`: parts of a scope are names in braces, such as `acme/{{shop}}`")

    @property
    def fixed(self) -> str | None:
        """The path, if it is the same for every request."""
        is_fixed = not callable(self._of) and all(name is None for _, name, _, _ in self._parts)
        return str(self._of) if is_fixed else None

    def of(self, request: R, params: Mapping[str, Any]) -> str:
        """Returns the scope of a request with these path parameters. Raises `ValueError` for a part that it lacks."""
        if callable(self._of):
            return self._of(request)
        path = ""
        for text, name, _, _ in self._parts:
            path += text
            if name is None:
                continue
            if name not in params:
                raise ValueError(f"`{self._of}`: the address of the request has no part `{name}`")
            part = str(params[name])
            # A slash would name a scope on another level than the one that the template means.
            path += part if part and "/" not in part else "-"
        return path


class Guard(Generic[R]):
    """Answers for the subjects of requests."""

    def __init__(self, source: Source, at: str | Callable[[R], str], now: Callable[[], datetime] | None) -> None:
        self._source = source
        self.scope = Scope(at)
        self._now = now or (lambda: datetime.now(timezone.utc))

    def engine(self) -> Engine:
        """Returns the engine of this moment. Raises `ClientError` if a connection is too old."""
        source = self._source
        if isinstance(source, Engine):
            return source
        return source.current if isinstance(source, (Live, AsyncLive)) else source()

    def check_name(self, permission: str) -> None:
        """Raises `RequestError` at start for a permission that the policy does not have."""
        self.engine().policy.permission(permission)

    def session(self, subject: str, at: str, address: str | None) -> Session | None:
        """Returns the session of a subject, or None if the scope has characters that no scope has."""
        try:
            return self.engine().session(subject, at=at, time=self._now(), ip=_address(address))
        except RequestError as error:
            if error.path == "at":
                return None
            raise

    def denial(self, session: Session | None, permission: str, resource: Resource | None) -> Denied | None:
        """Returns why a request may not proceed, or None if it may."""
        if session is None:
            return Denied(403, "forbidden", permission, ("unknown-scope",))
        decision = session.check(permission, resource)
        return None if decision.allow else Denied(403, "forbidden", permission, decision.reasons)


def _address(text: str | None) -> str | None:
    """Returns an address; None for anything else, such as the name of a test client or of a Unix socket."""
    try:
        return None if text is None else str(ipaddress.ip_address(text))
    except ValueError:
        return None
