/** Routes that need permissions, for the router of Angular. */

import { effect, EnvironmentInjector, inject, untracked } from "@angular/core";
import { type ActivatedRouteSnapshot, type CanActivateFn, Router } from "@angular/router";
import { Roles } from "@rolecall/angular";
import type { PermissionName } from "rolecall";

/** The permissions of guards. */
const NEEDED = new WeakMap<object, { permission: PermissionName; otherwise: string }>();

const watched = new WeakSet<Router>();

/**
 * Returns a guard for `canActivate` of a route that needs a permission. A user who does not have it, or loses it, gets to
 * the page `otherwise`, which must need no permission.
 */
export function needs(permission: PermissionName, otherwise: string): CanActivateFn {
  const guard: CanActivateFn = () => {
    const [roles, router] = [inject(Roles), inject(Router)];
    watch(roles, router);
    return untracked(() => roles.can(permission)) || router.parseUrl(otherwise);
  };
  NEEDED.set(guard, { permission, otherwise });
  return guard;
}

/** Leaves pages whose permission is lost. */
function watch(roles: Roles, router: Router): void {
  if (watched.has(router)) return;
  watched.add(router);
  effect(
    () => {
      const answers = roles.answers();
      for (const { permission, otherwise } of needed(router.routerState.snapshot.root)) {
        if (!answers.can(permission)) return untracked(() => void router.navigateByUrl(otherwise));
      }
    },
    { injector: inject(EnvironmentInjector) },
  );
}

function needed(route: ActivatedRouteSnapshot): { permission: PermissionName; otherwise: string }[] {
  const own = (route.routeConfig?.canActivate ?? []).map((guard) => NEEDED.get(guard as object));
  return [...own.filter((one) => one !== undefined), ...route.children.flatMap(needed)];
}
