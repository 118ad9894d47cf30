// Answers a file of worlds with the npm package `rolecall` in Chromium: chromium.mjs WORLDS OUT
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, serve } from "../browser/chromium.mjs";

const [worlds, out] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const server = await serve({
  "/dist/": path.join(here, "../../bindings/js/rolecall/dist"),
  "/tests/parity/": here,
  "/bindings/js/test/": path.join(here, "../../bindings/js/test"),
  "/worlds/": path.dirname(worlds),
});
const browser = await launch();
const page = await browser.newPage();
await page.goto(server.address);
const text = await page.evaluate(
  async (file) => {
    const rolecall = await import("/dist/index.js");
    const { answerWorld } = await import("/tests/parity/world.mjs");
    // A separate module opens portable sessions.
    const session = await import("/dist/portable.js");
    await Promise.all([rolecall.init(), session.init()]);
    const lines = (await (await fetch(file)).text()).split("\n").filter(Boolean);
    return lines.flatMap((line) => answerWorld(rolecall, JSON.parse(line), session.PortableSession)).join("\n");
  },
  `/worlds/${path.basename(worlds)}`,
);
writeFileSync(out, `${text}\n`);
await browser.close();
server.close();
