/** Rolecall in Svelte: reactive permissions and menus that stay right at changes and at expiry. */

import { getContext, hasContext, onMount, setContext } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import type { Menu, MenuName, PermissionName, Resource } from "rolecall";
import {
  type Answers,
  type Asks,
  createStore,
  type EngineStoreOptions,
  type Followed,
  type Sessions,
  type Store,
  type StoreOptions,
  type StoreSource,
  type Verdict,
} from "rolecall/store";

export type { Answers, Store, StoreOptions, StoreSource, Verdict };

/** The answers of an application. Every function is reactive in markup, `$derived` and `$effect`. */
export interface Roles {
  /** Returns whether a permission is allowed. */
  can(permission: PermissionName, item?: Resource): boolean;
  /** Returns the visible part of a menu: the same object until it changes. */
  menu(name: MenuName): Menu;
  /** Returns the decision with its reasons, if the source has them. */
  why(permission: PermissionName, item?: Resource): Verdict;
  /** Returns all answers, whether changes arrive, and why everything is denied. */
  answers(): Answers;
  /** Makes the roles a store of Svelte: `$roles.can("segments:edit")`. */
  subscribe(run: (answers: Answers) => void): () => void;
  /** The store behind the answers: `replace` continues with another source. */
  readonly store: Store;
}

const KEY = Symbol.for("rolecall");

const NOTHING: Asks = { can: () => false, menu: () => ({ items: [] }) };

const isServer = typeof window === "undefined";

/**
 * Sets the source of answers for this component and those below it: a session, a view, a connection, or a store.
 * Everything is denied while the source is `undefined`. Names that the policy does not have are denied with a warning,
 * unless `onUnknown` is `throw`.
 */
export function setRoles(source: StoreSource | Store | undefined, options?: StoreOptions): Roles;
export function setRoles<E extends Sessions>(source: E | Followed<E>, options: EngineStoreOptions<E>): Roles;
export function setRoles(source: object | undefined = NOTHING, options: StoreOptions = {}): Roles {
  const store =
    "subscribe" in source ? (source as Store) : createStore(source as Asks, { onUnknown: "deny", ...options });
  let update: (() => void) | undefined;
  const track = createSubscriber((notify) => {
    update = notify;
    return store.subscribe(notify);
  });
  // A page of a server is rendered first as the server did.
  let isFirst = true;
  const current = (): Answers => (isServer || isFirst ? store.server() : store.get());
  onMount(() => {
    isFirst = false;
    if (store.get() !== store.server()) update?.();
  });

  const answers = (): Answers => {
    track();
    return current();
  };
  const roles: Roles = {
    can: (permission, item) => answers().can(permission, item),
    menu: (name) => answers().menu(name),
    why: (permission, item) => answers().why(permission, item),
    answers,
    subscribe(run) {
      run(current());
      return isServer ? () => {} : store.subscribe(() => run(current()));
    },
    store,
  };
  return setContext(KEY, roles);
}

/** Returns the answers of a component above, for a component that is being created. */
export function getRoles(): Roles {
  if (!hasContext(KEY)) throw new Error("no component above calls `setRoles(source)`");
  return getContext(KEY);
}
