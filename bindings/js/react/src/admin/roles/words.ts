/** Words for permissions, roles and people. */

import { actionText } from "../actions.js";
import { useText, type Writer } from "../messages/index.js";
import type { RoleRow } from "./row.js";
import { labelNames, type PolicyText } from "./documents.js";
import { partsOf, type Tree } from "./tree.js";

/** Returns the titles of a resource from the outermost one on. */
export function resourceTitles(tree: Tree, path: string): string[] {
  const node = tree.nodes.get(path);
  if (node === undefined) return [path];
  return [...(node.parent === undefined ? [] : resourceTitles(tree, node.parent)), node.title];
}

/** Returns the title of the action of a permission. */
export function actionOf(t: Writer, tree: Tree, permission: string): string {
  const [path, action] = partsOf(permission);
  const title = tree.nodes.get(path)?.actions.find((one) => one.permission === permission)?.title;
  return actionText(t, action, title);
}

/** Returns the title of a role, or its name. */
export const roleTitle = (row: { role: string; title?: string } | undefined, role: string): string =>
  row?.title ?? role;

/** Returns the title of a label. */
export function labelText(policy: PolicyText, label: string): string {
  const { labels } = policy;
  if (labels === undefined || Array.isArray(labels)) return label.toUpperCase();
  return (labels as Readonly<Record<string, { title?: string }>>)[label]?.title ?? label.toUpperCase();
}

/** Whether a role gives a label and nothing else, so that other roles include it for that. */
export function isFlag(row: RoleRow): boolean {
  return (
    row.origin === "policy" &&
    row.reads.length > 0 &&
    row.grants.length === 0 &&
    row.inherits.length === 0 &&
    !row.standalone
  );
}

/** Returns the role that gives each label to custom roles which inherit it. */
export function flagsOf(policy: PolicyText, rows: readonly RoleRow[]): Map<string, string> {
  const flags = rows.filter(isFlag);
  const found = new Map<string, string>();
  for (const label of labelNames(policy)) {
    const flag = flags.find((row) => row.reads.length === 1 && row.reads[0] === label);
    if (flag !== undefined) found.set(label, flag.role);
  }
  return found;
}

/** Writes a list of names in the language of the page. */
export function useListText(): (names: readonly string[]) => string {
  const t = useText();
  return (names) => names.join(t("roles.list.comma"));
}
