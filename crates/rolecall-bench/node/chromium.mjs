// Measures the WebAssembly binding in Chromium: chromium.mjs WORKLOAD [--quick]
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, serve } from "../../../tests/browser/chromium.mjs";

const [file, ...flags] = process.argv.slice(2);
const quick = flags.includes("--quick");
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const server = await serve({
  "/dist/": path.join(root, "bindings/js/rolecall/dist"),
  "/floor/": path.join(root, "target/bench/floor-wasm"),
  "/bench/": path.join(root, "crates/rolecall-bench/node"),
  "/workload/": path.dirname(path.resolve(file)),
});
const browser = await launch();

/** Returns the median time in milliseconds to initialize a module, each time in a new page with a warm cache. */
async function start(script, times) {
  const samples = [];
  for (let time = 0; time <= times; time++) {
    const page = await browser.newPage();
    await page.goto(server.address);
    const millis = await page.evaluate(async (script) => {
      const module = await import(script);
      const bytes = await (await fetch(script.replace("index", "rolecall").replace(".js", ".wasm"))).arrayBuffer();
      const begin = performance.now();
      await module.init(bytes);
      return performance.now() - begin;
    }, script);
    if (time > 0) samples.push(millis);
    await page.close();
  }
  return samples.sort((a, b) => a - b)[samples.length >> 1];
}

const note = (where, task, who, ns) =>
  console.log(JSON.stringify({ size: JSON.parse(readFileSync(file, "utf8")).size, where, task, who, ns }));
note("Chromium", "start", "portable.wasm", (await start("/dist/portable.js", quick ? 3 : 9)) * 1e6);
note("Chromium", "start", "snapshot.wasm", (await start("/dist/snapshot.js", quick ? 3 : 9)) * 1e6);
note("Chromium", "start", "rolecall.wasm", (await start("/dist/index.js", quick ? 3 : 9)) * 1e6);

const page = await browser.newPage();
await page.goto(server.address);
const figures = await page.evaluate(
  async ({ file, quick }) => {
    const rolecall = await import("/dist/index.js");
    const floor = await import("/floor/floor.js");
    const { named, ours } = await import("/bench/tasks.mjs");
    const snapshots = await import("/dist/snapshot.js");
    await Promise.all([rolecall.init(), snapshots.init()]);
    await floor.default({ module_or_path: "/floor/floor_bg.wasm" });
    const workload = named(await (await fetch(file)).json());
    const figures = [];
    ours(
      "Chromium",
      rolecall,
      new floor.Floor(),
      workload,
      quick,
      (where, task, who, ns) => figures.push({ size: workload.size, where, task, who, ns }),
      snapshots.Engine,
    );
    return figures;
  },
  { file: `/workload/${path.basename(file)}`, quick },
);
for (const figure of figures) console.log(JSON.stringify(figure));
await browser.close();
server.close();
