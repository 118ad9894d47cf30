// Tests `rolecall/store` with a moved clock: fakes, sessions, engines, portable sessions, passes and connections.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { beforeEach, describe, it, mock } from "node:test";

const require = createRequire(path.join(process.cwd(), "package.json"));
const { Engine, PortableSession } = require("rolecall");
const { connect } = require("rolecall/client");
const { createStore, opened } = require("rolecall/store");
const testing = require("rolecall/testing");

const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  labels: ["pii"],
  resources: { segments: { actions: ["view", "edit"] }, users: { actions: ["view"] } },
  roles: {
    viewer: { grants: ["segments:view"] },
    editor: { inherits: ["viewer"], grants: ["segments:edit"] },
    reader: { grants: ["users:view"], reads: ["pii"] },
  },
  menus: {
    main: [
      { id: "segments", title: "Segments", href: "/segments", needs: "segments:view" },
      { id: "users", title: "Users", href: "/users", needs: "users:view" },
    ],
  },
};
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:ada": {} },
  assignments: [
    { subject: "user:ada", role: "editor", at: "acme", until: "2026-11-21T11:00:00Z" },
    { subject: "user:ada", role: "viewer", at: "acme" },
    { subject: "user:ada", role: "reader", at: "acme", from: "2026-12-24T10:00:00Z" },
  ],
};
const START = Date.parse("2026-11-21T10:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const engine = () => Engine.fromJson(JSON.stringify(POLICY), JSON.stringify(DIRECTORY));
const session = (engine, time) => engine.session("user:ada", { at: "acme", time });

/** Moves time: timers run at their times. */
function tick(millis) {
  mock.timers.tick(millis);
  return new Promise((done) => queueMicrotask(done));
}

/** Moves the clock alone, as while a machine sleeps. Timers wait. */
const sleep = (millis) => mock.timers.setTime(Date.now() + millis);

/** Counts calls of a listener. */
function listen(store) {
  const counted = { calls: 0 };
  counted.stop = store.subscribe(() => {
    counted.calls += 1;
  });
  return counted;
}

const fake = (allowed, more = {}) => ({
  can: (permission) => allowed.includes(permission),
  menu: () => ({ items: allowed.map((id) => ({ id, title: id })) }),
  ...more,
});

/** A connection whose parts a test changes. */
function connection(current) {
  const listeners = new Set();
  const live = {
    current,
    connection: { connected: true },
    listeners,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(parts) {
      Object.defineProperties(live, Object.getOwnPropertyDescriptors(parts));
      for (const listener of listeners) listener(live);
    },
  };
  return live;
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: START });
});

describe("a source that answers by itself", () => {
  it("is a fake without a class", () => {
    const store = createStore(fake(["segments:view"]));
    const answers = store.get();
    assert.equal(answers.can("segments:view"), true);
    assert.equal(answers.can("segments:edit"), false);
    assert.deepEqual(answers.menu("main"), { items: [{ id: "segments:view", title: "segments:view" }] });
    assert.deepEqual(answers.why("segments:edit"), { allow: false, reasons: [] });
    assert.throws(() => answers.redact({}, {}), /cannot redact/);
    assert.equal(store.get(), answers);
    assert.equal(store.server(), answers);
    assert.equal(answers.connected, true);
    assert.equal(answers.error, undefined);
  });

  it("is a fake of `rolecall/testing`", () => {
    const end = START + HOUR;
    const store = createStore(testing.fake({ can: ["segments:view"], validUntil: end }), { onUnknown: "deny" });
    const { can, redact, why } = store.get();
    assert.deepEqual([can("segments:view"), can("segments:edit")], [true, false]);
    assert.deepEqual(why("segments:edit"), { allow: false, reasons: ["no-grant"] });
    assert.deepEqual(redact({ email: "a" }, { email: "pii" }), { record: { email: "a" }, withheld: [] });
    sleep(HOUR);
    assert.equal(store.get().can("segments:view"), false);
  });

  it("sets no timer without an end, or without a listener", async () => {
    const { stop } = listen(createStore(fake([])));
    const ending = createStore(fake([], { validUntil: START + HOUR }));
    const before = mock.method(globalThis, "setTimeout");
    listen(createStore(fake([]))).stop();
    assert.equal(ending.get(), ending.get());
    assert.equal(before.mock.callCount(), 0);
    before.mock.restore();
    stop();
  });

  it("denies everything when it is no longer valid", async () => {
    const store = createStore(session(engine(), new Date(START)));
    const first = store.get();
    const counted = listen(store);
    assert.equal(first.can("segments:edit"), true);
    await tick(HOUR - 1);
    assert.equal(store.get(), first);
    assert.equal(counted.calls, 0);
    await tick(1);
    assert.equal(counted.calls, 1);
    assert.equal(store.get().can("segments:view"), false);
    assert.deepEqual(store.get().menu("main"), { items: [] });
    assert.equal(store.get().error.code, "client.stale");
    assert.equal(store.get(), store.get());
    assert.equal(store.server(), first);
    counted.stop();
  });

  it("gives the reasons of a session, and redacts by it", () => {
    const { why, can, redact } = createStore(session(engine(), new Date(START))).get();
    assert.deepEqual(why("users:view"), { allow: false, reasons: ["not-yet", "no-grant"] });
    assert.equal(can("segments:view", { labels: ["pii"] }), false);
    assert.deepEqual(redact({ id: 1, email: "a" }, { email: "pii" }).record, { id: 1 });
  });

  it("is rejected if it is not a source, and so is a misspelt option", () => {
    for (const source of [{}, engine()]) assert.throws(() => createStore(source), TypeError);
    assert.throws(() => createStore(fake([]), { clock: () => new Date() }), /`clock`/);
    assert.throws(() => createStore(engine(), { session: (one) => one.session("user:ada", { at: "acme" }) }));
  });
});

