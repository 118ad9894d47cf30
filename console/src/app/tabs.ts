/** The tabs of access management, and what each needs. */

import { type MessageKey, type Place, useAdmin, useMay } from "@rolecall/react/admin";
import { type ComponentType, createElement, lazy, type ReactNode, useMemo } from "react";

/** A page whose script is loaded when it is shown. */
interface Page {
  (): ReactNode;
  /** Lets the next attempt load the script again, which failed before. */
  again: () => void;
  /** Loads the script before the page is shown. */
  prepare: () => void;
}

type Load = () => Promise<{ default: ComponentType }>;

function paged(load: Load): Page {
  let current = lazy(load);
  const again = (): void => {
    current = lazy(load);
  };
  // A failure shows when the page does.
  const prepare = (): void => void load().catch(() => undefined);
  return Object.assign(() => createElement(current), { again, prepare });
}

export interface Tab {
  id: Place["tab"];
  title: MessageKey;
  /** The product has the tab if its policy maps one of these. */
  has: readonly string[];
  /** Seeing it needs one of these. */
  needs: readonly string[];
  page: Page;
}

const tab = (id: Tab["id"], needs: readonly string[], page: Load, has = needs): Tab => ({
  id,
  title: `common.tab.${id}`,
  has,
  needs,
  page: paged(page),
});

const GROUPS = ["view-locks", "add-group", "join-group"];

export const TABS: readonly Tab[] = [
  tab("users", ["view-access"], () => import("../pages/users")),
  tab("roles", ["view-roles"], () => import("../pages/roles")),
  tab("groups", GROUPS, () => import("../pages/groups"), ["add-group"]),
  tab("applications", ["view-applications"], () => import("../pages/applications")),
  tab("single-sign-on", ["view-sign-on", "view-login", "view-role-mapping"], () => import("../pages/single-sign-on")),
  tab("ip-addresses", ["view-networks"], () => import("../pages/ip-addresses")),
  tab("support-access", ["view-support"], () => import("../pages/support-access")),
  tab("timeout", ["view-timeout"], () => import("../pages/timeout")),
  tab("requests", ["request-access", "approve-access"], () => import("../pages/requests")),
  tab("audit", ["view-audit"], () => import("../pages/audit")),
];

export interface Tabs {
  /** The tabs that the product has at this scope. */
  known: readonly Tab[];
  /** Those that the user may see. */
  visible: readonly Tab[];
}

/** Returns the tabs, as the policy and the user's roles have them now. */
export function useTabs(): Tabs {
  const { abilities } = useAdmin();
  const may = useMay();
  return useMemo(() => {
    const known = TABS.filter(({ has }) => has.some((name) => (abilities[name]?.length ?? 0) > 0));
    return { known, visible: known.filter(({ needs }) => needs.some(may)) };
  }, [abilities, may]);
}
