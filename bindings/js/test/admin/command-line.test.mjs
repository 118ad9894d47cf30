// Every change that the parts can make has a command line, which gives the same command.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { typescript } from "./typescript.mjs";

const parts = new URL("../../react/src/admin/", import.meta.url);
const [{ commandLine }, { shellWord }, { undo }] = await Promise.all(
  ["command-line.ts", "shell-word.ts", "undo.ts"].map((name) => typescript(new URL(name, parts))),
);

const NOON = "2026-11-30T12:00:00Z";
const SHOP = "main/acme/shop";
const ACME = "main/acme";
const LIMITED = { below: false, from: "2026-12-10T00:00:00Z", until: "2027-01-10T00:00:00Z" };
const rita = { subject: "user:rita" };
const viewer = { role: "surveys-viewer", at: SHOP };
const group = `group:${ACME}/legal`;
const provider = { issuer: "https://login.acme.example", client_id: "rolecall" };
const mapping = { at: ACME, provider: ACME, group: "Team -A" };

/** Commands that `user:ada` can give one after the other, each with what it needs before it. */
const GIVEN = [
  { invite: { subject: "user:new", roles: [viewer], name: "O'Neil", email: "n@acme.example" } },
  { "resend-invitation": { subject: "user:new" } },
  { invite: { subject: "user:two", roles: [viewer, { ...viewer, role: "customers-viewer" }] } },
  { "add-user": { subject: "user:out", roles: [{ ...viewer, ...LIMITED }], external: true, confirm: true } },
  { "add-app": { subject: "app:crm", roles: [viewer] } },
  {
    "set-app": {
      subject: "app:crm",
      title: "-dash",
      description: "it's",
      token_lifetime: "2h",
      networks: ["192.0.2.0/24"],
    },
  },
  { "set-app": { subject: "app:crm" } },
  { "add-support": { subject: "support:jo", roles: [{ role: "surveys-viewer", at: ACME }] } },
  { "remove-subject": { subject: "support:jo", at: ACME } },
  { "suspend-subject": rita },
  { "resume-subject": rita },
  { "set-person": { ...rita, at: ACME, name: "Rita $HOME `x`", email: "rita@acme.example" } },
  { "erase-person": { ...rita, at: ACME } },
  { assign: { ...rita, ...viewer, ...LIMITED } },
  { withdraw: { ...rita, ...viewer, ...LIMITED } },
  { "set-roles": { ...rita, at: SHOP, roles: [{ role: "surveys-viewer" }, { role: "customers-viewer", ...LIMITED }] } },
  { "set-role": { at: ACME, role: "own", title: "Our own", description: "--odd", inherits: ["surveys-viewer"] } },
  { "set-role": { at: ACME, role: "heir", inherits: ["own", "surveys-editor"] } },
  { assign: { ...rita, role: "own", at: SHOP } },
  { "delete-role": { at: ACME, role: "own", cascade: true } },
  { "copy-role": { of: "surveys-viewer", at: ACME, role: "copied" } },
  { "set-role": { at: ACME, role: "copied", title: "Other", inherits: ["customers-viewer"] } },
  { "reset-role": { at: ACME, role: "copied" } },
  { "set-overlay": { at: ACME, role: "surveys-viewer", title: "Readers", grants: [], except: [], reads: ["pii"] } },
  { "set-overlay": { at: ACME, role: "surveys-viewer", grants: ["project:view"], reads: [] } },
  { "reset-overlay": { at: ACME, role: "surveys-viewer" } },
  { "add-group": { group, at: ACME } },
  { "join-group": { group, member: "user:rita" } },
  { lock: { items: ["scenario#1", "two words"], at: SHOP, groups: [group] } },
  { lock: { items: ["-x"], at: SHOP, groups: [group] } },
  { "leave-group": { group, member: "user:rita" } },
  { "delete-group": { group, cascade: true } },
  { "set-sign-on": { at: ACME, ...provider, title: "Acme", method: "sso", claim: "sub", group_claim: "teams" } },
  { "set-role-mapping": { ...mapping, roles: [{ role: "surveys-viewer", at: SHOP, below: false }] } },
  { "remove-role-mapping": mapping },
  { "set-role-mapping": { ...mapping, group: "-team", roles: [{ role: "surveys-viewer", at: SHOP }] } },
  { "remove-role-mapping": { ...mapping, group: "-team" } },
  { "remove-sign-on": { at: ACME, force: true } },
  { "set-support": { at: ACME, access: "named", reads: ["pii"] } },
  { "set-support": { at: ACME, access: "none", reads: [] } },
  { "mark-external": { ...rita, confirm: true } },
  { "remove-subject": { ...rita, at: ACME } },
  // The command line states no address from here on.
  { "set-networks": { at: ACME, ranges: ["0.0.0.0/0", "2001:db8::/32"], force: true } },
];

