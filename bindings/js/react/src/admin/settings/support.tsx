/** Which support staff have access. */

import { type ReactNode, useState } from "react";
import type { Command, HolderRow } from "rolecall/client";
import { useFlag } from "../address.js";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { useCommand, useList } from "../data.js";
import { shortId } from "../ids.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay } from "../provider.js";
import {
  Button,
  Check,
  CopyCommand,
  DateTime,
  Empty,
  ErrorNote,
  Field,
  Head,
  Panel,
  Radio,
  Refused,
  Skeleton,
  Tag,
  TextField,
  When,
  Who,
} from "../ui/index.js";
import { useUnsaved } from "../unsaved.js";
import { Section, Setting, WithSettings } from "./form.js";
import { RoleField, useRoleList } from "./role-field.js";

type Access = "none" | "named" | "all";
interface Opening {
  access: Access;
  /** The labels that support may read; undefined leaves them as they are. */
  reads: readonly string[];
}

/** Support access: nobody, named accounts or all, what they may read, and the named accounts. */
export function SupportSettings({ title }: { title?: ReactNode }): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const may = useMay();
  // A label that no role reads is offered only while it is stored.
  const roles = useList("roles", { limit: 1000 }, { enabled: may("view-roles") });
  const labels = [...new Set(roles.rows.flatMap((row) => row.reads))].sort();
  const readsOf = ({ access, reads }: Opening): readonly string[] => (access === "none" ? [] : reads);
  return (
    <>
      <Head title={title ?? t("common.tab.support-access")} />
      <div className="rc-stack rc-secs">
        <div className="rc-sec">
          <p className="rc-muted rc-measure">{t("settings.support.help")}</p>
          <WithSettings>
            {({ support_access: access = "none", support_reads: reads = [], version }) => (
              <Setting<Opening>
                title={t("common.tab.support-access")}
                name="set-support"
                version={version}
                stored={{ access, reads }}
                command={(opening) => ({ "set-support": { at, access: opening.access, reads: readsOf(opening) } })}
                words={(opening) => t(`settings.support.${opening.access}`)}
                done={t("settings.support.done")}
              >
                {({ value, set }, isLocked) => (
                  <>
                    <fieldset className="rc-choices" disabled={isLocked}>
                      <legend className="rc-sr">{t("settings.support.who")}</legend>
                      {(["none", "named", "all"] as const).map((one) => (
                        <Radio
                          key={one}
                          className="rc-choice"
                          name="support"
                          checked={value.access === one}
                          onChange={() => set({ ...value, access: one })}
                        >
                          <span>
                            <b>{t(`settings.support.${one}`)}</b>
                            <span className="rc-help">{t(`settings.support.${one}.help`)}</span>
                          </span>
                        </Radio>
                      ))}
                    </fieldset>
                    {value.access !== "none" &&
                      [...new Set([...labels, ...reads])].map((label) => (
                        <Check
                          key={label}
                          disabled={isLocked}
                          checked={value.reads.includes(label)}
                          onChange={(on) =>
                            set({
                              ...value,
                              reads: on ? [...value.reads, label].sort() : value.reads.filter((one) => one !== label),
                            })
                          }
                        >
                          {t("settings.support.reads", { label: label.toUpperCase() })}
                        </Check>
                      ))}
                  </>
                )}
              </Setting>
            )}
          </WithSettings>
        </div>
        <Named />
      </div>
    </>
  );
}

