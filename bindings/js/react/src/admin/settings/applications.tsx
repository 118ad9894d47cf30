/** Applications, their settings and secrets. */

import type { ReactNode } from "react";
import type { ApplicationRow } from "rolecall/client";
import { useFlag, useParam, useTyped } from "../address.js";
import { useList } from "../data.js";
import { shortId } from "../ids.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { Button, Filter, Head, When } from "../ui/index.js";
import { ApplicationDetails } from "./application.js";
import { type Column, openedOf, OpenList } from "./list.js";
import { NewApplication } from "./new-application.js";

export interface ApplicationsProps {
  title?: ReactNode;
  /** The application that is open. */
  open?: string | undefined;
  onOpen: (subject: string | undefined) => void;
}

const STATES = ["active", "suspended"] as const;

const nameOf = ({ subject, title }: ApplicationRow): string => title ?? shortId(subject);

/** The applications of a scope. Each opens to show its settings and secrets. */
export function Applications({ title, open, onOpen }: ApplicationsProps): ReactNode {
  const t = useText();
  const may = useMay();
  const [search, type] = useTyped("search");
  const [status, setStatus] = useParam<(typeof STATES)[number]>("status");
  const [isNew, setNew] = useFlag("new");
  const list = useList("applications", { ...(search && { search }), ...(status !== undefined && { status }) });
  const linked = useList("applications", { search: open ?? "" }, { enabled: open !== undefined });
  const opened = openedOf(open, list, linked);
  const columns: Column<ApplicationRow>[] = [
    { title: "settings.apps.app", cell: (row) => <Named row={row} /> },
    { title: "settings.roles", isWide: true, cell: (row) => <Roles row={row} /> },
    { title: "settings.apps.secret", isWide: true, cell: (row) => <Secret row={row} /> },
    { title: "settings.apps.used", isWide: true, cell: (row) => <Used row={row} /> },
    { title: "settings.status", cell: (row) => <Status row={row} /> },
  ];
  const filter = (
    <Filter
      label={t("settings.status")}
      options={STATES.map((value) => ({ value, label: t(`settings.status.${value}`) }))}
      value={status}
      onChange={setStatus}
    />
  );
  return (
    <>
      <Head title={title ?? t("common.tab.applications")}>
        {may("add-app") && (
          <Button kind="primary" icon="plus" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
            {t("settings.apps.new")}
          </Button>
        )}
      </Head>
      <div className="rc-sec">
        <p className="rc-muted rc-measure">{t("settings.apps.help")}</p>
        {isNew && <NewApplication onDone={() => setNew(false)} onMade={onOpen} />}
        <OpenList
          label={t("common.tab.applications")}
          list={list}
          columns={columns}
          search={{ label: t("settings.apps.search"), text: search, onType: type, filters: filter }}
          isFiltered={search !== "" || status !== undefined}
          onClear={() => (type(""), setStatus(undefined))}
          icon="key"
          none={{
            title: t("settings.apps.none"),
            help: t("settings.apps.none.help"),
            filtered: t("settings.apps.nothing"),
          }}
          nameOf={nameOf}
          button={t("settings.apps.open")}
          opened={opened?.row}
          onOpen={onOpen}
        >
          {(row) => (
            <ApplicationDetails
              key={row.subject}
              row={row}
              version={opened?.version}
              onGone={() => onOpen(undefined)}
            />
          )}
        </OpenList>
      </div>
    </>
  );
}

interface RowProps {
  row: ApplicationRow;
}

function Named({ row }: RowProps): ReactNode {
  return (
    <>
      <b>{nameOf(row)}</b>
      <br />
      <span className="rc-faint">{row.subject}</span>
    </>
  );
}

function Roles({ row: { roles } }: RowProps): ReactNode {
  return (
    <span className="rc-row">
      {roles.map((role) => (
        <span key={`${role.role} ${role.at} ${role.from}`} className="rc-grant">
          <span className="rc-grant__role">{role.title ?? role.role}</span>
        </span>
      ))}
    </span>
  );
}

function Secret({ row: { secrets } }: RowProps): ReactNode {
  const t = useText();
  const valid = secrets.filter(({ expired }) => expired === undefined);
  if (valid.length === 0)
    return (
      <span className="rc-losetext">
        {t(secrets.length === 0 ? "settings.apps.secret.none" : "settings.apps.secret.ended")}
      </span>
    );
  const ends = valid
    .map(({ until }) => until)
    .sort()
    .at(-1);
  if (ends === undefined) return t("settings.apps.secret.forever");
  return (
    <>
      {t("settings.ends")} <When time={ends} />
    </>
  );
}

function Used({ row: { secrets } }: RowProps): ReactNode {
  const t = useText();
  const uses = secrets.flatMap(({ last_use: use }) => (use === undefined ? [] : [use.time])).sort();
  const used = uses.at(-1);
  return <span className="rc-muted">{used === undefined ? t("settings.never") : <When time={used} />}</span>;
}

function Status({ row: { status } }: RowProps): ReactNode {
  const t = useText();
  return (
    <span className="rc-status" data-state={status}>
      {status === "active" || status === "suspended" ? t(`settings.status.${status}`) : status}
    </span>
  );
}
