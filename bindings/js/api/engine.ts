import { CompileError, InternalError, RolecallError } from "./errors.js";
import { timestampText } from "./timestamp.js";
import { answer, call, native, type NativeEngine } from "./native.js";
import { documentCopy, documentText, filterQuestion, holdersQuestion, question, who } from "./plain.js";
import { Policy } from "./policy.js";
import { Session } from "./session.js";
import { atMost, isPlain, kind, needed, options, shape } from "./shape.js";
import { snapshotBytes, SnapshotEngine } from "./snapshot-engine.js";
import type {
  AssignmentsOf,
  Diff,
  DirectoryChange,
  Explanation,
  Filter,
  FilterRequest,
  Numbering,
  PageOptions,
  PermissionName,
  Request,
  SessionContext,
  Timestamp,
  Violations,
  WhichGroupsCan,
  WhoHolds,
} from "./types.js";
import { answered, documentJson, wellFormed } from "./unicode.js";

/** A compiled policy and directory that answer requests. */
export class Engine extends SnapshotEngine {
  declare readonly policy: Policy;
  /** @internal */
  declare readonly native: NativeEngine;

  /** Compiles a directory from JSON, and the policy if it is a text. Throws `CompileError` with every issue. */
  static fromJson(policy: Policy | string, directory: string): Engine {
    atMost(2, arguments.length);
    const compiled = compiledPolicy(policy, (text) => Policy.fromJson(text as string));
    return new Engine(
      compiled,
      call(() => native().NativeEngine.compile(compiled.target().native, documentJson(directory, "directory"))),
    );
  }

  /**
   * Compiles plain objects. Timestamps may be dates. Throws `CompileError` with every issue; a value that JSON cannot
   * represent, such as `undefined` or a `Map`, is an issue.
   */
  static from(policy: Policy | object, directory: object): Engine {
    atMost(2, arguments.length);
    const compiled = compiledPolicy(policy, (object) => Policy.from(object as object));
    return new Engine(
      compiled,
      call(() => native().NativeEngine.compileObject(compiled.target().native, documentCopy(directory, "directory"))),
    );
  }

  /** Opens a snapshot and validates all of it. Throws `RequestError` if the bytes are damaged or are not a snapshot. */
  static override fromSnapshot(bytes: Uint8Array): Engine {
    atMost(1, arguments.length);
    return Engine.#opened(call(() => native().NativeEngine.fromSnapshot(snapshotBytes(bytes))));
  }

  /**
   * Maps a snapshot file into memory. Native in Node only.
   *
   * Without `verify` this takes milliseconds for a file of any size; use it for files that were validated before. While
   * the file is open you may replace it, but never write to it. Throws `RequestError` if the file is not a snapshot,
   * `InternalError` if it cannot be read.
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
   * Returns a snapshot of the compiled policy and directory, including changes by `apply`. A snapshot opens without
   * being parsed. The same documents and changes give the same bytes in every runtime.
   */
  toSnapshot(): Uint8Array {
    atMost(0, arguments.length);
    return call(() => this.target().native.toSnapshot());
  }

  /** Writes the snapshot to a file atomically. Native in Node only. Throws `InternalError` if that fails. */
  writeSnapshot(path: string): void {
    atMost(1, arguments.length);
    wellFormed(path, "path");
    const write = this.target().native.writeSnapshot ?? noFiles;
    withFile(() => write.call(this.target().native, path));
  }

  /**
   * Applies one change to the directory without recompiling it, and returns whether anything changed.
   *
   * A change of an assignment, a member or a subject takes microseconds. A change of a custom role, an overlay, a group
   * or a scope renumbers the assignments, which takes some nanoseconds for each. Existing sessions keep their answers. Throws
   * `CompileError` with every issue; then nothing is changed.
   */
  apply(change: DirectoryChange): boolean {
    atMost(1, arguments.length);
    const text = documentText(change, "directory");
    this.target().handles.clear();
    return call(() => this.target().native.apply(text));
  }

  /** Resolves a subject in a context once, for many requests. Throws `RequestError`. */
  override session(subject: string, context: SessionContext): Session {
    atMost(2, arguments.length);
    const requester = who(subject, context);
    return new Session(
      this.policy,
      call(() => this.target().native.session(requester)),
      requester,
    );
  }

