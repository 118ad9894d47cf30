import { ForbiddenError } from "./errors.js";
import { answer, call, type NativeSnapshotSession } from "./native.js";
import { itemText, optionsText, partText } from "./plain.js";
import { filled, outline, readRecord, WITHHELD } from "./record.js";
import { atMost, fields, options } from "./shape.js";
import type { SnapshotPolicy } from "./snapshot-policy.js";
import { Target } from "./target.js";
import type {
  Coverage,
  Decision,
  Effective,
  FieldLabels,
  Menu,
  MenuName,
  PermissionName,
  Permissions,
  Redacted,
  RedactedExplanation,
  Resource,
  View,
  ViewCoverage,
} from "./types.js";
import { maskOf, wellFormed } from "./unicode.js";

/** One subject in one context, resolved once by an engine that was opened from a snapshot. */
export class SnapshotSession extends Target {
  readonly policy: SnapshotPolicy;
  /** @internal */
  readonly native: NativeSnapshotSession;
  readonly #who: string;
  readonly #bits: Uint8Array;

  /** @internal */
  constructor(policy: SnapshotPolicy, session: NativeSnapshotSession, who: string) {
    super();
    this.policy = policy;
    this.native = session;
    this.#who = who;
    // The answer for every permission, fetched once, so that `can` does not call the core.
    this.#bits = call(() => session.permissionBits());
  }

  /**
   * Returns whether a permission is allowed, by name or handle. Without an item, decides for an item without labels and
   * values, as a menu or a button needs it. Throws `RequestError`.
   */
  can(permission: PermissionName | number, resource?: Resource): boolean {
    atMost(2, arguments.length);
    if (resource !== undefined) return this.check(permission, resource).allow;
    const number = typeof permission === "number" ? permission : this.policy.permission(permission);
    // This throws.
    if (this.policy.permissions[number] === undefined) this.policy.nameOf(number);
    return (((this.target().#bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  /** Returns the decision with its reasons. Throws `RequestError`. */
  check(permission: PermissionName | number, resource?: Resource): Decision {
    atMost(2, arguments.length);
    return JSON.parse(this.target().#call("check", permission, resource)) as Decision;
  }

  /** Returns one decision for each permission, in order. Throws `RequestError`. */
  checkMany(permissions: readonly (PermissionName | number)[]): Decision[] {
    atMost(1, arguments.length);
    return Array.from(permissions, (permission) => this.check(permission));
  }

  /** Returns the decision if it allows, and throws `ForbiddenError` if it denies. Throws `RequestError`. */
  require(permission: PermissionName | number, resource?: Resource): Decision {
    atMost(2, arguments.length);
    const decision = this.check(permission, resource);
    if (decision.allow) return decision;
    const { subject, at } = JSON.parse(this.target().#who) as { subject: string; at: string };
    throw new ForbiddenError(decision, { subject, permission: this.policy.nameOf(permission), at });
  }

  /** Returns an explanation for the requesting person, with codes only. Throws `RequestError`. */
  explainRedacted(permission: PermissionName | number, resource?: Resource): RedactedExplanation {
    atMost(2, arguments.length);
    return JSON.parse(this.target().#call("explainRedacted", permission, resource)) as RedactedExplanation;
  }

  /**
   * Returns a record, or a list of records, without fields that have a label that the session may not read. Such fields
   * are dropped, or replaced by `mask`.
   *
   * `labels` maps paths of fields, such as `address.street`, `orders[*].note` or `**.phone`, to labels. Maps may be
   * objects or `Map`s, lists may be arrays or `Set`s. An object of a class is reduced to its own fields, or to the
   * result of its `toJSON`. Bigints, bytes and other single values are returned unchanged, dates and typed arrays as
   * copies. Throws `RequestError`.
   */
  redact<R = unknown>(record: object, labels: FieldLabels, more?: { mask?: string | undefined }): Redacted<R> {
    atMost(3, arguments.length);
    const mask = maskOf(options(more, ["mask"]).mask);
    const [read, fieldLabels] = [readRecord(record), partText(labels, "labels")];
    const redacted = answer<Redacted>(() => this.target().native.redact(outline(read), fieldLabels, WITHHELD));
    return { ...redacted, record: filled(read, redacted.record, mask) as R };
  }

  /**
   * Makes the session portable: returns bytes from which `PortableSession` answers without policy and directory.
   *
   * It covers this scope and `scopes`, from this timestamp until `until`. It includes the parts of `menus` that are
   * visible at some time. Connection details are fixed, and so are the decisions that depend on them. Throws
   * `RequestError`.
   */
  toBytes(coverage: Coverage = {}): Uint8Array {
    atMost(1, arguments.length);
    return call(() => this.target().native.toBytes(optionsText(fields(coverage, "", ["scopes", "menus", "until"]))));
  }

  /**
   * Returns the answers of the session as plain data, which `rolecall/view` looks up in a page without WebAssembly.
   *
   * It covers this scope, from this timestamp until the next change or, with `until`, all changes up to there. It answers
   * requests without an item. Throws `RequestError`.
   */
  toView(coverage: ViewCoverage = {}): View {
    atMost(1, arguments.length);
    return answer(() =>
      this.target().native.toView(optionsText(fields(coverage, "", ["menus", "permissions", "until"]))),
    );
  }

  /**
   * The first later instant at which any answer of the session may differ, in milliseconds since the epoch. Undefined if
   * the answers stay.
   */
  get validUntil(): number | undefined {
    const millis = call(() => this.target().native.validUntil());
    return millis === Infinity ? undefined : millis;
  }

  /** Returns the visible part of a menu. Throws `RequestError`. */
  menu(name: MenuName): Menu {
    atMost(1, arguments.length);
    return answer(() => this.target().native.menu(wellFormed(name, "menu")));
  }

  /** Returns the permissions of the active roles, and the roles that grant each. Ignores the guards. */
  effective(): Effective {
    atMost(0, arguments.length);
    return answer(() => this.target().native.effective());
  }

  /** Returns the names of all permissions that `can` allows. */
  permissions(): Permissions {
    atMost(0, arguments.length);
    return answer(() => this.target().native.permissions());
  }

  /** Returns all permissions that `can` allows, one bit for each by its handle. */
  permissionBits(): Uint8Array {
    atMost(0, arguments.length);
    return this.target().#bits.slice();
  }

  #call(method: "check" | "explainRedacted", permission: string | number, resource?: Resource): string {
    return call(() => this.target().native[method](this.policy.nameOf(permission), itemText(resource)));
  }
}
