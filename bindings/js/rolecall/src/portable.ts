/** The entry with portable sessions only, in a small module: start with `await init()`. */

import { setPart } from "../../api/native.js";
import { portableSessions, type PortableExports } from "./portable-calls.js";
import { start, startSync } from "./small-module.js";
import type { Source } from "./source.js";

export { InternalError, RequestError, RolecallError } from "../../api/errors.js";
export { PortableSession } from "../../api/portable-session.js";
export type { Source };

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect.
 */
export function init(source?: Source): Promise<void> {
  return start(source ?? new URL("./portable.wasm", import.meta.url), started);
}

/** Starts the module synchronously, from its bytes or from a compiled module. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  startSync(source, started);
}

function started(exports: WebAssembly.Exports): void {
  setPart({ NativePortableSession: portableSessions(exports as unknown as PortableExports) });
}
