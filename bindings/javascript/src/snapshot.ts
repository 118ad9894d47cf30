import { ForbiddenError, RequestError } from "./errors.js";
import { Names } from "./names.js";
import { answer, call, native, type NativeAnswers } from "./native.js";
import { plain } from "./plain.js";
import { SnapshotPolicy } from "./snapshot-policy.js";
import { SnapshotSession } from "./snapshot-session.js";
import type {
  Decision, Effective, GrantingRole, Instant, Menu, MenuName, PermissionName, Permissions, RedactedExplanation, Request,
  SessionContext, WhereCan, WhoCan,
} from "./types.js";
import { json, wellFormed } from "./unicode.js";

/** A policy and a directory as a snapshot has them, ready to answer. */
export class SnapshotEngine {
  readonly policy: SnapshotPolicy;
  /** @internal */
  readonly native: NativeAnswers;
  /** @internal */
  readonly names: Names;

  /** @internal */
  constructor(policy: SnapshotPolicy, engine: NativeAnswers) {
    this.policy = policy;
    this.native = engine;
    this.names = new Names((name) => engine.nameNumber(name));
  }

  /**
   * Opens a snapshot, of which everything is checked that tells damage. Take it from where it was made, or was checked.
   * Throws `RequestError` where the bytes are something else, or are damaged.
   */
  static fromSnapshot(bytes: Uint8Array): SnapshotEngine {
    const engine = call(() => native().NativeEngine.fromSnapshot(bytes));
    return new SnapshotEngine(new SnapshotPolicy(engine.policy()), engine);
  }

  /** Resolves a subject in a context once, for asking often. Throws `RequestError`. */
  session(subject: string, context: SessionContext): SnapshotSession {
    return new SnapshotSession(this.policy, call(() => this.native.session(who(subject, context))));
  }

  /** Tells whether a question is allowed. Throws `RequestError`. */
  can(request: Request): boolean {
    return this.check(request).allow;
  }

  /**
   * The fastest question: tells whether a subject may do something at a scope, of whose connection nothing is known. `time`
   * is a `Date` or milliseconds since the epoch. Names of subjects and scopes that are asked about often
   * are remembered with their numbers until a change, 65,536 at most, and not handed to the core again. Throws `RequestError`.
   */
  canByNames(subject: string, permission: PermissionName, at: string, time: Date | number): boolean {
    // `Number(null)` would be an instant of 1970.
    const millis = typeof time === "number" ? time : ((time as Partial<Date> | null | undefined)?.getTime?.() ?? NaN);
    return call(() => {
      const { names, native } = this;
      const [known, place] = [names.number(subject), names.number(at)];
      const told = known < 0 || place < 0 ? -1 : native.canByNumbers(known, this.policy.numberOf(permission), place, millis);
      if (told >= 0) return told === 1;
      const may = native.canByNames(wellFormed(subject), permission, wellFormed(at), millis);
      names.remember(subject, at);
      return may;
    });
  }

  /** Decides with reasons. Throws `RequestError`. */
  check(request: Request): Decision {
    return answer(() => this.native.check(question(request)));
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

  /** An explanation for the person who asks: codes only. Throws `RequestError`. */
  explainRedacted(request: Request): RedactedExplanation {
    return answer(() => this.native.explainRedacted(question(request)));
  }

  /** The part of a menu that someone sees. Throws `RequestError`. */
  menu(name: MenuName, subject: string, context: SessionContext): Menu {
    return answer(() => this.native.menu(name, who(subject, context)));
  }

  /** Everything that someone may do at a scope. Throws `RequestError`. */
  permissions(subject: string, context: SessionContext): Permissions {
    return answer(() => this.native.permissions(who(subject, context)));
  }

  /**
   * Everyone who may do something at a scope, at an instant. Login methods, networks and inactivity are left out: they
   * are those of a connection. Throws `RequestError`.
   */
  whoCan(permission: PermissionName, { at, time }: { at: string; time: Instant }): WhoCan {
    return answer(() => this.native.whoCan(wellFormed(permission), wellFormed(at), written(time)));
  }

  /** Every scope where a subject may do something, at an instant, with the same left out. Throws `RequestError`. */
  whereCan(subject: string, permission: PermissionName, { time }: { time: Instant }): WhereCan {
    return answer(() => this.native.whereCan(wellFormed(subject), wellFormed(permission), written(time)));
  }

  /** Every role that holds a permission, custom ones included. Throws `RequestError`. */
  grantingRoles(permission: PermissionName): GrantingRole[] {
    return answer<{ roles: GrantingRole[] }>(() => this.native.grantingRoles(wellFormed(permission))).roles;
  }

  /** What the active roles of someone give together, and which role gives what. Throws `RequestError`. */
  effective(subject: string, context: SessionContext): Effective {
    return answer(() => this.native.effective(who(subject, context)));
  }

  /** Answers JSON with canonical JSON: the decision, or the error. */
  checkJson(request: string): string {
    return call(() => this.native.check(json(request)));
  }

  /** Answers `{"subject", "at", "context"}` with canonical JSON: the menu, or the error. */
  menuJson(name: string, who: string): string {
    return call(() => this.native.menu(name, json(who)));
  }

  /** Answers `{"subject", "at", "context"}` with canonical JSON: the permissions, or the error. */
  permissionsJson(who: string): string {
    return call(() => this.native.permissions(json(who)));
  }
}

/** A question as JSON. */
export function question(request: Request): string {
  return JSON.stringify((request as Request | null)?.resource === undefined ? request : { ...request, resource: plain(request.resource) });
}

/** An instant as a text. */
export function written(time: Instant): string {
  return typeof time === "string" ? wellFormed(time) : time.toISOString();
}

/** Who asks from where, as JSON. Going by JSON refuses what is no Unicode, which a plain copy would silently change. */
export function who(subject: string, { at, ...context }: SessionContext): string {
  return JSON.stringify({ subject, at, context });
}
