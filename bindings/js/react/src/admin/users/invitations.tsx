/** Invitations that are not accepted yet. */

import { type ReactNode, useState } from "react";
import type { Command, HolderRow } from "rolecall/client";
import { useFlag } from "../address.js";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { useCommand, useList } from "../data.js";
import { useLanguage, useText } from "../messages/index.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, Icon, Refused, TextButton, Unsettled, useNow } from "../ui/index.js";
import { Grant } from "./grants.js";
import { displayName, type Held, urgency } from "./logic/holders.js";
import { day, relative } from "./logic/time.js";

/** How many are shown before one asks for all. */
const SHOWN = 4;

/** The pending invitations of the scope, with resend and cancel. Nothing is shown without any. */
export function Invitations(): ReactNode {
  const t = useText();
  const {
    rows,
    total = 0,
    loading,
    hasMore,
    more,
  } = useList("access", { kind: "users", status: "invited", limit: 100 });
  const [isAll, showAll] = useFlag("invitations");
  if (loading) return <Unsettled />;
  if (rows.length === 0) return null;
  const shown = isAll ? rows : rows.slice(0, SHOWN);
  return (
    <section className="rc-panel rc-inv" aria-label={t("users.invitations", { n: total })}>
      <h2 className="rc-inv__title">
        <Icon name="mail" />
        {t("users.invitations", { n: total })}
      </h2>
      <ul>
        {shown.map((row) => (
          <Invitation key={row.subject} row={row} />
        ))}
        {total > shown.length && (
          <li>
            <TextButton onClick={() => (isAll && hasMore ? more() : showAll(true))}>
              {t("users.invitation.more", { n: total })}
            </TextButton>
          </li>
        )}
      </ul>
    </section>
  );
}

function Invitation({ row }: { row: HolderRow }): ReactNode {
  const t = useText();
  const may = useMay();
  const now = useNow();
  const [isOpen, open] = useState(false);
  const { run, pending, error } = useCommand();
  const { subject, invited_until } = row;
  const name = row.email ?? displayName(row);
  const resend: Command = { "resend-invitation": { subject } };
  return (
    <li>
      <span className="rc-inv__who">
        <b>{name}</b>
        {(row.roles as readonly Held[]).map((held, index) => (
          <Grant key={index} held={held} now={now} />
        ))}
      </span>
      <Left until={invited_until} now={now} />
      <span className="rc-row rc-row--tight">
        {may("resend-invitation") && (
          <Button
            small
            pending={pending}
            aria-label={t("users.invitation.resend.name", { name })}
            title={commandLine(resend)}
            onClick={() => void run(resend, { done: t("users.invitation.resent", { name }) })}
          >
            {t("users.invitation.resend")}
          </Button>
        )}
        {may("remove-subject") && (
          <Button
            small
            kind="quiet"
            aria-label={t("users.invitation.cancel.name", { name })}
            onClick={() => open(true)}
          >
            {t("users.invitation.cancel")}
          </Button>
        )}
      </span>
      {error !== undefined && <Refused error={error} lead={t("users.command.refused")} />}
      {isOpen && <Cancel subject={subject} name={name} onClose={() => open(false)} />}
    </li>
  );
}

/** How long an invitation can still be accepted. */
function Left({ until, now }: { until: string | undefined; now: Date }): ReactNode {
  const t = useText();
  const zone = useLanguage();
  if (until === undefined) return <span />;
  const state = urgency(until, now);
  const text =
    state === "past"
      ? t("users.invitation.over", { time: day(until, zone) })
      : t("users.invitation.left", { time: relative(until, now, zone) });
  const look = { past: "rc-losetext", soon: "rc-warntext", near: "rc-muted", far: "rc-muted", never: "rc-muted" }[
    state
  ];
  return <span className={`${look} rc-nowrap`}>{text}</span>;
}

function Cancel({ subject, name, onClose }: { subject: string; name: string; onClose: () => void }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  return (
    <ConfirmCommand
      title={t("users.invitation.cancel.title", { name })}
      confirm={t("users.invitation.cancel.do")}
      keep={t("users.invitation.cancel.keep")}
      commands={[{ "remove-subject": { subject, at } }]}
      done={t("users.invitation.cancelled", { name })}
      onClose={onClose}
    >
      <p>{t("users.invitation.cancel.text", { scope })}</p>
    </ConfirmCommand>
  );
}
