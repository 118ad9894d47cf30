/** The data of the pages of roles. */

import { useCallback, useMemo } from "react";
import { useAnswer, useDocuments } from "../data.js";
import { useAdmin, useMay } from "../provider.js";
import { useNavigation } from "../navigation.js";
import type { DirectoryText, PolicyText, RoleText } from "./documents.js";
import { originOf, type RoleOrigin, sameContent } from "./draft.js";
import type { RoleRow } from "./row.js";
import { type Tree, treeOf } from "./tree.js";

/** The data of the editor: the policy, and the directory as far as the user may see it. */
export interface RoleWorld {
  policy: PolicyText;
  directory: DirectoryText;
  tree: Tree;
  /** The version of the state, which a save requires. */
  version: number;
}

/** Returns a directory whose roles have the titles and descriptions of the list. */
function withTexts(directory: DirectoryText, policy: PolicyText, rows: readonly RoleRow[]): DirectoryText {
  const custom = structuredClone(directory.roles ?? {}) as Record<string, Record<string, RoleText>>;
  const overlays = structuredClone(directory.overlays ?? {}) as Record<string, Record<string, RoleText>>;
  for (const { role, at, overlay, title, description } of rows) {
    const body = at === undefined ? overlays[overlay ?? ""]?.[role] : custom[at]?.[role];
    if (body === undefined) continue;
    const base = at === undefined ? policy.roles[role] : undefined;
    if (title !== undefined && title !== base?.title) body.title = title;
    if (description !== undefined && description !== base?.description) body.description = description;
  }
  return { ...directory, roles: custom, overlays };
}

/** The most rows of a page. */
const PAGE = 1000;

/** Returns all roles that are visible at the scope. */
export function useRoleRows(): { rows: readonly RoleRow[] | undefined; error: unknown; retry: () => void } {
  const { at } = useAdmin();
  const { data, error, refetch } = useAnswer(["roles"], async (client, signal) => {
    const rows: RoleRow[] = [];
    let after: string | undefined;
    do {
      const page = await client.list(
        "roles",
        { at, limit: PAGE, ...(after && { after }) },
        { signal, background: true },
      );
      rows.push(...page.rows);
      after = page.next;
    } while (after !== undefined);
    return rows;
  });
  return { rows: data, error, retry: useCallback(() => void refetch(), [refetch]) };
}

/** Returns the documents behind the roles. */
export function useRoleWorld(): { world: RoleWorld | undefined; error: unknown; retry: () => void } {
  const { rows } = useRoleRows();
  const { data, error, refetch } = useDocuments();
  const world = useMemo(() => {
    if (data === undefined || rows === undefined) return undefined;
    const policy = data.policy as PolicyText;
    const directory = withTexts(data.directory as DirectoryText, policy, rows);
    return { policy, directory, tree: treeOf(policy, "title"), version: data.version };
  }, [data, rows]);
  return { world, error, retry: useCallback(() => void refetch(), [refetch]) };
}

/**
 * Returns the version with which a draft can be saved: that of the state in which the role is as it was when the draft
 * began, or in which the name of a new role is free. Another change of the state does not concern the draft.
 */
export function versionFor(world: RoleWorld, origin: RoleOrigin): number | undefined {
  if (origin.isNew) return world.version;
  const now = originOf(origin.role, origin.at, world);
  return now !== undefined && sameContent(now.saved, origin.saved) ? world.version : undefined;
}

/** The addresses of what the pages of roles refer to. */
export interface RoleLinks {
  role: (key: string) => string;
  /** The people who hold a role. */
  members: (role: string) => string;
  person: (subject: string) => string;
  /** The changes of roles. */
  history: string;
}

/** Returns the addresses of roles and people. */
export function useRoleLinks(): RoleLinks {
  const { place } = useNavigation();
  return useMemo(
    () => ({
      role: (key) => place({ tab: "roles", path: key === "" ? [] : ["editor", key] }),
      members: (role) => place({ tab: "users", query: { role } }),
      person: (subject) => place({ tab: subject.startsWith("group:") ? "groups" : "users", path: [subject] }),
      history: place({ tab: "audit", query: { type: "ROLE" } }),
    }),
    [place],
  );
}

/** The events of roles that are searched for the last change of one. */
const RECENT = 20;

/** Returns who changed a role last, and when, as far as the user may see the audit log. */
export function useLastChange({ role, at: home }: RoleOrigin): { actor: string; time: string } | undefined {
  const { at } = useAdmin();
  const may = useMay();
  const { data } = useAnswer(
    ["last change"],
    (client, signal) => client.events({ at, objectType: "ROLE", count: RECENT }, { signal, background: true }),
    { enabled: may("view-audit") },
  );
  const events = (data?.events ?? []).map(({ event }) => event);
  const own = events.filter(({ changes }) => changes.some(({ id }) => id === `${home}#${role}`));
  const last = own.sort((one, other) => other.seq - one.seq)[0];
  return last && { actor: last.actor, time: last.time };
}
