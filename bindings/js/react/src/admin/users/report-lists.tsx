/** The lists of the server as reports. */

import type { ReactNode } from "react";
import type { EndingRow, InactiveRow, LabelReaderRow } from "rolecall/client";
import { type List, useList } from "../data.js";
import { type MessageKey, useText } from "../messages/index.js";
import { useNames } from "../names.js";
import { useNavigation } from "../navigation.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import { Empty, ErrorNote, Link, Panel, Skeleton, Tag, useNow, When } from "../ui/index.js";
import { End, Grants } from "./grants.js";
import { displayName, type Held, type Named } from "./logic/holders.js";
import type { ReportParams } from "./reports.js";
import { MoreRows } from "../more.js";

interface Column<Row> {
  title: MessageKey;
  cell: (row: Row) => ReactNode;
}

interface ReportProps<Row> {
  title: MessageKey;
  list: List<Row>;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  empty: MessageKey;
  help: MessageKey;
}

/** A list with columns, and its states. */
export function Report<Row>({ title, list, columns, keyOf, empty, help }: ReportProps<Row>): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  const count = list.total !== undefined && <span className="rc-count">{t("users.count", { n: list.total })}</span>;
  return (
    <Panel title={t(title)} aside={count}>
      {list.error !== null && list.error !== undefined && list.rows.length === 0 && (
        <ErrorNote error={list.error} retry={list.reload} />
      )}
      {list.loading && <Skeleton rows={5} columns={columns.length} />}
      {!list.loading && list.rows.length === 0 && !list.error && (
        <Empty icon="check" title={t(empty, { scope })}>
          {t(help)}
        </Empty>
      )}
      {list.rows.length > 0 && (
        <table role="table" className="rc-table rc-table--cards rc-report" aria-label={t(title)} aria-busy={list.stale}>
          <thead>
            <tr role="row">
              {columns.map((column) => (
                <th key={column.title} role="columnheader" scope="col">
                  {t(column.title)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {list.rows.map((row) => (
              <tr key={keyOf(row)} role="row">
                {columns.map((column, index) => (
                  <td
                    key={column.title}
                    role="cell"
                    data-wide=""
                    data-label={index === 0 ? undefined : t(column.title)}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <MoreRows list={list as List<never>} />
    </Panel>
  );
}

/** A name that leads to the page of the person. */
export function PersonLink({ row }: { row: Named & { kind?: string } }): ReactNode {
  const { place } = useNavigation();
  const name = displayName(row);
  if (row.subject.startsWith("group:")) return <>{name}</>;
  return <Link to={place({ tab: "users", path: [row.subject] })}>{name}</Link>;
}

/** The column of a person in rows whose title is that of a role. */
function useNamed(rows: readonly { subject: string; name?: string }[]): Column<{ subject: string; name?: string }> {
  const name = useNames(rows.flatMap((row) => (row.name === undefined ? [row.subject] : [])));
  return {
    title: "reports.person",
    cell: (row) => <PersonLink row={{ subject: row.subject, name: row.name ?? name(row.subject) }} />,
  };
}

const PERSON = { title: "reports.person", cell: (row: Named) => <PersonLink row={row} /> } as const;

function Role({
  role,
  title,
  at,
}: {
  role: string | undefined;
  title: string | undefined;
  at: string | undefined;
}): ReactNode {
  const scope = useScopeTitle();
  if (role === undefined) return at === undefined ? null : <>{scope(at)}</>;
  return (
    <span className="rc-grant">
      <span className="rc-grant__role">{title ?? role}</span>
      {at !== undefined && <span className="rc-grant__at">{scope(at)}</span>}
    </span>
  );
}

/** The list of roles and secrets that end soon, the first end first. */
export function Ending({ params }: { params: ReportParams }): ReactNode {
  const t = useText();
  const now = useNow();
  const list = useList("ending", params);
  const person = useNamed(list.rows);
  const columns: Column<EndingRow>[] = [
    { title: "reports.ends", cell: ({ until }) => <End until={until} now={now} /> },
    person,
    { title: "reports.what", cell: ({ what }) => t(`reports.what.${what}` as MessageKey) },
    { title: "users.add.role", cell: ({ role, title, at }) => <Role role={role} title={title} at={at} /> },
  ];
  const keyOf = ({ what, subject, role, at, until, secret }: EndingRow): string =>
    [what, subject, role, at, until, secret].join(" ");
  return (
    <Report
      title="reports.ending"
      list={list}
      columns={columns}
      keyOf={keyOf}
      empty="reports.ending.empty"
      help="reports.ending.empty.help"
    />
  );
}

/** Who may read personal data, and by which role. */
export function Readers({ params }: { params: ReportParams }): ReactNode {
  const t = useText();
  const now = useNow();
  const list = useList("personal-data-readers", params);
  const person = useNamed(list.rows);
  const group = useNames(list.rows.flatMap(({ through = "" }) => through));
  const columns: Column<LabelReaderRow>[] = [
    person,
    {
      title: "reports.labels",
      cell: ({ labels }) => labels.map((label) => <Tag key={label}>{label.toUpperCase()}</Tag>),
    },
    { title: "users.add.role", cell: ({ role, title, at }) => <Role role={role} title={title} at={at} /> },
    {
      title: "reports.through",
      cell: ({ through }) => (through === undefined ? t("reports.direct") : group(through)),
    },
    { title: "reports.ends", cell: ({ until }) => <End until={until} now={now} /> },
  ];
  const keyOf = ({ subject, role, at, through, from, until }: LabelReaderRow): string =>
    [subject, role, at, through, from, until].join(" ");
  return (
    <Report
      title="reports.readers"
      list={list}
      columns={columns}
      keyOf={keyOf}
      empty="reports.readers.empty"
      help="reports.readers.empty.help"
    />
  );
}

/** Accounts that nobody used for a while. */
export function Inactive({ params }: { params: ReportParams }): ReactNode {
  const t = useText();
  const now = useNow();
  const list = useList("inactive", params);
  const columns: Column<InactiveRow>[] = [
    PERSON,
    {
      title: "reports.login",
      cell: ({ last_login }) => (last_login === undefined ? t("reports.login.never") : <When time={last_login} />),
    },
    { title: "users.column.roles", cell: ({ roles }) => <Grants roles={roles as readonly Held[]} now={now} /> },
    {
      title: "users.column.status",
      cell: ({ status }) =>
        status !== undefined && (
          <span className="rc-status" data-state={status}>
            {t(`users.status.${status}`)}
          </span>
        ),
    },
  ];
  return (
    <Report
      title="reports.inactive"
      list={list}
      columns={columns}
      keyOf={({ subject }) => subject}
      empty="reports.inactive.empty"
      help="reports.inactive.empty.help"
    />
  );
}
