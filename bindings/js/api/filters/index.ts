/**
 * Writes the filter of an engine as a predicate of a database.
 *
 * A predicate allows exactly the rows that the filter allows. Values are parameters, never part of the text, and lists are
 * one parameter. A row without values in a boundary has `NULL` or an empty list there; both mean that the boundary does not
 * limit the row.
 */
export { type Column, type Columns, FilterError, type Many } from "./columns.js";
export { drizzle, type DrizzleSql, prisma, type PrismaWhere } from "./orm.js";
export { type Database, postgresql, sqlite, type Sql } from "./sql.js";
