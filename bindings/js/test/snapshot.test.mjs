// The engine of `rolecall/snapshot`, which opens snapshots and compiles nothing; needs `node --expose-gc`.
import assert from "node:assert/strict";
import { it } from "node:test";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { rolecall, SnapshotEngine as Engine, vectors } from "./load.mjs";

const example = vectors.find((vector) => vector.name === "design: the worked example");
const whole = rolecall.Engine.fromJson(example.policy, example.directory);
const snapshot = whole.toSnapshot();
const engine = Engine.fromSnapshot(snapshot);
const context = { at: "main/acme/shop", time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" };
const { at, ...rest } = context;
const request = { subject: "user:ada", permission: "segments:edit", at, context: rest };

it("answers as the engine that made the snapshot", () => {
  assert.deepEqual(engine.policy.permissions, whole.policy.permissions);
  assert.deepEqual([engine.policy.roles, engine.policy.menus], [whole.policy.roles, whole.policy.menus]);
  const [session, other] = [engine, whole].map((one) => one.session("user:ada", context));
  for (const permission of whole.policy.permissions) {
    assert.equal(session.can(permission), other.can(permission));
    assert.equal(session.can(engine.policy.permission(permission)), other.can(permission));
    assert.deepEqual(session.check(permission), other.check(permission));
  }
  assert.deepEqual(session.permissionBits(), other.permissionBits());
  assert.deepEqual(session.toBytes({ menus: whole.policy.menus }), other.toBytes({ menus: whole.policy.menus }));
  assert.equal(engine.can(request), true);
  assert.equal(engine.checkJson(JSON.stringify(request)), whole.checkJson(JSON.stringify(request)));
  const record = { email: "a@b.c", note: "x".repeat(100_000), list: [{ email: "é" }] };
  const labels = { "**.email": "pii" };
  for (const mask of [undefined, "", "•"]) {
    assert.deepEqual(session.redact(record, labels, { mask }), other.redact(record, labels, { mask }));
  }
});

it("tells the faults of the whole engine", () => {
  const faults = [
    (one) => one.session("user:ada", { ...context, time: "now" }),
    (one) => one.session("group:all", context),
    (one) => one.check({ ...request, permission: "segmets:edit" }),
    (one) => one.check({ ...request, context: null }),
    (one) => one.menu("man", "user:ada", context),
    (one) => one.whoCan("segments:edit", { at: "/", time: context.time }),
    (one) => one.whereCan("user:ada", "segments", { time: context.time }),
    (one) => one.canByNames("user:ada", "segments:edit", at, NaN),
    (one) => one.canByNames("user:ada", "nothing:edit", at, Date.now()),
    (one) => one.policy.permission("segments:fly"),
    (one) => one.session("user:ada", context).check("segments:edit", { labels: ["pi"] }),
    (one) => one.session("user:ada", context).menu("none"),
    (one) => one.session("user:ada", context).toBytes({ until: "2020-01-01T00:00:00Z" }),
    (one) => one.session("user:ada", context).redact({}, { "a..b": "pii" }),
  ];
  for (const fault of faults) {
    const told = [engine, whole].map((one) => {
      try {
        fault(one);
      } catch (error) {
        return [error.name, error.fault];
      }
      return undefined;
    });
    assert.ok(told[0] !== undefined, String(fault));
    assert.deepEqual(told[0], told[1], String(fault));
  }
  assert.throws(() => engine.require({ ...request, at: "main" }), { name: "ForbiddenError" });
  // What is no Unicode is refused, in other words than those of a library for JSON.
  assert.throws(() => engine.session("user:\ud800", context), { code: "request.json" });
});

it("refuses what is no snapshot, and what is damaged", () => {
  for (const bytes of [new Uint8Array(), snapshot.subarray(1), snapshot.subarray(0, -1)]) {
    assert.throws(() => Engine.fromSnapshot(bytes), { code: "snapshot.malformed" });
  }
  for (let place = 0; place < snapshot.length; place += 7) {
    const damaged = snapshot.slice();
    damaged[place] ^= 4;
    assert.throws(() => Engine.fromSnapshot(damaged), { code: "snapshot.malformed" }, `byte ${place}`);
  }
});

it("keeps no memory of engines and sessions that nobody has any more", async () => {
  const { resolve } = createRequire(path.join(process.cwd(), "package.json"));
  // A module of its own, whose memory can be looked at.
  let memory;
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...of) {
      super(...of);
      ({ memory } = this.exports);
    }
  };
  const { href } = new URL(`file://${resolve("rolecall/snapshot")}?apart`);
  const { Engine: Apart, initSync } = await import(href);
  initSync(readFileSync(resolve("rolecall/snapshot.wasm")));
  WebAssembly.Instance = Instance;
  const told = [];
  for (let round = 0; round < 30; round++) {
    for (let number = 0; number < 100; number++) {
      const opened = Apart.fromSnapshot(snapshot);
      if (!opened.session("user:ada", context).can("segments:edit")) throw new Error("it denies");
    }
    gc();
    await setTimeout(2);
    if (round === 9 || round === 29) told.push(memory.buffer.byteLength);
  }
  assert.ok(told[0] > 0 && told[0] === told[1], String(told));
});

it("keeps the engine of a policy that somebody has", async () => {
  const { policy } = Engine.fromSnapshot(snapshot);
  for (let round = 0; round < 20; round++) {
    gc();
    await setTimeout(2);
  }
  assert.deepEqual(policy.roles, whole.policy.roles);
  assert.deepEqual(policy.menus, whole.policy.menus);
  assert.throws(() => policy.permission("segments:fly"), { code: "permission.unknown" });
});
