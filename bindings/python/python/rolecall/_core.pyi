"""Types of the compiled module; a test compares them with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, final

from ._answers import (
    Diff,
    Effective,
    Explanation,
    GrantingRole,
    Menu,
    Permissions,
    PortableCoverage,
    Redacted,
    RedactedExplanation,
    Violations,
    WhereCan,
    WhoCan,
)
from ._errors import RequestError
from ._inputs import DirectoryChange, Request, Resource

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
        """The number of a permission, for asking often. Raises `RequestError`."""
    @property
    def permissions(self) -> list[str]:
        """Every permission in the order of its number."""
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
        """Returns the grant as plain data, as JSON has it."""
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
        """The codes of all objections, in the order of the guards; `granted` where the decision allows."""
    @property
    def granted_by(self) -> tuple[Grant, ...]:
        """The grants of the permission, also where a guard denies. At most 4,096."""
    @property
    def withheld(self) -> tuple[str, ...]:
        """The labels that the subject may not read, sorted."""
    @property
    def narrowed(self) -> dict[str, tuple[str, ...]]:
        """The subject's values in each boundary that limits the action, where the question names no item."""
    @property
    def valid_until(self) -> str | None:
        """The first later timestamp at which any of this may differ."""
    def to_dict(self) -> dict[str, Any]:
        """Returns the decision as plain data, as JSON has it."""
    def to_json(self) -> str:
        """Returns the canonical form, byte for byte that of every other runtime."""
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Engine:
    """A policy and a directory, ready to answer."""

    @staticmethod
    def from_json(policy: Policy | str, directory: str) -> Engine:
        """Compiles a directory, and the policy where it is a text. Raises `CompileError` with every issue."""
    @staticmethod
    def from_dict(policy: Policy | Mapping[str, Any], directory: Mapping[str, Any]) -> Engine:
        """Compiles plain data. Raises `CompileError` with every issue."""
    @staticmethod
    def from_snapshot(snapshot: bytes) -> Engine:
        """Opens a snapshot and checks all of it. Raises `RequestError` where it is something else, or is damaged."""
    @staticmethod
    def open_snapshot(path: str | PathLike[str], *, verify: bool = True) -> Engine:
        """Maps the file of a snapshot into memory.

        Without `verify` that takes milliseconds, whatever its size, and is for files that were checked before. The file
        must not be written to meanwhile, only replaced. Raises `RequestError` where it is no snapshot, and `OSError`.
        """
    def to_snapshot(self) -> bytes:
        """The policy and the directory as they are compiled, in bytes that open without being parsed.

        Single changes are included. The same documents and changes give the same bytes in every runtime.
        """
    def write_snapshot(self, path: str | PathLike[str]) -> None:
        """Writes the snapshot to a file, whole or not at all. Raises `OSError`."""
    @property
    def policy(self) -> Policy:
        """The policy."""
    def apply(self, change: DirectoryChange) -> bool:
        """Makes one change to the directory without compiling it anew, and tells whether anything changed.

        A map with one key: `assign`, `withdraw`, `join`, `leave`, `set_subject`, `set_role`, `remove_role`,
        `set_settings`, `add_group`, `remove_group` or `add_scope`; see `DirectoryChange`. Sessions go on with what they were made of. Raises `CompileError` with every issue, in
        which case nothing is changed.
        """
    def can_by_names(self, subject: str, permission: str, at: str, time: str | datetime | int) -> bool:
        """The fastest question: tells whether a subject may, of whose connection nothing is known.

        `time` may be whole milliseconds since the epoch, of the years 1990 to 2199; seconds and a `float` are refused.
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
        active_roles: Sequence[str] | None = None,
    ) -> Session:
        """Resolves a subject in a context once. Raises `RequestError`."""
    def can(self, request: Request) -> bool:
        """Tells whether a question is allowed. Raises `RequestError`."""
    def check(self, request: Request) -> Decision:
        """Decides with reasons. Raises `RequestError`."""
    def check_many(self, requests: Sequence[Request]) -> list[Decision | RequestError]:
        """Decides many questions, as many and in the same order; a malformed one gets its error."""
    def require(self, request: Request) -> Decision:
        """Decides, and raises `ForbiddenError` where the decision denies. Raises `RequestError`."""
    def explain(self, request: Request) -> Explanation:
        """Decides, and tells everything that was looked at. Raises `RequestError`."""
    def explain_redacted(self, request: Request) -> RedactedExplanation:
        """An explanation for the person who asks: codes only. Raises `RequestError`."""
    def diff(self, after: Engine, *, time: str | datetime) -> Diff:
        """What would change for whom, from this engine to another one, at an instant. Raises `RequestError`."""
    def violations(self, *, time: str | datetime) -> Violations:
        """What the directory holds against the policy's rules for administration, at an instant. Raises `RequestError`."""
    def who_can(self, permission: str, *, at: str, time: str | datetime) -> WhoCan:
        """Everyone who may do something at a scope, at an instant. Raises `RequestError`."""
    def where_can(self, subject: str, permission: str, *, time: str | datetime) -> WhereCan:
        """Every scope where a subject may do something, at an instant. Raises `RequestError`."""
    def granting_roles(self, permission: str) -> list[GrantingRole]:
        """Every role that holds a permission, custom ones included. Raises `RequestError`."""
    def check_json(self, request: str) -> str:
        """Answers JSON with canonical JSON: the decision, or the error."""
    def explain_json(self, request: str) -> str:
        """Answers JSON with canonical JSON: the explanation, or the error."""
    def menu_json(self, name: str, who: str) -> str:
        """Answers `{"subject", "at", "context"}` with canonical JSON: the menu, or the error."""
    def permissions_json(self, who: str) -> str:
        """Answers `{"subject", "at", "context"}` with canonical JSON: the permissions, or the error."""

