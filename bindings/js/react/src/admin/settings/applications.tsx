/** Applications, their settings and secrets. */

import { type ReactNode, useState } from "react";
import type { ApplicationRow } from "rolecall/client";
import { useList } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { Button, Empty, ErrorNote, Filter, Head, Panel, Search, Skeleton, TableWrap, When } from "../ui/index.js";
import { ApplicationDetails } from "./application.js";
import { Opened } from "./form.js";
import { NewApplication } from "./new-application.js";

export interface ApplicationsProps {
  title?: ReactNode;
  /** The application that is open. */
  open?: string | undefined;
  onOpen: (subject: string | undefined) => void;
}

/** The applications of a scope. Each opens to show its settings and secrets. */
export function Applications({ title, open, onOpen }: ApplicationsProps): ReactNode {
  const t = useText();
  const may = useMay();
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<"active" | "suspended" | undefined>(undefined);
  const [isNew, setNew] = useState(false);
  const list = useList("applications", { ...(search !== "" && { search }), ...(status !== undefined && { status }) });
  // What is open stays when a search leaves it out, and can be on another page of the list.
  const linked = useList("applications", { search: open ?? "" }, { enabled: open !== undefined });
  const source = [list, linked].find(({ rows }) => rows.some(({ subject }) => subject === open));
  const opened = source?.rows.find(({ subject }) => subject === open);
  const isFiltered = search !== "" || status !== undefined;
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
        <h2 className="rc-sr">{t("common.tab.applications")}</h2>
        <div className="rc-row rc-filters">
          <Search label={t("settings.apps.search")} value={search} onChange={setSearch} />
          <Filter
            label={t("settings.status")}
            options={(["active", "suspended"] as const).map((value) => ({
              value,
              label: t(`settings.status.${value}`),
            }))}
            value={status}
            onChange={setStatus}
          />
        </div>
        {list.error != null && <ErrorNote error={list.error} retry={list.reload} />}
        {list.loading && <Skeleton rows={4} columns={5} />}
        {list.total === 0 && (
          <Empty
            icon="key"
            title={t(isFiltered ? "settings.apps.nothing" : "settings.apps.none")}
            actions={
              isFiltered && (
                <Button onClick={() => (setSearch(""), setStatus(undefined))}>{t("common.filter.clear")}</Button>
              )
            }
          >
            {isFiltered ? undefined : t("settings.apps.none.help")}
          </Empty>
        )}
        {list.rows.length > 0 && (
          <Panel>
            <TableWrap label={t("common.tab.applications")}>
              <table role="table" className="rc-table rc-table--cards">
                <thead>
                  <tr>
                    {(
                      [
                        "settings.apps.app",
                        "settings.roles",
                        "settings.apps.secret",
                        "settings.apps.used",
                        "settings.status",
                      ] as const
                    ).map((key) => (
                      <th key={key} scope="col">
                        {t(key)}
                      </th>
                    ))}
                    <th scope="col">
                      <span className="rc-sr">{t("common.more")}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {list.rows.map((row) => (
                    <Row
                      key={row.subject}
                      row={row}
                      isOpen={open === row.subject}
                      onOpen={() => onOpen(open === row.subject ? undefined : row.subject)}
                    />
                  ))}
                </tbody>
              </table>
            </TableWrap>
            {list.hasMore && (
              <Button small pending={list.loadingMore} onClick={list.more}>
                {t("common.more.rows")}
              </Button>
            )}
          </Panel>
        )}
        {opened !== undefined && (
          <Opened title={opened.title ?? opened.subject} onClose={() => onOpen(undefined)}>
            <ApplicationDetails key={opened.subject} row={opened} version={source?.version} />
          </Opened>
        )}
      </div>
    </>
  );
}

function Row({ row, isOpen, onOpen }: { row: ApplicationRow; isOpen: boolean; onOpen: () => void }): ReactNode {
  const t = useText();
  const { subject, title, roles, secrets, status } = row;
  const valid = secrets.filter(({ expired }) => expired === undefined);
  const ends = valid
    .map(({ until }) => until)
    .sort()
    .at(-1);
  const uses = secrets.flatMap(({ last_use: use }) => (use === undefined ? [] : [use.time])).sort();
  const used = uses.at(-1);
  return (
    <tr data-selected={isOpen || undefined}>
      <td>
        <b>{title ?? subject.replace("app:", "")}</b>
        <br />
        <span className="rc-faint">{subject}</span>
      </td>
      <td data-label={t("settings.roles")} data-wide>
        <span className="rc-row">
          {roles.map((role) => (
            <span key={`${role.role} ${role.at} ${role.from}`} className="rc-grant">
              <span className="rc-grant__role">{role.title ?? role.role}</span>
            </span>
          ))}
        </span>
      </td>
      <td data-label={t("settings.apps.secret")} data-wide>
        {valid.length === 0 ? (
          <span className="rc-losetext">
            {t(secrets.length === 0 ? "settings.apps.secret.none" : "settings.apps.secret.ended")}
          </span>
        ) : ends === undefined ? (
          t("settings.apps.secret.forever")
        ) : (
          <>
            {t("settings.ends")} <When time={ends} />
          </>
        )}
      </td>
      <td data-label={t("settings.apps.used")} className="rc-muted" data-wide>
        {used === undefined ? t("settings.never") : <When time={used} />}
      </td>
      <td>
        <span className="rc-status" data-state={status}>
          {status === "active" || status === "suspended" ? t(`settings.status.${status}`) : status}
        </span>
      </td>
      <td className="rc-num" data-wide>
        <Button small aria-expanded={isOpen} onClick={onOpen}>
          {t("settings.apps.open")}
          <span className="rc-sr"> {title ?? subject}</span>
        </Button>
      </td>
    </tr>
  );
}
