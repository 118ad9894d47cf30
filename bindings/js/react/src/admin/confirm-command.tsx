/** The question before commands that take something away. */

import type { ReactNode } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "./command-line.js";
import { useCommand } from "./data.js";
import { useText } from "./messages/index.js";
import { Confirm, type ConfirmProps, CopyCommand, Refused } from "./ui/index.js";
import { Effect } from "./users/effect.js";

export interface ConfirmCommandProps extends Omit<ConfirmProps, "pending" | "onConfirm"> {
  commands: readonly Command[];
  /** The report after success. */
  done: string;
  /** The commands that undo them; by default those that bring back what the server changed. */
  undo?: readonly Command[] | undefined;
  /** The outcome if the server refuses. */
  refused?: ReactNode;
  /** Called after success, when the dialog is closed. */
  onDone?: (() => void) | undefined;
}

/** The question before commands: the consequence in words, the effect by the server, and the command line. */
export function ConfirmCommand(props: ConfirmCommandProps): ReactNode {
  const { commands, done, undo, refused, onDone, children, ...asked } = props;
  const t = useText();
  const { run, pending, error } = useCommand();
  const lead = refused ?? t("users.command.refused");
  const confirm = async (): Promise<void> => {
    if (!(await run(commands, { done, undo }))) return;
    asked.onClose();
    onDone?.();
  };
  return (
    <Confirm {...asked} pending={pending} onConfirm={() => void confirm()}>
      {children}
      {error === undefined ? <Effect commands={commands} lead={lead} /> : <Refused error={error} lead={lead} />}
      <CopyCommand line command={commandLine(commands)} />
    </Confirm>
  );
}
