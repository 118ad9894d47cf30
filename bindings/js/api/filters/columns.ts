import type { Branch, Filter } from "../types.js";

/** The columns cannot express a filter. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/** A column that holds a list: an array in PostgreSQL, JSON in SQLite. */
export interface Many {
  many: string;
}

/** A column with one value or `NULL`, a column with a list, or `null` if no row has a value. */
export type Column = string | Many | null;

/**
 * The columns in which rows have their scope, their values and their labels.
 *
 * Name one of `scope`, which holds paths, and `number`, which holds numbers of `engine.numbering()`. A filter for paths
 * needs `list_scopes` in its request. What is not named is an error where the filter needs it.
 */
export interface Columns {
  scope?: string;
  number?: string;
  /** The version of the stored numbers. A filter with other numbers is rejected. */
  numbering?: string;
  boundaries?: Record<string, Column>;
  labels?: Column;
  /** The id by which locks name a row. A row without one is not allowed where locks decide. */
  item?: string;
}

/** A condition on the values or the labels of a row: one of them, or all of them, must be held. */
export interface Values {
  column: string | Many;
  held: string[];
  all: boolean;
}

export type Range = [number, number];

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

export function isMany(column: string | Many): column is Many {
  return typeof column !== "string";
}

export function nameOf(column: string | Many): string {
  return isMany(column) ? column.many : column;
}

/** Throws `FilterError` if the columns are not those of a filter. */
export function check(filter: Filter, columns: Columns): void {
  if ((columns.scope === undefined) === (columns.number === undefined))
    throw new FilterError("name one column for the scope: `scope` for paths, or `number` for numbers");
  const { scope, number, item, labels, boundaries = {} } = columns;
  for (const column of [scope, number, item, labels, ...Object.values(boundaries)]) {
    if (column === undefined || column === null) continue;
    if (!NAME.test(nameOf(column))) throw new FilterError(`\`${nameOf(column)}\` is not the name of a column`);
  }
  if (number !== undefined && filter.numbering !== columns.numbering) {
    throw new FilterError(
      `the filter has the numbers of \`${filter.numbering}\` and the rows have those of \`${columns.numbering}\`: ` +
        "number the rows again",
    );
  }
}

/** Returns the conditions of a branch. Throws `FilterError` if the columns cannot express one. */
export function valuesOf(branch: Branch, columns: Columns): Values[] {
  const values: Values[] = [];
  for (const [name, { match, values: held, also }] of Object.entries(branch.boundaries)) {
    const column = Object.hasOwn(columns.boundaries ?? {}, name) ? columns.boundaries?.[name] : undefined;
    if (column === undefined)
      throw new FilterError(`\`boundaries\` has no column for \`${name}\`; write \`null\` if no row has values there`);
    if (column !== null) values.push({ column, held, all: match === "all" });
    if (column !== null && also !== undefined) values.push({ column, held: also, all: false });
  }
  if (branch.labels !== undefined) {
    if (columns.labels === undefined)
      throw new FilterError("`labels` has no column; write `null` if no row has labels");
    if (columns.labels !== null) values.push({ column: columns.labels, held: branch.labels, all: true });
  }
  return values;
}
