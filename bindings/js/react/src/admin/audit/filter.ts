/** The filter of the audit log. */

import type { EventParams } from "rolecall/client";

/** The filter of an audit log. */
export type AuditFilter = {
  from?: string | undefined;
  until?: string | undefined;
  actor?: string | undefined;
  subject?: string | undefined;
  type?: string | undefined;
  operation?: string | undefined;
  /** A text that the loaded events must contain. */
  search?: string | undefined;
};

/** Returns a filter as the server takes it. */
export function paramsOf({ from, until, actor, subject, type, operation }: AuditFilter): Omit<EventParams, "at"> {
  const stated = Object.entries({ from, until, actor, subject, objectType: type, operation });
  return Object.fromEntries(stated.filter(([, value]) => value !== undefined && value !== ""));
}
