/**
 * Records as a tree of maps and lists. The core gets only their keys; single values such as bigints, bytes or undefined
 * are returned unchanged. Every part is read once, and the result is a copy of the parts that were read.
 */

import { RequestError } from "./errors.js";
import { millisOf } from "./timestamp.js";
import { isPlain, needed, shape } from "./shape.js";
import { isUnicode, MAX_RECORD, tooLarge } from "./unicode.js";

/** The core's limit of levels. */
const DEPTH = 127;

/** A map or a list. */
interface Branch {
  isList: boolean;
  /** Each part with its original key, and the key's name in paths of fields. */
  parts: { key: unknown; name: string; part: Part }[];
  /** Builds a map or list of the same kind from the visible parts. */
  made(visible: [unknown, unknown][]): unknown;
}

/** A part of a record: a map, a list, or a single value. */
export type Part = Branch | { value: unknown };

/** Returns the place of a part below a place, or undefined if the part is withheld. */
export type Visit<P> = (place: P, branch: Branch, index: number) => P | undefined;

/** An object that was read: its part, the least number of bytes in JSON, and the number of levels. */
interface Read {
  part: Part;
  bytes: number;
  levels: number;
}

/** Reads a record, and each of its objects once, even if the object occurs in several places. Throws `RequestError`. */
export function readRecord(record: unknown): Part {
  const done = new Map<object, Read>();
  let bytes = 0;
  let deepest = 0;
  const room = (more: number): void => {
    if (bytes + more > MAX_RECORD) throw tooLarge("record", MAX_RECORD);
  };
  const count = (more: number): void => {
    room(more);
    bytes += more;
  };
  const descend = (level: number): void => {
    if (level > DEPTH) {
      throw new RequestError({
        code: "request.json",
        message: `the record is nested deeper than ${DEPTH} levels`,
        path: "record",
      });
    }
    deepest = Math.max(deepest, level);
  };
  const counted = (text: string): string => {
    count(text.length);
    if (!isUnicode(text))
      throw new RequestError({
        code: "request.json",
        message: "the record contains an unpaired surrogate",
        path: "record",
      });
    return text;
  };
  const branch = (
    entries: Iterable<[unknown, unknown]>,
    isList: boolean,
    level: number,
    made: Branch["made"],
  ): Branch => {
    descend(level);
    const parts: Branch["parts"] = [];
    for (const [key, value] of entries) {
      if (!isList && isOmitted(value)) continue;
      parts.push({ key, name: isList ? "" : counted(nameOf(key)), part: read(value, level) });
    }
    if (!isList && new Set(parts.map(({ name }) => name)).size !== parts.length) {
      throw shape("two keys of a map are the same text", "record");
    }
    return { isList, parts, made };
  };
  const read = (value: unknown, level: number): Part => {
    if (typeof value === "string") counted(value);
    else count(1);
    if (typeof value !== "object" || value === null) return { value: isOmitted(value) ? null : value };
    const before = done.get(value);
    if (before !== undefined) {
      count(before.bytes);
      descend(level + before.levels);
      return before.part;
    }
    const [bytesBefore, deepestBefore] = [bytes, deepest];
    deepest = level;
    const part = object(value, level);
    done.set(value, { part, bytes: bytes - bytesBefore, levels: deepest - level });
    deepest = Math.max(deepest, deepestBefore);
    return part;
  };
  const object = (value: object, level: number, isFromToJson = false): Part => {
    const below = level + 1;
    const typed = typedOf(value);
    // Bytes are a single value.
    if (Array.isArray(value) || (typed !== undefined && !typed.startsWith("Uint8"))) {
      const list = value as unknown[];
      // Counts missing items as well, before any memory is used.
      room(list.length);
      return branch(Array.prototype.entries.call(list), true, below, (visible) => ofType(typed, itemsOf(visible)));
    }
    const fields = (): Part =>
      branch(Object.entries(value), false, below, (visible) => Object.fromEntries(visible as [string, unknown][]));
    if (isPlain(value)) return fields();
    if (ArrayBuffer.isView(value)) return { value };
    // Copies, since objects of derived classes may have fields of their own.
    const millis = millisOf(value);
    if (millis !== undefined) return { value: new Date(millis) };
    const entries = entriesOf(Map, value);
    if (entries !== undefined) return branch(entries, false, below, (visible) => new Map(visible));
    const items = entriesOf(Set, value);
    if (items !== undefined) return branch(items, true, below, (visible) => new Set(itemsOf(visible)));
    if (!isFromToJson && typeof (value as { toJSON?: unknown }).toJSON === "function") {
      const json = (value as { toJSON(): unknown }).toJSON();
      return typeof json === "object" && json !== null ? object(json, level, true) : read(json, level);
    }
    return fields();
  };
  return read(record, 0);
}

/** Functions and symbols are omitted, as in JSON: a function could expose withheld fields. */
function isOmitted(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

/** Returns the type name of a typed array of any realm, such as `Float64Array`, even if its class reports another. */
function typedOf(value: object): string | undefined {
  return Reflect.get(Uint8Array.prototype, Symbol.toStringTag, value) as string | undefined;
}

/** Returns a list, or a typed array if no item is masked. */
function ofType(typed: string | undefined, items: unknown[]): unknown {
  if (typed === undefined || items.some((item) => typeof item === "string")) return items;
  return new (globalThis as unknown as Record<string, new (items: unknown[]) => unknown>)[typed]!(items);
}

function itemsOf(visible: [unknown, unknown][]): unknown[] {
  return visible.map(([, item]) => item);
}

function nameOf(key: unknown): string {
  if (["string", "number", "bigint", "boolean"].includes(typeof key)) return String(key);
  throw needed("a text as the key of a `Map`", key, "record");
}

/** Returns the entries of a `Map` or a `Set` of any realm. */
function entriesOf(of: typeof Map | typeof Set, value: object): Iterable<[unknown, unknown]> | undefined {
  try {
    return of.prototype.entries.call(value as never) as Iterable<[unknown, unknown]>;
  } catch {
    return undefined;
  }
}

/** Rebuilds a record from its visible parts. Other parts are dropped, or replaced by a mask. */
export function rebuild<P>(part: Part, place: P, visit: Visit<P>, mask: string | undefined): unknown {
  if (!("parts" in part)) return part.value;
  const visible: [unknown, unknown][] = [];
  part.parts.forEach(({ key, part: inner }, index) => {
    const below = visit(place, part, index);
    if (below !== undefined) visible.push([key, rebuild(inner, below, visit, mask)]);
    else if (mask !== undefined) visible.push([key, mask]);
  });
  return part.made(visible);
}

/** Returns the maps and lists of a record as JSON, with 0 for every single value. */
export function outline(part: Part): string {
  if (!("parts" in part)) return "0";
  const below = part.parts
    .map(({ name, part: inner }) => (part.isList ? "" : `${JSON.stringify(name)}:`) + outline(inner))
    .join(",");
  return part.isList ? `[${below}]` : `{${below}}`;
}

/** The mask of a withheld place in an outline. */
export const WITHHELD = "-";

/** Rebuilds a record from its redacted outline. */
export function filled(part: Part, redacted: unknown, mask: string | undefined): unknown {
  const visit: Visit<unknown> = (place, branch, index) => {
    const below = branch.isList
      ? (place as unknown[])[index]
      : (place as Record<string, unknown>)[branch.parts[index]?.name ?? ""];
    // A part that the outline does not have is withheld.
    return below === WITHHELD ? undefined : below;
  };
  return rebuild(part, redacted, visit, mask);
}
