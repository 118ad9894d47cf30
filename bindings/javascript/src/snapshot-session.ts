import { ForbiddenError } from "./errors.js";
import { answer, call, type NativeSnapshotSession } from "./native.js";
import { plain } from "./plain.js";
import type { SnapshotPolicy } from "./snapshot-policy.js";
import type {
  Coverage, Decision, Effective, FieldLabels, Menu, MenuName, PermissionName, Permissions, Redacted, RedactedExplanation, Resource,
} from "./types.js";

/** One subject in one context, resolved once, of an engine that was opened from a snapshot. */
export class SnapshotSession {
  readonly policy: SnapshotPolicy;
  /** @internal */
  readonly native: NativeSnapshotSession;
  readonly #bits: Uint8Array;

  /** @internal */
  constructor(policy: SnapshotPolicy, session: NativeSnapshotSession) {
    this.policy = policy;
    this.native = session;
    // The core's own answer for every permission, fetched once, so that asking costs no call.
    this.#bits = call(() => session.permissionBits());
  }

  /**
   * Tells whether a permission is allowed, by name or number, for an item without labels and values: what a menu or a
   * button asks. Throws `RequestError` where there is no such permission.
   */
  can(permission: PermissionName | number): boolean {
    const number = typeof permission === "number" ? permission : this.policy.permission(permission);
    // Which throws.
    if (this.policy.permissions[number] === undefined) this.policy.nameOf(number);
    return (((this.#bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  /** Decides with reasons. Throws `RequestError`. */
  check(permission: PermissionName | number, resource?: Resource): Decision {
    return JSON.parse(this.#ask("check", permission, resource)) as Decision;
  }

  /** Decides many, as many and in the same order. Throws `RequestError`. */
  checkMany(permissions: readonly (PermissionName | number)[]): Decision[] {
    return permissions.map((permission) => this.check(permission));
  }

  /** Decides, and throws `ForbiddenError` where the decision denies. Throws `RequestError`. */
  require(permission: PermissionName | number, resource?: Resource): Decision {
    const decision = this.check(permission, resource);
    if (!decision.allow) throw new ForbiddenError(decision);
    return decision;
  }

  /** An explanation for the person who asks: codes only. Throws `RequestError`. */
  explainRedacted(permission: PermissionName | number, resource?: Resource): RedactedExplanation {
    return JSON.parse(this.#ask("explainRedacted", permission, resource)) as RedactedExplanation;
  }

  /**
   * A record, or a list of them, without the fields of which the session may not read a label: dropped, or replaced by
   * `mask`. `labels` maps paths of fields, such as `address.street`, `orders[*].note` or `**.phone`, to labels. Throws
   * `RequestError`.
   */
  redact<R = unknown>(record: object, labels: FieldLabels, { mask }: { mask?: string | undefined } = {}): Redacted<R> {
    // What JSON cannot hold at all, such as a function, is no record.
    const text = (JSON.stringify(record) as string | undefined) ?? "null";
    return answer(() => this.native.redact(text, JSON.stringify(plain(labels)), mask));
  }

  /**
   * Makes the session portable: bytes from which `PortableSession` answers without policy and directory, at this scope
   * and at `scopes`, from this instant on until `until`. Of `menus` that part comes along that is seen at some time.
   * What is known of the connection is held fixed, and so is what it allows. Throws `RequestError`.
   */
  toBytes(coverage: Coverage = {}): Uint8Array {
    return call(() => this.native.toBytes(JSON.stringify(coverage)));
  }

  /** The part of a menu that the session sees. Throws `RequestError`. */
  menu(name: MenuName): Menu {
    return answer(() => this.native.menu(name));
  }

  /** What the active roles give together, and which role gives what, whatever a guard says. */
  effective(): Effective {
    return answer(() => this.native.effective());
  }

  /** Everything that `can` allows, by name. */
  permissions(): Permissions {
    return answer(() => this.native.permissions());
  }

  /** Everything that `can` allows, one bit for each permission by its number. */
  permissionBits(): Uint8Array {
    return this.#bits.slice();
  }

  #ask(what: "check" | "explainRedacted", permission: string | number, resource?: Resource): string {
    return call(() => this.native[what](this.policy.nameOf(permission), itemText(resource)));
  }
}

/** An item as JSON, where there is one. */
export function itemText(resource: Resource | undefined): string | undefined {
  return resource === undefined ? undefined : JSON.stringify(plain(resource));
}
