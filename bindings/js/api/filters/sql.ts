import type { Filter } from "../types.js";
import { type Columns, conditions, isMany, type Place, type Values } from "./columns.js";

/** A predicate for a `WHERE` clause, and its parameters in order. */
export interface Sql {
  text: string;
  parameters: unknown[];
}

type Range = [number, number];

/** How a database compares lists. `put` adds a parameter and returns its place; the order of calls is that of the text. */
interface Dialect {
  inScopes(put: Put, column: string, texts: string[]): string;
  inRanges(put: Put, column: string, ranges: Range[]): string;
  hasAny(put: Put, column: string, held: string[]): string;
  hasAll(put: Put, column: string, held: string[]): string;
}

type Put = (value: unknown) => string;

const POSTGRESQL: Dialect = {
  inScopes: (put, column, texts) => `${column} = ANY(${put(texts)}::text[])`,
  // `width_bucket` finds the last range that begins at or before the number, by binary search.
  inRanges: (put, column, ranges) => {
    const low = put(ranges[0]?.[0]);
    const high = put(ranges.at(-1)?.[1]);
    const last = put(ranges.map(([, end]) => end));
    const first = put(ranges.map(([begin]) => begin));
    const found = `(${last}::int[])[width_bucket(${column}::int, ${first}::int[])]`;
    return `(${column} BETWEEN ${low} AND ${high} AND ${column} <= ${found})`;
  },
  hasAny: (put, column, held) => `cardinality(${column}) = 0 OR ${column} && ${put(held)}::text[]`,
  hasAll: (put, column, held) => `${column} <@ ${put(held)}::text[]`,
};

const SQLITE: Dialect = {
  inScopes: (put, column, texts) => `${column} IN (SELECT value FROM json_each(${put(JSON.stringify(texts))}))`,
  // The subquery does not depend on the row, so SQLite evaluates it once.
  inRanges: (put, column, ranges) => {
    const given = put(JSON.stringify(ranges));
    const begin = `SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(${given})`;
    const step = "SELECT number + 1, last FROM numbers WHERE number < last";
    return `${column} IN (WITH RECURSIVE numbers(number, last) AS (${begin} UNION ALL ${step}) SELECT number FROM numbers)`;
  },
  hasAny: (put, column, held) => {
    const found = `SELECT 1 FROM json_each(${column}) WHERE ${SQLITE.inScopes(put, "value", held)}`;
    return `NOT EXISTS (SELECT 1 FROM json_each(${column})) OR EXISTS (${found})`;
  },
  hasAll: (put, column, held) => {
    const lacking = `value IS NULL OR NOT ${SQLITE.inScopes(put, "value", held)}`;
    return `NOT EXISTS (SELECT 1 FROM json_each(${column}) WHERE ${lacking})`;
  },
};

const DIALECTS = { postgresql: POSTGRESQL, sqlite: SQLITE };

/** The databases for which predicates are written. */
export type Database = keyof typeof DIALECTS;

/** Writes a predicate with `placeholder` for each parameter. */
export function write(
  filter: Filter,
  columns: Columns,
  database: Database,
  placeholder: (count: number) => string,
): Sql {
  const dialect = DIALECTS[database];
  const parameters: unknown[] = [];
  const put: Put = (value) => placeholder(parameters.push(value));
  const inRanges = (column: string, ranges: Range[]): string => {
    const [only] = ranges;
    if (ranges.length !== 1 || only === undefined) return dialect.inRanges(put, column, ranges);
    return `${column} BETWEEN ${put(only[0])} AND ${put(only[1])}`;
  };
  const hasValues = ({ column, held, all }: Values): string => {
    const name = quoted(isMany(column) ? column.many : column);
    const has = isMany(column) ? (all ? dialect.hasAll : dialect.hasAny) : dialect.inScopes;
    return `(${name} IS NULL OR ${has(put, name, held)})`;
  };
  const inPlace = ({ scopes, ranges }: Place): string =>
    scopes === undefined
      ? inRanges(quoted(columns.number ?? ""), ranges)
      : dialect.inScopes(put, quoted(columns.scope ?? ""), scopes);
  const branches = conditions(filter, columns).map((branch) => {
    const parts = [inPlace(branch), ...branch.values.map(hasValues)];
    if (branch.locked !== undefined) {
      const item = quoted(columns.item ?? "");
      parts.push(`${item} IS NOT NULL`);
      for (const locked of branch.locked)
        parts.push(`NOT (${inPlace(locked)} AND ${dialect.inScopes(put, item, locked.items)})`);
    }
    return `(${parts.join(" AND ")})`;
  });
  return { text: branches.length === 0 ? "(1 = 0)" : `(${branches.join(" OR ")})`, parameters };
}

/** Quotes the name of a column, which may have the name of its table before it. */
function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part}"`)
    .join(".");
}

/**
 * Returns a predicate for PostgreSQL 14 or later. Its parameters are numbered from `first`. Throws `FilterError`.
 */
export function postgresql(filter: Filter, columns: Columns, options: { first?: number } = {}): Sql {
  const { first = 1 } = options;
  return write(filter, columns, "postgresql", (count) => `$${count + first - 1}`);
}

/** Returns a predicate for SQLite. Lists are JSON. Throws `FilterError`. */
export function sqlite(filter: Filter, columns: Columns): Sql {
  return write(filter, columns, "sqlite", () => "?");
}
