// Tests that a connection reports answers that change by time alone. The clock is moved. `ROLECALL_PACKAGE` names the
// package.

import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import { rolecall, SnapshotEngine } from "./load.mjs";

const { Engine, PortableSession } = rolecall;
const { connect } = await import(
  pathToFileURL(join(process.cwd(), `import-${`${process.env.ROLECALL_PACKAGE}/client`.replace(/\W/g, "-")}.mjs`))
);

const START = Date.parse("2026-11-21T10:00:00Z");
const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
/** No request of a test is answered. */
const silent = () => new Promise(() => {});

const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  labels: ["pii"],
  resources: { segments: { actions: ["view", "edit"] } },
  roles: {
    viewer: { grants: ["segments:view"] },
    editor: { grants: ["segments:edit"] },
    reader: { grants: ["segments:view"], reads: ["pii"] },
  },
  menus: { main: [{ id: "edit", title: "Edit", href: "/edit", needs: "segments:edit" }] },
};

/** Returns an engine in which ada has roles: `[role, from, until]`, in milliseconds after the start. */
function engineWith(...roles) {
  const time = (millis) => new Date(START + millis).toISOString();
  const assignments = roles.map(([role, from, until]) => ({
    subject: "user:ada",
    role,
    at: "acme",
    ...(from === undefined ? {} : { from: time(from) }),
    ...(until === undefined ? {} : { until: time(until) }),
  }));
  const engine = Engine.from(POLICY, { rolecall: 1, scopes: ["acme"], subjects: { "user:ada": {} }, assignments });
  return SnapshotEngine === undefined ? engine : SnapshotEngine.fromSnapshot(engine.toSnapshot());
}

const sessionOf = (engine) => engine.session("user:ada", { at: "acme", time: new Date() });

/** Returns a pass that covers 40 days, or another time, without a signature. */
function passOf(engine, millis = 40 * DAY) {
  const base64 = (value) => Buffer.from(value).toString("base64url");
  const seconds = Math.floor(Date.now() / 1000);
  const until = new Date(Date.now() + millis);
  const rolecall = base64(sessionOf(engine).toBytes({ menus: ["main"], until }));
  const claims = { iss: "test", sub: "user:ada", nbf: seconds - 30, exp: seconds + millis / SECOND, rolecall };
  return `${base64("{}")}.${base64(JSON.stringify(claims))}.${base64("")}`;
}

/** Closed after each test. */
const opened = [];

/** Moves the clock: a tick calls timers at its end, so it has to be short. */
function advance(millis, step = 1000) {
  for (let left = millis; left > 0; left -= step) mock.timers.tick(Math.min(left, step));
}

/** Connects, and counts the calls of a listener. */
async function connected(engine, fetch = silent) {
  const live = await connect(PortableSession, "http://server.test", { pass: () => passOf(engine), fetch });
  opened.push(live);
  const calls = [];
  live.onChange(() => calls.push(Date.now() - START));
  return { live, calls };
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: START }));
afterEach(() => {
  for (const live of opened.splice(0)) live.close();
  mock.timers.reset();
});

test("a role that ends is reported at its end", async () => {
  const { live, calls } = await connected(engineWith(["viewer"], ["editor", undefined, 25 * SECOND]));
  const before = live.current;
  assert.equal(before.can("segments:edit"), true);
  assert.equal(before.validUntil, START + 25 * SECOND);
  mock.timers.tick(25 * SECOND - 1);
  assert.deepEqual(calls, []);
  assert.equal(live.current, before, "the answers are the same object until they differ");
  mock.timers.tick(1);
  assert.deepEqual(calls, [25 * SECOND]);
  const after = live.current;
  assert.notEqual(after, before);
  assert.deepEqual([after.can("segments:edit"), after.can("segments:view")], [false, true]);
  mock.timers.tick(5 * SECOND);
  assert.equal(live.current, after);
});

test("an end in 33 days is reported then, and not at once", async () => {
  const { live, calls } = await connected(engineWith(["editor", undefined, 33 * DAY]));
  live.current;
  mock.timers.tick(1);
  assert.deepEqual(calls, []);
  assert.equal(live.current.can("segments:edit"), true);
  // Timers of the pass fire as well, and get no answer.
  advance(33 * DAY - 2, 60 * SECOND);
  assert.deepEqual(calls, []);
  mock.timers.tick(1);
  assert.deepEqual(calls, [33 * DAY]);
  assert.equal(live.current.can("segments:edit"), false);
});

test("an end that passed during sleep is reported within a minute of waking", async () => {
  const { live, calls } = await connected(engineWith(["editor", undefined, 3600 * SECOND]));
  live.current;
  mock.timers.tick(90 * SECOND);
  // Timers stop while a machine sleeps, and its clock goes on.
  mock.timers.setTime(START + 2 * DAY);
  assert.deepEqual(calls, []);
  mock.timers.tick(60 * SECOND);
  assert.equal(calls.length, 1);
  assert.equal(live.current.can("segments:edit"), false);
});

test("a page that becomes visible after sleep reports the end at once", async (context) => {
  const page = new EventTarget();
  for (const name of ["addEventListener", "removeEventListener"]) {
    globalThis[name] = page[name].bind(page);
    context.after(() => delete globalThis[name]);
  }
  const { live, calls } = await connected(engineWith(["editor", undefined, 3600 * SECOND]));
  page.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(calls, []);
  mock.timers.setTime(START + 2 * DAY);
  page.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(calls, [2 * DAY]);
  assert.equal(live.current.can("segments:edit"), false);
});

