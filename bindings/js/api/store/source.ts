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

/** Views and portable sessions begin this much before the time at which they were made, in milliseconds. */
const EARLY = 30_000;

/** Returns the parts of a source. Throws `TypeError` if it is none. */
export function sourceOf(given: unknown, session: MakeSession | undefined): Source {
  const source = ((given as View).rolecall_view ? openView(given as View) : given) as Parts;
  const live = source.onChange && (source as Followed<unknown>);
  if (!live && !(source.session ? session : source.can))
    throw TypeError("a store needs a session, or an engine and `session`");
  const from = source.coverage?.from;
  return {
    current: () => (live ? live.current : source),
    open(current, time) {
      const { at, coverage, session: sessions } = current as Parts;
      if (session && sessions) return session(current as never, time);
      return at && coverage ? (current as Timed).at(coverage.at, time) : (current as Asks);
    },
    begin: from ? new Date(Date.parse(from) + EARLY) : undefined,
    live,
  };
}

/** The parts by which a source shows what it is. */
type Parts = Partial<Followed<unknown> & Timed & Sessions>;
