/** The entry with portable sessions only, in a small module: start with `await init()`. */

import { usePortable } from "./portable-exports.js";
import { start, startSync } from "./small-module.js";
import type { Source } from "./source.js";

export { InternalError, PortableSession, RequestError, RolecallError } from "./portable-exports.js";
export type { Source };

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect.
 */
export function init(source?: Source): Promise<void> {
  return start(source ?? new URL("./portable.wasm", import.meta.url), usePortable);
}

/** Starts the module synchronously, from its bytes or from a compiled module. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  startSync(source, usePortable);
}
