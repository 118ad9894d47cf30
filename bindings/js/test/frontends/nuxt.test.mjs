// Builds the application of the guide for Nuxt, and runs it on a server and in Chromium with a moved clock.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";
import { launch, links, open, picture, shows } from "./browser.mjs";
import { saved } from "./guide.mjs";

const START = new Date("2026-12-01T10:00:00Z");
const END = new Date("2027-01-01T00:00:00Z");

let address;
let browser;
let web;

/** The pages that the guide leaves to the reader. */
const PAGES = { index: "Home", denied: "Denied" };

before(async () => {
  const folder = saved("nuxt");
  for (const [name, title] of Object.entries(PAGES))
    writeFileSync(path.join(folder, `pages/${name}.vue`), `<template><h1>${title}</h1></template>`);
  mkdirSync(path.join(folder, "pages/access"));
  writeFileSync(
    path.join(folder, "pages/access/users.vue"),
    '<script setup>\ndefinePageMeta({ needs: "access/users:view" });\n</script>\n<template><h1>Users</h1></template>',
  );
  const nuxt = path.resolve("node_modules/nuxt/bin/nuxt.mjs");
  const environment = { ...process.env, NITRO_PRESET: "node-listener", NUXT_TELEMETRY_DISABLED: "1" };
  execFileSync(process.execPath, [nuxt, "build", "--logLevel", "silent"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: environment,
  });
  process.chdir(folder);
  const { listener } = await import(pathToFileURL(path.join(folder, ".output/server/index.mjs")));
  web = createServer((request, response) => {
    const file = path.join(folder, ".output/public", request.url.replace(/\?.*/, ""));
    if (!path.extname(file) || !existsSync(file)) return listener(request, response);
    const type = file.endsWith(".js") ? "text/javascript" : "text/css";
    return response.setHeader("content-type", type).end(readFileSync(file));
  });
  await new Promise((done) => web.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${web.address().port}`;
  browser = await launch();
});

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: +START });
});

after(async () => {
  await browser?.close();
  web?.closeAllConnections();
  web?.close();
});

const visit = (time, user, where = "/") => open(browser, address + where, { time, user });

describe("an application of Nuxt", () => {
  it("renders and guards on the server", async () => {
    const send = (user, where) =>
      fetch(address + where, { headers: user === undefined ? {} : { cookie: `user=${user}` }, redirect: "manual" });
    const page = await (await send("user:bo", "/")).text();
    assert.match(page, /Segments<\/a>/);
    assert.doesNotMatch(page, /Users<\/a>|Edit/);
    assert.equal((await send("user:ada", "/access/users")).status, 200);
    const refused = await send("user:bo", "/access/users");
    assert.deepEqual([refused.status, refused.headers.get("location")], [302, "/denied"]);
    assert.doesNotMatch(await (await send(undefined, "/")).text(), /<\/a>/);
  });

  it("answers first as the server did, and then by time", async () => {
    const { page, complaints } = await visit(START, "user:bo", "/segments");
    await shows(page, ["Home", "Segments"]);
    await page.clock.runFor(1000);
    assert.deepEqual(await links(page), ["Home", "Segments"]);
    await page.clock.fastForward(+END - +START);
    await shows(page, ["Home"]);
    // The page needs what the user has lost.
    await page.waitForFunction(() => location.pathname === "/denied", null, { polling: 50, timeout: 20_000 });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("answers first as the server did, also if a role has ended meanwhile", async () => {
    const { page, complaints } = await visit(END, "user:bo");
    await shows(page, ["Home"]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("shows more to Ada", async () => {
    const { page, complaints } = await visit(START, "user:ada");
    await shows(page, ["Home", "Segments", "Users"]);
    assert.equal(await page.textContent("button"), "Edit");
    await picture(page, "nuxt");
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
