// Classes of places: those with the same parts of a plan.
import type { Range } from "./columns.js";
import { isCovered, type Locks, type Part, united } from "./plan.js";

/** The number of parts up to which each has a part of its own in a predicate. */
const FEW = 8;

/** Places with the same parts have the same class. */
export interface Classes {
  /** Ranges of places and the class of each, in order. */
  spans: [Range, number][];
  /** The numbers of the parts of each class. */
  members: number[][];
  /** The largest number of parts of a class. */
  most: number;
  parts: Part[];
}

/** Ids that are locked in a class, with their places. */
type Ids = Map<string, Range[]>;

/** Numbers the places of parts, of which some may be at the same places. */
export function classes(parts: Part[]): Classes {
  const changes = new Map<number, number[]>();
  const change = (at: number, part: number) => changes.set(at, [...(changes.get(at) ?? []), part]);
  for (const [number, part] of parts.entries()) {
    for (const [first, last] of part.places) {
      change(first, number);
      change(last + 1, number);
    }
  }
  const spans: [Range, number][] = [];
  const members: number[][] = [];
  const ids = new Map<string, number>();
  const active = new Set<number>();
  let begin = 0;
  for (const at of [...changes.keys()].sort((one, other) => one - other)) {
    if (active.size > 0) {
      const all = [...active].sort((one, other) => one - other);
      const key = all.join();
      const of = ids.get(key) ?? members.push(all) - 1;
      ids.set(key, of);
      spans.push([[begin, at - 1], of]);
    }
    for (const part of changes.get(at) ?? []) if (!active.delete(part)) active.add(part);
    begin = at;
  }
  const most = members.reduce((count, numbers) => Math.max(count, numbers.length), 1);
  return { spans, members, most, parts };
}

/** Returns each part of each class with its key: the class times `most`, plus the place of the part in it. */
export function keyedParts(found: Classes): [number, Part][] {
  const { members, most, parts } = found;
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return [[0, only]];
  const locks = locksByClass(found);
  return members.flatMap((numbers, of) =>
    numbers.flatMap((number, place): [number, Part][] => {
      const part = parts[number];
      return part === undefined ? [] : [[most * of + place, { ...part, locks: locks[of]?.get(number) }]];
    }),
  );
}

/**
 * Returns the locks of each part at the places of each class. Mostly, the parts of a class have the same locks. Then they are
 * the same object for all classes.
 */
function locksByClass(found: Classes): Map<number, Locks>[] {
  const { spans, members, parts } = found;
  const every = parts.flatMap(({ locks }) => (locks === undefined ? [] : [locks]));
  let common = new Set(every[0]?.everywhere);
  for (const { everywhere } of every.slice(1)) common = new Set(everywhere.filter((item) => common.has(item)));
  const locked = lockedByClass(found, common);
  if (every.length === parts.length && locked.every(isAlike)) {
    const ids: Ids = new Map();
    for (const ofClass of locked)
      for (const [item, ranges] of [...ofClass.values()][0] ?? []) ids.set(item, [...(ids.get(item) ?? []), ...ranges]);
    for (const [item, ranges] of ids) ids.set(item, united(ranges));
    const same = locksOf(common, ids, united(spans.map(([span]) => span)));
    return locked.map((ofClass) => new Map([...ofClass.keys()].map((number) => [number, same])));
  }
  const places: Range[][] = members.map(() => []);
  for (const [span, of] of spans) places[of]?.push(span);
  return locked.map((ofClass, of) => {
    const locks = [...ofClass].map(([number, ids]): [number, Locks] => [
      number,
      locksOf(common, ids, places[of] ?? []),
    ]);
    return new Map(locks);
  });
}

/** Returns the ids that are locked, by class and part, without those that are locked everywhere in all parts. */
function lockedByClass({ spans, members, parts }: Classes, common: Set<string>): Map<number, Ids>[] {
  const found = members.map((numbers) => {
    const limited = numbers.filter((number) => parts[number]?.locks !== undefined);
    return new Map(limited.map((number): [number, Ids] => [number, new Map()]));
  });
  for (const [number, { places, locks }] of parts.entries()) {
    const everywhere = (locks?.everywhere ?? []).filter((item) => !common.has(item));
    const all = [...everywhere.map((item): [string, Range[]] => [item, places]), ...(locks?.partly ?? [])];
    for (const [item, ranges] of all) {
      for (const [first, last] of ranges) {
        for (let at = lastBegun(spans, last); at >= 0; at -= 1) {
          const [[begin, end], of] = spans[at] ?? [[0, -1], 0];
          if (end < first) break;
          const ids = found[of]?.get(number);
          const before = ids?.get(item) ?? [];
          before.push([Math.max(begin, first), Math.min(end, last)]);
          ids?.set(item, before);
        }
      }
    }
  }
  for (const ofClass of found)
    for (const ids of ofClass.values()) for (const [item, ranges] of ids) ids.set(item, united(ranges));
  return found;
}

/** Returns the index of the last span that begins at or before a place, or -1. */
function lastBegun(spans: [Range, number][], place: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((spans[middle]?.[0][0] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Returns whether the parts of a class have the same locks. */
function isAlike(ofClass: Map<number, Ids>): boolean {
  const [first, ...others] = ofClass.values();
  return others.every((ids) => {
    if (ids.size !== first?.size) return false;
    return [...ids].every(([item, ranges]) => first.get(item)?.join() === ranges.join());
  });
}

function locksOf(common: Set<string>, ids: Ids, inside: Range[]): Locks {
  const locks: Locks = { everywhere: [...common], partly: [] };
  for (const [item, ranges] of ids) {
    if (isCovered(inside, ranges)) locks.everywhere.push(item);
    else locks.partly.push([item, ranges]);
  }
  return locks;
}

/**
 * Returns the parts of which each group has a part of its own in a predicate. Places with a similar number of parts are in
 * one group, because a row is compared with as many parts as any place of its group has. There are no more groups than
 * binary digits of the largest number.
 */
export function groups(parts: Part[]): Part[][] {
  if (parts.length <= FEW) return parts.map((part) => [part]);
  const { spans, members } = classes(parts);
  const places = new Map<number, Map<number, Range[]>>();
  for (const [span, of] of spans) {
    const numbers = members[of] ?? [];
    const size = Math.floor(Math.log2(numbers.length));
    const group = places.get(size) ?? new Map<number, Range[]>();
    places.set(size, group);
    for (const number of numbers) {
      const before = group.get(number);
      if (before === undefined) group.set(number, [span]);
      else before.push(span);
    }
  }
  const inOrder = <T>(map: Map<number, T>) => [...map].sort(([one], [other]) => one - other);
  return inOrder(places).map(([, group]) =>
    inOrder(group).flatMap(([number, spans]) => {
      const part = parts[number];
      return part === undefined ? [] : [{ ...part, places: united(spans) }];
    }),
  );
}
