/** One application: settings, secrets, status. */

import { type ReactNode, useRef, useState } from "react";
import type { ApplicationRow, ClientCredentials, Command, CommandResult } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { type Effect, useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay } from "../provider.js";
import {
  Button,
  CopyCommand,
  DateTime,
  Field,
  Note,
  Refused,
  TextArea,
  TextField,
  useCopy,
  When,
} from "../ui/index.js";
import { useUnsaved } from "../unsaved.js";
import { Setting } from "./form.js";
import { rangesOf } from "./values.js";

/** The input of the form of an application. */
interface Typed {
  title: string;
  description: string;
  lifetime: string;
  networks: string;
}

const stated = (value: string): string | undefined => (value.trim() === "" ? undefined : value.trim());

function settingsOf(subject: string, { title, description, lifetime, networks }: Typed): Command {
  const parts = { title: stated(title), description: stated(description), token_lifetime: stated(lifetime) };
  const some = Object.entries(parts).filter(([, value]) => value !== undefined);
  return { "set-app": { subject, ...Object.fromEntries(some), networks: rangesOf(networks) } };
}

/** The settings and secrets of an application. */
export function ApplicationDetails({
  row,
  version,
  onGone,
}: {
  row: ApplicationRow;
  /** The version of the state with the row. */
  version: number | undefined;
  onGone: () => void;
}): ReactNode {
  const t = useText();
  const { subject } = row;
  const stored: Typed = {
    title: row.title ?? "",
    description: row.description ?? "",
    lifetime: row.token_lifetime ?? "",
    networks: (row.networks ?? []).join("\n"),
  };
  return (
    <div className="rc-stack">
      <Secrets row={row} />
      <Setting
        title={row.title ?? subject}
        name="set-app"
        version={version}
        stored={stored}
        command={(typed) => settingsOf(subject, typed)}
        words={({ title }) => title || subject}
        done={t("settings.apps.saved", { name: row.title ?? subject })}
      >
        {({ value, set }, isLocked) => (
          <div className="rc-form rc-form--wide">
            {(["title", "description", "lifetime"] as const).map((key) => (
              <TextField
                key={key}
                label={t(`settings.apps.${key}`)}
                help={key === "lifetime" ? t("settings.apps.lifetime.help") : undefined}
                placeholder={key === "lifetime" ? "1h" : undefined}
                readOnly={isLocked}
                value={value[key]}
                onText={(text) => set({ ...value, [key]: text })}
              />
            ))}
            <Field label={t("settings.apps.networks")} help={t("settings.apps.networks.help")}>
              {(control) => (
                <TextArea
                  {...control}
                  rows={2}
                  readOnly={isLocked}
                  value={value.networks}
                  onChange={({ target }) => set({ ...value, networks: target.value })}
                />
              )}
            </Field>
          </div>
        )}
      </Setting>
      <Status row={row} onGone={onGone} />
    </div>
  );
}

