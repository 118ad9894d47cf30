"""Types of the compiled module. A test compares them with the module."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, final

from ._answers import (
    AssignmentsOf,
    Diff,
    Effective,
    Explanation,
    Filter,
    GrantingRole,
    Menu,
    Numbering,
    Permissions,
    PortableCoverage,
    Redacted,
    RedactedExplanation,
    Violations,
    WhereCan,
    WhichGroupsCan,
    WhoCan,
    WhoHolds,
)
from ._errors import RequestError
from ._inputs import DirectoryChange, FilterRequest, Request, Resource

__version__: str

@final
class Policy:
    """A compiled policy."""

    @staticmethod
    def from_json(text: str) -> Policy:
        """Compiles JSON text. Raises `CompileError` with every issue."""
    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> Policy:
        """Compiles plain data. Raises `CompileError` with every issue."""
    def permission(self, name: str) -> int:
        """Returns the number of a permission, for frequent questions. Raises `RequestError`."""
    @property
    def permissions(self) -> list[str]:
        """The names of the permissions, by number."""
    @property
    def roles(self) -> list[str]:
        """The names of the roles, sorted."""
    @property
    def menus(self) -> list[str]:
        """The names of the menus, sorted."""

@final
class Grant:
    """One way in which a permission is held."""

    def __new__(cls, role: str, via: Sequence[str], subject: str, at: str) -> Grant: ...
    @property
    def role(self) -> str:
        """The role whose own grants hold the permission."""
    @property
    def via(self) -> tuple[str, ...]:
        """The inheritance path from the assigned role to that role, both included."""
    @property
    def subject(self) -> str:
        """The holder of the assigned role: the subject, or one of its groups."""
    @property
    def at(self) -> str:
        """The scope of the assignment."""
    def to_dict(self) -> dict[str, Any]:
        """Returns the grant as plain data, with the keys of JSON."""
    def to_json(self) -> str:
        """Returns the canonical form, byte for byte that of every other runtime."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Decision:
    """Whether a subject may do something, why, and until when the answer holds. True exactly when it allows."""

    def __new__(
        cls,
        allow: bool,
        reasons: Sequence[str],
        granted_by: Sequence[Grant] = ...,
        withheld: Sequence[str] = ...,
        narrowed: Mapping[str, Sequence[str]] = ...,
        valid_until: str | None = None,
    ) -> Decision: ...
    @property
    def allow(self) -> bool:
        """Allow or deny."""
    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of all reasons to deny, in the order of the guards; `granted` if the decision allows."""
    @property
    def granted_by(self) -> tuple[Grant, ...]:
        """The grants of the permission, even if a guard denies. At most 4,096."""
    @property
    def withheld(self) -> tuple[str, ...]:
        """The labels that the subject may not read, sorted."""
    @property
    def narrowed(self) -> dict[str, tuple[str, ...]]:
        """The subject's values in each boundary that limits the action, if the question names no item."""
    @property
    def valid_until(self) -> str | None:
        """The first later timestamp at which any of this may differ."""
    def to_dict(self) -> dict[str, Any]:
        """Returns the decision as plain data, with the keys of JSON."""
    def to_json(self) -> str:
        """Returns the canonical form, byte for byte that of every other runtime."""
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Engine:
    """A policy and a directory, ready to answer. Threads may share it."""

    @staticmethod
    def from_json(policy: Policy | str, directory: str) -> Engine:
        """Compiles a directory, and the policy if it is a text. Raises `CompileError` with every issue."""
    @staticmethod
    def from_dict(policy: Policy | Mapping[str, Any], directory: Mapping[str, Any]) -> Engine:
        """Compiles plain data. Raises `CompileError` with every issue."""
    @staticmethod
    def from_snapshot(snapshot: bytes) -> Engine:
        """Opens a snapshot and verifies all of it. Raises `RequestError` if it is not a snapshot, or is damaged."""
    @staticmethod
    def open_snapshot(path: str | PathLike[str], *, verify: bool = True) -> Engine:
        """Maps the file of a snapshot into memory.

        Without `verify` that takes milliseconds for any size; use it for files that were verified before. Replace the
        file, but never write to it. Raises `RequestError` if it is not a snapshot, and `OSError`.
        """
    def to_snapshot(self) -> bytes:
        """Returns the compiled policy and directory as bytes that open without being parsed.

        Single changes are included. The same documents and changes give the same bytes in every runtime.
        """
    def write_snapshot(self, path: str | PathLike[str]) -> None:
        """Writes the snapshot to a file, completely or not at all. Raises `OSError`."""
    @property
    def policy(self) -> Policy:
        """The policy."""
    def apply(self, change: DirectoryChange) -> bool:
        """Makes one change to the directory without compiling it again. Returns whether anything changed.

        The change is a dictionary with one key: `assign`, `withdraw`, `join`, `leave`, `set_subject`, `set_role`,
        `remove_role`, `set_overlay`, `remove_overlay`, `set_settings`, `set_lock`, `add_group`, `remove_group`,
        `add_scope` or `set_instance_type`; see `DirectoryChange`. Existing sessions do not follow it. Raises
        `CompileError` with every issue and then changes nothing.
        """
    def can_by_names(self, subject: str, permission: str, at: str, time: str | datetime | int) -> bool:
        """Returns whether a subject has a permission, without connection details. The fastest question.

        `time` may be whole milliseconds since the epoch, of the years 1990 to 2199. Seconds and a `float` are rejected.
        Raises `RequestError`.
        """
    def session(
        self,
        subject: str,
        *,
        at: str,
        time: str | datetime,
        ip: str | None = None,
        last_activity: str | datetime | None = None,
        login: str | None = None,
        second_factor: bool | None = None,
        active_roles: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
    ) -> Session:
        """Resolves a subject in a context once, for many questions. Raises `RequestError`."""
    def can(self, request: Request) -> bool:
        """Returns whether a request is allowed. Raises `RequestError`."""
    def check(self, request: Request) -> Decision:
        """Returns the decision with its reasons. Raises `RequestError`."""
    def check_many(self, requests: Sequence[Request]) -> list[Decision | RequestError]:
        """Returns one decision for each request, in order. A malformed request gets its error instead of a decision."""
    def require(self, request: Request) -> Decision:
        """Returns the decision, or raises `ForbiddenError` if it denies. Raises `RequestError`."""
    def explain(self, request: Request) -> Explanation:
        """Returns the decision with everything that it depends on. Raises `RequestError`."""
    def explain_redacted(self, request: Request) -> RedactedExplanation:
        """Returns an explanation that the subject may see: codes only. Raises `RequestError`."""
    def diff(self, after: Engine, *, time: str | datetime) -> Diff:
        """Returns the access that subjects gain and lose from this engine to another one. Raises `RequestError`."""
    def violations(self, *, time: str | datetime) -> Violations:
        """Returns the rules for administration that the directory breaks at a time. Raises `RequestError`."""
    def who_can(self, permission: str, *, at: str, time: str | datetime) -> WhoCan:
        """Returns every subject that has a permission at a scope, at a time. Raises `RequestError`."""
    def where_can(self, subject: str, permission: str, *, time: str | datetime) -> WhereCan:
        """Returns every scope at which a subject has a permission, at a time. Raises `RequestError`."""
    def filter(self, request: FilterRequest) -> Filter:
        """Returns the rows that a subject may see, as data for a query; `rolecall.filters` writes the query.

        A row is allowed exactly if a check at its scope allows an item with its values and labels. Raises
        `RequestError`.
        """
    def numbering(self) -> Numbering:
        """Returns the numbers of all scopes, for tables with a column of numbers."""
    def who_holds(
        self,
        role: str,
        *,
        at: str | None = None,
        time: str | datetime,
        limit: int | None = None,
        after: str | None = None,
    ) -> WhoHolds:
        """Returns every subject that holds a role, or a role that inherits it, with its assignments.

        With `at`, only assignments that cover the scope count. Evaluates no guards. `limit` and `after` ask for a page.
        Raises `RequestError`.
        """
    def which_groups_can(
        self,
        permission: str,
        *,
        at: str,
        time: str | datetime,
        limit: int | None = None,
        after: str | None = None,
    ) -> WhichGroupsCan:
        """Returns every group that gives its members a permission at a scope, with the assignments that give it.

        Evaluates no guards: they depend on the member. `limit` and `after` ask for a page. Raises `RequestError`.
        """
    def assignments_of(self, subject: str, *, at: str | None = None, time: str | datetime) -> AssignmentsOf:
        """Returns the assignments of a subject that have not ended: its own and those of its groups.

        With `at`, only those that cover the scope. Raises `RequestError`.
        """
    def granting_roles(self, permission: str) -> list[GrantingRole]:
        """Returns every role that holds a permission, custom roles included. Raises `RequestError`."""
    def check_json(self, request: str) -> str:
        """Returns the decision about a JSON request, or the error, as canonical JSON."""
    def explain_json(self, request: str) -> str:
        """Returns the explanation of a JSON request, or the error, as canonical JSON."""
    def menu_json(self, name: str, who: str) -> str:
        """Returns the menu for `{"subject", "at", "context"}`, or the error, as canonical JSON."""
    def permissions_json(self, who: str) -> str:
        """Returns the permissions for `{"subject", "at", "context"}`, or the error, as canonical JSON."""

