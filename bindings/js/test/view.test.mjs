// Tests views: their answers by look-up are those of the session that made them. `ROLECALL_PACKAGE` names the package.

import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import { rolecall, SnapshotEngine } from "./load.mjs";

const { Engine } = rolecall;
const entry = (name) =>
  import(
    pathToFileURL(join(process.cwd(), `import-${`${process.env.ROLECALL_PACKAGE}/${name}`.replace(/\W/g, "-")}.mjs`))
  );
const { openView } = await entry("view");
const { LoginSession } = await entry("client");

const START = Date.parse("2026-11-21T10:00:00Z");
const SECOND = 1000;
const time = (millis) => new Date(START + millis).toISOString().replace(".000Z", "Z");

const POLICY = {
  rolecall: 1,
  scopes: ["account", "project"],
  labels: ["pii"],
  resources: { pages: { actions: ["view", "edit", "delete"] }, users: { actions: ["view"] } },
  roles: {
    viewer: { grants: ["pages:view"] },
    editor: { grants: ["pages:view", "pages:edit"] },
    owner: { grants: ["*:*"], reads: ["pii"] },
  },
  guards: { boundaries: { region: { limits: ["edit"] } } },
  menus: {
    main: [
      { id: "pages", title: "Pages", href: "/pages", needs: "pages:view" },
      { id: "new", title: "New page", href: "/new", needs: "pages:edit" },
    ],
    users: [{ id: "users", title: "Users", href: "/users", needs: "users:view" }],
  },
};
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme", "acme/shop"],
  subjects: { "user:ada": { boundaries: { region: ["eu"] } }, "user:olga": { boundaries: { region: "*" } } },
  assignments: [
    { subject: "user:ada", role: "viewer", at: "acme" },
    { subject: "user:ada", role: "editor", at: "acme/shop", from: time(10 * SECOND), until: time(60 * SECOND) },
    { subject: "user:ada", role: "owner", at: "acme/shop", from: time(30 * SECOND), until: time(40 * SECOND) },
    { subject: "user:olga", role: "owner", at: "acme" },
  ],
};
const NAMES = ["pages:view", "pages:edit", "pages:delete", "users:view"];

const made = Engine.from(POLICY, DIRECTORY);
const engine = SnapshotEngine === undefined ? made : SnapshotEngine.fromSnapshot(made.toSnapshot());
const sessionAt = (millis, subject = "user:ada") =>
  engine.session(subject, { at: "acme/shop", time: new Date(START + millis) });
/** Returns a view as a page receives it. */
const viewOf = (coverage, subject) => JSON.parse(JSON.stringify(sessionAt(0, subject).toView(coverage)));

let warnings;
beforeEach(() => {
  warnings = [];
  mock.method(console, "warn", (message) => warnings.push(message));
});
afterEach(() => mock.restoreAll());

test("the format", () => {
  assert.deepEqual(viewOf({ menus: ["main"], permissions: ["pages:edit", "pages:view"], until: time(20 * SECOND) }), {
    rolecall_view: 1,
    subject: "user:ada",
    at: "acme/shop",
    covers: ["pages:edit", "pages:view"],
    parts: [
      {
        from: time(-30 * SECOND),
        valid_until: time(10 * SECOND),
        permissions: ["pages:view"],
        by_item: [],
        menus: {
          main: { items: [{ id: "pages", title: "Pages", href: "/pages" }], landing: "/pages" },
        },
      },
      {
        from: time(10 * SECOND),
        valid_until: time(20 * SECOND),
        permissions: ["pages:edit", "pages:view"],
        by_item: ["pages:edit"],
        menus: {
          main: {
            items: [
              { id: "pages", title: "Pages", href: "/pages" },
              { id: "new", title: "New page", href: "/new" },
            ],
            landing: "/pages",
          },
        },
      },
    ],
  });
});

