/** The effect of a change on people, before it is saved. The engine of the module computes it; nothing here decides. */

import { classed } from "./classes.js";
import { byText, type DirectoryText, type PolicyText } from "./documents.js";
import type { Command } from "./draft.js";
import type {
  AccessChange,
  Impact,
  ImpactBase,
  LabelImpact,
  MakeEngine,
  MenuImpact,
  PeopleImpact,
  PermissionImpact,
  ShownItem,
} from "./impact-types.js";
import { keptOf } from "./kept.js";

/** Compiles the state twice. */
export function impactBase(make: MakeEngine, policy: PolicyText, directory: DirectoryText, time: Date): ImpactBase {
  const found = classed(directory, time);
  const menus = Object.keys(policy.menus ?? {});
  const [before, after] = [make(policy, found.directory), make(policy, found.directory)];
  return { before, after, classed: found, directory, menus };
}

/** Returns the changes of the directory that commands of roles make, and those that take them back. */
export function changesOf(
  commands: readonly Command[],
  directory: DirectoryText,
): { make: object[]; unmake: object[] } {
  const [make, unmake]: [object[], object[]] = [[], []];
  for (const [name, fields] of commands.flatMap((command) => Object.entries(command))) {
    const { at, role } = fields as { at: string; role: string };
    const custom = directory.roles?.[at]?.[role];
    const overlay = directory.overlays?.[at]?.[role];
    const withdrawn = (directory.assignments ?? []).filter((one) => one.role === role && isAtOrBelow(one.at, at));
    switch (name) {
      case "set-role":
        make.push({ set_role: fields });
        unmake.push(custom === undefined ? { remove_role: { at, role } } : { set_role: { at, role, ...custom } });
        break;
      case "delete-role": {
        const heirs = heirsOf(role, at, directory);
        make.push(...withdrawn.map((one) => ({ withdraw: one })), ...heirs.map((one) => ({ set_role: one.without })));
        make.push({ remove_role: { at, role } });
        if (custom !== undefined) unmake.push({ set_role: { at, role, ...custom } });
        unmake.push(...heirs.map((one) => ({ set_role: one.before })), ...withdrawn.map((one) => ({ assign: one })));
        break;
      }
      case "set-overlay":
        make.push({ set_overlay: fields });
        unmake.push(
          overlay === undefined ? { remove_overlay: { at, role } } : { set_overlay: { at, role, ...overlay } },
        );
        break;
      case "reset-overlay":
        if (overlay === undefined) break;
        make.push({ remove_overlay: { at, role } });
        unmake.push({ set_overlay: { at, role, ...overlay } });
        break;
      default:
        break;
    }
  }
  return { make, unmake };
}

const isAtOrBelow = (at: string, above: string): boolean => at === above || at.startsWith(`${above}/`);

/** Returns the custom roles that inherit a role, as they are and without it. */
function heirsOf(role: string, at: string, directory: DirectoryText): { before: object; without: object }[] {
  const places = Object.entries(directory.roles ?? {}).filter(([scope]) => isAtOrBelow(scope, at));
  return places.flatMap(([scope, roles]) =>
    Object.entries(roles).flatMap(([name, body]) => {
      if (body.inherits?.includes(role) !== true) return [];
      const before = { at: scope, role: name, ...body };
      return [{ before, without: { ...before, inherits: body.inherits.filter((one) => one !== role) } }];
    }),
  );
}

interface Change {
  gained: Set<string>;
  lost: Set<string>;
  readsGained: Set<string>;
  readsLost: Set<string>;
  scopes: Set<string>;
}

const noChange = (): Change => ({
  gained: new Set(),
  lost: new Set(),
  readsGained: new Set(),
  readsLost: new Set(),
  scopes: new Set(),
});

/** Returns the effect of commands on the people of a state. Throws what the core says of a role that it refuses. */
export function impactOf(base: ImpactBase, commands: readonly Command[], time: Date): Impact {
  const { make, unmake } = changesOf(commands, base.classed.directory);
  const done: object[] = [];
  try {
    for (const change of make) {
      base.after.apply(change);
      done.push(change);
    }
    return { ...summary(base, time), kept: keptOf(base, commands, time) };
  } finally {
    if (done.length > 0) unmake.forEach((change) => base.after.apply(change));
  }
}

function summary(base: ImpactBase, time: Date): Omit<Impact, "kept"> {
  const { gained, lost } = base.before.diff(base.after, { time });
  const changes = new Map<string, Change>();
  let support = false;
  const supportReads = new Set<string>();
  const note = (list: readonly AccessChange[], names: "gained" | "lost", reads: "readsGained" | "readsLost"): void => {
    for (const one of list) {
      if (one.subject === undefined) {
        support = true;
        one.reads.forEach((label) => supportReads.add(label));
        continue;
      }
      const change = changes.get(one.subject) ?? noChange();
      changes.set(one.subject, change);
      one.permissions.forEach((permission) => change[names].add(permission));
      one.reads.forEach((label) => change[reads].add(label));
      change.scopes.add(one.at);
    }
  };
  note(gained, "gained", "readsGained");
  note(lost, "lost", "readsLost");
  const menus = [...changes].map(([subject, change]) => menuChange(base, subject, change, time));
  const members = (subject: string): readonly string[] => base.classed.classes.get(subject)?.members ?? [subject];
  const byPerson = new Map([...changes.keys()].map((subject, index) => [subject, menus[index] ?? NO_MENU]));
  return { ...gathered(changes, byPerson, members), support, supportReads: [...supportReads].sort(byText) };
}