describe("an engine", () => {
  it("makes the next session when the time comes, 33 days later as well", async () => {
    const store = createStore(engine(), { session });
    const counted = listen(store);
    const menu = store.get().menu("main");
    assert.equal(store.get().can("segments:edit"), true);
    await tick(HOUR);
    assert.equal(counted.calls, 1);
    assert.equal(store.get().can("segments:edit"), false);
    // The menu is the same, so it is the same object.
    assert.equal(store.get().menu("main"), menu);
    await tick(33 * DAY - HOUR - 1);
    assert.equal(counted.calls, 1);
    await tick(1);
    assert.equal(counted.calls, 2);
    assert.equal(store.get().can("users:view"), true);
    assert.deepEqual(
      store
        .get()
        .menu("main")
        .items.map(({ id }) => id),
      ["segments", "users"],
    );
    counted.stop();
  });

  it("is right after sleep, before any timer runs", async () => {
    const store = createStore(engine(), { session });
    const counted = listen(store);
    sleep(33 * DAY);
    assert.equal(store.get().can("users:view"), true);
    await Promise.resolve();
    assert.equal(counted.calls, 1);
    counted.stop();
  });

  it("notices sleep by itself", async () => {
    const store = createStore(engine(), { session });
    const counted = listen(store);
    // Timers do not run while a machine sleeps: the clock jumps, and the running slice ends later.
    let offset = 0;
    const moved = createStore(engine(), { session, now: () => new Date(Date.now() + offset) });
    const heard = listen(moved);
    offset = 33 * DAY;
    assert.equal(heard.calls, 0);
    await tick(60_000);
    assert.equal(heard.calls, 1);
    assert.equal(counted.calls, 0);
    heard.stop();
    counted.stop();
  });

  it("is evaluated again when the clock is set back", () => {
    let now = START + 2 * HOUR;
    const store = createStore(engine(), { session, now: () => new Date(now) });
    assert.equal(store.get().can("segments:edit"), false);
    now = START;
    assert.equal(store.get().can("segments:edit"), true);
  });

  it("is evaluated again on request", async () => {
    const own = engine();
    const store = createStore(own, { session });
    const counted = listen(store);
    own.apply({ set_subject: { subject: "user:ada", status: "suspended" } });
    assert.equal(store.get().can("segments:view"), true);
    store.refresh();
    assert.equal(store.get().can("segments:view"), false);
    await Promise.resolve();
    assert.equal(counted.calls, 1);
    counted.stop();
  });

  it("wakes for an item that changes before the permissions do", async () => {
    const asks = fake(["segments:edit"], {
      check: () => ({ allow: true, reasons: ["granted"], valid_until: new Date(START + 1000).toISOString() }),
    });
    const made = mock.fn(() => asks);
    const store = createStore({ session: () => asks }, { session: made });
    const counted = listen(store);
    assert.equal(store.get().can("segments:edit", { labels: ["pii"] }), true);
    await tick(1000);
    assert.equal(made.mock.callCount(), 2);
    assert.equal(counted.calls, 1);
    counted.stop();
  });
});

