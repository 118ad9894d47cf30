import { ForbiddenError, RequestError } from "./errors.js";
import { HandleCache } from "./handle-cache.js";
import { answer, call, native, type NativeAnswers } from "./native.js";
import { millisOf, timestampText } from "./timestamp.js";
import { question, who } from "./plain.js";
import { atMost, kind, options } from "./shape.js";
import { SnapshotPolicy } from "./snapshot-policy.js";
import { SnapshotSession } from "./snapshot-session.js";
import { Target } from "./target.js";
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

/** A policy and a directory from a snapshot that answer requests. */
export class SnapshotEngine extends Target {
  readonly policy: SnapshotPolicy;
  /** @internal */
  readonly native: NativeAnswers;
  /** @internal */
  readonly handles: HandleCache;

  /** @internal */
  constructor(policy: SnapshotPolicy, engine: NativeAnswers) {
    super();
    this.policy = policy;
    this.native = engine;
    this.handles = new HandleCache((name) => engine.nameNumber(name));
  }

  /**
   * Opens a snapshot. Detects corruption but does not validate the contents: load only snapshots that you produced.
   * Throws `RequestError` if the bytes are damaged or are not a snapshot.
   */
  static fromSnapshot(bytes: Uint8Array): SnapshotEngine {
    atMost(1, arguments.length);
    const engine = call(() => native().NativeEngine.fromSnapshot(snapshotBytes(bytes)));
    return new SnapshotEngine(new SnapshotPolicy(engine.policy()), engine);
  }

  /** Resolves a subject in a context once, for many requests. Throws `RequestError`. */
  session(subject: string, context: SessionContext): SnapshotSession {
    atMost(2, arguments.length);
    const requester = who(subject, context);
    return new SnapshotSession(
      this.policy,
      call(() => this.target().native.session(requester)),
      requester,
    );
  }

  /** Returns whether a request is allowed. Throws `RequestError`. */
  can(request: Request): boolean {
    atMost(1, arguments.length);
    return this.check(request).allow;
  }

