import { RequestError } from "./errors.js";
import { answer, call, type NativePolicy } from "./native.js";
import { atMost } from "./shape.js";
import { Target } from "./target.js";
import type { PermissionName } from "./types.js";
import { wellFormed } from "./unicode.js";

/** The policy of an engine that was opened from a snapshot. */
export class SnapshotPolicy extends Target {
  /** @internal */
  readonly native: NativePolicy;
  /** Every permission, ordered by handle. */
  readonly permissions: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  /** @internal */
  constructor(compiled: NativePolicy) {
    super();
    this.native = compiled;
    this.permissions = Object.freeze(answer<string[]>(() => compiled.permissionNames()));
    this.#numbers = new Map(this.permissions.map((name, number) => [name, number]));
  }

  /** Returns the handle of a permission, for many requests. Throws `RequestError`. */
  permission(name: PermissionName): number {
    atMost(1, arguments.length);
    return (
      this.target().#numbers.get(name) ?? call(() => this.target().native.permission(wellFormed(name, "permission")))
    );
  }

  /** @internal Returns the handle of a permission, or -1. */
  numberOf(name: string): number {
    return this.target().#numbers.get(name) ?? -1;
  }

  /** @internal Returns the name of a permission by name or handle. */
  nameOf(permission: string | number): string {
    if (typeof permission !== "number") return wellFormed(permission, "permission");
    const name = this.permissions[permission];
    if (name === undefined) {
      throw new RequestError({
        code: "permission.unknown",
        message: `the policy has no permission with the number \`${permission}\``,
        path: "permission",
      });
    }
    return name;
  }

  /** The names of the roles, sorted. */
  get roles(): string[] {
    return answer(() => this.target().native.roleNames());
  }

  /** The names of the menus, sorted. */
  get menus(): string[] {
    return answer(() => this.target().native.menuNames());
  }
}
