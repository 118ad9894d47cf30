/** The views of roles. */

import { useMemo } from "react";
import { useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";

/** A view of roles. */
export type RoleViewName = "editor" | "matrix" | "inheritance";

/** Returns the links between the views of roles. */
export function useViews(current: RoleViewName): { to: string; label: string; current: boolean }[] {
  const t = useText();
  const { place } = useNavigation();
  return useMemo(
    () => [
      { to: place({ tab: "roles" }), label: t("roles.view.editor"), current: current === "editor" },
      { to: place({ tab: "roles", path: ["matrix"] }), label: t("roles.view.matrix"), current: current === "matrix" },
      {
        to: place({ tab: "roles", path: ["inheritance"] }),
        label: t("roles.view.inheritance"),
        current: current === "inheritance",
      },
    ],
    [t, place, current],
  );
}
