/** The roles of somebody as a list, with what an administrator does to each. */

import { type ReactNode, useState } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { useCommand } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay, useScopeTitle } from "../provider.js";
import { Button, CopyCommand, Dialog, Refused, Tag } from "../ui/index.js";
import { Effect } from "./effect.js";
import { useLimits } from "./grants.js";
import { assignmentFields, assignmentKey, type Held, isDirect, withEnd } from "./logic/holders.js";
import type { Receiver } from "./add-role.js";
import { Until } from "./term.js";

/** A role of a receiver, and what closes the dialog about it. */
interface AboutRole extends Receiver {
  held: Held;
  onClose: () => void;
}

/** The roles of somebody. */
export function RolesOf({ subject, name, roles }: Receiver & { roles: readonly Held[] }): ReactNode {
  return (
    <ul className="rc-holds">
      {roles.map((held) => (
        <RoleOf key={assignmentKey(held)} subject={subject} name={name} held={held} />
      ))}
    </ul>
  );
}

function RoleOf({ subject, name, held }: Receiver & { held: Held & { description?: string } }): ReactNode {
  const t = useText();
  const may = useMay();
  const scope = useScopeTitle()(held.at);
  const [open, set] = useState<"end" | "withdraw">();
  const limits = useLimits(held);
  const role = held.title ?? held.role;
  const endLabel = t(held.until === undefined ? "users.end.set" : "users.end.change");
  const about = { subject, name, held, onClose: () => set(undefined) };
  return (
    <li>
      <span className="rc-grow">
        <b>{role}</b> {held.state === "expired" && <Tag>{t("requests.state.ended")}</Tag>}
        {held.description !== undefined && <span className="rc-holds__in">{held.description}</span>}
      </span>
      <span className="rc-muted">{scope}</span>
      <span className="rc-muted">{limits || t("users.end.none")}</span>
      <span className="rc-row rc-row--tight rc-row--end">
        {isDirect(held) && may("assign") && may("withdraw") && (
          <Button small aria-label={t("users.end.name", { action: endLabel, role, scope })} onClick={() => set("end")}>
            {endLabel}
          </Button>
        )}
        {isDirect(held) && may("withdraw") && (
          <Button
            small
            kind="danger"
            aria-label={t("users.withdraw.name", { role, scope })}
            onClick={() => set("withdraw")}
          >
            {t("users.withdraw")}
          </Button>
        )}
      </span>
      {open === "end" && <ChangeEnd {...about} />}
      {open === "withdraw" && <Withdraw {...about} />}
    </li>
  );
}

function Withdraw({ subject, name, held, onClose }: AboutRole): ReactNode {
  const t = useText();
  const scope = useScopeTitle()(held.at);
  const role = held.title ?? held.role;
  return (
    <ConfirmCommand
      title={t("users.withdraw.title", { role, name })}
      confirm={t("users.withdraw.do")}
      keep={t("users.withdraw.keep")}
      commands={[{ withdraw: assignmentFields(subject, held) }] as unknown as Command[]}
      done={t("users.withdrawn", { role, name })}
      refused={t("users.withdraw.refused")}
      onClose={onClose}
    >
      <p>{t("users.withdraw.text", { role, name, scope })}</p>
    </ConfirmCommand>
  );
}

function ChangeEnd({ subject, name, held, onClose }: AboutRole): ReactNode {
  const t = useText();
  const scope = useScopeTitle()(held.at);
  const role = held.title ?? held.role;
  const [until, set] = useState(held.until === undefined ? undefined : new Date(held.until));
  const text = until?.toISOString().replace(".000Z", "Z");
  const isOther = (until?.getTime() ?? 0) !== (held.until === undefined ? 0 : Date.parse(held.until));
  const commands = isOther ? (withEnd(subject, held, text) as unknown as Command[]) : undefined;
  const { run, pending, error } = useCommand();
  const save = async (): Promise<void> => {
    if (commands === undefined) return;
    if (await run(commands, { done: t("users.end.saved", { role, name }) })) onClose();
  };
  return (
    <Dialog
      busy={pending}
      title={t("users.end.title", { role })}
      onClose={onClose}
      footer={
        <>
          <Button disabled={pending} onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button kind="primary" pending={pending} disabled={!isOther} onClick={() => void save()}>
            {t("users.end.do")}
          </Button>
        </>
      }
    >
      <p>{t("users.end.text", { role, name, scope })}</p>
      <div className="rc-form">
        <Until value={until} onChange={set} />
      </div>
      {error === undefined ? (
        <Effect commands={commands} lead={t("users.end.refused")} />
      ) : (
        <Refused error={error} lead={t("users.end.refused")} />
      )}
      {commands !== undefined && <CopyCommand command={commandLine(commands)} />}
    </Dialog>
  );
}
