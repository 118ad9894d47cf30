import { ForbiddenError, InternalError, RequestError } from "./errors.js";
import { answer, call, native, type NativeEngine, unplaced } from "./native.js";
import { Policy } from "./policy.js";
import { Session } from "./session.js";
import type {
  Decision, Diff, DirectoryChange, Effective, Explanation, GrantingRole, Instant, Menu, Permissions, RedactedExplanation, Request,
  SessionContext, Violations, WhereCan, WhoCan,
} from "./types.js";

/** A policy and a directory, ready to answer. */
export class Engine {
  readonly policy: Policy;
  readonly #native: NativeEngine;

  private constructor(policy: Policy, engine: NativeEngine) {
    this.policy = policy;
    this.#native = engine;
  }

  /** Compiles a directory, and the policy where it is a text. Throws `CompileError` with every issue. */
  static fromJson(policy: Policy | string, directory: string): Engine {
    const compiled = typeof policy === "string" ? Policy.fromJson(policy) : policy;
    return new Engine(compiled, call(() => native().NativeEngine.compile(compiled.native, directory)));
  }

  /** Compiles plain objects. Throws `CompileError` with every issue. */
  static from(policy: Policy | object, directory: object): Engine {
    const compiled = policy instanceof Policy ? policy : Policy.from(policy);
    const { NativeEngine } = native();
    const compile = NativeEngine.compileObject;
    return compile === undefined
      ? unplaced(() => Engine.fromJson(compiled, JSON.stringify(directory)))
      : new Engine(compiled, call(() => compile.call(NativeEngine, compiled.native, directory)));
  }

  /** Opens a snapshot and checks all of it. Throws `RequestError` where the bytes are something else, or are damaged. */
  static fromSnapshot(bytes: Uint8Array): Engine {
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
    return new Engine(Policy.of(engine.policy()), engine);
  }

