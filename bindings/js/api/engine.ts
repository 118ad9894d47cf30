import { CompileError, InternalError, RolecallError } from "./errors.js";
import { timestampText } from "./timestamp.js";
import { answer, call, native, type NativeEngine } from "./native.js";
import { documentCopy, documentText, question, who } from "./plain.js";
import { Policy } from "./policy.js";
import { Session } from "./session.js";
import { atMost, isPlain, kind, needed, options, shape } from "./shape.js";
import { snapshotBytes, SnapshotEngine } from "./snapshot-engine.js";
import type { Diff, DirectoryChange, Explanation, Request, SessionContext, Timestamp, Violations } from "./types.js";
import { answered, documentJson, wellFormed } from "./unicode.js";

/** A policy and a directory, ready to answer. */
export class Engine extends SnapshotEngine {
  declare readonly policy: Policy;
  /** @internal */
  declare readonly native: NativeEngine;

  /** Compiles a directory, and the policy where it is a text. Throws `CompileError` with every issue. */
  static fromJson(policy: Policy | string, directory: string): Engine {
    atMost(2, arguments.length);
    const compiled = compiledPolicy(policy, (text) => Policy.fromJson(text as string));
    return new Engine(
      compiled,
      call(() => native().NativeEngine.compile(compiled.native, documentJson(directory, "directory"))),
    );
  }

  /**
   * Compiles plain objects, in which instants may be dates. Throws `CompileError` with every issue; what JSON has no value
   * for, such as `undefined` or a `Map`, is one.
   */
  static from(policy: Policy | object, directory: object): Engine {
    atMost(2, arguments.length);
    const compiled = compiledPolicy(policy, (object) => Policy.from(object as object));
    return new Engine(
      compiled,
      call(() => native().NativeEngine.compileObject(compiled.native, documentCopy(directory, "directory"))),
    );
  }

  /** Opens a snapshot and checks all of it. Throws `RequestError` where the bytes are something else, or are damaged. */
  static override fromSnapshot(bytes: Uint8Array): Engine {
    atMost(1, arguments.length);
    return Engine.#opened(call(() => native().NativeEngine.fromSnapshot(snapshotBytes(bytes))));
  }

  /**
   * Maps the file of a snapshot into memory: without `verify` that takes milliseconds, whatever its size, and is for files
   * that were checked before. The file must only be replaced while it is open, never written to. Native in Node only. Throws
   * `RequestError` where the file is not a snapshot, `InternalError` where it cannot be read.
   */
  static openSnapshot(path: string, more?: { verify?: boolean }): Engine {
    atMost(2, arguments.length);
    const { verify = true } = options(more, ["verify"]);
    if (typeof verify !== "boolean") throw needed("`true` or `false`", verify, "verify");
    wellFormed(path, "path");
    const { NativeEngine } = native();
    const open = NativeEngine.openSnapshot ?? noFiles;
    return Engine.#opened(withFile(() => open.call(NativeEngine, path, verify)));
  }

  static #opened(engine: NativeEngine): Engine {
    return new Engine(new Policy(engine.policy()), engine);
  }

  /**
   * The policy and the directory as they are compiled, single changes included, in bytes that open without being parsed.
   * The same documents and changes give the same bytes in every runtime.
   */
  toSnapshot(): Uint8Array {
    atMost(0, arguments.length);
    return call(() => this.native.toSnapshot());
  }

  /** Writes the snapshot to a file, whole or not at all. Native in Node only. Throws `InternalError` where that fails. */
  writeSnapshot(path: string): void {
    atMost(1, arguments.length);
    wellFormed(path, "path");
    const write = this.native.writeSnapshot ?? noFiles;
    withFile(() => write.call(this.native, path));
  }

  /**
   * Makes one change to the directory without compiling it anew, and tells whether anything changed: assignments, members
   * and subjects in microseconds; custom roles, groups and scopes are numbered anew, which takes some nanoseconds for each
   * assignment. Sessions go on with what they were made of. Throws `CompileError` with every issue, in which case nothing is changed.
   */
  apply(change: DirectoryChange): boolean {
    atMost(1, arguments.length);
    const text = documentText(change, "directory");
    this.handles.clear();
    return call(() => this.native.apply(text));
  }

  /** Resolves a subject in a context once, for asking often. Throws `RequestError`. */
  override session(subject: string, context: SessionContext): Session {
    atMost(2, arguments.length);
    const asked = who(subject, context);
    return new Session(
      this.policy,
      call(() => this.native.session(asked)),
      asked,
    );
  }

  /** Decides, and tells everything that was looked at. Throws `RequestError`. */
  explain(request: Request): Explanation {
    atMost(1, arguments.length);
    return answer(() => this.native.explain(question(request)));
  }

  /**
   * What would change for whom, from this engine to another one, at an instant, with the same left out. Throws
   * `RequestError`.
   */
  diff(after: Engine, when: { time: Timestamp }): Diff {
    atMost(2, arguments.length);
    const { time } = options(when, ["time"]);
    if (!(after instanceof Engine))
      throw shape(`an engine of this module is needed here, not ${kind(after)}`, "after", OTHER);
    return answer(() => this.native.diff(after.native, timestampText(time)));
  }

  /**
   * What the directory holds against the policy's rules for administration, at an instant: separation of assigned
   * roles, and the limit of users in a project. Throws `RequestError`.
   */
  violations(when: { time: Timestamp }): Violations {
    atMost(1, arguments.length);
    const { time } = options(when, ["time"]);
    return answer(() => this.native.violations(timestampText(time)));
  }

  /** Answers JSON with canonical JSON: the explanation, or the error. */
  explainJson(request: string): string {
    atMost(1, arguments.length);
    return call(() => answered(request, (text) => this.native.explain(text)));
  }
}

/** Of what another copy of the package made. */
const OTHER =
  "a program that uses both `import` and `require`, or two packages, has two modules: " +
  "hand over `Engine.fromSnapshot(other.toSnapshot())`";

/** A policy that is compiled, or compiles now. */
function compiledPolicy(policy: unknown, compile: (given: unknown) => Policy): Policy {
  if (policy instanceof Policy) return policy;
  if (
    typeof policy !== "object" ||
    policy === null ||
    isPlain(policy) ||
    !("permissions" in policy && "native" in policy)
  )
    return compile(policy);
  const message = "the policy was compiled by another module";
  throw new CompileError([
    {
      code: "document.json",
      document: "policy",
      path: "",
      message,
      help: "compile it with this one, or hand over its document",
    },
  ]);
}

/** Calls the core for a file. Throws `InternalError` where the system cannot open or write it. */
function withFile<T>(work: () => T): T {
  try {
    return call(work);
  } catch (cause) {
    if (cause instanceof RolecallError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new InternalError({ code: "internal.file", message, path: "path", help: "check the file and its folder" });
  }
}

function noFiles(): never {
  throw new InternalError({
    code: "internal.platform",
    message: "WebAssembly has no files",
    help: "read the file and call `Engine.fromSnapshot(bytes)`, or use the package `@rolecall/node`",
  });
}
