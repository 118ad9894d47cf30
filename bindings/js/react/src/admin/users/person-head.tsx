/** Who a person is, and what can be done to the account. */

import { type ReactNode, useState } from "react";
import type { Command, UserDetails } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { useCommand } from "../data.js";
import { shortId } from "../ids.js";
import { useLanguage, useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import {
  AsOf,
  Avatar,
  Button,
  ButtonLink,
  CopyCommand,
  Dialog,
  Empty,
  Field,
  Input,
  Link,
  Refused,
  useNow,
} from "../ui/index.js";
import { useUnsavedDialog } from "../unsaved.js";
import { AccountMenu } from "./account-actions.js";
import { AddRole } from "./add-role.js";
import type { Held } from "./logic/holders.js";
import { day, near } from "./logic/time.js";
import { Native } from "./user-row.js";

/** The way back to the list. */
function Crumbs({ name }: { name: string }): ReactNode {
  const t = useText();
  const { place } = useNavigation();
  return (
    <nav className="rc-crumbs" aria-label={t("person.where")}>
      <Link to={place({ tab: "users" })}>{t("person.back")}</Link>
      <span aria-hidden="true">›</span>
      <span aria-current="page">{name}</span>
    </nav>
  );
}

/** Nobody with this id is listed here. */
export function Missing({ subject }: { subject: string }): ReactNode {
  const t = useText();
  const { place } = useNavigation();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  return (
    <>
      <Crumbs name={subject} />
      <Empty
        level={1}
        icon="user"
        title={t("person.missing", { subject, scope })}
        actions={
          <ButtonLink to={place({ tab: "users" })} kind="primary">
            {t("common.tab.go", { tab: t("common.tab.users") })}
          </ButtonLink>
        }
      >
        {t("person.missing.help")}
      </Empty>
    </>
  );
}

/** The head of the page of a person. */
export function PersonHead({ details, name }: { details: UserDetails; name: string }): ReactNode {
  const may = useMay();
  const { subject, email, status, external } = details;
  const roles = details.roles as readonly Held[];
  return (
    <>
      <Crumbs name={name} />
      <div className="rc-head rc-person">
        <Avatar name={name} large />
        <div className="rc-head__text">
          <h1>
            {name} <AsOf />
          </h1>
          <Facts details={details} name={name} />
        </div>
        <div className="rc-row rc-push">
          {may("set-person") && subject.startsWith("user:") && <Rename details={details} name={name} />}
          <AccountMenu account={{ subject, name, email, status, external, roles }} />
          {may("assign") && <AddRole linked subject={subject} name={name} kind="primary" icon="plus" />}
        </div>
      </div>
    </>
  );
}

function Facts({ details, name }: { details: UserDetails; name: string }): ReactNode {
  const t = useText();
  const zone = useLanguage();
  const now = useNow();
  const { subject, status, email, native, groups, last_login, invited_until } = details;
  return (
    <p className="rc-row rc-small rc-muted">
      {status !== undefined && (
        <span className="rc-status" data-state={status}>
          {t(`users.status.${status}`)}
        </span>
      )}
      {email !== undefined && email !== name && <span>{email}</span>}
      <code className="rc-tiny">{subject}</code>
      {native !== undefined && (
        <span>
          {t("users.column.native")}: <Native row={details} />
        </span>
      )}
      {status === "invited" && invited_until !== undefined && (
        <span>{t("person.invited", { time: day(invited_until, zone) })}</span>
      )}
      {status !== "invited" && (
        <span>
          {last_login === undefined ? t("person.login.none") : t("person.login", { time: near(last_login, now, zone) })}
        </span>
      )}
      {groups.length > 0 && (
        <span>
          {t("person.groups", { groups: groups.map(({ group, title }) => title ?? shortId(group)).join(", ") })}
        </span>
      )}
    </p>
  );
}

interface AboutPerson {
  details: UserDetails;
  name: string;
}

/** Edits or erases the name and the e-mail address. */
function Rename({ details, name }: AboutPerson): ReactNode {
  const t = useText();
  const may = useMay();
  const [open, set] = useState<"edit" | "erase">();
  const about = { details, name, onClose: () => set(undefined) };
  return (
    <>
      <Button icon="edit" onClick={() => set("edit")}>
        {t("person.name.set")}
      </Button>
      {open === "edit" && <Edit {...about} onErase={may("erase-person") ? () => set("erase") : undefined} />}
      {open === "erase" && <Erase {...about} />}
    </>
  );
}

/** Returns the commands that bring back a name and an address. No command removes one of both. */
function namesBack({ subject, name, email }: UserDetails, at: string): Command[] {
  const erase: Command[] = name !== undefined && email !== undefined ? [] : [{ "erase-person": { subject, at } }];
  if (name === undefined && email === undefined) return erase;
  return [
    ...erase,
    { "set-person": { subject, at, ...(name !== undefined && { name }), ...(email !== undefined && { email }) } },
  ];
}

function Edit({
  details,
  name,
  onClose,
  onErase,
}: AboutPerson & { onClose: () => void; onErase: (() => void) | undefined }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const { subject } = details;
  const [draft, set] = useState({ name: details.name ?? "", email: details.email ?? "" });
  const isChanged = (key: "name" | "email"): boolean =>
    draft[key].trim() !== "" && draft[key].trim() !== (details[key] ?? "");
  const command: Command = {
    "set-person": {
      subject,
      at,
      ...(isChanged("name") && { name: draft.name.trim() }),
      ...(isChanged("email") && { email: draft.email.trim() }),
    },
  };
  const canSave = isChanged("name") || isChanged("email");
  const close = useUnsavedDialog(canSave ? 1 : 0, onClose);
  const { run, pending, error } = useCommand();
  const save = async (): Promise<void> => {
    if (await run(command, { done: t("person.name.saved"), undo: namesBack(details, at) })) close();
  };
  return (
    <Dialog
      busy={pending}
      title={t("person.name.title", { name })}
      onClose={close}
      footer={
        <>
          {onErase !== undefined && (details.name !== undefined || details.email !== undefined) && (
            <Button kind="danger" onClick={onErase}>
              {t("person.erase")}
            </Button>
          )}
          <Button disabled={pending} onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button kind="primary" pending={pending} disabled={!canSave} onClick={() => void save()}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      {(["name", "email"] as const).map((key) => (
        <Field key={key} label={t(`person.${key}`)}>
          {(control) => (
            <Input {...control} value={draft[key]} onChange={({ target }) => set({ ...draft, [key]: target.value })} />
          )}
        </Field>
      ))}
      {error !== undefined && <Refused error={error} lead={t("users.command.refused")} />}
      {canSave && <CopyCommand command={commandLine(command)} />}
    </Dialog>
  );
}

function Erase({ details: { subject }, name, onClose }: AboutPerson & { onClose: () => void }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  return (
    <ConfirmCommand
      title={t("person.erase.title", { name })}
      confirm={t("person.erase.do")}
      keep={t("person.erase.keep")}
      commands={[{ "erase-person": { subject, at } }]}
      done={t("person.erased")}
      onClose={onClose}
    >
      <p>{t("person.erase.text")}</p>
    </ConfirmCommand>
  );
}
