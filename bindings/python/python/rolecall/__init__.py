"""One role policy, the same answer everywhere."""

from ._core import Decision, Engine, Grant, Policy, Session, __version__
from ._errors import CompileError, ForbiddenError, InternalError, Issue, RequestError, RolecallError
from ._types import (
    AssignmentReport,
    Context,
    DecisionDict,
    Explanation,
    GrantDict,
    GuardReport,
    Menu,
    MenuItem,
    Permissions,
    Request,
    Resource,
)

__all__ = [
    "AssignmentReport",
    "CompileError",
    "Context",
    "Decision",
    "DecisionDict",
    "Engine",
    "Explanation",
    "ForbiddenError",
    "Grant",
    "GrantDict",
    "GuardReport",
    "InternalError",
    "Issue",
    "Menu",
    "MenuItem",
    "Permissions",
    "Policy",
    "Request",
    "RequestError",
    "Resource",
    "RolecallError",
    "Session",
    "__version__",
]
