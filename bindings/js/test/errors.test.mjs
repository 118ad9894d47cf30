// Tests the errors of the packages and their clients, and how a server distinguishes them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { required, rolecall, SnapshotEngine, vectors } from "./load.mjs";
import { withMemories } from "./memories.mjs";

const name = process.env.ROLECALL_PACKAGE;
const isWasm = name === "rolecall";
const require = createRequire(path.join(process.cwd(), "package.json"));
const importFrom = (entry) =>
  import(pathToFileURL(path.join(process.cwd(), `import-${entry.replace(/\W/g, "-")}.mjs`)));
/** Loads a file of the package as a separate module. */
const apart = (file) => import(`${pathToFileURL(path.join(path.dirname(require.resolve(name)), file))}?errors`);

const client = await importFrom(`${name}/client`);
const copies = [rolecall, required, client, require(`${name}/client`)];
if (isWasm) copies.push(...(await Promise.all(["portable.js", "snapshot.js", "inline.js"].map(apart))));

const details = { code: "permission.unknown", message: "m", path: "permission", help: "h" };
const question = { subject: "user:ada", permission: "segments:edit", at: "main" };
const decision = { allow: false, reasons: ["no-grant"], granted_by: [], withheld: [], narrowed: {} };
const MAKERS = {
  CompileError: (kind) => new kind([{ code: "x.y", document: "policy", path: "", message: "m" }]),
  RequestError: (kind) => new kind(details),
  InternalError: (kind) => new kind({ ...details, code: "internal.panic" }),
  ForbiddenError: (kind) => new kind(decision, question),
  ClientError: (kind) => new kind("client.stale", "m"),
};

const example = vectors.find((vector) => vector.name === "design: the worked example");
const context = { at: "main/acme/shop", time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" };
const { at, ...rest } = context;
const item = { labels: ["pii"] };
const whole = rolecall.Engine.fromJson(example.policy, example.directory);
const engine = SnapshotEngine === undefined ? whole : SnapshotEngine.fromSnapshot(whole.toSnapshot());

const thrown = (work) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail(`nothing is thrown: ${work}`);
};

/** Returns the status of a server's response, as in the README. */
const status = (error) => {
  if (error instanceof rolecall.RequestError) return 400;
  if (error instanceof rolecall.ForbiddenError) return 403;
  return 500;
};

describe("the classes of errors", () => {
  it("are siblings with one base class, in every copy of the package", () => {
    for (const copy of copies) {
      for (const [own, make] of Object.entries(MAKERS)) {
        if (copy[own] === undefined) continue;
        const error = make(copy[own]);
        assert.ok(error instanceof Error);
        assert.equal(error.name, own);
        for (const other of copies) {
          assert.ok(error instanceof other.RolecallError, own);
          for (const kind of Object.keys(MAKERS)) {
            if (other[kind] !== undefined) assert.equal(error instanceof other[kind], kind === own, `${own} ${kind}`);
          }
        }
      }
    }
  });

  it("are exported by every entry that throws them", () => {
    for (const copy of copies) {
      for (const kind of ["RolecallError", "RequestError", "InternalError"])
        assert.equal(typeof copy[kind], "function");
    }
    for (const copy of [rolecall, required]) assert.equal(typeof copy.ForbiddenError, "function");
    assert.equal(typeof client.ClientError, "function");
  });

  it("do not match classes of applications and other values", () => {
    class OwnError extends rolecall.RequestError {}
    class Other extends rolecall.RequestError {}
    const own = new OwnError(details);
    for (const copy of copies) assert.ok(own instanceof copy.RolecallError && own instanceof copy.RequestError);
    assert.ok(own instanceof OwnError && !(own instanceof Other) && !(own instanceof rolecall.InternalError));
    assert.ok(!(new rolecall.RequestError(details) instanceof OwnError));
    const none = [
      null,
      undefined,
      5,
      "RequestError",
      {},
      Object.create(null),
      new Error("x"),
      { name: "RequestError" },
    ];
    for (const value of [...none, rolecall.RequestError, { constructor: {} }]) {
      for (const kind of ["RolecallError", ...Object.keys(MAKERS)]) {
        for (const copy of copies) if (copy[kind] !== undefined) assert.ok(!(value instanceof copy[kind]));
      }
    }
  });
});

describe("a denial", () => {
  it("has the subject, permission, scope and decision", () => {
    const permission = "segments:edit";
    const request = { subject: "user:ada", permission, at, resource: item, context: rest };
    const session = engine.session("user:ada", context);
    for (const work of [
      () => engine.require(request),
      () => session.require(permission, item),
      () => session.require(engine.policy.permission(permission), item),
    ]) {
      const error = thrown(work);
      assert.ok(error instanceof rolecall.ForbiddenError && error instanceof rolecall.RolecallError);
      assert.deepEqual([error.subject, error.permission, error.at], ["user:ada", permission, at]);
      assert.deepEqual(error.decision, engine.check(request));
      assert.equal(error.message, "forbidden: `user:ada` may not `segments:edit` at `main/acme/shop`: label:pii");
      const { subject, decision } = error;
      assert.deepEqual(structuredClone(error).cause, { subject, permission, at, decision });
      assert.equal(status(error), 403);
    }
  });
});

describe("a request", () => {
  it("that is malformed is a `RequestError`, alone and among many", () => {
    const wrong = { subject: "user:ada", permission: "segments:fly", at, context: rest };
    assert.equal(status(thrown(() => engine.check(wrong))), 400);
    assert.ok(engine.checkMany([wrong])[0] instanceof rolecall.RequestError);
  });
});

