/** The dialog that requests a role for some time. */

import { type ReactNode, useId, useState } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { useCommand, useList } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay } from "../provider.js";
import { Button, CopyCommand, Dialog, Field, Input, Refused, TextArea } from "../ui/index.js";
import { useUnsavedDialog } from "../unsaved.js";
import { ScopeField } from "./add-role.js";
import { Until } from "./term.js";

interface Draft {
  role: string;
  at: string;
  until: Date | undefined;
  reason: string;
}

const isWhole = ({ role, until, reason }: Draft): boolean => role !== "" && until !== undefined && reason.trim() !== "";

function commandOf({ role, at, until, reason }: Draft): Command {
  const end = until?.toISOString().replace(".000Z", "Z") ?? "";
  return { "request-access": { role, at, until: end, reason: reason.trim() } };
}

/** A dialog that sends a request, which someone else decides. */
export function AskDialog({ onClose, role = "" }: { onClose: () => void; role?: string }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const [draft, set] = useState<Draft>({ role, at, until: undefined, reason: "" });
  const close = useUnsavedDialog(draft.reason.trim() === "" ? 0 : 1, onClose);
  const [isTried, tried] = useState(false);
  const change = (part: Partial<Draft>): void => set((before) => ({ ...before, ...part }));
  const { run, pending, error } = useCommand();
  const ask = async (): Promise<void> => {
    tried(true);
    if (!isWhole(draft)) return;
    if (await run(commandOf(draft), { done: t("requests.asked") })) close();
  };
  const missing = (isMissing: boolean, text: string): string | undefined => (isTried && isMissing ? text : undefined);
  return (
    <Dialog
      busy={pending}
      title={t("requests.ask.title")}
      onClose={close}
      footer={
        <>
          <Button disabled={pending} onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button kind="primary" pending={pending} onClick={() => void ask()}>
            {t("requests.ask.do")}
          </Button>
        </>
      }
    >
      <div className="rc-form">
        <RoleField
          value={draft.role}
          onChange={(next) => change({ role: next })}
          error={missing(draft.role === "", t("requests.ask.role.missing"))}
        />
        <ScopeField value={draft.at} onChange={(next) => change({ at: next })} />
        <Until
          required
          value={draft.until}
          onChange={(until) => change({ until })}
          error={missing(draft.until === undefined, t("requests.ask.until.missing"))}
        />
        <Field
          label={t("requests.ask.reason")}
          help={t("requests.ask.reason.help")}
          error={missing(draft.reason.trim() === "", t("requests.ask.reason.missing"))}
          className="rc-form__wide"
        >
          {(control) => (
            <TextArea
              {...control}
              rows={2}
              value={draft.reason}
              onChange={({ target }) => change({ reason: target.value })}
            />
          )}
        </Field>
      </div>
      {error !== undefined && <Refused error={error} lead={t("requests.ask.refused")} />}
      {isWhole(draft) && <CopyCommand command={commandLine(commandOf(draft))} />}
    </Dialog>
  );
}

interface RoleFieldProps {
  value: string;
  onChange: (role: string) => void;
  error: ReactNode;
}

/** A role by its id, with suggestions for those who may see roles. */
function RoleField({ value, onChange, error }: RoleFieldProps): ReactNode {
  const t = useText();
  const may = useMay();
  const list = useId();
  const { rows } = useList("roles", { limit: 1000 }, { enabled: may("view-roles") });
  const chosen = rows.find(({ role }) => role === value);
  return (
    <Field
      label={t("users.add.role")}
      help={chosen?.description ?? t("requests.ask.role.id")}
      error={error}
      className="rc-form__wide"
    >
      {(control) => (
        <>
          <Input
            {...control}
            data-autofocus=""
            list={list}
            value={value}
            onChange={({ target }) => onChange(target.value.trim())}
          />
          <datalist id={list}>
            {rows.map(({ role, title }) => (
              <option key={role} value={role} label={title ?? role} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
