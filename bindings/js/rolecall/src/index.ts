/** Browsers and bundlers: start with `await init()`. */

import { startFull, startFullSync } from "./full-module.js";

export * from "../../api/api.js";

/** Where the module comes from: an address, a response, bytes, or a compiled module. */
export type Source = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect. Throws
 * `InternalError` where it cannot be loaded.
 */
export function init(source?: Source): Promise<void> {
  return startFull(source ?? new URL("./rolecall.wasm", import.meta.url));
}

/** Starts the module at once, from its bytes or from a compiled module. Throws `InternalError` where it cannot be loaded. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  startFullSync(source);
}
