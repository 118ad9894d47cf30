// Imports a module in TypeScript, with its relative imports.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export async function typescript(address) {
  const built = await build({
    entryPoints: [fileURLToPath(address)],
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    // Of the parts, the addresses of the console use only this.
    alias: { "@rolecall/react/admin": fileURLToPath(new URL("../../react/src/admin/hash.ts", import.meta.url)) },
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString("base64")}`);
}
