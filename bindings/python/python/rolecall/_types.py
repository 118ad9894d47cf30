"""The shapes of requests and answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Optional, TypedDict

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    # Python 3.10 has no `NotRequired`; type checkers read the branch above.
    NotRequired = Optional


class Resource(TypedDict, total=False):
    """The item that a question is about."""

    labels: list[str]
    boundaries: dict[str, list[str]]


class Context(TypedDict):
    """When someone asks, and what is known of the connection."""

    time: str | datetime
    ip: NotRequired[str]
    last_activity: NotRequired[str | datetime]
    login: NotRequired[str]
    active_roles: NotRequired[list[str]]


class Request(TypedDict):
    """A question: may this subject do this, here and now?"""

    subject: str
    permission: str
    at: str
    context: Context
    resource: NotRequired[Resource]


class GrantDict(TypedDict):
    """One way in which a permission is held."""

    role: str
    via: list[str]
    subject: str
    at: str


class DecisionDict(TypedDict):
    """The answer to a question, as JSON has it."""

    allow: bool
    reasons: list[str]
    granted_by: list[GrantDict]
    withheld: list[str]
    narrowed: dict[str, list[str]]
    valid_until: NotRequired[str]


class MenuItem(TypedDict):
    """An item of a menu."""

    id: str
    title: str
    href: NotRequired[str]
    items: NotRequired[list[MenuItem]]
    disabled: NotRequired[Literal[True]]


class Menu(TypedDict):
    """The part of a menu that someone sees."""

    items: list[MenuItem]
    landing: NotRequired[str]
    valid_until: NotRequired[str]


class Permissions(TypedDict):
    """Everything that someone may do at a scope."""

    permissions: list[str]
    valid_until: NotRequired[str]


class WhoCan(TypedDict):
    """Everyone who may do something at a scope, as far as the directory alone can tell."""

    subjects: list[str]
    support: bool
    valid_until: NotRequired[str]


class WhereCan(TypedDict):
    """Every scope where someone may do something, as far as the directory alone can tell."""

    scopes: list[str]
    valid_until: NotRequired[str]


class GrantingRole(TypedDict):
    """A role that holds a permission."""

    role: str
    at: NotRequired[str]
    own: bool


class EffectivePermission(TypedDict):
    """A permission and who grants it."""

    permission: str
    granted_by: list[GrantDict]


class Effective(TypedDict):
    """What the active roles of someone give together, and which role gives what."""

    permissions: list[EffectivePermission]
    reads: list[str]
    valid_until: NotRequired[str]


class GuardReport(TypedDict):
    """What one guard says."""

    guard: str
    reasons: list[str]
    because: str


AssignmentReport = TypedDict(
    "AssignmentReport",
    {
        "at": str,
        "role": str,
        "subject": str,
        "from": NotRequired[str],
        "until": NotRequired[str],
        "state": Literal["active", "ended", "not-begun", "elsewhere", "not-activated"],
        "grants": list[list[str]],
    },
)


class Explanation(TypedDict):
    """A decision with everything that was looked at."""

    subject: str
    permission: str
    at: str
    time: str
    decision: DecisionDict
    guards: list[GuardReport]
    assignments: list[AssignmentReport]
    would_allow: list[list[Change]]


Change = TypedDict(
    "Change",
    {
        "change": Literal[
            "activate",
            "deactivate",
            "use-login",
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
        ],
        "role": NotRequired[str],
        "login": NotRequired[str],
        "ip": NotRequired[str],
        "at": NotRequired[str],
        "subject": NotRequired[str],
        "support_access": NotRequired[Literal["named", "all"]],
        "boundary": NotRequired[str],
        "values": NotRequired[list[str]],
        "from": NotRequired[str],
        "until": NotRequired[str],
    },
)


class RedactedExplanation(TypedDict):
    """An explanation for the person who asks: codes only."""

    subject: str
    permission: str
    at: str
    time: str
    allow: bool
    reasons: list[str]
    guards: list[str]
    valid_until: NotRequired[str]


class Redacted(TypedDict):
    """A record without what may not be read."""

    record: Any
    withheld: list[str]
    valid_until: NotRequired[str]


Assignment = TypedDict(
    "Assignment",
    {
        "subject": str,
        "role": str,
        "at": str,
        "from": NotRequired[str | datetime],
        "until": NotRequired[str | datetime],
    },
)
"""A role that is assigned, as the directory has it."""


class Membership(TypedDict):
    """A member of a group."""

    group: str
    member: str


class ListedSubject(TypedDict):
    """A subject, as the directory lists it, with its id."""

    subject: str
    status: NotRequired[Literal["active", "invited", "suspended", "removed"]]
    invited_until: NotRequired[str | datetime]
    native: NotRequired[str]
    external: NotRequired[bool]
    boundaries: NotRequired[Mapping[str, Literal["*"] | Sequence[str]]]


class RoleName(TypedDict):
    """The scope of a custom role, and its name."""

    at: str
    role: str


class CustomRole(RoleName):
    """A custom role, as the directory has it, with its scope and name."""

    title: NotRequired[str]
    description: NotRequired[str]
    inherits: NotRequired[Sequence[str]]
    grants: NotRequired[Sequence[str]]


class LoginSettings(TypedDict):
    """How the users at home at a scope log in."""

    methods: Sequence[str]


class ScopeSettings(TypedDict):
    """What is set at a scope, as the directory has it, with the scope; nothing is set where there is no more."""

    at: str
    support_access: NotRequired[Literal["none", "named", "all"]]
    support_reads: NotRequired[Sequence[str]]
    ip_allow: NotRequired[Sequence[str]]
    idle_timeout: NotRequired[str]
    login: NotRequired[LoginSettings]


class DirectoryChange(TypedDict, total=False):
    """One change to a directory: a map with one of these keys."""

    assign: Assignment
    withdraw: Assignment
    join: Membership
    leave: Membership
    set_subject: ListedSubject
    set_role: CustomRole
    remove_role: RoleName
    set_settings: ScopeSettings
    add_group: str
    remove_group: str
    add_scope: str


PortableCoverage = TypedDict(
    "PortableCoverage",
    {
        "subject": str,
        "at": str,
        "is_covered": bool,
        "scopes": list[str],
        "menus": list[str],
        "time": str,
        "from": str,
        "until": NotRequired[str],
    },
)
"""Who asks where and when in a portable session, and what it covers: everything else is denied."""


class Access(TypedDict):
    """What someone gains or loses at a scope; support staff who are not listed have no `subject`."""

    subject: NotRequired[str]
    at: str
    permissions: list[str]
    reads: list[str]


class Diff(TypedDict):
    """What would change for whom, from one policy and directory to another."""

    gained: list[Access]
    lost: list[Access]
    valid_until: NotRequired[str]


class SeparationViolation(TypedDict):
    """A subject that holds more roles of a constraint together than it lets be assigned."""

    constraint: str
    subject: str
    at: str
    roles: list[str]
    at_most: int


class LimitViolation(TypedDict):
    """More of something than a limit of the policy allows."""

    limit: Literal["users_per_project"]
    at: str
    count: int
    at_most: int


class Violations(TypedDict):
    """What a directory holds against the policy's rules for administration."""

    separation: list[SeparationViolation]
    limits: list[LimitViolation]
    valid_until: NotRequired[str]
