/** People, applications, support staff and groups with their roles. */

import { type ReactNode, useCallback, useState } from "react";
import { useParam } from "../address.js";
import { type List, useList } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, Empty, ErrorNote, Head, Panel, Skeleton } from "../ui/index.js";
import { ExportButton } from "./export.js";
import { Filters, type UserFilters } from "./filters.js";
import { ImportDialog } from "./import-dialog.js";
import { Invitations } from "./invitations.js";
import { InviteDialog } from "./invite-dialog.js";
import { nextChange } from "./logic/holders.js";
import { MoreFailed } from "../more.js";
import { useReloadAt } from "./use.js";
import { UserRows } from "./user-rows.js";

export interface UserTableProps {
  /** The filters, if the application holds them. */
  filters?: UserFilters | undefined;
  onFilters?: ((filters: UserFilters) => void) | undefined;
  /** Returns the address of the page of a person. */
  personTo?: ((subject: string) => string) | undefined;
  /** Links to other views of people. */
  views?: ReactNode;
}

/** The rows that are loaded at once. */
const PAGE = 200;

/** The list of people with everything that an administrator does to them. */
export function UserTable({ filters, onFilters, personTo, views }: UserTableProps): ReactNode {
  const t = useText();
  const may = useMay();
  const [own, setOwn] = useState<UserFilters>({});
  const shown = filters ?? own;
  const set = onFilters ?? setOwn;
  const change = useCallback((part: UserFilters) => set({ ...shown, ...part }), [set, shown]);
  const [dialog, open] = useParam<"invite" | "import">("dialog");
  const { search, status, role, kind = "users", sort = "id" } = shown;
  const params = {
    kind,
    sort,
    limit: PAGE,
    ...(search && { search }),
    ...(status && { status }),
    ...(role && { role }),
  };
  const list = useList("access", params);
  useReloadAt(nextChange(list.rows), list.reload);
  return (
    <>
      <Head title={t("users.title")} views={views}>
        <ExportButton params={params} />
        {may("invite") && (
          <Button icon="upload" onClick={() => open("import")}>
            {t("users.import")}
          </Button>
        )}
        {may("invite") && (
          <Button kind="primary" icon="plus" onClick={() => open("invite")}>
            {t("users.invite")}
          </Button>
        )}
      </Head>
      <div className="rc-stack rc-settle">
        <Invitations />
        <Filters filters={shown} onChange={change} total={list.total} />
        <Panel label={t("users.list")}>
          <Listed list={list} filters={shown} onChange={change} personTo={personTo} onInvite={() => open("invite")} />
        </Panel>
      </div>
      {dialog === "invite" && may("invite") && <InviteDialog onClose={() => open(undefined)} />}
      {dialog === "import" && may("invite") && <ImportDialog onClose={() => open(undefined)} />}
    </>
  );
}

interface ListedProps {
  list: ReturnType<typeof useList<"access">>;
  filters: UserFilters;
  onChange: (part: UserFilters) => void;
  personTo: UserTableProps["personTo"];
  onInvite: () => void;
}

function Listed({ list, filters, onChange, personTo, onInvite }: ListedProps): ReactNode {
  const t = useText();
  if (list.error !== null && list.rows.length === 0) return <ErrorNote error={list.error} retry={list.reload} />;
  if (list.loading) return <Skeleton label={t("common.loading")} rows={8} columns={4} />;
  if (list.rows.length === 0) return <Nobody filters={filters} onChange={onChange} onInvite={onInvite} />;
  return (
    <>
      <UserRows
        list={list}
        open={filters.open}
        sort={filters.sort}
        onSort={(sort) => onChange({ sort })}
        onOpen={(open) => onChange({ open })}
        personTo={personTo}
      />
      <MoreFailed list={list as List<never>} />
    </>
  );
}

function Nobody({ filters, onChange, onInvite }: Pick<ListedProps, "filters" | "onChange" | "onInvite">): ReactNode {
  const t = useText();
  const may = useMay();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  const { search, status, role, kind } = filters;
  const set = [status, role, kind].filter((value) => value !== undefined).length;
  if (search === undefined && set === 0)
    return (
      <Empty
        level={2}
        icon="users"
        title={t("users.empty", { scope })}
        actions={
          may("invite") && (
            <Button kind="primary" onClick={onInvite}>
              {t("users.invite")}
            </Button>
          )
        }
      >
        {t("users.empty.help")}
      </Empty>
    );
  return (
    <Empty
      level={2}
      icon="search"
      title={search === undefined ? t("users.nothing.filters", { scope }) : t("users.nothing", { search, scope })}
      actions={
        <Button onClick={() => onChange({ search: undefined, status: undefined, role: undefined, kind: undefined })}>
          {t("common.filter.clear")}
        </Button>
      }
    >
      {t("users.nothing.help", { n: set })}
    </Empty>
  );
}
