// Builds the application of the guide for SvelteKit, and runs it on a server with a moved clock.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, beforeEach, describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";
import { getRequest, setResponse } from "@sveltejs/kit/node";
import { launch, links as shown, open, picture, shows } from "./browser.mjs";
import { saved } from "./guide.mjs";

const START = Date.parse("2026-12-28T10:00:00Z");
const END = Date.parse("2027-01-01T00:00:00Z");

let server;
let web;
let browser;
let address;

before(async () => {
  const folder = saved("svelte");
  const write = (name, text) => writeFileSync(path.join(folder, name), text);
  write("svelte.config.js", "export default { kit: {} };");
  write(
    "vite.config.js",
    'import { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit()] };',
  );
  write("src/app.html", "<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>");
  execFileSync(process.execPath, [path.resolve("node_modules/vite/bin/vite.js"), "build", "--logLevel=error"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const output = path.join(folder, ".svelte-kit/output/server");
  const { Server } = await import(pathToFileURL(path.join(output, "index.js")));
  const { manifest } = await import(pathToFileURL(path.join(output, "manifest.js")));
  server = new Server(manifest);
  process.chdir(folder);
  await server.init({ env: {} });
  web = createServer(async (request, response) => {
    const file = path.join(folder, ".svelte-kit/output/client", request.url);
    if (request.url !== "/" && existsSync(file))
      return response.setHeader("content-type", "text/javascript").end(readFileSync(file));
    const asked = await getRequest({ base: address, request });
    return setResponse(response, await server.respond(asked, { getClientAddress: () => "192.0.2.1" }));
  });
  await new Promise((done) => web.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${web.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  web?.closeAllConnections();
  web?.close();
});

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: START });
});

async function send(address, user, method = "GET") {
  const headers = user === undefined ? {} : { cookie: `user=${user}`, accept: "application/json" };
  const request = new Request(`http://localhost${address}`, { method, headers });
  const response = await server.respond(request, { getClientAddress: () => "192.0.2.1" });
  return { status: response.status, body: await response.text() };
}

const links = ({ body }) => [...body.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href);

describe("an application of SvelteKit", () => {
  it("renders what the user may do", async () => {
    const page = await send("/", "user:ada");
    assert.deepEqual(links(page), ["/", "/segments", "/access/users"]);
    assert.match(page.body, /<button>Edit/);
    const other = await send("/", "user:bo");
    assert.deepEqual(links(other), ["/", "/segments"]);
    assert.doesNotMatch(other.body, /<button>Edit/);
    // The role of Bo ends.
    mock.timers.setTime(END);
    assert.deepEqual(links(await send("/", "user:bo")), ["/"]);
    assert.deepEqual(links(await send("/")), []);
  });

  it("answers first as the server did, and then by time", async () => {
    const { page, complaints } = await open(browser, address, { time: START, user: "user:bo" });
    await shows(page, ["Home", "Segments"]);
    await page.waitForFunction(() => document.body.querySelector("nav") !== null);
    await page.clock.fastForward(END - START);
    await shows(page, ["Home"]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("answers first as the server did, also if a role has ended meanwhile", async () => {
    const { page, complaints } = await open(browser, address, { time: END, user: "user:bo" });
    await shows(page, ["Home"]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("shows more to Ada", async () => {
    const { page } = await open(browser, address, { time: START, user: "user:ada" });
    assert.deepEqual(await shown(page), ["Home", "Segments", "Users"]);
    await picture(page, "svelte");
    await page.context().close();
  });

  it("refuses", async () => {
    assert.deepEqual(await send("/segments", "user:ada", "POST"), { status: 200, body: "saved" });
    const denied = await send("/segments", "user:bo", "POST");
    assert.equal(denied.status, 403);
    const permission = "segments:edit";
    const parts = { title: "Forbidden", status: 403, code: "forbidden", permission, reasons: ["no-grant"] };
    assert.deepEqual(JSON.parse(denied.body), { message: "Forbidden", ...parts });
    assert.equal((await send("/segments", undefined, "POST")).status, 401);
  });
});
