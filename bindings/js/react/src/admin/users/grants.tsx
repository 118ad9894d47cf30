/** Roles at scopes, in a line or in a list. */

import type { ReactNode } from "react";
import { shortId } from "../ids.js";
import { useLanguage, useText } from "../messages/index.js";
import { useScopeTitle } from "../provider.js";
import { type Held, urgency } from "./logic/holders.js";
import { dayAndTime, near } from "./logic/time.js";

/** How a role is drawn: past, ending soon, or plain. */
function stateOf({ state, until }: Held, now: Date): "past" | "ending" | undefined {
  if (state === "expired") return "past";
  return urgency(until, now) === "soon" || urgency(until, now) === "near" ? "ending" : undefined;
}

/** A role at a scope. */
export function Grant({ held, now }: { held: Held; now: Date }): ReactNode {
  const title = useScopeTitle();
  const words = useLimits(held);
  return (
    <span className="rc-grant" data-state={stateOf(held, now)} title={words || undefined}>
      <span className="rc-grant__role">{held.title ?? held.role}</span>
      <span className="rc-grant__at">{title(held.at)}</span>
    </span>
  );
}

const RANK = { active: 0, "not-yet": 1, expired: 2 } as const;

/** The roles of a row: as many as fit, and the number of the others. */
export function Grants({ roles, now, most = 2 }: { roles: readonly Held[]; now: Date; most?: number }): ReactNode {
  const t = useText();
  const rest = roles.length - most;
  // Assignments in effect matter more than ended ones.
  const ordered = [...roles].sort((one, other) => RANK[one.state] - RANK[other.state]);
  return (
    <div className="rc-row rc-row--tight rc-grants">
      {ordered.slice(0, most).map((held, index) => (
        <Grant key={index} held={held} now={now} />
      ))}
      {rest > 0 && <span className="rc-tag rc-tag--solid">+{t("users.role.more", { n: rest })}</span>}
      {roles.length === 0 && <span className="rc-faint">{t("users.role.none")}</span>}
    </div>
  );
}

/** Returns what limits an assignment, in words: its begin and end, its values, and where it comes from. */
export function useLimits(held: Held): string {
  const t = useText();
  const { locale } = useLanguage();
  const { from, until, state, below, boundaries = {}, group, mapped } = held;
  const time = (text: string): string => dayAndTime(text, { locale });
  const provider = mapped as { group?: string } | undefined;
  return [
    from !== undefined && state === "not-yet" && t("users.role.from", { time: time(from) }),
    until !== undefined && t(state === "expired" ? "users.role.ended" : "users.role.until", { time: time(until) }),
    below === false && t("users.role.here"),
    ...Object.entries(boundaries).map(([name, values]) =>
      t("users.role.only", { values: `${name} ${values.join(", ")}` }),
    ),
    provider?.group !== undefined
      ? t("users.role.mapped", { group: provider.group })
      : group !== undefined && t("users.role.through", { group: shortId(group) }),
  ]
    .filter((text) => text !== false)
    .join(", ");
}

/** The end of something, with care for what ends soon. */
export function End({ until, now }: { until: string | undefined; now: Date }): ReactNode {
  const t = useText();
  const zone = useLanguage();
  if (until === undefined) return <span className="rc-faint">{t("users.end.none")}</span>;
  const isNear = urgency(until, now) === "soon" || urgency(until, now) === "near";
  return (
    <time dateTime={until} title={dayAndTime(until, zone)} className={isNear ? "rc-warntext" : undefined}>
      {near(until, now, zone)}
    </time>
  );
}
