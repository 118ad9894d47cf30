/** Matchers for Vitest, Jest and every runner with `expect.extend`, and the same without them. */

import type { Decision, PermissionName, Resource } from "../types.js";

/** A session, real or fake. */
export interface Checks {
  check(permission: PermissionName, resource?: Resource): Pick<Decision, "allow" | "reasons">;
}

/** The result of a matcher. */
export interface Matched {
  pass: boolean;
  message: () => string;
}

function matched(session: Checks, permission: string, resource: Resource | undefined, reason?: string): Matched {
  if (typeof session?.check !== "function") throw new TypeError("expected a session");
  const { allow, reasons } = session.check(permission, resource);
  if (reason !== undefined) {
    const pass = !allow && reasons.includes(reason);
    return { pass, message: () => `\`${permission}\`: ${reasons.join(", ")}` };
  }
  return { pass: allow, message: () => `\`${permission}\` is ${allow ? "allowed" : `denied: ${reasons.join(", ")}`}` };
}

/** `expect.extend(matchers)` adds `toAllow(permission, item?)` and `toDenyBecause(permission, reason, item?)`. */
export const matchers = {
  toAllow: (session: Checks, permission: PermissionName, resource?: Resource): Matched =>
    matched(session, permission, resource),
  toDenyBecause: (session: Checks, permission: PermissionName, reason: string, resource?: Resource): Matched =>
    matched(session, permission, resource, reason),
};

/** The types of the matchers, to extend those of a test runner. */
export interface RolecallMatchers<R = unknown> {
  /** Passes if the session allows the permission. `.not.toAllow` passes if it denies. */
  toAllow(permission: PermissionName, resource?: Resource): R;
  /** Passes if the session denies the permission for this reason, such as `no-grant`. */
  toDenyBecause(permission: PermissionName, reason: string, resource?: Resource): R;
}

/** Throws an `Error` with the reasons unless the session allows all of these permissions. */
export function assertAllows(session: Checks, ...permissions: readonly PermissionName[]): void {
  const failed = permissions.map((name) => matched(session, name, undefined)).filter(({ pass }) => !pass);
  if (failed.length) throw new Error(failed.map(({ message }) => message()).join("; "));
}

/** Throws an `Error` unless the session denies all of these permissions. */
export function assertDenies(session: Checks, ...permissions: readonly PermissionName[]): void {
  const failed = permissions.map((name) => matched(session, name, undefined)).filter(({ pass }) => pass);
  if (failed.length) throw new Error(failed.map(({ message }) => message()).join("; "));
}
