/** The effect of a command, as the server previews it. */

/** The permissions that a subject gains or loses at a scope. */
export interface Access {
  subject?: string;
  at: string;
  permissions: string[];
  reads: string[];
}

/** The difference that a command makes. */
export interface Difference {
  gained: Access[];
  lost: Access[];
}

/** One side of a difference, in numbers. */
export interface Side {
  permissions: string[];
  labels: string[];
  scopes: string[];
  people: number;
}

/** Returns what is gained or lost, over all scopes. */
export function side(entries: readonly Access[]): Side {
  const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();
  return {
    permissions: sorted(entries.flatMap(({ permissions }) => permissions)).sort(
      (one, other) => weight(one) - weight(other),
    ),
    labels: sorted(entries.flatMap(({ reads }) => reads)),
    scopes: sorted(entries.map(({ at }) => at)),
    people: new Set(entries.map(({ subject }) => subject)).size,
  };
}

/** Actions that only look. What changes something is named first. */
const LOOKS = new Set(["view", "read", "list", "open"]);

function weight(permission: string): number {
  return LOOKS.has(action(permission)) ? 1 : 0;
}

function action(permission: string): string {
  return permission.slice(permission.lastIndexOf(":") + 1);
}

/** Returns a permission in readable form: `campaigns › scenarios: publish`. */
export function permissionLabel(permission: string): string {
  const split = permission.lastIndexOf(":");
  const words = (text: string): string => text.replaceAll("-", " ");
  return `${permission.slice(0, split).split("/").map(words).join(" › ")}: ${words(permission.slice(split + 1))}`;
}

/** Whether a difference is empty. */
export function isNothing({ gained, lost }: Difference): boolean {
  return gained.length === 0 && lost.length === 0;
}

/** The commands that only give, and those that only take away. */
const GIVES = new Set(["assign", "invite", "approve-access"]);
const TAKES = new Set([
  "withdraw",
  "remove-subject",
  "suspend-subject",
  "end-access",
  "leave-group",
  "delete-group",
  "remove-role-mapping",
]);

/** Returns what commands are for, which says why they may have no effect. */
export function direction(commands: readonly object[]): "gives" | "takes" | "changes" {
  const names = commands.flatMap((command) => Object.keys(command));
  const all = (kind: ReadonlySet<string>): boolean => names.every((name) => kind.has(name));
  return all(GIVES) ? "gives" : all(TAKES) ? "takes" : "changes";
}
