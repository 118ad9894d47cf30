/** What a store needs of the object that answers. */

import type { FieldLabels, Menu, MenuName, PermissionName, Redacted, Resource } from "../types.js";

/** A decision, and its reasons if the source has them. */
export interface Verdict {
  allow: boolean;
  /** The codes of all reasons. Empty if the source has none: views and portable sessions contain no reasons. */
  reasons: readonly string[];
}

/**
 * An object that answers for one subject in one context: a session of an engine, a portable session, a view, or a fake
 * in a test. It needs neither a class nor private members.
 */
export interface Asks {
  can(permission: PermissionName, item?: Resource): boolean;
  menu(name: MenuName): Menu;
  check?(permission: PermissionName, item?: Resource): Verdict & { valid_until?: string };
  redact?(record: object, labels: FieldLabels, more?: { mask?: string }): Redacted;
  /** The first later time at which an answer may change, in milliseconds since the epoch. */
  readonly validUntil?: number | null | undefined;
}

/** Answers that can be computed for another time as well, such as those of a portable session. */
export interface Timed extends Asks {
  at(scope: string, time: Date): Asks;
  readonly coverage: { readonly at: string; readonly from?: string };
}

/** An engine of any package. */
export interface Sessions {
  session(subject: string, context: never): Asks;
}

/** A connection of `connect`, or another source that reports its changes. */
export interface Followed<T> {
  readonly current: T;
  onChange(listener: () => void): () => void;
  readonly connection?: { readonly connected: boolean };
}

/** The class `PortableSession` of any package. */
export interface Opener {
  fromBytes(bytes: Uint8Array, where: { time: Date }): Timed;
}
