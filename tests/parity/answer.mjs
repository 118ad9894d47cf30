// Answers a file of worlds with a JavaScript package, or with its snapshots: answer.mjs PACKAGE_ENTRY WORLDS OUT
// [ENGINE_ENTRY MODULE]
import { createWriteStream, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { answerWorld } from "./world.mjs";

const [entry, worlds, out, engine, module] = process.argv.slice(2);
const rolecall = await import(pathToFileURL(entry));
let SnapshotEngine;
if (engine !== undefined) {
  const { Engine, initSync } = await import(pathToFileURL(engine));
  initSync(readFileSync(module));
  SnapshotEngine = Engine;
}
const stream = createWriteStream(out);
for (const line of readFileSync(worlds, "utf8").split("\n").filter(Boolean)) {
  stream.write(`${answerWorld(rolecall, JSON.parse(line), rolecall.PortableSession, SnapshotEngine).join("\n")}\n`);
}
stream.end();
