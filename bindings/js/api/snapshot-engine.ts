import { ForbiddenError, RequestError } from "./errors.js";
import { HandleCache } from "./handle-cache.js";
import { answer, call, native, type NativeAnswers } from "./native.js";
import { millisOf, timestampText } from "./timestamp.js";
import { question, who } from "./plain.js";
import { atMost, kind, options } from "./shape.js";
import { SnapshotPolicy } from "./snapshot-policy.js";
import { SnapshotSession } from "./snapshot-session.js";
import type {
  Decision,
  Effective,
  GrantingRole,
  Menu,
  MenuName,
  PermissionName,
  Permissions,
  RedactedExplanation,
  Request,
  SessionContext,
  Timestamp,
  WhereCan,
  WhoCan,
} from "./types.js";
import { answered, bytesOf, wellFormed } from "./unicode.js";

/** A policy and a directory as a snapshot has them, ready to answer. */
export class SnapshotEngine {
  readonly policy: SnapshotPolicy;
  /** @internal */
  readonly native: NativeAnswers;
  /** @internal */
  readonly handles: HandleCache;

  /** @internal */
  constructor(policy: SnapshotPolicy, engine: NativeAnswers) {
    this.policy = policy;
    this.native = engine;
    this.handles = new HandleCache((name) => engine.nameNumber(name));
  }

  /**
   * Opens a snapshot, of which everything is checked that tells damage. Take it from where it was made, or was checked.
   * Throws `RequestError` where the bytes are something else, or are damaged.
   */
  static fromSnapshot(bytes: Uint8Array): SnapshotEngine {
    atMost(1, arguments.length);
    const engine = call(() => native().NativeEngine.fromSnapshot(snapshotBytes(bytes)));
    return new SnapshotEngine(new SnapshotPolicy(engine.policy()), engine);
  }

  /** Resolves a subject in a context once, for asking often. Throws `RequestError`. */
  session(subject: string, context: SessionContext): SnapshotSession {
    atMost(2, arguments.length);
    const asked = who(subject, context);
    return new SnapshotSession(
      this.policy,
      call(() => this.native.session(asked)),
      asked,
    );
  }

  /** Tells whether a question is allowed. Throws `RequestError`. */
  can(request: Request): boolean {
    atMost(1, arguments.length);
    return this.check(request).allow;
  }

  /**
   * The fastest question: tells whether a subject may do something at a scope, of whose connection nothing is known. `time`
   * is a `Date` or milliseconds since the epoch, of the years 1990 to 2199: seconds are refused. Names of subjects and scopes that are asked about often
   * are remembered with their numbers until a change, 65,536 at most, and not handed to the core again. Throws `RequestError`.
   */
  canByNames(subject: string, permission: PermissionName, at: string, time: Date | number): boolean {
    atMost(4, arguments.length);
    const millis = typeof time === "number" ? time : millisOf(time);
    if (millis === undefined) {
      const message = `an instant is needed here, not ${kind(time)}`;
      throw new RequestError({
        code: "time.malformed",
        message,
        path: "time",
        help: "give a `Date`, or milliseconds since the epoch",
      });
    }
    return call(() => {
      const { handles, native } = this;
      const [known, place] = [handles.get(subject), handles.get(at)];
      const told =
        known < 0 || place < 0 ? -1 : native.canByNumbers(known, this.policy.numberOf(permission), place, millis);
      if (told >= 0) return told === 1;
      const may = native.canByNames(
        wellFormed(subject, "subject"),
        wellFormed(permission, "permission"),
        wellFormed(at, "at"),
        millis,
      );
      handles.remember(subject, at);
      return may;
    });
  }

  /** Decides with reasons. Throws `RequestError`. */
  check(request: Request): Decision {
    atMost(1, arguments.length);
    return answer(() => this.native.check(question(request)));
  }

