"""Everything that rolecall raises, under one root."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._core import Decision


class RolecallError(Exception):
    """The root of everything that rolecall raises. It can be pickled and copied."""

    def _parts(self) -> tuple[object, ...]:
        """What it was made of."""
        return self.args

    def __reduce__(self) -> tuple[Any, ...]:
        # The text of an error is not what it was made of.
        return (_restored, (type(self), self._parts(), self.__dict__))


def _restored(kind: type[RolecallError], parts: tuple[object, ...], more: dict[str, object]) -> RolecallError:
    """An error that was pickled, also one of a class that is made of other parts."""
    error = kind.__new__(kind, *parts)
    for base in (CompileError, ForbiddenError, ClientError, RequestError):
        if isinstance(error, base):
            base.__init__(error, *parts)  # type: ignore[arg-type]
            break
    error.__dict__.update(more)
    return error


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong with a document."""

    code: str
    """For programs, such as `role.cycle`."""
    document: str
    """`policy` or `directory`."""
    path: str
    """The place in the document, such as `roles.editor.grants[0]`; empty for the whole."""
    message: str
    """For people: one sentence."""
    line: int | None = None
    """The line in the text, from 1."""
    column: int | None = None
    """The column in characters, from 1."""
    help: str | None = None
    """A way out, where one is known."""

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line is not None else ""
        at = f" (at `{self.path}`)" if self.path else ""
        help_ = f"; {self.help}" if self.help else ""
        return f"{self.document}{place}: {self.code}: {self.message}{at}{help_}"


class CompileError(RolecallError):
    """Documents that cannot be compiled, with every issue."""

    issues: list[Issue]

    def __init__(self, issues: list[dict[str, Any]]) -> None:
        self.issues = [Issue(**issue) for issue in issues]
        super().__init__("\n".join(str(issue) for issue in self.issues))

    def _parts(self) -> tuple[object, ...]:
        return ([asdict(issue) for issue in self.issues],)


class RequestError(RolecallError):
    """A malformed question: it has no answer, neither allow nor deny."""

    code: str
    """For programs, such as `permission.unknown`."""
    message: str
    """For people: one sentence."""
    path: str | None
    """The place in the question, such as `context.time`."""
    help: str | None
    """A way out, where one is known."""

    def __init__(self, code: str, message: str, path: str | None = None, help: str | None = None) -> None:
        self.code, self.message, self.path, self.help = code, message, path, help
        at = f" (at `{path}`)" if path else ""
        super().__init__(f"{code}: {message}{at}" + (f"; {help}" if help else ""))

    def _parts(self) -> tuple[object, ...]:
        return (self.code, self.message, self.path, self.help)


class InternalError(RequestError):
    """The core failed: a defect of rolecall, never of the question."""


class ForbiddenError(RolecallError):
    """A refusal, with the decision that denies."""

    decision: Decision

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__("forbidden: " + ", ".join(decision.reasons))

    def _parts(self) -> tuple[object, ...]:
        return (self.decision,)


class ClientError(RolecallError):
    """A pass that opens nothing, a server that refuses, or answers that are too old."""

    code: str
    """For programs, such as `pass.expired` or `client.stale`."""
    message: str
    """For people: one sentence."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")

    def _parts(self) -> tuple[object, ...]:
        return (self.code, self.message)
