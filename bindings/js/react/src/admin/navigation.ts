/** How the links of the parts reach the router of the application. */

import { createContext, useContext } from "react";
import { hashOf, type Place } from "./hash.js";

export type { Place };

/** Parts of the query of the address. `undefined` removes one. */
export type Query = Readonly<Record<string, string | undefined>>;

/** The query of the address, which holds what is shown. */
export interface Address {
  get(name: string): string | undefined;
  /**
   * Changes parts of the query. A change is an entry of the history, unless `replace` is set. Closing what was opened last
   * goes back.
   */
  set(change: Query, options?: { replace?: boolean }): void;
  /** Calls the listener after changes. Returns a function that removes it. */
  subscribe(listener: () => void): () => void;
}

/** The router of the application that shows the parts. */
export interface Navigation {
  /** Returns the link to a place. */
  place(place: Place): string;
  /** Returns the address of a link for the browser. */
  href(to: string): string;
  /** Goes to an address without loading the page again. */
  navigate(to: string, options?: { replace?: boolean }): void;
  /** Holds what is shown, such as a search, in the address. Without it, components hold it. */
  address?: Address | undefined;
}

const PLAIN: Navigation = {
  place: hashOf,
  href: (to) => to,
  navigate: (to, options) => (options?.replace ? location.replace(to) : location.assign(to)),
};

const Context = createContext<Navigation>(PLAIN);

export const NavigationProvider = Context.Provider;

/** Returns the router of the application. Without one, links load their pages. */
export function useNavigation(): Navigation {
  return useContext(Context);
}