@final
class Session:
    """One subject in one context, resolved once."""

    @property
    def subject(self) -> str:
        """The subject's id."""
    @property
    def valid_until(self) -> str | None:
        """The first later instant at which what `can` allows differs."""
    def can(self, permission: str | int, resource: Resource | None = None) -> bool:
        """Tells whether a permission is allowed, by name or number: for an item where one is given, else for one
        without labels and values. Raises `RequestError`."""
    def check(self, permission: str | int, resource: Resource | None = None) -> Decision:
        """Decides with reasons. Raises `RequestError`."""
    def check_many(self, permissions: Sequence[str | int]) -> list[Decision]:
        """Decides many, as many and in the same order. Raises `RequestError`."""
    def require(self, permission: str | int, resource: Resource | None = None) -> Decision:
        """Decides, and raises `ForbiddenError` where the decision denies. Raises `RequestError`."""
    def explain(self, permission: str | int, resource: Resource | None = None) -> Explanation:
        """Decides, and tells everything that was looked at. Raises `RequestError`."""
    def explain_redacted(self, permission: str | int, resource: Resource | None = None) -> RedactedExplanation:
        """An explanation for the person who asks: codes only. Raises `RequestError`."""
    def redact(
        self,
        record: Mapping[str, Any] | Sequence[Any],
        labels: Mapping[str, str | Sequence[str]],
        *,
        mask: str | None = None,
    ) -> Redacted:
        """A record, or a list of them, without the fields of which the session may not read a label.

        They are dropped, or replaced by `mask`. `labels` maps paths of fields, such as `address.street`,
        `orders[*].note` or `**.phone`, to labels. A value that is kept, such as a `Decimal`, a `UUID` or a date, is the
        same object; mappings become dicts. An object whose fields no path could find is refused. Raises `RequestError`.
        """
    def to_bytes(
        self,
        *,
        scopes: Sequence[str] | None = None,
        menus: Sequence[str] | None = None,
        until: str | datetime | None = None,
    ) -> bytes:
        """Makes the session portable: bytes from which `PortableSession` answers without policy and directory.

        They cover this scope and `scopes`, from this instant on until `until`. Of `menus` that part comes along that is
        seen at some time. What is known of the connection is held fixed, and so is what it allows. Raises `RequestError`.
        """
    def menu(self, name: str) -> Menu:
        """The part of a menu that the session sees. Raises `RequestError`."""
    def effective(self) -> Effective:
        """What the active roles give together, and which role gives what, whatever a guard says."""
    def permissions(self) -> Permissions:
        """Everything that `can` allows, by name."""
    def permission_bits(self) -> bytes:
        """Everything that `can` allows, one bit for each permission by its number."""

@final
class PortableSession:
    """A session without its policy and directory. It denies everything that it does not cover."""

    @staticmethod
    def from_bytes(data: bytes, *, time: str | datetime, at: str | None = None) -> PortableSession:
        """Opens the bytes that `Session.to_bytes` made, at an instant, and at that session's scope if no other is named.

        Check their signature first, where they come from elsewhere. Raises `RequestError`.
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
        """Checks a pass, which a server signed, and makes a session of it, at that pass's scope if no other is named.

        `keys` is the text of the JSON Web Key Set that the server publishes at `/.well-known/jwks.json`. Without an
        `audience`, only a pass that names nobody opens. Raises `ClientError`.
        """
    def at(self, scope: str, time: str | datetime) -> PortableSession:
        """The same subject at another scope or instant. Raises `RequestError`."""
    @property
    def coverage(self) -> PortableCoverage:
        """Who asks where and when, and what is covered."""
    @property
    def valid_until(self) -> str | None:
        """The first later instant at which what `can` allows differs, as far as is covered."""
    @property
    def permission_names(self) -> list[str]:
        """Every permission in the order of its number."""
    def can(self, permission: str | int, resource: Resource | None = None) -> bool:
        """Tells whether a permission is allowed, by name or number: for an item where one is given, else for one
        without labels and values. Raises `RequestError`."""
    def redact(
        self,
        record: Mapping[str, Any] | Sequence[Any],
        labels: Mapping[str, str | Sequence[str]],
        *,
        mask: str | None = None,
    ) -> Redacted:
        """A record, or a list of them, without the fields of which the session may not read a label.

        They are dropped, or replaced by `mask`, as by `Session.redact`. Raises `RequestError`.
        """
    def menu(self, name: str) -> Menu:
        """The part of a menu that the session sees. Raises `RequestError`, also for one that did not come along."""
    def permissions(self) -> Permissions:
        """Everything that `can` allows, by name."""
    def permission_bits(self) -> bytes:
        """Everything that `can` allows, one bit for each permission by its number."""
