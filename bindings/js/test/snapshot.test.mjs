// Tests the engine of `rolecall/snapshot`, which opens snapshots and compiles nothing. Needs `node --expose-gc`.
import assert from "node:assert/strict";
import { it } from "node:test";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { rolecall, SnapshotEngine as Engine, vectors } from "./load.mjs";
import { withMemories } from "./memories.mjs";

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

it("says what answers filters and questions about holders", () => {
  for (const name of ["filter", "numbering", "whoHolds", "whichGroupsCan", "assignmentsOf"]) {
    assert.throws(() => engine[name]("editor", { at, time: context.time }), {
      name: "TypeError",
      message: `\`${name}\` is not in this module: use \`Engine.fromSnapshot\` of \`rolecall\`, or a server of Rolecall`,
    });
  }
  // That engine answers from the same bytes.
  const other = rolecall.Engine.fromSnapshot(snapshot);
  assert.ok(other.assignmentsOf("user:ada", { time: context.time }).assignments.length > 0);
});

it("throws the same errors as the whole engine", () => {
  const calls = [
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
  for (const call of calls) {
    const results = [engine, whole].map((one) => {
      try {
        call(one);
      } catch (error) {
        return [error.name, error.details];
      }
      return undefined;
    });
    assert.ok(results[0] !== undefined, String(call));
    assert.deepEqual(results[0], results[1], String(call));
  }
  assert.throws(() => engine.require({ ...request, at: "main" }), { name: "ForbiddenError" });
  // Texts that are not valid Unicode are rejected, with another message than that of a JSON library.
  assert.throws(() => engine.session("user:\ud800", context), { code: "request.json" });
});

it("rejects damaged snapshots and other bytes", () => {
  for (const bytes of [new Uint8Array(), snapshot.subarray(1), snapshot.subarray(0, -1)]) {
    assert.throws(() => Engine.fromSnapshot(bytes), { code: "snapshot.malformed" });
  }
  for (let place = 0; place < snapshot.length; place += 7) {
    const damaged = snapshot.slice();
    damaged[place] ^= 4;
    assert.throws(() => Engine.fromSnapshot(damaged), { code: "snapshot.malformed" }, `byte ${place}`);
  }
});

it("frees the memory of unreachable engines and sessions", async () => {
  const { resolve } = createRequire(path.join(process.cwd(), "package.json"));
  // A separate module, with access to its memory.
  const { href } = new URL(`file://${resolve("rolecall/snapshot.js")}?apart`);
  const [{ Engine: Apart }, [memory]] = await withMemories(async () => {
    const copy = await import(href);
    copy.initSync(readFileSync(resolve("rolecall/snapshot.wasm")));
    return copy;
  });
  const results = [];
  for (let round = 0; round < 30; round++) {
    for (let number = 0; number < 100; number++) {
      const opened = Apart.fromSnapshot(snapshot);
      if (!opened.session("user:ada", context).can("segments:edit")) throw new Error("it denies");
    }
    gc();
    await setTimeout(2);
    if (round === 9 || round === 29) results.push(memory.buffer.byteLength);
  }
  assert.ok(results[0] > 0 && results[0] === results[1], String(results));
});

it("keeps the engine of a policy that is reachable", async () => {
  const { policy } = Engine.fromSnapshot(snapshot);
  for (let round = 0; round < 20; round++) {
    gc();
    await setTimeout(2);
  }
  assert.deepEqual(policy.roles, whole.policy.roles);
  assert.deepEqual(policy.menus, whole.policy.menus);
  assert.throws(() => policy.permission("segments:fly"), { code: "permission.unknown" });
});
