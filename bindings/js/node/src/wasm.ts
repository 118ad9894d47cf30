/** The core in WebAssembly, for platforms without a native one. It reads and writes the same files. */

import { initSync, NativeEngine, NativePolicy } from "../../rolecall/glue/rolecall.js";
import bytes from "../../rolecall/glue/rolecall.wasm";
import { portableSessions } from "../../rolecall/src/portable-calls.js";
import type { Native } from "../../api/native.js";

/** Bundles in the format of modules have no `require`, and Node before 20.16 has no `getBuiltinModule`. */
const files = (): typeof import("node:fs") =>
  process.getBuiltinModule?.("node:fs") ?? (require("node:fs") as typeof import("node:fs"));

const exports = initSync({ module: bytes });

/** An engine that opens and writes files, as the native one does. */
const withFiles = Object.assign(NativeEngine, {
  openSnapshot: (path: string) => NativeEngine.fromSnapshot(files().readFileSync(path)),
});

Object.assign(NativeEngine.prototype, {
  writeSnapshot(this: NativeEngine, path: string): void {
    const unfinished = `${path}.${process.pid}.tmp`;
    files().writeFileSync(unfinished, this.toSnapshot());
    files().renameSync(unfinished, path);
  },
});

export const native = {
  NativeEngine: withFiles,
  NativePolicy,
  NativePortableSession: portableSessions(exports),
} as Native;
