/** Groups and their members. */

import { type ReactNode, useState } from "react";
import type { HolderRow } from "rolecall/client";
import { useCommand, useList, useView } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay } from "../provider.js";
import {
  Button,
  Confirm,
  CopyCommand,
  Empty,
  ErrorNote,
  Field,
  Head,
  Input,
  Note,
  Panel,
  Refused,
  Search,
  Skeleton,
  TableWrap,
  Tag,
} from "../ui/index.js";
import { commandLine } from "./command-line.js";
import { Opened } from "./form.js";

const nameOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1).replace("group:", "");

/** The groups of a scope. Each opens to show its members. */
export function Groups({
  title,
  open,
  onOpen,
}: {
  title?: ReactNode;
  open?: string | undefined;
  onOpen: (group: string | undefined) => void;
}): ReactNode {
  const t = useText();
  const may = useMay();
  const [search, setSearch] = useState("");
  const [isNew, setNew] = useState(false);
  const seesAccess = may("view-access");
  const list = useList("access", { kind: "groups", ...(search !== "" && { search }) }, { enabled: seesAccess });
  const locks = useView("locks", {}, { enabled: may("view-locks") });
  // What is open stays when a search leaves it out, and can be on another page of the list.
  const linked = useList(
    "access",
    { kind: "groups", search: open ?? "" },
    { enabled: seesAccess && open !== undefined },
  );
  const opened = [...list.rows, ...linked.rows].find(({ subject }) => subject === open);
  const lockedBy = (group: string): number =>
    (locks.data?.locks ?? []).filter(({ groups }) => groups.includes(group)).length;
  return (
    <>
      <Head title={title ?? t("common.tab.groups")}>
        {may("add-group") && (
          <Button kind="primary" icon="plus" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
            {t("settings.groups.new")}
          </Button>
        )}
      </Head>
      <div className="rc-sec">
        <p className="rc-muted rc-measure">{t("settings.groups.help")}</p>
        {isNew && <NewGroup onDone={() => setNew(false)} onMade={onOpen} />}
        <h2 className="rc-sr">{t("common.tab.groups")}</h2>
        {seesAccess ? (
          <div className="rc-row rc-filters">
            <Search label={t("settings.groups.search")} value={search} onChange={setSearch} />
          </div>
        ) : (
          <Note icon="eye">{t("settings.groups.hidden")}</Note>
        )}
        {list.error != null && <ErrorNote error={list.error} retry={list.reload} />}
        {list.loading && <Skeleton rows={4} columns={4} />}
        {list.total === 0 && (
          <Empty icon="users" title={t(search === "" ? "settings.groups.none" : "settings.groups.nothing", { search })}>
            {search === "" ? t("settings.groups.none.help") : undefined}
          </Empty>
        )}
        {list.rows.length > 0 && (
          <Panel>
            <TableWrap label={t("common.tab.groups")}>
              <table role="table" className="rc-table rc-table--cards">
                <thead>
                  <tr>
                    <th scope="col">{t("settings.groups.group")}</th>
                    <th scope="col">{t("settings.roles")}</th>
                    <th scope="col" className="rc-num">
                      {t("settings.groups.members")}
                    </th>
                    {may("view-locks") && (
                      <th scope="col" className="rc-num">
                        {t("settings.groups.locked")}
                      </th>
                    )}
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
                      locked={may("view-locks") ? lockedBy(row.subject) : undefined}
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
          <Opened title={opened.title ?? nameOf(opened.subject)} onClose={() => onOpen(undefined)}>
            <Members
              key={opened.subject}
              row={opened}
              locked={may("view-locks") ? lockedBy(opened.subject) : undefined}
              onGone={() => onOpen(undefined)}
            />
          </Opened>
        )}
      </div>
    </>
  );
}

interface RowProps {
  row: HolderRow;
  locked: number | undefined;
  isOpen: boolean;
  onOpen: () => void;
}

function Row({ row, locked, isOpen, onOpen }: RowProps): ReactNode {
  const t = useText();
  const { subject: group, title, member_count: count = 0, roles, mapped } = row;
  const isOrphaned = locked !== undefined && locked > 0 && count === 0;
  return (
    <tr data-selected={isOpen || undefined}>
      <td>
        <b>{title ?? nameOf(group)}</b>
        <br />
        <span className="rc-faint">{group}</span>{" "}
        {mapped !== undefined && <Tag>{t("settings.groups.mapped", { ...mapped })}</Tag>}
      </td>
      <td data-label={t("settings.roles")} data-wide>
        <span className="rc-row">
          {roles.map((role) => (
            <span key={`${role.role} ${role.at}`} className="rc-grant">
              <span className="rc-grant__role">{role.title ?? role.role}</span>
              <span className="rc-grant__at">{role.at}</span>
            </span>
          ))}
        </span>
      </td>
      <td className="rc-num" data-label={t("settings.groups.members")}>
        {count}
      </td>
      {locked !== undefined && (
        <td className="rc-num" data-label={t("settings.groups.locked")}>
          {locked} {isOrphaned && <span className="rc-warntext">{t("settings.groups.orphaned")}</span>}
        </td>
      )}
      <td className="rc-num" data-wide>
        <Button small aria-expanded={isOpen} onClick={onOpen}>
          {t("settings.groups.members")}
          <span className="rc-sr"> {title ?? nameOf(group)}</span>
        </Button>
      </td>
    </tr>
  );
}

