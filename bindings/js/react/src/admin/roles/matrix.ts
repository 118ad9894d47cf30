/** Matrices as pages show them: permissions by resource, and tables to export. */

import { partsOf, type Tree } from "./tree.js";

/** How a row has a column. */
export type Mark = "none" | "expired" | "not-yet" | "indirect" | "direct";

/** A row or a column of a matrix. */
export interface Heading {
  id: string;
  title?: string;
  description?: string;
}

/** A row with a cell for each column. */
export interface MatrixLine extends Heading {
  cells: readonly Mark[];
}

/** A column that is shown: a resource with its permissions, or a role. */
export interface MatrixColumn {
  key: string;
  title: string;
  /** The outermost resource. */
  group: string;
  /** The indexes of the cells. */
  cells: readonly number[];
  /** The letter of each cell. */
  letters: readonly string[];
}

/** A cell that is shown. */
export interface MatrixCell {
  /** The letters of what is held. */
  text: string;
  /** How much of the column is held, from 0 to 4. */
  heat: 0 | 1 | 2 | 3 | 4;
  /** The indexes of the cells that are held. */
  held: readonly number[];
}

/** Which columns are wanted. */
export interface ColumnFilter {
  /** An outermost resource. */
  group?: string | undefined;
  action?: string | undefined;
  /** The columns that a row holds. */
  heldBy?: readonly MatrixLine[] | undefined;
}

/** The letters of the standard actions. */
const LETTERS: Readonly<Record<string, string>> = {
  view: "V",
  use: "U",
  edit: "E",
  create: "C",
  delete: "D",
  publish: "P",
  execute: "R",
  configure: "O",
  manage: "M",
  share: "S",
  approve: "A",
  request: "Q",
  import: "I",
  export: "X",
};

