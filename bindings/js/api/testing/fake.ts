/** Sessions that answer what a test says, without WebAssembly. */

import { ForbiddenError, RequestError } from "../errors.js";
import type { Decision, Menu, MenuName, PermissionName, Permissions, Resource } from "../types.js";

/** What a fake session may do. */
export interface FakeOptions {
  /** The permissions. Every other one is denied. */
  can?: readonly PermissionName[];
  /** The menus. */
  menus?: { readonly [name in MenuName]?: Menu };
  /** All permissions of the policy. With them, a misspelt name is an error. */
  names?: readonly string[];
  /** The id of the user. Default: `user:test`. */
  subject?: string;
  /** The scope. Default: `test`. */
  at?: string;
  /** The instant at which the answers end, in milliseconds since the epoch. */
  validUntil?: number;
}

const KEYS = ["can", "menus", "names", "subject", "at", "validUntil"];
const NAME = /^[\w/-]+:[\w-]+$/;

/** A session with the permissions that a test gave it. It answers the same for every item. */
export interface FakeSession {
  readonly subject: string;
  readonly coverage: { readonly at: string };
  readonly validUntil: number | undefined;
  /** Returns whether a permission is among those of the fake. Throws a `RequestError` for a misspelt one. */
  can(permission: PermissionName, resource?: Resource): boolean;
  /** Returns a decision, with the reason `granted` or `no-grant`. */
  check(permission: PermissionName, resource?: Resource): Decision;
  /** Returns the decision, or throws a `ForbiddenError`. */
  require(permission: PermissionName, resource?: Resource): Decision;
  /** Returns the menu that the test gave the fake. Throws a `RequestError` for any other. */
  menu(name: MenuName): Menu;
  /** Returns the permissions of the fake. */
  permissions(): Permissions;
  /** Returns the record itself, with no field removed. */
  redact<R>(record: R): { record: R; withheld: string[] };
  /** Returns the fake itself: it answers the same at every scope and time. */
  at(scope?: string, time?: unknown): FakeSession;
}

/** Returns a session that may do exactly what `can` lists. Throws a `RequestError` for a misspelt permission. */
export function fake(options: FakeOptions = {}): FakeSession {
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new TypeError(`\`${key}\` is not an option of a fake`);
  }
  const { subject = "user:test", at = "test", validUntil } = options;
  const names = options.names && new Set(options.names);
  const known = (name: string): string => {
    if (typeof name === "string" && (names ? names.has(name) : NAME.test(name))) return name;
    const path = "permission";
    throw new RequestError({ code: "permission.unknown", path, message: `there is no permission \`${name}\`` });
  };
  const allowed = new Set((options.can ?? []).map(known));
  const menus = new Map<string, Menu>(Object.entries((options.menus ?? {}) as Record<string, Menu>));
  const valid_until = validUntil === undefined ? {} : { valid_until: new Date(validUntil).toISOString() };

  const can = (permission: string): boolean => allowed.has(known(permission));
  const check = (permission: string): Decision => {
    const allow = can(permission);
    const reasons = [allow ? "granted" : "no-grant"];
    return { allow, reasons, granted_by: [], withheld: [], narrowed: {}, ...valid_until };
  };
  const session: FakeSession = {
    subject,
    coverage: { at },
    validUntil,
    can,
    check,
    require(permission) {
      const decision = check(permission);
      if (!decision.allow) throw new ForbiddenError(decision, { subject, permission, at });
      return decision;
    },
    menu(name) {
      const menu = menus.get(name);
      if (menu) return menu;
      const help = "give the fake its menus, as in `fake({ menus: { … } })`";
      throw new RequestError({ code: "menu.unknown", path: "menu", message: `the fake has no menu \`${name}\``, help });
    },
    permissions: () => ({ permissions: [...allowed].sort(), ...valid_until }),
    redact: (record) => ({ record, withheld: [] }),
    at: () => session,
  };
  return session;
}

/** An engine of fakes, for the packages of web servers. */
export interface FakeEngine {
  session(subject: string, context: { at: string }): FakeSession;
  readonly policy: { permission(name: PermissionName): number };
}

/**
 * Returns an engine whose subjects may do exactly what is listed for each, at every scope and time. Others may do
 * nothing. With `names`, all permissions of the policy, a misspelt name is an error.
 */
export function fakeEngine(
  can: { readonly [subject: string]: readonly PermissionName[] },
  names?: readonly string[],
): FakeEngine {
  const of = (subject: string, at: string): FakeSession =>
    fake({ can: can[subject] ?? [], subject, at, ...(names && { names }) });
  Object.keys(can).forEach((subject) => of(subject, "test"));
  return {
    session: (subject, { at }) => of(subject, at),
    policy: {
      permission(name) {
        fake({ can: [name], ...(names && { names }) });
        return names ? names.indexOf(name) : 0;
      },
    },
  };
}
