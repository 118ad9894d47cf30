/** Events by day. */

import type { AuditEntry } from "rolecall/client";

/** A day of the page's time zone, with its events. */
export interface Day {
  date: Date;
  entries: AuditEntry[];
}

/** Groups events, newest first, by the day of the page's time zone. */
export function daysOf(entries: readonly AuditEntry[]): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const date = new Date(entry.date);
    const last = days.at(-1);
    if (last?.date.toDateString() === date.toDateString()) last.entries.push(entry);
    else days.push({ date, entries: [entry] });
  }
  return days;
}
