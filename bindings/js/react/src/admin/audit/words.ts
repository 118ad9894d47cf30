/** The words and icons of events. */

import type { AuditEntry } from "rolecall/client";
import { audit } from "../messages/en/audit.js";
import { type EventNames, objectName, partName, said } from "../said.js";
import type { IconName } from "../ui/icon.js";

/** Returns the values of an `audit.` list, such as every operation. */
export function words(part: "op" | "type"): string[] {
  const start = `audit.${part}.`;
  return Object.keys(audit)
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length));
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

/** Returns the text of an event in which a search is made: ids, and the names that its reader sees. */
export function searchText(entry: AuditEntry, names: EventNames): string {
  const { event, objects } = entry;
  const command = event.command === undefined ? "" : JSON.stringify(event.command);
  const texts = Object.values(said(entry).values).flat();
  const named = texts.flatMap((one) => (typeof one === "string" ? [partName(one, names)] : []));
  const changed = event.changes.map(({ id }) => objectName(id, names));
  return [event.actor, ...named, ...changed, ...objects.flatMap((one) => [one.id, one.name]), command]
    .join(" ")
    .toLowerCase();
}
