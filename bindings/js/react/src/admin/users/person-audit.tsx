/** The last events about a person. */

import type { ReactNode } from "react";
import { useAnswer } from "../data.js";
import { useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";
import { useAdmin } from "../provider.js";
import { ErrorNote, Link, Panel, Skeleton, When } from "../ui/index.js";
import { bareId } from "./logic/holders.js";

const SHOWN = 10;

/** The events that concern a person, the last first. */
export function PersonAudit({ subject, name }: { subject: string; name: string }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const { place } = useNavigation();
  const { data, error, refetch } = useAnswer(["last events of", subject], (client, signal) =>
    client.events({ at, subject, count: SHOWN }, { signal }),
  );
  const all = (
    <Link className="rc-push rc-small" to={place({ tab: "audit", query: { subject } })}>
      {t("person.audit.all")}
    </Link>
  );
  return (
    <Panel title={t("person.audit", { name })} aside={all}>
      {error !== null && <ErrorNote error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton rows={4} columns={3} />}
      {data?.events.length === 0 && <p className="rc-panel__body rc-muted">{t("person.audit.none")}</p>}
      <ul className="rc-events">
        {[...(data?.events ?? [])].reverse().map(({ date, username, operation, objectType, event }) => (
          <li key={event.seq}>
            <When time={date} className="rc-muted" />
            <span>
              <b>{Object.keys(event.command ?? {})[0] ?? `${operation} ${objectType}`}</b>{" "}
              <span className="rc-muted">{detail(event.changes, subject)}</span>
            </span>
            <span className="rc-muted">{t("person.audit.by", { actor: bareId(username) })}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface Change {
  kind: string;
  before?: unknown;
  after?: unknown;
}

/** The roles that an event changes for a person. */
function detail(changes: readonly Change[], subject: string): string {
  return changes
    .flatMap(({ kind, before, after }) => {
      const held = (after ?? before) as { subject?: string; role?: string; at?: string };
      if (kind !== "assignment" || held.subject !== subject) return [];
      return [`${after === undefined ? "−" : "+"} ${held.role} @ ${held.at}`];
    })
    .join(", ");
}
