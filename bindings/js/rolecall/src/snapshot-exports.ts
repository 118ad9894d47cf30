/** What both entries with an engine of snapshots export. */

import { setPart } from "../../api/native.js";
import { type SnapshotExports, engines } from "./snapshot-calls.js";

export { ForbiddenError, InternalError, RequestError, RolecallError } from "../../api/errors.js";
export { SnapshotEngine as Engine } from "../../api/snapshot-engine.js";
export type { SnapshotSession as Session } from "../../api/snapshot-session.js";
export type { SnapshotPolicy as Policy } from "../../api/snapshot-policy.js";

/** @internal Uses a started module. */
export function useSnapshots(exports: WebAssembly.Exports): void {
  setPart({ NativeEngine: engines(exports as unknown as SnapshotExports) });
}