/** Returns a letter for each action: that of the standard, or the first one of its name that is free. */
export function letters(actions: readonly string[]): ReadonlyMap<string, string> {
  const standard = actions.filter((action) => LETTERS[action] !== undefined);
  const found = new Map<string, string>(standard.map((action) => [action, LETTERS[action] ?? ""]));
  const taken = new Set<string>(found.values());
  for (const action of actions.filter((one) => !found.has(one))) {
    const free = [...action.toUpperCase().replace(/[^A-Z0-9]/g, ""), ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"];
    const letter = free.find((one) => !taken.has(one)) ?? "?";
    taken.add(letter);
    found.set(action, letter);
  }
  return new Map(actions.map((action) => [action, found.get(action) ?? "?"]));
}

/** Returns the actions of a tree, the frequent ones first. */
export function actionsOf(tree: Tree): string[] {
  const all = [...tree.nodes.values()].flatMap((node) => node.actions.map((one) => one.action));
  return [...new Set([...tree.columns, ...all])];
}

const holds = (mark: Mark | undefined): boolean => mark === "direct" || mark === "indirect";

/** Returns one column for each resource. */
export function resourceColumns(headings: readonly Heading[], tree: Tree, filter: ColumnFilter = {}): MatrixColumn[] {
  const letter = letters(actionsOf(tree));
  const columns = new Map<string, { cells: number[]; letters: string[] }>();
  headings.forEach((heading, index) => {
    const [path, action] = partsOf(heading.id);
    if (filter.action !== undefined && filter.action !== action) return;
    if (filter.group !== undefined && filter.group !== path.split("/")[0]) return;
    const column = columns.get(path) ?? { cells: [], letters: [] };
    column.cells.push(index);
    column.letters.push(letter.get(action) ?? "?");
    columns.set(path, column);
  });
  for (const column of columns.values()) inLetterOrder(column, [...letter.values()]);
  const place = new Map([...tree.nodes.keys()].map((path, index) => [path, index]));
  const isHeld = (cells: readonly number[]): boolean =>
    filter.heldBy?.some((row) => cells.some((index) => holds(row.cells[index]))) ?? true;
  return [...columns]
    .filter(([, column]) => isHeld(column.cells))
    .sort(([one], [other]) => (place.get(one) ?? 0) - (place.get(other) ?? 0))
    .map(([path, column]) => {
      const group = path.split("/")[0] ?? path;
      return { key: path, title: columnTitle(tree, path), group, ...column };
    });
}

/** Returns the title of a resource, before that of the one above it if the group does not say it: the end is cut off first. */
function columnTitle(tree: Tree, path: string): string {
  const node = tree.nodes.get(path);
  if (node === undefined) return path;
  const parent = node.level > 2 ? tree.nodes.get(node.parent ?? "") : undefined;
  return parent === undefined ? node.title : `${node.title} · ${parent.title}`;
}

/** Sorts the cells of a column by their letters. */
function inLetterOrder(column: { cells: number[]; letters: string[] }, order: readonly string[]): void {
  const pairs = column.cells.map((cell, index) => ({ cell, letter: column.letters[index] ?? "?" }));
  pairs.sort((one, other) => order.indexOf(one.letter) - order.indexOf(other.letter));
  column.cells = pairs.map((pair) => pair.cell);
  column.letters = pairs.map((pair) => pair.letter);
}

/** Returns one column for each role. */
export function roleColumns(headings: readonly Heading[], filter: ColumnFilter = {}): MatrixColumn[] {
  const all = headings.map((heading, index) => ({
    key: heading.id,
    title: heading.title ?? heading.id,
    group: "",
    cells: [index],
    letters: ["●"],
  }));
  return all.filter(
    ({ cells }) => filter.heldBy?.some((row) => cells.some((index) => row.cells[index] !== "none")) ?? true,
  );
}

/** Returns a cell of permissions. */
export function permissionCell(row: MatrixLine, column: MatrixColumn): MatrixCell {
  const held = column.cells.filter((index) => holds(row.cells[index]));
  const text = column.cells.map((index, place) => (held.includes(index) ? column.letters[place] : "")).join("");
  const share = held.length / column.cells.length;
  const heat = held.length === 0 ? 0 : share === 1 ? 4 : share > 0.6 ? 3 : share > 0.3 ? 2 : 1;
  return { text, heat, held };
}

const SIGNS = { none: "", expired: "×", "not-yet": "…", indirect: "○", direct: "●" } as const;
const HEATS = { none: 0, expired: 0, "not-yet": 1, indirect: 2, direct: 4 } as const;

/** Returns a cell of roles. */
export function roleCell(row: MatrixLine, column: MatrixColumn): MatrixCell {
  const [index = -1] = column.cells;
  const mark = row.cells[index] ?? "none";
  return { text: SIGNS[mark], heat: HEATS[mark], held: mark === "none" ? [] : [index] };
}

/** Writes a text as a cell of a table. A spreadsheet evaluates none of it. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Returns some columns of a matrix as comma-separated values. */
export function matrixCsv(
  headings: readonly Heading[],
  rows: readonly MatrixLine[],
  columns: readonly number[],
  words: (mark: Mark) => string,
): string {
  const line = (cells: readonly string[]): string => `${cells.map(csvCell).join(",")}\r\n`;
  const head = line(["id", "title", ...columns.map((index) => headings[index]?.id ?? "")]);
  const written = ({ id, title = "", cells }: MatrixLine): string =>
    line([id, title, ...columns.map((index) => words(cells[index] ?? "none"))]);
  return head + rows.map(written).join("");
}

/** The part of a long list that is in view. */
export interface ListWindow {
  first: number;
  /** The index after the last one. */
  end: number;
  before: number;
  after: number;
}

/** Returns the rows in view, with some more on both sides, and the room of those that are not drawn. */
export function windowOf(count: number, height: number, scrolled: number, visible: number): ListWindow {
  const spare = 8;
  const first = Math.max(0, Math.min(Math.floor(scrolled / height) - spare, count));
  const end = Math.min(count, Math.ceil((scrolled + visible) / height) + spare);
  return { first, end, before: first * height, after: (count - end) * height };
}