  /** Decides, and explains the decision with every guard and role assignment. Throws `RequestError`. */
  explain(request: Request): Explanation {
    atMost(1, arguments.length);
    return answer(() => this.target().native.explain(question(request)));
  }

  /**
   * Returns the rows that a subject may see, as data for a query of a database; the adapters of `rolecall/filters` write
   * the query. A row is allowed exactly if a check at its scope allows an item with its values and labels. Throws
   * `RequestError`.
   */
  override filter(request: FilterRequest): Filter {
    atMost(1, arguments.length);
    return answer(() => this.target().native.filter(filterQuestion(request)));
  }

  /** Returns the numbers of all scopes, for tables with a column of numbers. */
  override numbering(): Numbering {
    atMost(0, arguments.length);
    return answer(() => this.target().native.numbering());
  }

  /**
   * Returns the subjects that hold a role, or a role that inherits it, with their assignments. With `at`, only assignments
   * that cover the scope count. Evaluates no guards. `limit` and `after` ask for a page. Throws `RequestError`.
   */
  override whoHolds(role: string, where: { at?: string; time: Timestamp } & PageOptions): WhoHolds {
    atMost(2, arguments.length);
    const asked = options(where, ["at", "time", "limit", "after"]);
    return answer(() => this.target().native.whoHolds(holdersQuestion({ role, ...asked })));
  }

  /**
   * Returns the groups that give their members a permission at a scope, with the assignments that give it. Evaluates no
   * guards: they depend on the member. `limit` and `after` ask for a page. Throws `RequestError`.
   */
  override whichGroupsCan(
    permission: PermissionName,
    where: { at: string; time: Timestamp } & PageOptions,
  ): WhichGroupsCan {
    atMost(2, arguments.length);
    const asked = options(where, ["at", "time", "limit", "after"]);
    return answer(() => this.target().native.whichGroupsCan(holdersQuestion({ permission, ...asked })));
  }

  /**
   * Returns the assignments of a subject that have not ended: its own and those of its groups. With `at`, only those that
   * cover the scope. Throws `RequestError`.
   */
  override assignmentsOf(subject: string, where: { at?: string; time: Timestamp }): AssignmentsOf {
    atMost(2, arguments.length);
    return answer(() =>
      this.target().native.assignmentsOf(holdersQuestion({ subject, ...options(where, ["at", "time"]) })),
    );
  }

  /**
   * Returns the permissions that each subject would gain or lose with another engine, at a timestamp. Skips the same
   * guards as `whoCan`. Throws `RequestError`.
   */
  diff(after: Engine, when: { time: Timestamp }): Diff {
    atMost(2, arguments.length);
    const { time } = options(when, ["time"]);
    if (!(after instanceof Engine))
      throw shape(`an engine of this module is needed here, not ${kind(after)}`, "after", OTHER_MODULE);
    return answer(() => this.target().native.diff(after.target().native, timestampText(time)));
  }

  /**
   * Returns where the directory violates the policy's rules for administration, at a timestamp: separation of assigned
   * roles, and the limit of users in a project. Throws `RequestError`.
   */
  violations(when: { time: Timestamp }): Violations {
    atMost(1, arguments.length);
    const { time } = options(when, ["time"]);
    return answer(() => this.target().native.violations(timestampText(time)));
  }

  /** Takes a JSON request. Returns canonical JSON: the explanation, or the error. */
  explainJson(request: string): string {
    atMost(1, arguments.length);
    return call(() => answered(request, (text) => this.target().native.explain(text)));
  }
}

/** Help for an engine of another copy of the package. */
const OTHER_MODULE =
  "a program that uses both `import` and `require`, or two packages, has two modules: " +
  "pass `Engine.fromSnapshot(other.toSnapshot())`";

/** Returns a compiled policy, or compiles one. */
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
      help: "compile it with this module, or pass its document",
    },
  ]);
}

/** Calls the core with a file. Throws `InternalError` if the system cannot open or write the file. */
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
    message: "WebAssembly cannot access files",
    help: "read the file and call `Engine.fromSnapshot(bytes)`, or use the package `@rolecall/node`",
  });
}
