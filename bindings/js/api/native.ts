/** The interface of the core: texts, numbers and bytes. WebAssembly and Node-API implement it. */

import { CompileError, InternalError, RequestError } from "./errors.js";
import type { PortableAdd, PortableQuery, PortableReport } from "./opcodes.js";
import type { ErrorDetails, Issue } from "./types.js";

export interface NativePolicy {
  permission(name: string): number;
  permissionNames(): string;
  roleNames(): string;
  menuNames(): string;
}

/** A session of an engine that was opened from a snapshot. */
export interface NativeSnapshotSession {
  permissionBits(): Uint8Array;
  check(permission: string, item?: string): string;
  explainRedacted(permission: string, item?: string): string;
  redact(record: string, labels: string, mask?: string): string;
  menu(name: string): string;
  permissions(): string;
  effective(): string;
  toBytes(coverage: string): Uint8Array;
  toView(coverage: string): string;
  /** Returns milliseconds, or infinity. */
  validUntil(): number;
}

export interface NativeSession extends NativeSnapshotSession {
  explain(permission: string, item?: string): string;
}

/**
 * A portable session behind the opcodes of `opcodes.ts`: each exported function costs bytes in a module for browsers.
 */
export interface NativePortableSession {
  at(scope: string, time: string): NativePortableSession;
  bits(): Uint8Array;
  /** Returns JSON: a report, or the envelope of an error. */
  report(opcode: PortableReport, name: string): string;
  /** Returns nothing, or the envelope of an error. */
  add(opcode: PortableAdd, name: string, value: string): string;
  query(opcode: PortableQuery, number: number, index: number, key: string): number;
}

/** An engine that was opened from a snapshot. */
export interface NativeAnswers {
  canByNames(subject: string, permission: string, at: string, millis: number): boolean;
  /** Returns the handle of a listed subject or scope, valid until the next change. */
  nameNumber(name: string): number | null | undefined;
  /** Returns 1, 0, or -1 if the call by names is needed. */
  canByNumbers(subject: number, permission: number, at: number, millis: number): number;
  policy(): NativePolicy;
  session(who: string): NativeSnapshotSession;
  check(question: string): string;
  explainRedacted(question: string): string;
  menu(name: string, who: string): string;
  permissions(who: string): string;
  effective(who: string): string;
  whoCan(permission: string, at: string, time: string): string;
  whereCan(subject: string, permission: string, time: string): string;
  grantingRoles(permission: string): string;
}

export interface NativeEngine extends NativeAnswers {
  apply(change: string): boolean;
  toSnapshot(): Uint8Array;
  writeSnapshot?(path: string): void;
  session(who: string): NativeSession;
  explain(question: string): string;
  filter(question: string): string;
  whoHolds(question: string): string;
  whichGroupsCan(question: string): string;
  assignmentsOf(question: string): string;
  numbering(): string;
  diff(after: NativeEngine, time: string): string;
  violations(time: string): string;
}

export interface Native {
  /** Whether `compileObject` takes JSON instead of an object: Node-API reads objects slowly. */
  takesText?: boolean;
  NativePolicy: {
    compile(text: string): NativePolicy;
    /** Compiles a document that was not parsed from text, so its issues have no lines. */
    compileObject(document: unknown): NativePolicy;
  };
  NativeEngine: {
    compile(policy: NativePolicy, text: string): NativeEngine;
    compileObject(policy: NativePolicy, document: unknown): NativeEngine;
    fromSnapshot(bytes: Uint8Array): NativeEngine;
    openSnapshot?(path: string, verify: boolean): NativeEngine;
  };
  NativePortableSession: { open(bytes: Uint8Array, time: string): NativePortableSession };
}

let core: Native | undefined;
/** Undefined in modules without a compiler. */
let compileError: ((issues: Issue[]) => CompileError) | undefined;
let broken: InternalError | undefined;

/** Sets the core. */
export function setNative(native: Native): void {
  core = native;
  compileError = (issues) => new CompileError(issues);
}

/** The part of the core that portable sessions need, or an engine that opens snapshots. */
export type NativePart =
  Pick<Native, "NativePortableSession"> | { NativeEngine: { fromSnapshot(bytes: Uint8Array): NativeAnswers } };

/** Sets a part of the core. */
export function setPart(native: NativePart): void {
  core = native as Native;
}

/** Returns the core. Throws `InternalError` if it is not started. */
export function native(): Native {
  if (core === undefined) {
    throw new InternalError({
      code: "internal.not-started",
      message: "the module is not started",
      help: "await `init()`, or call `initSync(bytes)`, before anything else",
    });
  }
  return core;
}

/** Calls the core and converts its errors to those of this package. */
export function call<T>(work: () => T): T {
  if (broken !== undefined) throw broken;
  try {
    return work();
  } catch (thrown) {
    throw translated(thrown);
  }
}

/** Calls the core and parses the answer. Throws if it is the envelope of an error. */
export function answer<T>(work: () => string): T {
  const parsed = JSON.parse(call(work)) as T | { error: ErrorDetails };
  if (typeof parsed === "object" && parsed !== null && "error" in parsed) throw codedError(parsed.error);
  return parsed as T;
}

export function codedError(details: ErrorDetails): RequestError | InternalError {
  return details.code.startsWith("internal.") ? new InternalError(details) : new RequestError(details);
}

function translated(thrown: unknown): unknown {
  const text = typeof thrown === "string" ? thrown : thrown instanceof Error ? thrown.message : "";
  if (text.startsWith("{")) {
    const envelope = JSON.parse(text) as { error?: ErrorDetails; issues?: Issue[] };
    if (envelope.issues !== undefined && compileError !== undefined) return compileError(envelope.issues);
    if (envelope.error !== undefined) return codedError(envelope.error);
  }
  if (typeof WebAssembly !== "undefined" && thrown instanceof WebAssembly.RuntimeError) {
    // The module stopped midway, so its later answers cannot be trusted.
    broken = new InternalError({
      code: "internal.panic",
      message: `a defect of rolecall, please report it: ${thrown.message}`,
      help: "start the module again",
    });
    return broken;
  }
  return thrown;
}
