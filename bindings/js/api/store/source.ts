/** Sources of a store. */

import type { View } from "../types.js";
import { openView } from "../view/index.js";
import type { Asks, Followed, Sessions, Timed } from "./asks.js";

/** The parts of a source that a store uses. */
export interface Source {
  /** Returns the object behind the answers, which is another one after a change. Throws if there are no answers. */
  current(): unknown;
  /** Returns the answers of that object at a time. */
  open(current: unknown, time: Date): Asks;
  /** The time at which the source was made. */
  begin?: Date | undefined;
  live?: Followed<unknown> | undefined;
}

/** Makes the session of an engine at a time. */
export type MakeSession = (engine: never, time: Date) => Asks;

/** Returns the parts of a source. Throws `TypeError` if it is none. */
export function sourceOf(given: unknown, session: MakeSession | undefined): Source {
  const open = (current: unknown, time: Date): Asks => {
    if (isEngine(current) && session) return session(current as never, time);
    const { at, coverage } = current as Partial<Timed>;
    return at && coverage ? (current as Timed).at(coverage.at, time) : (current as Asks);
  };
  const { rolecall_view, parts } = given as Partial<View>;
  if (rolecall_view) {
    const view = openView(given as View);
    return { current: () => view, open, begin: begin(parts?.[0]?.from) };
  }
  const { onChange, can, coverage } = given as Partial<Followed<unknown> & Timed>;
  const live = onChange && (given as Followed<unknown>);
  if (!live && (isEngine(given) ? !session : !can))
    throw TypeError("a store needs a session, or an engine and `session`");
  return { current: () => (live ? live.current : given), open, live, begin: begin(coverage?.from) };
}

/** Views and portable sessions begin this much before the time at which they were made, in milliseconds. */
const EARLY = 30_000;

const begin = (from: string | undefined): Date | undefined => (from ? new Date(Date.parse(from) + EARLY) : undefined);

const isEngine = (current: unknown): boolean => !!(current as Sessions).session;
