/** Options, read once: a name that none has is refused, since what it asks for would not be done. */

import { isPlain, ownFields, PLAINLY } from "../shape.js";
import { ClientError } from "../errors.js";

export function options<T extends object>(
  given: T | undefined,
  known: readonly (keyof T & string)[],
  what = "options",
): T {
  if (given === undefined) return {} as T;
  const entries = isPlain(given) ? ownFields(given) : "they are not a plain object";
  if (typeof entries === "string")
    throw new ClientError("client.options", `the ${what} cannot be read: ${entries}; ${PLAINLY}`);
  for (const [key] of entries) {
    if ((known as readonly string[]).includes(key)) continue;
    throw new ClientError("client.options", `\`${key}\` is not one of the ${what}: ${known.join(", ")}`);
  }
  return Object.fromEntries(entries) as T;
}

/** Refuses arguments that nothing would read. */
export function atMost(most: number, given: number): void {
  if (given > most) throw new ClientError("client.options", `${given} arguments are given; ${most} are read`);
}
