// Opens many portable sessions in the small module and drops them. Prints the bytes of its memory, early and late.
// Arguments: the entry, its module. Needs `node --expose-gc`.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const [entry, wasm] = process.argv.slice(2);
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...of) {
    super(...of);
    ({ memory } = this.exports);
  }
};
const { initSync, PortableSession } = await import(pathToFileURL(entry));
initSync(readFileSync(wasm));
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
