/** The repetition of a save after someone else changed the state. */

import { useCallback, useEffect, useRef, useState } from "react";
import { type CommandRunner, useReload } from "./data.js";

/** How often a save is repeated by itself. */
const MOST = 3;

/** Saves that are repeated where the change of someone else did not concern them. */
export interface Conflicts {
  /** Saves what the user asked for. */
  begin: () => void;
  /** The state is being read again, so that the refusal is not shown. */
  isSettling: boolean;
}

/**
 * Reads the state again when someone else changed it first. If they changed something else, the draft is saved again,
 * unless it is another `value` by then; if not, `isClash` says so, and the conflict is shown.
 */
export function useConflicts(commands: CommandRunner, isClash: boolean, value: unknown, save: () => void): Conflicts {
  const reload = useReload();
  const [isAgain, setAgain] = useState(false);
  const times = useRef(0);
  const sent = useRef<unknown>(undefined);
  const isConflict = commands.failure?.conflict === true;
  const { reset } = commands;
  useEffect(() => {
    if (!isConflict || times.current >= MOST) return;
    times.current += 1;
    void reload().then(() => {
      // Queries notify components in a timer of their own; the draft has to be compared with what was read.
      setTimeout(() => {
        reset();
        setAgain(true);
      });
    });
  }, [isConflict, reload, reset]);
  useEffect(() => {
    if (!isAgain) return;
    setAgain(false);
    if (!isClash && value === sent.current) save();
  }, [isAgain, isClash, value, save]);
  const latest = useRef({ value, save });
  latest.current = { value, save };
  const begin = useCallback(() => {
    times.current = 0;
    sent.current = latest.current.value;
    latest.current.save();
  }, []);
  return { begin, isSettling: isConflict && times.current < MOST };
}
