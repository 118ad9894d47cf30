// Tests the provider and the hooks of `@rolecall/react/admin` in React, with a server that answers as the real one does.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { newContainer } from "./dom.mjs";
import { act, createElement as e, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RolecallProvider } from "@rolecall/react";
import {
  AdminProvider,
  createQueries,
  Box,
  CopyCommand,
  Refused,
  useCommand,
  useList,
  useMay,
  useText,
} from "@rolecall/react/admin";
import { TimeoutSettings } from "@rolecall/react/admin/settings";
import { German } from "@rolecall/react/admin/german";
import { createStore } from "rolecall/store";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const REFUSAL = Object.assign(new Error("administrator.last: nobody would be left"), {
  code: "administrator.last",
  details: { code: "administrator.last", message: "nobody would be left", help: "make someone else an administrator" },
});

/** A server with three people in pages of two. It refuses to withdraw anything from Ada. */
function server() {
  const people = ["user:ada", "user:bo", "user:cy"].map((subject) => ({ subject, roles: [] }));
  const calls = [];
  return {
    calls,
    async list(kind, params) {
      calls.push(["list", kind, params.after]);
      return params.after === undefined
        ? { rows: people.slice(0, 2), total: people.length, next: "c2", version: 7 }
        : { rows: people.slice(2), total: people.length, version: 7 };
    },
    async command(command, options) {
      calls.push(["command", command, options]);
      if (command.withdraw?.subject === "user:ada") throw REFUSAL;
      return { event: {}, hints: [], version: 8 };
    },
  };
}

const allowed = new Set(["users:view"]);
const ABILITIES = { "view-access": ["users:view"], assign: ["users:edit", "users:own"] };

let root;
let queries;
let container;
let client;
let source;

beforeEach(() => {
  container = newContainer();
  client = server();
  allowed.clear();
  allowed.add("users:view");
  source = createStore({ can: (permission) => allowed.has(permission), menu: () => ({ items: [] }) });
});

afterEach(async () => {
  await act(() => root?.unmount());
  // What is not shown any more stays in the cache for minutes, and its timers keep the process.
  queries?.clear();
});

const settle = () => act(() => new Promise((done) => setTimeout(done, 20)));

async function show(part, more) {
  root = createRoot(container);
  queries = createQueries();
  const props = { client, queries, at: "acme", subject: "user:ada", abilities: ABILITIES, ...more };
  const admin = e(AdminProvider, props, e(part));
  await act(async () => root.render(e(StrictMode, null, e(RolecallProvider, { source }, admin))));
  await settle();
}

const press = async (name) => {
  const button = [...container.querySelectorAll("button")].find((one) => one.textContent.includes(name));
  await act(async () => button.click());
  await settle();
};

