/** What both entries with portable sessions export. */

import { setPart } from "../../api/native.js";
import { portableSessions, type PortableExports } from "./portable-calls.js";

export { InternalError, RequestError, RolecallError } from "../../api/errors.js";
export { PortableSession } from "../../api/portable-session.js";
export type { Source } from "./source.js";

/** @internal Uses a started module. */
export function usePortable(exports: WebAssembly.Exports): void {
  setPart({ NativePortableSession: portableSessions(exports as unknown as PortableExports) });
}
