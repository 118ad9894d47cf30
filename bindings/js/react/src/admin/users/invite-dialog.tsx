/** Invites people with a role. */

import { type ReactNode, useState } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, Check, CopyCommand, Dialog, Field, Input, Refused, TextArea } from "../ui/index.js";
import { useUnsavedDialog } from "../unsaved.js";
import { ScopeField } from "./add-role.js";
import { Effect } from "./effect.js";
import { addresses } from "./logic/addresses.js";
import { type Choice, RolePicker } from "./role-picker.js";
import { Until } from "./term.js";

interface Draft {
  emails: string;
  name: string;
  role: Choice | undefined;
  at: string;
  until: Date | undefined;
  external: boolean;
}

/** Returns the commands that invite everybody who is named. */
function commandsOf({ emails, name, role, at, until, external }: Draft): Command[] {
  const { good } = addresses(emails);
  if (role === undefined) return [];
  const end = until?.toISOString().replace(".000Z", "Z");
  return good.map((email) => ({
    invite: {
      subject: `user:${email}`,
      roles: [{ role: role.role, at, ...(end !== undefined && { until: end }) }],
      email,
      ...(good.length === 1 && name.trim() !== "" && { name: name.trim() }),
      ...(external && { external: true, confirm: true }),
    },
  }));
}

/** A dialog that invites one or several people. */
export function InviteDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText();
  const { at, subject } = useAdmin();
  const scope = useScopeTitle()(at);
  const [draft, set] = useState<Draft>({
    emails: "",
    name: "",
    role: undefined,
    at,
    until: undefined,
    external: false,
  });
  const close = useUnsavedDialog(draft.emails.trim() === "" ? 0 : 1, onClose);
  const [isTried, tried] = useState(false);
  const change = (part: Partial<Draft>): void => set((before) => ({ ...before, ...part }));
  const { good, bad } = addresses(draft.emails);
  const commands = commandsOf(draft);
  const isReady = commands.length > 0 && bad.length === 0;
  const { run, pending, error } = useCommand();
  const invite = async (): Promise<void> => {
    tried(true);
    if (!isReady) return;
    if (await run(commands, { done: t("users.invited", { n: commands.length }) })) close();
  };
  return (
    <Dialog
      busy={pending}
      title={t("users.invite.title", { scope })}
      onClose={close}
      footer={
        <>
          <Button disabled={pending} onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button kind="primary" pending={pending} onClick={() => void invite()}>
            {t("users.invite.do", { n: good.length })}
          </Button>
        </>
      }
    >
      <div className="rc-form">
        <Emails draft={draft} onChange={change} isTried={isTried} />
        {good.length <= 1 && (
          <Field label={t("users.invite.name")} help={t("users.invite.name.help")} className="rc-form__wide">
            {(control) => (
              <Input {...control} value={draft.name} onChange={({ target }) => change({ name: target.value })} />
            )}
          </Field>
        )}
        <RolePicker
          isNew
          subject={subject}
          at={draft.at}
          value={draft.role}
          onChange={(role) => change({ role })}
          error={isTried && draft.role === undefined ? t("users.invite.role.missing") : undefined}
        />
        <ScopeField value={draft.at} onChange={(next) => change({ at: next })} />
        <Until value={draft.until} onChange={(until) => change({ until })} />
        <External draft={draft} onChange={change} />
      </div>
      {error === undefined ? (
        <Effect commands={isReady ? commands : undefined} lead={t("users.invite.refused")} />
      ) : (
        <Refused error={error} lead={t("users.invite.refused")} />
      )}
      {commands.length > 0 && <CopyCommand command={commandLine(commands)} />}
    </Dialog>
  );
}

interface PartProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

function Emails({ draft, onChange, isTried }: PartProps & { isTried: boolean }): ReactNode {
  const t = useText();
  const { good, bad } = addresses(draft.emails);
  const isMissing = isTried && good.length === 0 && bad.length === 0;
  const error = isMissing
    ? t("users.invite.email.missing")
    : isTried && bad[0] !== undefined
      ? t("users.invite.email.bad", { text: bad[0] })
      : undefined;
  return (
    <Field label={t("users.invite.email")} help={t("users.invite.email.help")} error={error} className="rc-form__wide">
      {(control) => (
        <TextArea
          {...control}
          data-autofocus=""
          rows={draft.emails.includes("\n") ? 4 : 1}
          inputMode="email"
          spellCheck={false}
          value={draft.emails}
          onChange={({ target }) => onChange({ emails: target.value })}
        />
      )}
    </Field>
  );
}

function External({ draft, onChange }: PartProps): ReactNode {
  const t = useText();
  const may = useMay();
  if (!may("mark-external")) return null;
  return (
    <div className="rc-form__wide">
      <Check checked={draft.external} onChange={(external) => onChange({ external })}>
        {t("users.invite.external")}
      </Check>
      <p className="rc-help">{t("users.invite.external.help")}</p>
    </div>
  );
}
