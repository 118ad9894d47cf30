"""The dictionaries that an application passes in: questions, and changes to a directory."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

if sys.version_info >= (3, 12):
    from typing import NotRequired, TypedDict
else:
    try:
        # Pydantic, which depends on this package, reads no other kind of dictionary here.
        from typing_extensions import NotRequired, TypedDict
    except ImportError:
        from typing import Optional, TypedDict

        # Python 3.10 has no `NotRequired`; type checkers read the branch above.
        NotRequired = Optional


class Resource(TypedDict, total=False):
    """The item that a question is about. `id` is the one by which the directory locks it."""

    id: str
    labels: list[str]
    boundaries: dict[str, list[str]]


class Context(TypedDict):
    """The time of a question, and details of the connection."""

    time: str | datetime
    ip: NotRequired[str]
    last_activity: NotRequired[str | datetime]
    login: NotRequired[str]
    second_factor: NotRequired[bool]
    active_roles: NotRequired[list[str]]
    groups: NotRequired[list[str]]


class Request(TypedDict):
    """A question: does this subject have this permission, at this scope and time?"""

    subject: str
    permission: str
    at: str
    context: Context
    resource: NotRequired[Resource]


class FilterRequest(TypedDict):
    """A question for a filter: which rows may this subject see?"""

    subject: str
    permission: str
    at: NotRequired[str]
    """Limits the rows to a scope and those below it."""
    list_scopes: NotRequired[bool]
    """Whether branches list the paths of their scopes, for tables with a column of paths."""
    context: Context


class FilterContext(TypedDict, total=False):
    """Details of the connection, as in a `Context`. The server adds the time, unless the token may state it."""

    time: str | datetime
    ip: str
    last_activity: str | datetime
    login: str
    second_factor: bool
    active_roles: list[str]
    groups: list[str]


class FilterQuestion(TypedDict):
    """A question for a filter of a server: which rows may this subject see?"""

    subject: str
    permission: str
    at: NotRequired[str]
    list_scopes: NotRequired[bool]
    context: NotRequired[FilterContext]


Assignment = TypedDict(
    "Assignment",
    {
        "subject": str,
        "role": str,
        "at": str,
        "below": NotRequired[bool],
        "boundaries": NotRequired[Mapping[str, Sequence[str]]],
        "from": NotRequired[str | datetime],
        "until": NotRequired[str | datetime],
    },
)
"""A role assignment, with the keys of the directory."""


class Membership(TypedDict):
    """A member of a group."""

    group: str
    member: str


class ListedSubject(TypedDict):
    """A subject with its id, and with the keys of the directory."""

    subject: str
    status: NotRequired[Literal["active", "invited", "suspended", "removed"]]
    invited_until: NotRequired[str | datetime]
    native: NotRequired[str]
    external: NotRequired[bool]
    boundaries: NotRequired[Mapping[str, Literal["*"] | Sequence[str]]]


class RoleName(TypedDict):
    """The scope of a custom role or an overlay, and the name of the role."""

    at: str
    role: str


# `except` is a keyword, so a class cannot have this key.
CustomRole = TypedDict(
    "CustomRole",
    {
        "at": str,
        "role": str,
        "title": NotRequired[str],
        "description": NotRequired[str],
        "inherits": NotRequired[Sequence[str]],
        "grants": NotRequired[Sequence[str]],
        "except": NotRequired[Sequence[str]],
    },
)

RoleOverlay = TypedDict(
    "RoleOverlay",
    {
        "at": str,
        "role": str,
        "title": NotRequired[str],
        "description": NotRequired[str],
        "grants": NotRequired[Sequence[str]],
        "except": NotRequired[Sequence[str]],
        "reads": NotRequired[Sequence[str]],
    },
)
"""The edits of a role of the policy at a scope, with the keys of the directory."""


class LoginSettings(TypedDict):
    """The login methods of the native users of a scope."""

    methods: Sequence[str]


class ScopeSettings(TypedDict):
    """The settings of a scope, with the keys of the directory. They replace all earlier settings of the scope."""

    at: str
    support_access: NotRequired[Literal["none", "named", "all"]]
    support_reads: NotRequired[Sequence[str]]
    ip_allow: NotRequired[Sequence[str]]
    idle_timeout: NotRequired[str]
    login: NotRequired[LoginSettings]
    second_factor: NotRequired[Literal["required", "optional"]]


class InstanceType(TypedDict):
    """The type of instance of an outermost scope. Without a type, the scope states none."""

    at: str
    instance_type: NotRequired[str]


class ItemLock(TypedDict):
    """The lock of an item, with the keys of the directory. Without a group, the item is unlocked."""

    at: str
    item: str
    groups: NotRequired[Sequence[str]]


class DirectoryChange(TypedDict, total=False):
    """One change to a directory: a dictionary with exactly one of these keys."""

    assign: Assignment
    withdraw: Assignment
    join: Membership
    leave: Membership
    set_subject: ListedSubject
    set_role: CustomRole
    remove_role: RoleName
    set_overlay: RoleOverlay
    remove_overlay: RoleName
    set_settings: ScopeSettings
    set_lock: ItemLock
    add_group: str
    remove_group: str
    add_scope: str
    set_instance_type: InstanceType