/** Commands whose events have other values than the command, or which need what the example lacks, with their lines. */
const WRITTEN = [
  [
    { "add-secret": { subject: "app:crm", until: LIMITED.until, note: "for A" } },
    `app add-secret app:crm --until ${LIMITED.until} --note 'for A'`,
  ],
  [{ "remove-secret": { subject: "app:crm", secret: "s1" } }, "app remove-secret app:crm s1"],
  [{ "unmark-external": rita }, "unmark-external user:rita"],
  [{ "reset-password": rita }, "reset-password user:rita"],
  [
    { "set-boundary": { ...rita, boundary: "domain", values: ["a.example"] } },
    "set-boundary user:rita domain a.example",
  ],
  [{ "set-boundary": { ...rita, boundary: "domain", values: ["-a", "b"] } }, "set-boundary -- user:rita domain -a b"],
  [{ "set-boundary": { ...rita, boundary: "domain", values: "*" } }, "set-boundary user:rita domain --all"],
  [{ "set-boundary": { ...rita, boundary: "domain" } }, "set-boundary user:rita domain --default"],
  [
    { "request-access": { role: "customers-editor", at: SHOP, until: LIMITED.until, reason: "it's broken" } },
    `request customers-editor ${SHOP} --until ${LIMITED.until} --reason 'it'\\''s broken'`,
  ],
  [{ "approve-access": { request: "1" } }, "approve 1"],
  [{ "deny-access": { request: "1" } }, "deny 1"],
  [{ "withdraw-request": { request: "1" } }, "withdraw-request 1"],
  [{ "end-access": { request: "1" } }, "end-access 1"],
  [
    { "set-sign-on": { at: ACME, ...provider, client_secret: "s3cret" } },
    `sign-on set ${ACME} --issuer ${provider.issuer} --client-id ${provider.client_id} --client-secret-file FILE`,
  ],
  [
    { "set-role": { at: ACME, role: "own", grants: ["a/*:{view,edit}"], except: ["a/b:edit"] } },
    `role set own --at ${ACME} --grant 'a/*:{view,edit}' --except a/b:edit`,
  ],
  [{ "set-timeout": { at: ACME, timeout: "45m" } }, `settings timeout ${ACME} 45m`],
  [{ "set-login": { at: ACME, methods: ["password", "sso"] } }, `settings login ${ACME} password sso`],
  [{ "set-second-factor": { at: ACME, required: true } }, `settings second-factor ${ACME} required`],
  [{ "set-second-factor": { at: ACME, required: false } }, `settings second-factor ${ACME} optional`],
  [{ "set-timeout": { at: ACME } }, `settings timeout ${ACME}`],
];

const rolecall = process.env.ROLECALL_CLI;
const skip = rolecall === undefined && "needs the command line";

