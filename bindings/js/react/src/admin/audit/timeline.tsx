/** Events in time, by day. */

import type { ReactNode } from "react";
import type { AuditEntry } from "rolecall/client";
import { useLanguage, useNumber, useText } from "../messages/index.js";
import type { EventNames } from "../said.js";
import { Sentence, textOf } from "../sentence.js";
import { Icon, Link, useNow } from "../ui/index.js";
import { type Day, daysOf } from "./days.js";
import { iconOf } from "./words.js";

export interface TimelineProps {
  entries: readonly AuditEntry[];
  names: EventNames;
  selected: number | undefined;
  link: (seq: number) => string;
}

/** The events by day. */
export function Timeline({ entries, names, selected, link }: TimelineProps): ReactNode {
  return daysOf(entries).map((day) => (
    <section key={day.date.toDateString()}>
      <DayHead day={day} />
      <ol className="rc-ev">
        {day.entries.map((entry) => (
          <Entry
            key={entry.event.seq}
            entry={entry}
            names={names}
            isSelected={entry.event.seq === selected}
            to={link(entry.event.seq)}
          />
        ))}
      </ol>
    </section>
  ));
}

function DayHead({ day: { date, entries } }: { day: Day }): ReactNode {
  const { locale } = useLanguage();
  const t = useText();
  const number = useNumber();
  const now = useNow();
  const text = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }).format(date);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  const isDay = (other: Date): boolean => other.toDateString() === date.toDateString();
  return (
    <h2 className="rc-ev__day">
      {isDay(now) ? t("audit.today", { date: text }) : isDay(yesterday) ? t("audit.yesterday", { date: text }) : text}{" "}
      <span className="rc-count">{number(entries.length)}</span>
    </h2>
  );
}

function Entry({
  entry,
  names,
  isSelected,
  to,
}: {
  entry: AuditEntry;
  names: EventNames;
  isSelected: boolean;
  to: string;
}): ReactNode {
  const { locale } = useLanguage();
  const t = useText();
  const number = useNumber();
  const { event, date, operation, objectType } = entry;
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    new Date(date),
  );
  const address = entry.ipAddress ?? entry.peerAddress;
  return (
    <li data-selected={isSelected || undefined} data-k={operation === "LOGIN_FAILED" ? "refused" : undefined}>
      <Link to={to} aria-current={isSelected || undefined}>
        <time dateTime={date}>{time}</time>
        <span className="rc-ev__i">
          <Icon name={iconOf(entry)} />
        </span>
        <span className="rc-ev__what">
          <span>
            <Sentence entry={entry} names={names} />
          </span>
          <span className="rc-ev__meta">
            <span>
              {textOf(t, `audit.op.${operation}`, operation)} · {textOf(t, `audit.type.${objectType}`, objectType)}
            </span>
            {address !== undefined && <span>{address}</span>}
          </span>
        </span>
        <span className="rc-ev__n">
          <span className="rc-sr">{t("audit.event", { n: event.seq })}</span>
          <span aria-hidden="true">{number(event.seq)}</span>
        </span>
      </Link>
    </li>
  );
}
