import { call, native, unplaced } from "./native.js";
import { plain } from "./plain.js";
import { SnapshotPolicy } from "./snapshot-policy.js";

/** A compiled policy. */
export class Policy extends SnapshotPolicy {
  /** Compiles JSON text. Throws `CompileError` with every issue. */
  static fromJson(text: string): Policy {
    return new Policy(call(() => native().NativePolicy.compile(text)));
  }

  /** Compiles a plain object. Throws `CompileError` with every issue; what JSON has no value for is one. */
  static from(document: object): Policy {
    const { NativePolicy } = native();
    const compile = NativePolicy.compileObject;
    const told = plain(document);
    return compile === undefined
      ? unplaced(() => Policy.fromJson(JSON.stringify(told)))
      : new Policy(call(() => compile.call(NativePolicy, told)));
  }
}
