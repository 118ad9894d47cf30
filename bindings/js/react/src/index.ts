"use client";
/** Rolecall in React: hooks and components that stay right at changes and at expiry. */

import { createContext, createElement, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
import type { Menu, MenuName, PermissionName, Resource } from "rolecall";
import {
  type Answers,
  type Asks,
  createStore,
  type Followed,
  type Sessions,
  type Store,
  type StoreOptions,
  type StoreSource,
  type Verdict,
} from "rolecall/store";

export type { Answers, Store, StoreOptions, StoreSource, Verdict };

/** The source of answers, and the part of an application that uses them. */
export interface ProviderProps extends StoreOptions {
  /** A session, a view, a connection, or a store. Everything is denied while it is `undefined`. */
  source: StoreSource | Store | undefined;
  children?: ReactNode;
}

/** The same for an engine. */
export interface EngineProviderProps<E> extends Omit<ProviderProps, "source"> {
  /** An engine, or the connection of one. */
  source: E | Followed<E>;
  /** Makes the session of an engine at a time. The first one that is given is used. */
  session: (engine: E, time: Date) => Asks;
}

interface Given {
  source: object | undefined;
  children?: ReactNode;
}

const DENY = { onUnknown: "deny" } as const;

const NOTHING: Asks = { can: () => false, menu: () => ({ items: [] }) };

const isStore = (source: object | undefined): source is Store => source !== undefined && "subscribe" in source;

const Context = createContext<Store | undefined>(undefined);

/**
 * Provides the answers of a source. Names that the policy does not have are denied with a warning, unless `onUnknown` is
 * `throw`. With another source all answers are those of that source.
 */
export function RolecallProvider<E extends Sessions>(props: EngineProviderProps<E>): ReactNode;
export function RolecallProvider(props: ProviderProps): ReactNode;
export function RolecallProvider({ source, children, ...options }: StoreOptions & Given): ReactNode {
  const store = useMemo(
    () => (isStore(source) ? source : createStore((source ?? NOTHING) as Asks, { ...DENY, ...options })),
    [source],
  );
  return createElement(Context.Provider, { value: store }, children);
}

/** Returns the store of the provider. */
export function useStore(): Store {
  const store = useContext(Context);
  if (store === undefined) throw new Error("there is no `RolecallProvider` above this component");
  return store;
}

function useAnswer<T>(select: (answers: Answers) => T): T {
  const { subscribe, get, server } = useStore();
  return useSyncExternalStore(
    subscribe,
    () => select(get()),
    () => select(server()),
  );
}

const all = (answers: Answers): Answers => answers;

/** Returns all answers, whether changes arrive, and why everything is denied. */
export function useRoles(): Answers {
  return useAnswer(all);
}

/** Returns whether a permission is allowed. The component renders again when that changes. */
export function useCan(permission: PermissionName, item?: Resource): boolean {
  return useAnswer((answers) => answers.can(permission, item));
}

/** Returns the visible part of a menu: the same object until it changes. */
export function useMenu(name: MenuName): Menu {
  return useAnswer((answers) => answers.menu(name));
}

/** Returns the decision with its reasons, if the source has them. */
export function useWhy(permission: PermissionName, item?: Resource): Verdict {
  const answers = useRoles();
  return useMemo(() => answers.why(permission, item), [answers, permission, item]);
}

/** The options of a query of TanStack Query. */
export interface Query {
  queryKey: readonly unknown[];
}

const DENIED = ["rolecall", "denied"];

/**
 * Returns the options of a query of TanStack Query, as given if a permission is allowed. If not, they neither fetch nor
 * show data from the cache.
 */
export function useGated<Q extends Query>(permission: PermissionName, query: Q, item?: Resource): Q {
  if (useCan(permission, item)) return query;
  const queryFn = (): Promise<never> => Promise.reject(new Error(`forbidden: \`${permission}\``));
  return { ...query, queryKey: DENIED, queryFn, enabled: false, initialData: undefined, placeholderData: undefined };
}

/** A part of a page, and the permission that it needs. */
export interface CanProps {
  needs: PermissionName;
  item?: Resource | undefined;
  /** The part, or a function that gets whether it is allowed, such as to disable a button. */
  children?: ReactNode | ((allowed: boolean) => ReactNode);
  /** The content without the permission. */
  otherwise?: ReactNode;
}

/** Shows a part of a page if a permission is allowed. */
export function Can({ needs, item, children, otherwise = null }: CanProps): ReactNode {
  const allowed = useCan(needs, item);
  if (typeof children === "function") return children(allowed);
  return allowed ? children : otherwise;
}

/** A page, and the permission that it needs. */
export interface GuardProps {
  needs: PermissionName;
  item?: Resource | undefined;
  children?: ReactNode;
  /** The content without the permission: a page, or a function that gets the reasons. */
  otherwise: ReactNode | ((why: Verdict) => ReactNode);
}

/** Shows a page if a permission is allowed, and otherwise another one. */
export function Guard({ needs, item, children, otherwise }: GuardProps): ReactNode {
  const why = useWhy(needs, item);
  if (why.allow) return children;
  return typeof otherwise === "function" ? otherwise(why) : otherwise;
}
