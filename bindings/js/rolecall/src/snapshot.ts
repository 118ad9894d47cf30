/** The entry with an engine that opens snapshots, without a compiler: start with `await init()`. */

import { setPart } from "../../api/native.js";
import { type SnapshotExports, engines } from "./snapshot-calls.js";
import { start, startSync } from "./small-module.js";
import type { Source } from "./source.js";

export { ForbiddenError, InternalError, RequestError, RolecallError } from "../../api/errors.js";
export { SnapshotEngine as Engine } from "../../api/snapshot-engine.js";
export type { SnapshotSession as Session } from "../../api/snapshot-session.js";
export type { SnapshotPolicy as Policy } from "../../api/snapshot-policy.js";
export type * from "../../api/types.js";
export type { Source };

/**
 * Starts the module. Without a source it is fetched from the folder of this script. Starting it twice has no effect.
 */
export function init(source?: Source): Promise<void> {
  return start(source ?? new URL("./snapshot.wasm", import.meta.url), started);
}

/** Starts the module synchronously, from its bytes or from a compiled module. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  startSync(source, started);
}

function started(exports: WebAssembly.Exports): void {
  setPart({ NativeEngine: engines(exports as unknown as SnapshotExports) });
}
