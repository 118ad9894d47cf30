/** The states of lists and forms: loading, empty, nothing found, failed and refused. */

import { type ReactNode, useEffect, useState } from "react";
import { type Failure, failureOf } from "../failure.js";
import { useText } from "../messages/index.js";
import { Button } from "./button.js";
import { Icon, type IconName } from "./icon.js";

export interface EmptyProps {
  icon: IconName;
  title: ReactNode;
  children?: ReactNode;
  /** The ways on. */
  actions?: ReactNode;
  /** The level of the heading. 1 if nothing else is on the page. */
  level?: 1 | 2 | 3;
}

/** The place of an empty list: its usual content, and the way on. */
export function Empty({ icon, title, children, actions, level = 3 }: EmptyProps): ReactNode {
  const Heading = `h${level}` as const;
  return (
    <div className="rc-empty">
      <Icon name={icon} />
      <Heading className="rc-empty__title">{title}</Heading>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="rc-row">{actions}</div>}
    </div>
  );
}

export interface NoteProps {
  kind?: "plain" | "info" | "warn" | "lose" | undefined;
  icon?: IconName | undefined;
  /** The first words, in bold. */
  lead?: ReactNode;
  children?: ReactNode;
  /** The ways on. */
  actions?: ReactNode;
  /** Whether screen readers announce it at once. */
  alert?: boolean;
}

const ICONS = { plain: "info", info: "info", warn: "warn", lose: "stop" } as const;

/** A notice. */
export function Note({ kind = "plain", icon, lead, children, actions, alert = false }: NoteProps): ReactNode {
  return (
    <div className={kind === "plain" ? "rc-note" : `rc-note rc-note--${kind}`} role={alert ? "alert" : undefined}>
      <Icon name={icon ?? ICONS[kind]} />
      <div>
        {lead !== undefined && <strong>{lead} </strong>}
        {children}
        {actions !== undefined && <div className="rc-row rc-note__act">{actions}</div>}
      </div>
    </div>
  );
}

/** The code of an error, one step away. */
function Code({ failure }: { failure: Failure }): ReactNode {
  const t = useText();
  return (
    <details>
      <summary>{t("common.details")}</summary>
      <code className="rc-tiny">{[failure.status, failure.code].filter(Boolean).join(" ")}</code>
    </details>
  );
}

export interface RefusedProps {
  error: unknown;
  /** The outcome, such as “Not saved.” */
  lead: ReactNode;
  /** The ways out. */
  actions?: ReactNode;
}

/** The refusal of a change: the outcome, the server's sentence, and its help. */
export function Refused({ error, lead, actions }: RefusedProps): ReactNode {
  const failure = failureOf(error);
  const t = useText();
  const { message, help } = failure;
  return (
    <Note
      kind="lose"
      alert
      lead={lead}
      actions={
        <>
          {actions}
          <Code failure={failure} />
        </>
      }
    >
      {failure.unreachable ? t("common.error.unreachable") : sentence(message)}
      {help !== undefined && !failure.unreachable && ` ${sentence(help)}`}
    </Note>
  );
}

/** Hides what is below it in an element with the class `rc-settle`, because it would move. */
export function Unsettled(): ReactNode {
  return <div className="rc-skels" hidden />;
}

/** The report that data could not be loaded. */
export function ErrorNote({
  error,
  retry,
  lead,
}: {
  error: unknown;
  retry?: (() => void) | undefined;
  lead?: ReactNode;
}): ReactNode {
  const failure = failureOf(error);
  const t = useText();
  const actions = (
    <>
      {retry !== undefined && (
        <Button small onClick={retry}>
          {t("common.retry")}
        </Button>
      )}
      <Code failure={failure} />
    </>
  );
  return (
    <Note kind="lose" alert lead={lead ?? t("common.error")} actions={actions}>
      {failure.unreachable ? t("common.error.unreachable") : sentence(failure.message)}
      {failure.help !== undefined && ` ${sentence(failure.help)}`} {t("common.error.help")}
    </Note>
  );
}

/** Writes the server's words as a sentence. */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** How long nothing is shown before the shape of what comes. */
const PATIENCE = 150;

/** Returns whether some time has passed. */
export function usePatience(millis = PATIENCE): boolean {
  const [passed, set] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => set(true), millis);
    return () => clearTimeout(timer);
  }, [millis]);
  return passed;
}

const WIDTHS = [68, 46, 82, 57, 74, 39, 63, 51];

/** The shape of a list that is loading. */
export function Skeleton({
  label,
  rows = 6,
  columns = 3,
}: {
  label?: string;
  rows?: number;
  columns?: number;
}): ReactNode {
  const t = useText();
  const isShown = usePatience();
  return (
    <div className="rc-skels" aria-busy="true">
      <span className="rc-sr" role="status">
        {label ?? t("common.loading")}
      </span>
      <div aria-hidden="true" hidden={!isShown}>
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="rc-skels__row">
            {Array.from({ length: columns }, (_, column) => (
              <span key={column}>
                <span className="rc-skel" style={{ width: `${WIDTHS[(row * 3 + column * 5) % WIDTHS.length]}%` }} />
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Progress of long work. */
export function Progress({ label, done, all }: { label: string; done: number; all: number }): ReactNode {
  return (
    <div className="rc-stack rc-stack--s">
      <div className="rc-row rc-row--between">
        <b>{label}</b>
        <span className="rc-count">
          {done} / {all}
        </span>
      </div>
      <progress className="rc-bar" aria-label={label} value={done} max={all} />
    </div>
  );
}
