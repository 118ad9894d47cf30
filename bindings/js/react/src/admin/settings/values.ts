/** The values of settings, as they are typed and stored. */

import { failureOf } from "../failure.js";

/** Returns the ranges of a text with one in each line. */
export function rangesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((range) => range !== "");
}

/** Returns the address from which the actor comes, if a refusal names it. */
export function ownAddress(error: unknown): string | undefined {
  const failure = failureOf(error);
  if (failure.code !== "networks.lockout") return undefined;
  return / comes from ([0-9a-f.:]+),/i.exec(failure.message)?.[1];
}

const UNITS: Record<string, number> = { ms: 1 / 60_000, s: 1 / 60, m: 1, h: 60, d: 1440 };

/** Returns the minutes of a duration such as `1h` or `45m`. */
export function minutesOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
}
