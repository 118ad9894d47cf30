/** The head of the role editor: what the role is, whom it includes, and what can be done with it. */

import { type ReactNode, useId, useState } from "react";
import { Text, useText } from "../messages/index.js";
import {
  Button,
  Check,
  Field,
  Icon,
  Input,
  Link,
  Menu,
  type MenuEntry,
  Popover,
  Search,
  Tag,
  TextArea,
  TextButton,
} from "../ui/index.js";
import type { RoleRow } from "./row.js";
import type { RoleContent, RoleOrigin } from "./draft.js";
import { isFlag, roleTitle } from "./words.js";

export interface RoleHeadProps {
  origin: RoleOrigin;
  row: RoleRow | undefined;
  rows: readonly RoleRow[];
  content: RoleContent;
  /** Absent if nothing may be changed. */
  onChange?: ((content: RoleContent) => void) | undefined;
  /** The roles that this one may include. Absent if they cannot be changed. */
  includable?: readonly RoleRow[] | undefined;
  to: (role: string) => string;
  /** The id of the list of members, and whether it is open. */
  members: { id: string; isOpen: boolean; open: (isOpen: boolean) => void };
  actions: readonly MenuEntry[];
  onCompare: () => void;
  onCopy?: (() => void) | undefined;
}

/** The title, the marks, the description and the roles that are included. */
export function RoleHead(props: RoleHeadProps): ReactNode {
  const { origin, row, rows, content, onChange, includable, to, members, actions, onCompare, onCopy } = props;
  const t = useText();
  const [isNaming, setNaming] = useState(origin.isNew && content.title === "");
  const titles = new Map(rows.map((one) => [one.role, roleTitle(one, one.role)]));
  const shown = content.inherits.filter((role) => !rows.some((one) => one.role === role && isFlag(one)));
  return (
    <div className="rc-roles__head">
      <div className="rc-stack rc-stack--s rc-grow">
        <div className="rc-row">
          <h2 className="rc-roles__title" id="rc-role">
            {content.title || origin.role}
          </h2>
          <Marks origin={origin} row={row} titles={titles} />
          {onChange !== undefined && (
            <Button kind="quiet" small aria-expanded={isNaming} onClick={() => setNaming(!isNaming)}>
              {t("roles.rename")}
            </Button>
          )}
        </div>
        {isNaming && onChange !== undefined ? (
          <Naming content={content} onChange={onChange} />
        ) : (
          content.description !== "" && <p className="rc-muted">{content.description}</p>
        )}
        <div className="rc-row rc-small">
          {row?.members !== undefined && (
            <>
              <TextButton
                aria-expanded={members.isOpen}
                aria-controls={members.isOpen ? members.id : undefined}
                onClick={() => members.open(!members.isOpen)}
              >
                {t("roles.members", { n: row.members })} <Icon name={members.isOpen ? "down" : "right"} small />
              </TextButton>
              <span className="rc-faint">·</span>
            </>
          )}
          {shown.length === 0 ? (
            <span className="rc-muted">{t("roles.includes.none")}</span>
          ) : (
            <span>
              <Text
                id="roles.includes"
                values={{
                  roles: shown.map((role, index) => included(role, index, titles.get(role) ?? role, to(role))),
                }}
              />
            </span>
          )}
          {includable !== undefined && onChange !== undefined && (
            <Includes content={content} roles={includable} onChange={onChange} />
          )}
        </div>
      </div>
      <div className="rc-row">
        <Button small onClick={onCompare}>
          {t("roles.compare")}
        </Button>
        {onCopy !== undefined && (
          <Button small onClick={onCopy}>
            {t("roles.copy")}
          </Button>
        )}
        {actions.length > 0 && (
          <Menu
            label={t("roles.more")}
            button={t("roles.more")}
            small
            iconOnly
            icon="more"
            groups={[{ id: "role", entries: actions }]}
          />
        )}
      </div>
    </div>
  );
}

const included = (role: string, index: number, title: string, to: string): ReactNode => (
  <span key={role}>
    {index > 0 && ", "}
    <Link to={to}>{title}</Link>
  </span>
);

type MarksProps = Pick<RoleHeadProps, "origin" | "row"> & { titles: ReadonlyMap<string, string> };

function Marks({ origin, row, titles }: MarksProps): ReactNode {
  const t = useText();
  if (origin.isNew) return <Tag kind="accent">{t("roles.mark.new")}</Tag>;
  return (
    <>
      <Tag kind={origin.kind === "custom" ? "solid" : "plain"}>
        {origin.kind === "custom" ? t("roles.mark.custom") : t("roles.mark.preset")}
      </Tag>
      {origin.kind === "policy" && row?.overlay !== undefined && <Tag kind="accent">{t("roles.mark.modified")}</Tag>}
      {row?.copy_of !== undefined && (
        <Tag>{t("roles.mark.copy", { role: titles.get(row.copy_of) ?? row.copy_of })}</Tag>
      )}
      {row !== undefined && isFlag(row) && <Tag kind="warn">{t("roles.mark.flag")}</Tag>}
      {row?.deprecated !== undefined && <Tag kind="warn">{t("roles.mark.deprecated")}</Tag>}
      {row?.available === false && <Tag kind="warn">{t("roles.mark.unavailable")}</Tag>}
    </>
  );
}

function Naming({ content, onChange }: { content: RoleContent; onChange: (content: RoleContent) => void }): ReactNode {
  const t = useText();
  return (
    <div className="rc-stack rc-stack--s rc-roles__naming">
      <Field label={t("roles.name")}>
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={200}
            value={content.title}
            onChange={(event) => onChange({ ...content, title: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("roles.description")}>
        {(control) => (
          <TextArea
            {...control}
            rows={2}
            maxLength={2000}
            value={content.description}
            onChange={(event) => onChange({ ...content, description: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

interface IncludesProps {
  content: RoleContent;
  roles: readonly RoleRow[];
  onChange: (content: RoleContent) => void;
}

/** Chooses the roles that are included. */
function Includes({ content, roles, onChange }: IncludesProps): ReactNode {
  const t = useText();
  const id = useId();
  const [search, setSearch] = useState("");
  const text = search.trim().toLowerCase();
  const found = roles.filter((row) => [row.role, row.title].some((one) => one?.toLowerCase().includes(text)));
  const set = (role: string, on: boolean): void => {
    const others = content.inherits.filter((one) => one !== role);
    onChange({ ...content, inherits: (on ? [...others, role] : others).sort() });
  };
  return (
    <Popover label={t("roles.includes.title")} button={t("roles.includes.change")} kind="quiet" small>
      {() => (
        <div className="rc-pick" id={id}>
          <Search label={t("roles.includes.title")} value={search} onChange={setSearch} />
          <ul className="rc-pick__list">
            {found.map((row) => (
              <li key={row.role}>
                <Check
                  checked={content.inherits.includes(row.role)}
                  onChange={(on) => set(row.role, on)}
                  title={row.description}
                >
                  {roleTitle(row, row.role)}
                </Check>
              </li>
            ))}
          </ul>
          {found.length === 0 && <p className="rc-small rc-muted">{t("roles.list.none", { search })}</p>}
        </div>
      )}
    </Popover>
  );
}
