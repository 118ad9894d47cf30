import { RequestError } from "./errors.js";
import { timestampText } from "./timestamp.js";
import { answer, call, codedError, native, type NativePortableSession } from "./native.js";
import { PortableAdd, PortableQuery, PortableReport } from "./opcodes.js";
import { itemText, partText } from "./plain.js";
import { rebuild, readRecord, type Visit } from "./record.js";
import { atMost, isPlain, needed, options, shape } from "./shape.js";
import { Target } from "./target.js";
import type {
  ErrorDetails,
  FieldLabels,
  Menu,
  MenuName,
  PermissionName,
  Permissions,
  PortableCoverage,
  Redacted,
  Resource,
  Timestamp,
} from "./types.js";
import { bytesOf, maskOf, wellFormed } from "./unicode.js";

/** A session that works without policy and directory. It denies everything that it does not cover. */
export class PortableSession extends Target {
  /** Every permission, ordered by handle. */
  readonly permissionNames: readonly string[];
  /** Subject, scope and timestamp of the session, and its coverage. */
  readonly coverage: PortableCoverage;
  /**
   * The first later instant at which any answer may differ, in milliseconds since the epoch; at the end of the coverage
   * everything is denied. Undefined if the answers stay.
   */
  readonly validUntil: number | undefined;
  #native: NativePortableSession;
  readonly #bits: Uint8Array;
  #changes: { valid_until?: string };
  readonly #numbers: ReadonlyMap<string, number>;

