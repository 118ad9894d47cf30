// Compiles components of Svelte, for a page or for a server, and imports them.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { compile } from "svelte/compiler";

/** Compiles the files of an application, whose entry is `main.js`, and returns its exports. */
export async function compiled(files, generate) {
  const out = path.resolve(`out/svelte-${generate}.mjs`);
  mkdirSync(path.dirname(out), { recursive: true });
  const source = {
    name: "svelte",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\/|^main\.js$/ }, ({ path: name, importer, namespace, resolveDir }) =>
        importer === "" || namespace === "app" ? { path: name.replace("./", ""), namespace: "app" } : undefined,
      );
      onLoad({ filter: /./, namespace: "app" }, ({ path: name }) => ({
        contents: name.endsWith(".svelte") ? compile(files[name], { generate, dev: true }).js.code : files[name],
        resolveDir: process.cwd(),
      }));
    },
  };
  await build({
    entryPoints: ["main.js"],
    bundle: true,
    format: "esm",
    platform: generate === "client" ? "browser" : "node",
    conditions: ["svelte", "development"],
    external: ["rolecall"],
    plugins: [source],
    outfile: out,
    logLevel: "warning",
  });
  return import(pathToFileURL(out));
}