/** The secrets. A new one is shown once, and nowhere kept. */
function Secrets({ row }: { row: ApplicationRow }): ReactNode {
  const t = useText();
  const may = useMay();
  const runner = useCommand();
  const [until, setUntil] = useState<Date | undefined>(undefined);
  const [made, setMade] = useState<ClientCredentials | "lost">();
  useUnsaved(typeof made === "object" ? 1 : 0);
  const [gone, ask] = useState<string | undefined>(undefined);
  const { subject, secrets } = row;
  const end = until?.toISOString();
  const command: Command = { "add-secret": { subject, ...(end !== undefined && { until: end }) } };
  // Without credentials, this is the answer to a second attempt after that to the first was lost.
  const answered = (effect: Effect): void => setMade((effect as CommandResult).client ?? "lost");
  return (
    <section className="rc-stack rc-stack--s">
      <h3>{t("settings.apps.secrets")}</h3>
      {made === "lost" && <Note kind="warn">{t("settings.apps.secret.lost")}</Note>}
      {typeof made === "object" && <Once credentials={made} onClose={() => setMade(undefined)} />}
      {secrets.length === 0 && <p className="rc-muted">{t("settings.apps.secret.none.long")}</p>}
      {secrets.length > 0 && (
        <ul className="rc-named">
          {secrets.map((secret) => (
            <li key={secret.id}>
              <code>{secret.id}</code>
              <span className="rc-muted rc-small">
                {t("settings.apps.made")} <When time={secret.created} />
                {secret.until !== undefined && (
                  <span className={secret.expired ? "rc-losetext" : undefined}>
                    {" · "}
                    {t(secret.expired ? "settings.ended" : "settings.ends")} <When time={secret.until} />
                  </span>
                )}
                {secret.last_use !== undefined && (
                  <>
                    {" · "}
                    {t("settings.apps.used")} <When time={secret.last_use.time} />
                  </>
                )}
                {secret.note !== undefined && ` · ${secret.note}`}
              </span>
              {may("remove-secret") && (
                <Button small kind="quiet" className="rc-push" onClick={() => ask(secret.id)}>
                  {t("settings.apps.secret.remove")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {may("add-secret") && (
        <div className="rc-row">
          <Field label={t("settings.until")} help={t("settings.apps.secret.until")}>
            {(control) => <DateTime {...control} value={until} min={new Date()} onChange={setUntil} />}
          </Field>
          <Button icon="key" pending={runner.pending} onClick={() => void runner.run(command, { answered })}>
            {t("settings.apps.secret.add")}
          </Button>
        </div>
      )}
      {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
      {may("add-secret") && <CopyCommand line command={commandLine(command)} />}
      {gone !== undefined && (
        <ConfirmCommand
          title={t("settings.apps.secret.remove.ask", { id: gone })}
          confirm={t("settings.apps.secret.remove")}
          keep={t("settings.apps.secret.keep")}
          commands={[{ "remove-secret": { subject, secret: gone } }]}
          done={t("settings.apps.secret.removed")}
          onClose={() => ask(undefined)}
        >
          <p>{t("settings.apps.secret.remove.help")}</p>
        </ConfirmCommand>
      )}
    </section>
  );
}

/** A new secret, which the server never shows again. */
function Once({
  credentials: { client_id: id, client_secret: secret },
  onClose,
}: {
  credentials: ClientCredentials;
  onClose: () => void;
}): ReactNode {
  const t = useText();
  const copy = useCopy();
  const shown = useRef<HTMLElement>(null);
  return (
    <Note
      kind="info"
      icon="key"
      alert
      lead={t("settings.apps.once")}
      actions={
        <>
          <Button small icon="copy" onClick={() => copy(secret, shown.current)}>
            {t("common.copy")}
          </Button>
          <Button small onClick={onClose}>
            {t("settings.apps.once.done")}
          </Button>
        </>
      }
    >
      {t("settings.apps.once.help")}
      <div className="rc-cli rc-secret">
        <span className="rc-cli__label">{id}</span>
        <code ref={shown}>{secret}</code>
      </div>
    </Note>
  );
}

function Status({ row, onGone }: { row: ApplicationRow; onGone: () => void }): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const may = useMay();
  const runner = useCommand();
  const [asked, ask] = useState<"suspend" | "remove">();
  const { subject, status } = row;
  const name = row.title ?? subject;
  const close = (): void => ask(undefined);
  const resume: Command = { "resume-subject": { subject } };
  return (
    <div className="rc-row">
      {status === "active" && may("suspend-subject") && (
        <Button small onClick={() => ask("suspend")}>
          {t("settings.apps.suspend")}
        </Button>
      )}
      {status !== "active" && may("resume-subject") && (
        <Button
          small
          pending={runner.pending}
          title={commandLine(resume)}
          onClick={() => void runner.run(resume, { done: t("settings.apps.resumed", { name }) })}
        >
          {t("settings.apps.resume")}
        </Button>
      )}
      {may("remove-subject") && (
        <Button small kind="danger" icon="trash" onClick={() => ask("remove")}>
          {t("settings.apps.remove")}
        </Button>
      )}
      {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
      {asked === "suspend" && (
        <ConfirmCommand
          title={t("users.suspend.title", { name })}
          confirm={t("settings.apps.suspend")}
          commands={[{ "suspend-subject": { subject } }]}
          done={t("settings.apps.suspended", { name })}
          onClose={close}
        >
          <p>{t("settings.apps.suspend.help", { name })}</p>
        </ConfirmCommand>
      )}
      {asked === "remove" && (
        <ConfirmCommand
          title={t("settings.apps.remove.ask", { name })}
          confirm={t("settings.apps.remove")}
          keep={t("settings.apps.keep")}
          commands={[{ "remove-subject": { subject, at } }]}
          done={t("settings.apps.removed", { name })}
          onClose={close}
          onDone={onGone}
        >
          <p>{t("settings.apps.remove.help", { roles: row.roles.length, secrets: row.secrets.length })}</p>
        </ConfirmCommand>
      )}
    </div>
  );
}
