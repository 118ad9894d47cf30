/** Documents that are objects: each runtime takes them another way, and all of them must read the same. */

import { plain } from "./plain.js";
import { isUnicode } from "./unicode.js";

/** Deeper than any document nests. */
const DEPTH = 100;

/** A document as the core takes it. Where something would be changed on its way stands `null`, which the core refuses. */
export function document(value: object): unknown {
  return exact(plain(value), 0);
}

function exact(part: unknown, depth: number): unknown {
  if (typeof part === "string") return isUnicode(part) ? part : null;
  if (typeof part === "number") return Math.abs(part) <= Number.MAX_SAFE_INTEGER ? part : null;
  if (typeof part !== "object" || part === null) return part;
  if (depth === DEPTH) return null;
  const inner = (value: unknown): unknown => exact(value, depth + 1);
  if (Array.isArray(part)) return part.map(inner);
  const entries = Object.entries(part);
  if (!entries.every(([key]) => isUnicode(key))) return null;
  return Object.fromEntries(entries.map(([key, value]) => [key, inner(value)]));
}
