/** The answers of a store at one time, as plain functions: reactive frameworks may wrap them. */

import type { FieldLabels, Menu, MenuName, PermissionName, Redacted, Resource } from "../types.js";
import type { Asks, Verdict } from "./asks.js";

/** Answers for one subject. The object is another one when an answer or the connection has changed. */
export interface Answers {
  /** Returns whether a permission is allowed. */
  can(permission: PermissionName, item?: Resource): boolean;
  /** Returns the visible part of a menu: the same object until the menu changes. */
  menu(name: MenuName): Menu;
  /** Returns the decision with its reasons, if the source has them. */
  why(permission: PermissionName, item?: Resource): Verdict;
  /** Returns a record without the fields that may not be read. Throws `TypeError` if the source cannot redact. */
  redact(record: object, labels: FieldLabels, more?: { mask?: string }): Redacted;
  /** Whether changes arrive. `true` for sources without a connection. */
  readonly connected: boolean;
  /** The reason why everything is denied: the login session has ended, or the answers are too old. */
  readonly error: unknown;
}

/** The parts of its store that answers need. */
export interface Context {
  /** The last answer for each menu. */
  menus: Map<string, { text: string; menu: Menu }>;
  /** Returns an answer, or a denial for a name that the policy does not have. */
  guarded<T>(ask: () => T, denied: T): T;
}

/** Returns the answers of an object, or denials without one. `until` notes a later time at which an answer may change. */
export function answersOf(
  asks: Asks | undefined,
  { menus, guarded }: Context,
  until: (time: string | undefined) => void,
  connected: boolean,
  error: unknown,
): Answers {
  const own = new Map<string, Menu>();
  const why = (permission: PermissionName, item?: Resource): Verdict =>
    guarded(
      () => {
        if (!asks?.check) return { allow: !!asks?.can(permission, item), reasons: [] };
        const { allow, reasons, valid_until } = asks.check(permission, item);
        until(valid_until);
        return { allow, reasons };
      },
      { allow: false, reasons: [] },
    );
  return Object.freeze<Answers>({
    can: (permission, item) => (item ? why(permission, item).allow : guarded(() => !!asks?.can(permission), false)),
    why,
    menu(name) {
      let menu = own.get(name);
      if (!menu) {
        const { valid_until, ...visible }: Menu = guarded(() => asks?.menu(name) ?? { items: [] }, { items: [] });
        until(valid_until);
        const text = JSON.stringify(visible);
        const known = menus.get(name);
        menu = known?.text === text ? known.menu : visible;
        menus.set(name, { text, menu });
        own.set(name, menu);
      }
      return menu;
    },
    redact(record, labels, more) {
      if (!asks?.redact) throw TypeError("this source cannot redact records");
      const redacted = asks.redact(record, labels, more);
      until(redacted.valid_until);
      return redacted;
    },
    connected,
    error,
  });
}
