// Answers a file of worlds with a JavaScript package: answer.mjs PACKAGE_ENTRY WORLDS OUT
import { createWriteStream, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { answerWorld } from "./world.mjs";

const [entry, worlds, out] = process.argv.slice(2);
const rolecall = await import(pathToFileURL(entry));
const stream = createWriteStream(out);
for (const line of readFileSync(worlds, "utf8").split("\n").filter(Boolean)) {
  stream.write(`${answerWorld(rolecall, JSON.parse(line)).join("\n")}\n`);
}
stream.end();
