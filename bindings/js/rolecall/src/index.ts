/** Browsers and bundlers: start with `await init()`. */

import start, { initSync as startSync, type InitOutput, NativeEngine, NativePolicy } from "../glue/rolecall.js";
import { setNative } from "../../api/native.js";
import { portableSessions } from "./portable-calls.js";

export * from "../../api/api.js";

/** Where the module comes from: an address, a response, bytes, or a compiled module. */
export type Source = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/** Starts the module. Without a source it is fetched from beside this script. Starting twice does no harm. */
export async function init(source?: Source): Promise<void> {
  started(await start({ module_or_path: source ?? new URL("./rolecall.wasm", import.meta.url) }));
}

/** Starts the module at once, from its bytes or from what was compiled from them. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  started(startSync({ module: source }));
}

function started(exports: InitOutput): void {
  setNative({ NativeEngine, NativePolicy, NativePortableSession: portableSessions(exports) });
}
