// Shows the console with both products: `cargo xtask demo` builds what it needs and runs it.
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { start } from "./servers.mjs";

const { ROLECALL_BIN: bin = "rolecall", ROLECALL_SITE: site, ROLECALL_PORT: first, ROLECALL_ONCE: once } = process.env;
const require = createRequire(process.env.ROLECALL_PACKAGES ?? import.meta.url);
// The provider warns about its development settings, which suit a demonstration.
Object.assign(console, { warn() {}, info() {} });
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

// Port 0 selects free ports.
const ports = Number(first) ? [0, 1, 2, 3, 4].map((step) => Number(first) + step) : [];
const folder = mkdtempSync(path.join(tmpdir(), "rolecall-demo-"));
const demo = await start({ bin, folder, site, dist: process.env.ROLECALL_CONSOLE_DIST, Provider, ports });
for (const { title, console: access, page } of Object.values(demo.products)) {
  console.log(`\n${title}\n  access management  ${access}\n  the product        ${page}/`);
}
console.log(
  "\nOpen both addresses of a product next to each other, and log in as different people: the menu follows every change.",
);
const stop = async () => {
  await demo.stop();
  process.exit(0);
};
if (once) await stop();
console.log("Stop with Ctrl-C.");
process.on("SIGINT", stop).on("SIGTERM", stop);
await demo.ended;
await stop();
