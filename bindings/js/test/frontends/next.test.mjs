// Builds the application of the guide for Next, and runs it with a server and Chromium, with a moved clock.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it, mock } from "node:test";
import { launch, links, open, picture, shows } from "./browser.mjs";
import { saved } from "./guide.mjs";

const START = new Date("2026-12-28T10:00:00Z");
const END = new Date("2027-01-01T00:00:00Z");

/** Compare the roles of one request, in a route handler and in a page. */
const SAME = {
  "app/same/route.js": `import { getRoles } from "../../roles.js";
export async function GET() {
  const [one, other] = await Promise.all([getRoles(), getRoles()]);
  return Response.json(one !== undefined && one === other && one === (await getRoles()));
}`,
  "app/page-same/page.jsx": `import { getRoles } from "../../roles.js";
let last;
const Part = async () => <i>{String((await getRoles()) === last)}</i>;
export default async function Page() {
  const before = last;
  last = await getRoles();
  return <><b>{String(before === last)}</b><Part /></>;
}`,
};

let address;
let browser;
let folder;
let server;

before(async () => {
  folder = saved("next");
  for (const [name, text] of Object.entries(SAME)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const next = path.resolve("node_modules/next/dist/bin/next");
  execFileSync(process.execPath, [next, "build"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.chdir(folder);
  const { default: createNext } = await import("next");
  let handle;
  server = createServer((request, response) => handle(request, response));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  address = `http://127.0.0.1:${port}`;
  const app = createNext({ dev: false, dir: folder, hostname: "127.0.0.1", port });
  await app.prepare();
  handle = app.getRequestHandler();
  browser = await launch();
});

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: +START });
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  mock.timers.reset();
});

const cookie = (user) => (user === undefined ? {} : { cookie: `user=${user}` });

async function send(user, init = {}) {
  const response = await fetch(`${address}/segments`, { method: "POST", headers: cookie(user), ...init });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

describe("an application of Next", () => {
  it("answers first as the server did, and then by time", async () => {
    const html = await (await fetch(address, { headers: cookie("user:bo") })).text();
    assert.match(html, /<a href="\/segments">Segments<\/a>/);
    const { page, complaints } = await open(browser, address, { time: START, user: "user:bo" });
    assert.deepEqual(await links(page), ["Home", "Segments"]);
    assert.equal(await page.textContent("#edit"), "You may not edit.");
    await page.clock.runFor(1000);
    assert.deepEqual(await links(page), ["Home", "Segments"]);
    await page.clock.fastForward(+END - +START);
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

  it("resolves the roles once for each request", async () => {
    const headers = cookie("user:ada");
    assert.equal(await (await fetch(`${address}/same`, { headers })).json(), true);
    for (const _ of [1, 2]) {
      const page = await (await fetch(`${address}/page-same`, { headers })).text();
      assert.match(page, /<b>false<\/b><i>true<\/i>/);
    }
  });

  it("shows more to Ada", async () => {
    const { page, complaints } = await open(browser, address, { time: START, user: "user:ada" });
    assert.deepEqual(await links(page), ["Home", "Segments", "Users"]);
    assert.equal(await page.textContent("#edit"), "Edit");
    await picture(page, "next");
    await page.click("#edit button");
    await page.waitForFunction(() => document.title === "saved", null, { polling: 50, timeout: 20_000 });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("refuses, with codes", async () => {
    assert.deepEqual((await send("user:ada")).body, { saved: true });
    const denied = await send("user:bo");
    assert.equal(denied.status, 403);
    assert.match(denied.type, /^application\/problem\+json/);
    const permission = "segments:edit";
    const parts = { title: "Forbidden", status: 403, code: "forbidden", permission, reasons: ["no-grant"] };
    assert.deepEqual(denied.body, parts);
    assert.equal((await send(undefined)).status, 401);
  });

  it("runs from its standalone output", async () => {
    const output = path.join(folder, ".next/standalone");
    // The folders of the project are below the common one with the packages.
    const [entry] = readdirSync(output, { recursive: true }).filter((name) =>
      /^(?!.*node_modules).*server\.js$/.test(name),
    );
    const port = server.address().port + 1;
    const environment = { ...process.env, PORT: String(port), HOSTNAME: "127.0.0.1" };
    const standalone = spawn(process.execPath, [path.join(output, entry)], { env: environment, stdio: "ignore" });
    try {
      const deadline = performance.now() + 20_000;
      let body;
      while (body === undefined && performance.now() < deadline) {
        await new Promise((done) => setTimeout(done, 50));
        body = await fetch(`http://127.0.0.1:${port}/`, { headers: cookie("user:ada") }).then(
          (response) => response.text(),
          () => undefined,
        );
      }
      assert.match(body, /Users<\/a>/);
    } finally {
      standalone.kill();
    }
  });
});

describe("the configuration", () => {
  it("keeps what it gets", async () => {
    const { withRolecall } = await import("@rolecall/next/config");
    const config = withRolecall({
      output: "standalone",
      serverExternalPackages: ["x", "rolecall"],
      outputFileTracingIncludes: { "/a": ["a"], "/**": ["b"] },
    });
    assert.equal(config.output, "standalone");
    assert.deepEqual(config.serverExternalPackages, ["x", "rolecall", "@rolecall/node"]);
    assert.deepEqual(config.outputFileTracingIncludes["/a"], ["a"]);
    assert.equal(config.outputFileTracingIncludes["/**"][0], "b");
    assert.deepEqual(withRolecall().serverExternalPackages, ["rolecall", "@rolecall/node"]);
  });
});
