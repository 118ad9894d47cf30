// Tests the packages for web servers, each in its framework, with every kind of engine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";

const require = createRequire(path.join(process.cwd(), "package.json"));
const { Engine } = require("rolecall");
const { Engine: NativeEngine } = require("@rolecall/node");
const express = require("express");
const Fastify = require("fastify");
const { Hono } = require("hono");

const POLICY = {
  rolecall: 1,
  scopes: ["account", "site"],
  labels: ["pii"],
  resources: { segments: { actions: ["view", "edit"] } },
  roles: { viewer: { grants: ["segments:view"] }, editor: { inherits: ["viewer"], grants: ["segments:edit"] } },
  menus: { main: [{ id: "segments", title: "Segments", href: "/segments", needs: "segments:view" }] },
};
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme", "acme/shop", "acme/blog"],
  subjects: { "user:ada": {}, "user:bo": {} },
  assignments: [
    { subject: "user:ada", role: "editor", at: "acme/shop", until: "2026-11-21T11:00:00Z" },
    { subject: "user:ada", role: "viewer", at: "acme" },
    { subject: "user:bo", role: "editor", at: "acme/blog" },
  ],
  settings: { "acme/blog": { ip_allow: ["203.0.113.0/24"] } },
};
const START = "2026-11-21T10:00:00Z";
const labels = (text) => ({ labels: text === undefined || text === "" ? [] : text.split(",") });

/** Each framework as a function that sends a request and returns status, content type and body. */
const frameworks = {
  async express(source, now) {
    const { createRoles } = require("@rolecall/express");
    const roles = createRoles(source, { subject: (request) => request.get("x-user"), at: "acme/:site", now });
    const app = express();
    app.set("trust proxy", true);
    app.post(
      "/:site/segments",
      roles.needs("segments:edit", { resource: (request) => labels(request.query.labels) }),
      (request, response) => response.json({ edited: request.params.site }),
    );
    app.get("/all", roles.needs("segments:view", { at: "acme" }), (_, response) => response.json("all"));
    app.get("/:site/menu", async (request, response) => {
      const session = await roles.session(request);
      response.json(session === undefined ? [] : session.menu("main").items.map(({ id }) => id));
    });
    const server = app.listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    return [sender(`http://127.0.0.1:${server.address().port}`, fetch), () => server.close()];
  },
  async fastify(source, now) {
    const { createRoles } = require("@rolecall/fastify");
    const roles = createRoles(source, { subject: async (request) => request.headers["x-user"], at: "acme/:site", now });
    const app = Fastify({ trustProxy: true });
    const needed = roles.needs("segments:edit", { resource: async (request) => labels(request.query.labels) });
    app.post("/:site/segments", { preHandler: needed }, async (request) => ({ edited: request.params.site }));
    app.get("/all", { preHandler: roles.needs("segments:view", { at: () => "acme" }) }, async () =>
      JSON.stringify("all"),
    );
    app.get("/:site/menu", async (request) => {
      const session = await roles.session(request);
      return session === undefined ? [] : session.menu("main").items.map(({ id }) => id);
    });
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    return [sender(address, fetch), () => app.close()];
  },
  async hono(source, now) {
    const { createRoles } = require("@rolecall/hono");
    const roles = createRoles(source, {
      subject: (context) => context.req.header("x-user"),
      at: "acme/:site",
      address: (context) => context.req.header("x-forwarded-for"),
      now,
    });
    const app = new Hono();
    const needed = roles.needs("segments:edit", { resource: (context) => labels(context.req.query("labels")) });
    app.post("/:site/segments", needed, (context) => context.json({ edited: context.req.param("site") }));
    app.get("/all", roles.needs("segments:view", { at: "acme" }), (context) => context.json("all"));
    app.get("/:site/menu", async (context) => {
      const session = await roles.session(context);
      return context.json(session === undefined ? [] : session.menu("main").items.map(({ id }) => id));
    });
    return [sender("http://localhost", (address, init) => app.request(address, init)), () => {}];
  },
};

