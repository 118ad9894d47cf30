/** Changes of two people to the same role: before, theirs, and yours. */

import type { RoleContent } from "./draft.js";

/** One value in the three versions. */
export interface MergeRow {
  kind: "permission" | "inherits" | "reads" | "title" | "description";
  /** The permission, role or label; empty for texts. */
  name: string;
  before: string | boolean;
  theirs: string | boolean;
  yours: string | boolean;
  /** Whether both changed it, to different values. */
  clashes: boolean;
}

/** A conflict of two changes. */
export interface Merge {
  rows: readonly MergeRow[];
  /** Both changes together. Where they clash, yours. */
  merged: RoleContent;
}

type Value = string | boolean;

/** Combines two changes. Theirs stay where you changed nothing. */
export function merge(before: RoleContent, theirs: RoleContent, yours: RoleContent): Merge {
  const rows: MergeRow[] = [];
  const pick = (kind: MergeRow["kind"], name: string, [old, their, your]: [Value, Value, Value]): Value => {
    const [isTheirs, isYours] = [their !== old, your !== old];
    const clashes = isTheirs && isYours && their !== your;
    if (isTheirs || isYours) rows.push({ kind, name, before: old, theirs: their, yours: your, clashes });
    return isYours ? your : their;
  };
  const list = (kind: "inherits" | "reads"): string[] => names(kind, [before[kind], theirs[kind], yours[kind]]);
  const names = (kind: MergeRow["kind"], lists: readonly Iterable<string>[]): string[] => {
    const [old, their, your] = lists.map((one) => new Set(one));
    const all = [...new Set(lists.flatMap((one) => [...one]))].sort();
    const has = (set: Set<string> | undefined, name: string): boolean => set?.has(name) ?? false;
    return all.filter((name) => pick(kind, name, [has(old, name), has(their, name), has(your, name)]) === true);
  };
  const text = (kind: "title" | "description"): string =>
    pick(kind, "", [before[kind], theirs[kind], yours[kind]]) as string;
  const merged = {
    title: text("title"),
    description: text("description"),
    inherits: list("inherits"),
    own: new Set(names("permission", [before.own, theirs.own, yours.own])),
    reads: list("reads"),
  };
  return { rows, merged };
}
