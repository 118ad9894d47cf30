import { SegLinks, useMay, useNavigation, useText } from "@rolecall/react/admin";
import {
  Person,
  type PersonView,
  Reports,
  type ReportView,
  RolesTimeline,
  type UserFilters,
  UserTable,
} from "@rolecall/react/admin/users";
import type { ReactNode } from "react";
import { type Page as Place, usePage } from "../app/routes";
import { engineWorker } from "../app/worker";

/** `users`, `users/timeline`, `users/reports`, and `users/ID` for a person. */
export default function Page(): ReactNode {
  const page = usePage();
  const [first] = page.rest;
  if (first === "timeline") return <RolesTimeline views={<Views page={page} />} />;
  if (first === "reports")
    return (
      <Reports view={page.query as ReportView} onView={page.set} worker={engineWorker} views={<Views page={page} />} />
    );
  if (first !== undefined)
    return (
      <Person
        subject={first}
        view={page.query as PersonView}
        onView={(view) => page.set({ ...view })}
        worker={engineWorker}
      />
    );
  return (
    <UserTable
      filters={page.query as UserFilters}
      onFilters={(filters) => page.set({ ...filters })}
      personTo={(subject) => page.link([subject])}
      views={<Views page={page} />}
    />
  );
}

/** The views of people. The matrix is a view of roles. */
function Views({ page: { link, rest } }: { page: Place }): ReactNode {
  const t = useText();
  const may = useMay();
  const { place } = useNavigation();
  const view = (path: readonly string[], label: string) => ({ to: link(path), label, current: rest[0] === path[0] });
  const matrix = {
    to: place({ tab: "roles", path: ["matrix"], query: { of: "people-roles" } }),
    label: t("users.view.matrix"),
    current: false,
  };
  const links = [
    view([], t("users.view.people")),
    view(["timeline"], t("users.view.timeline")),
    view(["reports"], t("users.view.reports")),
    ...(may("view-roles") ? [matrix] : []),
  ];
  return <SegLinks label={t("users.views")} links={links} />;
}
