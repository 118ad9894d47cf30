/** Places in the pages of administration, and their addresses in a page without a router. */

/** A place in the pages of administration, such as a user or a role. */
export interface Place {
  tab:
    | "users"
    | "roles"
    | "groups"
    | "applications"
    | "single-sign-on"
    | "ip-addresses"
    | "support-access"
    | "timeout"
    | "requests"
    | "audit";
  /** The parts of the address after the tab, such as the id of a user. */
  path?: readonly string[] | undefined;
  query?: Readonly<Record<string, string | undefined>> | undefined;
  /** Another scope than the present one. */
  at?: string | undefined;
}

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
