/** The entry with portable sessions only, in a small module: start with `await init()`. */

import { usePortable } from "./portable-exports.js";
import { start, startSync } from "./small-module.js";
import type { ModuleSource, Source } from "./source.js";

export { InternalError, PortableSession, RequestError, RolecallError } from "./portable-exports.js";
export type { Source };

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect.
 */
export function init(source?: Source): Promise<void> {
  return start(source ?? address(), usePortable);
}

/** Starts the module synchronously, from its bytes or from a compiled module. */
export function initSync(source: ModuleSource): void {
  startSync(source, usePortable);
}

/** Returns the address next to this script. A classic script does not know its own: there it is next to the worker or page. */
function address(): URL {
  return import.meta.url ? new URL("./portable.wasm", import.meta.url) : new URL("./portable.wasm", location.href);
}
