"""The answers of an engine: frozen classes with typed attributes.

Answers compare by value, can be pickled and copied, and have `to_dict` and `to_json`. An attribute is named like its
key in JSON; `from`, which is a keyword of Python, becomes `from_`. Lists of JSON are tuples; absent keys are `None`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar

from ._core import Decision, Grant

A = TypeVar("A", bound="_Answer")


class _Answer:
    """Converts an answer from and to plain data."""

    __slots__ = ()
    _parts: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """The functions that make attributes which are answers themselves."""

    @classmethod
    def _of(cls: type[A], data: Mapping[str, Any]) -> A:
        """Makes the answer from plain data, with the keys of JSON."""
        answer = object.__new__(cls)
        parts = cls._parts
        for name, key, default, store in _attributes(cls):
            value = data[key] if default is MISSING else data.get(key, default)
            if type(value) is list:
                value = _tuple(value, parts.get(name))
            elif name in parts and value is not default:
                value = parts[name](value)
            store(answer, value)
        return answer

    def to_dict(self) -> dict[str, Any]:
        """Returns the answer as plain data, with the keys of JSON."""
        plain = {}
        for name, key, default, _ in _attributes(type(self)):
            value = getattr(self, name)
            if default is MISSING or value != default:
                plain[key] = _plain(value)
        return plain

    def to_json(self) -> str:
        """Returns the canonical form, byte for byte that of every other runtime."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))


_Attribute = tuple[str, str, Any, Callable[[Any, Any], None]]
_known: dict[type[Any], tuple[_Attribute, ...]] = {}
"""The attributes of each class, because `fields` takes longer than the rest of a conversion."""


def _attributes(kind: type[Any]) -> tuple[_Attribute, ...]:
    """Returns the name, the key in JSON, the default and the slot of each attribute.

    JSON may omit attributes with a default. Writing to the slots is faster than the constructor of a frozen class.
    """
    if kind not in _known:
        _known[kind] = tuple(
            (one.name, one.name.removesuffix("_"), one.default, vars(kind)[one.name].__set__) for one in fields(kind)
        )
    return _known[kind]


def _tuple(values: list[Any], part: Callable[[Any], Any] | None) -> tuple[Any, ...]:
    if values and type(values[0]) is list:
        return tuple(_tuple(one, part) for one in values)
    return tuple(values) if part is None else tuple(map(part, values))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, (_Answer, Decision, Grant)):
        return value.to_dict()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _grant(data: Mapping[str, Any]) -> Grant:
    return Grant(**data)


def _decision(data: Mapping[str, Any]) -> Decision:
    return Decision(**{**data, "granted_by": [_grant(one) for one in data["granted_by"]]})


@dataclass(frozen=True, slots=True)
class MenuItem(_Answer):
    """An item of a menu."""

    id: str
    """The name of the item in the policy."""
    title: str
    href: str | None = None
    """The link: the item's own, or the first visible one below it."""
    items: tuple[MenuItem, ...] = ()
    """The visible items below."""
    disabled: bool = False
    """Whether the item is shown but cannot be used."""


MenuItem._parts = {"items": MenuItem._of}


@dataclass(frozen=True, slots=True)
class Menu(_Answer):
    """The part of a menu that a session sees."""

    _parts: ClassVar = {"items": MenuItem._of}

    items: tuple[MenuItem, ...]
    landing: str | None = None
    """The first visible link, depth first."""
    valid_until: str | None = None
    """The first later timestamp at which the menu may differ."""


@dataclass(frozen=True, slots=True)
class Permissions(_Answer):
    """Everything that a session may do."""

    permissions: tuple[str, ...]
    """The names, sorted."""
    valid_until: str | None = None
    """The first later timestamp at which the list may differ."""


@dataclass(frozen=True, slots=True)
class WhoCan(_Answer):
    """Every subject that has a permission at a scope, as far as the directory alone determines it."""

    subjects: tuple[str, ...]
    """The listed subjects, sorted."""
    support: bool
    """Whether support staff who are not listed have the permission too."""
    valid_until: str | None = None
    """The first later timestamp at which any of this may differ."""


