/** The rows and boxes of the permission tree. */

import type { RoleContent } from "./draft.js";
import type { Tree, TreeAction, TreeNode } from "./tree.js";

/** The permissions that each inherited role gives, by its name. */
export type Inherited = Readonly<Record<string, readonly string[]>>;

/** The rows of permissions in the editor of a role. */
export interface Holding {
  saved: ReadonlySet<string>;
  own: ReadonlySet<string>;
  /** The roles that give each inherited permission. */
  from: ReadonlyMap<string, readonly string[]>;
}

/** The state of a box. `both` is set here and inherited as well. */
export type BoxState = "off" | "on" | "inherited" | "both";

/** A box of one permission. */
export interface Cell {
  action: TreeAction;
  state: BoxState;
  change?: "add" | "remove";
}

/** A box of a branch: all of its permissions. */
export type BranchState = "off" | "on" | "mixed";

/** A row of the tree. */
export interface Row {
  node: TreeNode;
  isBranch: boolean;
  isOpen: boolean;
  branch: BranchState;
  cells: ReadonlyMap<string, Cell>;
  /** The permissions of the branch that are held, directly or by inheritance. */
  held: number;
  total: number;
  /** The roles that give permissions of this resource. */
  from: readonly string[];
  added: readonly TreeAction[];
  removed: readonly TreeAction[];
}

/** Which rows are wanted. */
export interface RowFilter {
  search?: string;
  show?: "all" | "granted" | "changed";
  /** The branches that are open. */
  open: ReadonlySet<string>;
}

/** Returns what a role holds, from its content and what the roles give which it inherits. */
export function holding(saved: RoleContent, content: RoleContent, inherited: Inherited): Holding {
  const from = new Map<string, string[]>();
  for (const role of content.inherits) {
    for (const permission of inherited[role] ?? []) {
      const roles = from.get(permission);
      if (roles === undefined) from.set(permission, [role]);
      else roles.push(role);
    }
  }
  return { saved: saved.own, own: content.own, from };
}

/** Returns the box of a permission. */
export function cellOf(action: TreeAction, { saved, own, from }: Holding): Cell {
  const [isOwn, isInherited] = [own.has(action.permission), from.has(action.permission)];
  const state = isOwn ? (isInherited ? "both" : "on") : isInherited ? "inherited" : "off";
  const was = saved.has(action.permission);
  if (was === isOwn) return { action, state };
  return { action, state, change: isOwn ? "add" : "remove" };
}

/** Returns the state of the box of a branch, which shows what is set. */
export function branchState(node: TreeNode, own: ReadonlySet<string>): BranchState {
  const set = node.all.filter((permission) => own.has(permission)).length;
  if (set === 0) return "off";
  return set === node.all.length ? "on" : "mixed";
}

function rowOf(node: TreeNode, isOpen: boolean, held: Holding): Row {
  const cells = new Map(node.actions.map((action) => [action.action, cellOf(action, held)]));
  const changed = (change: "add" | "remove"): TreeAction[] =>
    [...cells.values()].filter((cell) => cell.change === change).map((cell) => cell.action);
  const from = new Set(node.actions.flatMap(({ permission }) => held.from.get(permission) ?? []));
  return {
    node,
    isBranch: node.children.length > 0,
    isOpen,
    branch: branchState(node, held.own),
    cells,
    held: node.all.filter((permission) => held.own.has(permission) || held.from.has(permission)).length,
    total: node.all.length,
    from: [...from],
    added: changed("add"),
    removed: changed("remove"),
  };
}

/** Returns the resources that a filter wants, with those above them, or `undefined` if it wants all. */
function wanted(tree: Tree, held: Holding, { search = "", show = "all" }: RowFilter): Set<string> | undefined {
  const text = search.trim().toLowerCase();
  if (text === "" && show === "all") return undefined;
  const finds = (node: TreeNode): boolean =>
    text === "" ||
    [node.title, node.path, ...node.actions.map((one) => one.permission)].some((name) =>
      name.toLowerCase().includes(text),
    );
  const shows = (node: TreeNode): boolean =>
    show === "all" ||
    node.actions.some(({ permission }) => {
      if (show === "granted") return held.own.has(permission) || held.from.has(permission);
      return held.own.has(permission) !== held.saved.has(permission);
    });
  const found = new Set<string>();
  const visit = (node: TreeNode, isAboveFound: boolean): boolean => {
    const isFound = isAboveFound || finds(node);
    const isBelow = node.children.map((child) => visit(child, isFound)).some(Boolean);
    const isShown = isBelow || (isFound && shows(node) && (node.actions.length > 0 || show === "all"));
    if (isShown) found.add(node.path);
    return isShown;
  };
  tree.roots.forEach((root) => visit(root, false));
  return found;
}

