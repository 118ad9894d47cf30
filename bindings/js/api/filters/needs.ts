// What rows need in the parts of a plan: one condition for each column, for any number of parts.
import { type Many, nameOf, type Range } from "./columns.js";
import { type Locks, type Part, pieces, united } from "./plan.js";

/** Parts, each with its key. */
export type Keyed = [number, Part][];
/** Texts by key, in the order of the keys. */
export type Sets = [number, string[]][];
/** Pieces of places by key and id. */
export type Pieces = [number, string, number[]][];

/** The values that a row needs in a column, by the key of a part. */
export interface Need {
  column: string | Many;
  all: boolean;
  sets: Sets;
  /** The keys of the parts that do not limit the column. */
  free: number[];
  /** The values, if every part that limits the column needs the same. */
  same: string[] | undefined;
}

/** The ids that a row must not have, by the key of a part. */
export interface LockNeed {
  everywhere: Sets;
  /** The ids that are locked at some places only. */
  partly: string[];
  /** The places at which some of them are locked. */
  places: Range[];
  /** The pieces of these places, by the power of two of their size. */
  pieces: [number, Pieces][];
  /** The keys of the parts for which locks do not decide. */
  free: number[];
  /** Whether every part has the same locks. Then only the first is here. */
  isSame: boolean;
}

/** Returns what rows need in each column. A column that a part limits twice has two. */
export function needs(rows: Keyed): Need[] {
  const found = new Map<string, Need>();
  for (const [key, part] of rows) {
    const before = new Map<string, number>();
    for (const { column, all, held } of part.values) {
      const kind = `${nameOf(column)} ${typeof column} ${all}`;
      const count = before.get(kind) ?? 0;
      before.set(kind, count + 1);
      const slot = `${kind} ${count}`;
      const need = found.get(slot) ?? { column, all, sets: [], free: [], same: undefined };
      need.sets.push([key, held]);
      found.set(slot, need);
    }
  }
  for (const need of found.values()) {
    const limited = new Set(need.sets.map(([key]) => key));
    need.free = rows.map(([key]) => key).filter((key) => !limited.has(key));
    const first = need.sets[0]?.[1];
    const text = JSON.stringify(first);
    need.same = need.sets.every(([, held]) => held === first || JSON.stringify(held) === text) ? first : undefined;
  }
  return [...found.values()];
}

/** Returns which ids rows must not have. `undefined` if locks do not decide. */
export function lockNeed(rows: Keyed): LockNeed | undefined {
  const all = rows.flatMap(([key, { locks }]): [number, Locks][] => (locks === undefined ? [] : [[key, locks]]));
  const [first] = all;
  if (first === undefined) return undefined;
  const free = rows.filter(([, part]) => part.locks === undefined).map(([key]) => key);
  const text = JSON.stringify(first[1]);
  const isSame = free.length === 0 && all.every(([, locks]) => locks === first[1] || JSON.stringify(locks) === text);
  const locks = isSame ? [first] : all;
  const ranges = locks.flatMap(([, { partly }]) => partly.flatMap(([, places]) => places));
  return {
    everywhere: locks.map(([key, { everywhere }]) => [key, everywhere]),
    partly: [...new Set(locks.flatMap(([, { partly }]) => partly.map(([item]) => item)))],
    places: united(ranges),
    pieces: piecesOf(locks),
    free,
    isSame,
  };
}

function piecesOf(locks: [number, Locks][]): [number, Pieces][] {
  const found = new Map<number, Pieces>();
  for (const [key, { partly }] of locks) {
    for (const [item, ranges] of partly) {
      for (const [power, quotient] of pieces(ranges)) {
        const rows = found.get(power) ?? [];
        found.set(power, rows);
        const last = rows.at(-1);
        if (last?.[0] === key && last[1] === item) last[2].push(quotient);
        else rows.push([key, item, [quotient]]);
      }
    }
  }
  return [...found].sort(([one], [other]) => one - other);
}