  /** Decides many questions, as many and in the same order; a malformed one gets its error. */
  checkMany(requests: readonly Request[]): (Decision | RequestError)[] {
    atMost(1, arguments.length);
    return Array.from(requests, (request) => {
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
    atMost(1, arguments.length);
    const asked = question(request);
    const decision = answer<Decision>(() => this.native.check(asked));
    if (decision.allow) return decision;
    throw new ForbiddenError(decision, JSON.parse(asked) as Request);
  }

  /** An explanation for the person who asks: codes only. Throws `RequestError`. */
  explainRedacted(request: Request): RedactedExplanation {
    atMost(1, arguments.length);
    return answer(() => this.native.explainRedacted(question(request)));
  }

  /** The part of a menu that someone sees. Throws `RequestError`. */
  menu(name: MenuName, subject: string, context: SessionContext): Menu {
    atMost(3, arguments.length);
    return answer(() => this.native.menu(wellFormed(name, "menu"), who(subject, context)));
  }

  /** Everything that someone may do at a scope. Throws `RequestError`. */
  permissions(subject: string, context: SessionContext): Permissions {
    atMost(2, arguments.length);
    return answer(() => this.native.permissions(who(subject, context)));
  }

  /**
   * Everyone who may do something at a scope, at an instant. Login methods, networks and inactivity are left out: they
   * are those of a connection. Throws `RequestError`.
   */
  whoCan(permission: PermissionName, where: { at: string; time: Timestamp }): WhoCan {
    atMost(2, arguments.length);
    const { at, time } = options(where, ["at", "time"]);
    return answer(() =>
      this.native.whoCan(wellFormed(permission, "permission"), wellFormed(at, "at"), timestampText(time)),
    );
  }

  /** Every scope where a subject may do something, at an instant, with the same left out. Throws `RequestError`. */
  whereCan(subject: string, permission: PermissionName, when: { time: Timestamp }): WhereCan {
    atMost(3, arguments.length);
    const { time } = options(when, ["time"]);
    return answer(() =>
      this.native.whereCan(wellFormed(subject, "subject"), wellFormed(permission, "permission"), timestampText(time)),
    );
  }

  /** Every role that holds a permission, custom ones included. Throws `RequestError`. */
  grantingRoles(permission: PermissionName): GrantingRole[] {
    atMost(1, arguments.length);
    return answer<{ roles: GrantingRole[] }>(() => this.native.grantingRoles(wellFormed(permission, "permission")))
      .roles;
  }

  /** What the active roles of someone give together, and which role gives what. Throws `RequestError`. */
  effective(subject: string, context: SessionContext): Effective {
    atMost(2, arguments.length);
    return answer(() => this.native.effective(who(subject, context)));
  }

  /** Answers JSON with canonical JSON: the decision, or the error. */
  checkJson(request: string): string {
    atMost(1, arguments.length);
    return call(() => answered(request, (text) => this.native.check(text)));
  }

  /** Answers `{"subject", "at", "context"}` with canonical JSON: the menu, or the error. */
  menuJson(name: string, who: string): string {
    atMost(2, arguments.length);
    return call(() => answered(who, (text) => this.native.menu(wellFormed(name, "menu"), text)));
  }

  /** Answers `{"subject", "at", "context"}` with canonical JSON: the permissions, or the error. */
  permissionsJson(who: string): string {
    atMost(1, arguments.length);
    return call(() => answered(who, (text) => this.native.permissions(text)));
  }
}

/** What every snapshot begins with. */
const MAGIC = [0x89, 0x52, 0x4c, 0x43, 0x41, 0x4c, 0x4c, 0x0a];

/** @internal The bytes of a snapshot. Of bytes that are something else the core gets no more than it needs to say so. */
export function snapshotBytes(bytes: unknown): Uint8Array {
  const given = bytesOf(bytes);
  return MAGIC.every((byte, index) => given[index] === byte) ? given : given.subarray(0, 64);
}
