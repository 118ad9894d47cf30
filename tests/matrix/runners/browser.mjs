// Runs a bundle in Chromium under a strict content security policy: `node browser.mjs KIND FILE`. The kinds are `module`,
// `classic`, `module-worker`, `classic-worker` and `import-map`, whose file is a probe that is not bundled.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import path from "node:path";

const [kind, file] = process.argv.slice(2);
const require = createRequire(path.join(process.env.ROLECALL_TOOLS, "package.json"));
const { chromium } = require("playwright-core");
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const POLICY =
  "default-src 'none'; img-src data:; script-src 'self' 'nonce-matrix' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' http://127.0.0.1:*";
const entry = `/${path.relative(process.cwd(), path.resolve(file))}`;
const worker = (options) => `const worker = new Worker("${entry}"${options});
worker.onmessage = ({ data }) => console.log(data);
worker.onerror = ({ message }) => console.log(message);`;

/** Returns the import map of the package `rolecall`: each entry, as a browser would load it. */
async function imports() {
  const manifest = JSON.parse(await readFile("node_modules/rolecall/package.json", "utf8"));
  const address = (target) =>
    typeof target === "string" ? target : address(target.default ?? target.import ?? target.require);
  const entries = Object.entries(manifest.exports).map(([name, target]) => [
    path.posix.join("rolecall", name),
    path.posix.join("/node_modules/rolecall", address(target)),
  ]);
  return JSON.stringify({ imports: Object.fromEntries(entries) });
}

const script = {
  module: () => `<script type="module" src="${entry}"></script>`,
  classic: () => `<script src="${entry}"></script>`,
  "module-worker": () => `<script nonce="matrix">${worker(', { type: "module" }')}</script>`,
  "classic-worker": () => `<script nonce="matrix">${worker("")}</script>`,
  "import-map": async () => `<script type="importmap" nonce="matrix">${await imports()}</script>
<script type="module" nonce="matrix">
import probe from "${entry}";
probe().then((answer) => console.log(answer === true ? "yes" : "answer: " + answer), (error) => console.log(String(error)));
</script>`,
}[kind];
const page = `<!doctype html><link rel=icon href="data:,">${await script()}`;

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const body = pathname === "/" ? page : await readFile(`.${pathname}`).catch(() => undefined);
  const type = pathname === "/" ? "text/html" : (TYPES[path.extname(pathname)] ?? "application/octet-stream");
  response.writeHead(body === undefined ? 404 : 200, { "content-type": type, "content-security-policy": POLICY });
  response.end(body);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const browser = await chromium.launch({
  executablePath: process.env.ROLECALL_CHROMIUM,
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const tab = await browser.newPage();
  const answer = new Promise((done) => {
    // The answer follows a line about a file that is missing.
    tab.on("console", (message) => message.text().startsWith("Failed to load resource") || done(message.text()));
    tab.on("pageerror", (error) => done(String(error)));
    setTimeout(() => done("no answer"), 15_000).unref();
  });
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  const text = await answer;
  console.log(text);
  process.exitCode = text === "yes" ? 0 : 1;
} finally {
  await browser.close();
  server.close();
}
process.exit();