/** Returns the rows that are visible, in order. A filter opens the branches of what it finds. */
export function visibleRows(tree: Tree, held: Holding, filter: RowFilter): Row[] {
  const found = wanted(tree, held, filter);
  const rows: Row[] = [];
  const visit = (node: TreeNode): void => {
    if (found !== undefined && !found.has(node.path)) return;
    const isOpen = node.children.length > 0 && (found !== undefined || filter.open.has(node.path));
    rows.push(rowOf(node, isOpen, held));
    if (isOpen) node.children.forEach(visit);
  };
  tree.roots.forEach(visit);
  return rows;
}

/** Returns the branches that are open at first: those with something set or inherited, and small trees as a whole. */
export function openAtFirst(tree: Tree, held: Holding): Set<string> {
  const isSmall = tree.nodes.size <= 60;
  const has = (node: TreeNode): boolean =>
    node.all.some((permission) => held.own.has(permission) || held.from.has(permission));
  const branches = [...tree.nodes.values()].filter((node) => node.children.length > 0);
  return new Set(branches.filter((node) => (isSmall && node.level === 1) || has(node)).map((node) => node.path));
}

type Paths = ReadonlySet<string>;

const differing = (one: Paths, other: Paths): string[] => [
  ...[...one].filter((path) => !other.has(path)),
  ...[...other].filter((path) => !one.has(path)),
];

const bases = (first: Paths, all: Paths): Readonly<Record<string, Paths>> => ({ "": first, all, none: new Set() });

/** Writes which branches are open, for an address: what differs from those at first, from all, or from none. */
export function branchesText(open: Paths, first: Paths, all: Paths): string {
  const texts = Object.entries(bases(first, all)).map(([name, base]) => [name, ...differing(open, base).sort()]);
  const [shortest = []] = texts.sort((one, other) => one.length - other.length);
  return shortest.join(",");
}

/** Reads which branches are open. */
export function branchesOf(text: string, first: Paths, all: Paths): Paths {
  const [name = "", ...paths] = text.split(",");
  return new Set(differing(bases(first, all)[name] ?? first, new Set(paths.filter((path) => all.has(path)))));
}

/** Returns what a click on the box of a branch does: it sets all, or clears all if all are set. */
export function branchToggle(
  node: TreeNode,
  own: ReadonlySet<string>,
): { permissions: readonly string[]; on: boolean } {
  return { permissions: node.all, on: branchState(node, own) !== "on" };
}

/** A place in the tree for the keyboard: a row, and a box in it (`-1` is the row itself). */
export interface Focus {
  path: string;
  box: number;
}

/** The effect of a key. */
export type KeyAction =
  { kind: "focus"; to: Focus } | { kind: "open" | "close"; paths: readonly string[] } | { kind: "none" };

/** Returns the boxes of a row, in the order of the keyboard: the branch first, then its actions. */
export const boxCount = (row: Row): number => 1 + row.cells.size;

/**
 * Returns what a key does in the tree: up and down move between rows, right opens a branch and then enters the boxes, left
 * leaves them and then closes, `*` opens the branches of the same level. Boxes that cannot be set are not entered.
 */
export function keyAction(rows: readonly Row[], focus: Focus, key: string, hasBoxes = true): KeyAction {
  const index = Math.max(
    0,
    rows.findIndex((row) => row.node.path === focus.path),
  );
  const row = rows[index];
  if (row === undefined) return { kind: "none" };
  const go = (to: number): KeyAction => {
    const next = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (next === undefined) return { kind: "none" };
    return { kind: "focus", to: { path: next.node.path, box: Math.min(focus.box, boxCount(next) - 1) } };
  };
  const here = (box: number): KeyAction => ({ kind: "focus", to: { path: row.node.path, box } });
  switch (key) {
    case "ArrowUp":
      return go(index - 1);
    case "ArrowDown":
      return go(index + 1);
    case "Home":
      return focus.box > 0 ? here(0) : go(0);
    case "End":
      return focus.box >= 0 ? here(boxCount(row) - 1) : go(rows.length - 1);
    case "ArrowRight":
      if (focus.box < 0 && row.isBranch && !row.isOpen) return { kind: "open", paths: [row.node.path] };
      if (!hasBoxes) return { kind: "none" };
      return here(Math.min(focus.box + 1, boxCount(row) - 1));
    case "ArrowLeft":
      return left(rows, row, focus, here);
    case "*": {
      const siblings = rows.filter((one) => one.isBranch && one.node.parent === row.node.parent);
      return { kind: "open", paths: siblings.map((one) => one.node.path) };
    }
    default:
      return { kind: "none" };
  }
}

function left(rows: readonly Row[], row: Row, focus: Focus, here: (box: number) => KeyAction): KeyAction {
  if (focus.box >= 0) return here(focus.box - 1);
  if (row.isBranch && row.isOpen) return { kind: "close", paths: [row.node.path] };
  const parent = rows.find((one) => one.node.path === row.node.parent);
  return parent === undefined ? { kind: "none" } : { kind: "focus", to: { path: parent.node.path, box: -1 } };
}
