/** What is handed to the core in full: a label or a boundary that got lost on the way would leave an item open. */

/** Tells whether a value is a map whose entries are its own. Of a `Map`, or of what a class adds, JSON tells nothing. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const above: unknown = Object.getPrototypeOf(value);
  return above === null || Object.getPrototypeOf(above) === null;
}

/** Tells whether JSON tells all of a value. */
function isWhole(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isWhole);
  if (typeof value === "object" && value !== null) return isPlain(value) && Object.values(value).every(isWhole);
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** A value as JSON. Where it would leave something out, or tell nothing of it, stands `null`, which the core refuses. */
export function plain(value: unknown): unknown {
  return isWhole(value) ? value : made(value);
}

function made(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, made);
  // Instants, say.
  if (typeof (value as { toJSON?: unknown } | null | undefined)?.toJSON === "function") return made((value as Date).toJSON());
  if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, made(part)]));
  return isWhole(value) ? value : null;
}
