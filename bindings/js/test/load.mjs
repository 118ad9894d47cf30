// Loads the package under test. ROLECALL_PACKAGE is its name, as installed where the tests run.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const name = process.env.ROLECALL_PACKAGE;
const require = createRequire(path.join(process.cwd(), "package.json"));

/** The package by `import`, resolved as a module of the folder where the tests run. */
export const rolecall = await import(pathToFileURL(path.join(process.cwd(), `import-${name.replace(/\W/g, "-")}.mjs`)));
/** The engine of `rolecall/snapshot`, if it is the one under test. */
export const SnapshotEngine = process.env.ROLECALL_SNAPSHOT === undefined ? undefined : await engine();

async function engine() {
  const { Engine, initSync } = await import(pathToFileURL(path.join(process.cwd(), "import-rolecall-snapshot.mjs")));
  initSync(readFileSync(require.resolve("rolecall/snapshot.wasm")));
  return Engine;
}

/** The package by `require`. */
export const required = require(name);
export const vectors = JSON.parse(readFileSync(process.env.ROLECALL_VECTORS, "utf8"));
