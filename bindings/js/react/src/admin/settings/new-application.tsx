/** A new application. */

import { type ReactNode, useState } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { useUnsaved } from "../unsaved.js";
import { RoleField, useRoleList } from "./role-field.js";
import { Button, CopyCommand, ErrorNote, Panel, Refused, TextField } from "../ui/index.js";

/** Adds an application with one role at the scope. */
export function NewApplication({
  onDone,
  onMade,
}: {
  onDone: () => void;
  onMade: (subject: string) => void;
}): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const runner = useCommand();
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const drop = useUnsaved(name !== "" || role !== "" ? 1 : 0, "new");
  const roles = useRoleList();
  const subject = `app:${name.trim().replace(/^app:/, "")}`;
  const isReady = name.trim() !== "" && role !== "";
  const command: Command = { "add-app": { subject, roles: [{ role: role || "ROLE", at }] } };
  const add = async (): Promise<void> => {
    const undo: Command[] = [{ "remove-subject": { subject, at } }];
    if (!isReady || !(await runner.run(command, { done: t("settings.apps.added", { name }), undo }))) return;
    drop();
    onDone();
    onMade(subject);
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
        <div className="rc-form rc-form--wide">
          <TextField
            label={t("settings.apps.id")}
            help={t("settings.apps.id.help")}
            autoFocus
            required
            value={name}
            onText={(text) => (runner.reset(), setName(text))}
          />
          <RoleField list={roles} value={role} onChange={setRole} />
        </div>
        {roles.error != null && <ErrorNote error={roles.error} retry={roles.reload} />}
        {runner.error !== undefined && <Refused error={runner.error} lead={t("settings.refused")} />}
        <CopyCommand line command={commandLine(command)} />
        <div className="rc-row">
          <Button kind="primary" type="submit" disabled={!isReady} pending={runner.pending}>
            {t("settings.apps.new")}
          </Button>
          <Button onClick={() => (drop(), onDone())}>{t("common.cancel")}</Button>
        </div>
      </form>
    </Panel>
  );
}
