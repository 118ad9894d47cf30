/** Two roles next to each other. */

import type { TreeNode, Tree } from "./tree.js";
import { partsOf } from "./tree.js";

/** The permissions of one side. */
export interface Side {
  own: ReadonlySet<string>;
  inherited: ReadonlySet<string>;
  reads: readonly string[];
}

/** How a role holds a permission. */
export type Held = "own" | "inherited" | "none";

/** A permission that at least one of the roles holds. */
export interface ComparedPermission {
  permission: string;
  action: string;
  title?: string;
  one: Held;
  other: Held;
}

/** A resource with what differs or is common. */
export interface ComparedResource {
  node: TreeNode;
  permissions: readonly ComparedPermission[];
}

/** The comparison of two roles. */
export interface Comparison {
  resources: readonly ComparedResource[];
  onlyOne: number;
  onlyOther: number;
  both: number;
  labels: readonly { label: string; one: boolean; other: boolean }[];
}

const held = (side: Side, permission: string): Held =>
  side.own.has(permission) ? "own" : side.inherited.has(permission) ? "inherited" : "none";

/** Compares two roles. With `differences`, only what one of them holds and the other does not. */
export function compared(tree: Tree, one: Side, other: Side, differences: boolean): Comparison {
  const byPath = new Map<string, ComparedPermission[]>();
  let [onlyOne, onlyOther, both] = [0, 0, 0];
  for (const permission of tree.permissions) {
    const [left, right] = [held(one, permission), held(other, permission)];
    if (left === "none" && right === "none") continue;
    const isBoth = left !== "none" && right !== "none";
    if (isBoth) both += 1;
    else if (right === "none") onlyOne += 1;
    else onlyOther += 1;
    if (differences && isBoth) continue;
    const [path, action] = partsOf(permission);
    const title = tree.nodes.get(path)?.actions.find((own) => own.action === action)?.title;
    const row = { permission, action, one: left, other: right, ...(title === undefined ? {} : { title }) };
    byPath.set(path, [...(byPath.get(path) ?? []), row]);
  }
  const resources = [...byPath].flatMap(([path, permissions]) => {
    const node = tree.nodes.get(path);
    return node === undefined ? [] : [{ node, permissions }];
  });
  const names = [...new Set([...one.reads, ...other.reads])].sort();
  const labels = names.map((label) => ({ label, one: one.reads.includes(label), other: other.reads.includes(label) }));
  return { resources, onlyOne, onlyOther, both, labels };
}
