/**
 * Answers that stay up to date with a server: the first come from a pass or a snapshot, later ones from a stream of
 * changes.
 */

import { ClientError } from "../errors.js";
import { isPlain, PLAIN_OBJECT_HELP } from "../shape.js";
import { checkAge, type EngineClass, type EngineOptions, LiveEngine } from "./live-engine.js";
import type { Live } from "./live.js";
import { atMost, options } from "./options.js";
import type { SessionClass } from "./pass.js";
import { LiveSession, type SessionOptions, type Timed } from "./live-session.js";

export { ClientError, InternalError, RequestError, RolecallError } from "../errors.js";
export {
  Administration,
  type Caller,
  type Command,
  type CommandName,
  type CommandOptions,
  type EventParams,
  type ImportTable,
  type ListParams,
  type Lists,
  type ReadOptions,
  type Views,
} from "./administration.js";
export type * from "./administration-rows.js";
export type { Diff } from "../types.js";
export { Application, type ApplicationOptions, type PassOptions } from "./application.js";
export { FilterClient, type FilterClientOptions, type FilterQuestion } from "./filters.js";
export type { Connection, Live } from "./live.js";
export { LoginSession, type LoggedIn, type LoginPage, type LoginProvider, type SignOnCheck } from "./login.js";
export { openPass, type Expected, type KeySet, type SessionClass } from "./pass.js";
export type { EngineClass, EngineOptions, SessionOptions, Timed };

/**
 * Connects to a server. With `Engine` and a token you get everything, for servers that decide locally. With
 * `PortableSession` and a function that returns a pass you get the permissions of one subject.⎏⎏While the server is
 * unreachable, the connection answers from the last state, reports its state in `connection`, and reconnects. Throws
 * `ClientError` if the first answers cannot be loaded, and passes on errors of your own `pass`.
 */
export function connect<E>(kind: EngineClass<E>, url: string, options: EngineOptions): Promise<Live<E>>;
export function connect<S extends Timed<S>>(
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
  if (typeof url !== "string") throw new ClientError("client.options", "`url` must be a text");
  if (!isPlain(given)) throw new ClientError("client.options", `the options cannot be read: ${PLAIN_OBJECT_HELP}`);
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
