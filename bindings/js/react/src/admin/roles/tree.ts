/** The tree of resources, as the role editor shows it. */

import type { ActionText, PolicyText, ResourceText } from "./documents.js";

/** The standard actions, in the order of the columns, and whether they write. */
const STANDARD: readonly (readonly [string, boolean])[] = [
  ["view", false],
  ["use", false],
  ["edit", true],
  ["create", true],
  ["delete", true],
  ["publish", true],
  ["execute", true],
  ["configure", true],
  ["manage", true],
  ["share", true],
  ["approve", true],
  ["request", false],
  ["import", true],
  ["export", false],
];

/** The most actions that have a column of their own. */
const COLUMNS = 4;

/** A permission of a resource. */
export interface TreeAction {
  action: string;
  permission: string;
  /** The title that the policy gives the action. */
  title?: string;
}

/** A resource with its permissions. */
export interface TreeNode {
  path: string;
  name: string;
  title: string;
  description?: string;
  /** From 1. */
  level: number;
  parent?: string;
  actions: readonly TreeAction[];
  children: readonly TreeNode[];
  /** The permissions of the resource and of all below it. */
  all: readonly string[];
}

/** All resources of a policy. */
export interface Tree {
  roots: readonly TreeNode[];
  nodes: ReadonlyMap<string, TreeNode>;
  /** Every permission, in the order of the tree. */
  permissions: readonly string[];
  /** The actions with a column of their own. */
  columns: readonly string[];
  /** Returns whether an action writes. */
  writes(action: string): boolean;
}

const ORDER = new Map(STANDARD.map(([action], index) => [action, index]));

function actionsOf(path: string, body: ResourceText, policy: PolicyText): TreeAction[] {
  const { actions = [] } = body;
  const named: [string, ActionText][] = Array.isArray(actions)
    ? (actions as readonly string[]).map((action) => [action, {}])
    : Object.entries(actions as Readonly<Record<string, ActionText>>);
  const found: TreeAction[] = named.map(([action, own]) => {
    const title = own.title ?? policy.actions?.[action]?.title;
    return { action, permission: `${path}:${action}`, ...(title === undefined ? {} : { title }) };
  });
  const place = (one: TreeAction): number => ORDER.get(one.action) ?? STANDARD.length;
  return found.sort((one, other) => place(one) - place(other));
}

/**
 * Returns the tree of a policy: in the order of the document, or by title, because the documents of a server are sorted
 * by name.
 */
export function treeOf(policy: PolicyText, order: "document" | "title" = "document"): Tree {
  const nodes = new Map<string, TreeNode>();
  const permissions: string[] = [];
  const read = (body: Readonly<Record<string, ResourceText>>, level: number, parent?: string): TreeNode[] =>
    inTitleOrder(Object.entries(body), order).map(([name, own]) => {
      const path = parent === undefined ? name : `${parent}/${name}`;
      const actions = actionsOf(path, own, policy);
      permissions.push(...actions.map((one) => one.permission));
      const children = read(own.resources ?? {}, level + 1, path);
      const node: TreeNode = {
        path,
        name,
        title: own.title ?? name,
        level,
        actions,
        children,
        all: [...actions.map((one) => one.permission), ...children.flatMap((child) => child.all)],
        ...(own.description === undefined ? {} : { description: own.description }),
        ...(parent === undefined ? {} : { parent }),
      };
      return node;
    });
  const roots = read(policy.resources, 1);
  // Parents come before their children.
  const list = (node: TreeNode): void => {
    nodes.set(node.path, node);
    node.children.forEach(list);
  };
  roots.forEach(list);
  const columns = columnsOf(nodes.values());
  for (const node of nodes.values()) inOrder(node.actions as TreeAction[], columns);
  return { roots, nodes, permissions, columns, writes: writing(policy) };
}

function inTitleOrder(entries: [string, ResourceText][], order: "document" | "title"): [string, ResourceText][] {
  if (order === "document") return entries;
  const title = ([name, { title = name }]: [string, ResourceText]): string => title;
  return entries.sort((one, other) => title(one).localeCompare(title(other)));
}

/** Sorts actions as a row shows them: those with a column first. */
function inOrder(actions: TreeAction[], columns: readonly string[]): void {
  const place = ({ action }: TreeAction): number => {
    const column = columns.indexOf(action);
    return column < 0 ? columns.length : column;
  };
  actions.sort((one, other) => place(one) - place(other));
}

/** Returns the actions that many resources have, in the order of the columns. */
function columnsOf(nodes: Iterable<TreeNode>): string[] {
  const counts = new Map<string, number>();
  let most = 0;
  for (const node of nodes) {
    for (const { action } of node.actions) {
      const count = (counts.get(action) ?? 0) + 1;
      counts.set(action, count);
      most = Math.max(most, count);
    }
  }
  const frequent = [...counts].filter(([, count]) => count * 4 >= most);
  const chosen = frequent.sort(([, one], [, other]) => other - one).slice(0, COLUMNS);
  const place = (action: string): number => ORDER.get(action) ?? STANDARD.length;
  return chosen.map(([action]) => action).sort((one, other) => place(one) - place(other));
}

function writing(policy: PolicyText): (action: string) => boolean {
  const standard = new Map(STANDARD);
  return (action) => standard.get(action) ?? policy.actions?.[action]?.writes ?? false;
}

/** Returns the resource and the action of a permission. */
export function partsOf(permission: string): [path: string, action: string] {
  const colon = permission.lastIndexOf(":");
  return [permission.slice(0, colon), permission.slice(colon + 1)];
}
