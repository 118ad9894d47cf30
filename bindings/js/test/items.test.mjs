// Tests that no part of an item is lost on the way to the core.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { EDIT, all, ask, engines, example, sessions, whole } from "./example.mjs";
import { rolecall } from "./load.mjs";

const { Engine } = rolecall;

const number = whole.policy.permission(EDIT);

/** All methods that answer about an item, as booleans. */
const calls = (item) => [
  ...all.flatMap((session) => [() => session.can(EDIT, item), () => session.can(number, item)]),
  ...sessions.flatMap((session) => [() => session.check(EDIT, item).allow, () => session.require(EDIT, item).allow]),
  ...sessions.map((session) => () => session.explainRedacted(EDIT, item).allow),
  () => sessions[0].explain(EDIT, item).decision.allow,
  ...engines.flatMap((engine) => {
    const request = ask(EDIT, { resource: item });
    return [() => engine.can(request), () => engine.check(request).allow, () => engine.explainRedacted(request).allow];
  }),
];

/** Runs `work` while a prototype has an extra property. */
function polluted(target, key, descriptor, work) {
  Object.defineProperty(target, key, { configurable: true, ...descriptor });
  try {
    work();
  } finally {
    delete target[key];
  }
}

describe("an item", () => {
  it("counts in `can` as it does in `check`, on every session", () => {
    for (const item of [
      {},
      { labels: [] },
      { labels: ["pii"] },
      { boundaries: { domain: ["shop.example"] } },
      { boundaries: { domain: ["other.example"] } },
    ]) {
      const expected = sessions[0].check(EDIT, item).allow;
      for (const work of calls(item).filter((work) => !String(work).includes("require")))
        assert.equal(work(), expected, `${work} ${inspect(item)}`);
    }
    assert.equal(sessions[0].can(EDIT, { labels: ["pii"] }), false);
    for (const session of all) assert.equal(session.can(EDIT, undefined), true);
  });

  it("that changes between reads is denied or rejected", () => {
    const turns = (first, then) => {
      let count = 0;
      return () => (count++ === 0 ? first : then);
    };
    const hidden = (value) => Object.defineProperty({}, "labels", { value, enumerable: false });
    const makers = {
      "a getter": () => ({
        get labels() {
          return ["pii"];
        },
      }),
      "a getter that changes": () => Object.defineProperty({}, "labels", { get: turns(["pii"], []), enumerable: true }),
      "a setter alone": () => ({ set labels(_) {} }),
      "an inherited getter": () =>
        Object.create({
          get labels() {
            return ["pii"];
          },
        }),
      "an inherited getter of no class": () =>
        Object.create(Object.create(null, { labels: { get: () => ["pii"], enumerable: true } })),
      "an inherited value": () => Object.create({ labels: ["pii"] }),
      "a class": () =>
        new (class {
          labels = ["pii"];
        })(),
      "a hidden field": () => hidden(["pii"]),
      "a symbol": () => ({ [Symbol("labels")]: ["pii"] }),
      "toJSON of its own": () => ({ labels: ["pii"], toJSON: () => ({}) }),
      "toJSON of its list": () => ({ labels: Object.assign(["pii"], { toJSON: () => [] }) }),
      "a list that changes": () => ({
        labels: Object.defineProperty([], 0, { get: turns("pii", "pii"), enumerable: true, configurable: true }),
      }),
      "a list with a field": () => ({ labels: Object.assign([], { pii: true }) }),
      "a list of String objects": () => ({ labels: [new String("pii")] }),
      "a boundary with a getter": () => ({
        boundaries: {
          get domain() {
            return ["other.example"];
          },
        },
      }),
      "a hidden boundary": () => ({ boundaries: Object.defineProperty({}, "domain", { value: ["other.example"] }) }),
      "a proxy that hides its key": () => new Proxy({}, { get: (_, key) => (key === "labels" ? ["pii"] : undefined) }),
      "a proxy whose field is a getter": () =>
        new Proxy(
          {
            get labels() {
              return ["pii"];
            },
          },
          {},
        ),
      "a proxy": () => new Proxy({ labels: ["pii"] }, {}),
      "a proxy that shows it once": () => {
        const get = turns(["pii"], []);
        return new Proxy({ labels: [] }, { get: (target, key) => (key === "labels" ? get() : target[key]) });
      },
      "a list behind a proxy that shows it once": () => {
        const get = turns("pii", "pii2");
        return { labels: new Proxy(["pii"], { get: (target, key) => (key === "0" ? get() : target[key]) }) };
      },
    };
    for (const [name, make] of Object.entries(makers)) {
      for (let index = 0; index < calls({}).length; index++) {
        const work = calls(make())[index];
        let result;
        try {
          result = work();
        } catch (error) {
          assert.ok(["RequestError", "ForbiddenError"].includes(error.name), `${name}: ${error}`);
          continue;
        }
        assert.equal(result, false, `${name}: ${work}`);
      }
    }
  });

  it("is not affected by changes to prototypes", () => {
    const item = { labels: ["pii"] };
    for (const [target, key] of [
      [Object.prototype, "toJSON"],
      [Array.prototype, "toJSON"],
      [String.prototype, "toJSON"],
    ]) {
      polluted(target, key, { value: () => [] }, () => {
        for (const session of all) assert.equal(session.can(EDIT, item), false);
        assert.equal(whole.can(ask(EDIT, { resource: item })), false);
      });
    }
    polluted(Object.prototype, "labels", { get: () => ["pii"] }, () => {
      for (const session of all) assert.throws(() => session.can(EDIT, {}), { code: "request.shape" });
    });
    const documents = [example.policy, example.directory].map((text) => JSON.parse(text));
    const bytes = whole.toSnapshot();
    for (const [target, key] of [
      [Object.prototype, "toJSON"],
      [Array.prototype, "toJSON"],
      [Object.prototype, "groups"],
    ]) {
      polluted(target, key, { enumerable: false, value: () => ({}) }, () =>
        assert.deepEqual(Engine.from(...documents).toSnapshot(), bytes),
      );
    }
  });

  it("may come from another realm, and without a prototype", () => {
    for (const item of [
      runInNewContext("({ labels: ['pii'] })"),
      Object.assign(Object.create(null), { labels: ["pii"] }),
    ]) {
      for (const session of all) assert.equal(session.can(EDIT, item), false);
    }
  });

  it("is read once", () => {
    const counts = {};
    const counted = new Proxy(
      { labels: ["pii"] },
      {
        get: (target, key) => {
          counts[key] = (counts[key] ?? 0) + 1;
          return target[key];
        },
      },
    );
    for (const session of all) {
      delete counts.labels;
      assert.equal(session.can(EDIT, counted), false);
      assert.equal(counts.labels, 1);
    }
  });
});
