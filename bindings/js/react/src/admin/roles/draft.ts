/** A role as it is edited, and the command that saves it. */

import { byText, type DirectoryText, type PolicyText, type RoleText } from "./documents.js";
import { granted, rewritten, type Written } from "./patterns.js";
import type { Tree } from "./tree.js";

/** The parts of a role that its editor can change. */
export interface RoleContent {
  title: string;
  description: string;
  /** Sorted. */
  inherits: readonly string[];
  /** The permissions that the role grants itself. */
  own: ReadonlySet<string>;
  /** The labels that the role itself reads. Custom roles read none themselves. */
  reads: readonly string[];
}

/** Where a role is defined and what it was before. */
export interface RoleOrigin {
  kind: "policy" | "custom";
  role: string;
  /** The scope that defines a custom role, or whose overlay edits a role of the policy. */
  at: string;
  /** The role of the policy of which this one becomes a copy when it is saved. */
  copyOf?: string;
  /** Whether the role exists yet. */
  isNew: boolean;
  /** How the role is written now. */
  written: Written;
  /** The content that the policy gives a role of it. */
  policy?: RoleContent;
  /** The content of a role of the policy without the overlay of this scope: that of a scope above, or of the policy. */
  above?: RoleContent;
  /** Whether this scope has an overlay of its own. */
  hasOverlay?: boolean;
  saved: RoleContent;
}

/** A command of administration: a map with its name. */
export type Command = Readonly<Record<string, object>>;

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort(byText);

/** Returns the content that a document states. */
export function contentOf(text: RoleText, tree: Tree): RoleContent {
  return {
    title: text.title ?? "",
    description: text.description ?? "",
    inherits: sorted(text.inherits ?? []),
    own: granted(writtenOf(text), tree),
    reads: sorted(text.reads ?? []),
  };
}

const writtenOf = (text: RoleText): Written => ({ grants: text.grants ?? [], except: text.except ?? [] });

/** Returns a scope and those above it, the innermost first. */
export function upwards(at: string): string[] {
  const parts = at.split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

/** Returns the scope that defines a custom role which is visible at a scope. */
export function homeOf(role: string, at: string, directory: DirectoryText): string | undefined {
  return upwards(at).find((scope) => directory.roles?.[scope]?.[role] !== undefined);
}

/** Returns the nearest edits of a role of the policy. */
export function overlayOf(role: string, at: string, directory: DirectoryText): RoleText | undefined {
  const scope = upwards(at).find((one) => directory.overlays?.[one]?.[role] !== undefined);
  return scope === undefined ? undefined : directory.overlays?.[scope]?.[role];
}

/** Returns a role of the policy with the edits of an overlay. */
export function withOverlay(text: RoleText, overlay: RoleText | undefined): RoleText {
  if (overlay === undefined) return text;
  const { title, description, grants, except, reads } = { ...text, ...overlay };
  const edited = { title, description, grants, except, reads };
  const stated = Object.fromEntries(Object.entries(edited).filter(([, value]) => value !== undefined));
  return { ...text, ...stated };
}

/** Returns a role at a scope as it can be edited there, or `undefined` if there is none of this name. */
export function originOf(
  role: string,
  at: string,
  { policy, directory, tree }: { policy: PolicyText; directory: DirectoryText; tree: Tree },
): RoleOrigin | undefined {
  const base = policy.roles[role];
  if (base !== undefined) {
    const text = withOverlay(base, overlayOf(role, at, directory));
    const [, parent] = upwards(at);
    const without = withOverlay(base, parent === undefined ? undefined : overlayOf(role, parent, directory));
    return {
      kind: "policy",
      role,
      at,
      isNew: false,
      written: writtenOf(text),
      policy: contentOf(base, tree),
      above: contentOf(without, tree),
      hasOverlay: directory.overlays?.[at]?.[role] !== undefined,
      saved: contentOf(text, tree),
    };
  }
  const home = homeOf(role, at, directory);
  const text = home === undefined ? undefined : directory.roles?.[home]?.[role];
  if (home === undefined || text === undefined) return undefined;
  return { kind: "custom", role, at: home, isNew: false, written: writtenOf(text), saved: contentOf(text, tree) };
}

/** Returns a custom role that does not exist yet: empty, or like another role. */
export function newOrigin(role: string, at: string, like?: RoleOrigin): RoleOrigin {
  const empty: RoleContent = { title: "", description: "", inherits: [], own: new Set(), reads: [] };
  const saved = like === undefined ? empty : { ...like.saved, reads: [] };
  const written = like?.written ?? { grants: [], except: [] };
  const copy = like?.kind === "policy" ? { copyOf: like.role } : {};
  return { kind: "custom", role, at, isNew: true, written, saved, ...copy };
}

/** Returns a name for a role from its title. */
export function nameFor(title: string, taken: ReadonlySet<string>): string {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  const name = plain.replace(/^-+|-+$/g, "").slice(0, 60) || "role";
  return freeName(/^[a-z]/.test(name) ? name : `role-${name}`, taken);
}

/** Returns a name with the next number that makes it free. */
function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}

