/** Addresses of the parts in a page without a router. */

import type { Place } from "./navigation.js";

/** Returns the stated values of a query as text, with its `?`. */
export function queryText(query: Readonly<Record<string, string | undefined>>): string {
  const stated = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
  );
  return stated.length === 0 ? "" : `?${new URLSearchParams(stated)}`;
}

/** Returns the fragment of the address of a place. */
export function hashOf({ tab, path = [], query = {} }: Place): string {
  return `#${[tab, ...path].map(encodeURIComponent).join("/")}${queryText(query)}`;
}