const sender =
  (base, send) =>
  async (method, address, user, headers = {}) => {
    const response = await send(base + address, { method, headers: user ? { "x-user": user, ...headers } : headers });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      body: text === "" ? "" : parsed(text),
    };
  };

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

for (const [name, serve] of Object.entries(frameworks)) {
  describe(name, () => {
    const engine = () => Engine.fromJson(JSON.stringify(POLICY), JSON.stringify(DIRECTORY));
    let time = START;
    const now = () => new Date(time);
    const with_ = async (source, run) => {
      time = START;
      const [ask, close] = await serve(source, now);
      try {
        await run(ask);
      } finally {
        await close();
      }
    };

    it("answers by the roles of the user", () =>
      with_(engine(), async (ask) => {
        assert.deepEqual((await ask("POST", "/shop/segments", "user:ada")).body, { edited: "shop" });
        assert.deepEqual((await ask("GET", "/shop/menu", "user:ada")).body, ["segments"]);
        assert.deepEqual((await ask("GET", "/all", "user:ada")).body, "all");
        assert.deepEqual((await ask("GET", "/shop/menu")).body, []);
        assert.equal((await ask("POST", "/blog/segments", "user:ada")).status, 403);
      }));

    it("shows codes", () =>
      with_(engine(), async (ask) => {
        const refused = await ask("POST", "/shop/segments", "user:bo");
        assert.match(refused.type, /^application\/problem\+json/);
        const permission = "segments:edit";
        const body = { title: "Forbidden", status: 403, code: "forbidden", permission, reasons: ["no-grant"] };
        assert.deepEqual(refused.body, body);
        const nobody = await ask("POST", "/shop/segments");
        assert.deepEqual(nobody.body, { title: "Unauthorized", status: 401, code: "unauthenticated" });
        assert.equal(nobody.status, 401);
        const item = await ask("POST", "/shop/segments?labels=pii", "user:ada");
        assert.deepEqual([item.status, item.body.reasons], [403, ["label:pii"]]);
      }));

    it("counts the address of the client", () =>
      with_(engine(), async (ask) => {
        const from = (address) => ask("POST", "/blog/segments", "user:bo", { "x-forwarded-for": address });
        assert.equal((await from("203.0.113.9")).status, 200);
        assert.deepEqual((await from("198.51.100.9")).body.reasons, ["ip-denied"]);
        if (name === "hono") assert.deepEqual((await from("nonsense")).body.reasons, ["ip-missing"]);
      }));

    it("denies scopes that do not exist", () =>
      with_(engine(), async (ask) => {
        for (const site of ["none", "Not%20a%20name", "shop%2Fx", "..%2Fother", "-"]) {
          const { status } = await ask("POST", `/${site}/segments`, "user:ada");
          assert.ok([403, 404].includes(status), `${site} ${status}`);
        }
      }));

    it("follows the time, changes, functions and connections, on every engine", async () => {
      for (const make of [engine, () => NativeEngine.fromJson(JSON.stringify(POLICY), JSON.stringify(DIRECTORY))]) {
        const own = make();
        for (const source of [own, { current: own }, () => own, async () => own]) {
          await with_(source, async (ask) => {
            assert.equal((await ask("POST", "/shop/segments", "user:ada")).status, 200);
            time = "2026-11-21T11:00:00Z";
            assert.equal((await ask("POST", "/shop/segments", "user:ada")).status, 403);
            own.apply({ assign: { subject: "user:ada", role: "editor", at: "acme" } });
            assert.equal((await ask("POST", "/shop/segments", "user:ada")).status, 200);
            own.apply({ withdraw: { subject: "user:ada", role: "editor", at: "acme" } });
          });
        }
      }
    });

    it("finds mistakes at start", () => {
      const { createRoles } = require(`@rolecall/${name}`);
      const options = { subject: () => "user:ada", at: "acme" };
      assert.throws(() => createRoles(engine(), options).needs("segments:fly"), { code: "permission.unknown" });
      assert.throws(() => createRoles(engine(), options).needs("segments:view", { resources: 1 }), /resources/);
      assert.throws(() => createRoles(engine(), { ...options, time: 1 }), /`time`/);
      assert.throws(() => createRoles(engine(), { at: "acme" }), /`subject`/);
      for (const at of ["acme/:", "acme/:a-b", undefined])
        assert.throws(() => createRoles(engine(), { ...options, at }));
    });

    it("has an example that runs", () => {
      const folder = path.join(process.cwd(), `example-${name}`);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      writeFileSync(path.join(folder, "policy.json"), JSON.stringify(POLICY));
      writeFileSync(path.join(folder, "directory.json"), JSON.stringify(DIRECTORY));
      const readme = readFileSync(path.join(process.cwd(), `node_modules/@rolecall/${name}/README.md`), "utf8");
      const [, code] = /^```js\n(.*?)^```$/ms.exec(readme);
      const ends = {
        express: "process.exit(0);",
        fastify: "await app.close();",
        hono: 'console.log((await app.request("/shop/menu", { headers: { "x-user": "user:ada" } })).status);',
      };
      const program = code.replace("app.listen(3000,", "app.listen(0,").replace("port: 3000", "port: 0");
      writeFileSync(path.join(folder, "server.mjs"), `${program}\n${ends[name]}\n`);
      const printed = execFileSync(process.execPath, ["server.mjs"], { cwd: folder, encoding: "utf8" });
      if (name === "hono") assert.equal(printed, "200\n");
    });
  });
}