@dataclass(frozen=True, slots=True)
class WhereCan(_Answer):
    """Every scope at which a subject has a permission, as far as the directory alone determines it."""

    scopes: tuple[str, ...]
    """The paths of the scopes, sorted."""
    valid_until: str | None = None
    """The first later timestamp at which the list may differ."""


@dataclass(frozen=True, slots=True)
class HeldRole(_Answer):
    """A role that a subject or a group holds by an assignment."""

    role: str
    at: str
    """The scope of the assignment."""
    through: str | None = None
    """The group that holds the assignment; `None` if it is one's own."""
    below: bool | None = None
    """`False` if the role holds at its scope only, not below it."""
    boundaries: Mapping[str, list[str]] | None = field(default=None, hash=False)
    """The only values for which the role holds, by boundary."""
    from_: str | None = None
    """When the assignment begins, if set."""
    until: str | None = None
    """When the assignment ends, if set."""


@dataclass(frozen=True, slots=True)
class RoleHolder(_Answer):
    """A subject that holds a role."""

    _parts: ClassVar = {"roles": HeldRole._of}

    subject: str
    roles: tuple[HeldRole, ...]
    """The active assignments of the role, or of a role that inherits it."""


@dataclass(frozen=True, slots=True)
class WhoHolds(_Answer):
    """Every subject that holds a role. Guards are not evaluated."""

    _parts: ClassVar = {"holders": RoleHolder._of}

    holders: tuple[RoleHolder, ...]
    """The listed subjects, sorted by id."""
    support: bool
    """Whether support staff who are not listed hold the role."""
    next: str | None = None
    """The id after which the next page begins; `None` for the last page."""
    valid_until: str | None = None
    """The first later timestamp at which the whole list may differ."""


@dataclass(frozen=True, slots=True)
class GroupRoles(_Answer):
    """A group that gives its members a permission."""

    _parts: ClassVar = {"roles": HeldRole._of}

    group: str
    roles: tuple[HeldRole, ...]
    """The active assignments that give the permission: those of the group and of groups that contain it."""


@dataclass(frozen=True, slots=True)
class WhichGroupsCan(_Answer):
    """Every group that gives its members a permission at a scope. Guards are not evaluated."""

    _parts: ClassVar = {"groups": GroupRoles._of}

    groups: tuple[GroupRoles, ...]
    """The groups, sorted by id."""
    next: str | None = None
    """The id after which the next page begins; `None` for the last page."""
    valid_until: str | None = None
    """The first later timestamp at which the whole list may differ."""


@dataclass(frozen=True, slots=True)
class AssignmentsOf(_Answer):
    """The assignments of a subject that have not ended: its own and those of its groups."""

    _parts: ClassVar = {"assignments": HeldRole._of}

    assignments: tuple[HeldRole, ...]
    """Also those that have not begun. Sorted by role, scope and group."""
    valid_until: str | None = None
    """The first later timestamp at which an assignment ends."""


@dataclass(frozen=True, slots=True)
class BoundaryFilter(_Answer):
    """The values that rows need in a boundary. A row without values in the boundary needs none."""

    match: Literal["any", "all"]
    """Whether one value of a row has to be in `values`, or all of them."""
    values: tuple[str, ...]
    """The values of the subject and of its assignment, sorted."""
    also: tuple[str, ...] | None = None
    """Further values, of which a row needs one too, sorted. Only with `any`."""


def _boundaries(data: Mapping[str, Any]) -> dict[str, BoundaryFilter]:
    return {name: BoundaryFilter._of(one) for name, one in data.items()}


@dataclass(frozen=True, slots=True)
class LockedItems(_Answer):
    """Items that a subject may not see because of locks at a scope."""

    at: str
    """The scope of the locks. They hold there and below."""
    ranges: tuple[tuple[int, int], ...]
    """These scopes as numbers: the first and the last number."""
    scopes: tuple[str, ...] | None = None
    """The paths of those of them that are in the branch, if the question asked for them."""
    items: tuple[str, ...] = field(kw_only=True)
    """The ids, sorted."""


