// Tests `@rolecall/node` where its native core is missing: it runs on WebAssembly, and warns why.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";

const installed = path.join(process.cwd(), "node_modules/@rolecall");
const native = readdirSync(installed).find((name) => name.startsWith(`node-${process.platform}`));
const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Copies the package into a project of its own, with or without the native core. */
function project(parts) {
  const folder = mkdtempSync(path.join(tmpdir(), "rolecall-"));
  folders.push(folder);
  const scope = path.join(folder, "node_modules/@rolecall");
  mkdirSync(scope, { recursive: true });
  for (const part of parts) cpSync(path.join(installed, part), path.join(scope, part), { recursive: true });
  return folder;
}

const QUESTIONS = `
  const engine = Engine.from(
    { rolecall: 1, scopes: ["account"], resources: { a: { actions: ["view", "edit"] } }, roles: { r: { grants: ["a:view"] } } },
    { rolecall: 1, scopes: ["acme"], subjects: { "user:ada": {} }, assignments: [{ subject: "user:ada", role: "r", at: "acme" }] },
  );
  const context = { at: "acme", time: "2026-11-21T10:00:00Z" };
  engine.writeSnapshot("roles.snapshot");
  const opened = Engine.openSnapshot("roles.snapshot");
  const codes = [];
  for (const work of [() => Engine.openSnapshot("missing"), () => engine.writeSnapshot("missing/roles")]) {
    try { work(); } catch (error) { codes.push(error.code); }
  }
  const own = PortableSession.fromBytes(engine.session("user:ada", context).toBytes(), { time: context.time });
  console.log(JSON.stringify([core, codes, ...[engine.session("user:ada", context), opened.session("user:ada", context), own]
    .map((session) => [session.can("a:view"), session.can("a:edit")])]));
`;
const PROGRAMS = {
  "import.mjs": `import { core, Engine, PortableSession } from "@rolecall/node";${QUESTIONS}`,
  "require.cjs": `const { core, Engine, PortableSession } = require("@rolecall/node");${QUESTIONS}`,
  "both.mjs": `import { createRequire } from "node:module";
    import { core, Engine, PortableSession } from "@rolecall/node";
    createRequire(import.meta.url)("@rolecall/node");${QUESTIONS}`,
};

/** Runs every program. Returns the core that answers and the warnings. */
function outcomes(folder, ...options) {
  return Object.entries(PROGRAMS).map(([name, code]) => {
    writeFileSync(path.join(folder, name), code);
    const { stdout, stderr, status } = spawnSync(process.execPath, [...options, name], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const [core, codes, ...answers] = JSON.parse(stdout);
    assert.deepEqual(answers, Array(3).fill([true, false]));
    assert.deepEqual(codes, ["internal.file", "internal.file"]);
    const warnings = stderr.split("\n").filter((line) => line.includes("RolecallWarning"));
    return [core, warnings.map((line) => line.split("RolecallWarning: ")[1])];
  });
}

const onWebAssembly = (reason) => Array(3).fill(["webassembly", [`\`@rolecall/node\` runs on WebAssembly: ${reason}`]]);

describe("the core of @rolecall/node", () => {
  it("is native without a warning", () => {
    assert.deepEqual(outcomes(project(["node", native])), Array(3).fill(["native", []]));
  });

  it("is WebAssembly where the package of the platform is missing", () => {
    const reason = `the package \`@rolecall/${native}\` is not installed; install it with its optional dependencies, on this platform`;
    assert.deepEqual(outcomes(project(["node"])), onWebAssembly(reason));
  });

  it("is WebAssembly where the file is missing or damaged", () => {
    const folder = project(["node", native]);
    const file = path.join(folder, "node_modules/@rolecall", native, "rolecall.node");
    rmSync(file);
    const missing = `the native core of \`@rolecall/${native}\` cannot be loaded: Cannot find module '${file}'`;
    assert.deepEqual(outcomes(folder), onWebAssembly(missing));
    writeFileSync(file, "damaged");
    for (const [core, [warning]] of outcomes(folder)) {
      assert.equal(core, "webassembly");
      assert.match(warning, /cannot be loaded: .*rolecall\.node/);
    }
  });

  it("is WebAssembly on platforms without a native one", () => {
    const folder = project(["node", native]);
    writeFileSync(path.join(folder, "platform.cjs"), `Object.defineProperty(process, "platform", { value: "plan9" });`);
    const reason = `there is no native core for plan9-${process.arch}`;
    assert.deepEqual(outcomes(folder, "--require", "./platform.cjs"), onWebAssembly(reason));
  });
});
