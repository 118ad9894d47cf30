/** Portable sessions alone, in a small module: start with `await init()`. */

import { setPortable } from "../../../bindings/javascript/src/native.js";
import { portableSessions, type PortableExports } from "./portable.js";
import type { Source } from "./index.js";

export { InternalError, RequestError, RolecallError } from "../../../bindings/javascript/src/errors.js";
export { PortableSession } from "../../../bindings/javascript/src/portable.js";
export type { Source };

let isStarted = false;

/** Starts the module. Without a source it is fetched from beside this script. Starting twice does no harm. */
export async function init(source?: Source): Promise<void> {
  if (isStarted) return;
  let from = await (source ?? new URL("./session.wasm", import.meta.url));
  if (typeof from === "string" || from instanceof URL || from instanceof Request) from = await fetch(from);
  if (from instanceof Response) {
    if (!from.ok) throw new Error(`${from.url}: ${from.status} ${from.statusText}`);
    from = await from.arrayBuffer();
  }
  started(await WebAssembly.instantiate(from instanceof WebAssembly.Module ? from : await WebAssembly.compile(from)));
}

/** Starts the module at once, from its bytes or from what was compiled from them. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  started(new WebAssembly.Instance(source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source)));
}

function started({ exports }: WebAssembly.Instance): void {
  if (isStarted) return;
  isStarted = true;
  setPortable({ NativePortableSession: portableSessions(exports as unknown as PortableExports) });
}
