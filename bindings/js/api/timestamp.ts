/** Instants, and the numbers that are taken for them by mistake. */

import { RequestError } from "./errors.js";
import { needed } from "./shape.js";
import type { Fault, Timestamp } from "./types.js";
import { wellFormed } from "./unicode.js";

/** 1990-01-01: what is before it are seconds since the epoch. The core has the same bound. */
const EARLIEST = 631_152_000_000;

/** The milliseconds of a `Date`, of any realm, read without its methods. Undefined for other values. */
export function millisOf(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value as Date);
  } catch {
    return undefined;
  }
}

/** The text of a `Date` by its milliseconds, or the fault. */
export function dateText(millis: number): string | Omit<Fault, "path"> {
  if (millis >= EARLIEST) return new Date(millis).toISOString();
  const code = "time.malformed";
  if (Number.isNaN(millis)) return { code, message: "the date is `Invalid Date`", help: "check what it was made of" };
  return {
    code,
    message: "the instant is before 1990: these look like seconds, not milliseconds",
    help: "multiply seconds by 1000, or write the instant as RFC 3339",
  };
}

/** An instant as a text. */
export function timestampText(time: Timestamp, path = "time"): string {
  if (typeof time === "string") return wellFormed(time, path);
  const millis = millisOf(time);
  if (millis === undefined)
    throw needed("an instant", time, path, "give a `Date`, or a text such as `2026-11-21T10:00:00Z`");
  const text = dateText(millis);
  if (typeof text === "string") return text;
  throw new RequestError({ ...text, path });
}
