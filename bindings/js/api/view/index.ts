/** Answers from a view by look-up, without WebAssembly. Nothing is decided here: the core computed every answer. */

import type { MenuName, PermissionName, Permissions, Resource, Timestamp, View, ViewMenu } from "../types.js";

export type { MenuItem, Permissions, Resource, View, ViewMenu, ViewPart } from "../types.js";

/** The answers of a view. Every function can be used without its object. */
export interface ViewSession {
  /** The scope of the view, and the time at which it begins. */
  readonly coverage: { readonly at: string; readonly from?: string | undefined };
  /** The instant at which the answers change, in milliseconds since the epoch. Undefined if they stay. */
  readonly validUntil: number | undefined;
  /**
   * Returns whether a permission is allowed. Without an item, answers in general, as a session does. Denies and warns,
   * once in a page, if the view does not cover the permission, or the item could change the answer: items with labels or
   * values, and permissions of `by_item`.
   */
  can(permission: PermissionName, item?: Resource): boolean;
  /** Returns the visible part of a menu. A menu that is not covered is empty, with a warning. */
  menu(name: MenuName): ViewMenu;
  /** Returns the names of all permissions that `can` allows. */
  permissions(): Permissions;
  /** Returns the answers at another instant. At another scope everything is denied. */
  at(scope: string, time: Timestamp): ViewSession;
}

/** The messages that were reported. */
const reported = new Set<string>();

function report(message: string): false {
  if (!reported.has(message)) console.warn("rolecall/view: " + message);
  reported.add(message);
  return false;
}

/**
 * Opens the result of `toView`. The answers are those at a timestamp; without one, those at the time of each call, so
 * they end by themselves. Throws an `Error` if this is not a view.
 */
export function openView(view: View, time?: Timestamp): ViewSession {
  if (view?.rolecall_view !== 1) throw new Error("rolecall/view: this is not a view of version 1");
  const covers = new Set(view.covers);
  const parts = view.parts.map((part) => ({
    ...part,
    start: Date.parse(part.from),
    // An end that cannot be read is `NaN`, and the part answers nothing.
    end: part.valid_until === undefined ? Infinity : Date.parse(part.valid_until),
    allowed: new Set(part.permissions),
    menus: new Map(Object.entries(part.menus)),
  }));

  const session = (scope: string, time?: Timestamp): ViewSession => {
    const fixed = time === undefined ? time : +new Date(time);
    const now = (): number => fixed ?? Date.now();
    const part = (instant = now()): (typeof parts)[0] | undefined =>
      scope === view.at ? parts.find(({ start, end }) => start <= instant && instant < end) : undefined;
    return {
      coverage: { at: scope, from: view.parts[0]?.from },
      get validUntil() {
        const instant = now();
        const until = part(instant)?.end ?? parts.find(({ start }) => start > instant)?.start;
        return until === Infinity ? undefined : until;
      },
      can: (permission, item) => {
        if (!covers.has(permission)) return report(`\`${permission}\` is not in the view: denied`);
        const found = part();
        if (!found?.allowed.has(permission)) return false;
        if (item === undefined) return true;
        const { id, labels = [], boundaries, ...others } = item;
        return (
          (Array.isArray(labels) &&
            !labels.length &&
            boundaries === undefined &&
            !Object.keys(others).length &&
            !found.by_item.includes(permission)) ||
          report(`the item decides about \`${permission}\`: denied, use \`rolecall/portable\``)
        );
      },
      menu: (name) => {
        if (!parts[0]?.menus.has(name)) report(`the menu \`${name}\` is not in the view: empty`);
        return part()?.menus.get(name) ?? { items: [] };
      },
      permissions: () => {
        const { permissions = [], valid_until } = part() ?? {};
        return { permissions: [...permissions], ...(valid_until === undefined ? {} : { valid_until }) };
      },
      at: session,
    };
  };
  return session(view.at, time);
}