test("at every instant the answers are those of the session", () => {
  const menus = ["main", "users"];
  const view = openView(viewOf({ menus, until: time(90 * SECOND) }), new Date(START));
  for (let second = -30; second < 90; second += 1) {
    const [session, answers] = [sessionAt(second * SECOND), view.at("acme/shop", new Date(START + second * SECOND))];
    for (const name of NAMES) assert.equal(answers.can(name), session.can(name), `${name} at ${second}`);
    assert.deepEqual(answers.permissions().permissions, session.permissions().permissions);
    for (const menu of menus) {
      const { valid_until, ...rest } = session.menu(menu);
      assert.deepEqual(answers.menu(menu), rest, `${menu} at ${second}`);
    }
    assert.ok(answers.validUntil > START + second * SECOND);
    // No answer differs before the time that the session names, and none of the view before its own.
    assert.ok(session.validUntil === undefined || answers.validUntil >= session.validUntil || second < 0);
  }
  for (const outside of [-31, 90, 91, 1e6]) {
    const answers = view.at("acme/shop", new Date(START + outside * SECOND));
    assert.ok(NAMES.every((name) => !answers.can(name)));
    assert.deepEqual(answers.menu("main"), { items: [] });
    assert.deepEqual(answers.permissions(), { permissions: [] });
    assert.equal(answers.validUntil, outside < 0 ? START - 30 * SECOND : undefined);
  }
  assert.deepEqual(warnings, []);
});

test("without a time a view ends by itself", () => {
  mock.timers.enable({ apis: ["Date"], now: START });
  const view = openView(viewOf({}));
  assert.deepEqual([view.can("pages:view"), view.validUntil], [true, START + 10 * SECOND]);
  mock.timers.setTime(START + 10 * SECOND);
  assert.deepEqual([view.can("pages:view"), view.validUntil], [false, undefined]);
  mock.timers.reset();
});

test("a view of answers that stay has no end", () => {
  const view = openView(viewOf({}, "user:olga"), "2090-01-01T00:00:00Z");
  assert.deepEqual([view.can("users:view"), view.validUntil], [true, undefined]);
});

test("another scope is denied", () => {
  const view = openView(viewOf(), new Date(START));
  assert.equal(view.coverage.at, "acme/shop");
  assert.equal(view.at("acme", new Date(START)).can("pages:view"), false);
  assert.equal(view.at("acme", new Date(START)).validUntil, undefined);
});

test("an item that could change an answer is denied, and that is said", () => {
  const view = openView(viewOf({ until: time(90 * SECOND) }), new Date(START + 15 * SECOND));
  assert.equal(view.can("pages:view", {}), true);
  assert.equal(view.can("pages:view", { id: "page-7", labels: [] }), true);
  assert.equal(view.can("pages:edit"), true);
  assert.deepEqual(warnings, []);
  for (const item of [{}, { id: "page-7" }]) assert.equal(view.can("pages:edit", item), false);
  assert.equal(warnings.length, 1, "each is said once");
  assert.match(warnings[0], /^rolecall\/view: the item decides about `pages:edit`/);
  class Item {
    get labels() {
      return ["pii"];
    }
  }
  for (const item of [
    { labels: ["pii"] },
    { labels: new Set(["pii"]) },
    { boundaries: { region: ["us"] } },
    { boundaries: {} },
    { lables: ["pii"] },
    new Item(),
    Object.create({ boundaries: { region: ["us"] } }),
  ]) {
    assert.equal(view.can("pages:view", item), false);
  }
  assert.equal(view.can("users:view", { labels: ["pii"] }), false, "what is denied anyway needs no reason");
  assert.equal(warnings.length, 2);
});

test("names that are not covered are denied, and that is said once", () => {
  const view = openView(viewOf({ permissions: ["pages:view"], menus: ["main"] }), new Date(START));
  for (const name of ["pages:veiw", "users:view", "__proto__", "constructor"]) {
    for (let round = 0; round < 3; round += 1) assert.equal(view.can(name), false);
  }
  for (const name of ["users", "constructor"]) assert.deepEqual(view.menu(name), { items: [] });
  assert.equal(warnings.length, 6);
  assert.match(warnings[0], /`pages:veiw` is not in the view/);
  assert.match(warnings[4], /the menu `users` is not in the view/);
});