  private constructor(session: NativePortableSession, like?: PortableSession) {
    super();
    this.#native = session;
    const { time, from, until, changes, next, ...coverage } = this.#report<CoverageReport>(PortableReport.coverage);
    this.#bits = call(() => session.bits());
    this.#changes = timestampField("valid_until", changes);
    this.validUntil = next;
    this.coverage = {
      ...coverage,
      ...timestampField("time", time),
      ...timestampField("from", from),
      ...timestampField("until", until),
    } as PortableCoverage;
    this.permissionNames =
      like?.permissionNames ?? Object.freeze(this.#report<{ names: string[] }>(PortableReport.names).names);
    this.#numbers =
      like === undefined ? new Map(this.permissionNames.map((name, number) => [name, number])) : like.#numbers;
  }

  /**
   * Opens the bytes of `Session.toBytes` at a timestamp, and at that session's scope unless you name another. Verify
   * the signature of bytes from elsewhere first. Throws `RequestError`.
   */
  static fromBytes(bytes: Uint8Array, where: { at?: string | undefined; time: Timestamp }): PortableSession {
    atMost(2, arguments.length);
    const { at, time } = options(where, ["at", "time"]);
    // Copies only as many bytes as the core needs to detect that there are too many.
    const given = bytesOf(bytes).subarray(0, MAX_BYTES + 1);
    const opened = call(() => native().NativePortableSession.open(given, timestampText(time)));
    const session = new PortableSession(opened);
    return at === undefined ? session : session.at(at, time);
  }

  /** Returns a session of the same subject at another scope or timestamp. Throws `RequestError`. */
  at(scope: string, time: Timestamp): PortableSession {
    atMost(2, arguments.length);
    return new PortableSession(
      call(() => this.target().#native.at(wellFormed(scope, "at"), timestampText(time))),
      this.target(),
    );
  }

  /** @internal Continues with a later session that has the same answers. */
  follow(later: PortableSession): void {
    const [own, { coverage, validUntil }] = [this.target(), later];
    own.#native = later.#native;
    own.#changes = later.#changes;
    Object.assign(own, { coverage, validUntil });
  }

  /** Returns the handle of a permission, for many requests. Throws `RequestError`. */
  permission(name: PermissionName): number {
    atMost(1, arguments.length);
    const number = this.target().#numbers.get(name);
    if (number === undefined) throw unknown(name);
    return number;
  }

  /**
   * Returns whether a permission is allowed, by name or handle. Without an item, answers in general. The session knows
   * no locks: state the groups of an item instead of its id. Throws `RequestError`.
   */
  can(permission: PermissionName | number, resource?: Resource): boolean {
    atMost(2, arguments.length);
    const number = typeof permission === "number" ? permission : this.permission(permission);
    if (this.permissionNames[number] === undefined) throw unknown(`number ${number}`);
    if (resource !== undefined) return this.target().#canItem(number, resource);
    return (((this.target().#bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  /** Returns the names of all permissions that `can` allows. */
  permissions(): Permissions {
    atMost(0, arguments.length);
    const permissions = this.permissionNames.filter((_, number) => this.can(number)).sort();
    return { permissions, ...this.target().#changes };
  }

  /** Returns all permissions that `can` allows, one bit for each by its handle. */
  permissionBits(): Uint8Array {
    atMost(0, arguments.length);
    return this.target().#bits.slice();
  }

  /** Returns the visible part of a menu. Throws `RequestError`, also for a menu that is not covered. */
  menu(name: MenuName): Menu {
    atMost(1, arguments.length);
    const { until, ...menu } = this.target().#report<Menu & { until?: number }>(
      PortableReport.menu,
      wellFormed(name, "menu"),
    );
    return { ...menu, ...timestampField("valid_until", until) };
  }

  /**
   * Returns a record, or a list of records, without fields that have a label that the session may not read. Such fields
   * are dropped, or replaced by `mask`. Throws `RequestError`.
   */
  redact<R = unknown>(record: object, labels: FieldLabels, more?: { mask?: string | undefined }): Redacted<R> {
    atMost(3, arguments.length);
    const mask = maskOf(options(more, ["mask"]).mask);
    const own = this.target();
    const read = readRecord(record);
    own.#query(PortableQuery.forget);
    for (const [path, value] of entries(parsed(partText(labels, "labels")), "labels")) {
      const names = typeof value === "string" ? [value] : texts(value, `labels.${path}`);
      // The core validates paths without labels, too.
      if (names.length === 0) own.#add(PortableAdd.path, path);
      for (const label of names) own.#add(PortableAdd.field, path, label);
    }
    if (!("parts" in read)) throw shape("a record is a map, or a list of maps", "record");
    // The core reports each part: -1 if it is withheld, 0 if nothing below it is.
    const visit: Visit<number> = (place, { isList, parts }, index) => {
      if (place === 0) return 0;
      const below = isList
        ? own.#query(PortableQuery.item, place, index)
        : own.#query(PortableQuery.key, place, 0, parts[index]?.name);
      return below === -1 ? undefined : below;
    };
    const visible = rebuild(read, own.#query(PortableQuery.root), visit, mask) as R;
    const { labels: withheld, until } = own.#report<{ labels: string[]; until?: number }>(PortableReport.withheld);
    return { record: visible, withheld, ...timestampField("valid_until", until) };
  }

  #canItem(permission: number, resource: Resource): boolean {
    let id: string | undefined;
    let labels: readonly string[] = [];
    let boundaries: [string, readonly string[]][] = [];
    for (const [key, part] of entries(parsed(itemText(resource) ?? ""), "resource")) {
      const path = `resource.${key}`;
      if (key === "id") id = textOf(part, path);
      else if (key === "labels") labels = texts(part, path);
      else boundaries = entries(part, path).map(([name, values]) => [name, texts(values, `${path}.${name}`)]);
    }
    this.#query(PortableQuery.forget);
    this.#add(PortableAdd.item, "");
    labels.forEach((label, index) => this.#add(PortableAdd.label, label, "", `resource.labels[${index}]`));
    for (const [name, values] of boundaries) {
      this.#add(PortableAdd.boundary, name);
      values.forEach((value, index) =>
        this.#add(PortableAdd.value, name, value, `resource.boundaries.${name}[${index}]`),
      );
    }
    if (id !== undefined) this.#add(PortableAdd.id, id);
    return this.#query(PortableQuery.can, permission) === 1;
  }

  #report<T>(opcode: PortableReport, name = ""): T {
    return answer(() => this.#native.report(opcode, name));
  }

  /** Adds a value to the next query. `path` is its place in the request, which the core does not know. */
  #add(opcode: PortableAdd, name: string, value = "", path?: string): void {
    const error = call(() => this.#native.add(opcode, name, value));
    if (error === "") return;
    const details = (JSON.parse(error) as { error: ErrorDetails }).error;
    throw codedError(path === undefined ? details : { ...details, path });
  }

  #query(opcode: PortableQuery, number = 0, index = 0, key = ""): number {
    return call(() => this.#native.query(opcode, number, index, key));
  }
}

/** The coverage as the core reports it, with timestamps in milliseconds. */
type CoverageReport = Pick<PortableCoverage, "subject" | "at" | "is_covered" | "scopes" | "menus"> & {
  time: number;
  from: number;
  until?: number;
  changes?: number;
  next?: number;
};

/** The largest number of bytes of a portable session. */
const MAX_BYTES = 1 << 20;

function parsed(text: string): unknown {
  return JSON.parse(text);
}

function entries(map: unknown, path: string): [string, unknown][] {
  if (!isPlain(map)) throw needed("a plain object", map, path);
  return Object.entries(map);
}

function texts(list: unknown, path: string): readonly string[] {
  if (!Array.isArray(list) || !list.every((text) => typeof text === "string"))
    throw shape("a list of texts is needed here", path);
  return list as string[];
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== "string") throw shape("a text is needed here", path);
  return value;
}

const PERMISSION = /^[a-z0-9][a-z0-9._-]{0,127}(\/[a-z0-9][a-z0-9._-]{0,127})*:[a-z0-9][a-z0-9._-]{0,127}$/;

function unknown(name: string): RequestError {
  const path = "permission";
  wellFormed(name, path);
  const small = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const capitals = small !== name && PERMISSION.test(small);
  return PERMISSION.test(name) || name.startsWith("number ")
    ? new RequestError({ code: "permission.unknown", message: `the policy has no permission \`${name}\``, path })
    : new RequestError({
        code: "permission.malformed",
        message: `\`${name}\` ${capitals ? "has capital letters" : "is not written `resource:action`"}`,
        path,
        help: capitals
          ? `names have no capital letters: write \`${small}\``
          : /[*{]/.test(name)
            ? "name one permission, not a pattern"
            : "write it as in `settings/users:edit`",
      });
}

/** Returns a timestamp under a key, if there is one. */
function timestampField<K extends string>(key: K, millis: number | undefined): { [key in K]?: string } {
  if (millis === undefined) return {};
  return { [key]: new Date(millis).toISOString().replace(".000Z", "Z") } as { [key in K]: string };
}
