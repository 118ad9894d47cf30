/** Rolecall in Next: the roles of each request on the server, and the same answers first in the page. */

import { headers } from "next/headers";
import { createElement, type ReactNode } from "react";
import { RolecallProvider } from "@rolecall/react";
import type { PermissionName, View, ViewCoverage } from "rolecall";
import {
  type AsksSession,
  type Denied,
  type EngineSource,
  Guard,
  type GuardOptions,
  isDenied,
  type NeedsOptions,
  PROBLEM,
} from "../../api/guard.js";

export type { AsksEngine, AsksSession, Denied, EngineSource, GuardOptions, NeedsOptions } from "../../api/guard.js";

/** A session that makes views. */
export interface ViewingSession extends AsksSession {
  toView(options?: ViewCoverage): View;
}

/** Options of the roles of requests. `subject` and `at` get the headers of the request. */
export interface NextOptions extends GuardOptions<Headers> {
  /** The menus and permissions of views, and how far ahead they reach. Default: all menus, a week. */
  view?: ViewCoverage | (() => ViewCoverage);
}

/** The properties of `Roles`. */
export interface RolesProps {
  /** The scope, in place of that of all requests. */
  at?: string;
  children?: ReactNode;
}

/** An action or a handler that a user may not use. An error boundary gets the code as `digest`. */
export class DeniedError extends Error {
  override name = "DeniedError";
  readonly digest: Denied["code"];
  /** Codes only. */
  readonly denied: Denied;

  constructor(denied: Denied) {
    super(denied.title);
    this.digest = denied.code;
    this.denied = denied;
  }
}

/** The roles of the users of an application. */
export interface NextRoles<S> {
  /**
   * Returns the session of the request: the same object for all parts of a page, at one time. Undefined if nobody is
   * logged in, or the scope does not exist.
   */
  getRoles(at?: string): Promise<S | undefined>;
  /** Provides the answers of the request to client components. The first answers in the page equal those of the server. */
  Roles(props: RolesProps): Promise<ReactNode>;
  /**
   * Returns a route handler or an action that needs a permission. A handler responds with 401 or 403, with codes only; an
   * action throws `DeniedError`. Throws `RequestError` at once for a permission that the policy does not have.
   */
  needs<A extends unknown[], R>(
    permission: PermissionName,
    work: (...args: A) => R | Promise<R>,
    options?: NeedsOptions<Headers>,
  ): (...args: A) => Promise<R>;
}

/** Returns the roles of an application. */
export function createRoles<S extends ViewingSession>(source: EngineSource<S>, options: NextOptions): NextRoles<S> {
  const { view, ...own } = options;
  // Next returns the same headers for one request, so its session is resolved once.
  const guard = new Guard<Headers, S>(source, own, () => ({}));
  const getRoles = async (at?: string): Promise<S | undefined> => {
    const session = await guard.session(await headers(), at);
    return isDenied(session) ? undefined : session;
  };
  return {
    getRoles,
    async Roles({ at, children }) {
      const session = await getRoles(at);
      const shown = session?.toView({ ...guard.coverage(session), ...(typeof view === "function" ? view() : view) });
      return createElement(RolecallProvider, { source: shown }, children);
    },
    needs(permission, work, more = {}) {
      guard.checkName(permission, more);
      return async (...args) => {
        const denied = await guard.denial(await headers(), permission, more);
        if (denied === undefined) return work(...args);
        if (!(args[0] instanceof Request)) throw new DeniedError(denied);
        const init = { status: denied.status, headers: { "content-type": PROBLEM } };
        return new Response(JSON.stringify(denied), init) as never;
      };
    },
  };
}
