"""Assertions that say why."""

from __future__ import annotations

from typing import Protocol

from .._core import Decision
from .._inputs import Resource


class Checks(Protocol):
    """A session, real or fake."""

    @property
    def subject(self) -> str: ...

    def check(self, permission: str | int, resource: Resource | None = None, /) -> Decision: ...


def assert_allows(session: Checks, *permissions: str, resource: Resource | None = None) -> None:
    """Fails unless the session allows every one of these permissions. The message has the reasons of the denials."""
    denied = {name: session.check(name, resource) for name in permissions}
    lines = [f"`{name}`: {', '.join(one.reasons)}" for name, one in denied.items() if not one.allow]
    assert not lines, f"`{session.subject}` is denied " + "; ".join(lines)


def assert_denies(
    session: Checks, *permissions: str, because: str | None = None, resource: Resource | None = None
) -> None:
    """Fails unless the session denies every one of these permissions, for the reason `because` if it is given."""
    for name in permissions:
        decision = session.check(name, resource)
        assert not decision.allow, f"`{session.subject}` is allowed `{name}`"
        assert because is None or because in decision.reasons, (
            f"`{session.subject}` is denied `{name}` because of {', '.join(decision.reasons)}, not of {because}"
        )
