import type { Branch, Filter, LockedItems } from "../types.js";

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

/** Scopes, as paths or as numbers. */
export interface Place {
  scopes: string[] | undefined;
  ranges: [number, number][];
}

/** The conditions of a branch. A row needs all of them. */
export interface Conditions extends Place {
  values: Values[];
  /** The rows that are not allowed, by their ids. `undefined` if locks do not decide. Otherwise a row needs an id, too. */
  locked: (Place & { items: string[] })[] | undefined;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

export function isMany(column: string | Many): column is Many {
  return typeof column !== "string";
}

/** Returns the conditions of each branch. Throws `FilterError` if the columns cannot express one. */
export function conditions(filter: Filter, columns: Columns): Conditions[] {
  if ((columns.scope === undefined) === (columns.number === undefined))
    throw new FilterError("name one column for the scope: `scope` for paths, or `number` for numbers");
  for (const column of [
    columns.scope,
    columns.number,
    columns.item,
    columns.labels,
    ...Object.values(columns.boundaries ?? {}),
  ]) {
    if (column === undefined || column === null) continue;
    const name = isMany(column) ? column.many : column;
    if (!NAME.test(name)) throw new FilterError(`\`${name}\` is not the name of a column`);
  }
  if (columns.number !== undefined && filter.numbering !== columns.numbering) {
    throw new FilterError(
      `the filter has the numbers of \`${filter.numbering}\` and the rows have those of \`${columns.numbering}\`: ` +
        "number the rows again",
    );
  }
  return filter.branches.map((branch) => ofBranch(branch, columns));
}

function ofBranch(branch: Branch, columns: Columns): Conditions {
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
  if (branch.locked !== undefined && columns.item === undefined)
    throw new FilterError("`item` has no column: locks decide about the rows, by the id of each row");
  const locked = branch.locked?.map((one) => ({ ...placeOf(one, columns), items: one.items }));
  return { ...placeOf(branch, columns), values, locked };
}

function placeOf({ scopes, ranges }: Branch | LockedItems, columns: Columns): Place {
  if (columns.scope !== undefined && scopes === undefined)
    throw new FilterError("the filter lists no paths: ask for it with `list_scopes`");
  return { scopes: columns.scope === undefined ? undefined : scopes, ranges };
}
