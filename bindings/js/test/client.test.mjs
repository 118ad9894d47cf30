// Tests connections to a server. `ROLECALL_PACKAGE` names the package, `ROLECALL_BIN` the server's command.

import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { SnapshotEngine } from "./load.mjs";

const name = process.env.ROLECALL_PACKAGE;
// Resolved as modules of the folder where the tests run.
const from = (entry) => import(pathToFileURL(join(process.cwd(), `import-${entry.replace(/\W/g, "-")}.mjs`)));
const { PortableSession, ...whole } = await from(name);
const Engine = SnapshotEngine ?? whole.Engine;
const { Application, ClientError, connect, FilterClient, LoginSession, openPass } = await from(`${name}/client`);

const BIN = process.env.ROLECALL_BIN;
const TOKEN = "a token of this test";
const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  resources: { segments: { actions: ["view", "edit"] }, users: { actions: ["edit"] } },
  roles: {
    viewer: { grants: ["segments:view"] },
    editor: { inherits: ["viewer"], grants: ["segments:edit"] },
    owner: { inherits: ["editor"], grants: ["users:edit"] },
  },
  administration: {
    assign: "users:edit",
    withdraw: "users:edit",
    "add-app": "users:edit",
    "add-secret": "users:edit",
    "remove-secret": "users:edit",
  },
};
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:olga": {}, "user:ada": {} },
  assignments: [
    { subject: "user:olga", role: "owner", at: "acme" },
    { subject: "user:ada", role: "viewer", at: "acme" },
  ],
};

let folder;
let server;
let url;

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

async function start() {
  server = spawn(BIN, ["serve", "--config", join(folder, "server.json")], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done, failed) => {
    server.stdout.once("data", done);
    server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
  });
}

async function stop(signal = "SIGTERM") {
  const ended = new Promise((done) => server.once("exit", done));
  server.kill(signal);
  await ended;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "rolecall-"));
  const write = (file, value) => writeFileSync(join(folder, file), JSON.stringify(value));
  write("policy.json", POLICY);
  write("directory.json", DIRECTORY);
  const run = (...args) => execFileSync(BIN, args, { cwd: folder });
  run("admin", "init", "--store", "acme.rolecall", "--policy", "policy.json", "--directory", "directory.json");
  run("keys", "rotate", "keys.json");
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  write("server.json", {
    rolecall: 1,
    listen: `127.0.0.1:${port}`,
    store: "acme.rolecall",
    passes: { keys: "keys.json" },
    tokens: [
      {
        subject: "app:backend",
        sha256: createHash("sha256").update(TOKEN).digest("hex"),
        may: ["evaluate", "pass", "snapshot", "administer"],
        acts_for_others: true,
      },
    ],
  });
  await start();
});

after(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

async function post(path, body, headers = {}) {
  const all = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers };
  const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body), headers: all });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

const pass = async (subject = "user:ada") => (await post("/v1/passes", { subject, at: "acme" })).pass;
const give = (verb) =>
  post(
    "/v1/administration/commands",
    { command: { [verb]: { subject: "user:ada", role: "editor", at: "acme" } } },
    { "rolecall-actor": "user:olga" },
  );
const keys = async () => (await fetch(`${url}/.well-known/jwks.json`)).json();