interface MenuChange {
  appears: Map<string, Omit<MenuImpact, "count" | "who">>;
  vanishes: Map<string, Omit<MenuImpact, "count" | "who">>;
}

const NO_MENU: MenuChange = { appears: new Map(), vanishes: new Map() };

/** Returns the entries of menus that appear or vanish for a subject at any of its scopes. */
function menuChange(base: ImpactBase, subject: string, change: Change, time: Date): MenuChange {
  const found: MenuChange = { appears: new Map(), vanishes: new Map() };
  for (const at of [...change.scopes].sort(byText)) {
    const before = base.before.session(subject, { at, time });
    const after = base.after.session(subject, { at, time });
    for (const menu of base.menus) {
      const [old, now] = [entries(menu, before.menu(menu).items), entries(menu, after.menu(menu).items)];
      for (const [key, entry] of now) if (!old.has(key)) found.appears.set(key, entry);
      for (const [key, entry] of old) if (!now.has(key)) found.vanishes.set(key, entry);
    }
  }
  return found;
}

type Entry = Omit<MenuImpact, "count" | "who">;

function entries(menu: string, items: readonly ShownItem[]): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const visit = (item: ShownItem, path: string, above: readonly string[]): void => {
    const key = `${path}/${item.id}`;
    found.set(key, { menu, id: key, title: item.title, above });
    item.items?.forEach((one) => visit(one, key, [...above, item.title]));
  };
  items.forEach((item) => visit(item, menu, []));
  return found;
}

/** The number of names that are stated for one change. */
const NAMED = 3;

interface Counted<T> {
  value: T;
  count: number;
  who: string[];
}

function count<T>(found: Map<string, Counted<T>>, key: string, value: T, people: readonly string[]): void {
  const one = found.get(key) ?? { value, count: 0, who: [] };
  one.count += people.length;
  one.who.push(...people.slice(0, NAMED - one.who.length));
  found.set(key, one);
}

function gathered(
  changes: ReadonlyMap<string, Change>,
  menus: ReadonlyMap<string, MenuChange>,
  members: (subject: string) => readonly string[],
): Omit<Impact, "kept" | "support" | "supportReads"> {
  const [gained, lost] = [new Map<string, Counted<string>>(), new Map<string, Counted<string>>()];
  const [appears, vanishes] = [new Map<string, Counted<Entry>>(), new Map<string, Counted<Entry>>()];
  const labels = new Map<string, LabelImpact>();
  const groups = new Map<string, Omit<PeopleImpact, "people"> & { people: string[] }>();
  let [gain, lose, changed] = [0, 0, 0];
  for (const [subject, change] of changes) {
    const people = members(subject);
    const menu = menus.get(subject) ?? NO_MENU;
    changed += people.length;
    if (change.gained.size + change.readsGained.size > 0) gain += people.length;
    if (change.lost.size + change.readsLost.size > 0) lose += people.length;
    change.gained.forEach((one) => count(gained, one, one, people));
    change.lost.forEach((one) => count(lost, one, one, people));
    menu.appears.forEach((entry, key) => count(appears, key, entry, people));
    menu.vanishes.forEach((entry, key) => count(vanishes, key, entry, people));
    const label = (name: string): LabelImpact => labels.get(name) ?? { label: name, gained: 0, lost: 0 };
    for (const name of change.readsGained) {
      labels.set(name, { ...label(name), gained: label(name).gained + people.length });
    }
    for (const name of change.readsLost) labels.set(name, { ...label(name), lost: label(name).lost + people.length });
    const list = (names: Iterable<string>): string[] => [...names].sort(byText);
    const same = {
      gained: list(change.gained),
      lost: list(change.lost),
      readsGained: list(change.readsGained),
      readsLost: list(change.readsLost),
      appears: list([...menu.appears.values()].map((entry) => entry.title)),
      vanishes: list([...menu.vanishes.values()].map((entry) => entry.title)),
    };
    const key = JSON.stringify(same);
    const group = groups.get(key) ?? { ...same, people: [] };
    group.people.push(...people);
    groups.set(key, group);
  }
  const permissions = (found: Map<string, Counted<string>>): PermissionImpact[] =>
    [...found.values()].map(({ value, count, who }) => ({ permission: value, count, who }));
  const shown = (found: Map<string, Counted<Entry>>): MenuImpact[] =>
    [...found.values()].map(({ value, count, who }) => ({ ...value, count, who }));
  const people = [...groups.values()].map((group) => ({ ...group, people: group.people.sort(byText) }));
  return {
    gain,
    lose,
    changed,
    gained: permissions(gained),
    lost: permissions(lost),
    appears: shown(appears),
    vanishes: shown(vanishes),
    labels: [...labels.values()],
    people: people.sort((one, other) => other.people.length - one.people.length),
  };
}
