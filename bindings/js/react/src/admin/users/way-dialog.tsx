/** The dialog before a change that would allow something. */

import type { ReactNode } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { Button, CopyCommand, Dialog, Refused } from "../ui/index.js";
import { Effect } from "./effect.js";
import type { Step } from "./logic/remedy.js";

export interface WayDialogProps {
  step: Extract<Step, { kind: "command" }>;
  /** The change in words. */
  what: string;
  /** The person whom it would allow something. */
  name: string;
  onClose: () => void;
}

/** Shows what a change gives before it is made: it may give more than the permission that was asked for. */
export function WayDialog({ step, what, name, onClose }: WayDialogProps): ReactNode {
  const t = useText();
  const commands = [step.command] as unknown as Command[];
  const undo = step.undo === undefined ? undefined : ([step.undo] as unknown as Command[]);
  const { run, pending, error } = useCommand();
  const apply = async (): Promise<void> => {
    if (await run(commands, { done: t("person.would.done", { change: what }), undo })) onClose();
  };
  const footer = (
    <>
      <Button disabled={pending} onClick={onClose}>
        {t("common.cancel")}
      </Button>
      <Button kind="primary" pending={pending} onClick={() => void apply()}>
        {what}
      </Button>
    </>
  );
  return (
    <Dialog busy={pending} title={t("person.would.title", { name })} onClose={onClose} footer={footer}>
      <p>{t("person.would.text", { change: what })}</p>
      {error === undefined ? (
        <Effect commands={commands} lead={t("users.command.refused")} />
      ) : (
        <Refused error={error} lead={t("users.command.refused")} />
      )}
      <CopyCommand command={commandLine(commands)} />
    </Dialog>
  );
}
