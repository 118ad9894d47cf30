/** The actions on an account: suspend, resume, remove, mark as external, reset the password. */

import { type ReactNode, useState } from "react";
import { useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { type May, useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Field, Input, Menu, type MenuEntry, Note, Refused, Sign } from "../ui/index.js";
import { ConfirmCommand } from "../confirm-command.js";
import { assignmentKey, type Held, isDirect } from "./logic/holders.js";

/** An account, as its row shows it. */
export interface Account {
  subject: string;
  name: string;
  email?: string | undefined;
  status?: string | undefined;
  external?: boolean | undefined;
  roles: readonly Held[];
}

type Action = "suspend" | "remove" | "mark" | "reset";

interface AboutAccount {
  account: Account;
  onClose: () => void;
}

/** Returns the entries that the actor may use on an account. */
function entriesOf(
  { subject, status, external }: Account,
  may: May,
  label: (key: Action | "resume") => string,
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
  const resume = (): void => void run({ "resume-subject": { subject } }, { done: t("users.resumed", { name }) });
  const entries = Object.values(entriesOf(account, may, (key) => t(`users.${key}`, { scope }))).flatMap((entry) =>
    entry === false ? [] : [{ ...entry, onSelect: () => (entry.id === "resume" ? resume() : set(entry.id as Action)) }],
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
      {open === "reset" && <ResetPassword {...about} />}
    </>
  );
}

function Suspend({ account: { subject, name }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  return (
    <ConfirmCommand
      title={t("users.suspend.title", { name })}
      confirm={t("users.suspend.do")}
      commands={[{ "suspend-subject": { subject } }]}
      done={t("users.suspended", { name })}
      onClose={onClose}
    >
      <p>{t("users.suspend.text", { name })}</p>
    </ConfirmCommand>
  );
}

function ResetPassword({ account: { subject, name }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  return (
    <ConfirmCommand
      title={t("users.reset.title", { name })}
      confirm={t("users.reset.do")}
      commands={[{ "reset-password": { subject } }]}
      done={t("users.reset.done", { name })}
      onClose={onClose}
    >
      <p>{t("users.reset.text", { name })}</p>
    </ConfirmCommand>
  );
}

function Remove({ account: { subject, name, roles }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const title = useScopeTitle();
  const scope = title(at);
  return (
    <ConfirmCommand
      title={t("users.remove.title", { name, scope })}
      confirm={t("users.remove.do", { name })}
      keep={t("users.remove.keep", { name })}
      commands={[{ "remove-subject": { subject, at } }]}
      done={t("users.removed", { name, scope })}
      refused={t("users.remove.refused")}
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
    </ConfirmCommand>
  );
}

function MarkExternal({ account: { subject, name, email }, onClose }: AboutAccount): ReactNode {
  const t = useText();
  const [typed, type] = useState("");
  const expected = email ?? name;
  return (
    <ConfirmCommand
      title={t("users.mark.title", { name })}
      confirm={t("users.mark.do")}
      disabled={typed.trim() !== expected}
      commands={[{ "mark-external": { subject, confirm: true } }]}
      done={t("users.marked", { name })}
      onClose={onClose}
    >
      <Note kind="warn" lead={t("users.mark.warning")}>
        {t("users.mark.text", { name })}
      </Note>
      <Field label={t("users.mark.type", { text: expected })}>
        {(control) => <Input {...control} value={typed} onChange={({ target }) => type(target.value)} />}
      </Field>
    </ConfirmCommand>
  );
}
