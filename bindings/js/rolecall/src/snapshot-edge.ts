/**
 * The entry with an engine that opens snapshots, for edge runtimes. It needs no source: start with `await init()`.
 */

import module from "./snapshot.wasm?module";
import { useSnapshots } from "./snapshot-exports.js";
import { start, startSync } from "./small-module.js";
import type { ModuleSource, Source } from "./source.js";

export { Engine, ForbiddenError, InternalError, RequestError, RolecallError } from "./snapshot-exports.js";
export type { Policy, Session } from "./snapshot-exports.js";
export type * from "../../api/types.js";
export type { Source };

/** Starts the module, or the one of a source. Starting it twice has no effect. */
export function init(source?: Source): Promise<void> {
  return start(source ?? module, useSnapshots);
}

/** Starts the module synchronously, or the one of its bytes or a compiled module. */
export function initSync(source: ModuleSource = module): void {
  startSync(source, useSnapshots);
}
