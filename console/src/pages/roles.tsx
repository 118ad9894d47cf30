import { Button, Head, SegLinks, useMay, useText } from "@rolecall/react/admin";
import { RoleEditor, RoleGraph, RoleMatrix, RolesCsv, useViews } from "@rolecall/react/admin/roles";
import type { ReactNode } from "react";
import { usePage } from "../app/routes";
import { engineWorker } from "../app/worker";

/** Roles: the editor, the matrix, and the inheritance. */
export default function Page(): ReactNode {
  const { rest, query, go, set } = usePage();
  const [view, role] = rest;
  switch (view) {
    case "matrix":
      return <RoleMatrix view={query} onView={(next) => go(["matrix"], { ...next })} />;
    case "inheritance":
      return (
        <RoleGraph
          role={query.role}
          form={query.form}
          onRole={(next, options) => set({ role: next }, options)}
          onForm={(form) => set({ form })}
        />
      );
    default:
      return <Editor role={view === "editor" ? role : view} />;
  }
}

function Editor({ role }: { role: string | undefined }): ReactNode {
  const t = useText();
  const may = useMay();
  const { query, set } = usePage();
  const views = useViews("editor");
  return (
    <>
      <Head title={t("roles.title")} views={<SegLinks label={t("roles.views")} links={views} />}>
        <RolesCsv />
        {may("set-role") && (
          <Button kind="primary" icon="plus" onClick={() => set({ new: "1" })}>
            {t("roles.new")}
          </Button>
        )}
      </Head>
      <RoleEditor
        role={role}
        worker={engineWorker}
        isCreating={query.new !== undefined}
        onCreating={(isCreating) => set({ new: isCreating ? "1" : undefined })}
      />
    </>
  );
}
