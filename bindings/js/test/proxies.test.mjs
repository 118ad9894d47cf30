// Tests that objects answer behind proxies, which reactive frameworks wrap them in. `ROLECALL_PACKAGE` names the package.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { rolecall, SnapshotEngine } from "./load.mjs";

const { Engine, Policy, PortableSession } = rolecall;
const { Application, connect } = await import(
  pathToFileURL(join(process.cwd(), `import-${`${process.env.ROLECALL_PACKAGE}/client`.replace(/\W/g, "-")}.mjs`))
);

const TIME = "2026-11-21T10:00:00Z";
const POLICY = Policy.from({
  rolecall: 1,
  scopes: ["account"],
  labels: ["pii"],
  resources: { segments: { actions: ["view", "edit"] } },
  roles: { viewer: { grants: ["segments:view"] } },
  menus: { main: [{ id: "view", title: "View", href: "/", needs: "segments:view" }] },
});
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:ada": {} },
  assignments: [{ subject: "user:ada", role: "viewer", at: "acme" }],
};
const full = Engine.from(POLICY, DIRECTORY);

/** Wraps an object in a proxy that does nothing. */
const simple = (value) => new Proxy(value, {});

const PROXIES = new WeakMap();
/**
 * Wraps an object, and what its properties return, as the reactive objects of frameworks do: values that cannot be
 * extended and objects of the platform, except maps and lists, are left as they are.
 */
function deep(value) {
  if (typeof value !== "object" || value === null || !Object.isExtensible(value)) return value;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (!["Object", "Array", "Map"].includes(kind)) return value;
  const known = PROXIES.get(value);
  if (known !== undefined) return known;
  const proxy = new Proxy(value, {
    get(target, key, receiver) {
      const part = Reflect.get(target, key, kind === "Map" ? target : receiver);
      return typeof part === "function" && kind === "Map" ? part.bind(target) : deep(part);
    },
  });
  PROXIES.set(value, proxy);
  return proxy;
}

/** Returns what each method returns, except functions of the object itself. */
function answers(object, calls) {
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, call(object)]));
}

const SESSION = {
  can: (session) => session.can("segments:view"),
  number: (session) => session.can(session.policy.permission("segments:edit")),
  item: (session) => session.can("segments:view", { labels: ["pii"] }),
  check: (session) => session.check("segments:edit"),
  checkMany: (session) => session.checkMany(["segments:view", "segments:edit"]),
  require: (session) => session.require("segments:view"),
  refused: (session) => {
    try {
      return session.require("segments:edit");
    } catch (error) {
      return error.message;
    }
  },
  explainRedacted: (session) => session.explainRedacted("segments:edit"),
  redact: (session) => session.redact({ name: "x" }, { name: "pii" }),
  menu: (session) => session.menu("main"),
  permissions: (session) => session.permissions(),
  effective: (session) => session.effective(),
  bits: (session) => session.permissionBits(),
  bytes: (session) => session.toBytes(),
  until: (session) => session.validUntil,
};
const QUESTION = { subject: "user:ada", permission: "segments:view", at: "acme", context: { time: TIME } };
const WHO = ["user:ada", { at: "acme", time: TIME }];
const ENGINE = {
  can: (engine) => engine.can(QUESTION),
  names: (engine) => [1, 2, 3, 4, 5].map(() => engine.canByNames("user:ada", "segments:view", "acme", new Date(TIME))),
  check: (engine) => engine.check(QUESTION),
  checkMany: (engine) => engine.checkMany([QUESTION]),
  require: (engine) => engine.require(QUESTION),
  explainRedacted: (engine) => engine.explainRedacted(QUESTION),
  menu: (engine) => engine.menu("main", ...WHO),
  permissions: (engine) => engine.permissions(...WHO),
  effective: (engine) => engine.effective(...WHO),
  whoCan: (engine) => engine.whoCan("segments:view", { at: "acme", time: TIME }),
  whereCan: (engine) => engine.whereCan("user:ada", "segments:view", { time: TIME }),
  grantingRoles: (engine) => engine.grantingRoles("segments:view"),
  json: (engine) => engine.checkJson(JSON.stringify(QUESTION)),
  roles: (engine) => engine.policy.roles,
  menus: (engine) => engine.policy.menus,
  session: (engine) => engine.session(...WHO).can("segments:view"),
};
const WHOLE_ENGINE = {
  snapshot: (engine) => engine.toSnapshot(),
  apply: (engine) => engine.apply({ add_group: "group:one" }),
  explain: (engine) => engine.explain(QUESTION),
  filter: (engine) => engine.filter(QUESTION),
  numbering: (engine) => engine.numbering(),
  diff: (engine) => engine.diff(engine, { time: TIME }),
  violations: (engine) => engine.violations({ time: TIME }),
  compiled: (engine) => Engine.from(engine.policy, DIRECTORY).can(QUESTION),
  snapshotSession: (engine) => engine.session(...WHO).explain("segments:edit"),
};
const PORTABLE = {
  can: SESSION.can,
  number: (session) => session.can(session.permission("segments:edit")),
  item: SESSION.item,
  redact: SESSION.redact,
  permissions: SESSION.permissions,
  bits: SESSION.bits,
  menu: SESSION.menu,
  until: SESSION.until,
  coverage: (session) => ({ ...session.coverage }),
  at: (session) => session.at("acme", "2026-11-21T11:00:00Z").can("segments:view"),
};

for (const wrap of [simple, deep]) {
  const same = (object, calls) => {
    const proxied = answers(wrap(object()), calls);
    assert.deepEqual(proxied, answers(object(), calls));
  };
  const engine = () => {
    const made = Engine.from(POLICY, DIRECTORY);
    return SnapshotEngine === undefined ? made : SnapshotEngine.fromSnapshot(made.toSnapshot());
  };

  test(`a session, ${wrap.name}`, () => same(() => engine().session(...WHO), SESSION));
  test(`an engine, ${wrap.name}`, () =>
    same(engine, SnapshotEngine === undefined ? { ...ENGINE, ...WHOLE_ENGINE } : ENGINE));
  test(`a portable session, ${wrap.name}`, () => {
    const bytes = full.session(...WHO).toBytes({ menus: ["main"] });
    same(() => PortableSession.fromBytes(bytes, { time: TIME }), PORTABLE);
  });
  test(`a connection, ${wrap.name}`, async () => {
    const fetch = async (url) =>
      url.endsWith("/v1/snapshot") ? new Response(full.toSnapshot()) : new Promise(() => {});
    const live = wrap(await connect(SnapshotEngine ?? Engine, "http://server.test", { token: "t", fetch }));
    assert.equal(live.current.can(QUESTION), true);
    assert.equal(live.connection.connected, false);
    live.onChange(() => {})();
    live.close();
  });
  test(`an application, ${wrap.name}`, async () => {
    const fetch = async () => Response.json({ access_token: "a token", expires_in: 60 });
    const application = new Application("http://server.test", { clientId: "a", clientSecret: "b", fetch });
    assert.equal(await wrap(application).token(), "a token");
  });
}