describe("a portable session", () => {
  const until = new Date(START + 40 * DAY).toISOString();
  const bytes = () => session(engine(), new Date(START)).toBytes({ until, menus: ["main"] });

  it("answers at each time, and first as the server did", async () => {
    const made = bytes();
    await tick(5 * 60_000);
    const store = createStore(opened(PortableSession, made));
    // No answer has changed since the server made it, so the first render stays.
    assert.equal(store.server(), store.get());
    const counted = listen(store);
    assert.equal(counted.calls, 0);
    await tick(HOUR);
    assert.equal(counted.calls, 1);
    assert.equal(store.get().can("segments:edit"), false);
    assert.equal(store.server().can("segments:edit"), true);
    sleep(33 * DAY);
    assert.deepEqual(
      store
        .get()
        .menu("main")
        .items.map(({ id }) => id),
      ["segments", "users"],
    );
    sleep(8 * DAY);
    assert.equal(store.get().can("segments:view"), false);
    counted.stop();
  });

  it("renders first as the server did, and then as it is", () => {
    const made = bytes();
    sleep(2 * HOUR);
    const store = createStore(opened(PortableSession, made));
    assert.equal(store.server().can("segments:edit"), true);
    assert.equal(store.get().can("segments:edit"), false);
  });

  it("denies before it begins", () => {
    const made = bytes();
    sleep(-HOUR);
    const store = createStore(opened(PortableSession, made));
    assert.equal(store.get().can("segments:view"), false);
    sleep(HOUR);
    assert.equal(store.get().can("segments:view"), true);
  });

  it("comes in a pass", () => {
    const part = (value) => Buffer.from(value).toString("base64url");
    const pass = `e30.${part(JSON.stringify({ rolecall: part(bytes()), title: "é" }))}.x`;
    assert.equal(createStore(opened(PortableSession, pass)).get().can("segments:edit"), true);
    assert.throws(() => opened(PortableSession, "a.b.c"));
  });
});

describe("a view", () => {
  const until = new Date(START + 40 * DAY).toISOString();
  const view = () => JSON.parse(JSON.stringify(session(engine(), new Date()).toView({ until, menus: ["main"] })));

  it("answers at each time, and first as the server did", async () => {
    const made = view();
    await tick(5 * 60_000);
    const store = createStore(made);
    assert.equal(store.server(), store.get());
    const counted = listen(store);
    await tick(HOUR - 5 * 60_000 - 1);
    assert.equal(counted.calls, 0);
    await tick(1);
    assert.equal(counted.calls, 1);
    assert.equal(store.get().can("segments:edit"), false);
    sleep(33 * DAY);
    assert.equal(store.get().can("users:view"), true);
    assert.equal(store.server().can("users:view"), false);
    sleep(8 * DAY);
    assert.equal(store.get().can("segments:view"), false);
    counted.stop();
  });

  it("is first that of its own time, and not of the seconds before", () => {
    for (const make of [view, () => opened(PortableSession, session(engine(), new Date()).toBytes({ until }))]) {
      mock.timers.setTime(START + HOUR);
      const store = createStore(make());
      assert.equal(store.server().can("segments:edit"), false);
      assert.equal(store.get(), store.server());
      // The clock of a page may be slow.
      mock.timers.setTime(START + HOUR - 10_000);
      assert.equal(store.get().can("segments:edit"), true);
    }
  });

  it("denies items with labels, and names that it does not cover", () => {
    const warned = mock.method(console, "warn", () => {});
    const { can, menu, why } = createStore(view(), { onUnknown: "throw" }).get();
    assert.equal(can("segments:edit", { labels: ["pii"] }), false);
    assert.equal(can("segments:soar"), false);
    assert.equal(can("segments:soar"), false);
    assert.deepEqual(menu("side"), { items: [] });
    assert.deepEqual(why("segments:edit"), { allow: true, reasons: [] });
    assert.equal(warned.mock.callCount(), 3);
    warned.mock.restore();
  });
});

