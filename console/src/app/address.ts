/** The form of the addresses: `/SCOPE/TAB/…?…`, after the start of the console. */

import { type Place, queryText } from "@rolecall/react/admin";

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

/** Writes an address, without its start. */
export function writeRoute(
  scope: string,
  { tab, path = [], query = {} }: Omit<Place, "tab"> & { tab?: string },
): string {
  const parts = [encodeScope(scope), ...(tab === undefined ? [] : [tab]), ...path.map(encodeURIComponent)];
  return `/${parts.join("/")}${queryText(query)}`;
}

/** Writes an address as `writeRoute` does, however the browser has it. Equal addresses are then equal texts. */
export function plain(address: string): string {
  const { pathname, searchParams } = new URL(address, "http://console");
  const { scope, tab, rest } = readRoute(pathname);
  if (scope === undefined) return address;
  return writeRoute(scope, { ...(tab !== undefined && { tab }), path: rest, query: Object.fromEntries(searchParams) });
}

/** Names the page of an address. Addresses of the same page are states of it, and keep the place and the focus. */
export function pageOf({ scope, tab, rest: [first = ""] }: Route): string {
  const isOwn = tab === "users" || (tab === "roles" && (first === "matrix" || first === "inheritance"));
  return [scope, tab, ...(isOwn ? [first] : [])].join(" ");
}

/** Whether two addresses differ only in a text that is typed. Each letter is not a step to go back to. */
export function isTyping(from: string, to: string): boolean {
  const [one, other] = [from, to].map((address) => new URL(address, "http://console"));
  if (one?.pathname !== other?.pathname) return false;
  return withoutText(one) === withoutText(other);
}

function withoutText(address: URL | undefined): string {
  const query = new URLSearchParams(address?.search);
  query.delete("search");
  query.sort();
  return query.toString();
}
