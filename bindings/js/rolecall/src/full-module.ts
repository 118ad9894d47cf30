/** Starts the module with the whole engine. */

import start, { initSync as startSync, type InitOutput, NativeEngine, NativePolicy } from "../glue/rolecall.js";
import { setNative } from "../../api/native.js";
import { notLoaded } from "./not-loaded.js";
import { portableSessions } from "./portable-calls.js";
import type { ModuleSource, Source } from "./source.js";

/** Starts the module from its bytes or its address. Starting it twice has no effect. */
export async function startFull(source: Source): Promise<void> {
  try {
    started(await start({ module_or_path: source }));
  } catch (cause) {
    throw notLoaded(cause);
  }
}

/** Starts the module synchronously. */
export function startFullSync(source: ModuleSource): void {
  try {
    // Edge runtimes compile modules in another realm, whose classes the generated code does not know.
    if (!("byteLength" in source)) Object.setPrototypeOf(source, WebAssembly.Module.prototype);
    started(startSync({ module: source }));
  } catch (cause) {
    throw notLoaded(cause);
  }
}

function started(exports: InitOutput): void {
  setNative({ NativeEngine, NativePolicy, NativePortableSession: portableSessions(exports) });
}
