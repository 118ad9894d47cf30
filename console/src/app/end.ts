/** Why a login session has ended. */

import type { LoggedIn } from "rolecall/client";

/** The codes of the server for the end of a session, and for the refusal of a login, that have a text. */
export const REASONS = [
  "idle",
  "session-over",
  "session-limit",
  "session-moved",
  "provider-removed",
  "logged-out",
  "unknown-subject",
  "removed",
  "invited",
  "invitation-expired",
  "suspended",
  "support-closed",
  "login-method",
  "second-factor",
  "ip-denied",
  "ip-missing",
] as const;

export type Reason = (typeof REASONS)[number];

/** Returns the code as one that has a text. */
export const reasonOf = (code: string | undefined): Reason | undefined => REASONS.find((known) => known === code);

/** Whether an error of the answers is the end of the session. */
export function hasEnded(error: unknown): boolean {
  const { code = "" } = (error ?? {}) as { code?: string };
  return code === "client.ended" || code.startsWith("session.");
}

/** The end of a session: its reason, and the minutes of a timeout. */
export interface End {
  reason: Reason | undefined;
  minutes: number | undefined;
}

const MINUTE = 60_000;

/** The clocks of the server and of the browser may differ. */
const TOLERANCE = 30_000;

/**
 * Returns why a session has ended: as the server says in its refusal, or else as the times say that it stated before.
 * `state` is its last report.
 */
export function endOf(error: unknown, state: LoggedIn, now: Date): End {
  const { message = "" } = (error ?? {}) as { message?: string };
  const idle = Date.parse(state.valid_until) - Date.parse(state.last_activity);
  const stated = reasonOf(/the session ended: (\S+)/.exec(message)?.[1]);
  const reason = stated ?? byTime(state, now);
  return { reason, minutes: reason === "idle" ? Math.round(idle / MINUTE) : undefined };
}

function byTime({ valid_until, ends }: LoggedIn, now: Date): Reason | undefined {
  if (now.getTime() < Date.parse(valid_until) - TOLERANCE) return undefined;
  return valid_until === ends ? "session-over" : "idle";
}