@final
class Session:
    """One subject in one context, resolved once. It cannot be pickled; `to_bytes` makes it portable."""

    @property
    def subject(self) -> str:
        """The subject's id."""
    @property
    def valid_until(self) -> str | None:
        """The first later timestamp at which any answer may differ."""
    def can(self, permission: str | int, resource: Resource | None = None) -> bool:
        """Returns whether a permission is allowed, by name or number.

        Without `resource` the question is about an item without labels and values. Raises `RequestError`.
        """
    def check(self, permission: str | int, resource: Resource | None = None) -> Decision:
        """Returns the decision with its reasons. Raises `RequestError`."""
    def check_many(self, permissions: Sequence[str | int]) -> list[Decision]:
        """Returns one decision for each permission, in order. Raises `RequestError`."""
    def require(self, permission: str | int, resource: Resource | None = None) -> Decision:
        """Returns the decision, or raises `ForbiddenError` if it denies. Raises `RequestError`."""
    def explain(self, permission: str | int, resource: Resource | None = None) -> Explanation:
        """Returns the decision with everything that it depends on. Raises `RequestError`."""
    def explain_redacted(self, permission: str | int, resource: Resource | None = None) -> RedactedExplanation:
        """Returns an explanation that the subject may see: codes only. Raises `RequestError`."""
    def redact(
        self,
        record: Mapping[str, Any] | Sequence[Any],
        labels: Mapping[str, str | Sequence[str]],
        *,
        mask: str | None = None,
    ) -> Redacted:
        """Returns a record, or a list of them, without the fields whose labels the session may not read.

        Fields are removed, or replaced by `mask`. `labels` maps paths of fields, such as `address.street`,
        `orders[*].note` or `**.phone`, to labels. Remaining values, such as a `Decimal`, a `UUID` or a date, are the
        same objects; mappings become dictionaries. Raises `RequestError`, also for an object whose
        fields no path can name.
        """
    def to_bytes(
        self,
        *,
        scopes: Sequence[str] | None = None,
        menus: Sequence[str] | None = None,
        until: str | datetime | None = None,
    ) -> bytes:
        """Returns the session as bytes, from which `PortableSession` answers without policy and directory.

        They cover this scope and `scopes`, from this time until `until`, and include the part of `menus` that the
        session sees in that time. Everything that depends on the connection remains as it is now. Raises
        `RequestError`.
        """
    def to_view(
        self,
        *,
        menus: Sequence[str] | None = None,
        permissions: Sequence[str] | None = None,
        until: str | datetime | None = None,
    ) -> dict[str, Any]:
        """Returns the answers as plain data, which a page looks up with `rolecall/view` of the npm package.

        They cover this scope, from this time until the next change or, with `until`, all changes up to there. Without
        `permissions` they cover every permission. They answer requests without an item. Raises `RequestError`.
        """
    def menu(self, name: str) -> Menu:
        """Returns the part of a menu that the session sees. Raises `RequestError`."""
    def effective(self) -> Effective:
        """Returns the permissions of the active roles, and the roles that grant each, regardless of the guards."""
    def permissions(self) -> Permissions:
        """Returns the names of the permissions that `can` allows."""
    def permission_bits(self) -> bytes:
        """Returns the permissions that `can` allows, as one bit for each number."""

