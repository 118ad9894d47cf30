/** Routes that need permissions, for Vue Router. */

import type { PermissionName } from "rolecall";
import type { Store } from "rolecall/store";

/** A route and its parents, as Vue Router has them. */
interface Route {
  matched: readonly { meta: Record<PropertyKey, unknown> }[];
}

/** The part of Vue Router that the guard uses. */
export interface GuardedRouter {
  beforeEach(guard: never): () => void;
  readonly currentRoute: { readonly value: Route };
  replace(to: never): Promise<unknown>;
}

/** Where to go. */
export interface GuardOptions<To> {
  /** The page that is shown instead, or a function of the route. It must need no permission. */
  otherwise: To | ((to: Route) => To);
}

/**
 * Guards the routes whose `meta.needs` is a permission, and those below them. A user who loses the permission leaves the
 * page. Returns a function that stops.
 */
export function guardRouter<To extends string | { path: string } | { name: string }>(
  router: GuardedRouter,
  roles: { readonly store: Store },
  { otherwise }: GuardOptions<To>,
): () => void {
  const { store } = roles;
  const denied = (to: Route): To | undefined => {
    const needs = to.matched.map(({ meta }) => meta.needs).filter((needs) => needs !== undefined);
    const answers = typeof window === "undefined" ? store.server() : store.get();
    if (needs.every((permission) => answers.can(permission as PermissionName))) return undefined;
    return typeof otherwise === "function" ? otherwise(to) : otherwise;
  };
  const stop = router.beforeEach(denied as never);
  if (typeof window === "undefined") return stop;
  const unfollow = store.subscribe(() => {
    const to = denied(router.currentRoute.value);
    if (to !== undefined) void router.replace(to as never);
  });
  return () => {
    stop();
    unfollow();
  };
}
