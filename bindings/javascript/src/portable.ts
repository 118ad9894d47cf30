import { RequestError } from "./errors.js";
import { call, native, type NativeThing, type NativePortableSession } from "./native.js";
import type { FieldLabels, Instant, Menu, Permissions, PortableCoverage, Redacted, Resource } from "./types.js";

/** Stands between the texts of a list that the core gives. */
const BETWEEN = "\u0001";

/** A session without its policy and directory. It denies everything that it does not cover. */
export class PortableSession {
  /** Every permission in the order of its number. */
  readonly permissionNames: readonly string[];
  /** Who asks where and when, and what is covered. */
  readonly coverage: PortableCoverage;
  readonly #native: NativePortableSession;
  readonly #bits: Uint8Array;
  readonly #validUntil: { valid_until?: string };
  readonly #numbers: ReadonlyMap<string, number>;

  private constructor(session: NativePortableSession, like?: PortableSession) {
    this.#native = session;
    this.#bits = call(() => session.permissionBits());
    const [time, changes, from, until] = call(() => session.instants());
    this.#validUntil = told("valid_until", changes);
    const covered = JSON.parse(call(() => session.coverage())) as Pick<PortableCoverage, "subject" | "at" | "is_covered" | "scopes" | "menus">;
    this.coverage = { ...covered, ...told("time", time), ...told("from", from), ...told("until", until) } as PortableCoverage;
    const names = like?.permissionNames ?? call(() => session.permissionNames()).split("\n").filter(Boolean);
    this.permissionNames = Object.freeze(names);
    this.#numbers = (like === undefined ? undefined : like.#numbers) ?? new Map(names.map((name, number) => [name, number]));
  }

  /**
   * Opens the bytes that `Session.toBytes` made, at an instant, and at that session's scope where no other one is named.
   * Check their signature first, where they come from elsewhere. Throws `RequestError`.
   */
  static fromBytes(bytes: Uint8Array, { at, time }: { at?: string | undefined; time: Instant }): PortableSession {
    const own = call(() => native().NativePortableSession.fromBytes(bytes, written(time)));
    const session = new PortableSession(own);
    return at === undefined ? session : session.at(at, time);
  }

  /** The same subject at another scope or instant. Throws `RequestError`. */
  at(scope: string, time: Instant): PortableSession {
    return new PortableSession(call(() => this.#native.at(scope, written(time))), this);
  }

  /** The number of a permission: a handle for asking often. Throws `RequestError`. */
  permission(name: string): number {
    const number = this.#numbers.get(name);
    if (number === undefined) throw unknown(name);
    return number;
  }

  /**
   * Tells whether a permission is allowed, by name or number: for an item where one is given, else for one without
   * labels and values. Throws `RequestError`.
   */
  can(permission: string | number, resource?: Resource): boolean {
    const number = typeof permission === "number" ? permission : this.permission(permission);
    if (this.permissionNames[number] === undefined) throw unknown(`number ${number}`);
    if (resource !== undefined) return this.#canItem(number, resource);
    return (((this.#bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  /** Everything that `can` allows, by name. */
  permissions(): Permissions {
    const permissions = this.permissionNames.filter((_, number) => this.can(number)).sort();
    return { permissions, ...this.#validUntil };
  }

  /** Everything that `can` allows, one bit for each permission by its number. */
  permissionBits(): Uint8Array {
    return this.#bits.slice();
  }

  /** The part of a menu that the session sees. Throws `RequestError`, also for a menu that did not come along. */
  menu(name: string): Menu {
    const menu = JSON.parse(call(() => this.#native.menu(name))) as Menu;
    return { ...menu, ...told("valid_until", call(() => this.#native.menuUntil(name))) };
  }

  /**
   * A record, or a list of them, without the fields of which the session may not read a label: dropped, or replaced by
   * `mask`. Throws `RequestError`.
   */
  redact<R = unknown>(record: object, labels: FieldLabels, { mask }: { mask?: string | undefined } = {}): Redacted<R> {
    const text = (JSON.stringify(record) as string | undefined) ?? "null";
    if (/(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/.test(text)) {
      throw new RequestError({ code: "request.json", message: "the record holds half a character", path: "record" });
    }
    return this.#about((fields) => {
      for (const [path, named] of Object.entries(labels)) {
        const names = typeof named === "string" ? [named] : named;
        // A path without labels is looked at as well: it may be none.
        for (const label of names.length > 0 ? names : [undefined]) fields.field(path, label);
      }
      const value: unknown = JSON.parse(text);
      if (typeof value !== "object" || value === null) {
        const message = "a record is a map, or a list of maps";
        throw new RequestError({ code: "request.shape", message, path: "record" });
      }
      const kept = walked(value, fields, fields.root(), mask) as R;
      const withheld = fields.withheld().split(BETWEEN).filter(Boolean);
      return { record: kept, withheld, ...told("valid_until", fields.withheldUntil()) };
    });
  }

  /** Tells the core of an item or of fields, asks, and forgets them. */
  #about<T>(ask: (thing: NativeThing) => T): T {
    return call(() => {
      const thing = this.#native.about();
      const answer = ask(thing);
      thing.free?.();
      return answer;
    });
  }

  #canItem(permission: number, { labels = [], boundaries = {} }: Resource): boolean {
    return this.#about((item) => {
      labels.forEach((label, index) => item.label(label, `resource.labels[${index}]`));
      for (const [name, values] of Object.entries(boundaries)) {
        item.boundary(name);
        values.forEach((value, index) => item.value(name, value, `resource.boundaries.${name}[${index}]`));
      }
      return item.can(permission);
    });
  }
}

const PERMISSION = /^[a-z0-9][a-z0-9._-]{0,127}(\/[a-z0-9][a-z0-9._-]{0,127})*:[a-z0-9][a-z0-9._-]{0,127}$/;

function unknown(name: string): RequestError {
  const path = "permission";
  return PERMISSION.test(name) || name.startsWith("number ")
    ? new RequestError({ code: "permission.unknown", message: `the policy has no permission \`${name}\``, path })
    : new RequestError({
      code: "permission.malformed",
      message: "the permission is not written `resource:action`",
      path,
      help: "such as `settings/users:edit`",
    });
}

/** Of a value at a place in a record what may be read: the core tells which parts these are. */
function walked(value: unknown, fields: NativeThing, place: number, mask: string | undefined): unknown {
  if (place === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const kept: unknown[] = [];
    value.forEach((item: unknown, index) => {
      const below = fields.underItem(place, index);
      if (below !== -1) kept.push(walked(item, fields, below, mask));
      else if (mask !== undefined) kept.push(mask);
    });
    return kept;
  }
  const kept: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const below = fields.underKey(place, key);
    if (below !== -1) kept.push([key, walked(item, fields, below, mask)]);
    else if (mask !== undefined) kept.push([key, mask]);
  }
  return Object.fromEntries(kept);
}

/** An instant under a key, where there is one. */
function told<K extends string>(key: K, millis: number | undefined): { [key in K]?: string } {
  if (millis === undefined || Number.isNaN(millis)) return {};
  return { [key]: new Date(millis).toISOString().replace(".000Z", "Z") } as { [key in K]: string };
}

function written(time: Instant): string {
  return typeof time === "string" ? time : time.toISOString();
}