@final
class PortableSession:
    """A session without its policy and directory. It denies everything that it does not cover."""

    @staticmethod
    def from_bytes(data: bytes, *, time: str | datetime, at: str | None = None) -> PortableSession:
        """Opens the bytes that `Session.to_bytes` returned, at a time. The scope is the session's unless `at` is given.

        Verify a signature first if the bytes come from elsewhere. Raises `RequestError`.
        """
    @staticmethod
    def from_pass(
        text: str,
        *,
        keys: str,
        issuer: str,
        time: str | datetime,
        audience: str | None = None,
        at: str | None = None,
    ) -> PortableSession:
        """Verifies a pass, which a server signed, and opens the session in it, at its scope unless `at` is given.

        `keys` is the text of the JSON Web Key Set that the server publishes at `/.well-known/jwks.json`. Without an
        `audience`, only a pass without one is accepted. Raises `ClientError`.
        """
    def at(self, scope: str, time: str | datetime) -> PortableSession:
        """Returns a session of the same subject at another scope or time. Raises `RequestError`."""
    @property
    def coverage(self) -> PortableCoverage:
        """The subject, scope and time of the session, and its coverage."""
    @property
    def valid_until(self) -> str | None:
        """The first later timestamp at which any answer may differ. At the end of the coverage everything is denied."""
    @property
    def permission_names(self) -> list[str]:
        """The names of the permissions, by number."""
    def can(self, permission: str | int, resource: Resource | None = None) -> bool:
        """Returns whether a permission is allowed, by name or number.

        Without `resource` the question is about an item without labels and values. Raises `RequestError`.
        """
    def redact(
        self,
        record: Mapping[str, Any] | Sequence[Any],
        labels: Mapping[str, str | Sequence[str]],
        *,
        mask: str | None = None,
    ) -> Redacted:
        """Returns a record, or a list of them, without the fields whose labels the session may not read.

        Fields are removed, or replaced by `mask`, like those of `Session.redact`. Raises `RequestError`.
        """
    def menu(self, name: str) -> Menu:
        """Returns the part of a menu that the session sees. Raises `RequestError`, also for a menu not included."""
    def permissions(self) -> Permissions:
        """Returns the names of the permissions that `can` allows."""
    def permission_bits(self) -> bytes:
        """Returns the permissions that `can` allows, as one bit for each number."""
