/**
 * Records as a tree of maps and lists. Only their keys are handed to the core; values come back as they were, be they dates,
 * bigints, bytes or undefined. Every part is read once.
 */

import { RequestError } from "./errors.js";
import { millisOf } from "./instant.js";
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
  const count = (more: number): void => {
    bytes += more;
    if (bytes > RECORD) throw tooLarge("record", RECORD);
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
      // Functions may know of fields that are withheld; JSON has none either.
      const isNone = typeof value === "function" || typeof value === "symbol";
      if (isNone && !isList) continue;
      parts.push({
        key,
        name: isList ? "" : counted(nameOf(key)),
        part: isNone ? { value: null } : read(value, level),
      });
    }
    if (!isList && new Set(parts.map(({ name }) => name)).size !== parts.length) {
      throw shape("two keys of a map are the same as texts", "record");
    }
    return { isList, parts, made };
  };
  const read = (value: unknown, level: number): Part => {
    if (typeof value === "string") counted(value);
    else count(1);
    if (typeof value !== "object" || value === null) return { value };
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
    if (Array.isArray(value)) {
      const items = Array.from({ length: value.length }, (_, index): [unknown, unknown] => [index, value[index]]);
      return branch(items, true, below, (kept) => kept.map(([, item]) => item));
    }
    const fields = (): Part =>
      branch(Object.entries(value), false, below, (kept) => Object.fromEntries(kept as [string, unknown][]));
    if (isPlain(value)) return fields();
    if (isNumbers(value)) {
      const items = Array.from(value, (item, index): [unknown, unknown] => [index, item]);
      return branch(items, true, below, (kept) => (isSame(items, kept) ? value : kept.map(([, item]) => item)));
    }
    if (ArrayBuffer.isView(value) || millisOf(value) !== undefined) return { value };
    const entries = entriesOf(value);
    if (entries !== undefined)
      return branch(entries, false, below, (kept) => (isSame(entries, kept) ? value : new Map(kept)));
    const items = itemsOf(value);
    if (items !== undefined)
      return branch(items, true, below, (kept) =>
        isSame(items, kept) ? value : new Set(kept.map(([, item]) => item)),
      );
    if (!isTold && typeof (value as { toJSON?: unknown }).toJSON === "function") {
      const told = (value as { toJSON(): unknown }).toJSON();
      if (typeof told === "string") counted(told);
      return typeof told === "object" && told !== null ? object(told, level, true) : { value: told };
    }
    return fields();
  };
  return read(record, 0);
}

/** Whether a value is a typed array of numbers, whose items have paths. Bytes are a single value. */
function isNumbers(value: object): value is Float64Array {
  return ArrayBuffer.isView(value) && Symbol.iterator in value && !/Uint8/.test(Object.prototype.toString.call(value));
}

function nameOf(key: unknown): string {
  if (["string", "number", "bigint", "boolean"].includes(typeof key)) return String(key);
  throw needed("a text as the key of a `Map`", key, "record");
}

/** The entries of a `Map` of any realm. */
function entriesOf(value: object): [unknown, unknown][] | undefined {
  try {
    return [...Map.prototype.entries.call(value as Map<unknown, unknown>)];
  } catch {
    return undefined;
  }
}

/** The items of a `Set` of any realm. */
function itemsOf(value: object): [unknown, unknown][] | undefined {
  try {
    return [...Set.prototype.values.call(value as Set<unknown>)].map((item, index) => [index, item]);
  } catch {
    return undefined;
  }
}

function isSame(before: [unknown, unknown][], after: [unknown, unknown][]): boolean {
  return before.length === after.length && before.every(([, value], index) => Object.is(value, after[index]?.[1]));
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
