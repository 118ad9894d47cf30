// Tests the packed package: its README, whose examples are run, its metadata, and the names of its API.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { rolecall, vectors } from "./load.mjs";

const name = process.env.ROLECALL_PACKAGE;
const require = createRequire(path.join(process.cwd(), "package.json"));
const folder = path.dirname(require.resolve(`${name}/package.json`));
const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
const readme = readFileSync(path.join(folder, "README.md"), "utf8");
const blocks = (language) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, code]) => code);

const POLICY = JSON.stringify({
  rolecall: 1,
  scopes: ["account"],
  resources: { segments: { actions: ["view", "edit"] } },
  roles: { viewer: { grants: ["segments:view"] } },
});
const DIRECTORY = JSON.stringify({
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:ada": {} },
  assignments: [{ subject: "user:ada", role: "viewer", at: "acme" }],
});

/** Returns every file that a part of `exports` names. */
const targets = (part) => (typeof part === "string" ? [part] : Object.values(part).flatMap(targets));

describe("the README", () => {
  it("has examples that print the values in their comments", () => {
    const [policy, directory] = blocks("json");
    const place = path.join(process.cwd(), `readme-${name.replace(/\W/g, "-")}`);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    writeFileSync(path.join(place, "policy.json"), policy);
    writeFileSync(path.join(place, "directory.json"), directory);
    // The blocks form one program, in order.
    const code = blocks("js").join("\n");
    writeFileSync(path.join(place, "example.mjs"), code);
    const printed = execFileSync(process.execPath, ["example.mjs"], { cwd: place, encoding: "utf8" });
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    assert.ok(expected.length > 8);
    assert.equal(
      expected.length,
      code.split("console.log(").length - 1,
      "each line that prints has a comment with its output",
    );
    assert.deepEqual(printed.trimEnd().split("\n"), expected);
  });

  it("lists every entry", () => {
    const section = /^## Entries\n(.*?)^## /ms.exec(readme)[1];
    const listed = [...section.matchAll(/^\| `([^`]+)` \|.*\| (yes|no|) ?\|$/gm)].map(([, entry, byRequire]) => [
      entry,
      byRequire,
    ]);
    const entries = Object.keys(manifest.exports)
      .filter((entry) => entry !== "./package.json")
      .map((entry) => path.posix.join(name, entry));
    assert.deepEqual(listed.map(([entry]) => entry).sort(), entries.sort());
    for (const [entry, byRequire] of listed) {
      const part = manifest.exports[entry === name ? "." : `.${entry.slice(name.length)}`];
      assert.equal(
        byRequire === "yes",
        targets(part).some((file) => file.endsWith(".cjs")),
        entry,
      );
    }
  });
});

describe("the package", () => {
  it("names its repository, and includes its licence", () => {
    for (const key of ["description", "license", "homepage", "author"]) assert.ok(manifest[key], key);
    assert.match(manifest.repository.url, /^git\+https:\/\//);
    assert.match(manifest.repository.directory, /^bindings\/js\//);
    assert.match(manifest.bugs.url, /\/issues$/);
    assert.ok(manifest.keywords.length >= 5);
    assert.match(readFileSync(path.join(folder, "LICENSE"), "utf8"), /Apache License/);
  });

  it("starts small entries by import and by require", async (context) => {
    if (name !== "rolecall") return context.skip("the other package has no small entries");
    const bytes = rolecall.Engine.fromJson(POLICY, DIRECTORY).toSnapshot();
    const program = `
      for (const entry of ["rolecall/snapshot", "rolecall/snapshot/inline"]) {
        const { Engine, init } = LOAD(entry);
        await init();
        const engine = Engine.fromSnapshot(Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64"));
        const session = engine.session("user:ada", { at: "acme", time: "2026-11-21T10:00:00Z" });
        for (const small of ["rolecall/portable", "rolecall/portable/inline"]) {
          const { PortableSession, initSync } = LOAD(small);
          initSync();
          const own = PortableSession.fromBytes(session.toBytes(), { time: "2026-11-21T10:00:00Z" });
          console.log(own.can("segments:view"), own.can("segments:edit"));
        }
      }`;
    for (const [file, load] of [
      ["small.mjs", "await import"],
      ["small.cjs", "require"],
    ]) {
      const text = program.replaceAll("LOAD", load);
      writeFileSync(path.join(process.cwd(), file), load === "require" ? `(async () => {${text}})();` : text);
      const printed = execFileSync(process.execPath, [file], { cwd: process.cwd(), encoding: "utf8" });
      assert.equal(printed, "true false\n".repeat(4), file);
    }
  });

  it("includes every file of its entries, and their types", () => {
    const files = [manifest.main, manifest.types, ...targets(manifest.exports)];
    for (const file of files) assert.ok(existsSync(path.join(folder, file)), file);
    for (const file of files.filter((file) => /\.d\.c?ts$/.test(file))) {
      const end = file.endsWith(".d.cts") ? ".d.cts" : ".d.ts";
      const text = readFileSync(path.join(folder, file), "utf8");
      for (const [, imported] of text.matchAll(/from "(\.[^"]+)\.c?js"/g)) {
        assert.ok(existsSync(path.join(folder, path.dirname(file), imported + end)), `${file}: ${imported}`);
      }
    }
  });
});

describe("names", () => {
  const example = vectors.find((vector) => vector.name === "design: the worked example");
  const engine = rolecall.Engine.fromJson(example.policy, example.directory);
  const context = { at: "main/acme/shop", time: "2026-11-21T10:00:00Z" };

  it("of the API are camelCase", async () => {
    const client = await import(
      pathToFileURL(path.join(process.cwd(), `import-${`${name}/client`.replace(/\W/g, "-")}.mjs`))
    );
    const session = engine.session("user:ada", context);
    const kinds = [
      ...Object.values(rolecall),
      ...Object.values(client),
      session.constructor,
      engine.policy.constructor,
    ];
    let count = 0;
    for (const kind of kinds.filter((kind) => typeof kind === "function")) {
      for (const member of [...Object.getOwnPropertyNames(kind), ...Object.getOwnPropertyNames(kind.prototype ?? {})]) {
        assert.match(member, /^[a-z][A-Za-z]*$/, `${kind.name}.${member}`);
        count += 1;
      }
    }
    assert.ok(count > 60, String(count));
  });

  it("of data are snake_case", () => {
    const session = engine.session("user:ada", context);
    const portable = rolecall.PortableSession.fromBytes(session.toBytes({ menus: ["main"] }), { time: context.time });
    const request = {
      subject: "user:ada",
      permission: "segments:edit",
      at: context.at,
      context: { time: context.time },
    };
    const answers = [
      engine.check(request),
      engine.explain(request),
      engine.explainRedacted(request),
      engine.whoCan("segments:edit", context),
      engine.grantingRoles("segments:edit"),
      engine.violations({ time: context.time }),
      session.effective(),
      session.menu("main"),
      session.permissions(),
      portable.coverage,
      portable.menu("main"),
      portable.permissions(),
    ];
    const keys = new Set();
    JSON.stringify(answers, (key, value) => {
      if (!/^\d*$/.test(key)) keys.add(key);
      // Its keys are the boundaries of the policy.
      return key === "narrowed" ? [] : value;
    });
    assert.ok(keys.has("valid_until") && keys.has("granted_by") && keys.has("is_covered"));
    for (const key of keys) assert.match(key, /^[a-z]+(_[a-z]+)*$/);
  });
});
