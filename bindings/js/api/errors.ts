/** The errors of every JavaScript package of Rolecall, under one root. */

import type { Decision, Fault, Issue } from "./types.js";

/**
 * The root of every error that Rolecall throws. `cause` holds the same as plain data: an error that is sent to another
 * thread arrives with its message and its `cause` only.
 */
export class RolecallError extends Error {
  override name = "RolecallError";
  /** @internal The name of a class of Rolecall, the same in every copy of it. */
  static readonly rolecall: string = "RolecallError";

  /**
   * @internal Recognises the errors of every copy of the package: `import` and `require`, the entries of one package, and
   * two packages each have classes of their own.
   */
  static [Symbol.hasInstance](error: unknown): boolean {
    // Classes that applications derive recognise their own errors only.
    if (!Object.hasOwn(this, "rolecall")) return Function.prototype[Symbol.hasInstance].call(this, error);
    if (typeof error !== "object" || error === null) return false;
    let kind: unknown = error.constructor;
    while (typeof kind === "function" && (kind as typeof RolecallError).rolecall !== this.rolecall)
      kind = Object.getPrototypeOf(kind);
    return typeof kind === "function";
  }
}

function line(issue: Issue): string {
  const place = issue.line === undefined ? "" : `:${issue.line}:${issue.column}`;
  const at = issue.path === "" ? "" : ` (at \`${issue.path}\`)`;
  const help = issue.help === undefined ? "" : `; ${issue.help}`;
  return `${issue.document}${place}: ${issue.code}: ${issue.message}${at}${help}`;
}

/** Documents or a change that cannot be compiled, with every issue. */
export class CompileError extends RolecallError {
  override name = "CompileError";
  /** @internal */
  static override readonly rolecall: string = "CompileError";
  readonly issues: Issue[];

  constructor(issues: Issue[]) {
    super(issues.map(line).join("\n"), { cause: { issues } });
    this.issues = issues;
  }
}

/** An error with a code. */
abstract class CodedError extends RolecallError {
  /** The error, for programs, such as `permission.unknown`. */
  readonly code: string;
  /** The place in the question, such as `context.time`. */
  readonly path: string | undefined;
  /** What to do about it, where that is known. */
  readonly help: string | undefined;
  /** All of this as plain data. */
  readonly fault: Fault;

  constructor(fault: Fault) {
    const at = fault.path === undefined ? "" : ` (at \`${fault.path}\`)`;
    const message = `${fault.code}: ${fault.message}${at}${fault.help === undefined ? "" : `; ${fault.help}`}`;
    super(message, { cause: { error: fault } });
    this.code = fault.code;
    this.path = fault.path;
    this.help = fault.help;
    this.fault = fault;
  }
}

/** A malformed question, which has no answer: neither allow nor deny. A server answers it with 400. */
export class RequestError extends CodedError {
  override name = "RequestError";
  /** @internal */
  static override readonly rolecall: string = "RequestError";
  /** For the type checker alone, which takes classes of the same shape for one class. */
  declare private readonly kind: "request";
}

/**
 * Rolecall failed, or cannot run here: a defect, a module that is not started, a file that cannot be read. The question is
 * not at fault. A server answers it with 500.
 */
export class InternalError extends CodedError {
  override name = "InternalError";
  /** @internal */
  static override readonly rolecall: string = "InternalError";
  declare private readonly kind: "internal";
}

/** A question that the policy denies. A server answers it with 403. */
export class ForbiddenError extends RolecallError {
  override name = "ForbiddenError";
  /** @internal */
  static override readonly rolecall: string = "ForbiddenError";
  /** The decision, with its reasons. */
  readonly decision: Decision;
  /** The subject that asked. */
  readonly subject: string;
  /** The permission that the subject lacks. */
  readonly permission: string;
  /** The path of the scope. */
  readonly at: string;

  constructor(decision: Decision, question: { subject: string; permission: string; at: string }) {
    const { subject, permission, at } = question;
    const message = `forbidden: \`${subject}\` may not \`${permission}\` at \`${at}\`: ${decision.reasons.join(", ")}`;
    super(message, { cause: { subject, permission, at, decision } });
    this.decision = decision;
    this.subject = subject;
    this.permission = permission;
    this.at = at;
  }
}

/** A pass that cannot be opened, a server that refuses or cannot be reached, or answers that are too old. */
export class ClientError extends RolecallError {
  override name = "ClientError";
  /** @internal */
  static override readonly rolecall: string = "ClientError";
  /** The error, for programs, such as `pass.expired` or `client.stale`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`, { cause: { error: { code, message } } });
    this.code = code;
  }
}
