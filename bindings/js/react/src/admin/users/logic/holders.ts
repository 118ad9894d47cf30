/** The values in the rows of people. */

import { shortId } from "../../ids.js";

/** A role assignment in a list. */
export interface Held {
  role: string;
  title?: string;
  at: string;
  below?: false;
  boundaries?: Record<string, string[]>;
  from?: string;
  until?: string;
  group?: string;
  mapped?: unknown;
  state: "active" | "not-yet" | "expired";
}

/** The parts of a row that name a person. */
export interface Named {
  subject: string;
  title?: string;
  name?: string;
  email?: string;
}

/** Returns the name that people read: a name, a title, or the id without its kind. */
export function displayName({ subject, title, name, email }: Named): string {
  return name ?? title ?? email ?? shortId(subject);
}

/** Returns at most two letters for a picture of a name. */
export function initials(name: string): string {
  const words = name.split("@", 1)[0]?.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = "", last = ""] = words.length > 1 ? [words[0], words.at(-1)] : [words[0], ""];
  const letters = last === "" ? [...first].slice(0, 2) : [[...first][0], [...last][0]];
  return letters.join("").toLocaleUpperCase();
}

/** Returns the first end of roles that have not ended, as it is written. */
export function nextEnd(roles: readonly Held[]): string | undefined {
  const ends = roles
    .filter(({ state }) => state !== "expired")
    .flatMap(({ until }) => (until === undefined ? [] : [until]));
  return ends.sort((one, other) => Date.parse(one) - Date.parse(other))[0];
}

/** Returns the first begin or end of roles in rows that is still to come, in milliseconds. */
export function nextChange(
  rows: readonly { roles: readonly Pick<Held, "from" | "until" | "state">[] }[],
): number | undefined {
  let first: number | undefined;
  for (const { roles } of rows) {
    for (const { from, until, state } of roles) {
      const time = state === "not-yet" ? from : state === "active" ? until : undefined;
      if (time === undefined) continue;
      first = Math.min(first ?? Infinity, Date.parse(time));
    }
  }
  return first;
}

/** Returns a key for an assignment. Two assignments of a subject differ in one of these parts. */
export function assignmentKey({ role, at, below, boundaries, from, until, group }: Held): string {
  return JSON.stringify([role, at, below ?? true, boundaries ?? {}, from ?? "", until ?? "", group ?? ""]);
}

/** Returns the fields that name an assignment in `assign` and `withdraw`. */
export function assignmentFields(subject: string, held: Omit<Held, "state">): Record<string, unknown> {
  const { role, at, below, boundaries, from, until } = held;
  return {
    subject,
    role,
    at,
    ...(below === undefined ? {} : { below }),
    ...(boundaries === undefined ? {} : { boundaries }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Whether a role is one that an administrator can withdraw here: not through a group, and not by a mapping. */
export function isDirect({ group, mapped }: Held): boolean {
  return group === undefined && mapped === undefined;
}

/** Returns the commands that give an assignment another end: one event, if the assignment is the only one of its role. */
export function withEnd(subject: string, held: Held, until: string | undefined): Record<string, object>[] {
  const { until: _, ...rest } = held;
  const renewed = until === undefined ? rest : { ...rest, until };
  // The new assignment comes first, so that no administrator is missed in between.
  return [{ assign: assignmentFields(subject, renewed) }, { withdraw: assignmentFields(subject, held) }];
}

/** Returns how soon something ends: `soon` within a day, `near` within 30 days. */
export function urgency(until: string | undefined, now: Date): "past" | "soon" | "near" | "far" | "never" {
  if (until === undefined) return "never";
  const left = Date.parse(until) - now.getTime();
  if (left <= 0) return "past";
  if (left < 86_400_000) return "soon";
  return left < 30 * 86_400_000 ? "near" : "far";
}
