/** The commands that undo a command, where the model can. */

import type { Command } from "./command-line.js";

/** What an event changed. */
export interface Changed {
  kind: string;
  id: string;
  before?: unknown;
  after?: unknown;
}

/** Commands whose effect is only on assignments, or on the status of a subject. */
const ASSIGNMENTS = new Set(["assign", "withdraw", "set-roles"]);
const OPPOSITES: Readonly<Record<string, string>> = {
  "suspend-subject": "resume-subject",
  "resume-subject": "suspend-subject",
};

/**
 * Returns the commands that undo a command, in their order, or undefined if it cannot be undone. Nothing is undone in
 * part: a removal also ends an invitation and erases a name.
 */
export function undo(command: Command, changes: readonly Changed[]): Command[] | undefined {
  const [name = "", fields = {}] = Object.entries(command)[0] ?? [];
  const opposite = OPPOSITES[name];
  if (opposite !== undefined) return [{ [opposite]: fields }];
  if (!ASSIGNMENTS.has(name) || changes.some(({ kind }) => kind !== "assignment")) return undefined;
  const steps = changes.flatMap(({ before, after }) => [
    ...(before === undefined ? [] : [{ assign: before as object }]),
    ...(after === undefined ? [] : [{ withdraw: after as object }]),
  ]);
  // New assignments come first, so that nobody is without an administrator in between.
  steps.sort((one, other) => Number("withdraw" in one) - Number("withdraw" in other));
  return steps.length === 0 ? undefined : steps;
}
