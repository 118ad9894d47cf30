/** Options, each read once. Unknown names are rejected, because they would be ignored. */

import { isPlain, ownFields, PLAIN_OBJECT_HELP } from "../shape.js";
import { ClientError } from "../errors.js";

export function options<T extends object>(
  given: T | undefined,
  known: readonly (keyof T & string)[],
  what = "options",
): T {
  if (given === undefined) return {} as T;
  const entries = isPlain(given) ? ownFields(given) : "they are not a plain object";
  if (typeof entries === "string")
    throw new ClientError("client.options", `the ${what} cannot be read: ${entries}; ${PLAIN_OBJECT_HELP}`);
  for (const [key] of entries) {
    if ((known as readonly string[]).includes(key)) continue;
    throw new ClientError("client.options", `\`${key}\` is not one of the ${what}: ${known.join(", ")}`);
  }
  return Object.fromEntries(entries) as T;
}

/** Rejects extra arguments, which would be ignored. */
export function atMost(most: number, given: number): void {
  if (given > most)
    throw new ClientError("client.options", `${given} arguments are given; at most ${most} are allowed`);
}
