/** Scopes in words. */

/** Returns the path of a scope below another one, in readable form: `acme / shop` for `main/acme/shop` below `main`. */
export function scopeLabel(path: string, root = ""): string {
  const start = root.lastIndexOf("/") + 1;
  const below = root !== "" && isWithin(path, root) ? path.slice(start) : path;
  return below.split("/").join(" / ");
}

/** Whether a scope is another one or below it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** Returns the scopes at and below a scope, parents first, without repetitions. */
export function scopesWithin(paths: Iterable<string>, root: string): string[] {
  const found = new Set([root]);
  for (const path of paths) if (isWithin(path, root)) found.add(path);
  return [...found].sort((one, other) => compareParts(one.split("/"), other.split("/")));
}

function compareParts(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((part, index) => part !== other[index]);
  if (at === -1) return one.length - other.length;
  const [part = "", with_ = ""] = [one[at], other[at]];
  return other[at] === undefined ? 1 : part < with_ ? -1 : 1;
}
