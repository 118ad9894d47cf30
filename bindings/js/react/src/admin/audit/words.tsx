/** Events as sentences. */

import type { ReactNode } from "react";
import type { AuditEntry } from "rolecall/client";
import { audit } from "../messages/en/audit.js";
import { type MessageKey, Text, useText } from "../messages/index.js";
import { useScopeTitle } from "../provider.js";
import type { IconName } from "../ui/icon.js";

const isText = (key: string): key is keyof typeof audit => key in audit;

/** Returns the text of a word of the audit log, such as `UPDATE`, or the word. */
export function useWord(): (part: "op" | "type", word: string) => string {
  const t = useText();
  return (part, word) => {
    const key = `audit.${part}.${word}`;
    return isText(key) ? t(key) : word;
  };
}

/** Returns the values of an `audit.` list, such as every operation. */
export function words(part: "op" | "type"): string[] {
  const start = `audit.${part}.`;
  return Object.keys(audit)
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length));
}

/** The name of an id for people: without its kind. */
export function shortId(id: string): string {
  return id.replace(/^(user|app|support|group|provider):/, "");
}

const ICONS: Record<string, IconName> = {
  USER: "user",
  SUPPORT_ACCOUNT: "user",
  ROLE: "key",
  ROLE_ASSIGNMENT: "key",
  ROLE_MAPPING: "key",
  USER_GROUP: "users",
  TEMPORARY_ACCESS: "clock",
  APPLICATION: "link",
};

/** Returns the icon of an event. */
export function iconOf({ operation, objectType }: AuditEntry): IconName {
  if (operation === "LOGIN_FAILED") return "stop";
  if (operation === "LOGIN" || operation === "LOGOUT" || operation === "SESSION_TIMEOUT") return "out";
  return ICONS[objectType] ?? "lock";
}

type Arguments = Readonly<Record<string, unknown>>;

/** Returns the name of the command of an event, and its parameters. */
export function commandOf({ event }: AuditEntry): { name: string; given: Arguments } | undefined {
  const [entry] = Object.entries(event.command ?? {});
  return entry === undefined ? undefined : { name: entry[0], given: entry[1] as Arguments };
}

function keyOf(entry: AuditEntry): MessageKey {
  const { event } = entry;
  if (event.session !== undefined && isText(`audit.did.${event.operation}`))
    return `audit.did.${event.operation}` as MessageKey;
  if (event.mapped !== undefined) return "audit.did.mapped";
  const command = commandOf(entry);
  if (command === undefined) return event.seq === 1 ? "audit.did.begin" : "audit.did.other";
  if (command.name === "set-role" && event.operation === "CREATE") return "audit.did.set-role.new";
  const key = `audit.did.${command.name}`;
  return isText(key) ? key : "audit.did.other";
}

/** Writes one value of a command. */
function written(value: unknown, name: (id: string) => string): string {
  if (Array.isArray(value)) return value.map((one) => written(one, name)).join(", ");
  if (typeof value === "object" && value !== null && "role" in value) return String(value.role);
  return value === undefined ? "–" : name(String(value));
}

/** Says what an event did. */
export function Sentence({ entry, name }: { entry: AuditEntry; name: (id: string) => string }): ReactNode {
  const t = useText();
  const title = useScopeTitle();
  const { event, objects } = entry;
  // The words of a command that are no names.
  const plain = (key: string): ReactNode => {
    const value = given[key];
    const text = `audit.${key}.${String(value)}`;
    if (key === "access" && isText(text)) return t(text);
    return key === "at" && typeof value === "string" ? title(value) : written(value, name);
  };
  const actor = event.actor === "other" ? t("audit.other") : name(event.actor) || t("audit.nobody");
  const given: Record<string, unknown> = {
    subject: event.mapped?.subject,
    ...commandOf(entry)?.given,
    objects: objects.map((object) => object.name),
    actor,
  };
  const names = [
    "actor",
    "subject",
    "role",
    "roles",
    "at",
    "of",
    "group",
    "member",
    "provider",
    "items",
    "item",
    "owner",
  ];
  const more = ["request", "access", "ranges", "timeout", "methods", "path", "boundary", "objects"];
  const values = Object.fromEntries([...names, ...more].map((key) => [key, <b key={key}>{plain(key)}</b>]));
  return <Text id={keyOf(entry)} values={values} />;
}

/** Returns the text of an event in which a search is made. */
export function searchText({ event, objects }: AuditEntry, name: (id: string) => string): string {
  const command = event.command === undefined ? "" : JSON.stringify(event.command);
  const named = [event.actor, ...event.changes.map(({ id }) => id.split(" ")[0] ?? "")].map(name);
  return [event.actor, ...named, ...objects.flatMap((one) => [one.id, one.name]), command].join(" ").toLowerCase();
}
