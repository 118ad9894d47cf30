/** Rolecall in Vue: reactive permissions and menus that stay right at changes and at expiry. */

import {
  type App,
  computed,
  type ComputedRef,
  type Directive,
  getCurrentInstance,
  inject,
  type InjectionKey,
  type MaybeRefOrGetter,
  onMounted,
  shallowRef,
  toValue,
  watchEffect,
} from "vue";
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

export { guardRouter, type GuardOptions, type GuardedRouter } from "./router.js";
export type { Answers, Store, StoreOptions, StoreSource, Verdict };

/** The answers of an application, as a plugin. Every function is reactive in templates, `computed` and `watchEffect`. */
export interface Roles {
  /** Installs the plugin, with `$can`, `$menu` and the directive `v-can`. */
  install(app: App): void;
  /** Returns whether a permission is allowed. */
  can(permission: PermissionName, item?: Resource): boolean;
  /** Returns the visible part of a menu: the same object until it changes. */
  menu(name: MenuName): Menu;
  /** Returns the decision with its reasons, if the source has them. */
  why(permission: PermissionName, item?: Resource): Verdict;
  /** Returns all answers, whether changes arrive, and why everything is denied. */
  answers(): Answers;
  /** The store behind the answers: `replace` continues with another source. */
  readonly store: Store;
}

/** The value of `v-can`: a permission, or a permission and an item. */
export type CanValue = PermissionName | readonly [PermissionName, Resource];

declare module "vue" {
  interface ComponentCustomProperties {
    $can: Roles["can"];
    $menu: Roles["menu"];
    vCan: Directive<HTMLElement, CanValue, "disable">;
  }
}

const KEY: InjectionKey<Roles & Hydration> = Symbol("rolecall");

const NOTHING: Asks = { can: () => false, menu: () => ({ items: [] }) };

/** How components read answers while a page of a server becomes an application. */
interface Hydration {
  read(hydrating: boolean): Answers;
}

/**
 * Returns the plugin of a source: a session, a view, a connection, or a store. Everything is denied while the source is
 * `undefined`. Names that the policy does not have are denied with a warning, unless `onUnknown` is `throw`.
 */
export function createRoles(source: StoreSource | Store | undefined, options?: StoreOptions): Roles;
export function createRoles<E extends Sessions>(source: E | Followed<E>, options: EngineStoreOptions<E>): Roles;
export function createRoles(source: object | undefined = NOTHING, options: StoreOptions = {}): Roles {
  const store =
    "subscribe" in source ? (source as Store) : createStore(source as Asks, { onUnknown: "deny", ...options });
  const isServer = typeof window === "undefined";
  const last = shallowRef(store.server());
  // A page of a server is rendered first as the server did.
  let isMounted = false;

  const read = (hydrating: boolean): Answers => {
    void last.value;
    return isServer || hydrating ? store.server() : store.get();
  };
  const answers = (): Answers => read(!isMounted);
  const can: Roles["can"] = (permission, item) => answers().can(permission, item);
  const menu: Roles["menu"] = (name) => answers().menu(name);

  const install = (app: App): void => {
    app.provide(KEY, roles);
    app.config.globalProperties.$can = can;
    app.config.globalProperties.$menu = menu;
    app.directive("can", directive(can));
    if (isServer) return;
    const mount = app.mount;
    app.mount = (...args) => {
      const mounted = mount(...args);
      isMounted = true;
      const update = (): void => {
        last.value = store.get();
      };
      app.onUnmount(store.subscribe(update));
      update();
      return mounted;
    };
  };
  const why: Roles["why"] = (permission, item) => answers().why(permission, item);
  const roles = { install, can, menu, why, answers, store, read };
  return roles;
}

/** Hides an element that needs a permission that is denied; with `.disable`, disables it. */
function directive(can: Roles["can"]): Directive<HTMLElement, CanValue, "disable"> {
  const shown = new WeakMap<HTMLElement, { value: { value: CanValue }; stop: () => void }>();
  const allowed = (value: CanValue): boolean => (typeof value === "string" ? can(value) : can(value[0], value[1]));
  return {
    mounted(element, { value: given, modifiers }) {
      const value = shallowRef(given);
      const stop = watchEffect(() => {
        element.toggleAttribute(modifiers.disable ? "disabled" : "hidden", !allowed(value.value));
      });
      shown.set(element, { value, stop });
    },
    updated(element, { value }) {
      const known = shown.get(element);
      if (known !== undefined) known.value.value = value;
    },
    unmounted: (element) => shown.get(element)?.stop(),
    getSSRProps: ({ value, modifiers }) =>
      allowed(value) ? undefined : { [modifiers.disable ? "disabled" : "hidden"]: "" },
  };
}

function injected(): Roles & Hydration {
  const roles = inject(KEY, undefined);
  if (roles === undefined) throw new Error("the plugin is not installed: `app.use(createRoles(source))`");
  return roles;
}

/** Returns the answers of the application, for the component that is being set up. */
export function useRoles(): Roles {
  const roles = injected();
  const instance = getCurrentInstance();
  // The element is known already while a page of a server is hydrated, also if that is later than the rest.
  if (!instance?.vnode.el) return roles;
  const hydrating = shallowRef(true);
  onMounted(() => {
    hydrating.value = false;
  });
  const answers = (): Answers => roles.read(hydrating.value);
  return {
    ...roles,
    answers,
    can: (permission, item) => answers().can(permission, item),
    menu: (name) => answers().menu(name),
    why: (permission, item) => answers().why(permission, item),
  };
}

/** Returns whether a permission is allowed. */
export function useCan(
  permission: MaybeRefOrGetter<PermissionName>,
  item?: MaybeRefOrGetter<Resource | undefined>,
): ComputedRef<boolean> {
  const { can } = useRoles();
  return computed(() => can(toValue(permission), toValue(item)));
}

/** Returns the visible part of a menu: the same object until it changes. */
export function useMenu(name: MaybeRefOrGetter<MenuName>): ComputedRef<Menu> {
  const { menu } = useRoles();
  return computed(() => menu(toValue(name)));
}

/** Returns the decision with its reasons, if the source has them. */
export function useWhy(
  permission: MaybeRefOrGetter<PermissionName>,
  item?: MaybeRefOrGetter<Resource | undefined>,
): ComputedRef<Verdict> {
  const { why } = useRoles();
  return computed(() => why(toValue(permission), toValue(item)));
}
