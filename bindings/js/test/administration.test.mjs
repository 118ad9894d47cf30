// Tests administration over a server. `ROLECALL_PACKAGE` names the package, `ROLECALL_BIN` the server's command.

import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const entry = `${process.env.ROLECALL_PACKAGE}/client`;
const { Administration, ClientError, LoginSession } = await import(
  pathToFileURL(join(process.cwd(), `import-${entry.replace(/\W/g, "-")}.mjs`))
);

const TOKEN = "a token of this test";
const mapped = [
  ...["assign", "withdraw", "invite", "add-user", "set-role", "set-networks", "add-group", "join-group"],
  ...["view-access", "view-roles", "view-audit", "view-networks", "view-people"],
];
const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  resources: { segments: { actions: ["view", "edit"] }, users: { actions: ["edit"] } },
  roles: {
    viewer: { title: "Viewer", grants: ["segments:view"] },
    editor: { inherits: ["viewer"], grants: ["segments:edit"], suggest_end: true },
    owner: { inherits: ["editor"], grants: ["users:edit"] },
  },
  administration: Object.fromEntries(mapped.map((name) => [name, "users:edit"])),
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

/** Administration as a user: the token of the test acts for others. */
const as = (actor) => new Administration({ fetch: (path, init) => sent(actor, path, init) });

function sent(actor, path, init) {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${TOKEN}`);
  headers.set("rolecall-actor", actor);
  return fetch(url + path, { ...init, headers });
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "rolecall-"));
  const write = (file, value) => writeFileSync(join(folder, file), JSON.stringify(value));
  write("policy.json", POLICY);
  write("directory.json", DIRECTORY);
  const bin = process.env.ROLECALL_BIN;
  const init = [
    "admin",
    "init",
    "--store",
    "acme.rolecall",
    "--policy",
    "policy.json",
    "--directory",
    "directory.json",
  ];
  execFileSync(bin, init, { cwd: folder });
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  url = `http://127.0.0.1:${port}`;
  const sha256 = createHash("sha256").update(TOKEN).digest("hex");
  write("server.json", {
    rolecall: 1,
    listen: `127.0.0.1:${port}`,
    store: "acme.rolecall",
    tokens: [{ subject: "app:backend", sha256, may: ["administer"], acts_for_others: true }],
  });
  server = spawn(bin, ["serve", "--config", join(folder, "server.json")], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done, failed) => {
    server.stdout.once("data", done);
    server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
  });
});

after(async () => {
  const ended = new Promise((done) => server.once("exit", done));
  server.kill();
  await ended;
  rmSync(folder, { recursive: true });
});

test("lists have pages, filters and a version", async () => {
  const olga = as("user:olga");
  const roles = await olga.list("roles", { at: "acme", sort: "-id" });
  assert.deepEqual(
    roles.rows.map((row) => row.role),
    ["viewer", "owner", "editor"],
  );
  assert.ok(roles.version >= 1);
  const first = await olga.list("access", { at: "acme", limit: 1 });
  assert.deepEqual([first.rows[0].subject, first.total], ["user:ada", 2]);
  const second = await olga.list("access", { at: "acme", limit: 1, after: first.next, search: undefined });
  assert.deepEqual([second.rows[0].subject, second.next], ["user:olga", undefined]);
  const editors = await olga.list("access", { at: "acme", role: "editor" });
  assert.equal(editors.total, 0);
  const { role, members } = await olga.show("role", { at: "acme", role: "viewer" });
  assert.deepEqual([role.title, members.rows[0].subject], ["Viewer", "user:ada"]);
  const matrix = await olga.matrix({ at: "acme", of: "people-roles" });
  assert.equal(matrix.rows[0].cells.length, matrix.columns.length);
  assert.match(await olga.csv("access", { at: "acme", kind: "users" }), /^kind,id,.*\r?\nusers,user:ada,/s);
});

test("commands are previewed, executed once and refused with words", async () => {
  const olga = as("user:olga");
  const assign = { assign: { subject: "user:ada", role: "editor", at: "acme" } };
  const preview = await olga.command(assign, { dryRun: true });
  assert.deepEqual(
    preview.diff.gained.map((one) => [one.subject, one.permissions]),
    [["user:ada", ["segments:edit"]]],
  );
  assert.equal(preview.hints[0].code, "end.suggested");
  const { version } = await olga.list("roles", { at: "acme" });
  const done = await olga.command(assign, { id: "first", ifMatch: version });
  assert.equal(done.event.actor, "user:olga");
  assert.ok(done.version > version);
  const again = await olga.command(assign, { id: "first" });
  assert.deepEqual([again.before.seq, again.event], [done.event.seq, undefined]);
  await assert.rejects(
    olga.command({ withdraw: { subject: "user:ada", role: "editor", at: "acme" } }, { ifMatch: version }),
    (error) => error instanceof ClientError && error.code === "conflict" && /read the state/.test(error.help),
  );
  await assert.rejects(as("user:ada").command(assign), (error) => {
    assert.ok(error instanceof ClientError);
    assert.equal(error.code, "denied");
    return /may not `assign`/.test(error.details.message);
  });
});

