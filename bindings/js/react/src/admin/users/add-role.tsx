/** Gives somebody a role. */

import { type ReactNode, useId, useState } from "react";
import type { Command } from "rolecall/client";
import { useParam } from "../address.js";
import { useLanguage, useText } from "../messages/index.js";
import { commandLine } from "../command-line.js";
import { useCommand } from "../data.js";
import { useAdmin } from "../provider.js";
import {
  Button,
  type ButtonLook,
  Check,
  CopyCommand,
  DateTime,
  Dialog,
  Field,
  Radio,
  Refused,
  Select,
} from "../ui/index.js";
import { Effect } from "./effect.js";
import { RolePicker, type Choice } from "./role-picker.js";
import { Until } from "./term.js";

/** Who gets a role. */
export interface Receiver {
  subject: string;
  name: string;
}

/** The first values of the form, such as a suggestion. */
export interface Suggested {
  role?: string | undefined;
  at?: string | undefined;
}

export interface AddRoleProps extends Receiver, Suggested, ButtonLook {
  /** The address says whether the form is open. One button of a page can have this. */
  linked?: boolean;
  children?: ReactNode;
}

/** A button that opens the form for a role. */
export function AddRole({ subject, name, role, at, linked = false, children, ...look }: AddRoleProps): ReactNode {
  const t = useText();
  const [receiver, choose] = useParam("give");
  const [isOwn, setOwn] = useState(false);
  const isOpen = linked ? receiver === subject : isOwn;
  const open = (on: boolean): void => (linked ? choose(on ? subject : undefined) : setOwn(on));
  return (
    <>
      <Button {...look} aria-haspopup="dialog" onClick={() => open(true)}>
        {children ?? t("users.add")}
      </Button>
      {isOpen && <AddRoleDialog subject={subject} name={name} role={role} at={at} onClose={() => open(false)} />}
    </>
  );
}

interface Draft {
  at: string;
  role: Choice | undefined;
  from: Date | undefined;
  until: Date | undefined;
  here: boolean;
}

/** Returns the command of a form, or undefined while no role is chosen. */
function commandOf(subject: string, { at, role, from, until, here }: Draft): Command | undefined {
  if (role === undefined) return undefined;
  return {
    assign: {
      subject,
      role: role.role,
      at,
      ...(here && { below: false }),
      ...(from && { from: whole(from) }),
      ...(until && { until: whole(until) }),
    },
  };
}

/** Writes a time without milliseconds, as people type it. */
const whole = (time: Date): string => time.toISOString().replace(".000Z", "Z");

/** The form for a role. It shows what the role would give before it is given. */
function AddRoleDialog({
  subject,
  name,
  role,
  at,
  onClose,
}: Receiver & Suggested & { onClose: () => void }): ReactNode {
  const t = useText();
  const admin = useAdmin();
  const [draft, set] = useState<Draft>({
    at: at ?? admin.at,
    role: undefined,
    from: undefined,
    until: undefined,
    here: false,
  });
  const change = (part: Partial<Draft>): void => set((before) => ({ ...before, ...part }));
  const command = commandOf(subject, draft);
  const commands = command && [command];
  const { run, pending, error } = useCommand();
  const give = async (): Promise<void> => {
    if (command === undefined) return;
    const done = t("users.added", { role: draft.role?.title ?? draft.role?.role, name });
    if (await run(command, { done })) onClose();
  };
  const footer = (
    <>
      <Button disabled={pending} onClick={onClose}>
        {t("common.cancel")}
      </Button>
      <Button kind="primary" pending={pending} disabled={command === undefined} onClick={() => void give()}>
        {t("users.add")}
      </Button>
    </>
  );
  return (
    <Dialog busy={pending} title={t("users.add.title", { name })} onClose={onClose} footer={footer}>
      <div className="rc-form">
        <RolePicker
          subject={subject}
          at={draft.at}
          initial={role}
          value={draft.role}
          onChange={(chosen) => change({ role: chosen })}
          isFirst
        />
        <ScopeField value={draft.at} onChange={(next) => change({ at: next })} />
        <Until value={draft.until} onChange={(until) => change({ until })} />
        <More draft={draft} onChange={change} />
      </div>
      {error === undefined ? (
        <Effect commands={commands} lead={t("users.add.refused")} from={draft.from} />
      ) : (
        <Refused error={error} lead={t("users.add.refused")} />
      )}
      {command !== undefined && <CopyCommand command={commandLine(command)} />}
    </Dialog>
  );
}

/** As many scopes are next to each other, where one click chooses. */
const FEW = 5;

/** The scope of a role, among those that the actor may open. */
export function ScopeField({ value, onChange }: { value: string; onChange: (at: string) => void }): ReactNode {
  const t = useText();
  const { at, scopes } = useAdmin();
  const below = scopes.filter(({ id }) => id === at || id.startsWith(`${at}/`) || id === value);
  const listed = below.length === 0 ? [{ id: at, title: at, kind: "" }] : below;
  const hasBelow = (id: string): boolean => listed.some((other) => other.id.startsWith(`${id}/`));
  const options = listed.map(({ id, title }) => ({
    value: id,
    label: hasBelow(id) ? t("users.add.scope.below", { scope: title }) : title,
  }));
  const group = useId();
  if (options.length < 2 || options.length > FEW)
    return (
      <Field label={t("users.add.scope")} className="rc-form__wide">
        {(control) => <Select {...control} options={options} value={value} onChange={onChange} />}
      </Field>
    );
  return (
    <fieldset className="rc-field rc-form__wide">
      <legend className="rc-label">{t("users.add.scope")}</legend>
      <div className="rc-row">
        {options.map((option) => (
          <Radio
            key={option.value}
            name={group}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          >
            <span>{option.label}</span>
          </Radio>
        ))}
      </div>
    </fieldset>
  );
}

/** The rarely needed fields: a later begin, and a role that does not hold below its scope. */
function More({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }): ReactNode {
  const t = useText();
  const { locale } = useLanguage();
  return (
    <details className="rc-form__wide" lang={locale}>
      <summary>{t("common.more")}</summary>
      <div className="rc-form rc-form__more">
        <Field label={t("users.add.from")} className="rc-form__wide">
          {(control) => <DateTime {...control} value={draft.from} onChange={(from) => onChange({ from })} />}
        </Field>
        <Check className="rc-form__wide" checked={draft.here} onChange={(here) => onChange({ here })}>
          {t("users.add.here")}
        </Check>
      </div>
    </details>
  );
}
