// Browsers listen to one server. Measures what a change costs the server: one that concerns one of them, and one that
// concerns all. Fails if the first costs much more with many browsers than with few.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

const { ROLECALL_BIN: bin } = process.env;
const USERS = 4_000;
const FEW = 10;
/** The changes of one measurement. */
const CHANGES = 200;
/** The most that a change which concerns one browser may cost with many of them, as a ratio to the cost with few. */
const BOUND = 1.2;
/** The clock ticks of a second, in which Linux counts the time of a process. */
const TICKS = 100;

const folder = mkdtempSync(path.join(tmpdir(), "rolecall-listeners-"));
const file = (name, content) => writeFileSync(path.join(folder, name), JSON.stringify(content));
const policy = {
  rolecall: 1,
  scopes: ["account"],
  resources: { items: { actions: ["view"] }, users: { actions: ["edit"] }, networks: { actions: ["edit"] } },
  roles: { owner: { grants: ["**:*"] }, viewer: { grants: ["items:view"] }, reader: { grants: ["items:view"] } },
  administration: { assign: "users:edit", withdraw: "users:edit", "set-networks": "networks:edit" },
};
const users = Array.from({ length: USERS }, (_, number) => `user:u${number}`);
const token = randomBytes(24).toString("base64url");
file("policy.json", policy);
file("directory.json", {
  rolecall: 1,
  scopes: ["acme"],
  subjects: Object.fromEntries(["user:root", ...users].map((id) => [id, { native: "acme" }])),
  assignments: [
    { subject: "user:root", role: "owner", at: "acme" },
    ...users.map((subject) => ({ subject, role: "viewer", at: "acme" })),
  ],
});
file("server.json", {
  rolecall: 1,
  listen: "127.0.0.1:0",
  store: "acme.rolecall",
  limits: { connections: 8_000, streams: 6_000 },
  tokens: [
    {
      subject: "app:backend",
      acts_for_others: true,
      may: ["pass", "administer"],
      sha256: createHash("sha256").update(token).digest("hex"),
    },
  ],
});
const documents = ["--policy", "policy.json", "--directory", "directory.json", "--as", "user:root"];
execFileSync(bin, ["admin", "init", "--store", "acme.rolecall", ...documents], { cwd: folder });

const server = spawn(bin, ["serve", "--config", "server.json"], {
  cwd: folder,
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, RUST_LOG: "error" },
});
const url = await new Promise((done, failed) => {
  let text = "";
  server.stdout.on("data", (data) => {
    text += data;
    const line = /listening on ([^,\n]+)[,\n]/.exec(text);
    if (line) done(`http://${line[1]}`);
  });
  server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
});

async function post(address, body, headers = {}) {
  const all = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
  const response = await fetch(url + address, { method: "POST", body: JSON.stringify(body), headers: all });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

/** The number of events that each listener received. */
const received = new Map();

/** Opens the stream of a user, and waits for its first event. */
async function listen(subject) {
  const { pass } = await post("/v1/passes", { subject, at: "acme" });
  await new Promise((done, failed) => {
    const request = http.get(`${url}/v1/stream`, { headers: { authorization: `Bearer ${pass}` }, agent: false });
    request.once("error", failed);
    request.once("response", (response) => {
      assert.equal(response.statusCode, 200);
      response.on("data", (data) => {
        if (!String(data).includes("event:")) return;
        received.set(subject, (received.get(subject) ?? 0) + 1);
        done();
      });
    });
  });
}

/** Returns the seconds of processor time that the server has used. */
function spent() {
  const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Executes commands, and returns the milliseconds of processor time for each. */
async function cost(command) {
  const before = spent();
  for (let number = 0; number < CHANGES; number++) {
    await post("/v1/administration/commands", { command: command(number) }, { "rolecall-actor": "user:root" });
  }
  await new Promise((done) => setTimeout(done, 1_000));
  return ((spent() - before) * 1_000) / CHANGES;
}

const ofOne = (number) => ({
  [number % 2 ? "withdraw" : "assign"]: { subject: "user:u0", role: "reader", at: "acme" },
});
const ofAll = (number) => ({ "set-networks": { at: "acme", ranges: [`10.${number}.0.0/16`, "0.0.0.0/0"] } });

try {
  const rows = [];
  for (const count of [FEW, USERS]) {
    for (const subject of users.slice(received.size, count)) await listen(subject);
    console.error(`==> ${count} browsers listen`);
    await cost(ofOne);
    const one = await cost(ofOne);
    assert.ok(received.get("user:u0") > CHANGES, "the stream reported the changes");
    rows.push({ count, one, all: await cost(ofAll) });
  }
  const [few, many] = rows;
  const ratio = (of) => (many[of] / few[of]).toFixed(2);
  console.log(
    "| ms of processor time for each change | that concerns one browser | that concerns all |\n|---|--:|--:|",
  );
  for (const { count, one, all } of rows) console.log(`| ${count} browsers | ${one.toFixed(2)} | ${all.toFixed(2)} |`);
  console.log(`| ratio | ${ratio("one")} | ${ratio("all")} |`);
  assert.ok(many.one <= BOUND * few.one, `more than ${BOUND} times`);
} finally {
  server.removeAllListeners("exit");
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