describe("a connection", () => {
  it("wakes by changes, and is the same object until one", async () => {
    const live = connection(fake(["segments:view"]));
    const store = createStore(live);
    const first = store.get();
    const counted = listen(store);
    assert.equal(store.get(), first);
    live.set({ current: fake(["segments:view", "segments:edit"]) });
    assert.equal(counted.calls, 1);
    assert.equal(store.get().can("segments:edit"), true);
    assert.equal(first.can("segments:edit"), false);
    counted.stop();
    assert.equal(live.listeners.size, 0);
    // Nobody listens, and it is still right.
    live.set({ current: fake([]) });
    assert.equal(store.get().can("segments:view"), false);
  });

  it("goes on answering offline, says so, and is right after it is back", async () => {
    const live = connection(fake(["segments:view"]));
    const store = createStore(live);
    const counted = listen(store);
    const menu = store.get().menu("main");
    live.set({ connection: { connected: false } });
    assert.equal(counted.calls, 1);
    assert.equal(store.get().connected, false);
    assert.equal(store.get().can("segments:view"), true);
    assert.equal(store.get().menu("main"), menu);
    live.set({ current: fake(["segments:edit"]), connection: { connected: true } });
    assert.equal(store.get().can("segments:edit"), true);
    assert.equal(counted.calls, 2);
    counted.stop();
  });

  it("denies everything while there are no answers", async () => {
    const live = connection(fake(["segments:view"]));
    const store = createStore(live);
    const counted = listen(store);
    live.set({
      get current() {
        throw Object.assign(new Error(`client.stale: at ${Date.now()}`), { code: "client.stale" });
      },
    });
    assert.equal(store.get().can("segments:view"), false);
    assert.equal(store.get().error.code, "client.stale");
    const denied = store.get();
    sleep(1000);
    assert.equal(store.get(), denied);
    live.set({ current: fake(["segments:view"]) });
    assert.equal(store.get().can("segments:view"), true);
    assert.equal(counted.calls, 2);
    counted.stop();
  });

  it("may have no answers at first", () => {
    const live = connection();
    Object.defineProperty(live, "current", {
      configurable: true,
      get() {
        throw Object.assign(new Error("client.ended"), { code: "client.ended" });
      },
    });
    assert.equal(createStore(live).get().can("segments:view"), false);
  });

  it("of an engine makes sessions", async () => {
    const live = connection(engine());
    const store = createStore(live, { session });
    const counted = listen(store);
    await tick(HOUR);
    assert.equal(store.get().can("segments:edit"), false);
    const next = engine();
    next.apply({ assign: { subject: "user:ada", role: "editor", at: "acme" } });
    live.set({ current: next });
    assert.equal(store.get().can("segments:edit"), true);
    assert.equal(counted.calls, 2);
    counted.stop();
  });

  it("wakes every listener, also the same one twice", () => {
    const live = connection(fake([]));
    const store = createStore(live);
    const calls = [];
    const same = () => calls.push(1);
    const stops = [store.subscribe(same), store.subscribe(same), store.subscribe(() => calls.push(2))];
    live.set({ current: fake(["segments:view"]) });
    assert.deepEqual(calls, [1, 1, 2]);
    stops[0]();
    stops[0]();
    live.set({ current: fake([]) });
    assert.deepEqual(calls, [1, 1, 2, 1, 2]);
    for (const stop of stops) stop();
    assert.equal(live.listeners.size, 0);
  });

  it("replaces the first answers", async () => {
    const store = createStore(fake(["segments:view"]));
    const counted = listen(store);
    const live = connection(fake(["segments:edit"]));
    store.replace(live);
    assert.equal(store.get().can("segments:edit"), true);
    await Promise.resolve();
    assert.equal(counted.calls, 1);
    live.set({ current: fake([]) });
    assert.equal(counted.calls, 2);
    assert.equal(store.server().can("segments:view"), true);
    store.replace(fake(["segments:view"]));
    assert.equal(live.listeners.size, 0);
    assert.throws(() => store.replace({}), TypeError);
    assert.equal(store.get().can("segments:view"), true);
    counted.stop();
  });
});

