// Type-checked, never run: code of a user.
import {
  CompileError,
  Engine,
  ForbiddenError,
  InternalError,
  Policy,
  PortableSession,
  RequestError,
  RolecallError,
  type Decision,
  type Menu,
  type Request,
  type Session,
  type View,
} from "rolecall";

/** Returns the status of a server's response to an error. */
export function status(error: RequestError | InternalError | ForbiddenError): [number, string] {
  if (error instanceof RequestError) return [400, error.code];
  if (error instanceof ForbiddenError) {
    const parts: string[] = [error.subject, error.permission, error.at, ...error.decision.reasons];
    return [403, parts.join(" ")];
  }
  const root: RolecallError = error;
  // @ts-expect-error a defect is not a malformed question
  const wrong: RequestError = error;
  return [wrong === root ? 500 : 501, error.code];
}

export function use(policyText: string, directoryText: string): boolean {
  const policy: Policy = Policy.fromJson(policyText);
  const engine: Engine = Engine.fromJson(policy, directoryText);
  const handle: number = policy.permission("segments:edit");
  const session: Session = engine.session("user:ada", { at: "main", time: new Date(), active_roles: ["editor"] });
  const decision: Decision = session.check(handle, { labels: ["pii"], boundaries: { domain: ["shop.example"] } });
  const until: string | undefined = decision.valid_until;
  if (session.can(handle, { labels: ["pii"] }))
    return engine.canByNames("user:ada", "segments:edit", "main", new Date());
  const menu: Menu = session.menu("main");
  const request: Request = {
    subject: "user:ada",
    permission: "segments:edit",
    at: "main",
    context: { time: "2026-11-21T10:00:00Z" },
  };
  const many: (Decision | RequestError)[] = engine.checkMany([request]);
  try {
    session.require("segments:edit");
  } catch (error) {
    if (error instanceof ForbiddenError) return error.decision.reasons.length > 0;
    if (error instanceof CompileError) return error.issues[0]?.line === 1;
  }
  const holders: string[] = engine.whoCan("segments:edit", { at: "main", time: new Date() }).subjects;
  const places: string[] = engine.whereCan("user:ada", "segments:edit", { time: "2026-11-21T10:00:00Z" }).scopes;
  const roles: boolean[] = engine.grantingRoles("segments:edit").map((role) => role.own);
  const page = engine.whoHolds("viewer", { time: new Date(), limit: 10, after: "user:ada" });
  const ends: (string | undefined)[] = page.holders.flatMap(({ roles }) => roles.map(({ until }) => until));
  const groups: string[] = engine
    .whichGroupsCan("segments:edit", { at: "main", time: new Date() })
    .groups.map((one) => one.group);
  const own: string[] = engine.assignmentsOf("user:ada", { time: new Date() }).assignments.map(({ role }) => role);
  if (ends.length + groups.length + own.length === 0 && page.next === undefined) return false;
  const given: string | undefined = session.effective().permissions[0]?.granted_by[0]?.role;
  if (holders.length + places.length + roles.length === 0 || given === undefined) return false;
  const record: { name?: string } = session.redact<{ name?: string }>(
    { name: "Ada" },
    { name: "pii", note: ["pii"] },
    { mask: "…" },
  ).record;
  const codes: string[] = [...engine.explainRedacted(request).guards, ...session.explainRedacted(handle).reasons];
  const ways: string[] = engine
    .explain(request)
    .would_allow.flat()
    .map((change) => (change.change === "assign" ? change.role : change.change));
  const lost: string[] = engine
    .diff(engine, { time: new Date() })
    .lost.flatMap((access) => [access.subject ?? "support", ...access.permissions]);
  const broken: number = engine.violations({ time: new Date() }).limits[0]?.at_most ?? 0;
  if (record.name === undefined || codes.length + ways.length + lost.length === broken) return false;
  const changed: boolean = engine.apply({
    assign: { subject: "user:ada", role: "editor", at: "main", until: new Date() },
  });
  if (!changed) return engine.canByNames("user:ada", "segments:edit", "main", Date.now());
  if (Engine.fromSnapshot(engine.toSnapshot()).policy.permissions.length === 0) return false;
  engine.apply({
    set_subject: { subject: "user:new", status: "invited", invited_until: new Date(), boundaries: { domain: "*" } },
  });
  engine.apply({ set_role: { at: "main", role: "lead", inherits: ["editor"] } });
  engine.apply({ set_settings: { at: "main", support_access: "named", login: { methods: ["sso"] } } });
  engine.apply({ set_lock: { at: "main", item: "scenario:7", groups: ["group:a"] } });
  session.can("segments:edit", { id: "scenario:7", labels: ["pii"] });
  // @ts-expect-error there is no such status
  engine.apply({ set_subject: { subject: "user:new", status: "away" } });
  // @ts-expect-error a membership has a member
  engine.apply({ join: { group: "group:a" } });
  const view: View = session.toView({ menus: ["main"], permissions: ["segments:view"], until: new Date() });
  const instant: number | undefined = view.parts.length === 0 ? undefined : session.validUntil;
  if (instant === undefined) return false;
  // @ts-expect-error a view has no scopes
  void session.toView({ scopes: ["main"] });
  const bytes: Uint8Array = session.toBytes({ scopes: ["main"], menus: ["main"], until: new Date() });
  const portable: PortableSession = PortableSession.fromBytes(bytes, { at: "main", time: new Date() });
  const covered: boolean = portable.at("main", "2026-11-21T10:00:00Z").coverage.is_covered;
  if (covered && portable.can("segments:edit", { labels: ["pii"] })) return portable.menu("main").items.length > 0;
  // @ts-expect-error a timestamp is required
  PortableSession.fromBytes(bytes);
  // @ts-expect-error a request needs a context
  engine.check({ subject: "user:ada", permission: "segments:edit", at: "main" });
  // @ts-expect-error a decision has no such key
  decision.allowed;
  return session.can(handle) && menu.items[0]?.disabled === true && many.length === 1 && until !== undefined;
}
