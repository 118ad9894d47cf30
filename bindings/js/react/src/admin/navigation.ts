/** How the links of the parts reach the router of the application. */

import { createContext, useContext } from "react";
import { hashOf } from "./hash.js";

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