async function until(what, message) {
  for (let round = 0; round < 1000; round += 1) {
    if (what()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.fail(message);
}

const mayEdit = (engine) =>
  engine.can({
    subject: "user:ada",
    permission: "segments:edit",
    at: "acme",
    context: { time: new Date().toISOString() },
  });

test("a server follows every change", async () => {
  const live = await connect(Engine, url, { token: TOKEN });
  let changes = 0;
  live.onChange(() => {
    changes += 1;
  });
  await until(() => live.connection.connected, "it does not connect");
  assert.equal(mayEdit(live.current), false);
  await give("assign");
  await until(() => mayEdit(live.current), "the role does not arrive");
  await give("withdraw");
  await until(() => !mayEdit(live.current), "the role stays");
  assert.ok(changes >= 2);
  live.close();
});

test("a redirect is rejected", async () => {
  const elsewhere = createHttpServer((request, response) =>
    response.writeHead(307, { location: url + request.url }).end(),
  );
  await new Promise((done) => elsewhere.listen(0, "127.0.0.1", done));
  const { port } = elsewhere.address();
  await assert.rejects(connect(Engine, `http://127.0.0.1:${port}`, { token: TOKEN }), { code: "client.unreachable" });
  await assert.rejects(LoginSession.page(`http://127.0.0.1:${port}`), { code: "client.unreachable" });
  await new Promise((done) => elsewhere.close(done));
});

test("a runtime that rejects options of browsers follows a server", async (context) => {
  // As workerd does.
  const Own = Request;
  class Strict extends Own {
    constructor(input, init = {}) {
      if ("cache" in init) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
      super(input, init);
    }
  }
  globalThis.Request = Strict;
  context.after(() => {
    globalThis.Request = Own;
  });
  const strict = async (input, init = {}) => {
    if ("cache" in init) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
    if (!["follow", "manual", undefined].includes(init.redirect)) throw new TypeError("Invalid redirect value");
    return fetch(input, init);
  };
  const live = await connect(Engine, url, { token: TOKEN, fetch: strict });
  await until(() => live.connection.connected, "it does not connect");
  assert.equal(mayEdit(live.current), false);
  await give("assign");
  await until(() => mayEdit(live.current), "the role does not arrive");
  await give("withdraw");
  await until(() => !mayEdit(live.current), "the role stays");
  live.close();
});

test("a browser follows the changes of its subject", async () => {
  const expected = { keys: await keys(), issuer: url };
  const live = await connect(PortableSession, url, { pass, expected });
  await until(() => live.connection.connected, "it does not connect");
  assert.deepEqual([live.current.can("segments:view"), live.current.can("segments:edit")], [true, false]);
  await give("assign");
  await until(() => live.current.can("segments:edit"), "the role does not arrive");
  await give("withdraw");
  await until(() => !live.current.can("segments:edit"), "the role stays");
  live.close();
});

test("a connection answers while the server is unreachable, and reports that", async () => {
  const servers = await connect(Engine, url, { token: TOKEN });
  const brief = await connect(Engine, url, { token: TOKEN, maxAge: 50 });
  const browser = await connect(PortableSession, url, { pass });
  const all = [servers, brief, browser];
  await until(() => all.every((live) => live.connection.connected), "they do not connect");
  await stop("SIGKILL");
  await until(
    () => all.every((live) => !live.connection.connected),
    "no connection reports that the server is unreachable",
  );
  assert.equal(mayEdit(servers.current), false);
  assert.equal(browser.current.can("segments:view"), true);
  await until(() => {
    try {
      return !brief.current;
    } catch (error) {
      return error.code === "client.stale";
    }
  }, "it answers for too long");
  await start();
  await give("assign");
  await until(() => all.every((live) => live.connection.connected), "they do not reconnect");
  await until(
    () => mayEdit(servers.current) && mayEdit(brief.current) && browser.current.can("segments:edit"),
    "missed changes do not arrive",
  );
  await give("withdraw");
  for (const live of all) live.close();
});

test("a closed connection becomes too old", async () => {
  const stale = (live) => () => {
    try {
      return !live.current;
    } catch (error) {
      return error.code === "client.stale";
    }
  };
  const closed = await connect(Engine, url, { token: TOKEN, maxAge: 50 });
  const states = [];
  closed.onChange(({ connection }) => states.push(connection.connected));
  await until(() => closed.connection.connected, "it does not connect");
  assert.equal(mayEdit(closed.current), false);
  closed.close();
  assert.equal(closed.connection.connected, false);
  await until(stale(closed), "it does not become too old");
  assert.ok(
    states.every((connected) => connected),
    "closing notifies listeners",
  );
});

test("unknown options and invalid bounds are rejected", async () => {
  const refused = (message) => (error) =>
    error instanceof ClientError && error.code === "client.options" && message.test(error.message);
  for (const maxAge of [NaN, Infinity, -1, "60000", null, 7 * 24 * 3_600_000]) {
    await assert.rejects(
      connect(Engine, url, { token: TOKEN, maxAge }),
      refused(/a number of milliseconds, at most 86400000/),
      String(maxAge),
    );
  }
  const text = await pass();
  const expected = { keys: await keys(), issuer: url };
  for (const [work, name] of [
    [() => connect(Engine, url, { token: TOKEN, maxage: 5 }), "maxage"],
    [() => connect(PortableSession, url, { pass, expect: expected }), "expect"],
    [() => openPass(PortableSession, text, { expect: expected }), "expect"],
    [() => openPass(PortableSession, text, { expected: { ...expected, audiance: "shop" } }), "audiance"],
    [
      () =>
        openPass(PortableSession, text, {
          get expected() {
            return undefined;
          },
        }),
      "expected",
    ],
    [() => openPass(PortableSession, text, Object.create({ expected })), "plain object"],
    [() => openPass(PortableSession, text, new Map([["expected", expected]])), "plain object"],
    [() => openPass(PortableSession, text, { expected, time: Date.now() }), "time"],
    [() => openPass(PortableSession, text, { expected }, {}), "arguments"],
    [() => connect(Engine, url, { token: TOKEN }, {}), "arguments"],
  ]) {
    await assert.rejects(work, refused(new RegExp(name)), String(work));
  }
});

test("a connection cannot be sent to another thread, where it would not be updated", async () => {
  const all = [await connect(Engine, url, { token: TOKEN }), await connect(PortableSession, url, { pass })];
  for (const live of all) {
    assert.throws(() => structuredClone(live), { name: "DataCloneError" });
    assert.throws(() => new MessageChannel().port1.postMessage({ live }), { name: "DataCloneError" });
    live.close();
  }
});

test("a connection drops its answers when the login session ends, however it learns of that", async () => {
  const [first, second] = [await pass(), await pass()];
  const refused = (code) => Response.json({ error: { code, message: "log in again" } }, { status: 401 });
  for (const [stream, renewed] of [
    // The stream reports new answers that cannot be fetched; or the stream ends and cannot be reopened.
    ["event: changed\ndata: {}\n\n", "session.ended"],
    ["event: changed\ndata: {}\n\n", "session.pass"],
    ["event: ended\ndata: {}\n\n", "session.ended"],
    ["", "session.ended"],
    ["", "pass.key"],
  ]) {
    let who = "ada";
    let streams = 0;
    const live = await connect(PortableSession, url, {
      pass: () => {
        if (who !== "nobody") return who === "ada" ? first : second;
        throw new ClientError("session.missing", "nobody is logged in");
      },
      fetch: async (address, init) => {
        if (address.endsWith("/renew")) return refused(renewed);
        if (init.headers.authorization.endsWith(second)) return fetch(address, init);
        streams += 1;
        if (streams > 1) return refused(renewed);
        who = "nobody";
        return new Response(stream);
      },
    });
    const how = `${stream} ${renewed}`;
    assert.equal(live.current.can("segments:view"), true, how);
    await until(() => {
      try {
        return !live.current;
      } catch (error) {
        return error.code === "client.ended";
      }
    }, `it goes on to answer: ${how}`);
    assert.equal(live.connection.connected, false, how);
    // After a new login it answers again.
    who = "ada again";
    await until(() => live.connection.connected, `it does not reconnect: ${how}`);
    assert.equal(live.current.can("segments:view"), true, how);
    live.close();
  }
});

test("a listener that throws does not affect other listeners", async (t) => {
  const thrown = [];
  const { queueMicrotask } = globalThis;
  t.mock.method(globalThis, "queueMicrotask", (work) =>
    queueMicrotask(() => {
      try {
        work();
      } catch (error) {
        thrown.push(error);
      }
    }),
  );
  const live = await connect(PortableSession, url, { pass });
  const states = [];
  live.onChange(() => {
    throw new RangeError("a defect of the page");
  });
  live.onChange(({ connection }) => states.push(connection.connected));
  await until(() => live.connection.connected, "it does not connect");
  await stop("SIGKILL");
  await until(() => !live.connection.connected, "no connection reports that the server is unreachable");
  await start();
  await until(() => live.connection.connected, "it does not reconnect");
  live.close();
  assert.deepEqual(states, [true, false, true]);
  assert.deepEqual(
    thrown.map(({ name }) => name),
    ["RangeError", "RangeError", "RangeError"],
  );
});

for (const code of ["pass.key", "session.ended"]) {
  test(`a rejected pass is replaced once: ${code}`, async () => {
    const [first, second] = [await pass(), await pass()];
    let requested = 0;
    const live = await connect(PortableSession, url, {
      pass: () => (requested++ === 0 ? first : second),
      fetch: async (address, init) =>
        init.headers.authorization.endsWith(second)
          ? fetch(address, init)
          : Response.json({ error: { code, message: "" } }, { status: 401 }),
    });
    await until(() => live.connection.connected, "it does not connect");
    assert.equal(requested, 2);
    live.close();
  });
}

for (const meanwhile of ["changed", "ended"]) {
  test(`a late pass is dropped: ${meanwhile}`, async (t) => {
    const { setTimeout } = globalThis;
    const slices = [];
    t.mock.method(globalThis, "setTimeout", (work, millis, ...also) => {
      // A pass is valid for a quarter of an hour, and is renewed minutes later: such waits consist of whole minutes.
      if (millis !== 60_000) return setTimeout(work, millis, ...also);
      slices.push(work);
      return 0;
    });
    const renew = () => {
      const { now } = Date;
      t.mock.method(Date, "now", () => now() + 750_000);
      slices.splice(0).forEach((work) => work());
    };
    await give("assign");
    let say;
    let isLoggedIn = true;
    let renewals = 0;
    let letCome;
    const comes = new Promise((done) => {
      letCome = done;
    });
    const live = await connect(PortableSession, url, {
      pass: () => {
        if (isLoggedIn) return pass();
        throw new ClientError("session.missing", "nobody is logged in");
      },
      fetch: async (address, init) => {
        if (address.endsWith("/stream")) {
          return new Response(
            new ReadableStream({
              start: (controller) => {
                say = (event) => controller.enqueue(new TextEncoder().encode(`event: ${event}\ndata: {}\n\n`));
              },
            }),
          );
        }
        const response = await fetch(address, init);
        renewals += 1;
        if (renewals === 1) await comes;
        return response;
      },
    });
    await until(() => say !== undefined, "it does not listen");
    assert.equal(live.current.can("segments:edit"), true);
    renew();
    await until(() => renewals === 1, "it does not renew");
    await give("withdraw");
    isLoggedIn = meanwhile === "changed";
    const mayEdit = () => {
      try {
        return live.current.can("segments:edit");
      } catch {
        return false;
      }
    };
    say(meanwhile);
    await until(() => !mayEdit(), "it still answers");
    letCome();
    for (let round = 0; round < 20; round += 1) await new Promise(setImmediate);
    assert.equal(mayEdit(), false);
    live.close();
  });
}

test("a silent connection counts as broken", async (t) => {
  let opened = 0;
  let say;
  let isStuck = false;
  const whenAborted = (signal) =>
    new Promise((_, failed) => signal.addEventListener("abort", () => failed(signal.reason)));
  const own = async (address, init) => {
    if (address.endsWith("/v1/snapshot")) return isStuck ? whenAborted(init.signal) : fetch(address, init);
    opened += 1;
    const body = new ReadableStream({
      start(controller) {
        say = (text) => controller.enqueue(new TextEncoder().encode(text));
        say("event: ready\ndata: {}\n\n");
      },
    });
    return new Response(body);
  };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const after = async (millis, what, message) => {
    t.mock.timers.tick(millis);
    for (let round = 0; round < 1000 && !what(); round += 1) await new Promise(setImmediate);
    assert.ok(what(), message);
  };
  const live = await connect(Engine, url, { token: TOKEN, fetch: own });
  await after(0, () => live.connection.connected, "it does not connect");
  for (let sign = 0; sign < 4; sign += 1) {
    t.mock.timers.tick(39_000);
    say(":\n\n");
    for (let round = 0; round < 10; round += 1) await new Promise(setImmediate);
  }
  assert.equal(live.connection.connected, true, "signs of life are enough");
  const isSilent = () => !live.connection.connected && live.connection.error.code === "client.silent";
  await after(40_000, isSilent, "silence goes unnoticed");
  await after(100, () => live.connection.connected, "it does not reconnect");
  // It does not wait for answers that never arrive.
  isStuck = true;
  say("event: changed\ndata: {}\n\n");
  for (let round = 0; round < 10; round += 1) await new Promise(setImmediate);
  await after(40_000, isSilent, "it waits for answers that never come");
  isStuck = false;
  await after(100, () => live.connection.connected, "it does not continue");
  assert.equal(opened, 3);
  live.close();
});

test("errors of the first request are thrown", async () => {
  const refused = (code) => (error) => error instanceof ClientError && error.code === code;
  await assert.rejects(connect(Engine, url, { token: "another" }), refused("unauthenticated"));
  await assert.rejects(connect(PortableSession, url, { pass: () => "a.b.c" }), refused("pass.malformed"));
});

test("a pass opens its session for its audience and during its validity", async () => {
  const good = await pass();
  const set = await keys();
  const expected = { keys: set, issuer: url };
  assert.equal((await openPass(PortableSession, good, { expected })).can("segments:view"), true);
  assert.equal((await openPass(PortableSession, good)).coverage.subject, "user:ada");
  const unset = (error) => error instanceof ClientError && error.code === "pass.expected";
  await assert.rejects(openPass(PortableSession, good, { expected: undefined }), unset);
  await assert.rejects(connect(PortableSession, url, { pass, expected: undefined }), unset);
  const [header, claims, signature] = good.split(".");
  const written = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const read = (text) => JSON.parse(Buffer.from(text, "base64url").toString());
  const other = await pass("user:olga");
  const minutes = (count) => new Date(Date.now() + count * 60_000);
  for (const [code, text, options] of [
    ["pass.malformed", "", {}],
    ["pass.malformed", `${header}.${claims}`, {}],
    ["pass.malformed", `${header}.${claims}.${signature}=`, {}],
    ["pass.malformed", `${header}.${written({ ...read(claims), exp: "late" })}.${signature}`, {}],
    ["pass.algorithm", `${written({ ...read(header), alg: "none" })}.${claims}.`, {}],
    ["pass.algorithm", `${written({ ...read(header), alg: "HS256" })}.${claims}.${signature}`, {}],
    ["pass.algorithm", `${written({ ...read(header), typ: "JWT" })}.${claims}.${signature}`, {}],
    ["pass.key", `${written({ ...read(header), kid: "other" })}.${claims}.${signature}`, {}],
    ["pass.signature", `${header}.${claims}.${other.split(".")[2]}`, {}],
    ["pass.signature", `${header}.${written({ ...read(claims), exp: read(claims).exp + 1 })}.${signature}`, {}],
    ["pass.issuer", good, { expected: { keys: set, issuer: "https://elsewhere" } }],
    ["pass.audience", good, { expected: { ...expected, audience: "shop" } }],
    ["pass.keys", good, { expected: { issuer: url } }],
    ["pass.keys", good, { expected: { ...expected, keys: set.keys } }],
    ["pass.expired", good, { time: minutes(16) }],
    ["pass.early", good, { time: minutes(-1) }],
  ]) {
    const opened = openPass(PortableSession, text, { expected, ...options });
    await assert.rejects(opened, (error) => error instanceof ClientError && error.code === code, code);
  }
  // A clock may be some seconds slow. One that is slower gets an error that says so.
  for (const seconds of [0.3, 0.9, 5, 20]) {
    const time = new Date(Date.now() - seconds * 1000);
    const late = await openPass(PortableSession, good, { expected, time });
    assert.ok(late.coverage.is_covered && late.can("segments:view"), `${seconds}`);
  }
  await assert.rejects(
    openPass(PortableSession, good, { expected, time: minutes(-1) }),
    /begins in \d+ seconds by the clock of this machine/,
  );
});

// Verifies a pass without code of Rolecall.
test("Web Cryptography verifies a pass", async () => {
  const [header, claims, signature] = (await pass()).split(".");
  const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString());
  const jwk = (await keys()).keys.find((key) => key.kid === kid);
  assert.equal(alg, "EdDSA");
  const key = await crypto.subtle.importKey("jwk", { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, "Ed25519", false, [
    "verify",
  ]);
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  assert.equal(await crypto.subtle.verify("Ed25519", key, Buffer.from(signature, "base64url"), signed), true);
});

test("an application gets a token with its secret, uses it and gets another one", async () => {
  const admin = (command) => post("/v1/administration/commands", { command }, { "rolecall-actor": "user:olga" });
  await admin({ "add-app": { subject: "app:crm", roles: [{ role: "owner", at: "acme" }] } });
  const secret = async () => {
    const { client, event } = await admin({ "add-secret": { subject: "app:crm" } });
    const [{ before, after }] = event.changes;
    const id = Object.keys(after.secrets).find((one) => before?.secrets?.[one] === undefined);
    return { id, clientId: client.client_id, clientSecret: client.client_secret };
  };
  const first = await secret();
  const asked = [];
  const counted = (address, init) => {
    asked.push(new URL(address).pathname);
    return fetch(address, init);
  };
  const { clientId, clientSecret } = first;
  const application = new Application(url, { clientId, clientSecret, fetch: counted });
  // Requests at the same time share a token, and later ones use it too.
  const [one, other] = await Promise.all([application.token(), application.token()]);
  assert.equal(one, other);
  assert.equal(await application.token(), one);
  assert.deepEqual(asked, ["/v1/oauth/token"]);

  // The application acts as itself.
  const give = (verb) =>
    application.fetch("/v1/administration/commands", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ command: { [verb]: { subject: "user:ada", role: "editor", at: "acme" } } }),
    });
  assert.equal((await (await give("assign")).json()).event.actor, "app:crm");
  const expected = { keys: await keys(), issuer: url };
  const live = await connect(PortableSession, url, { pass: () => application.pass({ at: "acme" }), expected });
  assert.equal(live.current.can("users:edit"), true);
  assert.equal(live.current.coverage.subject, "app:crm");
  live.close();

  // A restart without this client's knowledge, or a removed secret, ends a token. The next request gets another.
  const second = await secret();
  const rotated = new Application(url, {
    clientId: second.clientId,
    clientSecret: second.clientSecret,
    fetch: counted,
  });
  const before = await rotated.token();
  asked.length = 0;
  const expired = new Application(url, {
    clientId: second.clientId,
    clientSecret: second.clientSecret,
    fetch: async (address, init) => {
      const response = await counted(address, init);
      if (!address.endsWith("/v1/oauth/token") || asked.length > 1) return response;
      return Response.json({ ...(await response.json()), access_token: `${before}x` });
    },
  });
  assert.equal((await expired.fetch("/v1/administration/roles?at=acme")).status, 403);
  assert.deepEqual(asked, [
    "/v1/oauth/token",
    "/v1/administration/roles",
    "/v1/oauth/token",
    "/v1/administration/roles",
  ]);

  await admin({ "remove-secret": { subject: "app:crm", secret: first.id } });
  await assert.rejects(application.fetch("/v1/administration/roles?at=acme"), (error) => {
    assert.ok(error instanceof ClientError);
    return error.code === "invalid_client";
  });
  assert.equal((await rotated.fetch("/v1/administration/roles?at=acme")).status, 403);

  // What would send a secret to the wrong place is rejected.
  assert.throws(() => new Application(url, { clientId, clientsecret: "x" }), /clientsecret/);
  assert.throws(() => new Application(url, { clientId }), /clientSecret/);
  await assert.rejects(rotated.fetch("https://elsewhere.example/"), /path/);
  globalThis.document = {};
  try {
    assert.throws(() => new Application(url, { clientId, clientSecret }), /browser/);
  } finally {
    delete globalThis.document;
  }
});

