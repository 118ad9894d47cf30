/** The addresses of the console: `/console/SCOPE/TAB/…?…`. The address is the state, so every view can be linked. */

import type { Navigation } from "@rolecall/react/admin";
import { createContext, useContext, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { type Query, writeRoute } from "./address";

/** The start of every address: `/console`, below the path of the server. */
export const BASE = new URL(document.baseURI).pathname.replace(/\/$/, "");

/** The server that serves the page. */
export const SERVER = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** Returns the address of the page, without its start. The router decodes it, and ids would be decoded twice. */
export function usePath(): string {
  useLocation();
  return location.pathname.slice(BASE.length);
}

/** Returns the query of the address, not decoded either. */
function useQueryText(): string {
  useSearch();
  return location.search;
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
  const search = useQueryText();
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
