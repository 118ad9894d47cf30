/** A store of answers for a page. It stays right at changes, at expiry, after sleep and while offline. */

import { alarm } from "../alarm.js";
import type { View } from "../types.js";
import type { Answers } from "./answers.js";
import type { Asks, Followed, Opener, Sessions, Timed, Verdict } from "./asks.js";
import { evaluate, type Evaluation, isOutdated, type Shared, throwMistake } from "./evaluation.js";
import { type MakeSession, sourceOf } from "./source.js";
import { guard } from "./unknown.js";

export { opened } from "./portable.js";
export type { Answers, Asks, Followed, Opener, Sessions, Timed, Verdict };

/** A source of answers: a view, a session, or a connection. `opened` opens bytes and passes. */
export type StoreSource = View | Asks | Followed<Asks>;

/** Options of a store. */
export interface StoreOptions {
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
  /** A name that the policy does not have: `throw` a `RequestError`, or `deny` and warn once. `throw` by default. */
  onUnknown?: "throw" | "deny" | undefined;
}

/** Options of a store that makes its sessions from an engine. */
export interface EngineStoreOptions<E> extends StoreOptions {
  /** Makes the session of an engine at a time. */
  session: (engine: E, time: Date) => Asks;
}

/** Answers that stay right by themselves. */
export interface Store {
  /** Calls a listener when the answers or the connection have changed. Returns a function that removes the listener. */
  subscribe(listener: () => void): () => void;
  /** Returns the answers at this time: the same object until one of them may differ. */
  get(): Answers;
  /** Returns the answers at the time at which the source was made, for the first render of a page. */
  server(): Answers;
  /** Continues with another source, such as a connection that is open now, or another user. */
  replace(source: StoreSource | Sessions | Followed<Sessions>): void;
  /** Evaluates again, after a change that the source does not report, such as `apply` of an engine. */
  refresh(): void;
}

/**
 * Returns a store of the answers of a source. A session that is fixed at one time denies everything when it is no longer
 * valid; with an engine and the option `session`, the store makes the next session. Throws errors of the source.
 */
export function createStore<E extends Sessions>(source: E | Followed<E>, options: EngineStoreOptions<E>): Store;
export function createStore(source: StoreSource, options?: StoreOptions): Store;
export function createStore(given: unknown, options: StoreOptions & { session?: MakeSession } = {}): Store {
  const { now = () => new Date(), onUnknown, session, ...unknown } = options;
  for (const key in unknown) throw new TypeError(`\`${key}\` is not an option`);
  const listeners = new Set<() => void>();
  let source = sourceOf(given, session);
  let unfollow: (() => void) | undefined;
  let notified: Answers | undefined;

  const shared: Shared = {
    menus: new Map(),
    guarded: guard(onUnknown),
    isShorter: (evaluation) => evaluation === last && arm(),
  };
  let last = {} as Evaluation;
  const first = (last = evaluate(source, source.begin ?? now(), shared));
  throwMistake(first.answers.error);

  const update = (): void => {
    last = evaluate(source, now(), shared);
    if (listeners.size) queueMicrotask(wake);
  };
  const get = (): Answers => {
    if (isOutdated(last, source, now())) update();
    return last.answers;
  };
  const wake = (): void => {
    const answers = get();
    arm();
    if (answers === notified) return;
    notified = answers;
    for (const listener of [...listeners]) listener();
  };
  const bell = alarm(wake, () => +now());
  const arm = (): void => bell(listeners.size && last.until < Infinity ? last.until : undefined);
  /** Follows the source while there are listeners. */
  const follow = (): void => {
    unfollow?.();
    unfollow = listeners.size ? source.live?.onChange(wake) : undefined;
    arm();
  };

  return {
    get,
    server: () => first.answers,
    refresh: update,
    replace(other) {
      source = sourceOf(other, session);
      update();
      follow();
    },
    subscribe(listener) {
      // Two subscriptions with the same function are two subscriptions.
      const own = (): void => listener();
      listeners.add(own);
      if (listeners.size === 1) {
        notified = last.answers;
        follow();
      }
      wake();
      return () => {
        if (listeners.delete(own) && listeners.size === 0) follow();
      };
    },
  };
}
