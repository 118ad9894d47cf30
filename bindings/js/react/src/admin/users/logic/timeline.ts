/** Roles over time, as bars with positions in percent. */

import { assignmentKey, type Held } from "./holders.js";

/** A time for which a role is, was or will be held. */
export interface Period {
  key: string;
  role: string;
  title?: string;
  at: string;
  group?: string;
  /** Absent if nobody knows: the assignment is older than the readable log. */
  from?: string;
  until?: string;
  state: "now" | "next" | "past";
}

/** A change of an object in the audit log. */
interface Change {
  kind: string;
  before?: unknown;
  after?: unknown;
}

/** An event of the audit log. */
export interface LoggedEvent {
  time: string;
  changes: readonly Change[];
}

interface Stated extends Omit<Held, "state"> {
  subject?: string;
}

const without = ({ subject: _, ...rest }: Stated): Held => ({ ...rest, state: "active" });

/** Returns when each assignment of a subject began and ended, by the events in their order. */
function history(subject: string, events: readonly LoggedEvent[]): Period[] {
  const open = new Map<string, Period>();
  const closed: Period[] = [];
  for (const { time, changes } of events) {
    for (const { kind, before, after } of changes) {
      if (kind !== "assignment") continue;
      const [old, made] = [before, after] as [Stated | undefined, Stated | undefined];
      if (old?.subject === subject) close(open, closed, without(old), time);
      if (made?.subject === subject) begin(open, without(made), time);
    }
  }
  return [...closed, ...open.values()];
}

function begin(open: Map<string, Period>, held: Held, time: string): void {
  const key = assignmentKey(held);
  open.set(key, { ...period(held, key), from: held.from !== undefined && held.from > time ? held.from : time });
}

function close(open: Map<string, Period>, closed: Period[], held: Held, time: string): void {
  const key = assignmentKey(held);
  const begun = open.get(key) ?? period(held, key);
  open.delete(key);
  // Roles that are withdrawn before they begin were never held.
  if (begun.from !== undefined && Date.parse(begun.from) >= Date.parse(time)) return;
  const until = held.until !== undefined && Date.parse(held.until) < Date.parse(time) ? held.until : time;
  closed.push({ ...begun, key: `${key} ${time}`, until, state: "past" });
}

function period(held: Held, key: string): Period {
  const { role, title, at, group, from, until } = held;
  return {
    key,
    role,
    at,
    ...(title === undefined ? {} : { title }),
    ...(group === undefined ? {} : { group }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    state: "now",
  };
}

function stateOf({ from, until }: Period, now: number): Period["state"] {
  if (until !== undefined && Date.parse(until) <= now) return "past";
  return from !== undefined && Date.parse(from) > now ? "next" : "now";
}

const RANK = { now: 0, next: 1, past: 2 } as const;

/**
 * Returns the periods of a subject: the assignments of now, with their begin as far as the log has it, and those that the
 * log saw end.
 */
export function periods(subject: string, held: readonly Held[], events: readonly LoggedEvent[], now: Date): Period[] {
  const logged = history(subject, events);
  const begun = new Map(logged.map((entry) => [entry.key, entry]));
  const titles = new Map(held.map(({ role, title }) => [role, title]));
  const present = held.map((one) => {
    const key = assignmentKey(one);
    const from = one.from ?? begun.get(key)?.from;
    return { ...period(one, key), ...(from === undefined ? {} : { from }) };
  });
  const keys = new Set(present.map(({ key }) => key));
  const gone = logged.filter(({ key }) => !keys.has(key));
  return [...present, ...gone]
    .map((entry) => {
      const title = entry.title ?? titles.get(entry.role);
      return { ...entry, ...(title === undefined ? {} : { title }), state: stateOf(entry, now.getTime()) };
    })
    .sort((one, other) => RANK[one.state] - RANK[other.state] || (one.from ?? "").localeCompare(other.from ?? ""));
}

/** The part of time that is shown. */
export interface Span {
  from: number;
  until: number;
}

/** The choices of a span. */
export type SpanName = "30d" | "6m" | "all";

const DAY = 86_400_000;

/** Returns the span around now; `all` covers every begin and end. */
export function spanOf(name: SpanName, entries: readonly Period[], now: Date): Span {
  const at = now.getTime();
  if (name === "30d") return { from: at - 15 * DAY, until: at + 15 * DAY };
  if (name === "6m") return { from: at - 91 * DAY, until: at + 91 * DAY };
  const times = entries
    .flatMap(({ from, until }) => [from, until])
    .flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  const [first, last] = [Math.min(at, ...times), Math.max(at, ...times)];
  const margin = Math.max(7 * DAY, (last - first) / 20);
  return { from: first - margin, until: last + margin };
}

/** A bar: its left edge and width in percent, and which ends are outside of the span. */
export interface Bar {
  x: number;
  width: number;
  /** Where the period ends, if it does within the span. */
  end?: number;
}

const percent = (time: number, { from, until }: Span): number => ((time - from) / (until - from)) * 100;

const within = (value: number): number => Math.min(100, Math.max(0, value));

/** Returns where now is, in percent. */
export function position(time: number, span: Span): number {
  return within(percent(time, span));
}

/** Returns the bar of a period, or undefined if it is outside of the span. */
export function bar({ from, until }: Period, span: Span): Bar | undefined {
  const left = from === undefined ? 0 : percent(Date.parse(from), span);
  const right = until === undefined ? 100 : percent(Date.parse(until), span);
  if (right < 0 || left > 100) return undefined;
  const x = within(left);
  const width = Math.max(within(right) - x, 0.6);
  return { x, width, ...(until !== undefined && right <= 100 ? { end: right } : {}) };
}

/** A mark of the axis: the start of a month, or of a week in a short span. */
export interface Tick {
  x: number;
  time: Date;
  unit: "day" | "month" | "year";
}

/** Returns the marks of the axis, at most about 14. */
export function ticks(span: Span): Tick[] {
  const days = (span.until - span.from) / DAY;
  const found = days <= 45 ? weekly(span) : monthly(span, Math.max(1, Math.ceil(days / 30 / 12)));
  return found.map((time) => ({ x: percent(time.getTime(), span), time, unit: unitOf(days) }));
}

const unitOf = (days: number): Tick["unit"] => (days <= 45 ? "day" : days <= 1200 ? "month" : "year");

function weekly({ from, until }: Span): Date[] {
  const start = new Date(from);
  const first = new Date(start.getFullYear(), start.getMonth(), start.getDate() + ((8 - start.getDay()) % 7));
  const found: Date[] = [];
  for (let at = first; at.getTime() < until; at = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 7))
    if (at.getTime() >= from) found.push(at);
  return found;
}

function monthly({ from, until }: Span, step: number): Date[] {
  const start = new Date(from);
  const found: Date[] = [];
  for (let month = start.getMonth() + 1; ; month += step) {
    const at = new Date(start.getFullYear(), month, 1);
    if (at.getTime() >= until) return found;
    found.push(at);
  }
}
