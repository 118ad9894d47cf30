/** The errors of every JavaScript package of Rolecall, under one root. */

import type { Decision, ErrorDetails, Issue } from "./types.js";

/**
 * The base class of every error that Rolecall throws. `cause` holds the same facts as plain data, because an error that
 * is sent to another thread arrives with its message and `cause` only.
 */
export class RolecallError extends Error {
  override name = "RolecallError";
  /** @internal The class name, the same in every copy of the package. */
  static readonly rolecall: string = "RolecallError";

  /**
   * @internal Recognises errors of every copy of the package. `import` and `require`, the entries of one package, and
   * the two packages each have their own classes.
   */
  static [Symbol.hasInstance](error: unknown): boolean {
    // Classes that an application derives recognise only their own errors.
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

/** An error for documents or a change that cannot be compiled, with every issue. */
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

/**
 * An error with a code. `docs/codes` in the repository has cause and way out of every code, as has the command
 * `rolecall codes CODE`.
 */
abstract class CodedError extends RolecallError {
  /** The code, such as `permission.unknown`; see `docs/codes`. */
  readonly code: string;
  /** The place in the request, such as `context.time`. */
  readonly path: string | undefined;
  /** How to fix it, if that is known. */
  readonly help: string | undefined;
  /** Code, message, path and help as plain data. */
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails) {
    const at = details.path === undefined ? "" : ` (at \`${details.path}\`)`;
    const message = `${details.code}: ${details.message}${at}${details.help === undefined ? "" : `; ${details.help}`}`;
    super(message, { cause: { error: details } });
    this.code = details.code;
    this.path = details.path;
    this.help = details.help;
    this.details = details;
  }
}

/** An error for a malformed request, which is neither allowed nor denied. A server responds with 400. */
export class RequestError extends CodedError {
  override name = "RequestError";
  /** @internal */
  static override readonly rolecall: string = "RequestError";
  /** For the type checker only, which treats classes of the same shape as one class. */
  declare private readonly kind: "request";
}

/**
 * An error that the request did not cause: a defect, a module that is not started, or a file that cannot be read. A
 * server responds with 500.
 */
export class InternalError extends CodedError {
  override name = "InternalError";
  /** @internal */
  static override readonly rolecall: string = "InternalError";
  declare private readonly kind: "internal";
}

/** An error for a request that the policy denies. A server responds with 403. */
export class ForbiddenError extends RolecallError {
  override name = "ForbiddenError";
  /** @internal */
  static override readonly rolecall: string = "ForbiddenError";
  /** The decision, with its reasons. */
  readonly decision: Decision;
  /** The subject of the request. */
  readonly subject: string;
  /** The permission that was denied. */
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

/**
 * An error of the client: a pass that cannot be opened, a server that rejects a request or is unreachable, or answers
 * that are too old.
 */
export class ClientError extends RolecallError {
  override name = "ClientError";
  /** @internal */
  static override readonly rolecall: string = "ClientError";
  /** The code, such as `pass.expired` or `client.stale`; see `docs/codes`. */
  readonly code: string;
  /** The place in the request, such as `command.at`, if a server states it. */
  readonly path: string | undefined;
  /** How to fix it, if that is known. */
  readonly help: string | undefined;
  /** Code, message, path and help as plain data. */
  readonly details: ErrorDetails;

  constructor(code: string, message: string, { path, help }: { path?: string; help?: string } = {}) {
    const details: ErrorDetails = { code, message };
    if (path !== undefined) details.path = path;
    if (help !== undefined) details.help = help;
    super(`${code}: ${message}${help === undefined ? "" : `; ${help}`}`, { cause: { error: details } });
    this.code = code;
    this.path = path;
    this.help = help;
    this.details = details;
  }
}
