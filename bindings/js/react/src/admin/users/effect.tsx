/** The effect of a command, which the server computes. */

import type { ReactNode } from "react";
import type { Command } from "rolecall/client";
import { useLanguage, useText } from "../messages/index.js";
import { Note, Refused, Sign } from "../ui/index.js";
import { type Difference, direction, isNothing, permissionLabel, side } from "./logic/effect.js";
import { dayAndTime } from "./logic/time.js";
import { useDryRun } from "./use.js";

const NAMED = 3;

export interface EffectProps {
  /** The commands; nothing is shown without them. */
  commands: readonly Command[] | undefined;
  /** The outcome if the server refuses. */
  lead: ReactNode;
  /** The begin of a role that does not hold yet. */
  from?: Date | undefined;
}

/** Shows the effect of commands, which a dry run of the server returns. */
export function Effect({ commands, lead, from }: EffectProps): ReactNode {
  const t = useText();
  const { locale } = useLanguage();
  const { diff, hints, error, isFetching } = useDryRun(commands);
  if (commands === undefined) return null;
  if (error !== null) return <Refused error={error} lead={lead} />;
  if (diff === undefined)
    return (
      <p className="rc-help" role="status">
        {isFetching ? t("users.effect.ask") : ""}
      </p>
    );
  const isLater = from !== undefined && from.getTime() > Date.now();
  return (
    <div className="rc-stack rc-stack--s" aria-live="polite">
      {isLater && (
        <p className="rc-help">{t("users.effect.later", { time: dayAndTime(from.toISOString(), { locale }) })}</p>
      )}
      {!isLater && isNothing(diff) && <p className="rc-help">{t(`users.effect.none.${direction(commands)}`)}</p>}
      <Lines diff={diff} />
      {hints.map(({ code, message, help }) => (
        <Note key={code} kind="warn">
          {capital(message)}. {capital(help)}.
        </Note>
      ))}
    </div>
  );
}

function Lines({ diff }: { diff: Difference }): ReactNode {
  if (isNothing(diff)) return null;
  return (
    <ul className="rc-diff rc-sub">
      <Side kind="gain" diff={diff} />
      <Side kind="lose" diff={diff} />
    </ul>
  );
}

function Side({ kind, diff }: { kind: "gain" | "lose"; diff: Difference }): ReactNode {
  const t = useText();
  const { permissions, labels, people } = side(kind === "gain" ? diff.gained : diff.lost);
  const list = permissions.slice(0, NAMED).map(permissionLabel).join(", ");
  const n = permissions.length;
  return (
    <>
      {n > 0 && (
        <li>
          <Sign kind={kind} />
          <span>
            {t(n > NAMED ? "users.effect.gain.more" : "users.effect.gain", { n, list })}
            {people > 1 && <> · {t("users.effect.people", { n: people })}</>}
          </span>
        </li>
      )}
      {labels.length > 0 && (
        <li>
          <Sign kind={kind} />
          <span>
            {t(kind === "gain" ? "users.effect.reads" : "users.effect.reads.no", {
              labels: labels.map((label) => label.toUpperCase()).join(", "),
            })}
          </span>
        </li>
      )}
    </>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
