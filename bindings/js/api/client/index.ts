/** Answers from a server that stay right: the first ones from a pass or a snapshot, then whatever a stream of changes tells. */

import { ClientError } from "../errors.js";
import { isPlain, PLAINLY } from "../shape.js";
import { checkAge, type EngineClass, type EngineOptions, LiveEngine } from "./live-engine.js";
import type { Live } from "./live.js";
import { atMost, options } from "./options.js";
import type { SessionClass } from "./pass.js";
import { LiveSession, type SessionOptions } from "./live-session.js";

export { ClientError, InternalError, RequestError, RolecallError } from "../errors.js";
export { Live, type Connection } from "./live.js";
export { LoginSession, type LoggedIn, type LoginProvider } from "./login.js";
export { openPass, type Expected, type KeySet, type SessionClass } from "./pass.js";
export type { EngineClass, EngineOptions, SessionOptions };

/**
 * Connects to a server. With `Engine` and a token you get everything, for a server that decides by itself. With
 * `PortableSession` and a way to get a pass you get what one subject may do. Afterwards it keeps working while the server is
 * unreachable, reconnects by itself, and reports its state in `connection`. Throws `ClientError` where the first answers cannot
 * be loaded, and errors of your own `pass` as they are.
 */
export function connect<E>(kind: EngineClass<E>, url: string, options: EngineOptions): Promise<Live<E>>;
export function connect<S extends { at(scope: string, time: Date): S; coverage: { at: string } }>(
  kind: SessionClass<S>,
  url: string,
  options: SessionOptions,
): Promise<Live<S>>;
export async function connect(
  kind: object,
  url: string,
  given: EngineOptions | SessionOptions,
): Promise<Live<unknown>> {
  atMost(3, arguments.length);
  if (typeof url !== "string") throw new ClientError("client.options", "`url` is not a text");
  if (!isPlain(given)) throw new ClientError("client.options", `the options cannot be read: ${PLAINLY}`);
  if ("token" in given) {
    const own = options(given, ["token", "maxAge", "fetch"]);
    checkAge(own.maxAge);
    return LiveEngine.open(kind as EngineClass<unknown>, url, own);
  }
  return LiveSession.open(
    kind as SessionClass<never>,
    url,
    options(given, ["pass", "at", "expected", "fetch"]),
  ) as Promise<unknown> as Promise<Live<unknown>>;
}
