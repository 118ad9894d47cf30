// The branches of a filter, merged and numbered, so that a predicate does not grow with them.
import type { Branch, Filter, LockedItems } from "../types.js";
import { check, type Columns, FilterError, isMany, type Range, type Values, valuesOf } from "./columns.js";

/** The ids of rows that are not allowed in a branch. A row needs an id. */
export interface Locks {
  everywhere: string[];
  /** Ids that are not allowed at some places of the branch only, with these places. */
  partly: [string, Range[]][];
}

/** Places at which the same rows are allowed. A row needs all conditions. */
export interface Part {
  places: Range[];
  values: Values[];
  /** `undefined` if locks do not decide. */
  locks: Locks | undefined;
}

/** What a predicate says. A row is allowed if one of the parts allows it. */
export interface Plan {
  parts: Part[];
  /** The paths of the places 1, 2 and so on. `undefined` if rows have the numbers themselves. */
  scopes: string[] | undefined;
}

/** Returns the paths of some places, each with its number. */
export function numbered(plan: Plan, places: Range[]): [string, number][] {
  return numbers(places).map((number) => [plan.scopes?.[number - 1] ?? "", number]);
}

/** Returns every number of some ranges. */
export function numbers(ranges: Range[]): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
}

/** Merges the branches of a filter. Throws `FilterError` if the columns cannot express one. */
export function plan(filter: Filter, columns: Columns): Plan {
  check(filter, columns);
  const alike = new Map<string, Branch[]>();
  const scopes = new Set<string>();
  for (const branch of filter.branches) {
    if (columns.scope !== undefined) for (const scope of pathsOf(branch)) scopes.add(scope);
    const key = JSON.stringify([branch.boundaries, branch.labels ?? null, branch.locked === undefined]);
    const before = alike.get(key);
    if (before === undefined) alike.set(key, [branch]);
    else before.push(branch);
  }
  const ids = new Map([...scopes].map((scope, index) => [scope, index + 1]));
  const places = (given: Branch | LockedItems): Range[] =>
    columns.scope === undefined ? given.ranges : pathsOf(given).map((path) => [ids.get(path) ?? 0, ids.get(path) ?? 0]);
  const parts = [...alike.values()].map((branches) => partOf(branches, columns, places));
  const united = withUnitedValues(parts.filter((part) => part.places.length > 0));
  return { parts: united, scopes: columns.scope === undefined ? undefined : [...scopes] };
}

function pathsOf({ scopes }: Branch | LockedItems): string[] {
  if (scopes === undefined) throw new FilterError("the filter lists no paths: ask for it with `list_scopes`");
  return scopes;
}

function partOf(branches: Branch[], columns: Columns, placesOf: (given: Branch | LockedItems) => Range[]): Part {
  const [first] = branches;
  const places = united(branches.flatMap(placesOf));
  if (first === undefined) return { places, values: [], locks: undefined };
  const values = valuesOf(first, columns);
  if (first.locked !== undefined && columns.item === undefined)
    throw new FilterError("`item` has no column: locks decide about the rows, by the id of each row");
  const locked = branches.flatMap((branch) => branch.locked ?? []);
  const locks = first.locked === undefined ? undefined : locksOf(locked, places, placesOf);
  return { places, values, locks };
}

function locksOf(locked: LockedItems[], inside: Range[], placesOf: (given: LockedItems) => Range[]): Locks {
  const spans = new Map<string, Range[]>();
  for (const one of locked) {
    const found = placesOf(one);
    for (const item of one.items) spans.set(item, [...(spans.get(item) ?? []), ...found]);
  }
  const locks: Locks = { everywhere: [], partly: [] };
  const covering = new Map<string, boolean>();
  for (const [item, given] of spans) {
    const ranges = united(given);
    const key = ranges.join();
    const covers = covering.get(key) ?? isCovered(inside, ranges);
    covering.set(key, covers);
    if (covers) locks.everywhere.push(item);
    else locks.partly.push([item, ranges]);
  }
  return locks;
}

/** Returns ranges with the same numbers, in order and apart. */
export function united(ranges: Range[]): Range[] {
  const found: Range[] = [];
  for (const [first, last] of [...ranges].sort(([one], [other]) => one - other)) {
    const before = found.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else found.push([first, last]);
  }
  return found;
}

/** Returns whether each of some ranges is in one of others. Both are in order. */
export function isCovered(inside: Range[], ranges: Range[]): boolean {
  let at = 0;
  return inside.every(([first, last]) => {
    while (at < ranges.length && (ranges[at]?.[1] ?? 0) < first) at += 1;
    const [begin, end] = ranges[at] ?? [Number.POSITIVE_INFINITY, 0];
    return begin <= first && last <= end;
  });
}

/** Merges parts that differ in one condition: a row that needs one of these values or one of those needs one of all. */
function withUnitedValues(given: Part[]): Part[] {
  let parts = given;
  const most = parts.reduce((count, part) => Math.max(count, part.values.length), 0);
  for (let at = 0; at < most; at += 1) {
    const found = new Map<string, Part>();
    for (const [number, part] of parts.entries()) {
      const one = part.values[at];
      const others = [
        part.places,
        part.locks ?? null,
        part.values.slice(0, at),
        one?.column,
        part.values.slice(at + 1),
      ];
      const isSingle = one === undefined || (one.all && isMany(one.column));
      const key = isSingle ? String(number) : JSON.stringify(others);
      const before = found.get(key)?.values[at];
      const held = [...new Set([...(before?.held ?? []), ...(one?.held ?? [])])];
      const values = part.values.map((values, index) => (index === at && before ? { ...values, held } : values));
      found.set(key, { ...part, values });
    }
    parts = [...found.values()];
  }
  return parts;
}

/**
 * Cuts ranges into pieces, each with all numbers whose quotient by a power of two is the same. Returns the power and the
 * quotient of each piece. A range has at most two pieces for each power, so a set of pieces is about as large as the ranges,
 * and it is searched once for each power.
 */
export function pieces(ranges: Range[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [first, last] of ranges) {
    let at = first;
    while (at <= last) {
      let power = 0;
      while (at % 2 ** (power + 1) === 0 && at + 2 ** (power + 1) - 1 <= last) power += 1;
      found.push([power, at / 2 ** power]);
      at += 2 ** power;
    }
  }
  return found;
}
