/** The last events about a person. */

import { type ReactNode, useMemo } from "react";
import { useAnswer } from "../data.js";
import { useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";
import { useAdmin } from "../provider.js";
import { Sentence, useEventNames } from "../sentence.js";
import { ErrorNote, Link, Panel, Skeleton, When } from "../ui/index.js";

const SHOWN = 10;

/** The events that concern a person, the last first. */
export function PersonAudit({ subject, name }: { subject: string; name: string }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const { place } = useNavigation();
  const { data, error, refetch } = useAnswer(["last events of", subject], (client, signal) =>
    client.events({ at, subject, count: SHOWN }, { signal }),
  );
  const shown = useMemo(() => [...(data?.events ?? [])].reverse(), [data]);
  const names = useEventNames(shown);
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
        {shown.map((entry) => (
          <li key={entry.event.seq}>
            <When time={entry.date} className="rc-muted" />
            <Link to={place({ tab: "audit", path: [String(entry.event.seq)], query: { subject } })}>
              <Sentence entry={entry} names={names} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