describe("@rolecall/react/admin", () => {
  it("loads a list page by page", async () => {
    function People() {
      const { rows, total, hasMore, more } = useList("access", { kind: "users" });
      return e(
        "p",
        null,
        rows.map((row) => row.subject).join(),
        ` of ${total}`,
        hasMore && e("button", { onClick: more }, "more"),
      );
    }
    await show(People);
    assert.equal(container.querySelector("p").textContent, "user:ada,user:bo of 3more");
    await press("more");
    assert.equal(container.querySelector("p").textContent, "user:ada,user:bo,user:cy of 3");
  });

  it("says what the user may do, and follows changes", async () => {
    const Tools = () => {
      const may = useMay();
      return e("p", null, ["view-access", "assign", "set-role"].filter(may).join());
    };
    await show(Tools);
    assert.equal(container.querySelector("p").textContent, "view-access");
    allowed.add("users:own");
    await act(async () =>
      source.replace({ can: (permission) => allowed.has(permission), menu: () => ({ items: [] }) }),
    );
    assert.equal(container.querySelector("p").textContent, "view-access,assign");
  });

  it("shows the words of a refusal, and nothing as done", async () => {
    const Tools = () => {
      const { run, error } = useCommand();
      const withdraw = (subject) => run({ withdraw: { subject, role: "admin", at: "acme" } }, { done: "Withdrawn." });
      return e(
        "div",
        null,
        e("button", { onClick: () => withdraw("user:ada") }, "withdraw"),
        error && e(Refused, { error, lead: "Not withdrawn." }),
      );
    };
    await show(Tools);
    await press("withdraw");
    const note = container.querySelector("[role=alert]").textContent;
    assert.match(note, /Not withdrawn\. Nobody would be left\. Make someone else an administrator\./);
    assert.equal(container.querySelector(".rc-toasts").textContent, "");
  });

  it("saves a setting on the state that was read, and again after a change of something else", async () => {
    const state = { version: 7, idle_timeout: "30m" };
    const saved = [];
    client.show = async () => ({ ...state });
    client.command = async (command, { dryRun, ifMatch } = {}) => {
      if (dryRun) return { event: {}, hints: [], version: state.version };
      saved.push([command["set-timeout"].timeout, ifMatch]);
      if (ifMatch !== state.version) throw Object.assign(new Error("changed"), { code: "conflict", status: 412 });
      Object.assign(state, { version: state.version + 1, idle_timeout: command["set-timeout"].timeout });
      return { event: {}, hints: [], version: state.version };
    };
    await show(TimeoutSettings, { abilities: { "set-timeout": ["users:view"] } });
    const type = async (text) => {
      const field = container.querySelector("input[type=number]");
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
      await act(async () => field.dispatchEvent(new field.ownerDocument.defaultView.Event("input", { bubbles: true })));
      await settle();
    };
    await type("40");
    state.version = 8;
    await press("Save changes");
    await settle();
    assert.deepEqual(saved, [
      ["40m", 7],
      ["40m", 8],
    ]);
    assert.equal(container.querySelector("[role=alert]"), null);
    await type("50");
    Object.assign(state, { version: 10, idle_timeout: "45m" });
    await press("Save changes");
    await settle();
    assert.deepEqual(saved.at(-1), ["50m", 9]);
    assert.equal(state.idle_timeout, "45m");
    assert.match(container.querySelector("[role=alert]").textContent, /Theirs: 45 minutes\. Yours: 50 minutes\./);
  });

  it("undoes what can be undone", async () => {
    const held = { subject: "user:bo", role: "viewer", at: "acme" };
    const Tools = () => {
      const { run } = useCommand();
      return e(
        "button",
        { onClick: () => run({ withdraw: held }, { done: "Withdrawn.", undo: [{ assign: held }] }) },
        "withdraw",
      );
    };
    await show(Tools);
    await press("withdraw");
    assert.match(container.querySelector(".rc-toasts").textContent, /Withdrawn\./);
    await press("Undo");
    const commands = client.calls.filter(([kind]) => kind === "command");
    // The undo is tried first. It counts only on the state of this trial.
    assert.deepEqual(
      commands.map(([, command, { dryRun = false, ifMatch }]) => [Object.keys(command)[0], dryRun, ifMatch]),
      [
        ["withdraw", false, undefined],
        ["assign", true, undefined],
        ["assign", false, 8],
      ],
    );
  });

  it("names every state of a box for screen readers and styles", async () => {
    const Boxes = () =>
      e(
        "div",
        null,
        e(Box, { checked: "mixed", "aria-label": "branch", onChange() {} }),
        e(Box, { checked: false, inherited: true, change: "add", "aria-label": "one", onChange() {} }),
      );
    await show(Boxes);
    const [branch, one] = container.querySelectorAll("input");
    assert.deepEqual([branch.indeterminate, branch.checked], [true, false]);
    assert.deepEqual([one.dataset.inherited, one.dataset.change], ["true", "add"]);
  });

  it("speaks the language of the application", async () => {
    const Words = () =>
      e("div", null, useText()("common.changes", { n: 2 }), e(CopyCommand, { command: "rolecall admin …" }));
    await show(Words, { language: German });
    assert.match(container.textContent, /2 Änderungen/);
    assert.match(container.textContent, /Dasselbe wie/);
  });
});