test("a page reports the activity of its user, and not its own requests", async (context) => {
  const sent = [];
  let fails = false;
  const state = { subject: "user:ada", csrf: "token" };
  const own = async (url, { method = "GET", headers = {} }) => {
    sent.push([method, new URL(url).pathname, headers["rolecall-csrf"]]);
    if (fails) throw new TypeError("unreachable");
    return Response.json(state);
  };
  let now = 1_000;
  context.mock.method(performance, "now", () => now);
  const session = await LoginSession.current("https://roles.example.com", own);
  const page = new EventTarget();
  const reports = () => sent.filter(([method]) => method === "POST").length;
  const tick = () => new Promise((resolve) => setImmediate(resolve));
  const stop = session.followActivity(page);
  // The open page is a page view.
  assert.deepEqual(sent.at(-1), ["POST", "/v1/session/activity", "token"]);
  for (const name of ["click", "keydown", "popstate", "hashchange"]) page.dispatchEvent(new Event(name));
  assert.equal(reports(), 1);
  for (const [index, name] of ["click", "keydown", "popstate", "hashchange"].entries()) {
    now += 60_000;
    page.dispatchEvent(new Event(name));
    assert.equal(reports(), 2 + index, name);
  }
  // Events that no user causes do not count.
  now += 60_000;
  for (const name of ["scroll", "visibilitychange", "message", "load"]) page.dispatchEvent(new Event(name));
  assert.equal(reports(), 5);
  // A report that failed is repeated at the next event.
  fails = true;
  page.dispatchEvent(new Event("click"));
  await tick();
  fails = false;
  page.dispatchEvent(new Event("click"));
  assert.equal(reports(), 7);
  stop();
  now += 60_000;
  page.dispatchEvent(new Event("click"));
  assert.equal(reports(), 7);
});

