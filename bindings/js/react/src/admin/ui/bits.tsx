/** Small facts: people, tags, times, commands to copy. */

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLanguage, useText } from "../messages/index.js";
import { useAway } from "../away.js";
import { Button } from "./button.js";
import { classes } from "./classes.js";
import { copyText } from "./copy.js";
import { isDialogOpen } from "./dialog.js";

/** Returns the two letters of a name that are shown in place of a picture. */
export function initials(name: string): string {
  const words = name
    .replace(/^\w+:/, "")
    .split(/[\s.@_-]+/)
    .filter(Boolean);
  const letters = [words[0], words.length > 1 ? words[1] : undefined].map((word) => word?.charAt(0) ?? "");
  return letters.join("").toUpperCase();
}

/** The letters of a person. */
export function Avatar({ name, large = false }: { name: string; large?: boolean }): ReactNode {
  return (
    <span className={large ? "rc-avatar rc-avatar--l" : "rc-avatar"} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** A person: name first, then the address or id. */
export function Who({ name, detail, avatar }: { name: ReactNode; detail?: ReactNode; avatar: string }): ReactNode {
  return (
    <div className="rc-who">
      <Avatar name={avatar} />
      <span className="rc-who__text">
        <span>{name}</span>
        {detail !== undefined && <span className="rc-faint">{detail}</span>}
      </span>
    </div>
  );
}

export interface TagProps {
  kind?: "plain" | "solid" | "accent" | "gain" | "lose" | "warn" | "dashed";
  title?: string;
  children: ReactNode;
}

/** A mark of few words. */
export function Tag({ kind = "plain", title, children }: TagProps): ReactNode {
  return (
    <span className={classes("rc-tag", kind !== "plain" && `rc-tag--${kind}`)} title={title}>
      {children}
    </span>
  );
}

/** A gain or a loss: the sign, then words. */
export function Sign({ kind }: { kind: "gain" | "lose" }): ReactNode {
  return <span className={`rc-sign rc-sign--${kind}`}>{kind === "gain" ? "+" : "−"}</span>;
}

/** Returns the time of what is shown, as text, while the server cannot be reached. */
export function useAsOf(): string | undefined {
  const { locale } = useLanguage();
  const time = useAway();
  return time && new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(time);
}

/** Marks what is of an earlier time, because the server cannot be reached. */
export function AsOf(): ReactNode {
  const t = useText();
  const time = useAsOf();
  return time !== undefined && <Tag kind="warn">{t("common.offline.asof", { time })}</Tag>;
}

export interface PanelProps {
  title?: ReactNode;
  /** The content to the right of the title. */
  aside?: ReactNode;
  footer?: ReactNode;
  className?: string;
  label?: string;
  children: ReactNode;
}

/** A part of a page with a border. */
export function Panel({ title, aside, footer, className, label, children }: PanelProps): ReactNode {
  return (
    <section className={classes("rc-panel", className)} aria-label={label}>
      {title !== undefined && (
        <div className="rc-panel__head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
      {footer !== undefined && <div className="rc-panel__foot">{footer}</div>}
    </section>
  );
}

/** The head of a page: its title, its views, and what one may do. */
export function Head({
  title,
  views,
  children,
}: {
  title: ReactNode;
  views?: ReactNode;
  children?: ReactNode;
}): ReactNode {
  return (
    <div className="rc-head">
      <h1>{title}</h1>
      <AsOf />
      {views}
      {children !== undefined && <div className="rc-row rc-push">{children}</div>}
    </div>
  );
}

/** A table within a box that scrolls sideways. */
export function TableWrap({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className="rc-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

export interface CopyCommandProps {
  command: string;
  /** Shows as much as fits into a line. */
  line?: boolean;
  /** Shows the button alone. */
  bare?: boolean;
}

/** The command line that does the same, to copy. */
export function CopyCommand({ command, line = false, bare = false }: CopyCommandProps): ReactNode {
  const t = useText();
  const code = useRef<HTMLElement>(null);
  const [state, set] = useState<"copied" | "failed">();
  const copied = state === "copied";
  useEffect(() => {
    if (state === undefined) return;
    const timer = setTimeout(() => set(undefined), copied ? 2_000 : 10_000);
    return () => clearTimeout(timer);
  }, [state, copied]);
  const copy = async (): Promise<void> => set((await copyText(command, code.current)) ? "copied" : "failed");
  return (
    <div className={classes(!bare && "rc-cli", line && "rc-cli--line")}>
      <span className={bare ? "rc-sr" : "rc-cli__label"}>{t("common.same")}</span>
      <code ref={code} className={bare ? "rc-sr" : undefined} title={line ? command : undefined}>
        {command}
      </code>
      <Button
        kind="quiet"
        small
        iconOnly
        icon={copied ? "check" : "copy"}
        title={bare ? command : undefined}
        onClick={() => void copy()}
      >
        {copied ? t("common.copied") : t("common.copy.command")}
      </Button>
      <span className={state === "failed" ? "rc-help" : "rc-sr"} role="status">
        {state === undefined ? "" : t(copied ? "common.copied" : "common.copy.failed")}
      </span>
    </div>
  );
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Writes times: relative up to seven days, then the date. */
export function writeTime(locale: string, time: Date, now: Date): string {
  const distance = +time - +now;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const size = Math.abs(distance);
  if (size < MINUTE) return relative.format(0, "second");
  if (size < HOUR) return relative.format(Math.trunc(distance / MINUTE), "minute");
  if (size < DAY) return relative.format(Math.trunc(distance / HOUR), "hour");
  if (size < 7 * DAY) return relative.format(Math.trunc(distance / DAY), "day");
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }).format(time);
}

/** Returns the time, again every half minute. */
export function useNow(): Date {
  const [now, set] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => set(new Date()), MINUTE / 2);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A time, relative if it is near. The whole time is its title. */
export function When({ time, className }: { time: string | Date; className?: string }): ReactNode {
  const { locale } = useLanguage();
  const now = useNow();
  const date = new Date(time);
  const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(date);
  return (
    <time dateTime={date.toISOString()} title={whole} className={className}>
      {writeTime(locale, date, now)}
    </time>
  );
}

export interface SaveBarProps {
  /** The number of changes. */
  changes: number;
  /** The effect of the changes, in few words. */
  sum?: ReactNode;
  /** The command line that does the same. */
  command?: string | undefined;
  saving?: boolean;
  onSave: () => void;
  onDiscard: () => void;
  /** The bar stays where it is, instead of at the bottom of the window. */
  still?: boolean;
  save?: string;
  /** The name of the bar, where a page has several. */
  label?: string | undefined;
}

/** The changes that are not saved yet. Ctrl S saves. */
export function SaveBar({
  changes,
  sum,
  command,
  saving = false,
  onSave,
  onDiscard,
  still = false,
  save,
  label,
}: SaveBarProps): ReactNode {
  const t = useText();
  const isAway = useAway() !== undefined;
  useEffect(() => {
    if (changes === 0) return;
    const press = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // A dialog is a question about something else.
      if (!saving && !isAway && !isDialogOpen()) onSave();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [changes, saving, isAway, onSave]);
  return (
    <div
      className={classes("rc-save", still && "rc-save--still")}
      role="region"
      aria-label={label ?? t("common.unsaved")}
    >
      <span className="rc-save__what">
        {t("common.changes", { n: changes })}
        {isAway ? (
          <span className="rc-save__away" role="status">
            {t("common.offline.wait")}
          </span>
        ) : (
          sum !== undefined && <span className="rc-save__sum">{sum}</span>
        )}
      </span>
      {command !== undefined && <CopyCommand line command={command} />}
      <Button disabled={changes === 0 || saving} onClick={onDiscard}>
        {t("common.discard")}
      </Button>
      <Button kind="primary" pending={saving} disabled={changes === 0} onClick={onSave}>
        {save ?? t("common.save")}
      </Button>
    </div>
  );
}