@dataclass(frozen=True, slots=True)
class Branch(_Answer):
    """Scopes at which the same rows are allowed."""

    _parts: ClassVar = {"boundaries": _boundaries, "locked": LockedItems._of}

    roots: tuple[str, ...]
    """Scopes that are in the branch with all scopes below them, except those of `without`. Parents first."""
    without: tuple[str, ...]
    """Scopes that are not in the branch, with all scopes below them, except those of `roots`.

    Of the scopes on a path that `roots` or `without` list, the innermost one decides.
    """
    ranges: tuple[tuple[int, int], ...]
    """The same scopes as numbers: the first and the last number of each range."""
    scopes: tuple[str, ...] | None = None
    """The paths of the same scopes, if the question asked for them."""
    boundaries: Mapping[str, BoundaryFilter] = field(kw_only=True, hash=False)
    """The values that rows need, by boundary. Other boundaries do not limit the rows."""
    labels: tuple[str, ...] | None = None
    """The labels that rows may have, sorted; `None` if they may have any."""
    locked: tuple[LockedItems, ...] | None = None
    """The items that are not allowed because of locks; `None` if locks do not decide. Otherwise a row needs an id."""


@dataclass(frozen=True, slots=True)
class Filter(_Answer):
    """The rows that a subject may see. A row is allowed if one of the branches allows it."""

    _parts: ClassVar = {"branches": Branch._of}

    rows: Literal["never", "some", "always"]
    """Whether no row, some rows, or all rows with a listed scope at or below `at` are allowed."""
    at: str | None = None
    branches: tuple[Branch, ...] = field(kw_only=True)
    numbering: str = field(kw_only=True)
    """The version of the numbers in `ranges`."""
    valid_until: str | None = None
    """The first later timestamp at which the filter may differ."""


@dataclass(frozen=True, slots=True)
class Numbering(_Answer):
    """The numbers of the scopes. Adding, removing or renaming a scope changes them."""

    numbering: str
    """The version: the count of scopes and a digest of their paths."""
    scopes: tuple[str, ...]
    """The index of a path is its number. Parents come first."""


@dataclass(frozen=True, slots=True)
class GrantingRole(_Answer):
    """A role that holds a permission."""

    role: str
    at: str | None = None
    """The scope at which a custom role is defined."""
    overlay: str | None = None
    """The scope from which on overlays change the role, for such a version of it."""
    own: bool = field(kw_only=True)
    """Whether its own grants hold the permission, rather than those of a role that it inherits."""


@dataclass(frozen=True, slots=True)
class EffectivePermission(_Answer):
    """A permission and the grants of it."""

    _parts: ClassVar = {"granted_by": _grant}

    permission: str
    granted_by: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Effective(_Answer):
    """The permissions of the active roles together, and which role grants each, regardless of the guards."""

    _parts: ClassVar = {"permissions": EffectivePermission._of}

    permissions: tuple[EffectivePermission, ...]
    reads: tuple[str, ...]
    """The labels that an active role reads, sorted."""
    valid_until: str | None = None
    """The first later timestamp at which any of this may differ."""


@dataclass(frozen=True, slots=True)
class GuardReport(_Answer):
    """The result of one guard."""

    guard: str
    reasons: tuple[str, ...]
    """The reasons to deny; empty if the guard does not deny."""
    because: str
    """The facts behind the result, in a sentence."""


@dataclass(frozen=True, slots=True)
class AssignmentReport(_Answer):
    """The contribution of one role assignment."""

    at: str
    role: str
    subject: str
    """The holder: the subject, or one of its groups."""
    below: bool | None = None
    """`False` if the role holds at its scope only, not below it."""
    boundaries: Mapping[str, list[str]] | None = field(default=None, hash=False)
    """The only values for which the role holds, by boundary."""
    from_: str | None = None
    """When the assignment begins, if set."""
    until: str | None = None
    """When the assignment ends, if set."""
    state: Literal["active", "ended", "not-begun", "elsewhere", "not-activated"] = field(kw_only=True)
    grants: tuple[tuple[str, ...], ...] = field(kw_only=True)
    """The inheritance paths from the assigned role to each role whose own grants hold the permission."""


