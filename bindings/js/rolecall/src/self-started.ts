/** For entries that start by themselves: the same names, with nothing left to do. */

import { initSync as startSync, NativeEngine, NativePolicy } from "../glue/rolecall.js";
import { setNative } from "../../api/native.js";
import { portableSessions } from "./portable-calls.js";

export * from "../../api/api.js";

/** Starts the module from its bytes. */
export function started(bytes: BufferSource): void {
  const exports = startSync({ module: bytes });
  setNative({ NativeEngine, NativePolicy, NativePortableSession: portableSessions(exports) });
}

/** The module is started already. */
export async function init(_source?: unknown): Promise<void> {}

/** The module is started already. */
export function initSync(_source?: unknown): void {}
