// A Python process, a Node process, a Chromium page and the component host follow one server. A role is assigned and
// withdrawn twice; the test measures how long each client takes to answer accordingly.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, serve } from "../browser/chromium.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "../..");
const { ROLECALL_BIN: bin, ROLECALL_EDGE: edge, ROLECALL_COMPONENT: component, ROLECALL_PYTHON: python } = process.env;
/** Milliseconds after which a missing answer fails the test. */
const DEADLINE = 10_000;

const folder = mkdtempSync(path.join(tmpdir(), "rolecall-follow-"));
const started = [];
const now = () => performance.timeOrigin + performance.now();

/** Starts a program, and calls `line` with each line of its standard output. */
function start(command, args, line) {
  const child = spawn(command, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n")) {
      line(text.slice(0, end).trim());
      text = text.slice(end + 1);
    }
  });
  return child;
}

const listening = (command, args) =>
  new Promise((done, failed) => {
    const child = start(
      command,
      args,
      (line) => line.startsWith("listening on ") && done(line.slice(13).split(",")[0]),
    );
    child.once("exit", (code) => failed(new Error(`${command} ended with ${code}`)));
  });

/** The reports of each client: its answers, each with its time. */
const reports = new Map();
const reporter = (name) => {
  reports.set(name, []);
  return (may, at) => reports.get(name).push([String(may), Number(at)]);
};

async function until(isMet, waitingFor) {
  const end = now() + DEADLINE;
  while (!isMet()) {
    assert.ok(now() < end, `${waitingFor()} did not follow`);
    await new Promise((done) => setTimeout(done, 1));
  }
}

try {
  const token = randomBytes(24).toString("base64url");
  const files = await serve({ "/rolecall/": path.join(root, "bindings/js/rolecall/dist") });
  const documents = [
    "--policy",
    "preset:blueconic",
    "--directory",
    path.join(root, "examples/blueconic/directory.yaml"),
  ];
  execFileSync(bin, ["admin", "init", "--store", "acme.rolecall", ...documents], { cwd: folder });
  writeFileSync(
    path.join(folder, "server.json"),
    JSON.stringify({
      rolecall: 1,
      listen: "127.0.0.1:0",
      store: "acme.rolecall",
      origins: [files.address],
      tokens: [
        {
          subject: "app:backend",
          acts_for_others: true,
          may: ["evaluate", "pass", "snapshot", "administer"],
          sha256: createHash("sha256").update(token).digest("hex"),
        },
      ],
    }),
  );
  const url = `http://${await listening(bin, ["serve", "--config", "server.json"])}`;
  const post = async (address, body, headers = {}) => {
    const all = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
    const response = await fetch(url + address, { method: "POST", body: JSON.stringify(body), headers: all });
    const answer = await response.json();
    assert.ok(response.ok, JSON.stringify(answer));
    return answer;
  };

  const follower = (name, command, args) => {
    const report = reporter(name);
    start(command, [...args, url, token], (line) => report(...line.split(" ")));
  };
  follower("Python, wheel", python, [path.join(here, "follow.py")]);
  follower("Node, native", process.execPath, [path.join(here, "follow.mjs")]);

  const browser = await launch();
  const page = await browser.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.exposeFunction("report", reporter("Chromium, a pass"));
  await page.exposeFunction(
    "getPass",
    async () => (await post("/v1/passes", { subject: "user:ines", at: "acme" })).pass,
  );
  await page.goto(files.address);
  const following = page.evaluate(async (url) => {
    const { PortableSession, init } = await import("/rolecall/portable.js");
    const { connect } = await import("/rolecall/client.js");
    await init();
    let last;
    const reportChange = (live) => {
      const may = live.current.can("segments:edit");
      if (may === last || !live.connection.connected) return;
      last = may;
      window.report(may, performance.timeOrigin + performance.now());
    };
    const live = await connect(PortableSession, url, { pass: () => window.getPass() });
    live.onChange(reportChange);
    reportChange(live);
  }, url);

  const gate = await listening(edge, [
    "serve",
    "--precompiled",
    "--component",
    component,
    "--routes",
    path.join(here, "routes.yaml"),
    "--listen",
    "127.0.0.1:0",
    "--follow",
    url,
    "--token",
    token,
  ]);
  const reportGate = reporter("component host");
  let polling = true;
  const polls = (async () => {
    let last;
    while (polling) {
      const may = (await fetch(`${gate}/segments`, { headers: { "x-user": "user:ines" } })).status === 200;
      if (may !== last) reportGate(may, now());
      last = may;
      await new Promise((done) => setTimeout(done, 2));
    }
  })();
  await following;

  const clients = [...reports.keys()];
  const reported = (count) =>
    until(
      () => clients.every((name) => reports.get(name).length >= count),
      () => `${clients.filter((name) => reports.get(name).length < count).join(", ")} (${failures.join("; ")})`,
    );
  await reported(1);
  // The first answers do not show that the streams are open: allow them some time.
  await new Promise((done) => setTimeout(done, 300));
  const rounds = [];
  for (const [index, verb] of ["assign", "withdraw", "assign", "withdraw"].entries()) {
    const begun = now();
    const command = { [verb]: { subject: "user:ines", role: "segmentation-specialist", at: "acme" } };
    await post("/v1/administration/commands", { command }, { "rolecall-actor": "user:ada" });
    await reported(index + 2);
    rounds.push([verb, begun]);
  }
  polling = false;
  await polls;
  await browser.close();
  files.close();

  console.log(
    "| milliseconds from the command until the answer changes | assigned | withdrawn | assigned | withdrawn |\n|---|---|---|---|---|",
  );
  let late = 0;
  for (const name of clients) {
    const answers = reports.get(name);
    const expected = ["false", "true", "false", "true", "false"];
    assert.deepEqual(
      answers.map(([may]) => may),
      expected,
      `${name} reported other answers`,
    );
    const took = rounds.map(([, begun], index) => answers[index + 1][1] - begun);
    late = Math.max(late, ...took);
    console.log(`| ${name} | ${took.map((millis) => millis.toFixed(0)).join(" | ")} |`);
  }
  assert.deepEqual(failures, []);
  console.log(`the latest: ${late.toFixed(0)} ms; within 100 ms: ${late <= 100 ? "yes" : "no"}`);
} finally {
  for (const child of started) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
