/** The content of the sentences about events. */

import type { AuditEntry } from "rolecall/client";
import type { Names } from "./names.js";

type Given = Readonly<Record<string, unknown>>;

/** The kind of a value: how it is written. */
export type ValueKind = "subject" | "role" | "scope" | "time" | "duration" | "method" | "access" | "object";

/** The values of sentences, with the kind of each. Others are texts. */
export const KINDS: Readonly<Record<string, ValueKind>> = {
  actor: "subject",
  subject: "subject",
  member: "subject",
  owner: "subject",
  group: "subject",
  role: "role",
  roles: "role",
  of: "role",
  at: "scope",
  path: "scope",
  until: "time",
  timeout: "duration",
  methods: "method",
  access: "access",
  objects: "object",
};

/** The sentence about an event: the end of its key in the catalogue, and its values. */
export interface Said {
  /** The key, and those to use in turn if there is no such text. */
  keys: readonly string[];
  values: Given;
}

/** Returns the name of the command of an event, and its parameters. */
export function commandOf({ event }: Pick<AuditEntry, "event">): { name: string; given: Given } | undefined {
  const [entry] = Object.entries(event.command ?? {});
  return entry === undefined ? undefined : { name: entry[0], given: entry[1] as Given };
}

/** Returns the object of a kind that an event changes. */
function changed({ event }: Pick<AuditEntry, "event">, kind: string): Given | undefined {
  const change = event.changes.find((one) => one.kind === kind);
  return (change?.after ?? change?.before) as Given | undefined;
}

/** Returns the content of the sentence about an event. */
export function said(entry: AuditEntry): Said {
  const { event, objects } = entry;
  const command = commandOf(entry);
  const all = { objects: objects.map(({ id }) => id.slice(id.indexOf(":") + 1)), actor: event.actor };
  if (event.session !== undefined) return { keys: [event.operation, "other"], values: all };
  if (event.mapped !== undefined) return { keys: ["mapped"], values: { ...all, subject: event.mapped.subject } };
  if (command === undefined) return { keys: [event.seq === 1 ? "begin" : "other"], values: all };
  const { name, given } = command;
  // A decision names a request by its number. The request states the subject, role and scope.
  const request = given.request === undefined ? undefined : changed(entry, "request");
  const values = { ...all, ...request, ...given };
  return { keys: [...variants(name, given, event.operation, request), name, "other"], values };
}

/** Returns the sentences that say more about a command. */
function variants(name: string, given: Given, operation: string, request: Given | undefined): string[] {
  if (name === "set-role" && operation === "CREATE") return ["set-role.new"];
  if (name === "assign" && given.until !== undefined) return ["assign.until"];
  if (name === "set-timeout" && given.timeout === undefined) return ["set-timeout.none"];
  if (given.request !== undefined && request === undefined) return [`${name}.hidden`];
  return [];
}

/** Returns the title of a role that an event states: its list no longer has a role that was deleted. */
export function titleIn(entry: AuditEntry, role: string): string | undefined {
  const change = entry.event.changes.find(({ kind, id }) => kind === "role" && id.endsWith(`#${role}`));
  const titles = [change?.after, change?.before].map((one) => (one as { title?: string } | undefined)?.title);
  return titles.find((title) => title !== undefined);
}

/** Returns the ids of subjects and groups in events, each once. */
export function idsIn(entries: readonly AuditEntry[]): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === "string") {
      const [first = ""] = value.split(" ");
      if (/^(user|app|support|group):/.test(first)) found.add(first);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  for (const entry of entries) {
    const { event, application } = entry;
    visit([event.actor, application, event.session?.subject, said(entry).values, event.changes.map(({ id }) => id)]);
  }
  return [...found];
}

/** Names what events are about. */
export interface EventNames {
  subject: Names;
  role: (role: string) => string;
  scope: (id: string) => string;
}

/** Returns the name of an object of an event for people, from its id: the names and titles of its parts. */
export function objectName(id: string, names: EventNames): string {
  const parts = id.split(/[ #]/).filter((part) => part !== "-" && !/^\d{4}-\d\d-\d\dT/.test(part));
  return parts.map((part) => partName(part, names)).join(" · ");
}

/** Returns the name of a subject, role or scope, or the id of something else. */
export function partName(part: string, { subject, role, scope }: EventNames): string {
  return [subject, role, scope].map((name) => name(part)).find((name) => name !== part) ?? part;
}
