/** The roles of a scope, to choose from. */

import { memo, type ReactNode, useMemo, useState } from "react";
import { useFlag, useTyped } from "../address.js";
import { queryText } from "../hash.js";
import { useNumber, useText } from "../messages/index.js";
import { Empty, Icon, Link, Search, Tag, TextButton } from "../ui/index.js";
import type { RoleRow } from "./row.js";
import { NEW } from "./drafts.js";
import { isFlag, roleTitle } from "./words.js";

export interface RoleListProps {
  rows: readonly RoleRow[];
  /** The key of the current role. */
  current: string | undefined;
  /** The keys of roles with changes that are not saved, with spaces between them. */
  unsaved: string;
  /** The title of the role that is not saved yet. */
  created?: string | undefined;
  /** The keys and titles of roles that are gone, with changes that are not saved. */
  gone: readonly (readonly [string, string])[];
  /** The address of a role, by its key. */
  to: (key: string) => string;
}

/** Returns the key of a role: two scopes can have custom roles of the same name. */
export const roleKey = (row: { role: string; at?: string }): string =>
  row.at === undefined ? row.role : `${row.role}@${row.at}`;

interface Groups {
  custom: RoleRow[];
  policy: RoleRow[];
  deprecated: RoleRow[];
  modified: number;
}

/** Returns the roles that a search finds, in the groups of the list. */
export function grouped(rows: readonly RoleRow[], search: string): Groups {
  const text = search.trim().toLowerCase();
  const finds = (row: RoleRow): boolean =>
    [row.role, row.title, row.description].some((one) => one?.toLowerCase().includes(text) ?? false);
  const found = text === "" ? rows : rows.filter(finds);
  const sorted = [...found].sort((one, other) => roleTitle(one, one.role).localeCompare(roleTitle(other, other.role)));
  const policy = sorted.filter((row) => row.origin === "policy" && row.deprecated === undefined);
  return {
    custom: sorted.filter((row) => row.origin === "custom"),
    policy,
    deprecated: sorted.filter((row) => row.deprecated !== undefined),
    modified: policy.filter((row) => row.overlay !== undefined).length,
  };
}

/** The roles of a scope: custom ones, those of the policy, and deprecated ones, which are folded away. */
export const RoleList = memo(function RoleList(props: RoleListProps): ReactNode {
  const { rows, current, unsaved, created, gone } = props;
  const t = useText();
  const [search, setSearch] = useTyped("list");
  // The list stays as it is when one chooses from it.
  const to = (key: string): string => props.to(key) + queryText({ list: search });
  const [isOpen, setOpen] = useState(false);
  const [showsOld, setShowsOld] = useFlag("old");
  const groups = useMemo(() => grouped(rows, search), [rows, search]);
  const chosen = rows.find((row) => roleKey(row) === current);
  const { custom, policy, deprecated, modified } = groups;
  const isOld = deprecated.some((row) => roleKey(row) === current);
  const list = (members: readonly RoleRow[]): ReactNode => (
    <ul className="rc-list">
      {members.map((row) => (
        <li key={roleKey(row)}>
          <RoleEntry
            row={row}
            to={to(roleKey(row))}
            isCurrent={roleKey(row) === current}
            isUnsaved={isIn(unsaved, roleKey(row))}
          />
        </li>
      ))}
    </ul>
  );
  const preset = modified > 0 ? t("roles.list.preset.modified", { n: policy.length, modified }) : String(policy.length);
  return (
    <nav className="rc-panel rc-roles__list" aria-label={t("roles.list.label")} data-open={isOpen || undefined}>
      <button type="button" className="rc-roles__pick" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span>
          <span className="rc-eyebrow">{t("roles.role")}</span> {chosen ? roleTitle(chosen, chosen.role) : ""}
        </span>
        <Icon name="down" />
      </button>
      <div className="rc-roles__scroll">
        <Search
          label={t("roles.list.search")}
          placeholder={t("roles.list.search.n", { n: rows.length })}
          value={search}
          onChange={setSearch}
        />
        {(custom.length > 0 || gone.length > 0 || created !== undefined) && (
          <Group title={t("roles.list.custom")} count={String(custom.length)} />
        )}
        {created !== undefined && (
          <ul className="rc-list">
            <li>
              <Link to={to(NEW)} aria-current={current === NEW ? "true" : undefined}>
                <span className="rc-list__name">{created}</span>
                <Dot />
              </Link>
            </li>
          </ul>
        )}
        {gone.length > 0 && (
          <ul className="rc-list">
            {gone.map(([key, title]) => (
              <li key={key}>
                <Link to={to(key)} aria-current={current === key ? "true" : undefined}>
                  <span className="rc-list__name">{title}</span>
                  <Dot />
                </Link>
              </li>
            ))}
          </ul>
        )}
        {custom.length > 0 && list(custom)}
        {policy.length > 0 && <Group title={t("roles.list.preset")} count={preset} />}
        {policy.length > 0 && list(policy)}
        {deprecated.length > 0 && (
          <>
            <p className="rc-roles__old">
              <TextButton aria-expanded={showsOld || isOld} onClick={() => setShowsOld(!showsOld)}>
                {t("roles.list.deprecated", { n: deprecated.length })}
              </TextButton>
            </p>
            {(showsOld || isOld) && list(deprecated)}
          </>
        )}
        {custom.length + policy.length + deprecated.length === 0 && (
          <Empty
            icon="search"
            title={t("roles.list.none", { search })}
            actions={<TextButton onClick={() => setSearch("")}>{t("common.filter.clear")}</TextButton>}
          />
        )}
      </div>
    </nav>
  );
});

const isIn = (keys: string, key: string): boolean => keys.split(" ").includes(key);

function Group({ title, count }: { title: string; count: string }): ReactNode {
  return (
    <h2 className="rc-list__group">
      {title} <span>{count}</span>
    </h2>
  );
}

/** The mark of a role with changes that are not saved. */
function Dot(): ReactNode {
  const t = useText();
  return (
    <span className="rc-list__dot" title={t("roles.mark.unsaved")}>
      <span className="rc-sr">{t("roles.mark.unsaved")}</span>
    </span>
  );
}

interface RoleEntryProps {
  row: RoleRow;
  to: string;
  isCurrent: boolean;
  isUnsaved: boolean;
}

function RoleEntry({ row, to, isCurrent, isUnsaved }: RoleEntryProps): ReactNode {
  const t = useText();
  const number = useNumber();
  return (
    <Link to={to} aria-current={isCurrent ? "true" : undefined}>
      <span className="rc-list__name" title={row.description}>
        {roleTitle(row, row.role)}
      </span>
      {isUnsaved && <Dot />}
      {row.origin === "policy" && row.overlay !== undefined && <Tag kind="accent">{t("roles.mark.modified")}</Tag>}
      {isFlag(row) && <Tag kind="warn">{t("roles.mark.flag")}</Tag>}
      {row.members !== undefined && (
        <span className="rc-list__n">
          <span className="rc-sr">{t("roles.list.members")} </span>
          {number(row.members)}
        </span>
      )}
    </Link>
  );
}
