/** Portable sessions alone, in a small module: start with `await init()`. */

import { setPart } from "../../api/native.js";
import { portableSessions, type PortableExports } from "./portable-calls.js";
import { start, startSync } from "./small-module.js";
import type { Source } from "./source.js";

export { InternalError, RequestError, RolecallError } from "../../api/errors.js";
export { PortableSession } from "../../api/portable-session.js";
export type { Source };

/** Starts the module. Without a source it is fetched from beside this script. Starting twice does no harm. */
export function init(source?: Source): Promise<void> {
  return start(source ?? new URL("./portable.wasm", import.meta.url), started);
}

/** Starts the module at once, from its bytes or from what was compiled from them. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  startSync(source, started);
}

function started(exports: WebAssembly.Exports): void {
  setPart({ NativePortableSession: portableSessions(exports as unknown as PortableExports) });
}
