/** The entry with portable sessions only, for edge runtimes. It needs no source: start with `await init()`. */

import module from "./portable.wasm?module";
import { usePortable } from "./portable-exports.js";
import { start, startSync } from "./small-module.js";
import type { ModuleSource, Source } from "./source.js";

export { InternalError, PortableSession, RequestError, RolecallError } from "./portable-exports.js";
export type { Source };

/** Starts the module, or the one of a source. Starting it twice has no effect. */
export function init(source?: Source): Promise<void> {
  return start(source ?? module, usePortable);
}

/** Starts the module synchronously, or the one of its bytes or a compiled module. */
export function initSync(source: ModuleSource = module): void {
  startSync(source, usePortable);
}
