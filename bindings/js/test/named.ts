// Type-checked with the output of `rolecall names`: a name that the policy lacks does not compile.
import { type Engine, type FieldLabels, type PermissionName, PortableSession, type Request } from "rolecall";

export function use(engine: Engine, bytes: Uint8Array): boolean {
  const context = { at: "acme", time: new Date(), active_roles: ["viewer", "of-the-directory"] };
  const session = engine.session("user:ada", context);
  const portable = PortableSession.fromBytes(bytes, context);
  const name: PermissionName = "settings/2fa:configure";
  const labels: FieldLabels = { email: "pii", note: ["pii", "health.record"] };
  const request: Request = { subject: "user:ada", permission: name, at: "acme", context };
  const item = { labels: ["pii"], boundaries: { domain: ["shop.example"] } } as const;
  session.require("segments:edit", item);
  session.redact({}, labels);
  session.toBytes({ menus: ["main"] });
  session.menu("main");
  engine.whoCan("segments:annotate", context);
  engine.apply({ assign: { subject: "user:ada", role: "of-the-directory", at: "acme" } });
  engine.apply({ set_subject: { subject: "user:ada", boundaries: { domain: "*" } } });
  // @ts-expect-error unknown permission
  session.can("segments:veiw");
  // @ts-expect-error unknown permission
  portable.can("segments:delete");
  // @ts-expect-error unknown permission
  engine.policy.permission("segments");
  // @ts-expect-error unknown permission
  engine.canByNames("user:ada", "segments:delete", "acme", 0);
  // @ts-expect-error unknown permission
  engine.can({ ...request, permission: "segments:delete" });
  // @ts-expect-error unknown label
  session.check("segments:view", { labels: ["pi"] });
  // @ts-expect-error unknown boundary
  session.check("segments:edit", { boundaries: { domains: ["shop.example"] } });
  // @ts-expect-error unknown label
  portable.redact({}, { email: "pi" });
  // @ts-expect-error unknown menu
  session.menu("mian");
  // @ts-expect-error unknown menu
  session.toBytes({ menus: ["mian"] });
  return session.can("segments:view") && portable.can(name) && engine.can(request);
}