/** The named support accounts with their roles. */
function Named(): ReactNode {
  const may = useMay();
  const t = useText();
  const [isOpen, open] = useFlag("new");
  const list = useList("access", { kind: "support" }, { enabled: may("view-access") });
  if (!may("view-access")) return null;
  return (
    <Section
      title={t("settings.support.named.title")}
      help={t("settings.support.named.note")}
      actions={
        may("add-support") && (
          <Button icon="plus" aria-expanded={isOpen} onClick={() => open(!isOpen)}>
            {t("settings.support.add")}
          </Button>
        )
      }
    >
      {isOpen && <AddSupport onDone={() => open(false)} />}
      {list.error !== null && list.error !== undefined && <ErrorNote error={list.error} retry={list.reload} />}
      {list.loading && <Skeleton rows={2} columns={2} />}
      {!list.loading && list.rows.length === 0 && list.total === 0 && (
        <Empty icon="user" title={t("settings.support.nobody")}>
          {t("settings.support.nobody.help")}
        </Empty>
      )}
      {list.rows.length > 0 && (
        <ul className="rc-named">
          {list.rows.map((row) => (
            <Account key={row.subject} row={row} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Account({ row }: { row: HolderRow }): ReactNode {
  const { at } = useAdmin();
  const may = useMay();
  const t = useText();
  const [asks, ask] = useState(false);
  const id = row.subject;
  const name = row.name ?? shortId(id);
  return (
    <li>
      <Who avatar={name} name={name} detail={id} />
      <span className="rc-row">
        {row.roles.map((role) => (
          <Tag
            key={`${role.role} ${role.at} ${role.until}`}
            {...(role.description !== undefined && { title: role.description })}
          >
            {role.title ?? role.role}
            {role.until !== undefined && (
              <>
                {" · "}
                <When time={role.until} />
              </>
            )}
          </Tag>
        ))}
      </span>
      {may("remove-subject") && (
        <Button small kind="quiet" onClick={() => ask(true)}>
          {t("settings.support.let.out")}
        </Button>
      )}
      {asks && (
        <ConfirmCommand
          title={t("settings.support.out.ask", { name })}
          confirm={t("settings.support.let.out")}
          keep={t("settings.support.keep", { name })}
          commands={[{ "remove-subject": { subject: id, at } }]}
          done={t("settings.support.out", { name })}
          onClose={() => ask(false)}
        >
          <p>{t("settings.support.out.help", { name, roles: row.roles.length })}</p>
        </ConfirmCommand>
      )}
    </li>
  );
}

/** Names a support account, with one role and an end. */
function AddSupport({ onDone }: { onDone: () => void }): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const runner = useCommand();
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const [until, setUntil] = useState<Date | undefined>(undefined);
  const drop = useUnsaved(name !== "" || role !== "" ? 1 : 0, "new");
  const roles = useRoleList();
  const subject = `support:${name.trim().replace(/^support:/, "")}`;
  const end = until?.toISOString();
  const command: Command = {
    "add-support": { subject, roles: [{ role: role || "ROLE", at, ...(end !== undefined && { until: end }) }] },
  };
  const isReady = name.trim() !== "" && role !== "";
  const add = async (): Promise<void> => {
    if (
      await runner.run(command, {
        done: t("settings.support.added", { name }),
        undo: [{ "remove-subject": { subject, at } }],
      })
    ) {
      drop();
      onDone();
    }
  };
  return (
    <Panel>
      <form
        className="rc-panel__body rc-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void add();
        }}
      >
        <div className="rc-form rc-form--wide">
          <TextField
            label={t("settings.support.name")}
            help={t("settings.support.name.help")}
            autoFocus
            required
            value={name}
            onText={setName}
          />
          <RoleField list={roles} value={role} onChange={setRole} />
          <Field label={t("settings.until")} help={t("settings.until.help")}>
            {(control) => <DateTime {...control} value={until} min={new Date()} onChange={setUntil} />}
          </Field>
        </div>
        {roles.error != null && <ErrorNote error={roles.error} retry={roles.reload} />}
        {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
        <CopyCommand line command={commandLine(command)} />
        <div className="rc-row">
          <Button kind="primary" type="submit" disabled={!isReady} pending={runner.pending}>
            {t("settings.support.add")}
          </Button>
          <Button onClick={() => (drop(), onDone())}>{t("common.cancel")}</Button>
        </div>
      </form>
    </Panel>
  );
}