describe("a connection of the client", () => {
  const settled = () => new Promise((done) => setImmediate(done));

  /** A server for one client: streams that a test writes to, and passes of the engine as it is. */
  function server(engine) {
    const base64 = (value) => Buffer.from(value).toString("base64url");
    const passOf = () => {
      const [seconds, until] = [Math.floor(Date.now() / 1000), new Date(Date.now() + 40 * DAY)];
      const rolecall = base64(session(engine, new Date()).toBytes({ menus: ["main"], until }));
      const claims = { iss: "test", sub: "user:ada", nbf: seconds - 30, exp: seconds + (40 * DAY) / 1000, rolecall };
      return `${base64("{}")}.${base64(JSON.stringify(claims))}.`;
    };
    const server = {
      isDown: false,
      pass() {
        if (server.isDown) throw new TypeError("nobody is logged in");
        return passOf();
      },
      async fetch(address) {
        if (server.isDown) throw new TypeError("fetch failed");
        if (address.endsWith("/renew")) return Response.json({ pass: passOf() });
        return new Response(new ReadableStream({ start: (stream) => void (server.stream = stream) }));
      },
      send: (event) => server.stream.enqueue(new TextEncoder().encode(`event: ${event}\n\n`)),
    };
    return server;
  }

  it("is right at changes, offline, after it is back, at expiry and when it ends", async () => {
    const own = engine();
    const roles = server(own);
    const live = await connect(PortableSession, "https://roles.example", { pass: roles.pass, fetch: roles.fetch });
    const store = createStore(live);
    const counted = listen(store);
    await settled();
    roles.send("current");
    await settled();
    assert.equal(store.get().connected, true);
    assert.equal(store.get().can("segments:edit"), true);
    assert.equal(store.get(), store.get());

    const change = async (change) => {
      own.apply(change);
      roles.send("changed");
      await settled();
    };
    const status = (status) => ({ set_subject: { subject: "user:ada", status } });
    await change({ assign: { subject: "user:ada", role: "reader", at: "acme" } });
    assert.equal(store.get().can("users:view"), true);

    roles.isDown = true;
    roles.stream.close();
    await settled();
    assert.equal(store.get().connected, false);
    own.apply(status("suspended"));
    assert.equal(store.get().can("users:view"), true);

    roles.isDown = false;
    await tick(200);
    await settled();
    await change(status("suspended"));
    assert.equal(store.get().connected, true);
    assert.equal(store.get().can("users:view"), false);
    await change(status("active"));
    assert.equal(store.get().can("segments:edit"), true);

    const before = counted.calls;
    await tick(HOUR);
    assert.ok(counted.calls > before);
    assert.equal(store.get().can("segments:edit"), false);

    // The stream was silent for an hour, so the client has connected again.
    await settled();
    await tick(200);
    await settled();
    roles.isDown = true;
    roles.send("ended");
    await settled();
    assert.equal(store.get().can("users:view"), false);
    assert.equal(store.get().error.code, "client.ended");
    counted.stop();
    live.close();
  });
});

describe("a name that the policy does not have", () => {
  it("throws", () => {
    const { can, menu } = createStore(engine(), { session }).get();
    assert.throws(() => can("segments:fly"), { code: "permission.unknown" });
    assert.throws(() => menu("other"), { code: "menu.unknown" });
  });

  it("is denied with one warning, in sessions and portable sessions", () => {
    const portable = opened(PortableSession, session(engine(), new Date(START)).toBytes({}));
    for (const store of [
      createStore(engine(), { session, onUnknown: "deny" }),
      createStore(portable, { onUnknown: "deny" }),
    ]) {
      const warned = mock.method(console, "warn", () => {});
      for (const _ of [1, 2]) {
        assert.equal(store.get().can("segments:fly"), false);
        assert.equal(store.get().can("Segments"), false);
        assert.deepEqual(store.get().menu("other"), { items: [] });
        assert.deepEqual(store.get().why("segments:fly"), { allow: false, reasons: [] });
      }
      assert.equal(warned.mock.callCount(), 3);
      assert.match(warned.mock.calls[0].arguments[0], /segments:fly.*denied/);
      warned.mock.restore();
      // Other mistakes are not names.
      assert.throws(() => store.get().can("segments:view", { labels: 1 }), { code: "request.shape" });
    }
  });
});
