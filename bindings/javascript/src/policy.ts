import { RequestError } from "./errors.js";
import { answer, call, native, type NativePolicy, unplaced } from "./native.js";

/** A compiled policy. */
export class Policy {
  /** @internal */
  readonly native: NativePolicy;
  /** Every permission in the order of its number. */
  readonly permissions: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  private constructor(compiled: NativePolicy) {
    this.native = compiled;
    this.permissions = Object.freeze(answer<string[]>(() => compiled.permissionNames()));
    this.#numbers = new Map(this.permissions.map((name, number) => [name, number]));
  }

  /** Compiles JSON text. Throws `CompileError` with every issue. */
  static fromJson(text: string): Policy {
    return new Policy(call(() => native().NativePolicy.compile(text)));
  }

  /** @internal The policy of an engine that was not compiled here. */
  static of(compiled: NativePolicy): Policy {
    return new Policy(compiled);
  }

  /** Compiles a plain object. Throws `CompileError` with every issue. */
  static from(document: object): Policy {
    const { NativePolicy } = native();
    const compile = NativePolicy.compileObject;
    return compile === undefined
      ? unplaced(() => Policy.fromJson(JSON.stringify(document)))
      : new Policy(call(() => compile.call(NativePolicy, document)));
  }

  /** The number of a permission: a handle for asking often. Throws `RequestError`. */
  permission(name: string): number {
    return this.#numbers.get(name) ?? call(() => this.native.permission(name));
  }

  /** @internal The name of a permission by name or number. */
  nameOf(permission: string | number): string {
    if (typeof permission === "string") return permission;
    const name = this.permissions[permission];
    if (name === undefined) {
      throw new RequestError({
        code: "permission.unknown",
        message: `the policy has no permission of the number ${permission}`,
        path: "permission",
      });
    }
    return name;
  }

  /** The names of the roles, sorted. */
  get roles(): string[] {
    return answer(() => this.native.roleNames());
  }

  /** The names of the menus, sorted. */
  get menus(): string[] {
    return answer(() => this.native.menuNames());
  }
}
