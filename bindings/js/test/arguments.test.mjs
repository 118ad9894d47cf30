// Tests that extra arguments, and arguments of the wrong kind, are rejected with messages in terms of JavaScript.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { EDIT, all, ask, at, context, engines, example, portable, rest, sessions, whole } from "./example.mjs";
import { required, rolecall } from "./load.mjs";

const { CompileError, Engine, Policy, PortableSession } = rolecall;

describe("an extra argument", () => {
  const time = context.time;
  const bytes = sessions[0].toBytes();
  const opened = Engine.from(JSON.parse(example.policy), JSON.parse(example.directory));
  const extra = [
    ...all.flatMap((session) => [
      () => session.can(EDIT, {}, {}),
      () => session.menu("main", {}),
      () => session.redact({}, {}, {}, {}),
      () => session.permissions({ at }),
    ]),
    ...sessions.flatMap((session) => [
      () => session.check(EDIT, {}, {}),
      () => session.require(EDIT, {}, {}),
      () => session.explainRedacted(EDIT, {}, {}),
      () => session.checkMany([EDIT], { labels: ["pii"] }),
      () => session.toBytes({}, {}),
      () => session.effective({}),
    ]),
    ...engines.flatMap((engine) => [
      () => engine.can(ask(EDIT), { labels: ["pii"] }),
      () => engine.check(ask(EDIT), {}),
      () => engine.require(ask(EDIT), {}),
      () => engine.checkMany([], {}),
      () => engine.explainRedacted(ask(EDIT), {}),
      () => engine.session("user:ada", context, {}),
      () => engine.menu("main", "user:ada", context, {}),
      () => engine.permissions("user:ada", context, {}),
      () => engine.effective("user:ada", context, {}),
      () => engine.whoCan(EDIT, { at, time }, {}),
      () => engine.whereCan("user:ada", EDIT, { time }, {}),
      () => engine.grantingRoles(EDIT, {}),
      () => engine.canByNames("user:ada", EDIT, at, Date.now(), { labels: ["pii"] }),
      () => engine.checkJson("{}", {}),
      () => engine.policy.permission(EDIT, {}),
    ]),
    () => sessions[0].explain(EDIT, {}, {}),
    () => whole.explain(ask(EDIT), {}),
    () => opened.apply({ add_scope: "main/x" }, {}),
    () => whole.diff(whole, { time }, {}),
    () => whole.violations({ time }, {}),
    () => whole.whoHolds("viewer", { time }, {}),
    () => whole.whichGroupsCan(EDIT, { at, time }, {}),
    () => whole.assignmentsOf("user:ada", { time }, {}),
    () => Engine.fromSnapshot(whole.toSnapshot(), {}),
    () => Engine.fromJson(example.policy, example.directory, {}),
    () => Policy.fromJson(example.policy, {}),
    () => PortableSession.fromBytes(bytes, { time }, {}),
    () => portable.at(at, time, {}),
  ];
  it("is rejected", () => {
    for (const work of extra) assert.throws(work, { name: "RequestError", code: "request.shape" }, String(work));
    assert.deepEqual(opened.toSnapshot(), whole.toSnapshot());
  });

  it("is rejected as an option, with the known names", () => {
    const misspelt = [
      [() => whole.whoCan(EDIT, { at, time, tiem: 1 }), "tiem"],
      [() => whole.whereCan("user:ada", EDIT, { time, at }), "at"],
      [() => whole.diff(whole, { time, tiem: undefined }), "tiem"],
      [() => whole.violations({ time, at }), "at"],
      [() => Engine.openSnapshot("file", { verfy: false }), "verfy"],
      [() => PortableSession.fromBytes(bytes, { time, scope: at }), "scope"],
      [() => sessions[0].toBytes({ untl: time }), "untl"],
      ...all.map((session) => [() => session.redact({}, {}, { maks: "x" }), "maks"]),
      ...all.map((session) => [() => session.can(EDIT, { label: ["pii"] }), "resource.label"]),
      ...engines.flatMap((engine) => [
        [() => engine.session("user:ada", { ...context, lastActivity: time }), "context.lastActivity"],
        [() => engine.session("user:ada", { ...context, active_role: undefined }), "context.active_role"],
        [() => engine.menu("main", "user:ada", { ...context, IP: "" }), "context.IP"],
        [() => engine.check({ ...ask(EDIT), item: {} }), "item"],
        [() => engine.check({ ...ask(EDIT), context: { ...rest, now: time } }), "context.now"],
      ]),
    ];
    for (const [work, at] of misspelt) {
      assert.throws(
        work,
        (error) =>
          error.name === "RequestError" &&
          error.code === "request.shape" &&
          error.path === at &&
          error.help.startsWith("known here: "),
        String(work),
      );
    }
    assert.throws(() => opened.apply({ assing: {} }), CompileError);
  });

  it("is rejected in getters of options and requests", () => {
    const got = Object.defineProperty({}, "mask", { get: () => "x", enumerable: true });
    for (const session of all) assert.throws(() => session.redact({}, {}, got), { code: "request.shape" });
    for (const engine of engines) {
      assert.throws(() => engine.check(Object.defineProperty(ask(EDIT), "resource", { get: () => ({}) })), {
        code: "request.shape",
      });
      assert.throws(() => engine.check(Object.create(ask(EDIT))), { code: "request.shape" });
      assert.throws(() => engine.check({ ...ask(EDIT), context: Object.create(rest) }), { code: "request.shape" });
      assert.throws(() => engine.session("user:ada", Object.create(context)), { code: "request.shape" });
    }
  });
});

