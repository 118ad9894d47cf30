"""Sessions and engines that answer what a test says. Names that the policy does not have are errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from .._answers import Menu, Permissions
from .._core import Decision, Engine, Policy, Session
from .._errors import ForbiddenError, RequestError
from .._inputs import Resource

FAKE = "test:fake"
"""The holder of the grants in decisions of a fake, which no directory has."""


class FakeSession:
    """A session with the permissions that a test gave it. It answers the same for every item."""

    def __init__(
        self,
        policy: Policy,
        can: Iterable[str],
        menus: Mapping[str, Menu],
        subject: str,
        at: str,
        valid_until: str | None,
    ) -> None:
        self.subject, self.at, self.valid_until = subject, at, valid_until
        self._policy = policy
        self._names = policy.permissions
        self._can = {self._names[policy.permission(name)] for name in can}
        self._menus = dict(menus)
        for name in self._menus:
            if name not in policy.menus:
                raise RequestError("menu.unknown", f"there is no menu `{name}`", hint=_list("the menus", policy.menus))

    def can(self, permission: str | int, resource: Resource | None = None) -> bool:
        """Returns whether a permission is among those of the fake. Raises `RequestError` for a misspelt one."""
        return self._name(permission) in self._can

    def check(self, permission: str | int, resource: Resource | None = None) -> Decision:
        """Returns a decision, with the reason `granted` or `no-grant`. Raises `RequestError`."""
        allow = self.can(permission, resource)
        return Decision(allow, ["granted" if allow else "no-grant"], valid_until=self.valid_until)

    def check_many(self, permissions: Sequence[str | int]) -> list[Decision]:
        """Returns one decision for each permission, in order. Raises `RequestError`."""
        return [self.check(permission) for permission in permissions]

    def require(self, permission: str | int, resource: Resource | None = None) -> Decision:
        """Returns the decision, or raises `ForbiddenError` if it denies. Raises `RequestError`."""
        decision = self.check(permission, resource)
        if not decision.allow:
            raise ForbiddenError(decision, self.subject, self._name(permission), self.at)
        return decision

    def menu(self, name: str) -> Menu:
        """Returns the menu that the test gave the fake. Raises `RequestError` for any other."""
        if name not in self._menus:
            hint = "give the fake its menus, as in `fake(policy, menus={...})`"
            raise RequestError("menu.unknown", f"the fake has no menu `{name}`", hint=hint)
        return self._menus[name]

    def permissions(self) -> Permissions:
        """Returns the permissions of the fake."""
        return Permissions(tuple(sorted(self._can)), self.valid_until)

    def _name(self, permission: str | int) -> str:
        number = self._policy.permission(permission) if isinstance(permission, str) else permission
        if isinstance(number, bool) or not 0 <= number < len(self._names):
            raise RequestError("permission.unknown", f"there is no permission with the number {number}")
        return self._names[number]


class FakeEngine:
    """An engine whose subjects have the permissions that a test gave them, at every scope and time."""

    def __init__(self, policy: Policy, can: Mapping[str, Iterable[str]]) -> None:
        self.policy = policy
        self._sessions = {subject: fake(policy, can=names, subject=subject) for subject, names in can.items()}

    def session(self, subject: str, *, at: str, time: str | datetime, **_: Any) -> FakeSession:
        """Returns the session of a subject. One that the test did not name may do nothing."""
        known = self._sessions.get(subject)
        return fake(self.policy, can=known.permissions().permissions if known else (), subject=subject, at=at)


def fake(
    policy: Policy | Engine,
    *,
    can: Iterable[str] = (),
    menus: Mapping[str, Menu] | None = None,
    subject: str = "user:test",
    at: str = "test",
    valid_until: str | None = None,
) -> FakeSession:
    """Returns a session that may do exactly what `can` lists. Raises `RequestError` for a misspelt permission."""
    known = policy.policy if isinstance(policy, Engine) else policy
    return FakeSession(known, can, menus or {}, subject, at, valid_until)


def fake_engine(policy: Policy | Engine, can: Mapping[str, Iterable[str]]) -> Engine:
    """Returns an engine for the framework modules, whose subjects may do exactly what `can` lists for each.

    It answers `session` alone. Raises `RequestError` for a misspelt permission.
    """
    known = policy.policy if isinstance(policy, Engine) else policy
    return cast(Engine, FakeEngine(known, can))


def as_user(engine: Engine, subject: str, *, at: str, time: str | datetime) -> Session:
    """Returns the session of a user of a real directory. Raises `RequestError` for one that it does not list."""
    session = engine.session(subject, at=at, time=time)
    names = engine.policy.permissions
    if names and "unknown-subject" in session.check(0).reasons:
        raise RequestError("subject.unknown", f"the directory does not list `{subject}`", "subject")
    return session


def _list(what: str, names: Iterable[str]) -> str:
    return f"{what} are `{'`, `'.join(names)}`"
