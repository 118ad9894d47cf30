// Tests that requests that are too large are rejected before they are copied into the memory of a WebAssembly module.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { EDIT, ask, at, context, example } from "./example.mjs";
import { withMemories } from "./memories.mjs";

// The other package is native and does not have a separate memory.
describe("memory", { skip: process.env.ROLECALL_PACKAGE !== "rolecall" }, () => {
  it("does not grow for rejected requests", async () => {
    const { resolve } = createRequire(path.join(process.cwd(), "package.json"));
    const apart = (file) => import(`${pathToFileURL(path.join(path.dirname(resolve("rolecall")), file))}?apart`);
    const [[main, small, little], memories] = await withMemories(async () => {
      const copies = [await apart("inline.js"), await apart("snapshot.js"), await apart("portable.js")];
      copies[1].initSync(readFileSync(resolve("rolecall/snapshot.wasm")));
      copies[2].initSync(readFileSync(resolve("rolecall/portable.wasm")));
      return copies;
    });
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
