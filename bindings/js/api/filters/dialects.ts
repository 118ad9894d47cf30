import type { Range } from "./columns.js";
import type { Pieces, Sets } from "./needs.js";
import { numbers } from "./plan.js";

/** Adds a parameter, and returns its place in the text. The order of calls is that of the text. */
export type Put = (value: unknown) => string;

/** How a database compares lists and sets. */
export interface Dialect {
  inTexts(put: Put, column: string, texts: string[]): string;
  isNumberOf(put: Put, number: string, numbers: number[]): string;
  inRanges(put: Put, column: string, ranges: Range[]): string;
  /** Returns the number that belongs to the range of a column. Any number, if it is in no range. */
  numberOfRange(put: Put, column: string, spans: [Range, number][]): string;
  /** Returns the number that belongs to a text. Zero or `NULL`, if none does. */
  numberOfText(put: Put, column: string, numbers: [string, number][]): string;
  /** Returns a table with the numbers below `count`. */
  series(put: Put, count: number): string;
  /** Returns whether a list is empty, or has an element that is held. */
  hasAny(put: Put, column: string, held: string[]): string;
  /** Returns whether every element of a list is held. */
  hasAll(put: Put, column: string, held: string[]): string;
  /** Returns whether a value is in the set of a key. */
  inSet(put: Put, key: string, column: string, sets: Sets): string;
  hasAnyIn(put: Put, key: string, column: string, sets: Sets): string;
  hasAllIn(put: Put, key: string, column: string, sets: Sets): string;
  /** Returns whether an id and a place are in a set, with a key if there is one. */
  inPieces(put: Put, key: string | undefined, item: string, place: string, given: Pieces): string;
}

/** With `IS TRUE`, PostgreSQL hashes a set once; otherwise it would join the set with each row. */
export const POSTGRESQL: Dialect = {
  inTexts: (put, column, texts) => `${column} = ANY(${put(texts)}::text[])`,
  isNumberOf: (put, number, numbers) => `${number} = ANY(${put(numbers)}::int[])`,
  // `width_bucket` finds the last range that begins at or before the number, by binary search.
  inRanges: (put, column, ranges) => {
    const low = put(ranges[0]?.[0]);
    const high = put(ranges.at(-1)?.[1]);
    const last = put(ranges.map(([, end]) => end));
    const first = put(ranges.map(([begin]) => begin));
    const found = `(${last}::int[])[width_bucket(${column}::int, ${first}::int[])]`;
    return `(${column} BETWEEN ${low} AND ${high} AND ${column} <= ${found})`;
  },
  numberOfRange: (put, column, spans) => {
    const of = put(spans.map(([, number]) => number));
    const first = put(spans.map(([[begin]]) => begin));
    return `(${of}::int[])[width_bucket(${column}::int, ${first}::int[])]`;
  },
  numberOfText: (put, column, numbers) => {
    const pairs = numbers.map(([text, number]) => `${JSON.stringify(text)}:${number}`);
    // A text, because some drivers encode parameters of type `jsonb` once more. The subquery parses it once.
    return `((SELECT ${put(`{${pairs.join()}}`)}::text::jsonb) ->> ${column})::int`;
  },
  series: (_, count) => `generate_series(0, ${count - 1}) AS rolecall_series(rolecall_branch)`,
  hasAny: (put, column, held) => `cardinality(${column}) = 0 OR ${column} && ${put(held)}::text[]`,
  hasAll: (put, column, held) => `${column} <@ ${put(held)}::text[]`,
  inSet: (put, key, column, sets) => {
    const keys = put(sets.flatMap(([key, texts]) => texts.map(() => key)));
    const texts = put(sets.flatMap(([, texts]) => texts));
    return `(${key}, ${column}) IN (SELECT * FROM unnest(${keys}::int[], ${texts}::text[])) IS TRUE`;
  },
  hasAnyIn: (put, key, column, sets) => {
    const isHeld = POSTGRESQL.inSet(put, key, "rolecall_value", sets);
    const found = `SELECT 1 FROM unnest(${column}) AS rolecall_list(rolecall_value) WHERE ${isHeld}`;
    return `cardinality(${column}) = 0 OR EXISTS (${found})`;
  },
  hasAllIn: (put, key, column, sets) => {
    const isLacking = `(${POSTGRESQL.inSet(put, key, "rolecall_value", sets)}) IS NOT TRUE`;
    return `NOT EXISTS (SELECT 1 FROM unnest(${column}) AS rolecall_list(rolecall_value) WHERE ${isLacking})`;
  },
  inPieces: (put, key, item, place, given) => {
    const rows = given.flatMap(([key, item, places]) => places.map((at): [number, string, number] => [key, item, at]));
    const keys = key === undefined ? "" : `${put(rows.map(([key]) => key))}::int[], `;
    const items = put(rows.map(([, item]) => item));
    const places = put(rows.map(([, , at]) => at));
    const left = key === undefined ? "" : `${key}, `;
    return `(${left}${item}, ${place}) IN (SELECT * FROM unnest(${keys}${items}::text[], ${places}::int[])) IS TRUE`;
  },
};

