"""The errors that Rolecall raises.

`RolecallError` is the root. Its subclasses are siblings, so that code for one does not catch another: a server that
responds with 400 to `RequestError` does not hide a defect of the engine (`InternalError`).

Messages begin with the code of the error. `docs/codes` in the repository has cause and way out of every code, as has
the command `rolecall codes CODE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._core import Decision


class RolecallError(Exception):
    """The root of every error that Rolecall raises. Errors can be pickled and copied."""

    def _parts(self) -> tuple[object, ...]:
        """Returns the arguments that the error was made from."""
        return self.args

    def __reduce__(self) -> tuple[Any, ...]:
        # `args` contains the text of an error, not its arguments.
        return (_restored, (type(self), self._parts(), self.__dict__))


def _restored(kind: type[RolecallError], parts: tuple[object, ...], more: dict[str, object]) -> RolecallError:
    """Rebuilds a pickled error. The constructors of subclasses are not called: their arguments are unknown."""
    error = kind.__new__(kind, *parts)
    for base in (CompileError, RequestError, ForbiddenError, _CodedError):
        if isinstance(error, base):
            base.__init__(error, *parts)  # type: ignore[arg-type]
            break
    error.__dict__.update(more)
    return error


def _present(**parts: object) -> dict[str, Any]:
    """Returns the parts that have a value, with `hint` under its name in JSON."""
    names = {"hint": "help"}
    return {names.get(name, name): value for name, value in parts.items() if value is not None}


@dataclass(frozen=True)
class Issue:
    """One error in a document."""

    code: str
    """A code for programs, such as `role.cycle`; see `docs/codes/documents.md`."""
    document: str
    """`policy` or `directory`."""
    path: str
    """The place in the document, such as `roles.editor.grants[0]`; empty for the whole document."""
    message: str
    """One sentence for people."""
    line: int | None = None
    """The line in the text, from 1."""
    column: int | None = None
    """The column in characters, from 1."""
    hint: str | None = None
    """A way to fix it, if one is known. Its key in JSON is `help`."""

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line is not None else ""
        at = f" (at `{self.path}`)" if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.document}{place}: {self.code}: {self.message}{at}{hint}"

    def to_dict(self) -> dict[str, Any]:
        """Returns the issue as plain data, with the keys of JSON."""
        return _present(
            code=self.code,
            document=self.document,
            path=self.path,
            line=self.line,
            column=self.column,
            message=self.message,
            hint=self.hint,
        )


class CompileError(RolecallError):
    """A document that does not compile, with every issue."""

    issues: tuple[Issue, ...]
    """Every issue, in the order of the document."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("\n".join(str(issue) for issue in self.issues))

    def _parts(self) -> tuple[object, ...]:
        return (self.issues,)


class RequestError(RolecallError):
    """A malformed question. It has no answer, neither allow nor deny. A server responds with 400."""

    code: str
    """A code for programs, such as `permission.unknown`; see `docs/codes/requests.md`."""
    message: str
    """One sentence for people."""
    path: str | None
    """The place in the question, such as `context.time`."""
    hint: str | None
    """A way to fix it, if one is known. Its key in JSON is `help`."""

    def __init__(self, code: str, message: str, path: str | None = None, hint: str | None = None) -> None:
        self.code, self.message, self.path, self.hint = code, message, path, hint
        at = f" (at `{path}`)" if path else ""
        super().__init__(f"{code}: {message}{at}" + (f"; {hint}" if hint else ""))

    def _parts(self) -> tuple[object, ...]:
        return (self.code, self.message, self.path, self.hint)

    def to_dict(self) -> dict[str, Any]:
        """Returns the error as plain data, with the keys of JSON."""
        return _present(code=self.code, message=self.message, path=self.path, hint=self.hint)


class ForbiddenError(RolecallError):
    """A denial, with the decision and the request. A server responds with 403."""

    decision: Decision
    """The decision, which does not allow."""
    subject: str
    """The subject that is denied."""
    permission: str
    """The requested permission."""
    at: str
    """The scope of the request."""

    def __init__(self, decision: Decision, subject: str, permission: str, at: str) -> None:
        self.decision, self.subject, self.permission, self.at = decision, subject, permission, at
        reasons = ", ".join(decision.reasons)
        super().__init__(f"forbidden: `{subject}` may not `{permission}` at `{at}`: {reasons}")

    def _parts(self) -> tuple[object, ...]:
        return (self.decision, self.subject, self.permission, self.at)


class _CodedError(RolecallError):
    """The base of errors that consist of a code and a message."""

    code: str
    """A code for programs, such as `client.stale` or `internal.panic`."""
    message: str
    """One sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")

    def _parts(self) -> tuple[object, ...]:
        return (self.code, self.message)


class ClientError(_CodedError):
    """An invalid pass, an error response of a server, or answers that are too old."""


class InternalError(_CodedError):
    """A defect of the engine, never of the question. A server responds with 500; please report it."""


def _of_error(error: Mapping[str, Any]) -> RequestError | InternalError:
    """Returns the exception of an error in an answer, given as plain data."""
    code, message = error["code"], error["message"]
    if code.startswith("internal."):
        return InternalError(code, message)
    return RequestError(code, message, error.get("path"), error.get("help"))


def _of_issues(issues: Iterable[Mapping[str, Any]]) -> CompileError:
    """Returns the exception of issues, given as plain data."""
    names = {"help": "hint"}
    return CompileError(Issue(**{names.get(name, name): value for name, value in issue.items()}) for issue in issues)
