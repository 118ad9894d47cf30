/** Permissions that people keep through other roles after a role no longer gives them. */

import { byText, type DirectoryText } from "./documents.js";
import type { Command } from "./draft.js";
import type { ImpactBase, ImpactEngine, KeptImpact } from "./impact-types.js";

/** The most people that are named. */
const NAMED = 3;

/** The grants of a permission: the assigned role is the first of each path. */
type Given = ReadonlyMap<string, readonly (readonly string[])[]>;

function given(engine: ImpactEngine, subject: string, at: string, time: Date): Given {
  const { permissions } = engine.effective(subject, { at, time });
  return new Map(permissions.map((one) => [one.permission, one.granted_by.map((grant) => grant.via)]));
}

/** Returns the groups of a subject, those included that contain its groups. */
function groupsOf(subject: string, directory: DirectoryText): Set<string> {
  const found = new Set<string>();
  const ahead = [subject];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    for (const [group, { members = [] }] of Object.entries(directory.groups ?? {})) {
      if (found.has(group) || !members.includes(next)) continue;
      found.add(group);
      ahead.push(group);
    }
  }
  return found;
}

/** Returns the scopes at which each subject that represents a class holds a role directly or through groups. */
function placesOf(role: string, { classed }: ImpactBase): Map<string, Set<string>> {
  const { directory, classes } = classed;
  const assigned = (directory.assignments ?? []).filter((one) => one.role === role);
  const places = new Map<string, Set<string>>();
  if (assigned.length === 0) return places;
  for (const subject of classes.keys()) {
    const groups = groupsOf(subject, directory);
    const held = assigned.filter((one) => one.subject === subject || groups.has(one.subject));
    if (held.length > 0) places.set(subject, new Set(held.map((one) => one.at)));
  }
  return places;
}

/** Returns what the holders of a changed role hold through other roles. The engine after the change has it applied. */
export function keptOf(base: ImpactBase, commands: readonly Command[], time: Date): KeptImpact[] {
  const found = new Map<string, { count: number; who: string[]; through: Set<string> }>();
  for (const { role } of commands.flatMap((command) => Object.values(command)) as { role: string }[]) {
    for (const [subject, scopes] of placesOf(role, base)) {
      const members = base.classed.classes.get(subject)?.members ?? [subject];
      const kept = new Map<string, Set<string>>();
      for (const at of scopes) {
        const after = given(base.after, subject, at, time);
        for (const [permission, paths] of given(base.before, subject, at, time)) {
          const now = after.get(permission);
          const isOf = (path: readonly string[]): boolean => path[0] === role;
          if (now === undefined || !paths.some(isOf) || now.some(isOf)) continue;
          const through = kept.get(permission) ?? new Set();
          now.forEach((path) => path[0] !== undefined && through.add(path[0]));
          kept.set(permission, through);
        }
      }
      for (const [permission, through] of kept) {
        const one = found.get(permission) ?? { count: 0, who: [], through: new Set() };
        one.count += members.length;
        one.who.push(...members.slice(0, NAMED - one.who.length));
        through.forEach((name) => one.through.add(name));
        found.set(permission, one);
      }
    }
  }
  return [...found].map(([permission, { count, who, through }]) => ({
    permission,
    count,
    who,
    through: [...through].sort(byText),
  }));
}
