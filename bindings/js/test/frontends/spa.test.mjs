// Builds the pages of the guides for React, Vue and Angular, and opens them in Chromium with a moved clock.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";
import { built } from "./angular-files.mjs";
import { launch, links, open, picture, shows } from "./browser.mjs";
import { saved } from "./guide.mjs";

const START = new Date("2026-12-01T10:00:00Z");
const END = new Date("2027-01-01T00:00:00Z");
const WAIT = { polling: 50, timeout: 20_000 };

const PAGES = `import { h } from "vue";
const page = (text) => ({ render: () => h("h1", text) });
export const [Denied, Home, Segments, Users] = ["Denied", "Home", "Segments", "Users"].map(page);`;

const NAMES = ["Denied", "Home", "Segments", "Users"];
const ANGULAR_PAGES = `import { Component } from "@angular/core";
${NAMES.map((name) => `@Component({ template: "<h1>${name}</h1>" })\nexport class ${name} {}`).join("\n")}`;

/** What each guide leaves to the reader, and how its page is built. */
const GUIDES = {
  react: { entry: "main.jsx", body: '<div id="root"></div>', make: (root) => bundled(root, []), more: {} },
  vue: {
    entry: "main.js",
    body: '<div id="app"></div>',
    make: (root) => bundled(root, [vue()]),
    more: { "pages.js": PAGES },
  },
  angular: { entry: "main.js", body: "<app-root></app-root>", make: built, more: { "pages.ts": ANGULAR_PAGES } },
};

const bundled = (root, plugins) =>
  build({ root, configFile: false, logLevel: "error", plugins, build: { target: "es2022" } });

/** Builds the page of a guide, and serves it with the views of its server. */
async function serve(guide) {
  const { entry, body, make, more } = GUIDES[guide];
  const folder = saved(guide);
  const html = `<!doctype html><html><head><base href="/"></head><body>${body}<script type="module" src="/${entry}"></script></body></html>`;
  for (const [name, text] of Object.entries({ "index.html": html, ...more }))
    writeFileSync(path.join(folder, name), text);
  await make(folder);
  process.chdir(folder);
  const { viewOf } = await import(pathToFileURL(path.join(folder, "server.mjs")));
  const server = createServer(async (request, response) => {
    if (request.url === "/view") {
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify(viewOf(/user=([\w:]+)/.exec(request.headers.cookie)[1])));
    }
    const isFile = /\.\w+$/.test(request.url);
    const body = await readFile(path.join(folder, "dist", isFile ? request.url : "index.html"));
    response.setHeader("content-type", isFile ? "text/javascript" : "text/html");
    return response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

for (const guide of Object.keys(GUIDES)) {
  describe(`the page of the guide for ${guide}`, () => {
    let address;
    let server;

    before(async () => {
      server = await serve(guide);
      address = `http://127.0.0.1:${server.address().port}`;
    });

    beforeEach(() => {
      mock.timers.reset();
      mock.timers.enable({ apis: ["Date"], now: +START });
    });

    after(() => {
      server.closeAllConnections();
      server.close();
      process.chdir("../..");
    });

    it("shows what a user may do", async () => {
      const { page, complaints } = await open(browser, address, { time: START, user: "user:ada" });
      await shows(page, ["Home", "Segments", "Users"]);
      assert.equal(await page.textContent("button"), "Edit");
      await picture(page, guide);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });

    it("shows less when a role ends, a month later", async () => {
      const { page, complaints } = await open(browser, address, { time: START, user: "user:bo" });
      await shows(page, ["Home", "Segments"]);
      assert.equal(await page.$("button"), null);
      await page.clock.fastForward(+END - +START - 1000);
      assert.deepEqual(await links(page), ["Home", "Segments"]);
      await page.clock.runFor(1000);
      await shows(page, ["Home"]);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });

    it("notices sleep", async () => {
      const { page } = await open(browser, address, { time: START, user: "user:bo" });
      await shows(page, ["Home", "Segments"]);
      // The clock jumps, and timers wait for their time of the machine.
      await page.clock.setSystemTime(END);
      assert.deepEqual(await links(page), ["Home", "Segments"]);
      await page.evaluate(() => dispatchEvent(new Event("focus")));
      await shows(page, ["Home"]);
      await page.context().close();
    });

    it("goes on offline", async () => {
      const { page } = await open(browser, address, { time: START, user: "user:bo" });
      await shows(page, ["Home", "Segments"]);
      await page.context().setOffline(true);
      await page.clock.fastForward(+END - +START);
      await shows(page, ["Home"]);
      await page.context().close();
    });

    if (guide !== "react") {
      it("guards routes", async () => {
        const { page, complaints } = await open(browser, `${address}/access/users`, { time: START, user: "user:bo" });
        await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Denied", null, WAIT);
        await page.click("nav a:nth-child(2)");
        await page.waitForFunction(() => document.querySelector("h1").textContent === "Segments", null, {
          polling: 50,
        });
        await page.clock.fastForward(+END - +START);
        await page.waitForFunction(() => location.pathname === "/denied", null, WAIT);
        assert.deepEqual(complaints, []);
        await page.context().close();
      });
    }
  });
}
