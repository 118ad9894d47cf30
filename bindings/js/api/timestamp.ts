/** Timestamps, and detection of numbers that are seconds by mistake. */

import { RequestError } from "./errors.js";
import { needed } from "./shape.js";
import type { ErrorDetails, Timestamp } from "./types.js";
import { wellFormed } from "./unicode.js";

/** 1990-01-01 in milliseconds. Smaller numbers are seconds since the epoch. The core has the same bound. */
const EARLIEST = 631_152_000_000;

/** Returns the milliseconds of a `Date` of any realm, without calling its own methods. Undefined for other values. */
export function millisOf(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value as Date);
  } catch {
    return undefined;
  }
}

/** Returns a timestamp as RFC 3339, or the error. */
export function dateText(millis: number): string | Omit<ErrorDetails, "path"> {
  if (millis >= EARLIEST) return new Date(millis).toISOString();
  const code = "time.malformed";
  if (Number.isNaN(millis))
    return { code, message: "the date is `Invalid Date`", help: "check the value that it was made from" };
  return {
    code,
    message: "the timestamp is before 1990: it looks like seconds, not milliseconds",
    help: "multiply seconds by 1000, or write the timestamp as RFC 3339",
  };
}

/** Returns a timestamp as RFC 3339. */
export function timestampText(time: Timestamp, path = "time"): string {
  if (typeof time === "string") return wellFormed(time, path);
  const millis = millisOf(time);
  if (millis === undefined)
    throw needed("a timestamp", time, path, "pass a `Date`, or a text such as `2026-11-21T10:00:00Z`");
  const text = dateText(millis);
  if (typeof text === "string") return text;
  throw new RequestError({ ...text, path });
}
