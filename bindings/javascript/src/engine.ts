import { document } from "./document.js";
import { InternalError } from "./errors.js";
import { answer, call, native, type NativeEngine } from "./native.js";
import { plain } from "./plain.js";
import { Policy } from "./policy.js";
import { Session } from "./session.js";
import { question, SnapshotEngine, who, written } from "./snapshot.js";
import type { Diff, DirectoryChange, Explanation, Instant, Request, SessionContext, Violations } from "./types.js";
import { json } from "./unicode.js";

/** A policy and a directory, ready to answer. */
export class Engine extends SnapshotEngine {
  declare readonly policy: Policy;
  /** @internal */
  declare readonly native: NativeEngine;

  /** Compiles a directory, and the policy where it is a text. Throws `CompileError` with every issue. */
  static fromJson(policy: Policy | string, directory: string): Engine {
    const compiled = typeof policy === "string" ? Policy.fromJson(policy) : policy;
    return new Engine(compiled, call(() => native().NativeEngine.compile(compiled.native, json(directory))));
  }

  /**
   * Compiles plain objects, in which instants may be dates. Throws `CompileError` with every issue; what JSON has no value
   * for, such as `undefined` or a `Map`, is one.
   */
  static from(policy: Policy | object, directory: object): Engine {
    const compiled = policy instanceof Policy ? policy : Policy.from(policy);
    return new Engine(compiled, call(() => native().NativeEngine.compileObject(compiled.native, document(directory))));
  }

  /** Opens a snapshot and checks all of it. Throws `RequestError` where the bytes are something else, or are damaged. */
  static override fromSnapshot(bytes: Uint8Array): Engine {
    return Engine.#opened(call(() => native().NativeEngine.fromSnapshot(bytes)));
  }

  /**
   * Maps the file of a snapshot into memory: without `verify` that takes milliseconds, whatever its size, and is for files
   * that were checked before. The file must not be written to meanwhile, only replaced. Native in Node only. Throws
   * `RequestError` where the file is no snapshot.
   */
  static openSnapshot(path: string, { verify = true }: { verify?: boolean } = {}): Engine {
    const { NativeEngine } = native();
    const open = NativeEngine.openSnapshot ?? noFiles;
    return Engine.#opened(call(() => open.call(NativeEngine, path, verify)));
  }

  static #opened(engine: NativeEngine): Engine {
    return new Engine(new Policy(engine.policy()), engine);
  }

  /**
   * The policy and the directory as they are compiled, single changes included, in bytes that open without being parsed.
   * The same documents and changes give the same bytes in every runtime.
   */
  toSnapshot(): Uint8Array {
    return call(() => this.native.toSnapshot());
  }

  /** Writes the snapshot to a file, whole or not at all. Native in Node only. */
  writeSnapshot(path: string): void {
    const write = this.native.writeSnapshot ?? noFiles;
    call(() => write.call(this.native, path));
  }

  /**
   * Makes one change to the directory without compiling it anew, and tells whether anything changed: assignments, members
   * and subjects in microseconds; custom roles, groups and scopes are numbered anew, which takes some nanoseconds for each
   * assignment. Sessions go on with what they were made of. Throws `CompileError` with every issue, in which case nothing is changed.
   */
  apply(change: DirectoryChange): boolean {
    this.names.forget();
    return call(() => this.native.apply(JSON.stringify(plain(change))));
  }

  /** Resolves a subject in a context once, for asking often. Throws `RequestError`. */
  override session(subject: string, context: SessionContext): Session {
    return new Session(this.policy, call(() => this.native.session(who(subject, context))));
  }

  /** Decides, and tells everything that was looked at. Throws `RequestError`. */
  explain(request: Request): Explanation {
    return answer(() => this.native.explain(question(request)));
  }

  /**
   * What would change for whom, from this engine to another one, at an instant, with the same left out. Throws
   * `RequestError`.
   */
  diff(after: Engine, { time }: { time: Instant }): Diff {
    return answer(() => this.native.diff(after.native, written(time)));
  }

  /**
   * What the directory holds against the policy's rules for administration, at an instant: separation of assigned
   * roles, and the limit of users in a project. Throws `RequestError`.
   */
  violations({ time }: { time: Instant }): Violations {
    return answer(() => this.native.violations(written(time)));
  }

  /** Answers JSON with canonical JSON: the explanation, or the error. */
  explainJson(request: string): string {
    return call(() => this.native.explain(json(request)));
  }
}

function noFiles(): never {
  throw new InternalError({
    code: "internal.platform",
    message: "WebAssembly has no files",
    help: "read the file and call `Engine.fromSnapshot(bytes)`, or use the package `@rolecall/node`",
  });
}
