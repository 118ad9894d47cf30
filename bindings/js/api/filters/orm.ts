import type { Filter } from "../types.js";
import { type Columns, FilterError, isMany, type Range, type Values } from "./columns.js";
import { numbered, plan } from "./plan.js";
import { type Database, write } from "./sql.js";

/** The part of `sql` of Drizzle that an adapter uses. */
export interface DrizzleSql<T> {
  raw(text: string): T;
  param(value: unknown): unknown;
  join(chunks: T[]): T;
  (strings: TemplateStringsArray, ...values: unknown[]): T;
}

/** Returns a condition for `where` of Drizzle. `sql` is that of `drizzle-orm`. Throws `FilterError`. */
export function drizzle<T>(filter: Filter, columns: Columns, options: { sql: DrizzleSql<T>; database: Database }): T {
  const { sql, database } = options;
  // Names of columns cannot have this character.
  const { text, parameters } = write(filter, columns, database, () => "\0");
  const chunks = text.split("\0").flatMap((part, index) => {
    const before = index === 0 ? [] : [sql`${sql.param(parameters[index - 1])}`];
    return [...before, sql.raw(part)];
  });
  return sql.join(chunks);
}

/** A `where` of Prisma. */
export type PrismaWhere = Record<string, unknown>;

/**
 * Returns a `where` for Prisma. Columns are names of fields. Throws `FilterError`, also for lists of which every value must
 * be held: Prisma has no such condition.
 */
export function prisma(filter: Filter, columns: Columns): PrismaWhere {
  const number = columns.number ?? "";
  const item = columns.item ?? "";
  const planned = plan(filter, columns);
  const inPlaces = (places: Range[]): PrismaWhere =>
    planned.scopes === undefined
      ? { OR: places.map(([first, last]) => ({ [number]: { gte: first, lte: last } })) }
      : { [columns.scope ?? ""]: { in: numbered(planned, places).map(([path]) => path) } };
  const branches = planned.parts.map(({ places, values, locks }) => {
    const alike = new Map<string, { ranges: Range[]; items: string[] }>();
    for (const [id, ranges] of locks?.partly ?? []) {
      const key = ranges.join();
      const found = alike.get(key) ?? { ranges, items: [] };
      found.items.push(id);
      alike.set(key, found);
    }
    const excluded = [...alike.values()].map(({ ranges, items }) => ({
      AND: [inPlaces(ranges), { [item]: { in: items } }],
    }));
    const everywhere = locks === undefined ? [] : [{ [item]: null }, { [item]: { in: locks.everywhere } }];
    const unlocked = locks === undefined ? [] : [{ NOT: { OR: [...everywhere, ...excluded] } }];
    return { AND: [inPlaces(places), ...values.map(hasValues), ...unlocked] };
  });
  return { OR: branches };
}

function hasValues({ column, held, all }: Values): PrismaWhere {
  if (!isMany(column)) return { OR: [{ [column]: null }, { [column]: { in: held } }] };
  if (all) {
    throw new FilterError(
      `Prisma has no condition that a list has only some values (\`${column.many}\`); use a column with one value, or SQL`,
    );
  }
  const { many } = column;
  return { OR: [{ [many]: { equals: null } }, { [many]: { isEmpty: true } }, { [many]: { hasSome: held } }] };
}
