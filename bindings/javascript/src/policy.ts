import { document } from "./document.js";
import { call, native } from "./native.js";
import { SnapshotPolicy } from "./snapshot-policy.js";
import { json } from "./unicode.js";

/** A compiled policy. */
export class Policy extends SnapshotPolicy {
  /** Compiles JSON text. Throws `CompileError` with every issue. */
  static fromJson(text: string): Policy {
    return new Policy(call(() => native().NativePolicy.compile(json(text))));
  }

  /** Compiles a plain object. Throws `CompileError` with every issue; what JSON has no value for is one. */
  static from(object: object): Policy {
    return new Policy(call(() => native().NativePolicy.compileObject(document(object))));
  }
}
