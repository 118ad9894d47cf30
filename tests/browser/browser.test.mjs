// The npm package in Chromium: plain scripts, a bundle, and the demonstration page.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, serve } from "./chromium.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const clean = process.env.ROLECALL_CLEAN;
const shots = process.env.ROLECALL_SHOTS;
const vectors = JSON.parse(readFileSync(process.env.ROLECALL_VECTORS, "utf8"));
const example = vectors.find((vector) => vector.name === "design: the worked example");

let browser;
let files;

before(async () => {
  browser = await launch();
  files = await serve({
    "/rolecall/": path.join(clean, "node_modules/rolecall/dist"),
    "/suite/": path.join(here, "../../bindings/js/test"),
    "/bundle/": path.join(clean, "vite-dist"),
  });
});

after(async () => {
  await browser?.close();
  files?.close();
});

/** Opens a page, and collects its errors. */
async function open(address) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(address);
  return { page, errors };
}

const REQUEST = {
  subject: "user:ada",
  permission: "segments:edit",
  at: "main/acme/shop",
  context: { time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" },
};

describe("the shared vectors in Chromium", () => {
  let page;
  before(async () => {
    ({ page } = await open(files.address));
  });
  for (const vector of vectors) {
    it(vector.name, async () => {
      const failures = await page.evaluate(async (vector) => {
        const rolecall = await import("/rolecall/index.js");
        const { answerQuestion, checkCase, checkIssues, engines, opensWith } = await import("/suite/vector.mjs");
        // The module with only portable sessions opens portable sessions.
        const session = await import("/rolecall/portable.js");
        const snapshots = await import("/rolecall/snapshot.js");
        await Promise.all([rolecall.init(), session.init(), snapshots.init()]);
        opensWith(session.PortableSession);
        const compile = () => rolecall.Engine.fromJson(vector.policy, vector.directory ?? '{"rolecall":1,"scopes":[]}');
        if (vector.issues !== null) {
          try {
            compile();
          } catch (error) {
            return error instanceof rolecall.CompileError && checkIssues(vector, error.issues)
              ? []
              : ["an error of another kind"];
          }
          return ["it compiles"];
        }
        const compiled = compile();
        return [undefined, snapshots.Engine].flatMap((SnapshotEngine) => {
          const engineFor = engines(compiled, SnapshotEngine);
          return vector.cases.flatMap((one) => {
            try {
              checkCase(one, answerQuestion(engineFor, one.question));
              return [];
            } catch (error) {
              return [`${one.name}: ${error.message}`];
            }
          });
        });
      }, vector);
      assert.deepEqual(failures, []);
    });
  }
  after(() => page.close());
});

describe("starting", () => {
  const decide = async (address, start) => {
    const { page, errors } = await open(files.address);
    const decision = await page.evaluate(
      async ({ address, start, example, request }) => {
        const rolecall = await import(address);
        if (start === "async") await rolecall.init();
        if (start === "address") await rolecall.init("/rolecall/rolecall.wasm");
        if (start === "sync") {
          try {
            rolecall.Policy.fromJson("{}");
            return "it answers before initialization";
          } catch (error) {
            if (error.code !== "internal.not-started") throw error;
          }
          rolecall.initSync(await (await fetch("/rolecall/rolecall.wasm")).arrayBuffer());
        }
        return rolecall.Engine.fromJson(example.policy, example.directory).check(request);
      },
      { address, start, example, request: REQUEST },
    );
    assert.equal(decision.allow, true, JSON.stringify(decision));
    assert.deepEqual(errors, []);
    await page.close();
  };

  it("works from a plain script", () => decide("/rolecall/index.js", "async"));
  it("works from a URL", () => decide("/rolecall/index.js", "address"));
  it("starts synchronously from bytes, and throws an error if not initialized", () =>
    decide("/rolecall/index.js", "sync"));
  it("starts synchronously with the inlined module", () => decide("/rolecall/inline.js", "none"));

  it("works in a bundle of Vite without a plugin", async () => {
    const { page, errors } = await open(`${files.address}/bundle/`);
    await page.waitForFunction(() => document.body.dataset.answers !== undefined, null, { timeout: 10_000 });
    assert.deepEqual(JSON.parse(await page.evaluate(() => document.body.dataset.answers)), [true, true]);
    assert.deepEqual(errors, []);
    await page.close();
  });
});

describe("the demonstration", () => {
  let server;
  let address;

  before(async () => {
    const [command, ...words] = JSON.parse(process.env.ROLECALL_DEMO);
    server = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
    address = await new Promise((resolve, reject) => {
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
      server.stdout.once("data", (data) => resolve(String(data).trim().replace("listening on ", "")));
    });
  });

  after(() => server?.kill());

  const titles = (page) =>
    page.$$eval("#menu > li", (items) =>
      items.map((item) => (item.querySelector("summary") ?? item.querySelector("a")).textContent),
    );
  const pick = async (page, user) => {
    await page.selectOption("#user", user);
    await page.waitForFunction((user) => document.body.dataset.ready === user, user);
  };

  it("shows the Segmentation Specialist only the items that the role grants", async () => {
    const { page, errors } = await open(address);
    await page.waitForFunction(() => document.body.dataset.ready === "user:sam");
    assert.deepEqual(await titles(page), [
      "Home",
      "Profiles",
      "Insights",
      "Simulator",
      "Search",
      "Notifications",
      "Help",
      "Personal settings",
    ]);
    await page.click("text=Profiles");
    assert.deepEqual(await page.$$eval("#menu details[open] li", (items) => items.map((item) => item.textContent)), [
      "Segments",
    ]);
    await page.screenshot({ path: path.join(shots, "segmentation-specialist.png") });
    await page.click("#menu details[open] a");
    await page.waitForSelector("h1:has-text('Segments')");
    assert.equal(new URL(page.url()).pathname, "/segments");
    assert.deepEqual(errors, []);
    await page.close();
  });

  it("shows Roles in place of Access management to a user with only roles", async () => {
    const { page } = await open(address);
    await pick(page, "user:rosa");
    assert.deepEqual(await titles(page), [
      "Home",
      "Search",
      "Notifications",
      "Help",
      "Personal settings",
      "BlueConic settings",
    ]);
    await page.click("text=BlueConic settings");
    const items = await page.$$eval("#menu details[open] a", (links) =>
      links.map((link) => [link.textContent, link.getAttribute("href")]),
    );
    assert.deepEqual(items, [["Roles", "/settings/access/roles"]]);
    await page.screenshot({ path: path.join(shots, "roles-only.png") });
    await page.close();
  });

  it("updates the menu when the user changes, and supports the keyboard", async () => {
    const { page } = await open(address);
    await pick(page, "user:ada");
    const [all, some] = [await titles(page), (await pick(page, "user:ines"), await titles(page))];
    assert.ok(all.includes("AI Workbench") && all.includes("BlueConic settings"));
    assert.deepEqual(some, ["Home", "Insights", "Search", "Notifications", "Help", "Personal settings"]);
    await pick(page, "user:ada");
    await page.focus("#menu summary");
    await page.keyboard.press("Enter");
    assert.equal(await page.$$eval("#menu details[open]", (open) => open.length), 1);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Profiles");
    await page.keyboard.press("Escape");
    assert.equal(await page.$$eval("#menu details[open]", (open) => open.length), 0);
    await page.screenshot({ path: path.join(shots, "application-manager.png") });
    await page.close();
  });

  it("denies on the server every page that the browser hides, for every user", async () => {
    const { page } = await open(address);
    await page.waitForFunction(() => document.body.dataset.ready !== undefined);
    const users = await page.$$eval("#user option", (options) => options.map((option) => option.value));
    assert.equal(users.length, 10);
    for (const user of users) {
      await pick(page, user);
      const hidden = await page.$$eval("#hidden a", (links) => links.map((link) => link.getAttribute("href")));
      const shown = await page.$$eval("#menu a", (links) => links.map((link) => link.getAttribute("href")));
      const statuses = (paths) =>
        page.evaluate((paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)), paths);
      assert.ok(
        (await statuses(hidden)).every((status) => status === 403),
        user,
      );
      assert.ok(
        (await statuses(shown)).every((status) => status === 200),
        user,
      );
    }
    await page.close();
  });

  it("shows an error page for a hidden address", async () => {
    const { page } = await open(address);
    await pick(page, "user:sam");
    const response = await page.goto(`${address}/settings/access/users`);
    assert.equal(response.status(), 403);
    assert.equal(await page.textContent("h1"), "Access denied");
    assert.equal(await page.textContent("#reasons"), "no-grant");
    await page.screenshot({ path: path.join(shots, "denied.png") });
    await page.close();
  });
});
