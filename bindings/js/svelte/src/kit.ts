/** Rolecall in SvelteKit, on the server: the roles of each request. */

import { error, type Handle, type RequestEvent } from "@sveltejs/kit";
import type { PermissionName, View, ViewCoverage } from "rolecall";
import {
  type AsksSession,
  type EngineSource,
  Guard,
  type GuardOptions,
  isDenied,
  type NeedsOptions,
} from "../../api/guard.js";

export type { AsksEngine, AsksSession, EngineSource, GuardOptions, NeedsOptions } from "../../api/guard.js";

/** A session that makes views. */
export interface ViewingSession extends AsksSession {
  toView(options?: ViewCoverage): View;
}

/** The roles of the user of a request, in `event.locals.roles`. */
export interface RequestRoles<S> {
  /** Returns the session; undefined if nobody is logged in, or the scope does not exist. */
  session(): Promise<S | undefined>;
  /** Returns the view for the page; undefined if there is no session. */
  view(): Promise<View | undefined>;
  /** Ends the request with 401 or 403 if the user may not. The error has codes only. */
  needs(permission: PermissionName, options?: NeedsOptions<RequestEvent>): Promise<void>;
}

/** Options of the roles of requests. */
export interface KitOptions extends GuardOptions<RequestEvent> {
  /** The menus and permissions of views, and how far ahead they reach. Default: all menus, a week. */
  view?: ViewCoverage | ((event: RequestEvent) => ViewCoverage);
}

/**
 * Returns the hook `handle`, which sets `event.locals.roles`. The scope may have parts of the address such as
 * `acme/[project]` of a route, written `acme/:project`.
 */
export function createHandle<S extends ViewingSession>(source: EngineSource<S>, options: KitOptions): Handle {
  const { view, ...own } = options;
  const guard = new Guard<RequestEvent, S>(source, { address: address, ...own }, (event) => event.params);
  const rolesOf = (event: RequestEvent): RequestRoles<S> => {
    const session = async (): Promise<S | undefined> => {
      const session = await guard.session(event);
      return isDenied(session) ? undefined : session;
    };
    return {
      session,
      async view() {
        const found = await session();
        return found?.toView({ ...guard.coverage(found), ...(typeof view === "function" ? view(event) : view) });
      },
      async needs(permission, more = {}) {
        guard.checkName(permission, more);
        const denied = await guard.denial(event, permission, more);
        if (denied !== undefined) error(denied.status, { message: denied.title, ...denied });
      },
    };
  };
  return ({ event, resolve }) => {
    (event.locals as { roles?: RequestRoles<S> }).roles = rolesOf(event);
    return resolve(event);
  };
}

function address(event: RequestEvent): string | undefined {
  try {
    return event.getClientAddress();
  } catch {
    // There is no client while a page is prerendered.
    return undefined;
  }
}
