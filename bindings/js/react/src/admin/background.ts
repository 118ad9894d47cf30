/** Requests that do not count as activity of the user. */

import type { Administration } from "rolecall/client";
import { failureOf } from "./failure.js";

/** The methods that read, with the place of their options. */
const READS: Readonly<Record<string, number>> = {
  list: 2,
  show: 2,
  matrix: 1,
  events: 1,
  csv: 2,
  rights: 1,
  documents: 1,
  chain: 1,
};

/** The methods that change something, unless they only ask for the effect. */
const CHANGES = new Set(["command", "transaction", "import"]);

type Method = (...given: unknown[]) => unknown;

/**
 * Returns a client whose reads and dry runs are marked as those of the page. Lists are loaded again while others work, so
 * they say nothing of the user; what a user does is reported by `followActivity()` of the session. `note` is called with
 * whether a request has reached the server.
 */
export function inBackground(client: Administration, note: Note = () => undefined): Administration {
  const marked = new Map<PropertyKey, Method>();
  return new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      let method = marked.get(name);
      // A method stays the same, so that effects may depend on it.
      if (method === undefined) marked.set(name, (method = mark(target, String(name), value as Method, note)));
      return method;
    },
  });
}

type Note = (isReached: boolean) => void;

function mark(target: object, name: string, method: Method, note: Note): Method {
  const place = READS[name] ?? (CHANGES.has(name) ? 1 : undefined);
  if (place === undefined) return method.bind(target);
  return (...given) => {
    const options = given[place] as { dryRun?: boolean } | undefined;
    if (name in READS || options?.dryRun === true) given[place] = { background: true, ...options };
    return noted(method.apply(target, given), note);
  };
}

/** Follows the answer to a request. One that the page gave up says nothing. */
function noted(answer: unknown, note: Note): unknown {
  if (!(answer instanceof Promise)) return answer;
  return answer.then(
    (value: unknown) => {
      note(true);
      return value;
    },
    (error: unknown) => {
      const { cause } = error as { cause?: { name?: string } };
      if (cause?.name !== "AbortError") note(!failureOf(error).unreachable);
      throw error;
    },
  );
}
