/** Rolecall in Fastify: routes that need permissions. */

import type { FastifyReply, FastifyRequest } from "fastify";
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
   * Returns a `preHandler` that lets a request pass if its user has the permission, and otherwise responds with 401 or
   * 403. Throws `RequestError` at once for a permission that the policy does not have.
   */
  needs(
    permission: PermissionName,
    options?: NeedsOptions<FastifyRequest>,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Returns the session of a request; undefined if nobody is logged in, or the scope does not exist. */
  session(request: FastifyRequest): Promise<S | undefined>;
}

/** Returns the roles of an application. The address of a client is `request.ip`, which follows `trustProxy`. */
export function createRoles<S extends AsksSession>(
  source: EngineSource<S>,
  options: GuardOptions<FastifyRequest>,
): Roles<S> {
  const own = { address: (request: FastifyRequest) => request.ip, ...options };
  const guard = new Guard<FastifyRequest, S>(source, own, (request) => request.params as Record<string, string>);
  return {
    needs(permission, more = {}) {
      guard.checkName(permission, more);
      return async (request, reply) => {
        const denied = await guard.denial(request, permission, more);
        // A reply that is sent ends the request.
        return denied && reply.code(denied.status).header("content-type", PROBLEM).send(JSON.stringify(denied));
      };
    },
    async session(request) {
      const session = await guard.session(request);
      return isDenied(session) ? undefined : session;
    },
  };
}
