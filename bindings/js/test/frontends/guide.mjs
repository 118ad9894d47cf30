// The code of a guide, as a reader saves it.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Saves the files of a guide and the documents in a folder of its own. Returns the folder. */
export function saved(guide) {
  const folder = path.resolve("out", guide);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(path.join(process.env.ROLECALL_GUIDES, `${guide}.md`), "utf8");
  const write = (name, contents) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), contents);
  };
  const dependencies = Object.fromEntries([...text.matchAll(/^npm install (\S+)$/gm)].map(([, name]) => [name, "*"]));
  write("package.json", JSON.stringify({ type: "module", private: true, dependencies }));
  for (const name of ["policy.json", "directory.json"]) write(name, readFileSync(path.join("example", name)));
  for (const [, name, code] of text.matchAll(/^```\w+ (?:[^\n]* )?file=(\S+)[^\n]*\n(.*?)^```$/gms)) write(name, code);
  return folder;
}