test("a login page shows what a tenant has, and its provider is checked", async () => {
  const sent = [];
  const answers = {
    "/v1/login": {
      providers: [{ id: "corp", title: "Corp", method: "sso", href: "https://roles.example.com/v1/login/corp" }],
    },
    "/v1/login?at=main%2Fa%26b": { providers: [], notice: "Support staff have access." },
    "/v1/session": { subject: "user:ada", csrf: "token" },
    "/v1/administration/sign-on-check": {
      provider: "tenant:acme",
      ok: false,
      code: "login.provider",
      message: "unreachable",
    },
  };
  const own = async (url, { method = "GET", headers = {}, body } = {}) => {
    const { pathname, search } = new URL(url);
    sent.push([method, pathname + search, headers["rolecall-csrf"], body]);
    return Response.json(answers[pathname + search]);
  };
  const page = await LoginSession.page("https://roles.example.com/", { fetch: own });
  assert.equal(
    LoginSession.href(page.providers[0], "https://app.example.com/?a=1"),
    `${page.providers[0].href}?return_to=https%3A%2F%2Fapp.example.com%2F%3Fa%3D1`,
  );
  assert.equal(page.notice, undefined);
  const other = await LoginSession.page("https://roles.example.com", { at: "main/a&b", fetch: own });
  assert.equal(other.notice, "Support staff have access.");
  const session = await LoginSession.current("https://roles.example.com", own);
  const checked = await session.checkSignOn("main/acme");
  assert.deepEqual([checked.ok, checked.code], [false, "login.provider"]);
  assert.deepEqual(sent.at(-1), ["POST", "/v1/administration/sign-on-check", "token", '{"at":"main/acme"}']);
  await assert.rejects(LoginSession.page("https://roles.example.com", { scope: "main" }), { code: "client.options" });
});

