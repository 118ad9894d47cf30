// Runs what wrangler bundled in workerd: `node workerd.mjs FOLDER`.
import { readdirSync } from "node:fs";
import path from "node:path";
import { Miniflare } from "miniflare";

const folder = path.resolve(process.argv[2]);
const files = readdirSync(folder).filter((name) => /\.(js|mjs|wasm)$/.test(name));
const main = files.find((name) => !name.endsWith(".wasm"));
const modules = [main, ...files.filter((name) => name.endsWith(".wasm"))].map((name) => ({
  type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
  path: path.join(folder, name),
}));
const server = new Miniflare({ modules, modulesRoot: folder, compatibilityDate: "2026-05-01" });
const response = await server.dispatchFetch("http://localhost/");
console.log(await response.text());
await server.dispose();
process.exit();
