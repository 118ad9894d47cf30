/**
 * Patterns of permissions, to read how a role was written and to write it again. They decide nothing: the server reads
 * what is written, and a test holds both readings against each other.
 */

import { partsOf, type Tree } from "./tree.js";

/** How a role states its own permissions. */
export interface Written {
  grants: readonly string[];
  except: readonly string[];
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Returns an expression for the paths of a pattern. */
function pathExpression(path: string): RegExp {
  const segments = path.split("/");
  let text = "";
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === "**" && isLast) text = text === "" ? ".+" : `${text.replace(/\/$/, "")}(?:/.+)?`;
    else if (segment === "**") text += "(?:[^/]+/)*";
    else text += (segment === "*" ? "[^/]+" : escaped(segment)) + (isLast ? "" : "/");
  });
  return new RegExp(`^${text}$`);
}

/** Returns the permissions of a tree that a pattern matches. */
export function matches(pattern: string, tree: Tree): Set<string> {
  const [path, actions] = partsOf(pattern);
  const expression = pathExpression(path);
  const named = new Set(
    actions
      .replace(/^\{|\}$/g, "")
      .split(",")
      .map((action) => action.trim()),
  );
  const wants = (action: string): boolean =>
    actions === "*" || named.has(action) || (named.has("writes") && tree.writes(action));
  return new Set(
    tree.permissions.filter((permission) => {
      const [own, action] = partsOf(permission);
      return wants(action) && expression.test(own);
    }),
  );
}

const union = (sets: Iterable<ReadonlySet<string>>): Set<string> => {
  const all = new Set<string>();
  for (const set of sets) for (const one of set) all.add(one);
  return all;
};

/** Returns the permissions that a role grants itself. */
export function granted(written: Written, tree: Tree): Set<string> {
  const all = union(written.grants.map((pattern) => matches(pattern, tree)));
  for (const pattern of written.except) for (const one of matches(pattern, tree)) all.delete(one);
  return all;
}

/** Returns patterns of exactly these permissions, one for each resource, in the order of the tree. */
export function exactly(permissions: ReadonlySet<string>, tree: Tree): string[] {
  const patterns: string[] = [];
  for (const path of orderedPaths(tree)) {
    const own = tree.nodes.get(path)?.actions.filter((one) => permissions.has(one.permission)) ?? [];
    if (own.length === 0) continue;
    const actions = own.map((one) => one.action);
    patterns.push(actions.length === 1 ? `${path}:${actions[0]}` : `${path}:{${actions.join(",")}}`);
  }
  return patterns;
}

function* orderedPaths(tree: Tree): Iterable<string> {
  let last = "";
  for (const permission of tree.permissions) {
    const [path] = partsOf(permission);
    if (path !== last) yield path;
    last = path;
  }
}

/**
 * Writes permissions again, with the earlier patterns that still fit. A pattern of which little was removed gets
 * an exception; others become exact names. So nobody gains what a later policy adds by a box that was ticked here.
 */
export function rewritten(permissions: ReadonlySet<string>, before: Written, tree: Tree): Written {
  const except = before.except.filter((pattern) => ![...matches(pattern, tree)].some((one) => permissions.has(one)));
  const excepted = union(except.map((pattern) => matches(pattern, tree)));
  const grants: string[] = [];
  const missing = new Set<string>();
  let covered = new Set<string>();
  for (const pattern of before.grants) {
    const all = [...matches(pattern, tree)].filter((one) => !excepted.has(one));
    const kept = all.filter((one) => permissions.has(one));
    const lost = all.length - kept.length;
    const isWide = pattern.includes("*") || pattern.endsWith(":writes");
    if (kept.length === 0 || (lost > 0 && !(isWide && lost * 4 <= kept.length))) continue;
    grants.push(pattern);
    all.filter((one) => !permissions.has(one)).forEach((one) => missing.add(one));
    covered = union([covered, new Set(kept)]);
  }
  const rest = new Set([...permissions].filter((one) => !covered.has(one)));
  const reached = union(grants.map((pattern) => matches(pattern, tree)));
  const useful = except.filter((pattern) => [...matches(pattern, tree)].some((one) => reached.has(one)));
  return { grants: [...grants, ...exactly(rest, tree)], except: [...useful, ...exactly(missing, tree)] };
}
