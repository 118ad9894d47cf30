/** A row of the list of people, and what opens below it. */

import { memo, type ReactNode } from "react";
import type { HolderRow } from "rolecall/client";
import { useText } from "../messages/index.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, Link, Tag, Who } from "../ui/index.js";
import { AccountMenu } from "./account-actions.js";
import { AddRole } from "./add-role.js";
import { End, Grants } from "./grants.js";
import { displayName, type Held, nextEnd } from "./logic/holders.js";
import { RolesOf } from "./roles-of.js";

export interface RowProps {
  row: HolderRow;
  now: Date;
  isOpen: boolean;
  mayAssign: boolean;
  /** The address of the page of a person; absent without such pages. */
  to: string | undefined;
  onToggle: (subject: string) => void;
}

/** The columns of the list, for the cells that span them. */
export const COLUMNS = 6;

/** A person, application, member of support staff, or group. */
export const UserRow = memo(function UserRow({ row, now, isOpen, mayAssign, to, onToggle }: RowProps): ReactNode {
  const t = useText();
  const { subject, status } = row;
  const name = displayName(row);
  const roles = row.roles as readonly Held[];
  return (
    <>
      <td role="cell">
        <Who
          avatar={name}
          name={to === undefined ? name : <Link to={to}>{name}</Link>}
          detail={<Detail row={row} name={name} />}
        />
      </td>
      <td role="cell" data-wide="">
        <Grants roles={roles} now={now} />
      </td>
      <td role="cell" data-label={t("users.column.end")} data-wide="" className="rc-nowrap rc-users__end">
        <End until={nextEnd(roles)} now={now} />
      </td>
      <td role="cell" data-label={t("users.column.native")} data-wide="" className="rc-users__dom">
        <Native row={row} />
      </td>
      <td role="cell" className="rc-users__st">
        {status !== undefined && (
          <span className="rc-status" data-state={status}>
            {t(`users.status.${status}`)}
          </span>
        )}
      </td>
      <td role="cell" className="rc-num rc-users__go">
        {mayAssign && (
          <AddRole linked subject={subject} name={name} kind="quiet" small iconOnly icon="plus">
            {t("users.add.name", { name })}
          </AddRole>
        )}
        <Button
          kind="quiet"
          small
          iconOnly
          icon={isOpen ? "down" : "right"}
          aria-expanded={isOpen}
          onClick={() => onToggle(subject)}
        >
          {t("users.open", { name })}
        </Button>
      </td>
    </>
  );
});

/** The line below the name: the address, the id, or the number of members. */
function Detail({ row, name }: { row: HolderRow; name: string }): ReactNode {
  const t = useText();
  const { subject, email, member_count, hidden } = row;
  if (member_count !== undefined) return t("users.group.members", { n: member_count });
  const detail = email !== undefined && email !== name ? email : subject;
  return hidden === undefined ? detail : `${detail} · ${t("users.hidden")}`;
}

/** The identity domain. That of another tenant is “Other”. */
export function Native({ row: { native, external } }: { row: Pick<HolderRow, "native" | "external"> }): ReactNode {
  const t = useText();
  const title = useScopeTitle();
  if (native === undefined) return null;
  return (
    <>
      {native === "Other" ? <span className="rc-muted">{t("users.native.other")}</span> : title(native)}{" "}
      {external === true && <Tag>{t("users.external")}</Tag>}
    </>
  );
}

/** The roles of a row, and what can be done to the account. */
export function OpenRow({ row, to }: { row: HolderRow; to: string | undefined }): ReactNode {
  const t = useText();
  const may = useMay();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  const { subject, email, status, external } = row;
  const name = displayName(row);
  const roles = row.roles as readonly Held[];
  return (
    <td role="cell" colSpan={COLUMNS} data-wide="">
      <div className="rc-users__open">
        <div className="rc-stack rc-stack--s">
          <div className="rc-row">
            <h3>{t("users.open", { name })}</h3>
            {to !== undefined && (
              <Link to={to} className="rc-more">
                {t("users.everything", { name })}
              </Link>
            )}
            <span className="rc-row rc-row--tight rc-push">
              {row.member_count === undefined && (
                <AccountMenu account={{ subject, name, email, status, external, roles }} />
              )}
              {may("assign") && <AddRole subject={subject} name={name} small icon="plus" />}
            </span>
          </div>
          {roles.length === 0 ? (
            <p className="rc-muted">{t("person.roles.none", { scope })}</p>
          ) : (
            <RolesOf subject={subject} name={name} roles={roles} />
          )}
        </div>
      </div>
    </td>
  );
}
