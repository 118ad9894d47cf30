// Opens many portable sessions in the small module and drops them. Prints the bytes of its memory, early and late.
// Arguments: the entry, its module. Needs `node --expose-gc`.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { withMemories } from "./memories.mjs";

const [entry, wasm] = process.argv.slice(2);
const [{ PortableSession }, [memory]] = await withMemories(async () => {
  const copy = await import(pathToFileURL(entry));
  copy.initSync(readFileSync(wasm));
  return copy;
});
const bytes = Buffer.from(readFileSync(0, "utf8"), "hex");
const time = "2026-11-21T10:00:00Z";
const sizes = [];
for (let round = 0; round < 30; round++) {
  for (let number = 0; number < 200; number++) {
    const session = PortableSession.fromBytes(bytes, { time });
    if (session.at("elsewhere", time).coverage.is_covered) throw new Error("it covers more than it may");
  }
  gc();
  await setTimeout(2);
  if (round === 9 || round === 29) sizes.push(memory.buffer.byteLength);
}
console.log(sizes.join(" "));
