/** Portable sessions alone, in a small module: start with `await init()`. */

import start, { initSync as startSync, NativePortableSession } from "../glue/session.js";
import { setPortable } from "../../../bindings/javascript/src/native.js";
import type { Source } from "./index.js";

export { InternalError, RequestError, RolecallError } from "../../../bindings/javascript/src/errors.js";
export { PortableSession } from "../../../bindings/javascript/src/portable.js";
export type { Source };

/** Starts the module. Without a source it is fetched from beside this script. Starting twice does no harm. */
export async function init(source?: Source): Promise<void> {
  await start({ module_or_path: source ?? new URL("./session.wasm", import.meta.url) });
  setPortable({ NativePortableSession });
}

/** Starts the module at once, from its bytes or from what was compiled from them. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  startSync({ module: source });
  setPortable({ NativePortableSession });
}
