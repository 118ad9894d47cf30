/** The form of the addresses: `/SCOPE/TAB/…?…`, after the start of the console. */

import type { Place } from "@rolecall/react/admin";

/** Scopes are paths themselves, so an address has `:` between their names. */
const encodeScope = (scope: string): string => scope.split("/").map(encodeURIComponent).join(":");
const decodeScope = (text: string): string => text.split(":").map(decodeURIComponent).join("/");

export interface Route {
  scope: string | undefined;
  tab: string | undefined;
  /** The parts of the address after the tab. */
  rest: readonly string[];
}

/** Reads an address as the browser has it, without its start. Each part is decoded once: ids may have `%` in them. */
export function readRoute(path: string): Route {
  try {
    const [scope, tab, ...rest] = path.split("/").filter((part) => part !== "");
    return { scope: scope && decodeScope(scope), tab, rest: rest.map(decodeURIComponent) };
  } catch {
    // A broken `%` names no scope.
    return { scope: undefined, tab: undefined, rest: [] };
  }
}

export type Query = Readonly<Record<string, string | undefined>>;

function queryText(query: Query): string {
  const stated = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
  );
  return stated.length === 0 ? "" : `?${new URLSearchParams(stated)}`;
}

/** Writes an address, without its start. */
export function writeRoute(
  scope: string,
  { tab, path = [], query = {} }: Omit<Place, "tab"> & { tab?: string },
): string {
  const parts = [encodeScope(scope), ...(tab === undefined ? [] : [tab]), ...path.map(encodeURIComponent)];
  return `/${parts.join("/")}${queryText(query)}`;
}
