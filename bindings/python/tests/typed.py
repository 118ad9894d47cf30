"""Checked by mypy, never run: the types of the public API."""

from datetime import datetime, timezone
from typing import Any

import rolecall
from rolecall import Decision, Engine, ForbiddenError, Policy, PortableSession, RequestError, Session, filters

engine: Engine = Engine.from_json("{}", "{}")
policy: Policy = engine.policy
number: int = policy.permission("a:view")
session: Session = engine.session("user:ada", at="main", time=datetime.now(timezone.utc), active_roles=["a"])
allowed: bool = session.can(number) and session.can("a:view") and session.can(number, {"labels": ["pii"]})
decision: Decision = session.check("a:view", {"labels": ["pii"], "boundaries": {"domain": ["x"]}})
until: str | None = decision.valid_until
answers: list[Decision | RequestError] = engine.check_many(
    [{"subject": "user:ada", "permission": "a:view", "at": "main", "context": {"time": "2026-11-21T10:00:00Z"}}]
)
title: str = session.menu("main").items[0].title
state: str = session.explain("a:view").assignments[0].state
holders: tuple[str, ...] = engine.who_can("a:view", at="main", time=datetime.now(timezone.utc)).subjects
places: tuple[str, ...] = engine.where_can("user:ada", "a:view", time="2026-11-21T10:00:00Z").scopes
rows: rolecall.Filter = engine.filter(
    {"subject": "user:ada", "permission": "a:view", "at": "main", "context": {"time": "2026-11-21T10:00:00Z"}}
)
ranges: tuple[tuple[int, int], ...] = rows.branches[0].ranges
numbered: str = engine.numbering().scopes[0]
where: list[Any] = filters.postgresql(rows, filters.Columns(scope="scope", labels=filters.Many("labels"))).parameters
page: rolecall.WhoHolds = engine.who_holds("viewer", time="2026-11-21T10:00:00Z", limit=10, after="user:ada")
ends: list[str | None] = [role.until for holder in page.holders for role in holder.roles]
groups_that_may: list[str] = [
    one.group for one in engine.which_groups_can("a:view", at="main", time=datetime.now(timezone.utc)).groups
]
own_roles: list[str] = [
    one.role for one in engine.assignments_of("user:ada", at="main", time=datetime.now(timezone.utc)).assignments
]
own_grants: list[bool] = [role.own for role in engine.granting_roles("a:view")]
granting_role: str = session.effective().permissions[0].granted_by[0].role
record: str = session.redact({"name": "Ada"}, {"name": "pii", "note": ["pii"]}, mask="…").record["name"]
codes: tuple[str, ...] = session.explain_redacted("a:view").guards
plain: dict[str, Any] = session.explain("a:view").to_dict()
text: str = session.menu("main").to_json()
session.menu("main").landing = "/"  # type: ignore[misc]
change: str = session.explain("a:view").would_allow[0][0].change
lost_permissions: tuple[str, ...] = engine.diff(engine, time="2026-11-21T10:00:00Z").lost[0].permissions
count: int = engine.violations(time=datetime.now(timezone.utc)).limits[0].count
changed: bool = engine.apply({"assign": {"subject": "user:ada", "role": "a", "at": "main"}})
snapshot: bytes = engine.to_snapshot()
opened: Engine = Engine.open_snapshot("roles.snapshot", verify=False)
listed: bool = engine.apply(
    {"set_subject": {"subject": "user:new", "status": "invited", "boundaries": {"domain": "*"}}}
)
role_changed: bool = engine.apply({"set_role": {"at": "main", "role": "lead", "inherits": ["a"]}})
quick: bool = engine.can_by_names("user:ada", "a:view", "main", 1795255200000)
view: dict[str, Any] = session.to_view(menus=["main"], permissions=["a:view"], until=datetime.now(timezone.utc))
portable_bytes: bytes = session.to_bytes(scopes=["main"], menus=["main"], until=datetime.now(timezone.utc))
portable: PortableSession = PortableSession.from_bytes(portable_bytes, at="main", time=datetime.now(timezone.utc))
covered: bool = portable.at("main", "2026-11-21T10:00:00Z").coverage.is_covered
may: bool = portable.can("a:view", {"labels": ["pii"]}) and portable.can(number)
opened_pass: PortableSession = PortableSession.from_pass(
    "a.b.c", keys="{}", issuer="https://roles.example.com", time=datetime.now(timezone.utc)
)
with rolecall.connect("https://roles.example.com", token="t", max_age=60) as live:
    everything: Engine = live.current
    connected: bool = live.connection.connected
one: rolecall.LiveSession = rolecall.connect_session("https://roles.example.com", lambda: "a.b.c", at="main")
current: PortableSession = one.current
try:
    session.require("a:view")
except ForbiddenError as error:
    reasons: tuple[str, ...] = error.decision.reasons
    refused: tuple[str, str, str] = (error.subject, error.permission, error.at)
except RequestError as error:
    hint: str | None = error.hint
