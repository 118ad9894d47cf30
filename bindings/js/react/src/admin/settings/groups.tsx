/** Groups and their members. */

import { type ReactNode, useId, useState } from "react";
import type { Command, HolderRow } from "rolecall/client";
import { useFlag, useTyped } from "../address.js";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { useCommand, useList, useView } from "../data.js";
import { useDelayed } from "../delayed.js";
import { shortId } from "../ids.js";
import { useNumber, useText } from "../messages/index.js";
import { useNames } from "../names.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, CopyCommand, Head, Note, Panel, Refused, Tag, TextField, Unsettled } from "../ui/index.js";
import { useUnsaved } from "../unsaved.js";
import { type Column, openedOf, OpenList } from "./list.js";

const nameOf = ({ subject, title }: { subject: string; title?: string }): string => title ?? shortId(subject);

export interface GroupsProps {
  title?: ReactNode;
  /** The group that is open. */
  open?: string | undefined;
  onOpen: (group: string | undefined) => void;
}

/** The groups of a scope. Each opens to show its members. */
export function Groups({ title, open, onOpen }: GroupsProps): ReactNode {
  const t = useText();
  const number = useNumber();
  const may = useMay();
  const [search, type] = useTyped("search");
  const [isNew, setNew] = useFlag("new");
  const seesAccess = may("view-access");
  const seesLocks = may("view-locks");
  const list = useList("access", { kind: "groups", ...(search !== "" && { search }) }, { enabled: seesAccess });
  const locks = useView("locks", {}, { enabled: seesLocks });
  const linked = useList(
    "access",
    { kind: "groups", search: open ?? "" },
    { enabled: seesAccess && open !== undefined },
  );
  const lockedBy = ({ subject }: HolderRow): number | undefined =>
    seesLocks ? (locks.data?.locks ?? []).filter(({ groups }) => groups.includes(subject)).length : undefined;
  const columns: Column<HolderRow>[] = [
    { title: "settings.groups.group", cell: (row) => <Named row={row} /> },
    { title: "settings.roles", isWide: true, cell: (row) => <Roles row={row} /> },
    { title: "settings.groups.members", isNumber: true, cell: ({ member_count: count = 0 }) => number(count) },
  ];
  if (seesLocks)
    columns.push({
      title: "settings.groups.locked",
      isNumber: true,
      cell: (row) => <Locked row={row} locked={lockedBy(row)} />,
    });
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
        {!seesAccess && <Note icon="eye">{t("settings.groups.hidden")}</Note>}
        <OpenList
          label={t("common.tab.groups")}
          list={list}
          columns={columns}
          search={seesAccess ? { label: t("settings.groups.search"), text: search, onType: type } : undefined}
          isFiltered={search !== ""}
          onClear={() => type("")}
          icon="users"
          none={{
            title: t("settings.groups.none"),
            help: t("settings.groups.none.help"),
            filtered: t("settings.groups.nothing", { search }),
          }}
          nameOf={nameOf}
          button={t("settings.groups.members")}
          opened={openedOf(open, list, linked)?.row}
          onOpen={onOpen}
        >
          {(row) => <Members key={row.subject} row={row} locked={lockedBy(row)} onGone={() => onOpen(undefined)} />}
        </OpenList>
      </div>
    </>
  );
}

interface RowProps {
  row: HolderRow;
}

function Named({ row }: RowProps): ReactNode {
  const t = useText();
  const { subject: group, mapped } = row;
  return (
    <>
      <b>{nameOf(row)}</b>
      <br />
      <span className="rc-faint">{group}</span>{" "}
      {mapped !== undefined && <Tag>{t("settings.groups.mapped", { ...mapped })}</Tag>}
    </>
  );
}

function Roles({ row: { roles } }: RowProps): ReactNode {
  const scope = useScopeTitle();
  return (
    <span className="rc-row">
      {roles.map((role) => (
        <span key={`${role.role} ${role.at}`} className="rc-grant">
          <span className="rc-grant__role">{role.title ?? role.role}</span>
          <span className="rc-grant__at">{scope(role.at)}</span>
        </span>
      ))}
    </span>
  );
}

