/** Hooks that several parts about people share. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Command } from "rolecall/client";
import { useAway } from "../away.js";
import { useDelayed } from "../delayed.js";
import { useAdmin } from "../provider.js";
import type { Difference } from "./logic/effect.js";
import { untilReload } from "./logic/time.js";

/**
 * Loads a list again when one of its roles begins or ends: nobody else has to change anything for that. It is loaded until
 * the time is another one.
 */
export function useReloadAt(time: number | undefined, reload: () => void): void {
  useEffect(() => {
    if (time === undefined) return;
    let timer: ReturnType<typeof setTimeout>;
    let tries = 0;
    const wait = (): void => {
      timer = setTimeout(
        () => {
          if (Date.now() >= time) {
            tries += 1;
            reload();
          }
          wait();
        },
        untilReload(time, Date.now(), tries),
      );
    };
    wait();
    return () => clearTimeout(timer);
  }, [time, reload]);
}

/** A caution of the server about a command that it would accept. */
interface Hint {
  code: string;
  message: string;
  help: string;
}

/** The effect of commands. */
export interface DryRun {
  diff: Difference | undefined;
  hints: readonly Hint[];
  error: unknown;
  isFetching: boolean;
}

interface Answered {
  diff?: Difference;
  hints?: readonly Hint[];
  error?: unknown;
}

const DELAY = 200;
const NOTHING = "[]";

/** Returns the effect of commands by a dry run, a moment after they change. */
export function useDryRun(commands: readonly Command[] | undefined): DryRun {
  const { client, at } = useAdmin();
  // Objects are made with each rendering; their text says whether they differ.
  const wanted = JSON.stringify(commands ?? []);
  const text = useDelayed(wanted, DELAY);
  const isAway = useAway() !== undefined;
  const { data, error, isFetching } = useQuery({
    // Not loaded again with the lists: once the commands are executed, they would be refused.
    queryKey: ["rolecall-dry-run", at, text],
    queryFn: async ({ signal }) => {
      const asked = JSON.parse(text) as Command[];
      const [only, ...others] = asked;
      if (only !== undefined && others.length === 0) return [await client.command(only, { dryRun: true, signal })];
      return (await client.transaction(asked, { dryRun: true, signal })).results;
    },
    enabled: text !== NOTHING && !isAway,
    retry: false,
    // The state may have changed since.
    staleTime: 0,
    gcTime: 0,
  });
  // The answer to the commands before says nothing of these.
  const isCurrent = text === wanted;
  const answers = isCurrent ? (data as Answered[] | undefined) : undefined;
  return {
    ...joined(answers),
    error: isCurrent && !isAway ? (error ?? refusedIn(answers)) : null,
    isFetching: !isCurrent || isFetching,
  };
}

function joined(answers: readonly Answered[] | undefined): Pick<DryRun, "diff" | "hints"> {
  if (answers === undefined) return { diff: undefined, hints: [] };
  const gained = answers.flatMap(({ diff }) => diff?.gained ?? []);
  const lost = answers.flatMap(({ diff }) => diff?.lost ?? []);
  return { diff: { gained, lost }, hints: answers.flatMap(({ hints }) => hints ?? []) };
}

/** Returns the refusal among the answers to several commands. */
function refusedIn(answers: readonly Answered[] | undefined): unknown {
  return answers?.find(({ error }) => error !== undefined)?.error ?? null;
}
