/** Everything that Rolecall throws, under one root. */

import type { Decision, Fault, Issue } from "./types.js";

/**
 * The root of everything that Rolecall throws. `cause` holds the same as plain data: it is what arrives of an error that is
 * sent to another thread, next to its message.
 */
export class RolecallError extends Error {
  override name = "RolecallError";
}

function written(issue: Issue): string {
  const place = issue.line === undefined ? "" : `:${issue.line}:${issue.column}`;
  const at = issue.path === "" ? "" : ` (at \`${issue.path}\`)`;
  const help = issue.help === undefined ? "" : `; ${issue.help}`;
  return `${issue.document}${place}: ${issue.code}: ${issue.message}${at}${help}`;
}

/** Documents that cannot be compiled, with every issue. */
export class CompileError extends RolecallError {
  override name = "CompileError";
  readonly issues: Issue[];

  constructor(issues: Issue[]) {
    super(issues.map(written).join("\n"), { cause: { issues } });
    this.issues = issues;
  }
}

/** A malformed question: it has no answer, neither allow nor deny. */
export class RequestError extends RolecallError {
  override name = "RequestError";
  /** What is wrong, for programs, such as `permission.unknown`. */
  readonly code: string;
  /** The place in the question, such as `context.time`. */
  readonly path: string | undefined;
  /** A way out, where one is known. */
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

/** The core failed: a defect of Rolecall, never of the question. */
export class InternalError extends RequestError {
  override name = "InternalError";
}

/** A refusal, with the decision that denies. */
export class ForbiddenError extends RolecallError {
  override name = "ForbiddenError";
  readonly decision: Decision;

  constructor(decision: Decision) {
    super(`forbidden: ${decision.reasons.join(", ")}`, { cause: { decision } });
    this.decision = decision;
  }
}
