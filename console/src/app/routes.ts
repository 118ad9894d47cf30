/** The addresses of the console: `/console/SCOPE/TAB/…?…`. The address is the state, so every view can be linked. */

import { type Address, type Navigation, type Query, queryText } from "@rolecall/react/admin";
import { createContext, useContext, useLayoutEffect, useMemo, useRef } from "react";
import { useLocation, useSearch } from "wouter";
import { isTyping, plain, writeRoute } from "./address";

/** The start of every address: `/console`, below the path of the server. */
export const BASE = new URL(document.baseURI).pathname.replace(/\/$/, "");

/** The server that serves the page. */
export const SERVER = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** Returns the address of the page, without its start. The router decodes it, and ids would be decoded twice. */
export function usePath(): string {
  useLocation();
  return path();
}

/** Returns the query of the address, not decoded either. */
function useQueryText(): string {
  useSearch();
  return location.search;
}

type Go = (to: string, options?: { replace?: boolean; state?: unknown }) => void;

const path = (): string => location.pathname.slice(BASE.length);
const here = (): string => plain(path() + location.search);

let isGoingBack = false;

/** Runs something once the browser is where it was sent back to. */
function settled(run: () => void): void {
  if (isGoingBack) addEventListener("popstate", run, { once: true });
  else run();
}

/** Goes back. The browser does so a moment later. */
function back(): void {
  isGoingBack = true;
  addEventListener("popstate", () => (isGoingBack = false), { once: true });
  history.back();
}

/**
 * Shows another state of a page. It is an entry of the history unless it is only typed. Entries know the address from which
 * they were opened: closing what they opened goes back, so that the back button does not open it again.
 */
function show(go: Go, there: string, replace?: boolean): void {
  const [from, to] = [here(), plain(there)];
  const state = history.state as { from?: string } | null;
  if (to === from) return;
  if (replace ?? isTyping(from, to)) go(to, { replace: true, state });
  else if (state?.from === to) back();
  else go(to, { state: { from } });
}

const CHANGES = ["popstate", "pushState", "replaceState"] as const;

/** Returns the query of the address as the parts use it. */
function addressOf(go: Go): Address {
  return {
    get: (name) => new URLSearchParams(location.search).get(name) ?? undefined,
    set: (change, { replace } = {}) =>
      settled(() => {
        const query = Object.fromEntries(new URLSearchParams(location.search));
        show(go, path() + queryText({ ...query, ...change }), replace);
      }),
    subscribe(listener) {
      for (const name of CHANGES) addEventListener(name, listener);
      return () => {
        for (const name of CHANGES) removeEventListener(name, listener);
      };
    },
  };
}

/** Returns the router that the parts use at a scope. */
export function useRouter(scope: string): Navigation {
  const [, go] = useLocation();
  return useMemo(
    () => ({
      place: (place) => writeRoute(place.at ?? scope, place),
      href: (to) => BASE + to,
      navigate: (to, options) => settled(() => go(to, options)),
      address: addressOf(go),
    }),
    [go, scope],
  );
}

let isReturning = false;
addEventListener("popstate", () => (isReturning = true));
addEventListener("pushState", () => (isReturning = false));

/** Begins another page at its top, unless the browser returns to it, and with the focus in it, if its link is gone. */
export function useBegin(page: string | undefined): void {
  const last = useRef(page);
  useLayoutEffect(() => {
    const before = last.current;
    if (page === undefined || page === before) return;
    last.current = page;
    // The first page begins as its document does: with the link that skips to the content.
    if (before === undefined) return;
    if (!isReturning) scrollTo(0, 0);
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
  }, [page]);
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
  go: (rest: readonly string[], query?: Query) => void;
  /** Changes parts of the query. */
  set: Address["set"];
}

/** Returns the state of the page. */
export function usePage(): Page {
  const place = useContext(Context);
  const [, navigate] = useLocation();
  const search = useQueryText();
  if (place === undefined) throw new Error("there is no page");
  return useMemo(() => {
    const link = (rest: readonly string[], query: Query = {}): string =>
      writeRoute(place.scope, { tab: place.tab, path: rest, query });
    return {
      ...place,
      query: Object.fromEntries(new URLSearchParams(search)),
      link,
      go: (rest, query) => settled(() => show(navigate, link(rest, query))),
      set: addressOf(navigate).set,
    };
  }, [place, navigate, search]);
}
