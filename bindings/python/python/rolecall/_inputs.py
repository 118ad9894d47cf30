"""The dictionaries that an application passes in: questions, and changes to a directory."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Optional, TypedDict

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
