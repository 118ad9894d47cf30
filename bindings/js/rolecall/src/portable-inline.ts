/** The entry with portable sessions only, with the module inside. It needs no other file: start with `await init()`. */

import bytes from "../../../../target/bindings/portable.wasm";
import { usePortable } from "./portable-exports.js";
import { start, startSync } from "./small-module.js";
import type { ModuleSource, Source } from "./source.js";

export { InternalError, PortableSession, RequestError, RolecallError } from "./portable-exports.js";
export type { Source };

/** Starts the module, or the one of a source. Starting it twice has no effect. */
export function init(source?: Source): Promise<void> {
  return start(source ?? bytes, usePortable);
}

/** Starts the module synchronously, or the one of its bytes or a compiled module. */
export function initSync(source: ModuleSource = bytes): void {
  startSync(source, usePortable);
}