describe("an argument of the wrong kind", () => {
  const wrong = (message) => (error) => {
    assert.ok(["RequestError", "CompileError"].includes(error.name), String(error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /_assertClass|__wbg|null pointer|napi|Expected|undefined \(reading/);
    return true;
  };
  it("is rejected with the same message by every package", () => {
    const text = new String(EDIT);
    for (const named of [text, undefined, null, {}, [EDIT], true, 5n]) {
      for (const work of [
        ...all.map((session) => () => session.can(named)),
        ...sessions.map((session) => () => session.check(named)),
        ...engines.flatMap((engine) => [
          () => engine.policy.permission(named),
          () => engine.canByNames("user:ada", named, at, Date.now()),
          () => engine.grantingRoles(named),
          () => engine.whoCan(named, { at, time: context.time }),
          () => engine.check(ask(named)),
        ]),
      ]) {
        if (named === undefined && String(work).includes("ask(named)")) continue;
        assert.throws(
          work,
          (error) =>
            error.code === "request.shape" && wrong(/needed here, not |is not plain data|JSON has no value for/)(error),
          `${work} ${inspect(named)}`,
        );
      }
    }
    for (const engine of engines) {
      for (const [subject, given, path] of [
        [undefined, context, "subject"],
        [undefined, {}, "subject"],
        ["user:ada", rest, "at"],
        ["user:ada", { at }, "context.time"],
        [5, context, "subject"],
        [new String("user:ada"), context, "subject"],
      ]) {
        assert.throws(() => engine.session(subject, given), { code: "request.shape", path }, inspect([subject, given]));
      }
      for (const given of [undefined, null, 5, [], new Map()])
        assert.throws(() => engine.session("user:ada", given), { code: "request.shape", path: "context" });
    }
    for (const name of [undefined, 5, new String("main")]) {
      for (const session of all) assert.throws(() => session.menu(name), { code: "request.shape" });
    }
    for (const mask of [null, 5, new String("x")]) {
      for (const session of all)
        assert.throws(() => session.redact({ a: 1 }, { a: "pii" }, { mask }), { code: "request.shape", path: "mask" });
    }
  });

  it("names the kind that is needed instead", () => {
    const bytes = whole.toSnapshot();
    assert.throws(
      () => Policy.fromJson(Buffer.from(example.policy)),
      wrong(/a JSON text is needed here, not an object `Uint8Array`; decode bytes/),
    );
    assert.throws(
      () => Engine.fromJson(example.policy, Buffer.from("{}")),
      wrong(/directory: document\.json: a JSON text is needed here/),
    );
    assert.throws(
      () => Engine.fromJson(Buffer.from(example.policy), "{}"),
      wrong(/policy: document\.json: a JSON text is needed here/),
    );
    for (const kind of [Engine, ...engines.map((engine) => engine.constructor)]) {
      for (const given of [bytes.buffer, [...bytes.slice(0, 8)], "text", undefined, new DataView(bytes.buffer)]) {
        assert.throws(() => kind.fromSnapshot(given), wrong(/a `Uint8Array` is needed here, not /));
      }
    }
    assert.throws(
      () => PortableSession.fromBytes(sessions[0].toBytes().buffer, { time: context.time }),
      wrong(/`new Uint8Array\(buffer\)`/),
    );
    assert.throws(() => whole.checkJson({}), wrong(/a JSON text is needed here, not a map/));
  });

  it("has help if another module made it", () => {
    const other = required.Engine.fromJson(example.policy, example.directory);
    assert.throws(
      () => whole.diff(other, { time: context.time }),
      wrong(/an engine of this module is needed here.*fromSnapshot\(other\.toSnapshot\(\)\)/),
    );
    assert.throws(() => whole.diff({}, { time: context.time }), wrong(/an engine of this module is needed here/));
    for (const make of [() => Engine.fromJson(other.policy, example.directory), () => Engine.from(other.policy, {})]) {
      assert.throws(make, wrong(/the policy was compiled by another module/));
    }
  });
});