function Locked({
  row: { member_count: count = 0 },
  locked = 0,
}: RowProps & { locked: number | undefined }): ReactNode {
  const t = useText();
  return (
    <>
      {locked} {locked > 0 && count === 0 && <span className="rc-warntext">{t("settings.groups.orphaned")}</span>}
    </>
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
  useUnsaved(member.trim() !== "" ? 1 : 0);
  const [asked, ask] = useState<{ member: string } | "delete">();
  const { subject: group, members = [], member_count: count = 0, mapped } = row;
  const isOwn = mapped === undefined && group !== "group:everyone";
  const text = member.trim();
  const isTyped = text !== "";
  const listId = useId();
  const search = useDelayed(text, 200);
  const people = useList("access", { search, limit: 10 }, { enabled: search.length > 1 && may("view-access") });
  const isSettled = search === text && !people.loading && !people.stale;
  const chosen = people.rows.find(({ subject }) => subject === text);
  const called = people.rows.filter(({ name }) => name === text);
  const isShared = chosen === undefined && called.length > (people.hasMore ? 0 : 1);
  const person = chosen ?? called[0];
  const id = person?.subject ?? (text.includes(":") ? text : `user:${text}`);
  const isReady = isTyped && (text.includes(":") || (isSettled && !isShared));
  const command: Command = { "join-group": { group, member: isReady ? id : "MEMBER" } };
  const join = async (): Promise<void> => {
    if (isReady && (await runner.run(command, { done: t("settings.groups.joined", { member: person?.name ?? id }) })))
      setMember((now) => (now === member ? "" : now));
  };
  const close = (): void => ask(undefined);
  const name = useNames(members);
  const leaving = typeof asked === "object" ? { member: name(asked.member), group: nameOf(row) } : undefined;
  return (
    <div className="rc-stack rc-settle">
      {name.loading && <Unsettled />}
      <ul className="rc-row">
        {members.map((one) => (
          <li key={one} className="rc-grant">
            <span className="rc-grant__role" title={one}>
              {name(one)}
            </span>
            {isOwn && may("leave-group") && (
              <Button kind="quiet" small iconOnly icon="close" onClick={() => ask({ member: one })}>
                {t("settings.groups.leave", { member: name(one) })}
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
        <>
          <form
            className="rc-row"
            onSubmit={(event) => {
              event.preventDefault();
              void join();
            }}
          >
            <TextField
              label={t("settings.groups.join")}
              help={t("settings.groups.join.help")}
              error={isSettled && isShared ? t("settings.groups.join.shared") : undefined}
              value={member}
              list={listId}
              autoComplete="off"
              onText={(text) => (runner.reset(), setMember(text))}
            />
            <datalist id={listId}>
              {people.rows.map(({ subject, name: title }) => (
                <option key={subject} value={subject}>
                  {title}
                </option>
              ))}
            </datalist>
            <Button type="submit" pending={runner.pending} disabled={!isReady}>
              {t("settings.groups.add")}
            </Button>
          </form>
          {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
          <CopyCommand line command={commandLine(command)} />
        </>
      )}
      {isOwn && may("delete-group") && (
        <div className="rc-row">
          <Button small kind="danger" icon="trash" onClick={() => ask("delete")}>
            {t("settings.groups.delete")}
          </Button>
        </div>
      )}
      {typeof asked === "object" && leaving !== undefined && (
        <ConfirmCommand
          title={t("settings.groups.leave.ask", leaving)}
          confirm={t("settings.groups.leave", leaving)}
          keep={t("settings.groups.leave.keep", leaving)}
          commands={[{ "leave-group": { group, member: asked.member } }]}
          done={t("settings.groups.left", leaving)}
          onClose={close}
        >
          <p>{t("settings.groups.leave.help", { ...leaving, roles: row.roles.length })}</p>
        </ConfirmCommand>
      )}
      {asked === "delete" && (
        <ConfirmCommand
          title={t("settings.groups.delete.ask", { group: nameOf(row) })}
          confirm={t("settings.groups.delete")}
          keep={t("settings.groups.keep")}
          commands={[{ "delete-group": { group, cascade: true } }]}
          done={t("settings.groups.deleted", { group: nameOf(row) })}
          onClose={close}
          onDone={onGone}
        >
          <p>{t("settings.groups.delete.help", { members: count, roles: row.roles.length })}</p>
          {locked === undefined && <p>{t("settings.groups.delete.locks.hidden")}</p>}
          {locked !== undefined && locked > 0 && <p>{t("settings.groups.delete.locks", { n: locked })}</p>}
        </ConfirmCommand>
      )}
    </div>
  );
}

interface NewGroupProps {
  onDone: () => void;
  onMade: (group: string) => void;
}

function NewGroup({ onDone, onMade }: NewGroupProps): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const runner = useCommand();
  const [name, setName] = useState("");
  const drop = useUnsaved(name !== "" ? 1 : 0, "new");
  const group = `group:${at}/${name.trim()}`;
  const command: Command = { "add-group": { group, at } };
  const add = async (): Promise<void> => {
    if (name.trim() === "" || !(await runner.run(command, { done: t("settings.groups.made", { name }) }))) return;
    drop();
    onDone();
    onMade(group);
  };
  return (
    <Panel>
      <form
        className="rc-panel__body rc-stack"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <TextField
          label={t("settings.groups.name")}
          help={t("settings.groups.name.help")}
          autoFocus
          required
          value={name}
          onText={(text) => (runner.reset(), setName(text))}
        />
        {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
        <CopyCommand line command={commandLine(command)} />
        <div className="rc-row">
          <Button kind="primary" type="submit" disabled={name.trim() === ""} pending={runner.pending}>
            {t("settings.groups.new")}
          </Button>
          <Button onClick={() => (drop(), onDone())}>{t("common.cancel")}</Button>
        </div>
      </form>
    </Panel>
  );
}
