/** One event: who, when, from where, what changed, and its hash. */

import { type ReactNode, useRef } from "react";
import type { AuditEntry, ObjectChange } from "rolecall/client";
import { useLanguage, useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";
import { useAdmin } from "../provider.js";
import { commandOf, type EventNames, objectName } from "../said.js";
import { Sentence, textOf } from "../sentence.js";
import { shellWord } from "../shell-word.js";
import { Button, CopyCommand, Tag, useCopy } from "../ui/index.js";
import { compared } from "./lines.js";

/** Everything of an event that its reader may see. */
export function EventDetails({
  entry,
  names,
  link,
}: {
  entry: AuditEntry;
  names: EventNames;
  link: string;
}): ReactNode {
  const { at, subject } = useAdmin();
  const t = useText();
  const { event } = entry;
  const object = event.changes[0]?.id;
  const about = object === undefined ? `--after ${event.seq - 1} --limit 1` : `--object ${shellWord(object)}`;
  return (
    <aside className="rc-panel rc-why" aria-labelledby="rc-event">
      <div className="rc-panel__head">
        <h2 id="rc-event">{t("audit.event", { n: event.seq })}</h2>
        <Tag kind="solid">
          {textOf(t, `audit.op.${entry.operation}`, entry.operation)} ·{" "}
          {textOf(t, `audit.type.${entry.objectType}`, entry.objectType)}
        </Tag>
        <CopyLink link={link} />
      </div>
      <div className="rc-panel__body rc-stack">
        <p>
          <Sentence entry={entry} names={names} />.
        </p>
        <Facts entry={entry} names={names} />
        <section className="rc-stack rc-stack--s">
          <h3>{t("audit.changed")}</h3>
          {event.changes.length === 0 && <p className="rc-muted rc-small">{t("audit.nothing")}</p>}
          {event.changes.map((change) => (
            <Changed key={`${change.kind} ${change.id}`} change={change} names={names} />
          ))}
        </section>
        <dl className="rc-facts rc-hash">
          <dt>{t("audit.hash")}</dt>
          <dd>{entry.hash === undefined ? t("audit.hash.none") : <code className="rc-break">{entry.hash}</code>}</dd>
        </dl>
        <CopyCommand command={`rolecall audit list --at ${shellWord(at)} --as ${shellWord(subject)} ${about}`} />
      </div>
    </aside>
  );
}

function CopyLink({ link }: { link: string }): ReactNode {
  const t = useText();
  const { href } = useNavigation();
  const copy = useCopy();
  const shown = useRef<HTMLSpanElement>(null);
  const address = new URL(href(link), location.href).href;
  return (
    <>
      <Button kind="quiet" small iconOnly icon="link" className="rc-push" onClick={() => copy(address, shown.current)}>
        {t("audit.link")}
      </Button>
      <span ref={shown} className="rc-sr" aria-hidden>
        {address}
      </span>
    </>
  );
}

/** A name and its id. */
function Named({ id, name }: { id: string; name: string }): ReactNode {
  return (
    <>
      {name} <code className="rc-muted">{id}</code>
    </>
  );
}

function Facts({ entry, names }: { entry: AuditEntry; names: EventNames }): ReactNode {
  const t = useText();
  const { locale } = useLanguage();
  const { event, ipAddress, peerAddress, application } = entry;
  const { session, mapped } = event;
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" }).format(
    new Date(entry.date),
  );
  const address =
    ipAddress !== undefined && peerAddress !== undefined && ipAddress !== peerAddress
      ? t("audit.peer", { address: ipAddress, peer: peerAddress })
      : (ipAddress ?? peerAddress);
  const omitted = mapped?.omitted?.map(({ group, reason }) => `${names.subject(group)} (${reason})`);
  const named = (id: string | undefined): ReactNode =>
    id === undefined || id === "" ? undefined : <Named id={id} name={names.subject(id)} />;
  const { login, reason, domain = mapped?.domain } = session ?? {};
  const command = commandOf(entry)?.name;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t("audit.when"), <time dateTime={entry.date}>{when}</time>],
    [t("audit.who"), event.actor === "other" ? t("audit.other") : (named(event.actor) ?? t("audit.nobody"))],
    [t("audit.address"), address],
    [t("audit.application"), named(application)],
    [t("audit.command"), command && <code>{command}</code>],
    [t("audit.id"), event.id && <code>{event.id}</code>],
    [t("audit.method"), login && textOf(t, `settings.login.${login}`, login)],
    [t("audit.provider"), session?.provider ?? mapped?.provider],
    [t("audit.domain"), domain && names.scope(domain)],
    [t("audit.reason"), reason && textOf(t, `audit.reason.${reason}`, reason)],
    [t("audit.times"), session?.count],
    [t("audit.omitted"), omitted && new Intl.ListFormat(locale).format(omitted)],
  ];
  return (
    <dl className="rc-facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name} className="rc-facts__pair">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Changed({ change, names }: { change: ObjectChange; names: EventNames }): ReactNode {
  const t = useText();
  const { kind, id, before, after } = change;
  const title = `${textOf(t, `audit.kind.${kind}`, kind)}: ${objectName(id, names)}`;
  const lines = compared(before, after);
  const count = (sign: string): number => lines.filter((line) => line.kind === sign).length;
  const [out, added] = [count("-"), count("+")];
  const state = before === undefined ? t("audit.created") : after === undefined ? t("audit.removed") : undefined;
  return (
    <div className="rc-code" role="region" tabIndex={0} aria-label={title}>
      <p className="rc-code__head">
        <b title={`${kind} ${id}`}>{title}</b>
        <span>{state ?? t("audit.lines", { out, added })}</span>
      </p>
      <pre>
        {lines.map((line, index) => (
          <span key={index} data-k={line.kind === " " ? undefined : line.kind}>
            <i aria-hidden="true">{line.kind === "-" ? "−" : line.kind}</i>
            {line.kind === "+" ? <ins>{line.text}</ins> : line.kind === "-" ? <del>{line.text}</del> : line.text}
          </span>
        ))}
      </pre>
    </div>
  );
}
