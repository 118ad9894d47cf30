/** The addresses of the console: `/console/SCOPE/TAB/…?…`. The address is the state, so every view can be linked. */

import type { Navigation, Place } from "@rolecall/react/admin";
import { createContext, useContext, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

/** The start of every address: `/console`, below the path of the server. */
export const BASE = new URL(document.baseURI).pathname.replace(/\/$/, "");

/** The server that serves the page. */
export const SERVER = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** Scopes are paths themselves, so an address has `:` between their names. */
const encodeScope = (scope: string): string => scope.split("/").map(encodeURIComponent).join(":");
const decodeScope = (text: string): string => text.split(":").map(decodeURIComponent).join("/");

export interface Route {
  scope: string | undefined;
  tab: string | undefined;
  /** The parts of the address after the tab. */
  rest: readonly string[];
}

/** Reads an address, without its start. */
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

/** Returns the router that the parts use at a scope. */
export function useRouter(scope: string): Navigation {
  const [, go] = useLocation();
  return useMemo(
    () => ({
      place: (place) => writeRoute(place.at ?? scope, place),
      href: (to) => BASE + to,
      navigate: (to, options) => go(to, options),
    }),
    [go, scope],
  );
}

interface Here {
  scope: string;
  tab: string;
  rest: readonly string[];
}

const Context = createContext<Here | undefined>(undefined);
export const PageProvider = Context.Provider;

/** The state of a page, which is its address. */
export interface Page extends Here {
  query: Readonly<Record<string, string>>;
  /** Returns the link to another state of this tab. */
  link: (rest: readonly string[], query?: Query) => string;
  /** Goes to another state of this tab. */
  go: (rest: readonly string[], query?: Query, options?: { replace?: boolean }) => void;
  /** Changes parts of the query, without an entry in the history. */
  set: (query: Query) => void;
}

/** Returns the state of the page. */
export function usePage(): Page {
  const here = useContext(Context);
  const [, navigate] = useLocation();
  const search = useSearch();
  if (here === undefined) throw new Error("there is no page");
  return useMemo(() => {
    const query = Object.fromEntries(new URLSearchParams(search));
    const link = (rest: readonly string[], more: Query = {}): string =>
      writeRoute(here.scope, { tab: here.tab, path: rest, query: more });
    return {
      ...here,
      query,
      link,
      go: (rest, more, options) => navigate(link(rest, more), options),
      set: (more) => navigate(link(here.rest, { ...query, ...more }), { replace: true }),
    };
  }, [here, navigate, search]);
}