describe("command lines", () => {
  let work;
  before(() => {
    work = mkdtempSync(path.join(tmpdir(), "command-line-"));
  });
  after(() => rmSync(work, { recursive: true }));

  const run = (line, actor = "user:ada") =>
    execFileSync("sh", ["-c", `PATH=${path.dirname(rolecall)}:$PATH; ${line}`], {
      cwd: work,
      encoding: "utf8",
      env: { ...process.env, ROLECALL_AS: actor, ROLECALL_ALLOW_TIME_JUMP: "true" },
    });

  // Nothing after `--` is an option.
  const at = (time, line, ...options) =>
    `${line} `.replace(/ (?=-- |$)/, ` ${["--time", time, ...options].join(" ")} `);

  it("quotes for a shell", () => {
    for (const word of ["plain", "two words", "it's", "$HOME", "`x`", "#1", "", "a;b", "ü"])
      assert.equal(execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" }), word);
  });

  it("exist for every command that the parts name", () => {
    const text = readFileSync(new URL("../../api/client/administration-commands.ts", import.meta.url), "utf8");
    const all = [...text.matchAll(/^ {2}"?([a-z-]+)"?: (?:\{|NewSubject|Assignment)/gm)].map(([, name]) => name);
    assert.ok(all.length > 45, all.join());
    const files = readdirSync(parts, { recursive: true }).filter(
      (name) => /\.tsx?$/.test(name) && !/messages|command-line/.test(name),
    );
    const sources = files.map((name) => readFileSync(new URL(name, parts), "utf8")).join("\n");
    // Names of one word are words of other things, too.
    const isNamed = (name) => sources.includes(name.includes("-") ? `"${name}"` : `{ ${name}:`);
    const tried = new Set([...GIVEN, ...WRITTEN.map(([command]) => command)].flatMap(Object.keys));
    const missing = all.filter((name) => isNamed(name) && !tried.has(name));
    assert.deepEqual(missing, [], "a command of the parts without a line that is tried here");
  });

  it("have words of their own, and no secrets", () => {
    for (const command of GIVEN) assert.doesNotMatch(commandLine(command), /^rolecall admin do /);
    for (const [command, words] of WRITTEN) assert.equal(commandLine(command), `rolecall admin ${words}`);
  });

  it("write what the options cannot say as JSON", () => {
    const command = { invite: { subject: "user:few", roles: [viewer, { ...viewer, ...LIMITED }] } };
    assert.equal(commandLine(command), `rolecall admin do '${JSON.stringify(command)}'`);
  });

  it("join several commands so that a refusal ends them", () => {
    assert.equal(
      commandLine([{ "suspend-subject": rita }, { "resume-subject": rita }]),
      "rolecall admin suspend user:rita && rolecall admin resume user:rita",
    );
  });

  it("give the command, and undo gives back what was before", { skip }, () => {
    const directory = fileURLToPath(new URL("../../../../examples/bloomreach/directory.yaml", import.meta.url));
    run(`rolecall admin init --policy preset:bloomreach --directory ${directory} --time 2026-11-30T11:00:00Z`);
    const state = () => JSON.parse(run("rolecall state --json")).directory;
    const undone = new Set();
    for (const command of GIVEN) {
      const [name] = Object.keys(command);
      const was = undone.has(name) ? undefined : state();
      const line = commandLine(command);
      const { event } = JSON.parse(run(at(NOON, line, "--json")));
      assert.deepEqual(shape(event.command), shape(command), line);
      const back = undo([command], [event.changes]);
      if (back === undefined || was === undefined) continue;
      for (const one of back) run(at(NOON, commandLine(one)));
      assert.deepEqual(state(), was, `undo of ${line}`);
      undone.add(name);
      // The next command needs this one.
      run(at(NOON, line));
    }
    const wanted = ["assign", "withdraw", "set-roles", "suspend-subject", "resume-subject", "set-role", "delete-role"];
    wanted.push(
      "reset-role",
      "copy-role",
      "set-overlay",
      "reset-overlay",
      "join-group",
      "leave-group",
      "add-group",
      "lock",
    );
    for (const name of wanted) assert.ok(undone.has(name), `${name} is undone`);
  });
});

/** A command without personal data, which events hold as hashes, and without secrets that the store adds. */
function shape(command) {
  const [[name, fields]] = Object.entries(command);
  const { name: called, email, token, ...others } = fields;
  return { [name]: { ...others, name: called !== undefined, email: email !== undefined } };
}
