import { ForbiddenError } from "./errors.js";
import { answer, call, type NativeSnapshotSession } from "./native.js";
import { itemText, optionsText, partText } from "./plain.js";
import { filled, outline, readRecord, WITHHELD } from "./record.js";
import { atMost, fields, options } from "./shape.js";
import type { SnapshotPolicy } from "./snapshot-policy.js";
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
} from "./types.js";
import { maskOf, wellFormed } from "./unicode.js";

/** One subject in one context, resolved once, of an engine that was opened from a snapshot. */
export class SnapshotSession {
  readonly policy: SnapshotPolicy;
  /** @internal */
  readonly native: NativeSnapshotSession;
  readonly #who: string;
  readonly #bits: Uint8Array;

  /** @internal */
  constructor(policy: SnapshotPolicy, session: NativeSnapshotSession, who: string) {
    this.policy = policy;
    this.native = session;
    this.#who = who;
    // The core's own answer for every permission, fetched once, so that asking costs no call.
    this.#bits = call(() => session.permissionBits());
  }

  /**
   * Tells whether a permission is allowed, by name or number: for an item where one is given, else for one without labels
   * and values, which is what a menu or a button asks. Throws `RequestError`.
   */
  can(permission: PermissionName | number, resource?: Resource): boolean {
    atMost(2, arguments.length);
    if (resource !== undefined) return this.check(permission, resource).allow;
    const number = typeof permission === "number" ? permission : this.policy.permission(permission);
    // Which throws.
    if (this.policy.permissions[number] === undefined) this.policy.nameOf(number);
    return (((this.#bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  /** Decides with reasons. Throws `RequestError`. */
  check(permission: PermissionName | number, resource?: Resource): Decision {
    atMost(2, arguments.length);
    return JSON.parse(this.#ask("check", permission, resource)) as Decision;
  }

  /** Decides many, as many and in the same order. Throws `RequestError`. */
  checkMany(permissions: readonly (PermissionName | number)[]): Decision[] {
    atMost(1, arguments.length);
    return Array.from(permissions, (permission) => this.check(permission));
  }

  /** Decides, and throws `ForbiddenError` where the decision denies. Throws `RequestError`. */
  require(permission: PermissionName | number, resource?: Resource): Decision {
    atMost(2, arguments.length);
    const decision = this.check(permission, resource);
    if (decision.allow) return decision;
    const { subject, at } = JSON.parse(this.#who) as { subject: string; at: string };
    throw new ForbiddenError(decision, { subject, permission: this.policy.nameOf(permission), at });
  }

  /** An explanation for the person who asks: codes only. Throws `RequestError`. */
  explainRedacted(permission: PermissionName | number, resource?: Resource): RedactedExplanation {
    atMost(2, arguments.length);
    return JSON.parse(this.#ask("explainRedacted", permission, resource)) as RedactedExplanation;
  }

  /**
   * A record, or a list of them, without the fields of which the session may not read a label: dropped, or replaced by
   * `mask`. `labels` maps paths of fields, such as `address.street`, `orders[*].note` or `**.phone`, to labels. Maps may be
   * objects or `Map`s, lists may be arrays or `Set`s; of an object of a class its own fields are given, or what `toJSON`
   * makes of it. Bigints, bytes and other single values come back as they are, dates and typed arrays as copies. Throws
   * `RequestError`.
   */
  redact<R = unknown>(record: object, labels: FieldLabels, more?: { mask?: string | undefined }): Redacted<R> {
    atMost(3, arguments.length);
    const mask = maskOf(options(more, ["mask"]).mask);
    const [read, of] = [readRecord(record), partText(labels, "labels")];
    const told = answer<Redacted>(() => this.native.redact(outline(read), of, WITHHELD));
    return { ...told, record: filled(read, told.record, mask) as R };
  }

  /**
   * Makes the session portable: bytes from which `PortableSession` answers without policy and directory, at this scope
   * and at `scopes`, from this instant on until `until`. Of `menus` that part comes along that is seen at some time.
   * What is known of the connection is held fixed, and so is what it allows. Throws `RequestError`.
   */
  toBytes(coverage: Coverage = {}): Uint8Array {
    atMost(1, arguments.length);
    return call(() => this.native.toBytes(optionsText(fields(coverage, "", ["scopes", "menus", "until"]))));
  }

  /** The part of a menu that the session sees. Throws `RequestError`. */
  menu(name: MenuName): Menu {
    atMost(1, arguments.length);
    return answer(() => this.native.menu(wellFormed(name, "menu")));
  }

  /** What the active roles give together, and which role gives what, whatever a guard says. */
  effective(): Effective {
    atMost(0, arguments.length);
    return answer(() => this.native.effective());
  }

  /** Everything that `can` allows, by name. */
  permissions(): Permissions {
    atMost(0, arguments.length);
    return answer(() => this.native.permissions());
  }

  /** Everything that `can` allows, one bit for each permission by its number. */
  permissionBits(): Uint8Array {
    atMost(0, arguments.length);
    return this.#bits.slice();
  }

  #ask(what: "check" | "explainRedacted", permission: string | number, resource?: Resource): string {
    return call(() => this.native[what](this.policy.nameOf(permission), itemText(resource)));
  }
}
