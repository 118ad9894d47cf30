// Starts Chromium, and serves folders of files on the loopback address.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(new URL("../../bindings/js/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".jsonl": "text/plain",
  ".wasm": "application/wasm",
};

/** Serves folders under path prefixes: `{ "/dist/": folder }`. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const address = new URL(request.url, "http://localhost").pathname;
    const prefix = Object.keys(folders).find((prefix) => address.startsWith(prefix));
    try {
      if (address === "/") {
        response.writeHead(200, { "content-type": TYPES[".html"] });
        response.end("<!doctype html><link rel=icon href='data:,'><title>test</title>");
        return;
      }
      const rest = address.slice(prefix.length);
      const file = path.join(folders[prefix], rest === "" ? "index.html" : rest);
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Starts Chromium without network requests of its own. */
export async function launch() {
  return chromium.launch({
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
}
