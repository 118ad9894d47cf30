// Tests how errors of the core are converted.
import assert from "node:assert/strict";
import { it } from "node:test";
import { build } from "esbuild";

async function load() {
  const entry = "export * from './native.ts'; export * from './errors.ts';";
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: new URL("../api", import.meta.url).pathname, loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}#${Math.random()}`
  );
}

it("throws if the module is not started", async () => {
  const { InternalError, native } = await load();
  assert.throws(
    () => native(),
    (error) => error instanceof InternalError && /init\(\)/.test(error.help),
  );
});

it("converts thrown texts to errors", async () => {
  const { call, CompileError, InternalError, RequestError, setNative } = await load();
  setNative({});
  const thrown = (text) => () =>
    call(() => {
      throw text;
    });
  assert.throws(thrown('{"issues":[{"code":"x.y","document":"policy","path":"","message":"m"}]}'), CompileError);
  assert.throws(
    thrown('{"error":{"code":"x.y","message":"m"}}'),
    (error) => error instanceof RequestError && !(error instanceof InternalError),
  );
  assert.throws(thrown(new Error('{"error":{"code":"internal.panic","message":"m"}}')), InternalError);
  assert.throws(thrown(new TypeError("other")), TypeError);
});

it("stops answering after a trap", async () => {
  const { answer, call, InternalError } = await load();
  assert.equal(
    call(() => 7),
    7,
  );
  assert.throws(
    () =>
      call(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      }),
    (error) => error instanceof InternalError && error.code === "internal.panic",
  );
  assert.throws(() => call(() => 7), InternalError);
  assert.throws(() => answer(() => "{}"), InternalError);
});
