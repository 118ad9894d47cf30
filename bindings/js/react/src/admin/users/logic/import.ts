/** The preview of an import, in the order in which people read it. */

/** The outcome of a row of an import, in the answer of the server. */
export interface ImportRow {
  line: number;
  subject?: string;
  action?: "added" | "changed" | "unchanged";
  refused?: { code: string; message: string; help?: string };
}

/** The outcomes of rows. Refused rows come first, because they need work. */
export const OUTCOMES = ["refused", "added", "changed", "unchanged"] as const;

/** The outcome of a row. */
export type Outcome = (typeof OUTCOMES)[number];

/** Returns the outcome of a row. */
export function outcome({ action, refused }: ImportRow): Outcome {
  return refused === undefined ? (action ?? "unchanged") : "refused";
}

/** Returns the rows by outcome, and in the order of the table within one. */
export function ordered(rows: readonly ImportRow[]): ImportRow[] {
  const rank = (row: ImportRow): number => OUTCOMES.indexOf(outcome(row));
  return [...rows].sort((one, other) => rank(one) - rank(other) || one.line - other.line);
}

/** The columns of a table. */
const COLUMNS = ["email", "id", "name", "roles", "scope", "until"];

/** The largest number of rows of an import. */
export const MOST_ROWS = 1000;

/** Returns why a text cannot be a table of people, before it is sent: nothing, no columns that fit, or no rows. */
export function unreadable(csv: string): "empty" | "columns" | "rows" | undefined {
  const [head = "", ...rows] = csv.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (head.trim() === "" && rows.every((row) => row.trim() === "")) return "empty";
  const names = head.split(/[,;]/).map((name) => name.trim().replaceAll('"', "").toLowerCase());
  if (!names.some((name) => name === "email" || name === "id")) return "columns";
  if (names.some((name) => !COLUMNS.includes(name))) return "columns";
  return rows.some((row) => row.trim() !== "") ? undefined : "rows";
}

/** Joins pages of comma-separated values: the column names come once. */
export function joinPages(pages: readonly string[]): string {
  return pages.map((page, index) => (index === 0 ? page : page.slice(page.indexOf("\n") + 1))).join("");
}