it("a scope needs the parts of its path", async () => {
  const { createRoles } = require("@rolecall/hono");
  const engine = Engine.fromJson(JSON.stringify(POLICY), JSON.stringify(DIRECTORY));
  const app = new Hono();
  const roles = createRoles(engine, { subject: () => "user:ada", at: "acme/:site" });
  app.get("/x", roles.needs("segments:view"), (context) => context.text("x"));
  app.onError((error, context) => context.text(error.message, 500));
  assert.match(await (await app.request("/x")).text(), /has no part `:site`/);
});

it("a polled snapshot is downloaded, compared by its tag and used for a while", async (context) => {
  const { polled } = require("@rolecall/hono");
  let now = 1_000_000;
  context.mock.method(Date, "now", () => now);
  const engine = Engine.fromJson(JSON.stringify(POLICY), JSON.stringify(DIRECTORY));
  const sent = [];
  let [tag, status] = ['"1"', 200];
  const own = async (address, { headers, redirect }) => {
    sent.push([address, headers.authorization, headers["if-none-match"], redirect]);
    if (status !== 200) return new Response("", { status });
    if (headers["if-none-match"] === tag) return new Response(null, { status: 304 });
    return new Response(engine.toSnapshot(), { headers: { etag: tag } });
  };
  const source = polled(Engine, "https://roles.example.com/", { token: "secret", maxAge: 60, fetch: own });
  const asks = async () => (await source()).canByNames("user:ada", "segments:edit", "acme/shop", Date.parse(START));
  assert.equal(await asks(), true);
  assert.equal(await asks(), true);
  assert.deepEqual(sent, [["https://roles.example.com/v1/snapshot", "Bearer secret", undefined, "manual"]]);
  now += 10_000;
  assert.equal(await asks(), true);
  assert.equal(sent[1][2], '"1"');
  assert.ok(engine.apply({ set_subject: { subject: "user:ada", status: "suspended" } }));
  [tag, now] = ['"2"', now + 10_000];
  assert.equal(await asks(), false);
  // While the server is unreachable, the last snapshot answers for a while.
  for (const other of [503, 302]) {
    status = other;
    now += 20_000;
    assert.equal(await asks(), false);
  }
  now += 21_000;
  await assert.rejects(asks(), /302/);
});