test("answers that a reader sees first are reported to listeners, but not while they are read", async () => {
  const { live, calls } = await connected(engineWith(["editor", undefined, 3600 * SECOND]));
  assert.equal(live.current.can("segments:edit"), true);
  mock.timers.setTime(START + 7200 * SECOND);
  assert.equal(live.current.can("segments:edit"), false);
  assert.deepEqual(calls, []);
  mock.timers.tick(1);
  assert.equal(calls.length, 1);
  mock.timers.tick(3600 * SECOND);
  assert.equal(calls.length, 1);
});

test("every change is reported, also one of labels or of the coverage alone", async () => {
  const roles = [["viewer"], ["reader", 10 * SECOND, 20 * SECOND], ["editor", 30 * SECOND, 40 * SECOND]];
  const { live, calls } = await connected(engineWith(...roles));
  const withheld = () => live.current.redact({ name: "x" }, { name: "pii" }).withheld.length;
  const seen = [];
  live.onChange(() => seen.push([withheld(), live.current.menu("main").items.length]));
  advance(60 * SECOND);
  assert.deepEqual(calls, [10 * SECOND, 20 * SECOND, 30 * SECOND, 40 * SECOND]);
  assert.deepEqual(seen, [
    [0, 0],
    [1, 0],
    [1, 1],
    [1, 0],
  ]);
  assert.equal(live.current.validUntil, START + 40 * DAY, "the end of the coverage");
  advance(40 * DAY, 60 * SECOND);
  assert.equal(live.current.validUntil, undefined);
  assert.equal(live.current.can("segments:view"), false);
  assert.equal(calls.length, 5);
});

test("a closed connection reports nothing, and still answers for the current time", async () => {
  const { live, calls } = await connected(engineWith(["editor", undefined, 25 * SECOND]));
  live.current;
  live.close();
  mock.timers.tick(60 * SECOND);
  assert.equal(live.current.can("segments:edit"), false);
  mock.timers.tick(60 * SECOND);
  assert.deepEqual(calls, []);
});

test("an engine that becomes too old is reported", async () => {
  const engine = engineWith(["viewer"]);
  const bytes = (SnapshotEngine === undefined ? engine : Engine.from(POLICY, DIRECTORY)).toSnapshot();
  let broken;
  const fetch = async (url) => {
    if (url.endsWith("/v1/snapshot")) return new Response(bytes, { headers: { etag: '"1"' } });
    if (broken !== undefined) throw new TypeError("no network");
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode("event: hello\n\n"));
        broken = () => stream.error(new Error("the connection is lost"));
      },
    });
    return new Response(body);
  };
  const live = await connect(SnapshotEngine ?? Engine, "http://server.test", {
    token: "t",
    maxAge: 10 * SECOND,
    fetch,
  });
  opened.push(live);
  const calls = [];
  live.onChange(() => calls.push([Date.now() - START, live.connection.connected]));
  const settled = () => new Promise((done) => setImmediate(done));
  for (let round = 0; round < 20 && !live.connection.connected; round += 1) await settled();
  const { current } = live;
  mock.timers.tick(5 * SECOND);
  broken();
  for (let round = 0; round < 20 && live.connection.connected; round += 1) await settled();
  assert.equal(live.current, current);
  mock.timers.tick(10 * SECOND);
  assert.equal(live.current, current);
  mock.timers.tick(1);
  assert.throws(() => live.current, { code: "client.stale" });
  assert.deepEqual(calls, [
    [0, true],
    [5 * SECOND, false],
    [15 * SECOND + 1, false],
  ]);
});

const DIRECTORY = { rolecall: 1, scopes: ["acme"], subjects: {}, assignments: [] };

test("a renewed pass with equal answers keeps the object until an answer differs", async () => {
  const MINUTE = 60 * SECOND;
  let engine = engineWith(["viewer"]);
  let renewals = 0;
  const pass = () => passOf(engine, 60 * MINUTE);
  const fetch = (address) => {
    if (!address.endsWith("/v1/passes/renew")) return silent();
    renewals += 1;
    return Promise.resolve(Response.json({ pass: pass() }));
  };
  const live = await connect(PortableSession, "http://server.test", { pass, fetch });
  opened.push(live);
  const calls = [];
  live.onChange(() => calls.push(Date.now() - START));
  const pass40 = async () => {
    for (let minute = 0; minute < 40; minute += 1) {
      mock.timers.tick(MINUTE);
      for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
    }
  };
  const before = live.current;
  assert.equal(before.validUntil, START + 60 * MINUTE);
  await pass40();
  await pass40();
  assert.ok(renewals >= 1, "it renews");
  assert.equal(live.current, before);
  assert.deepEqual(calls, [], "no answer has changed");
  // The object answers by the later pass: the first one has ended.
  assert.ok(before.validUntil > Date.now());
  assert.equal(Date.parse(before.coverage.until), before.validUntil);
  assert.deepEqual([before.can("segments:view"), before.can("segments:edit")], [true, false]);
  assert.deepEqual(before.menu("main").items, []);
  // A right that is given is another answer.
  engine = engineWith(["viewer"], ["editor"]);
  await pass40();
  await pass40();
  assert.notEqual(live.current, before);
  assert.ok(calls.length >= 1);
  assert.equal(live.current.can("segments:edit"), true);
  // So is a label that is read, although the permissions are the same.
  const editor = live.current;
  engine = engineWith(["viewer"], ["editor"], ["reader"]);
  await pass40();
  await pass40();
  assert.notEqual(live.current, editor);
  assert.equal(live.current.can("segments:view", { labels: ["pii"] }), true);
});
