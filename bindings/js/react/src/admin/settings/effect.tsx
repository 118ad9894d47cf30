/** The effect of a command before it is given. */

import { type ReactNode, useEffect, useState } from "react";
import type { Command, Diff } from "rolecall/client";
import { useAway } from "../away.js";
import type { CommandRunner } from "../data.js";
import { useText } from "../messages/index.js";
import { Sign } from "../ui/index.js";

/** The result of a dry run. */
export interface Preview {
  diff?: Diff | undefined;
  /** The refusal of the server. */
  error?: unknown;
}

/** How long nothing is typed before the server is asked, in milliseconds. */
const PAUSE = 300;

/** Requests a dry run while a command is typed, and again when the server is back. Returns what the command would do. */
export function usePreview(runner: CommandRunner, command: Command | undefined): Preview {
  const [preview, set] = useState<Preview>({});
  const text = command === undefined ? undefined : JSON.stringify(command);
  const { preview: ask } = runner;
  const isAway = useAway() !== undefined;
  useEffect(() => {
    if (text === undefined || isAway) {
      set({});
      return;
    }
    const ended = new AbortController();
    const timer = setTimeout(() => {
      ask(JSON.parse(text) as Command, ended.signal).then(
        (effect) => !ended.signal.aborted && set({ diff: "diff" in effect ? effect.diff : undefined }),
        (error: unknown) => !ended.signal.aborted && set({ error }),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [text, ask, isAway]);
  return preview;
}

const countOf = (side: Diff["gained"]): number => new Set(side.map(({ subject }) => subject ?? "support")).size;

/** The numbers of accounts that gain and lose permissions. */
export function Effect({ diff }: { diff: Diff | undefined }): ReactNode {
  const t = useText();
  if (diff === undefined || diff.gained.length + diff.lost.length === 0) return null;
  const line = (kind: "gain" | "lose", side: Diff["gained"]): ReactNode =>
    side.length > 0 && (
      <li>
        <Sign kind={kind} />
        <span>{t(kind === "gain" ? "settings.gain" : "settings.lose", { n: countOf(side) })}</span>
        <span className="rc-count">
          {[...new Set(side.map(({ subject }) => subject ?? t("settings.support.any")))].slice(0, 3).join(", ")}
        </span>
      </li>
    );
  return (
    <ul className="rc-diff" aria-label={t("settings.effect")}>
      {line("gain", diff.gained)}
      {line("lose", diff.lost)}
    </ul>
  );
}