/** Returns a new role with another name if someone else took its name since it was begun. */
export function withFreeName(
  origin: RoleOrigin,
  rows: readonly { role: string }[],
  directory: DirectoryText,
): RoleOrigin {
  if (!origin.isNew) return origin;
  const here = Object.keys(directory.roles?.[origin.at] ?? {});
  const role = freeName(origin.role, new Set([...rows.map((row) => row.role), ...here]));
  return role === origin.role ? origin : { ...origin, role };
}

const sameSet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((name) => other.has(name));
const sameList = (one: readonly string[], other: readonly string[]): boolean => sameSet(new Set(one), new Set(other));

/** Returns whether two contents are the same. */
export function sameContent(one: RoleContent, other: RoleContent): boolean {
  return changeCount(one, other) === 0;
}

/** Returns the number of changes between two contents, as an editor counts them. */
export function changeCount(before: RoleContent, after: RoleContent): number {
  const differences = (one: Iterable<string>, other: ReadonlySet<string>): number =>
    [...one].filter((name) => !other.has(name)).length;
  const lists: readonly (readonly [ReadonlySet<string>, ReadonlySet<string>])[] = [
    [before.own, after.own],
    [new Set(before.inherits), new Set(after.inherits)],
    [new Set(before.reads), new Set(after.reads)],
  ];
  const named = lists.reduce((sum, [one, other]) => sum + differences(one, other) + differences(other, one), 0);
  return named + Number(before.title !== after.title) + Number(before.description !== after.description);
}

/** Turns permissions on or off. */
export function withPermissions(content: RoleContent, permissions: Iterable<string>, on: boolean): RoleContent {
  const own = new Set(content.own);
  for (const permission of permissions) {
    if (on) own.add(permission);
    else own.delete(permission);
  }
  return { ...content, own };
}

/** Adds or removes a role that is inherited. */
export function withInherited(content: RoleContent, role: string, on: boolean): RoleContent {
  const others = content.inherits.filter((one) => one !== role);
  return { ...content, inherits: sorted(on ? [...others, role] : others) };
}

/** Lets the role itself read a label, or not. */
export function withLabel(content: RoleContent, label: string, on: boolean): RoleContent {
  const others = content.reads.filter((one) => one !== label);
  return { ...content, reads: sorted(on ? [...others, label] : others) };
}

const texts = ({ title, description }: RoleContent): object => ({
  ...(title === "" ? {} : { title }),
  ...(description === "" ? {} : { description }),
});

/** Returns the command that saves a role. */
export function saving(origin: RoleOrigin, content: RoleContent, tree: Tree): Command {
  const { role, at } = origin;
  const { grants, except } = rewritten(content.own, origin.written, tree);
  if (origin.kind === "custom") {
    const inherits = content.inherits.length === 0 ? {} : { inherits: content.inherits };
    const own = { ...(grants.length === 0 ? {} : { grants }), ...(except.length === 0 ? {} : { except }) };
    return { "set-role": { at, role, ...texts(content), ...inherits, ...own } };
  }
  if (sameContent(origin.above ?? origin.saved, content)) return { "reset-overlay": { at, role } };
  return overlaying(origin, content, tree);
}

/** Returns the command that edits a role of the policy at a scope. */
function overlaying(origin: RoleOrigin, content: RoleContent, tree: Tree): Command {
  const { role, at } = origin;
  const { grants, except } = rewritten(content.own, origin.written, tree);
  const policy = origin.policy ?? origin.saved;
  // Below the overlay of a scope above, one that states what the policy does brings the role back to the policy.
  const isPlain = sameContent(policy, content);
  const edits = {
    ...(content.title === policy.title ? {} : { title: content.title }),
    ...(content.description === policy.description ? {} : { description: content.description }),
    ...(sameSet(content.own, policy.own) && !isPlain ? {} : { grants, except }),
    ...(sameList(content.reads, policy.reads) ? {} : { reads: content.reads }),
  };
  return { "set-overlay": { at, role, ...edits } };
}

/** Returns the commands that save a role: a copy of a role of the policy is made first. */
export function savingAll(origin: RoleOrigin, content: RoleContent, tree: Tree): Command[] {
  const save = saving(origin, content, tree);
  if (origin.copyOf === undefined) return [save];
  return [{ "copy-role": { of: origin.copyOf, at: origin.at, role: origin.role } }, save];
}

/** Returns the command that brings a saved role back to what it was before. */
export function undoing(origin: RoleOrigin, tree: Tree): Command {
  if (origin.isNew) return { "delete-role": { at: origin.at, role: origin.role } };
  if (origin.kind === "custom") return saving(origin, origin.saved, tree);
  const { at, role } = origin;
  return origin.hasOverlay === true ? overlaying(origin, origin.saved, tree) : { "reset-overlay": { at, role } };
}
