// Tests what the sentences about events say.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { typescript } from "./typescript.mjs";

const folder = new URL("../../react/src/admin/", import.meta.url);
const [{ said, idsIn, titleIn, objectName }, { en }, { searchText }] = await Promise.all(
  ["said.ts", "messages/en/index.ts", "audit/words.ts"].map((name) => typescript(new URL(name, folder))),
);

const entry = (event) => ({
  objects: [],
  event: { seq: 7, actor: "user:ada", operation: "UPDATE", changes: [], ...event },
});

const NAMES = {
  subject: (id) => ({ "user:leo": "Leo Park" })[id] ?? id.replace(/^user:/, ""),
  role: (role) => ({ editor: "Editor" })[role] ?? role,
  scope: (id) => ({ acme: "Acme" })[id] ?? id,
};

/** The key of the first sentence that the catalogue has. */
const sentence = (event) => said(entry(event)).keys.find((key) => `audit.did.${key}` in en);

describe("sentences about events", () => {
  it("exist for every command", () => {
    const source = readFileSync(new URL("../../api/client/administration-commands.ts", import.meta.url), "utf8");
    const body = source.slice(source.indexOf("interface Commands {"), source.indexOf("/** The name of a command. */"));
    const names = [...body.matchAll(/^ {2}"?([a-z-]+)"?:/gm)].map(([, name]) => name);
    assert.ok(names.length > 40);
    for (const name of names) assert.equal(sentence({ command: { [name]: { timeout: "1h" } } }), name);
  });

  it("say more where an event states more", () => {
    assert.equal(sentence({ command: { assign: { until: "2027-01-01T00:00:00Z" } } }), "assign.until");
    assert.equal(sentence({ command: { "set-role": {} }, operation: "CREATE" }), "set-role.new");
    assert.equal(sentence({ command: { "set-timeout": { at: "acme" } } }), "set-timeout.none");
    assert.equal(sentence({ command: { "newer-command": {} } }), "other");
    assert.equal(sentence({ seq: 1 }), "begin");
    assert.equal(sentence({ session: {}, operation: "LOGIN_FAILED" }), "LOGIN_FAILED");
  });

  it("name what a decided request is about, unless the reader may not see it", () => {
    const command = { "approve-access": { request: "acme#3" } };
    const request = { subject: "user:leo", role: "editor", at: "acme" };
    const { keys, values } = said(entry({ command, changes: [{ kind: "request", id: "acme#3", after: request }] }));
    assert.equal(keys[0], "approve-access");
    assert.deepEqual([values.subject, values.role, values.at], ["user:leo", "editor", "acme"]);
    assert.equal(sentence({ command }), "approve-access.hidden");
  });

  it("name what has changed where the command is hidden", () => {
    const { keys, values } = said({ ...entry({}), objects: [{ id: "assignment:user:leo editor acme - -", name: "" }] });
    assert.equal(keys[0], "other");
    assert.deepEqual(
      values.objects.map((id) => objectName(id, NAMES)),
      ["Leo Park · Editor · Acme"],
    );
    assert.deepEqual(idsIn([{ ...entry({}), objects: [{ id: "assignment:user:leo editor acme - -", name: "" }] }]), [
      "user:ada",
      "user:leo",
    ]);
  });

  it("have the title of a deleted role", () => {
    const deleted = entry({ changes: [{ kind: "role", id: "acme#night-shift", before: { title: "Night shift" } }] });
    assert.equal(titleIn(deleted, "night-shift"), "Night shift");
    assert.equal(titleIn(deleted, "shift"), undefined);
  });

  it("name everyone once", () => {
    const events = [
      entry({ command: { "join-group": { group: "group:acme/x", member: "user:leo" } } }),
      entry({ changes: [{ kind: "assignment", id: "user:leo editor acme - -" }], session: { subject: "app:sync" } }),
    ];
    assert.deepEqual(idsIn(events), ["user:ada", "group:acme/x", "user:leo", "app:sync"]);
  });
});

describe("objects of events", () => {
  it("have names in place of ids and times", () => {
    assert.equal(objectName("user:leo editor acme - 2027-01-01T00:00:00Z", NAMES), "Leo Park · Editor · Acme");
    assert.equal(objectName("acme#night-shift", NAMES), "Acme · night-shift");
  });

  it("are found by ids and by names", () => {
    const text = searchText(entry({ command: { assign: { subject: "user:leo", role: "editor" } } }), NAMES);
    for (const part of ["leo park", "user:leo", "editor", "ada"]) assert.ok(text.includes(part), part);
  });
});