  /**
   * The policy and the directory as they are compiled, single changes included, in bytes that open without being parsed.
   * The same documents and changes give the same bytes in every runtime.
   */
  toSnapshot(): Uint8Array {
    return call(() => this.#native.toSnapshot());
  }

  /** Writes the snapshot to a file, whole or not at all. Native in Node only. */
  writeSnapshot(path: string): void {
    const write = this.#native.writeSnapshot ?? noFiles;
    call(() => write.call(this.#native, path));
  }

  /**
   * Makes one change to the directory without compiling it anew, and tells whether anything changed: assignments, members
   * and subjects in microseconds; custom roles, groups and scopes are numbered anew, which takes some nanoseconds for each
   * assignment. Sessions go on with what they were made of. Throws `CompileError` with every issue, in which case nothing is changed.
   */
  apply(change: DirectoryChange): boolean {
    return call(() => this.#native.apply(JSON.stringify(change)));
  }

  /** Resolves a subject in a context once, for asking often. Throws `RequestError`. */
  session(subject: string, context: SessionContext): Session {
    return new Session(this.policy, call(() => this.#native.session(who(subject, context))));
  }

  /** Tells whether a question is allowed. Throws `RequestError`. */
  can(request: Request): boolean {
    return this.check(request).allow;
  }

  /**
   * The fastest question: tells whether a subject may do something at a scope, of whose connection nothing is known. `time`
   * is a `Date` or milliseconds since the epoch. Throws `RequestError`.
   */
  canByNames(subject: string, permission: string, at: string, time: Date | number): boolean {
    return call(() => this.#native.canByNames(subject, permission, at, Number(time)));
  }

  /** Decides with reasons. Throws `RequestError`. */
  check(request: Request): Decision {
    return answer(() => this.#native.check(JSON.stringify(request)));
  }

  /** Decides many questions, as many and in the same order; a malformed one gets its error. */
  checkMany(requests: readonly Request[]): (Decision | RequestError)[] {
    return requests.map((request) => {
      try {
        return this.check(request);
      } catch (error) {
        if (error instanceof RequestError) return error;
        throw error;
      }
    });
  }

  /** Decides, and throws `ForbiddenError` where the decision denies. Throws `RequestError`. */
  require(request: Request): Decision {
    const decision = this.check(request);
    if (!decision.allow) throw new ForbiddenError(decision);
    return decision;
  }

  /** Decides, and tells everything that was looked at. Throws `RequestError`. */
  explain(request: Request): Explanation {
    return answer(() => this.#native.explain(JSON.stringify(request)));
  }

  /** An explanation for the person who asks: codes only. Throws `RequestError`. */
  explainRedacted(request: Request): RedactedExplanation {
    return answer(() => this.#native.explainRedacted(JSON.stringify(request)));
  }

  /** The part of a menu that someone sees. Throws `RequestError`. */
  menu(name: string, subject: string, context: SessionContext): Menu {
    return answer(() => this.#native.menu(name, who(subject, context)));
  }

  /** Everything that someone may do at a scope. Throws `RequestError`. */
  permissions(subject: string, context: SessionContext): Permissions {
    return answer(() => this.#native.permissions(who(subject, context)));
  }

  /**
   * Everyone who may do something at a scope, at an instant. Login methods, networks and inactivity are left out: they
   * are those of a connection. Throws `RequestError`.
   */
  whoCan(permission: string, { at, time }: { at: string; time: Instant }): WhoCan {
    return answer(() => this.#native.whoCan(wellFormed(permission), wellFormed(at), written(time)));
  }

  /** Every scope where a subject may do something, at an instant, with the same left out. Throws `RequestError`. */
  whereCan(subject: string, permission: string, { time }: { time: Instant }): WhereCan {
    return answer(() => this.#native.whereCan(wellFormed(subject), wellFormed(permission), written(time)));
  }

  /** Every role that holds a permission, custom ones included. Throws `RequestError`. */
  grantingRoles(permission: string): GrantingRole[] {
    return answer<{ roles: GrantingRole[] }>(() => this.#native.grantingRoles(wellFormed(permission))).roles;
  }

  /**
   * What would change for whom, from this engine to another one, at an instant, with the same left out. Throws
   * `RequestError`.
   */
  diff(after: Engine, { time }: { time: Instant }): Diff {
    return answer(() => this.#native.diff(after.#native, written(time)));
  }

  /**
   * What the directory holds against the policy's rules for administration, at an instant: separation of assigned
   * roles, and the limit of users in a project. Throws `RequestError`.
   */
  violations({ time }: { time: Instant }): Violations {
    return answer(() => this.#native.violations(written(time)));
  }

  /** What the active roles of someone give together, and which role gives what. Throws `RequestError`. */
  effective(subject: string, context: SessionContext): Effective {
    return answer(() => this.#native.effective(who(subject, context)));
  }

  /** Answers JSON with canonical JSON: the decision, or the error. */
  checkJson(request: string): string {
    return call(() => this.#native.check(request));
  }

  /** Answers JSON with canonical JSON: the explanation, or the error. */
  explainJson(request: string): string {
    return call(() => this.#native.explain(request));
  }

  /** Answers `{"subject", "at", "context"}` with canonical JSON: the menu, or the error. */
  menuJson(name: string, who: string): string {
    return call(() => this.#native.menu(name, who));
  }

  /** Answers `{"subject", "at", "context"}` with canonical JSON: the permissions, or the error. */
  permissionsJson(who: string): string {
    return call(() => this.#native.permissions(who));
  }
}

function noFiles(): never {
  throw new InternalError({
    code: "internal.platform",
    message: "WebAssembly has no files",
    help: "read the file and call `Engine.fromSnapshot(bytes)`, or use the package `@rolecall/node`",
  });
}

function written(time: Instant): string {
  return typeof time === "string" ? wellFormed(time) : time.toISOString();
}

/** Refuses what is no Unicode, which would silently be changed on its way to the core. */
function wellFormed(text: string): string {
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) {
    throw new RequestError({ code: "request.json", message: "the text is no Unicode: it holds half a character" });
  }
  return text;
}

/** Who asks from where, as JSON. Going by JSON refuses what is no Unicode, which a plain copy would silently change. */
function who(subject: string, { at, ...context }: SessionContext): string {
  return JSON.stringify({ subject, at, context });
}
