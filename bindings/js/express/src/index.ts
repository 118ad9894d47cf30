/** Rolecall in Express: handlers that need permissions. */

import type { NextFunction, Request, RequestHandler, Response } from "express";
import {
  type AsksSession,
  type EngineSource,
  Guard,
  type GuardOptions,
  isDenied,
  type NeedsOptions,
  PROBLEM,
} from "../../api/guard.js";
import type { PermissionName } from "../../api/types.js";

export type { AsksEngine, AsksSession, Denied, EngineSource, GuardOptions, NeedsOptions } from "../../api/guard.js";

/** The roles of the users of an application. */
export interface Roles<S extends AsksSession> {
  /**
   * Returns a handler that lets a request pass if its user has the permission, and otherwise responds with 401 or 403.
   * Throws `RequestError` at once for a permission that the policy does not have.
   */
  needs(permission: PermissionName, options?: NeedsOptions<Request>): RequestHandler;
  /** Returns the session of a request; undefined if nobody is logged in, or the scope does not exist. */
  session(request: Request): Promise<S | undefined>;
}

/** Returns the roles of an application. The address of a client is `request.ip`, which follows `trust proxy`. */
export function createRoles<S extends AsksSession>(source: EngineSource<S>, options: GuardOptions<Request>): Roles<S> {
  const own = { address: (request: Request) => request.ip, ...options };
  const guard = new Guard<Request, S>(source, own, (request) => request.params as Record<string, string>);
  return {
    needs(permission, more = {}) {
      guard.checkName(permission, more);
      return (request: Request, response: Response, next: NextFunction): void => {
        guard.denial(request, permission, more).then((denied) => {
          if (denied === undefined) next();
          else response.status(denied.status).type(PROBLEM).send(JSON.stringify(denied));
        }, next);
      };
    },
    async session(request) {
      const session = await guard.session(request);
      return isDenied(session) ? undefined : session;
    },
  };
}
