// Arguments: no part of a question is lost on the way, and values of another kind are refused in words of JavaScript.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { required, rolecall, SnapshotEngine, vectors } from "./load.mjs";

const { CompileError, Engine, ForbiddenError, Policy, PortableSession, RequestError } = rolecall;
const example = vectors.find((vector) => vector.name === "design: the worked example");
const context = { at: "main/acme/shop", time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" };
const { at, ...rest } = context;
const whole = Engine.fromJson(example.policy, example.directory);
const engines = SnapshotEngine === undefined ? [whole] : [whole, SnapshotEngine.fromSnapshot(whole.toSnapshot())];
const ask = (permission, more = {}) => ({ subject: "user:ada", permission, at, context: rest, ...more });
const sessions = engines.map((engine) => engine.session("user:ada", context));
const portable = PortableSession.fromBytes(sessions[0].toBytes(), { time: context.time });
const all = [...sessions, portable];
const EDIT = "segments:edit";
const number = whole.policy.permission(EDIT);

/** Everything that answers about an item, as a boolean. */
const asked = (item) => [
  ...all.flatMap((session) => [() => session.can(EDIT, item), () => session.can(number, item)]),
  ...sessions.flatMap((session) => [() => session.check(EDIT, item).allow, () => session.require(EDIT, item).allow]),
  ...sessions.map((session) => () => session.explainRedacted(EDIT, item).allow),
  () => sessions[0].explain(EDIT, item).decision.allow,
  ...engines.flatMap((engine) => {
    const request = ask(EDIT, { resource: item });
    return [() => engine.can(request), () => engine.check(request).allow, () => engine.explainRedacted(request).allow];
  }),
];

/** Works with something on a prototype, for as long as it takes. */
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
      for (const work of asked(item).filter((work) => !String(work).includes("require")))
        assert.equal(work(), expected, `${work} ${inspect(item)}`);
    }
    assert.equal(sessions[0].can(EDIT, { labels: ["pii"] }), false);
    for (const session of all) assert.equal(session.can(EDIT, undefined), true);
  });

  it("that shows its label once and hides it then is denied or refused", () => {
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
      for (let index = 0; index < asked({}).length; index++) {
        const work = asked(make())[index];
        let told;
        try {
          told = work();
        } catch (error) {
          assert.ok(["RequestError", "ForbiddenError"].includes(error.name), `${name}: ${error}`);
          continue;
        }
        assert.equal(told, false, `${name}: ${work}`);
      }
    }
  });

  it("is not changed by what others put on prototypes", () => {
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

describe("an argument that no method reads", () => {
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
    () => Engine.fromSnapshot(whole.toSnapshot(), {}),
    () => Engine.fromJson(example.policy, example.directory, {}),
    () => Policy.fromJson(example.policy, {}),
    () => PortableSession.fromBytes(bytes, { time }, {}),
    () => portable.at(at, time, {}),
  ];
  it("is refused", () => {
    for (const work of extra) assert.throws(work, { name: "RequestError", code: "request.shape" }, String(work));
    assert.deepEqual(opened.toSnapshot(), whole.toSnapshot());
  });

  it("is refused as an option, with the names that there are", () => {
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

  it("is refused in getters of options and requests", () => {
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

describe("instants", () => {
  const seconds = Math.floor(Date.parse(context.time) / 1000);
  it("that are seconds are refused with a hint, wherever a number or a date may be", () => {
    for (const engine of engines) {
      for (const time of [
        seconds,
        0,
        -1,
        631_151_999_999,
        new Date(seconds),
        new Date(0),
        Date.parse(context.time) * 1000,
      ]) {
        for (let round = 0; round < 6; round++) {
          assert.throws(
            () => engine.canByNames("user:ada", EDIT, at, time),
            (error) => error.code === "time.malformed" && /seconds/.test(error.message) && error.help !== undefined,
            String(time),
          );
        }
      }
      const early = new Date(seconds);
      for (const work of [
        () => engine.session("user:ada", { ...context, time: early }),
        () => engine.session("user:ada", { ...context, last_activity: early }),
        () => engine.check({ ...ask(EDIT), context: { ...rest, time: early } }),
        () => engine.whoCan(EDIT, { at, time: early }),
        () => engine.whereCan("user:ada", EDIT, { time: early }),
        () => PortableSession.fromBytes(sessions[0].toBytes(), { time: early }),
        () => portable.at(at, early),
        () => sessions[0].toBytes({ until: early }),
      ]) {
        assert.throws(
          work,
          (error) =>
            error.code === "time.malformed" && /look like seconds/.test(error.message) && /1000/.test(error.help),
          String(work),
        );
      }
    }
    for (const until of [new Date(seconds), new Date(NaN)]) {
      assert.throws(
        () => whole.apply({ assign: { subject: "user:ada", role: "editor", at: "main/acme", until } }),
        (error) =>
          error instanceof CompileError &&
          error.issues[0].code === "instant.malformed" &&
          error.issues[0].path === "assign.until",
      );
    }
  });

  it("that are texts are read as they are written", () => {
    assert.equal(
      whole.session("user:ada", { ...context, time: "1970-01-01T00:00:00Z" }).check(EDIT).granted_by.length,
      1,
    );
  });

  it("of another kind are refused with a way out", () => {
    for (const time of [seconds, NaN, null, undefined, 5n, new Date(NaN)]) {
      for (const work of [
        () => whole.session("user:ada", { ...context, time }),
        () => whole.whoCan(EDIT, { at, time }),
        () => portable.at(at, time),
        () => whole.check({ ...ask(EDIT), context: { ...rest, time } }),
      ]) {
        assert.throws(
          work,
          (error) => error instanceof RequestError && (error.help !== undefined || time === undefined),
          `${work} ${String(time)}`,
        );
      }
    }
  });

  it("are what a date is, whatever its methods are", () => {
    const date = Object.assign(new Date(context.time), {
      toJSON: () => "2020-01-01T00:00:00Z",
      toISOString: () => "2020-01-01T00:00:00Z",
      getTime: () => 0,
    });
    assert.deepEqual(whole.session("user:ada", { ...context, time: date }).check(EDIT), sessions[0].check(EDIT));
    assert.equal(
      whole.canByNames("user:ada", "segments:view", at, date),
      whole.canByNames("user:ada", "segments:view", at, new Date(context.time)),
    );
    assert.equal(
      whole.session("user:ada", { ...context, time: runInNewContext(`new Date("${context.time}")`) }).can(EDIT),
      true,
    );
  });
});

describe("an argument of another kind", () => {
  const wrong = (message) => (error) => {
    assert.ok(["RequestError", "CompileError"].includes(error.name), String(error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /_assertClass|__wbg|null pointer|napi|Expected|undefined \(reading/);
    return true;
  };
  it("is refused in the same words by every package", () => {
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

  it("says what is needed instead of bytes and texts", () => {
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

  it("says what to do with what another module made", () => {
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

describe("errors that are sent to another thread", () => {
  it("keep their message, and as their cause what they hold", async () => {
    const thrown = (work) => {
      try {
        work();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const told = [
      [
        thrown(() => whole.check(ask("segments:fly"))),
        (error, cause) => assert.equal(cause.error.code, "permission.unknown"),
      ],
      [
        thrown(() => sessions[0].require(EDIT, { labels: ["pii"] })),
        (error, cause) => assert.deepEqual(cause.decision, error.decision),
      ],
      [thrown(() => Policy.fromJson("{}")), (error, cause) => assert.deepEqual(cause.issues, error.issues)],
    ];
    const worker = new Worker(
      "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (error) => parentPort.postMessage([error.message, error.cause, error]));",
      { eval: true },
    );
    try {
      for (const [error, holds] of told) {
        const copy = structuredClone(error);
        assert.ok(copy instanceof Error);
        assert.equal(copy.message, error.message);
        holds(error, copy.cause);
        worker.postMessage(error);
        const [message, cause, back] = await new Promise((done) => worker.once("message", done));
        assert.equal(message, error.message);
        holds(error, cause);
        holds(error, back.cause);
      }
    } finally {
      await worker.terminate();
    }
    assert.ok(told[1][0] instanceof ForbiddenError);
  });

  it("come from workers that load the package themselves", async () => {
    const code = `
      const { parentPort, workerData } = require("node:worker_threads");
      const { createRequire } = require("node:module");
      const { Engine } = createRequire(workerData.from)(workerData.name);
      const engine = Engine.fromJson(workerData.policy, workerData.directory);
      parentPort.postMessage([engine.can(workerData.good), engine.checkMany([workerData.bad])[0]]);`;
    const workerData = {
      from: path.join(process.cwd(), "package.json"),
      ...example,
      name: process.env.ROLECALL_PACKAGE,
      good: ask(EDIT),
      bad: ask("x:y"),
    };
    const worker = new Worker(code, { eval: true, workerData: JSON.parse(JSON.stringify(workerData)) });
    const [may, error] = await new Promise((done, fail) => worker.once("message", done).once("error", fail));
    await worker.terminate();
    assert.equal(may, true);
    assert.equal(error.cause.error.code, "permission.unknown");
  });
});

describe("a record", () => {
  const labels = { email: "pii", "**.phone": "pii" };
  it("keeps values that JSON has none for", () => {
    const row = {
      id: 12345678901234567890n,
      at: new Date(0),
      nothing: undefined,
      none: null,
      not: NaN,
      bytes: new Uint8Array([1, 2]),
      file: Buffer.from("a"),
      tags: new Set(["a"]),
      named: new Map([["a", 1]]),
      email: "a@b.c",
      list: [undefined, new Date(1), 5n, { phone: 1, kept: 2n }],
      people: new Map([
        ["ada", { phone: 1, name: "Ada" }],
        [7, { phone: 2 }],
      ]),
      all: new Set([{ phone: 3, id: 1n }]),
    };
    for (const session of all) {
      const { record, withheld } = session.redact(row, labels);
      assert.deepEqual(withheld, ["pii"]);
      for (const key of ["id", "nothing", "none", "not", "bytes", "file"])
        assert.ok(Object.is(record[key], row[key]), key);
      for (const key of ["at", "tags", "named"]) {
        assert.deepEqual(record[key], row[key]);
        assert.notEqual(record[key], row[key], key);
      }
      assert.ok("nothing" in record && !("email" in record));
      assert.deepEqual(record.list, [undefined, new Date(1), 5n, { kept: 2n }]);
      assert.deepEqual(
        record.people,
        new Map([
          ["ada", { name: "Ada" }],
          [7, {}],
        ]),
      );
      assert.deepEqual(record.all, new Set([{ id: 1n }]));
      const masked = session.redact(row, labels, { mask: "•" }).record;
      assert.deepEqual(
        [masked.email, masked.people.get("ada"), masked.list[3]],
        ["•", { phone: "•", name: "Ada" }, { phone: "•", kept: 2n }],
      );
    }
  });

  it("gives no more of an object than its own fields, or what it makes of itself", () => {
    class Person {
      constructor() {
        this.name = "Ada";
        this.phone = 1;
      }
      get email() {
        return "a@b.c";
      }
      call = () => this.phone;
    }
    class Money {
      toJSON() {
        return "5.00";
      }
    }
    class Document {
      #fields = { phone: 1, name: "Bo" };
      toJSON() {
        return this.#fields;
      }
    }
    for (const session of all) {
      const { record } = session.redact(
        { person: new Person(), money: new Money(), document: new Document() },
        { "person.email": "pii", "**.phone": "pii" },
      );
      assert.deepEqual(record, { person: { name: "Ada" }, money: "5.00", document: { name: "Bo" } });
      assert.equal(Object.getPrototypeOf(record.person), Object.prototype);
    }
  });

  it("withholds items of typed arrays, and gives bytes as they are", () => {
    const [scores, bytes] = [new Float64Array([1, 2]), new Uint8Array([1, 2])];
    for (const session of all) {
      for (const path of ["scores[0]", "scores[*]", "scores.*", "**[0]"]) {
        const { record } = session.redact({ scores, bytes }, { [path]: "pii" });
        assert.ok(!Array.from(record.scores ?? []).includes(1), path);
        assert.equal(record.bytes, bytes);
      }
      const copy = session.redact({ scores }, { "other[0]": "pii" }).record.scores;
      assert.deepEqual(copy, scores);
      assert.notEqual(copy, scores);
      assert.deepEqual(session.redact({ scores }, { "scores[0]": "pii" }, { mask: "•" }).record.scores, ["•", 2]);
      const big = new BigInt64Array([1n]);
      assert.deepEqual(session.redact([big], { "other[0]": "pii" }).record, [big]);
    }
  });

  it("gives no fields that a class adds to maps, sets, typed arrays and dates", () => {
    const extended = (Base) =>
      class extends Base {
        email = "a@b.c";
        get phone() {
          return 1;
        }
      };
    for (const session of all) {
      for (const [Base, of] of [
        [Map, [["a", 1]]],
        [Set, [1]],
        [Float64Array, [1]],
        [Date, 0],
      ]) {
        const row = new (extended(Base))(of);
        Object.defineProperty(row, Symbol.toStringTag, { value: "Uint8Array" });
        const { it } = session.redact({ it: row }, { ...labels, "**.email": "pii" }).record;
        assert.deepEqual(it, new Base(of));
        assert.equal(Object.getPrototypeOf(it), Base.prototype);
        assert.ok(!("email" in it) && !("phone" in it));
      }
    }
  });

  it("is what was read, though it changes on the way", () => {
    for (const session of all) {
      const [map, set, numbers] = [new Map([["name", "Ada"]]), new Set([1]), new Float64Array([1])];
      const last = {
        get changed() {
          map.set("phone", 1);
          set.add({ phone: 1 });
          numbers[0] = 2;
          return true;
        },
      };
      assert.deepEqual(session.redact([map, set, numbers, last], labels).record, [
        new Map([["name", "Ada"]]),
        new Set([1]),
        new Float64Array([1]),
        { changed: true },
      ]);
    }
  });

  it("has nothing where JSON has none, be it in a list or from `toJSON`", () => {
    const secret = () => "a@b.c";
    for (const session of all) {
      const { record } = session.redact({ list: [secret, Symbol("a")], told: { toJSON: secret }, secret }, labels);
      assert.deepEqual(record, { list: [null, null], told: {} });
      class Told {
        toJSON() {
          return secret;
        }
      }
      assert.deepEqual(session.redact([new Told()], labels).record, [null]);
    }
  });

  it("is refused by its length before memory is used, and counts all that it holds", () => {
    const tooLarge = { code: "request.too-large", path: "record" };
    const functions = Array.from({ length: 1 << 14 }, () => () => 1);
    for (const session of all) {
      for (const large of [new Array(4e9), new Float64Array(2e8), Array.from({ length: 1 << 13 }, () => functions)]) {
        const before = process.memoryUsage().heapUsed;
        assert.throws(() => session.redact({ large }, labels), tooLarge);
        assert.ok(process.memoryUsage().heapUsed - before < 64 << 20);
      }
    }
  });

  it("reads a field once", () => {
    let count = 0;
    const shifty = Object.defineProperty({}, "it", {
      enumerable: true,
      get: () => (count++ % 2 === 0 ? { name: "Ada" } : { phone: 1 }),
    });
    for (const session of all) {
      count = 0;
      assert.deepEqual(session.redact(shifty, labels).record, { it: { name: "Ada" } });
      assert.equal(count, 1);
    }
  });

  it("is refused where two keys are the same, and where it is too deep or in a circle", () => {
    const circle = {};
    circle.circle = circle;
    const deep = (levels) => Array.from({ length: levels }).reduce((inner) => [inner], 1);
    for (const session of all) {
      assert.throws(
        () =>
          session.redact(
            new Map([
              [1, 1],
              ["1", 2],
            ]),
            labels,
          ),
        { code: "request.shape" },
      );
      assert.throws(() => session.redact(new Map([[{}, 1]]), labels), { code: "request.shape" });
      for (const record of [circle, deep(128)])
        assert.throws(() => session.redact(record, labels), { code: "request.json", path: "record" });
      assert.deepEqual(session.redact(deep(127), labels).record, deep(127));
      assert.throws(() => session.redact({ a: "\ud800" }, labels), { code: "request.json" });
      for (const none of [5, "text", null, undefined, () => 1, new Date()])
        assert.throws(() => session.redact(none, labels), { code: "request.shape", path: "record" });
    }
  });

  it("may have a key that is called `__proto__`", () => {
    for (const session of all) {
      const { record } = session.redact(JSON.parse('{"__proto__": {"phone": 1, "name": 2}}'), labels);
      assert.deepEqual(Object.entries(record), [["__proto__", { name: 2 }]]);
    }
  });
});

// The other package is native and has no memory of its own.
describe("memory", { skip: process.env.ROLECALL_PACKAGE !== "rolecall" }, () => {
  it("does not grow for requests that are refused", async () => {
    const { resolve } = createRequire(path.join(process.cwd(), "package.json"));
    const memories = [];
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance {
      constructor(...of) {
        super(...of);
        memories.push(this.exports.memory);
      }
    };
    const apart = (file) => import(`${pathToFileURL(path.join(path.dirname(resolve("rolecall")), file))}?apart`);
    const main = await apart("node.js");
    const [small, little] = [await apart("snapshot.js"), await apart("portable.js")];
    small.initSync(readFileSync(resolve("rolecall/snapshot.wasm")));
    little.initSync(readFileSync(resolve("rolecall/portable.wasm")));
    WebAssembly.Instance = Instance;
    assert.equal(memories.length, 3);
    const one = main.Engine.fromJson(example.policy, example.directory);
    const two = small.Engine.fromSnapshot(one.toSnapshot());
    const made = [one, two].map((engine) => engine.session("user:ada", context));
    const three = little.PortableSession.fromBytes(made[0].toBytes(), { time: context.time });
    const [largest, large] = ["x".repeat(400 << 20), "x".repeat(32 << 20)];
    const before = memories.map((memory) => memory.buffer.byteLength);
    const tooLarge = { code: "request.too-large" };
    for (const session of [...made, three]) {
      assert.throws(() => session.redact({ largest, email: "a" }, { email: "pii" }), {
        ...tooLarge,
        path: "record",
        message: /the record has more than 67108864 bytes/,
      });
      assert.throws(() => session.redact([large, large, { [large]: 1 }], { email: "pii" }), tooLarge);
      assert.throws(() => session.can(large), tooLarge);
      assert.throws(() => session.can(EDIT, { boundaries: { domain: [large] } }), tooLarge);
      assert.throws(() => session.redact({}, { [large]: "pii" }), tooLarge);
      assert.throws(() => session.redact({}, {}, { mask: large }), tooLarge);
      assert.throws(() => session.menu(large), tooLarge);
    }
    for (const engine of [one, two]) {
      assert.throws(() => engine.check({ ...ask(EDIT), subject: large }), tooLarge);
      assert.throws(() => engine.canByNames(large, EDIT, at, Date.now()), tooLarge);
      assert.throws(() => engine.session(large, context), tooLarge);
      assert.equal(JSON.parse(engine.checkJson(largest)).error.code, "request.too-large");
    }
    const bytes = new Uint8Array(400 << 20);
    for (const kind of [main.Engine, small.Engine])
      assert.throws(() => kind.fromSnapshot(bytes), { code: "snapshot.malformed" });
    for (const kind of [main.PortableSession, little.PortableSession])
      assert.throws(() => kind.fromBytes(bytes, { time: context.time }), { code: "session.malformed" });
    const after = memories.map((memory) => memory.buffer.byteLength);
    after.forEach((size, index) => assert.ok(size - before[index] < 8 << 20, `${before[index]} bytes became ${size}`));
  });
});
