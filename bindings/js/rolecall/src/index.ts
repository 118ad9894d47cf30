/** The entry for browsers and bundlers: start with `await init()`. */

import { startFull, startFullSync } from "./full-module.js";
import type { ModuleSource, Source } from "./source.js";

export * from "../../api/api.js";
export type { Source };

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect.
 * Throws `InternalError` if it cannot be loaded.
 */
export function init(source?: Source): Promise<void> {
  return startFull(source ?? address());
}

/**
 * Starts the module synchronously, from its bytes or from a compiled module. Throws `InternalError` if it cannot be
 * loaded.
 */
export function initSync(source: ModuleSource): void {
  startFullSync(source);
}

/** Returns the address next to this script. A classic script does not know its own: there it is next to the worker or page. */
function address(): URL {
  return import.meta.url ? new URL("./rolecall.wasm", import.meta.url) : new URL("./rolecall.wasm", location.href);
}
