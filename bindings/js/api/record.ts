/**
 * Records as a tree of maps and lists. Only their keys are handed to the core; single values come back as they were, such as
 * bigints, bytes or undefined. Every part is read once, and a copy of what was read is returned.
 */

import { RequestError } from "./errors.js";
import { millisOf } from "./timestamp.js";
import { isPlain, needed, shape } from "./shape.js";
import { isUnicode, RECORD, tooLarge } from "./unicode.js";

/** The core's limit of levels. */
const DEPTH = 127;

/** A map or a list. */
interface Branch {
  isList: boolean;
  /** Each part with its key as it was, and with the name that paths of fields have for it. */
  parts: { key: unknown; name: string; part: Part }[];
  /** The same kind of map or list, of the parts that are kept. */
  made(kept: [unknown, unknown][]): unknown;
}

/** A part of a record: a map, a list, or a single value. */
export type Part = Branch | { value: unknown };

/** Whether a part may be seen: that of a place, with what is known of the parts below it. */
export type Seen<P> = (place: P, branch: Branch, index: number) => P | undefined;

/** What was read of an object: a part, how many bytes it has in JSON at least, and how many levels. */
interface Known {
  part: Part;
  bytes: number;
  levels: number;
}

/** Reads a record, each object once, though it may be in many places. Throws `RequestError`. */
export function readRecord(record: unknown): Part {
  const known = new Map<object, Known>();
  let bytes = 0;
  let deepest = 0;
  const room = (more: number): void => {
    if (bytes + more > RECORD) throw tooLarge("record", RECORD);
  };
  const count = (more: number): void => {
    room(more);
    bytes += more;
  };
  const goDown = (level: number): void => {
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
      throw new RequestError({ code: "request.json", message: "the record holds half a character", path: "record" });
    return text;
  };
  const branch = (
    entries: Iterable<[unknown, unknown]>,
    isList: boolean,
    level: number,
    made: Branch["made"],
  ): Branch => {
    goDown(level);
    const parts: Branch["parts"] = [];
    for (const [key, value] of entries) {
      if (!isList && isNone(value)) continue;
      parts.push({ key, name: isList ? "" : counted(nameOf(key)), part: read(value, level) });
    }
    if (!isList && new Set(parts.map(({ name }) => name)).size !== parts.length) {
      throw shape("two keys of a map are the same as texts", "record");
    }
    return { isList, parts, made };
  };
  const read = (value: unknown, level: number): Part => {
    if (typeof value === "string") counted(value);
    else count(1);
    if (typeof value !== "object" || value === null) return { value: isNone(value) ? null : value };
    const before = known.get(value);
    if (before !== undefined) {
      count(before.bytes);
      goDown(level + before.levels);
      return before.part;
    }
    const [bytesBefore, deepestBefore] = [bytes, deepest];
    deepest = level;
    const part = object(value, level);
    known.set(value, { part, bytes: bytes - bytesBefore, levels: deepest - level });
    deepest = Math.max(deepest, deepestBefore);
    return part;
  };
  const object = (value: object, level: number, isTold = false): Part => {
    const below = level + 1;
    const typed = typedOf(value);
    // Bytes are a single value.
    if (Array.isArray(value) || (typed !== undefined && !typed.startsWith("Uint8"))) {
      const list = value as unknown[];
      // Before memory is used for the items: those that are missing count as well.
      room(list.length);
      return branch(Array.prototype.entries.call(list), true, below, (kept) => ofType(typed, itemsOf(kept)));
    }
    const fields = (): Part =>
      branch(Object.entries(value), false, below, (kept) => Object.fromEntries(kept as [string, unknown][]));
    if (isPlain(value)) return fields();
    if (ArrayBuffer.isView(value)) return { value };
    // Copies, since objects of a class that extends these may have fields of their own.
    const millis = millisOf(value);
    if (millis !== undefined) return { value: new Date(millis) };
    const entries = entriesOf(Map, value);
    if (entries !== undefined) return branch(entries, false, below, (kept) => new Map(kept));
    const items = entriesOf(Set, value);
    if (items !== undefined) return branch(items, true, below, (kept) => new Set(itemsOf(kept)));
    if (!isTold && typeof (value as { toJSON?: unknown }).toJSON === "function") {
      const told = (value as { toJSON(): unknown }).toJSON();
      return typeof told === "object" && told !== null ? object(told, level, true) : read(told, level);
    }
    return fields();
  };
  return read(record, 0);
}

/** Functions may know of fields that are withheld; JSON has none either. */
function isNone(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

/** The name of the type of a typed array of any realm, such as `Float64Array`, whatever its class says. */
function typedOf(value: object): string | undefined {
  return Reflect.get(Uint8Array.prototype, Symbol.toStringTag, value) as string | undefined;
}

/** A list, or a typed array where no item is masked. */
function ofType(typed: string | undefined, items: unknown[]): unknown {
  if (typed === undefined || items.some((item) => typeof item === "string")) return items;
  return new (globalThis as unknown as Record<string, new (items: unknown[]) => unknown>)[typed]!(items);
}

function itemsOf(kept: [unknown, unknown][]): unknown[] {
  return kept.map(([, item]) => item);
}

function nameOf(key: unknown): string {
  if (["string", "number", "bigint", "boolean"].includes(typeof key)) return String(key);
  throw needed("a text as the key of a `Map`", key, "record");
}

/** The entries of a `Map` or a `Set` of any realm. */
function entriesOf(of: typeof Map | typeof Set, value: object): Iterable<[unknown, unknown]> | undefined {
  try {
    return of.prototype.entries.call(value as never) as Iterable<[unknown, unknown]>;
  } catch {
    return undefined;
  }
}

/** A record with what may be seen of it; what may not is left out, or replaced by a mask. */
export function keep<P>(part: Part, place: P, seen: Seen<P>, mask: string | undefined): unknown {
  if (!("parts" in part)) return part.value;
  const kept: [unknown, unknown][] = [];
  part.parts.forEach(({ key, part: inner }, index) => {
    const below = seen(place, part, index);
    if (below !== undefined) kept.push([key, keep(inner, below, seen, mask)]);
    else if (mask !== undefined) kept.push([key, mask]);
  });
  return part.made(kept);
}

/** The maps and lists of a record as JSON, with 0 for every single value. */
export function outline(part: Part): string {
  if (!("parts" in part)) return "0";
  const below = part.parts
    .map(({ name, part: inner }) => (part.isList ? "" : `${JSON.stringify(name)}:`) + outline(inner))
    .join(",");
  return part.isList ? `[${below}]` : `{${below}}`;
}

/** The mask of an outline: its place is withheld. */
export const WITHHELD = "-";

/** A record with what an outline of it has, of which what is withheld was masked. */
export function filled(part: Part, told: unknown, mask: string | undefined): unknown {
  const seen: Seen<unknown> = (place, branch, index) => {
    const below = branch.isList
      ? (place as unknown[])[index]
      : (place as Record<string, unknown>)[branch.parts[index]?.name ?? ""];
    // In doubt it is withheld.
    return below === WITHHELD ? undefined : below;
  };
  return keep(part, told, seen, mask);
}