describe("a client", () => {
  const isClientError = (code) => (error) =>
    error instanceof client.ClientError && error instanceof rolecall.RolecallError && error.code === code;
  const nowhere = "http://127.0.0.1:1";

  it("throws `ClientError` if the network fails", async () => {
    for (const work of [
      () => client.connect(engine.constructor, nowhere, { token: "t" }),
      () => client.LoginSession.current(nowhere),
      () => client.LoginSession.page(nowhere),
      () => client.LoginSession.current(nowhere, async () => new Response("not JSON")),
    ]) {
      await assert.rejects(work, (error) => isClientError("client.unreachable")(error) && error.cause instanceof Error);
    }
  });

  it("throws `ClientError` for invalid options", async () => {
    for (const given of [undefined, null, "token", new Map([["token", "t"]])]) {
      await assert.rejects(client.connect(engine.constructor, nowhere, given), isClientError("client.options"));
    }
    await assert.rejects(
      client.connect(engine.constructor, undefined, { token: "t" }),
      isClientError("client.options"),
    );
  });

  it("throws `ClientError` for an invalid key", async () => {
    const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const header = encoded({ alg: "EdDSA", typ: "rolecall-pass+jwt", kid: "k" });
    const claims = encoded({ iss: "i", sub: "user:ada", nbf: 0, exp: 1, rolecall: "" });
    const keys = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "k", x: "AAAA" }] };
    const opened = client.openPass(rolecall.PortableSession, `${header}.${claims}.AAAA`, {
      expected: { keys, issuer: "i" },
    });
    await assert.rejects(opened, isClientError("pass.key"));
  });

  it("throws errors of the core unchanged", async () => {
    const damaged = async () => new Response("not a snapshot");
    await assert.rejects(
      client.connect(engine.constructor, nowhere, { token: "t", fetch: damaged }),
      (error) => error instanceof rolecall.RequestError && error.code === "snapshot.malformed",
    );
  });
});

// The other package is native and catches panics, as `native.test.mjs` and the tests of `rolecall-contract` show.
describe("a module of WebAssembly", { skip: !isWasm }, () => {
  const wasm = (file) => readFileSync(path.join(path.dirname(require.resolve(name)), file));

  /** Starts an entry with access to its memory. */
  const started = (entry, module) =>
    withMemories(async () => {
      const copy = await import(
        `${pathToFileURL(path.join(path.dirname(require.resolve(name)), entry))}?${Math.random()}`
      );
      if (module !== undefined) copy.initSync(wasm(module));
      return copy;
    });

  it("stops answering after a panic, which is not a `RequestError`", async () => {
    const snapshot = whole.toSnapshot();
    const bytes = whole.session("user:ada", context).toBytes();
    const wrong = { subject: "user:ada", permission: "segments:fly", at, context: rest };
    const fromSnapshot = ({ Engine }) => {
      const opened = Engine.fromSnapshot(snapshot);
      return [() => opened.check(wrong), () => opened.checkMany([wrong]), () => Engine.fromSnapshot(snapshot)];
    };
    for (const [entry, module, opened] of [
      ["inline.js", undefined, fromSnapshot],
      ["snapshot.js", "snapshot.wasm", fromSnapshot],
      [
        "portable.js",
        "portable.wasm",
        ({ PortableSession }) => {
          const session = PortableSession.fromBytes(bytes, { time: context.time });
          return [
            () => session.menu("none"),
            () => session.redact({}, {}),
            () => PortableSession.fromBytes(bytes, { time: context.time }),
          ];
        },
      ],
    ]) {
      const [copy, [memory]] = await started(entry, module);
      const calls = opened(copy);
      // Simulates a defect of the core: overwrites its memory, so that it stops midway.
      new Uint8Array(memory.buffer).fill(0xff);
      for (const work of [...calls, ...calls]) {
        const error = thrown(work);
        assert.ok(error instanceof rolecall.InternalError && error instanceof copy.InternalError, `${entry}: ${error}`);
        assert.ok(!(error instanceof rolecall.RequestError) && !(error instanceof copy.RequestError));
        assert.equal(error.code, "internal.panic");
        assert.equal(status(error), 500);
      }
    }
  });

  it("that cannot be loaded is an `InternalError`", async () => {
    const isNotLoaded = (error) =>
      error instanceof rolecall.InternalError && error.code === "internal.not-loaded" && error.cause !== undefined;
    for (const entry of ["index.js", "portable.js", "snapshot.js"]) {
      const { init, initSync } = await apart(entry);
      assert.throws(() => initSync(new Uint8Array([1, 2, 3])), isNotLoaded, entry);
      await assert.rejects(init(new Uint8Array([1, 2, 3])), isNotLoaded, entry);
      await assert.rejects(init("http://127.0.0.1:1/rolecall.wasm"), isNotLoaded, entry);
      await assert.rejects(init(new Response("", { status: 404 })), isNotLoaded, entry);
    }
  });

  it("that is not started is an `InternalError`", async () => {
    const { PortableSession } = await import(
      `${pathToFileURL(path.join(path.dirname(require.resolve(name)), "portable.js"))}?unstarted`
    );
    const error = thrown(() => PortableSession.fromBytes(new Uint8Array(), { time: new Date() }));
    assert.ok(error instanceof rolecall.InternalError && error.code === "internal.not-started");
  });
});
