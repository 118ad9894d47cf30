// Helpers for tests of applications.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { rolecall } from "./load.mjs";

const name = process.env.ROLECALL_PACKAGE;
const require = createRequire(path.join(process.cwd(), "package.json"));
const testing = require(`${name}/testing`);
const { asUser, assertAllows, assertDenies, Clock, fake, fakeEngine, matchers } = testing;
const { ForbiddenError, RequestError } = rolecall;

const policy = {
  rolecall: 1,
  scopes: ["account"],
  resources: { segments: { actions: ["view", "edit"] } },
  roles: { viewer: { grants: ["segments:view"] } },
};
const until = "2026-02-03T00:00:00.000Z";
const directory = {
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:ada": {} },
  assignments: [{ subject: "user:ada", role: "viewer", at: "acme", until }],
};
const engine = rolecall.Engine.from(policy, directory);
const names = engine.policy.permissions;
const unknown = (error) => error instanceof RequestError && error.code === "permission.unknown";

describe("a fake", () => {
  it("may do what the test lists", () => {
    const session = fake({ can: ["segments:view"], subject: "user:ada", at: "acme" });
    assert.equal(session.can("segments:view"), true);
    assert.equal(session.can("segments:edit", { labels: ["pii"] }), false);
    assert.deepEqual(session.check("segments:edit").reasons, ["no-grant"]);
    assert.deepEqual(session.require("segments:view").reasons, ["granted"]);
    assert.throws(
      () => session.require("segments:edit"),
      (error) =>
        error instanceof ForbiddenError &&
        error.subject === "user:ada" &&
        error.permission === "segments:edit" &&
        error.at === "acme",
    );
    assert.deepEqual(session.permissions(), { permissions: ["segments:view"] });
    assert.equal(session.at("elsewhere", new Date()).can("segments:view"), true);
  });

  it("with the names of the policy, rejects those that are misspelt", () => {
    assert.ok(fake({ can: names, names }).can("segments:edit"));
    assert.throws(() => fake({ can: ["segments:veiw"], names }), unknown);
    assert.throws(() => fake({ names }).can("segments:veiw"), unknown);
    assert.throws(() => fake({ can: ["segments"] }), unknown);
    assert.throws(() => fake({ may: ["segments:view"] }), /`may` is not an option/);
    assert.throws(() => fakeEngine({ "user:ada": ["segments:veiw"] }, names), unknown);
    assert.throws(() => fakeEngine({}, names).policy.permission("segments:veiw"), unknown);
  });

  it("has the menus and the end that the test gives", () => {
    const menu = { items: [{ id: "segments", title: "Segments" }] };
    const session = fake({ menus: { main: menu }, validUntil: Date.parse(until) });
    assert.equal(session.menu("main"), menu);
    assert.throws(() => session.menu("other"), /the fake has no menu `other`/);
    assert.equal(session.permissions().valid_until, until);
  });

  it("as an engine denies whom the test does not name", () => {
    const engine = fakeEngine({ "user:ada": ["segments:edit"] }, names);
    assert.ok(engine.session("user:ada", { at: "acme" }).can("segments:edit"));
    assert.ok(!engine.session("user:eva", { at: "acme" }).can("segments:edit"));
    assert.equal(engine.policy.permission("segments:edit"), names.indexOf("segments:edit"));
  });
});

describe("a clock", () => {
  it("walks through the end of a role", () => {
    const clock = new Clock();
    const { now } = clock;
    const session = () => asUser(engine, "user:ada", { at: "acme", time: now() });
    assertAllows(session(), "segments:view");
    assert.ok(clock.advanceToEndOf(session().check("segments:view")));
    assert.equal(now().toISOString(), until);
    assertDenies(session(), "segments:view");
    clock.advance({ milliseconds: -1 });
    assertAllows(session(), "segments:view");
    assert.equal(clock.advanceToEndOf(fake()), false);
    clock.set("2026-05-01T00:00:00+02:00");
    clock.advance({ days: 1, hours: 1, minutes: 1, seconds: 1 });
    assert.equal(now().toISOString(), "2026-05-01T23:01:01.000Z");
  });

  it("rejects what is not an instant", () => {
    for (const time of ["yesterday", "2026-01-01", "2026-01-01T00:00:00", new Date(NaN)]) {
      assert.throws(() => new Clock(time), TypeError);
    }
    assert.throws(() => new Clock().advance({ weeks: 1 }), /`weeks` is not a unit/);
  });
});

describe("a user of a real directory", () => {
  it("is an error if it is not listed", () => {
    const time = "2026-01-01T00:00:00Z";
    assert.throws(() => asUser(engine, "user:eve", { at: "acme", time }), /does not list `user:eve`/);
  });
});

describe("matchers", () => {
  const session = fake({ can: ["segments:view"] });

  it("say why", () => {
    assert.equal(matchers.toAllow(session, "segments:view").pass, true);
    const denied = matchers.toAllow(session, "segments:edit");
    assert.deepEqual([denied.pass, denied.message()], [false, "`segments:edit` is denied: no-grant"]);
    assert.equal(matchers.toDenyBecause(session, "segments:edit", "no-grant").pass, true);
    assert.equal(matchers.toDenyBecause(session, "segments:edit", "ip-denied").pass, false);
    assert.equal(matchers.toDenyBecause(session, "segments:view", "granted").pass, false);
    assert.throws(() => matchers.toAllow({}, "segments:view"), /expected a session/);
    assert.throws(() => assertAllows(session, "segments:view", "segments:edit"), /`segments:edit` is denied/);
    assert.throws(() => assertDenies(session, "segments:edit", "segments:view"), /`segments:view` is allowed/);
  });
});
