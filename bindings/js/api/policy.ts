import { call, native } from "./native.js";
import { documentCopy } from "./plain.js";
import { atMost } from "./shape.js";
import { SnapshotPolicy } from "./snapshot-policy.js";
import { documentJson } from "./unicode.js";

/** A compiled policy. */
export class Policy extends SnapshotPolicy {
  /** Compiles JSON text. Throws `CompileError` with every issue. */
  static fromJson(text: string): Policy {
    atMost(1, arguments.length);
    return new Policy(call(() => native().NativePolicy.compile(documentJson(text, "policy"))));
  }

  /**
   * Compiles a plain object. Throws `CompileError` with every issue; a value that JSON cannot represent is an issue.
   */
  static from(object: object): Policy {
    atMost(1, arguments.length);
    return new Policy(call(() => native().NativePolicy.compileObject(documentCopy(object, "policy"))));
  }
}
