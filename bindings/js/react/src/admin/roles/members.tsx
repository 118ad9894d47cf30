/** The members of a role, next to its permissions. */

import type { ReactNode } from "react";
import type { MemberRow } from "rolecall/client";
import { usePages } from "../data.js";
import { useText } from "../messages/index.js";
import { MoreRows } from "../more.js";
import { useNames } from "../names.js";
import { useNavigation } from "../navigation.js";
import { pagesOf } from "../pages.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import { ErrorNote, Link, Panel, Skeleton, TableWrap, Tag, When } from "../ui/index.js";
import { CsvButton } from "./download.js";
import type { RoleRow } from "./row.js";

const PAGE = 50;

export interface MembersProps {
  row: RoleRow;
  /** The id of the panel. */
  id: string;
  /** The list of users, with those of the role. */
  to: string;
}

/** Who holds a role: where, from whom, and until when. */
export function Members({ row, id, to }: MembersProps): ReactNode {
  const t = useText();
  const { client, at } = useAdmin();
  // A role of the same name can be defined at another scope below.
  const home = row.at?.startsWith(`${at}/`) ? row.at : at;
  const params = { at: home, role: row.role, limit: PAGE };
  const list = usePages<MemberRow>(["members", params], async (reads, after, signal) => {
    const { members, version } = await reads.show("role", { ...params, ...(after && { after }) }, { signal });
    return { ...(members ?? { rows: [], total: 0 }), version };
  });
  const { rows, error } = list;
  const name = useNames(
    rows.flatMap(({ subject, through }) => (through === undefined ? [subject] : [subject, through])),
  );
  const csv = (): Promise<string> =>
    pagesOf<string>(async (after) => {
      const page = { ...params, limit: 1_000, ...(after !== undefined && { after }) };
      const { members } = await client.show("role", page);
      return { next: members?.next, text: await client.csv("role", page) };
    });
  return (
    <div id={id} className="rc-roles__note">
      <Panel
        title={t("roles.list.members.head")}
        aside={
          <>
            <Link className="rc-push rc-small" to={to}>
              {t("roles.members.users")}
            </Link>
            <CsvButton name={`${row.role}.csv`} load={csv} />
          </>
        }
      >
        {error !== null && rows.length === 0 && <ErrorNote error={error} retry={list.reload} />}
        {(list.loading || name.loading) && <Skeleton rows={4} columns={4} />}
        {rows.length === 0 && !list.loading && error === null && (
          <p className="rc-panel__body rc-muted">{t("roles.members.none")}</p>
        )}
        {rows.length > 0 && !name.loading && <Table rows={rows} name={name} />}
        <MoreRows list={list as never} />
      </Panel>
    </div>
  );
}

function Table({ rows, name }: { rows: readonly MemberRow[]; name: (id: string) => string }): ReactNode {
  const t = useText();
  const scope = useScopeTitle();
  const heads = ["roles.members.who", "reports.scope", "reports.through", "reports.ends"] as const;
  return (
    <TableWrap label={t("roles.list.members.head")}>
      <table role="table" className="rc-table rc-table--cards">
        <thead>
          <tr role="row">
            {heads.map((head) => (
              <th key={head} role="columnheader" scope="col">
                {t(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((member, index) => (
            <tr key={index} role="row">
              <td role="cell">
                <Member member={member} name={name(member.subject)} />
              </td>
              <td role="cell" data-wide="" data-label={t("reports.scope")}>
                {scope(member.at)} {member.below === false && <Tag>{t("users.role.here")}</Tag>}
              </td>
              <td role="cell" data-wide="" data-label={t("reports.through")}>
                {member.through === undefined ? t("reports.direct") : name(member.through)}
              </td>
              <td role="cell" data-wide="" data-label={t("reports.ends")}>
                <Term member={member} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableWrap>
  );
}

function Member({
  member: { subject, status, member_count: count },
  name,
}: {
  member: MemberRow;
  name: string;
}): ReactNode {
  const t = useText();
  const { place } = useNavigation();
  if (count !== undefined)
    return (
      <>
        {name} <span className="rc-count">{t("users.group.members", { n: count })}</span>
      </>
    );
  return (
    <>
      <Link to={place({ tab: "users", path: [subject] })}>{name}</Link>{" "}
      {status !== undefined && status !== "active" && <Tag>{t(`users.status.${status}`)}</Tag>}
    </>
  );
}

/** When a role ends, or begins. */
function Term({ member: { from, until, state } }: { member: MemberRow }): ReactNode {
  const t = useText();
  if (state === "not-yet" && from !== undefined)
    return (
      <>
        <Tag>{t("roles.matrix.mark.not-yet")}</Tag> <When time={from} />
      </>
    );
  if (until === undefined) return <span className="rc-faint">{t("users.end.none")}</span>;
  return (
    <>
      {state === "expired" && <Tag>{t("roles.matrix.mark.expired")}</Tag>} <When time={until} />
    </>
  );
}
