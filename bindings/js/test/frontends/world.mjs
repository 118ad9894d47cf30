// What the tests of all frameworks share: a policy, a directory, sources of answers, and a moved clock.

import { mock } from "node:test";
import { Engine } from "rolecall";

const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  labels: ["pii"],
  resources: { segments: { actions: ["view", "edit"] }, users: { actions: ["view"] } },
  roles: {
    viewer: { grants: ["segments:view"] },
    editor: { inherits: ["viewer"], grants: ["segments:edit"] },
    admin: { grants: ["users:view"] },
  },
  menus: {
    main: [
      { id: "segments", title: "Segments", href: "/segments", needs: "segments:view" },
      { id: "users", title: "Users", href: "/users", needs: "users:view" },
    ],
  },
};

/** Ada edits for an hour, and becomes an administrator 33 days later. */
const DIRECTORY = {
  rolecall: 1,
  scopes: ["acme"],
  subjects: { "user:ada": {}, "user:eve": {} },
  assignments: [
    { subject: "user:ada", role: "editor", at: "acme", until: "2026-11-21T11:00:00Z" },
    { subject: "user:ada", role: "viewer", at: "acme" },
    { subject: "user:ada", role: "admin", at: "acme", from: "2026-12-24T10:00:00Z" },
  ],
};

export const START = Date.parse("2026-11-21T10:00:00Z");
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const engine = Engine.fromJson(JSON.stringify(POLICY), JSON.stringify(DIRECTORY));

export const session = (subject = "user:ada", time = new Date()) => engine.session(subject, { at: "acme", time });

/** Returns the view of a subject, as a server hands it to a page. */
export const view = (subject) =>
  session(subject).toView({ menus: ["main"], until: new Date(Date.now() + 40 * DAY).toISOString() });

/** Starts a test at a known time. */
export function startClock() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: START });
}

/** Moves time: timers run at their times. */
export const pass = (millis) => mock.timers.tick(millis);

/** Moves the clock alone, as while a machine sleeps. Timers wait. */
export const sleep = (millis) => mock.timers.setTime(Date.now() + millis);

/** Wakes the page, as a browser does. */
export const wake = () => globalThis.dispatchEvent(new window.Event("focus"));

/** A connection whose answers and state a test changes. */
export function connection(current) {
  const listeners = new Set();
  const live = {
    current,
    connection: { connected: true },
    listeners,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(parts) {
      Object.assign(live, parts);
      for (const listener of listeners) listener(live);
    },
  };
  return live;
}

/** Collects what is written to the console as an error or a warning. */
export function complaints() {
  const found = [];
  for (const level of ["error", "warn"])
    mock.method(console, level, (...parts) => {
      const line = parts.map(String).join(" ");
      if (!line.includes("ExperimentalWarning")) found.push(line);
    });
  return found;
}
