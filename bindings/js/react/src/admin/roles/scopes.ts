/** The number of people at each scope. */

import { holdingAt } from "./classes.js";
import { byText, type DirectoryText } from "./documents.js";

/** The people who hold roles at a scope. */
export interface ScopeCount {
  scope: string;
  /** From 1, for the scope that is shown. */
  level: number;
  /** Those with a role of the scope itself. */
  own: number;
  /** Those with a role of the scope or of one above it. */
  all: number;
  /** Those with a role there or below. */
  below: number;
}

/** Returns the members of each group, of groups within it too. */
function membersOf(directory: DirectoryText): (group: string) => ReadonlySet<string> {
  const known = new Map<string, Set<string>>();
  const find = (group: string): Set<string> => {
    const found = known.get(group);
    if (found !== undefined) return found;
    const members = new Set<string>();
    known.set(group, members);
    for (const member of directory.groups?.[group]?.members ?? []) {
      if (!member.startsWith("group:")) members.add(member);
      else for (const one of find(member)) members.add(one);
    }
    return members;
  };
  return find;
}

/** Counts the people at a scope and at those below it, now. Groups count with their members. */
export function scopeCounts(directory: DirectoryText, at: string, time: Date): ScopeCount[] {
  const isIn = (scope: string, above: string): boolean => scope === above || scope.startsWith(`${above}/`);
  const scopes = [...new Set([at, ...(directory.scopes ?? [])])].filter((scope) => isIn(scope, at)).sort(byText);
  const members = membersOf(directory);
  const people = new Map<string, Set<string>>();
  for (const { subject, at: scope } of holdingAt(directory.assignments ?? [], time)) {
    const here = people.get(scope) ?? new Set();
    people.set(scope, here);
    if (subject.startsWith("group:")) for (const one of members(subject)) here.add(one);
    else here.add(subject);
  }
  const count = (matches: (scope: string) => boolean): number => {
    const found = new Set<string>();
    for (const [scope, here] of people) if (matches(scope)) for (const one of here) found.add(one);
    return found.size;
  };
  const depth = (scope: string): number => scope.split("/").length;
  return scopes.map((scope) => ({
    scope,
    level: depth(scope) - depth(at) + 1,
    own: people.get(scope)?.size ?? 0,
    all: count((one) => isIn(scope, one)),
    below: count((one) => isIn(one, scope)),
  }));
}