@dataclass(frozen=True, slots=True)
class Change(_Answer):
    """One change that, alone or with others, turns a denial. Attributes that do not apply are `None`."""

    change: Literal[
        "activate",
        "deactivate",
        "use-login",
        "use-second-factor",
        "log-in-anew",
        "use-address",
        "allow-address",
        "add-subject",
        "make-active",
        "open-support",
        "add-values",
        "begin",
        "extend",
        "assign",
    ]
    subject: str | None = None
    role: str | None = None
    login: str | None = None
    at: str | None = None
    ip: str | None = None
    support_access: Literal["named", "all"] | None = None
    boundary: str | None = None
    values: tuple[str, ...] | None = None
    below: bool | None = None
    boundaries: Mapping[str, list[str]] | None = field(default=None, hash=False)
    from_: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation(_Answer):
    """A decision with everything that it depends on."""

    _parts: ClassVar = {
        "decision": _decision,
        "guards": GuardReport._of,
        "assignments": AssignmentReport._of,
        "would_allow": Change._of,
    }

    subject: str
    permission: str
    at: str
    time: str
    decision: Decision
    guards: tuple[GuardReport, ...]
    assignments: tuple[AssignmentReport, ...]
    ignored_groups: tuple[str, ...] | None = field(default=None, kw_only=True)
    """Stated groups that do not count: the directory does not list them, or they are built in."""
    would_allow: tuple[tuple[Change, ...], ...]
    """For a denial, the smallest sets of changes after which the decision would allow."""


@dataclass(frozen=True, slots=True)
class RedactedExplanation(_Answer):
    """An explanation that the subject may see: codes only."""

    subject: str
    permission: str
    at: str
    time: str
    allow: bool
    reasons: tuple[str, ...]
    guards: tuple[str, ...]
    """The guards that deny."""
    valid_until: str | None = None
    """The first later timestamp at which the decision may differ."""


@dataclass(frozen=True, slots=True)
class Redacted(_Answer):
    """A record without the fields that the subject may not read."""

    record: Any
    """The record. Its values are those that you passed in, so `to_json` requires a record of plain data."""
    withheld: tuple[str, ...]
    """The labels that the subject may not read, sorted."""
    valid_until: str | None = None
    """The first later timestamp at which the record may differ."""

    def to_dict(self) -> dict[str, Any]:
        """Returns the answer as a dictionary, with the record unchanged."""
        plain = {"record": self.record, "withheld": list(self.withheld)}
        return plain if self.valid_until is None else {**plain, "valid_until": self.valid_until}


@dataclass(frozen=True, slots=True)
class PortableCoverage(_Answer):
    """The subject, scope and time of a portable session, and its coverage. It denies everything else."""

    subject: str
    at: str
    is_covered: bool
    """Whether scope and timestamp are covered."""
    scopes: tuple[str, ...]
    """The scopes that are covered, sorted."""
    menus: tuple[str, ...]
    """The menus that are included, sorted."""
    time: str
    from_: str
    """The first timestamp that is covered."""
    until: str | None = None
    """The first timestamp that is no longer covered, if there is one."""


@dataclass(frozen=True, slots=True)
class Access(_Answer):
    """Permissions and labels that a subject gains or loses at a scope."""

    subject: str | None = None
    """The subject; `None` for support staff who are not listed."""
    at: str = field(kw_only=True)
    permissions: tuple[str, ...] = field(kw_only=True)
    reads: tuple[str, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Diff(_Answer):
    """The difference between the answers of two engines."""

    _parts: ClassVar = {"gained": Access._of, "lost": Access._of}

    gained: tuple[Access, ...]
    lost: tuple[Access, ...]
    valid_until: str | None = None
    """The first later timestamp at which any of this may differ."""


@dataclass(frozen=True, slots=True)
class SeparationViolation(_Answer):
    """A subject that holds more roles of a constraint at the same time than the constraint permits."""

    constraint: str
    subject: str
    at: str
    roles: tuple[str, ...]
    at_most: int


@dataclass(frozen=True, slots=True)
class LimitViolation(_Answer):
    """A limit of the policy that is exceeded at a scope."""

    limit: Literal["users_per_project"]
    at: str
    count: int
    at_most: int


@dataclass(frozen=True, slots=True)
class Violations(_Answer):
    """The rules for administration that a directory breaks."""

    _parts: ClassVar = {"separation": SeparationViolation._of, "limits": LimitViolation._of}

    separation: tuple[SeparationViolation, ...]
    limits: tuple[LimitViolation, ...]
    valid_until: str | None = None
    """The first later timestamp at which any of this may differ."""