  /**
   * Returns whether a subject may do something at a scope, without knowledge of the connection. This is the fastest
   * request.
   *
   * `time` is a `Date` or milliseconds since the epoch, from the years 1990 to 2199; seconds are rejected. The engine
   * caches the handles of up to 65,536 frequent subjects and scopes until a change. Throws `RequestError`.
   */
  canByNames(subject: string, permission: PermissionName, at: string, time: Date | number): boolean {
    atMost(4, arguments.length);
    const millis = typeof time === "number" ? time : millisOf(time);
    if (millis === undefined) {
      const message = `a timestamp is needed here, not ${kind(time)}`;
      throw new RequestError({
        code: "time.malformed",
        message,
        path: "time",
        help: "pass a `Date`, or milliseconds since the epoch",
      });
    }
    return call(() => {
      const { handles, native } = this.target();
      const [subjectHandle, scopeHandle] = [handles.get(subject), handles.get(at)];
      const result =
        subjectHandle < 0 || scopeHandle < 0
          ? -1
          : native.canByNumbers(subjectHandle, this.policy.numberOf(permission), scopeHandle, millis);
      if (result >= 0) return result === 1;
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

  /** Returns the decision with its reasons. Throws `RequestError`. */
  check(request: Request): Decision {
    atMost(1, arguments.length);
    return answer(() => this.target().native.check(question(request)));
  }

  /** Returns one decision for each request, in order, or the error of a malformed one. */
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

  /** Returns the decision if it allows, and throws `ForbiddenError` if it denies. Throws `RequestError`. */
  require(request: Request): Decision {
    atMost(1, arguments.length);
    const json = question(request);
    const decision = answer<Decision>(() => this.target().native.check(json));
    if (decision.allow) return decision;
    throw new ForbiddenError(decision, JSON.parse(json) as Request);
  }

  /** Returns an explanation for the requesting person, with codes only. Throws `RequestError`. */
  explainRedacted(request: Request): RedactedExplanation {
    atMost(1, arguments.length);
    return answer(() => this.target().native.explainRedacted(question(request)));
  }

  /** Returns the visible part of a menu. Throws `RequestError`. */
  menu(name: MenuName, subject: string, context: SessionContext): Menu {
    atMost(3, arguments.length);
    return answer(() => this.target().native.menu(wellFormed(name, "menu"), who(subject, context)));
  }

  /** Returns all permissions of a subject at a scope. Throws `RequestError`. */
  permissions(subject: string, context: SessionContext): Permissions {
    atMost(2, arguments.length);
    return answer(() => this.target().native.permissions(who(subject, context)));
  }

  /**
   * Returns the subjects that may do something at a scope, at a timestamp. Skips guards that need connection details:
   * login method, network and inactivity. Throws `RequestError`.
   */
  whoCan(permission: PermissionName, where: { at: string; time: Timestamp }): WhoCan {
    atMost(2, arguments.length);
    const { at, time } = options(where, ["at", "time"]);
    return answer(() =>
      this.target().native.whoCan(wellFormed(permission, "permission"), wellFormed(at, "at"), timestampText(time)),
    );
  }

  /**
   * Returns the scopes where a subject may do something, at a timestamp. Skips the same guards as `whoCan`. Throws
   * `RequestError`.
   */
  whereCan(subject: string, permission: PermissionName, when: { time: Timestamp }): WhereCan {
    atMost(3, arguments.length);
    const { time } = options(when, ["time"]);
    return answer(() =>
      this.target().native.whereCan(
        wellFormed(subject, "subject"),
        wellFormed(permission, "permission"),
        timestampText(time),
      ),
    );
  }

  /** Returns every role that holds a permission, custom ones included. Throws `RequestError`. */
  grantingRoles(permission: PermissionName): GrantingRole[] {
    atMost(1, arguments.length);
    return answer<{ roles: GrantingRole[] }>(() =>
      this.target().native.grantingRoles(wellFormed(permission, "permission")),
    ).roles;
  }

  /** Returns the permissions of a subject's active roles, and the roles that grant each. Throws `RequestError`. */
  effective(subject: string, context: SessionContext): Effective {
    atMost(2, arguments.length);
    return answer(() => this.target().native.effective(who(subject, context)));
  }

  /** Not in `rolecall/snapshot`. Use `Engine.fromSnapshot(bytes).filter` of `rolecall`, or `/v1/filters` of a server. */
  filter(_request: never): unknown {
    throw elsewhere("filter");
  }

  /** Not in `rolecall/snapshot`. Use `Engine.fromSnapshot(bytes).numbering` of `rolecall`, or `/v1/numbering` of a server. */
  numbering(_: never): unknown {
    throw elsewhere("numbering");
  }

  /** Not in `rolecall/snapshot`. Use `Engine.fromSnapshot(bytes).whoHolds` of `rolecall`, or `/v1/queries` of a server. */
  whoHolds(_role: never, _where: never): unknown {
    throw elsewhere("whoHolds");
  }

  /** Not in `rolecall/snapshot`. Use `Engine.fromSnapshot(bytes).whichGroupsCan` of `rolecall`, or `/v1/queries` of a server. */
  whichGroupsCan(_permission: never, _where: never): unknown {
    throw elsewhere("whichGroupsCan");
  }

  /** Not in `rolecall/snapshot`. Use `Engine.fromSnapshot(bytes).assignmentsOf` of `rolecall`, or `/v1/queries` of a server. */
  assignmentsOf(_subject: never, _where: never): unknown {
    throw elsewhere("assignmentsOf");
  }

  /** Takes a JSON request. Returns canonical JSON: the decision, or the error. */
  checkJson(request: string): string {
    atMost(1, arguments.length);
    return call(() => answered(request, (text) => this.target().native.check(text)));
  }

  /** Takes `{"subject", "at", "context"}`. Returns canonical JSON: the menu, or the error. */
  menuJson(name: string, who: string): string {
    atMost(2, arguments.length);
    return call(() => answered(who, (text) => this.target().native.menu(wellFormed(name, "menu"), text)));
  }

  /** Takes `{"subject", "at", "context"}`. Returns canonical JSON: the permissions, or the error. */
  permissionsJson(who: string): string {
    atMost(1, arguments.length);
    return call(() => answered(who, (text) => this.target().native.permissions(text)));
  }
}

/** The first bytes of every snapshot. */
const MAGIC = [0x89, 0x52, 0x4c, 0x43, 0x41, 0x4c, 0x4c, 0x0a];

/**
 * @internal Returns the bytes of a snapshot. Cuts other bytes short, so that the core need not copy them to reject
 * them.
 */
export function snapshotBytes(bytes: unknown): Uint8Array {
  const given = bytesOf(bytes);
  return MAGIC.every((byte, index) => given[index] === byte) ? given : given.subarray(0, 64);
}

const elsewhere = (name: string): TypeError =>
  new TypeError(
    `\`${name}\` is not in this module: use \`Engine.fromSnapshot\` of \`rolecall\`, or a server of Rolecall`,
  );