test("a transaction applies all commands or none, and an import previews its rows", async () => {
  const olga = as("user:olga");
  const add = { "add-user": { subject: "user:mia", roles: [{ role: "viewer", at: "acme" }] } };
  const wrong = { assign: { subject: "user:mia", role: "nobody", at: "acme" } };
  const preview = await olga.transaction([add, wrong], { dryRun: true });
  assert.deepEqual([preview.refused, preview.results[1].error.code], [1, "role.unknown"]);
  await assert.rejects(olga.transaction([add, wrong]), (error) => error.path === "commands.1");
  const { results } = await olga.transaction([add]);
  assert.equal(results[0].event.changes[0].id, "user:mia");
  const csv = "email,roles\nleo@acme.example,viewer\n";
  const shown = await olga.import({ csv, at: "acme", active: true }, { dryRun: true });
  assert.deepEqual([shown.added, shown.rows[0].action], [1, "added"]);
});

test("the audit log has pages, filters and hashes", async () => {
  const olga = as("user:olga");
  const { events, next } = await olga.events({ at: "acme", limit: 1, after: 0 });
  assert.deepEqual([events.length, events[0].event.seq, typeof events[0].hash, next], [1, 1, "string", 1]);
  const assignments = await olga.events({ at: "acme", objectType: "ROLE_ASSIGNMENT", count: 1 });
  assert.equal(assignments.events.length, 1);
  assert.ok(assignments.events.every((one) => one.objectType === "ROLE_ASSIGNMENT"));
  assert.match(await olga.csv("events", { at: "acme", count: 1 }), /^seq,date,/);
});

test("rights, documents and the check of the chain are those of the actor", async () => {
  const olga = as("user:olga");
  const { commands } = await olga.rights("acme");
  assert.deepEqual(commands.assign, { allowed: true, requires: ["users:edit"] });
  assert.equal(commands["add-app"], undefined);
  assert.equal((await as("user:ada").rights("acme")).commands.assign.allowed, false);
  await assert.rejects(as("user:nobody").rights("acme"), { code: "denied" });
  const { policy, directory, version } = await olga.documents("acme");
  assert.equal(policy.roles.viewer.title, "Viewer");
  assert.deepEqual(directory.scopes, ["acme"]);
  assert.equal(await olga.documents("acme", { known: version }), undefined);
  assert.equal((await olga.documents("acme", { known: version - 1 })).version, version);
  await assert.rejects(as("user:ada").documents("acme"), { code: "denied" });
  const { intact, checked, whole, head } = await olga.chain("acme");
  const { events } = await olga.events({ at: "acme", count: 1 });
  assert.deepEqual([intact, checked, whole, head], [true, events[0].event.seq, true, events[0].hash]);
});

test("the user of a page is protected from forged requests, and background requests are marked", async () => {
  const asked = [];
  const own = async (address, { method = "GET", headers, credentials, body } = {}) => {
    const { pathname, search } = new URL(address);
    asked.push({ method, path: pathname + search, credentials, headers: new Headers(headers), body });
    if (pathname === "/v1/session") return Response.json({ subject: "user:ada", csrf: "forgery" });
    return Response.json({ rows: [], total: 0 }, { headers: { etag: '"7"' } });
  };
  const administration = new Administration(await LoginSession.current("https://roles.example.com", own));
  const { version } = await administration.list("requests", { at: "main/a b" }, { background: true });
  assert.equal(version, 7);
  const [, read] = asked;
  assert.equal(read.path, "/v1/administration/requests?at=main%2Fa+b");
  assert.equal(read.credentials, "include");
  assert.equal(read.headers.get("rolecall-background"), "1");
  assert.equal(read.headers.get("rolecall-csrf"), null);
  await administration.command({ "approve-access": { request: "1" } });
  const written = asked.at(-1);
  assert.equal(written.headers.get("rolecall-csrf"), "forgery");
  assert.equal(written.headers.get("rolecall-background"), null);
  assert.equal(written.body, '{"command":{"approve-access":{"request":"1"}}}');
  await assert.rejects(administration.command({}, { dryrun: true }), { code: "client.options" });
  assert.throws(() => new Administration({}), { code: "client.options" });
});
