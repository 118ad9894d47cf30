/** How the links of the parts reach the router of the application. */

import { createContext, useContext } from "react";
import { hashOf, type Place } from "./hash.js";

export type { Place };

/** The router of the application that shows the parts. */
export interface Navigation {
  /** Returns the link to a place. */
  place(place: Place): string;
  /** Returns the address of a link for the browser. */
  href(to: string): string;
  /** Goes to an address without loading the page again. */
  navigate(to: string, options?: { replace?: boolean }): void;
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
