/** The entry with an engine that opens snapshots, without a compiler: start with `await init()`. */

import { useSnapshots } from "./snapshot-exports.js";
import { start, startSync } from "./small-module.js";
import type { ModuleSource, Source } from "./source.js";

export { Engine, ForbiddenError, InternalError, RequestError, RolecallError } from "./snapshot-exports.js";
export type { Policy, Session } from "./snapshot-exports.js";
export type * from "../../api/types.js";
export type { Source };

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect.
 */
export function init(source?: Source): Promise<void> {
  return start(source ?? address(), useSnapshots);
}

/** Starts the module synchronously, from its bytes or from a compiled module. */
export function initSync(source: ModuleSource): void {
  startSync(source, useSnapshots);
}

/** Returns the address next to this script. A classic script does not know its own: there it is next to the worker or page. */
function address(): URL {
  return import.meta.url ? new URL("./snapshot.wasm", import.meta.url) : new URL("./snapshot.wasm", location.href);
}