test("a damaged view allows nothing", () => {
  const good = viewOf();
  for (const view of [undefined, null, {}, [], "view", { ...good, rolecall_view: 2 }, { error: { code: "x" } }])
    assert.throws(() => openView(view), /this is not a view of version 1/);
  for (const part of [{ from: "soon" }, { from: undefined }, { valid_until: "later" }, { valid_until: null }]) {
    const view = openView({ ...good, parts: [{ ...good.parts[0], ...part }] }, new Date(START));
    assert.equal(view.can("pages:view"), false, JSON.stringify(part));
  }
  assert.equal(openView(good, "no time").can("pages:view"), false);
});

test("functions of a view need no object, and it answers behind a proxy", () => {
  const view = openView(viewOf({ menus: ["main"] }), new Date(START));
  const { can, menu } = view;
  assert.deepEqual([can("pages:view"), menu("main").items.length], [true, 1]);
  const proxy = new Proxy(view, {});
  assert.deepEqual([proxy.can("pages:view"), proxy.validUntil], [true, START + 10 * SECOND]);
  assert.equal(view.menu("main"), view.menu("main"), "the same object each time");
});

test("an invalid coverage is refused", () => {
  const codes = (coverage) => {
    try {
      viewOf(coverage);
    } catch (error) {
      return [error.code, error.path];
    }
    return [];
  };
  assert.deepEqual(codes({ menus: ["none"] }), ["menu.unknown", "menus"]);
  assert.deepEqual(codes({ permissions: ["pages:view", "pages:veiw"] }), ["permission.unknown", "permissions[1]"]);
  assert.deepEqual(codes({ until: time(0) }), ["time.malformed", "until"]);
  assert.deepEqual(codes({ menu: ["main"] }), ["request.shape", "menu"]);
  assert.deepEqual(codes({ menus: "main" }), ["request.shape", "menus"]);
});

test("a view has at most a hundred parts", () => {
  const often = (count) => {
    const assignments = Array.from({ length: count }, (_, index) => {
      const from = 2 * index + 1;
      return {
        subject: "user:ada",
        role: "viewer",
        at: "acme",
        from: time(from * SECOND),
        until: time((from + 1) * SECOND),
      };
    });
    const own = Engine.from(POLICY, { ...DIRECTORY, assignments });
    return own.session("user:ada", { at: "acme", time: new Date(START) });
  };
  const view = often(49).toView({ until: time(3600 * SECOND) });
  assert.equal(view.parts.length, 99);
  assert.throws(() => often(50).toView({ until: time(3600 * SECOND) }), { code: "request.shape", path: "until" });
  assert.equal(often(5000).toView({ until: time(99.5 * SECOND) }).parts.length, 100);
  assert.equal(often(5000).toView().parts.length, 1);
});

test("a login session gets a view of its user", async () => {
  const requests = [];
  const fetch = async (url, { method = "GET", body, headers }) => {
    requests.push([method, url, body, headers?.["rolecall-csrf"]]);
    return Response.json(method === "GET" ? { subject: "user:ada", csrf: "a token" } : viewOf({ menus: ["main"] }));
  };
  const login = await LoginSession.current("https://roles.test", fetch);
  const view = openView(await login.view({ at: "acme/shop", menus: ["main"] }), new Date(START));
  assert.equal(view.can("pages:view"), true);
  assert.deepEqual(requests[1], [
    "POST",
    "https://roles.test/v1/session/views",
    JSON.stringify({ at: "acme/shop", menus: ["main"] }),
    "a token",
  ]);
  const behind = new Proxy(login, {});
  assert.equal(behind.state.subject, "user:ada");
  assert.equal((await behind.view({ at: "acme/shop" })).rolecall_view, 1);
});
