// The protection of the console: headers, caching, the return after login, forged requests, and other tenants.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, logIn, startProducts } from "./harness.mjs";

let demo;
let url;
before(async () => {
  demo = await startProducts({ people: 5 });
  url = demo.products.blueconic.url;
});
after(() => demo?.stop());

const get = (path, init) => fetch(url + path, { redirect: "manual", ...init });

test("the page has a strict policy, runs nothing inline and is not shown in a frame", async () => {
  const page = await get("/console/acme/users");
  const policy = page.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'.*script-src 'self' 'wasm-unsafe-eval'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("x-frame-options"), "DENY");
  const html = await page.text();
  assert.doesNotMatch(html, /<style|<script(?![^>]*\bsrc=)|\son\w+=|style=/);
});

test("files are kept by browsers and proxies, the page is asked for again", async () => {
  const html = await (await get("/console/")).text();
  const [script] = html.match(/assets\/index-[^"]+\.js/);
  const file = await get(`/console/${script}`, { headers: { "accept-encoding": "br" } });
  assert.equal(file.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(file.headers.get("content-encoding"), "br");
  assert.match(file.headers.get("vary"), /accept-encoding/);
  const head = await get(`/console/${script}`, { method: "HEAD" });
  assert.deepEqual([head.status, (await head.text()).length], [200, 0]);
  const page = await get("/console/");
  const again = await get("/console/acme/roles", { headers: { "if-none-match": page.headers.get("etag") } });
  assert.deepEqual([page.headers.get("cache-control"), again.status], ["no-cache", 304]);
  assert.equal((await get("/console/assets/gone-1a2b3c4d.js")).status, 404);
  assert.equal((await get("/console/", { method: "POST" })).status, 405);
});

test("a login returns to the server's own pages only", async () => {
  for (const to of [
    "https://evil.example/",
    "//evil.example/",
    "http://127.0.0.1.evil.example/",
    "javascript:alert(1)",
  ]) {
    const answer = await get(`/v1/login/demo?return_to=${encodeURIComponent(to)}`);
    assert.equal(answer.status, 400, to);
    assert.equal(answer.headers.get("location"), null, to);
  }
  const own = await get(`/v1/login/demo?return_to=${encodeURIComponent(`${url}/console/acme/audit`)}`);
  assert.equal(own.status, 303);
});

test("another page cannot act in the session, and another tenant is not seen", async () => {
  const browser = await launch("chromium");
  try {
    const page = await browser.page();
    await logIn(page, `${url}/console/`, "user:mara");
    const send = (headers, path = "/v1/administration/commands") =>
      page.evaluate(
        async ({ headers, path }) => {
          const body = JSON.stringify({ command: { "suspend-subject": { subject: "user:tom" } } });
          const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
          return (await fetch(path, path.includes("?") ? {} : init)).status;
        },
        { headers, path },
      );
    assert.equal(await send({}), 403);
    assert.equal(await send({ "rolecall-csrf": "guess" }), 403);
    // The page has no cookie that scripts can read.
    assert.equal(await page.evaluate(() => document.cookie), "");
    const scopes = await page.evaluate(async () => (await fetch("/v1/session/scopes")).text());
    assert.match(scopes, /"acme"/);
    assert.doesNotMatch(scopes, /northlight/);
    for (const path of ["access", "roles", "events", "matrix"]) {
      const more = path === "matrix" ? "&of=people-roles" : "";
      const text = await page.evaluate(
        async (path) => (await fetch(path)).text(),
        `/v1/administration/${path}?at=acme${more}`,
      );
      assert.doesNotMatch(text, /northlight|olga|nils/i, path);
    }
    await page.close();
  } finally {
    await browser.close();
  }
});
