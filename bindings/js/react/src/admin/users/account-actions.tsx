/** What an administrator does to an account: suspend, resume, remove, mark as external, reset the password. */

import { type ReactNode, useState } from "react";
import type { Command } from "rolecall/client";
import { useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { type May, useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Confirm, CopyCommand, Field, Input, Menu, type MenuEntry, Note, Refused, Sign } from "../ui/index.js";
import { Effect } from "./effect.js";
import { assignmentKey, type Held, isDirect } from "./logic/holders.js";
import { commandLines } from "./logic/command-line.js";

/** An account, as its row shows it. */
export interface Account {
  subject: string;
  name: string;
  email?: string | undefined;
  status?: string | undefined;
  external?: boolean | undefined;
  roles: readonly Held[];
}

type Action = "suspend" | "remove" | "mark";

interface AboutAccount {
  account: Account;
  onClose: () => void;
}

/** Returns the entries that the actor may use on an account. */
function entriesOf(
  { subject, status, external }: Account,
  may: May,
  label: (key: Action | "resume" | "reset") => string,
): Record<string, MenuEntry | false> {
  const isUser = subject.startsWith("user:");
  return {
    reset: may("reset-password") &&
      isUser &&
      status === "active" && { id: "reset", label: label("reset"), icon: "key" },
    suspend: may("suspend-subject") && status === "active" && { id: "suspend", label: label("suspend"), icon: "off" },
    resume: may("resume-subject") && status === "suspended" && { id: "resume", label: label("resume"), icon: "undo" },
    mark: may("mark-external") && isUser && external !== true && { id: "mark", label: label("mark"), icon: "out" },
    remove: may("remove-subject") && { id: "remove", label: label("remove"), icon: "trash", danger: true },
  };
}

/** The menu of an account. It is absent if the actor may do nothing. */
export function AccountMenu({ account }: { account: Account }): ReactNode {
  const t = useText();
  const may = useMay();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  const [open, set] = useState<Action>();
  const { run, error } = useCommand();
  const { subject, name } = account;
  const act: Record<string, () => void> = {
    reset: () => void run({ "reset-password": { subject } }, { done: t("users.reset.done", { name }) }),
    resume: () =>
      void run(
        { "resume-subject": { subject } },
        { done: t("users.resumed", { name }), undo: [{ "suspend-subject": { subject } }] },
      ),
  };
  const entries = Object.values(entriesOf(account, may, (key) => t(`users.${key}`, { scope }))).flatMap((entry) =>
    entry === false ? [] : [{ ...entry, onSelect: act[entry.id] ?? (() => set(entry.id as Action)) }],
  );
  if (entries.length === 0) return null;
  const about = { account, onClose: () => set(undefined) };
  return (
    <>
      <Menu
        label={t("common.more")}
        button={t("common.more")}
        icon="more"
        iconOnly
        small
        groups={[{ id: "all", entries }]}
      />
      {error !== undefined && <Refused error={error} lead={t("users.command.refused")} />}
      {open === "suspend" && <Suspend {...about} />}
      {open === "remove" && <Remove {...about} />}
      {open === "mark" && <MarkExternal {...about} />}
    </>
  );
}

function Suspend({ account: { subject, name }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  const commands: Command[] = [{ "suspend-subject": { subject } }];
  const { run, pending, error } = useCommand();
  const suspend = async (): Promise<void> => {
    const undo: Command[] = [{ "resume-subject": { subject } }];
    if (await run(commands, { done: t("users.suspended", { name }), undo })) onClose();
  };
  return (
    <Confirm
      title={t("users.suspend.title", { name })}
      confirm={t("users.suspend.do")}
      pending={pending}
      onConfirm={() => void suspend()}
      onClose={onClose}
    >
      <p>{t("users.suspend.text", { name })}</p>
      {error === undefined ? (
        <Effect commands={commands} lead={t("users.command.refused")} />
      ) : (
        <Refused error={error} lead={t("users.command.refused")} />
      )}
      <CopyCommand line command={commandLines(commands)} />
    </Confirm>
  );
}

function Remove({ account: { subject, name, roles }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const title = useScopeTitle();
  const scope = title(at);
  const commands: Command[] = [{ "remove-subject": { subject, at } }];
  const { run, pending, error } = useCommand();
  const remove = async (): Promise<void> => {
    if (await run(commands, { done: t("users.removed", { name, scope }) })) onClose();
  };
  return (
    <Confirm
      title={t("users.remove.title", { name, scope })}
      confirm={t("users.remove.do", { name })}
      keep={t("users.remove.keep", { name })}
      pending={pending}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>{t("users.remove.text", { name, scope })}</p>
      <ul className="rc-diff">
        {roles.filter(isDirect).map((held) => (
          <li key={assignmentKey(held)}>
            <Sign kind="lose" />
            <span>{t("users.remove.role", { role: held.title ?? held.role, scope: title(held.at) })}</span>
          </li>
        ))}
      </ul>
      <p className="rc-small rc-muted">{t("users.remove.last", { name })}</p>
      {error === undefined ? (
        <Effect commands={commands} lead={t("users.remove.refused")} />
      ) : (
        <Refused error={error} lead={t("users.remove.refused")} />
      )}
      <CopyCommand line command={commandLines(commands)} />
    </Confirm>
  );
}

function MarkExternal({ account: { subject, name, email }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  const [typed, type] = useState("");
  const expected = email ?? name;
  const commands: Command[] = [{ "mark-external": { subject, confirm: true } }];
  const { run, pending, error } = useCommand();
  const mark = async (): Promise<void> => {
    if (await run(commands, { done: t("users.marked", { name }) })) onClose();
  };
  return (
    <Confirm
      title={t("users.mark.title", { name })}
      confirm={t("users.mark.do")}
      pending={pending}
      disabled={typed.trim() !== expected}
      onConfirm={() => void mark()}
      onClose={onClose}
    >
      <Note kind="warn" lead={t("users.mark.warning")}>
        {t("users.mark.text", { name })}
      </Note>
      <Field label={t("users.mark.type", { text: expected })}>
        {(control) => <Input {...control} value={typed} onChange={({ target }) => type(target.value)} />}
      </Field>
      {error !== undefined && <Refused error={error} lead={t("users.command.refused")} />}
      <CopyCommand line command={commandLines(commands)} />
    </Confirm>
  );
}
