/** Rolecall in Hono: routes that need permissions, in Node, Deno, Bun and Workers. */

import type { Context, MiddlewareHandler } from "hono";
import {
  type AsksEngine,
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
   * Returns a middleware that lets a request pass if its user has the permission, and otherwise responds with 401 or
   * 403. Throws `RequestError` at once for a permission that the policy does not have.
   */
  needs(permission: PermissionName, options?: NeedsOptions<Context>): MiddlewareHandler;
  /** Returns the session of a request; undefined if nobody is logged in, or the scope does not exist. */
  session(context: Context): Promise<S | undefined>;
}

/**
 * Returns the roles of an application. Hono does not know the address of a client: without the option `address`, scopes
 * that list networks deny.
 */
export function createRoles<S extends AsksSession>(source: EngineSource<S>, options: GuardOptions<Context>): Roles<S> {
  const guard = new Guard<Context, S>(source, options, (context) => context.req.param());
  return {
    needs(permission, more = {}) {
      guard.checkName(permission, more);
      return async (context, next) => {
        const denied = await guard.denial(context, permission, more);
        if (denied === undefined) return next();
        return context.body(JSON.stringify(denied), denied.status, { "content-type": PROBLEM });
      };
    },
    async session(context) {
      const session = await guard.session(context);
      return isDenied(session) ? undefined : session;
    },
  };
}

/** The settings of `polled`. */
export interface PollOptions {
  /** A token of the server with the right `snapshot`. */
  token: string;
  /** How often to ask whether the snapshot has changed, in seconds: 10 by default. */
  seconds?: number;
  /** How long to answer from the last snapshot while the server is unreachable, in seconds: 15 minutes by default. */
  maxAge?: number;
  /** The `fetch` to use. */
  fetch?: typeof fetch;
}

/**
 * Returns a function that returns the engine of a server, for runtimes in which a connection cannot stay open, such as
 * Workers. It downloads the snapshot when a request comes, asks from then on whether it has changed, and throws if it is
 * older than `maxAge`.
 */
export function polled<E extends AsksEngine<AsksSession>>(
  kind: { fromSnapshot(bytes: Uint8Array): E },
  url: string,
  { token, seconds = 10, maxAge = 15 * 60, fetch: own = (...args) => fetch(...args) }: PollOptions,
): () => Promise<E> {
  let last: { engine: E; tag: string | null; at: number } | undefined;
  const ask = async (): Promise<void> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (last?.tag) headers["if-none-match"] = last.tag;
    const at = Date.now();
    // A redirect is not followed: the token must reach no other server.
    const response = await own(`${url.replace(/\/$/, "")}/v1/snapshot`, { headers, redirect: "manual" });
    if (response.status === 304 && last !== undefined) {
      last = { ...last, at };
    } else if (response.ok) {
      const engine = kind.fromSnapshot(new Uint8Array(await response.arrayBuffer()));
      last = { engine, tag: response.headers.get("etag"), at };
    } else {
      throw new Error(`the server responded with ${response.status} to a request for its snapshot`);
    }
  };
  return async () => {
    if (last === undefined || Date.now() - last.at >= seconds * 1000) {
      // Each request asks for itself: Workers do not let a request wait for another one.
      try {
        await ask();
      } catch (error) {
        if (last === undefined || Date.now() - last.at > maxAge * 1000) throw error;
      }
    }
    return (last as { engine: E }).engine;
  };
}