test("a filter of the server is that of an engine", async () => {
  const client = new FilterClient(`${url}/`, { token: TOKEN });
  const live = await connect(Engine, url, { token: TOKEN });
  const question = { subject: "user:ada", permission: "segments:view", list_scopes: true };
  const found = await client.filter(question);
  assert.deepEqual(found.branches[0].scopes, ["acme"]);
  // `rolecall/snapshot` has no filters.
  if (SnapshotEngine === undefined) {
    assert.deepEqual(found, live.current.filter({ ...question, context: { time: new Date().toISOString() } }));
    assert.deepEqual(await client.numbering(), live.current.numbering());
  }
  live.close();
  const { postgresql } = await from(`${name}/filters`);
  assert.deepEqual(postgresql(found, { scope: "scope", labels: null }).parameters, [["acme"]]);
  assert.deepEqual(await client.filter({ ...question, context: { ip: "192.0.2.1" } }), found);
  assert.deepEqual(await client.numbering(), { numbering: found.numbering, scopes: ["acme"] });

  await assert.rejects(client.filter({ ...question, permission: "segments:veiw" }), { code: "permission.unknown" });
  const time = new Date().toISOString();
  await assert.rejects(client.filter({ ...question, context: { time } }), ClientError);
  await assert.rejects(new FilterClient(url, { token: "another" }).numbering(), { code: "unauthenticated" });
  assert.throws(() => new FilterClient(url, { token: "" }), /token/);
  assert.throws(() => new FilterClient(url, { token: TOKEN, tokens: "x" }), /tokens/);
  globalThis.document = {};
  try {
    assert.throws(() => new FilterClient(url, { token: TOKEN }), /browser/);
  } finally {
    delete globalThis.document;
  }
});
