// Builds one probe with Angular: `node ng.mjs PROBE FOLDER`.
import { spawnSync } from "node:child_process";
import path from "node:path";

const [id, out] = process.argv.slice(2);
const ng = path.resolve("node_modules/@angular/cli/bin/ng.js");
const args = ["build", "--browser", `src/${id}.ts`, "--output-path", path.resolve(out)];
const { status, stdout, stderr } = spawnSync(process.execPath, [ng, ...args], { cwd: "angular", encoding: "utf8" });
process.stdout.write(`${stdout}${stderr}`);
process.exit(status);