interface MembersProps {
  row: HolderRow;
  /** The number of items that are locked for the group; undefined if they are not visible. */
  locked: number | undefined;
  onGone: () => void;
}

function Members({ row, locked, onGone }: MembersProps): ReactNode {
  const t = useText();
  const may = useMay();
  const runner = useCommand();
  const [member, setMember] = useState("");
  const [asks, ask] = useState(false);
  const { subject: group, members = [], member_count: count = 0, mapped } = row;
  const isOwn = mapped === undefined && group !== "group:everyone";
  const id = member.includes(":") ? member.trim() : `user:${member.trim()}`;
  const leave = (one: string): void =>
    void runner.run(
      { "leave-group": { group, member: one } },
      { done: t("settings.groups.left", { member: one }), undo: [{ "join-group": { group, member: one } }] },
    );
  const join = async (): Promise<void> => {
    if (
      await runner.run(
        { "join-group": { group, member: id } },
        {
          done: t("settings.groups.joined", { member: id }),
          // The list can be shorter than the group: who may have been a member before does not leave.
          undo: count > members.length || members.includes(id) ? [] : [{ "leave-group": { group, member: id } }],
        },
      )
    )
      setMember("");
  };
  const remove = async (): Promise<void> => {
    ask(false);
    if (
      await runner.run({ "delete-group": { group, cascade: true } }, { done: t("settings.groups.deleted", { group }) })
    )
      onGone();
  };
  return (
    <div className="rc-stack">
      <ul className="rc-row">
        {members.map((one) => (
          <li key={one} className="rc-grant">
            <span className="rc-grant__role">{one}</span>
            {isOwn && may("leave-group") && (
              <Button kind="quiet" small iconOnly icon="close" onClick={() => leave(one)}>
                {t("settings.groups.leave", { member: one })}
              </Button>
            )}
          </li>
        ))}
        {count > members.length && (
          <li className="rc-muted">{t("settings.groups.others", { n: count - members.length })}</li>
        )}
        {count === 0 && <li className="rc-muted">{t("settings.groups.nobody")}</li>}
      </ul>
      {!isOwn && <p className="rc-muted rc-small">{t("settings.groups.fixed")}</p>}
      {isOwn && may("join-group") && (
        <form
          className="rc-row"
          onSubmit={(event) => {
            event.preventDefault();
            if (member.trim() !== "") void join();
          }}
        >
          <Field label={t("settings.groups.join")} help={t("settings.groups.join.help")}>
            {(control) => (
              <Input {...control} value={member} onChange={({ target }) => (runner.reset(), setMember(target.value))} />
            )}
          </Field>
          <Button type="submit" pending={runner.pending} disabled={member.trim() === ""}>
            {t("settings.groups.add")}
          </Button>
        </form>
      )}
      {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
      <CopyCommand line command={commandLine("group", "join", group, member.trim() === "" ? "MEMBER" : id)} />
      {isOwn && may("delete-group") && (
        <div className="rc-row">
          <Button small kind="danger" icon="trash" onClick={() => ask(true)}>
            {t("settings.groups.delete")}
          </Button>
        </div>
      )}
      {asks && (
        <Confirm
          title={t("settings.groups.delete.ask", { group: nameOf(group) })}
          confirm={t("settings.groups.delete")}
          keep={t("settings.groups.keep")}
          onConfirm={() => void remove()}
          onClose={() => ask(false)}
        >
          <p>{t("settings.groups.delete.help", { members: count, roles: row.roles.length })}</p>
          {locked === undefined && <p>{t("settings.groups.delete.locks.hidden")}</p>}
          {locked !== undefined && locked > 0 && <p>{t("settings.groups.delete.locks", { n: locked })}</p>}
          <CopyCommand line command={commandLine("group", "delete", group, "--cascade")} />
        </Confirm>
      )}
    </div>
  );
}

function NewGroup({ onDone, onMade }: { onDone: () => void; onMade: (group: string) => void }): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const runner = useCommand();
  const [name, setName] = useState("");
  const group = `group:${at}/${name.trim()}`;
  const add = async (): Promise<void> => {
    if (
      !(await runner.run(
        { "add-group": { group, at } },
        { done: t("settings.groups.made", { name }), undo: [{ "delete-group": { group } }] },
      ))
    )
      return;
    onDone();
    onMade(group);
  };
  return (
    <Panel>
      <form
        className="rc-panel__body rc-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") void add();
        }}
      >
        <Field label={t("settings.groups.name")} help={t("settings.groups.name.help")}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              required
              value={name}
              onChange={({ target }) => (runner.reset(), setName(target.value))}
            />
          )}
        </Field>
        {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
        <CopyCommand line command={commandLine("group", "add", group, "--at", at)} />
        <div className="rc-row">
          <Button kind="primary" type="submit" disabled={name.trim() === ""} pending={runner.pending}>
            {t("settings.groups.new")}
          </Button>
          <Button onClick={onDone}>{t("common.cancel")}</Button>
        </div>
      </form>
    </Panel>
  );
}