/** Returns a table of the values in sets, as JSON, with their keys. */
const setsTable = (put: Put, sets: Sets): string => {
  const filled: string[][] = Array.from({ length: (sets.at(-1)?.[0] ?? -1) + 1 }, () => []);
  for (const [key, texts] of sets) filled[key] = texts;
  return `json_each(${put(JSON.stringify(filled))}) AS rolecall_sets, json_each(rolecall_sets.value) AS rolecall_list`;
};

/** Returns the number that belongs to a key. */
const numberOf = (put: Put, column: string, numbers: [string | number, number][]): string => {
  const most = numbers.reduce((most, [, number]) => Math.max(most, number), 0);
  const bits = [];
  for (let bit = 0; 2 ** bit <= most; bit += 1) {
    const keys = numbers.filter(([, number]) => Math.floor(number / 2 ** bit) % 2 === 1).map(([key]) => key);
    bits.push(`(${SQLITE.isNumberOf(put, column, keys as number[])} << ${bit})`);
  }
  return `(${bits.join(" + ")})`;
};

/**
 * SQLite searches a set that does not depend on the row in an index, and it evaluates the set once. It has no function that
 * finds the number of a text, so each bit of the number is a set.
 */
export const SQLITE: Dialect = {
  inTexts: (put, column, texts) => `${column} IN (SELECT value FROM json_each(${put(JSON.stringify(texts))}))`,
  isNumberOf: (put, number, numbers) => `${number} IN (SELECT value FROM json_each(${put(JSON.stringify(numbers))}))`,
  inRanges: (put, column, ranges) => {
    const given = put(JSON.stringify(ranges));
    const begin = `SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(${given})`;
    const step = "SELECT number + 1, last FROM numbers WHERE number < last";
    return `${column} IN (WITH RECURSIVE numbers(number, last) AS (${begin} UNION ALL ${step}) SELECT number FROM numbers)`;
  },
  numberOfRange: (put, column, spans) =>
    numberOf(
      put,
      column,
      spans.flatMap(([span, of]) => numbers([span]).map((key): [number, number] => [key, of])),
    ),
  numberOfText: numberOf,
  series: (put, count) => {
    const all = JSON.stringify(Array.from({ length: count }, (_, index) => index));
    return `(SELECT value AS rolecall_branch FROM json_each(${put(all)})) AS rolecall_series`;
  },
  hasAny: (put, column, held) => {
    const found = `SELECT 1 FROM json_each(${column}) WHERE ${SQLITE.inTexts(put, "value", held)}`;
    return `NOT EXISTS (SELECT 1 FROM json_each(${column})) OR EXISTS (${found})`;
  },
  hasAll: (put, column, held) => {
    const lacking = `(${SQLITE.inTexts(put, "value", held)}) IS NOT TRUE`;
    return `NOT EXISTS (SELECT 1 FROM json_each(${column}) WHERE ${lacking})`;
  },
  inSet: (put, key, column, sets) =>
    `(${key}, ${column}) IN (SELECT rolecall_sets.key, rolecall_list.value FROM ${setsTable(put, sets)})`,
  hasAnyIn: (put, key, column, sets) => {
    const found = `SELECT 1 FROM json_each(${column}) WHERE ${SQLITE.inSet(put, key, "value", sets)}`;
    return `NOT EXISTS (SELECT 1 FROM json_each(${column})) OR EXISTS (${found})`;
  },
  hasAllIn: (put, key, column, sets) => {
    const lacking = `(${SQLITE.inSet(put, key, "value", sets)}) IS NOT TRUE`;
    return `NOT EXISTS (SELECT 1 FROM json_each(${column}) WHERE ${lacking})`;
  },
  inPieces: (put, key, item, place, given) => {
    const rows = key === undefined ? given.map(([, item, places]) => [item, places]) : given;
    const field = (index: number) => `json_extract(rolecall_items.value, '$[${index}]')`;
    const [left, fields, path] =
      key === undefined
        ? [`${item}, ${place}`, field(0), "$[1]"]
        : [`${key}, ${item}, ${place}`, `${field(0)}, ${field(1)}`, "$[2]"];
    const table = `json_each(${put(JSON.stringify(rows))}) AS rolecall_items, json_each(rolecall_items.value, '${path}')`;
    return `(${left}) IN (SELECT ${fields}, rolecall_list.value FROM ${table} AS rolecall_list)`;
  },
};
