// A predicate of a few branches has one part for each. More branches are one part: each place has a class, and sets of pairs
// hold the values of each class. Sets are parameters, so the text does not grow with branches, locks or values.
import type { Filter } from "../types.js";
import { classes, groups, keyedParts } from "./classes.js";
import { type Columns, isMany, nameOf, type Range } from "./columns.js";
import { type Dialect, POSTGRESQL, type Put, SQLITE } from "./dialects.js";
import { type Keyed, type LockNeed, lockNeed, type Need, needs } from "./needs.js";
import { numbered, type Part, type Plan, plan, united } from "./plan.js";

/** A predicate for a `WHERE` clause, and its parameters in order. */
export interface Sql {
  text: string;
  parameters: unknown[];
}

/** The databases for which predicates are written. */
export type Database = "postgresql" | "sqlite";

const DIALECTS: Record<Database, Dialect> = { postgresql: POSTGRESQL, sqlite: SQLITE };

/** Writes a predicate with `placeholder` for each parameter. */
export function write(
  filter: Filter,
  columns: Columns,
  database: Database,
  placeholder: (count: number) => string,
): Sql {
  const parameters: unknown[] = [];
  const put: Put = (value) => placeholder(parameters.push(value));
  const planned = plan(filter, columns);
  const writer = new Writer(planned, columns, DIALECTS[database], put);
  const texts = groups(planned.parts).map((group) => `(${writer.group(group).join(" AND ")})`);
  return { text: texts.length === 0 ? "(1 = 0)" : `(${texts.join(" OR ")})`, parameters };
}

class Writer {
  readonly #scope: string;

  constructor(
    private readonly plan: Plan,
    private readonly columns: Columns,
    private readonly dialect: Dialect,
    private readonly put: Put,
  ) {
    this.#scope = quoted(columns.number ?? columns.scope ?? "");
  }

  /** Returns the conditions of parts, of which a row needs one. */
  group(parts: Part[]): string[] {
    const { dialect, put } = this;
    const inside = this.#inPlaces(united(parts.flatMap(({ places }) => places)));
    const found = classes(parts);
    const { spans, members, most } = found;
    const keyed = keyedParts(found);
    if (keyed.length === 1) return [inside, ...this.#conditions(keyed, undefined)];
    const ofRow = members.length === 1 ? "0" : this.#classOf(spans);
    const row = `(SELECT ${ofRow} AS rolecall_class LIMIT 1) AS rolecall_row`;
    const series = most > 1 ? ` CROSS JOIN ${dialect.series(put, most)}` : "";
    const key = most > 1 ? `(rolecall_class * ${most} + rolecall_branch)` : "rolecall_class";
    const keys = keyed.map(([one]) => one);
    const known = most > 1 ? [dialect.isNumberOf(put, key, keys)] : [];
    const tests = [...known, ...this.#conditions(keyed, key)].join(" AND ");
    return [inside, `EXISTS (SELECT 1 FROM ${row}${series} WHERE ${tests || "1 = 1"})`];
  }

  #classOf(spans: [Range, number][]): string {
    const { dialect, put } = this;
    if (this.columns.number !== undefined) return dialect.numberOfRange(put, this.#scope, spans);
    const paths = spans.flatMap(([span, of]) =>
      numbered(this.plan, [span]).map(([path]): [string, number] => [path, of]),
    );
    return dialect.numberOfText(put, this.#scope, paths);
  }

  /** Returns the conditions of parts. With several, `key` is that of the part that a row needs. */
  #conditions(rows: Keyed, key: string | undefined): string[] {
    const texts = needs(rows).map((need) => this.#hasValues(need, key));
    const locked = lockNeed(rows);
    return locked === undefined ? texts : [...texts, this.#isUnlocked(locked, key)];
  }

  #hasValues({ column, all, sets, free, same }: Need, key = ""): string {
    const { dialect, put } = this;
    const name = quoted(nameOf(column));
    const start = `(${name} IS NULL OR ${free.length === 0 ? "" : `${dialect.isNumberOf(put, key, free)} OR `}`;
    if (same !== undefined) {
      const has = isMany(column) ? (all ? dialect.hasAll : dialect.hasAny) : dialect.inTexts;
      return `${start}${has(put, name, same)})`;
    }
    const has = isMany(column) ? (all ? dialect.hasAllIn : dialect.hasAnyIn) : dialect.inSet;
    return `${start}${has(put, key, name, sets)})`;
  }

  #isUnlocked(locked: LockNeed, given: string | undefined): string {
    const { dialect, put } = this;
    const item = quoted(this.columns.item ?? "");
    const key = locked.isSame ? undefined : given;
    const { free, everywhere, partly } = locked;
    let text = free.length === 0 ? "(" : `(${dialect.isNumberOf(put, given ?? "", free)} OR (`;
    text += `${item} IS NOT NULL`;
    if (everywhere.some(([, items]) => items.length > 0)) {
      const isIn =
        key === undefined
          ? dialect.inTexts(put, item, everywhere[0]?.[1] ?? [])
          : dialect.inSet(put, key, item, everywhere);
      // `NOT` with a set of pairs makes SQLite read the whole set.
      text += ` AND (${isIn}) IS NOT TRUE`;
    }
    if (partly.length > 0) text += ` AND ${this.#isLockedPartly(item, locked, key)} IS NOT TRUE`;
    return free.length === 0 ? `${text})` : `${text}))`;
  }

  #isLockedPartly(item: string, { partly, places, pieces }: LockNeed, key: string | undefined): string {
    const { dialect, put } = this;
    let text = `(${dialect.inTexts(put, item, partly)} AND `;
    let place = this.#scope;
    if (this.columns.number === undefined) {
      // A path that is not listed has the number 0 or none, and places begin at 1.
      const found = dialect.numberOfText(put, this.#scope, numbered(this.plan, places));
      text += `EXISTS (SELECT 1 FROM (SELECT ${found} AS rolecall_place LIMIT 1) AS rolecall_at WHERE `;
      place = "rolecall_place";
    } else {
      text += "(";
    }
    const tests = pieces.map(([power, given]) => dialect.inPieces(put, key, item, `(${place} >> ${power})`, given));
    return `${text}${tests.join(" OR ")}))`;
  }

  #inPlaces(inside: Range[]): string {
    const { dialect, put } = this;
    if (this.columns.number === undefined) {
      const paths = numbered(this.plan, inside).map(([path]) => path);
      return dialect.inTexts(put, this.#scope, paths);
    }
    const [only] = inside;
    if (inside.length === 1 && only !== undefined) return `${this.#scope} BETWEEN ${put(only[0])} AND ${put(only[1])}`;
    return dialect.inRanges(put, this.#scope, inside);
  }
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
