/** The frame of one setting: what it means, its fields, its effect, and what saves it. */

import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import type { Command } from "rolecall/client";
import { commandLine } from "../command-line.js";
import { useConflicts } from "../conflicts.js";
import { useCommand, useView } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { useDryRun } from "../users/use.js";
import { Button, ErrorNote, Note, Panel, Refused, SaveBar, Skeleton } from "../ui/index.js";
import { lendFocus } from "../ui/focus.js";
import { FormPlaces, useUnsaved } from "../unsaved.js";
import { type Draft, useDraft } from "./draft.js";
import { Effect } from "./effect.js";
import type { Settings } from "rolecall/client";

/** Loads the settings of the scope. */
export function WithSettings({
  children,
}: {
  children: (settings: Settings & { version: number }) => ReactNode;
}): ReactNode {
  const settings = useView("settings", {});
  if (settings.data !== undefined) return children(settings.data);
  if (settings.error === null) return <Skeleton rows={3} columns={1} />;
  return <ErrorNote error={settings.error} retry={() => void settings.refetch()} />;
}

export interface SettingProps<T> {
  /** The name of the setting. */
  title: string;
  /** The name of the command that sets it, as the policy maps it. */
  name: string;
  stored: T;
  /** Returns the command that sets a value. */
  command: (value: T) => Command;
  /** Writes a value in few words, for a conflict. */
  words: (value: T) => string;
  done: string;
  /** The version of the state with the stored value, which a save requires. */
  version: number | undefined;
  /** Returns the commands that bring back what is stored; none if they cannot. By default that sets the stored value. */
  undo?: (value: T) => readonly Command[];
  /** The fields. `error` is the refusal of what is typed. */
  children: (draft: Draft<T>, isLocked: boolean, error: unknown) => ReactNode;
  /** Returns the report of incomplete input, which then is not sent. */
  incomplete?: (value: T) => string | undefined;
  /** The ways out of a refusal. */
  ways?: (draft: Draft<T>, error: unknown) => ReactNode;
}

/** A setting that one command sets. The server tries it while it is typed, and checks it again when it is saved. */
export function Setting<T>(props: SettingProps<T>): ReactNode {
  const { title, name, stored, command, words, done, version, children, incomplete, ways } = props;
  const t = useText();
  const may = useMay();
  const draft = useDraft(stored);
  const runner = useCommand();
  const isLocked = !may(name);
  useUnsaved(draft.isChanged ? 1 : 0);
  const missing = draft.isChanged ? incomplete?.(draft.value) : undefined;
  const isClash = draft.theirs !== undefined && !runner.pending;
  const isReady = draft.isChanged && !isLocked && !isClash && missing === undefined;
  const preview = useDryRun(isReady ? [command(draft.value)] : undefined);
  const save = (): void => {
    if (!isReady) return;
    const undo = props.undo === undefined ? [command(stored)] : props.undo(draft.value);
    void runner.run(command(draft.value), { done, undo, ifMatch: version }).then((isSaved) => {
      if (isSaved) draft.saved(draft.value);
    });
  };
  const { begin, isSettling } = useConflicts(runner, isClash, draft.value, save);
  const refusal = isSettling ? undefined : runner.error;
  const error = draft.isChanged && !isClash ? (refusal ?? preview.error ?? undefined) : undefined;
  const change = { ...draft, set: (value: T) => (runner.reset(), draft.set(value)) };
  return (
    <Panel>
      <div className="rc-panel__body rc-stack">
        {isLocked && <Note icon="lock">{t("settings.locked")}</Note>}
        {children(change, isLocked, error)}
        {isClash && <Conflict draft={change} words={words} />}
        {error !== undefined && (
          <Refused
            error={error}
            lead={t(refusal === undefined ? "settings.refused.before" : "settings.refused")}
            actions={ways?.(change, error)}
          />
        )}
        {missing !== undefined && <Note kind="warn">{missing}</Note>}
        {error === undefined && isReady && <Effect diff={preview.diff} />}
      </div>
      {!isLocked && !isClash && (
        <SaveBar
          still
          label={t("settings.bar", { title })}
          changes={draft.isChanged ? 1 : 0}
          command={missing === undefined ? commandLine(command(draft.value)) : undefined}
          saving={runner.pending || isSettling}
          onSave={begin}
          onDiscard={() => {
            runner.reset();
            draft.discard();
          }}
        />
      )}
    </Panel>
  );
}

function Conflict<T>({ draft, words }: { draft: Draft<T>; words: (value: T) => string }): ReactNode {
  const t = useText();
  const { theirs, value } = draft;
  if (theirs === undefined) return null;
  return (
    <Note
      kind="warn"
      alert
      lead={t("settings.conflict")}
      actions={
        <>
          <Button small onClick={draft.insist}>
            {t("settings.conflict.mine")}
          </Button>
          <Button small onClick={draft.discard}>
            {t("settings.conflict.theirs")}
          </Button>
        </>
      }
    >
      {t("settings.conflict.help", { theirs: words(theirs), yours: words(value) })}
    </Note>
  );
}

/** A section of a page of settings. */
export function Section({
  title,
  help,
  children,
  actions,
}: {
  title: ReactNode;
  help?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <section className="rc-sec">
      <div className="rc-sec__head">
        <h2>{title}</h2>
        {actions !== undefined && <div className="rc-row rc-push">{actions}</div>}
        {help !== undefined && <p className="rc-muted rc-measure">{help}</p>}
      </div>
      {children}
    </section>
  );
}

const ROW = { isRow: true };

/** The open row of a list, below it. It scrolls into view. */
export function Opened({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const t = useText();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [title]);
  useLayoutEffect(() => {
    const [giveBack, opened] = [lendFocus(), place.current];
    return () => {
      if (opened?.contains(document.activeElement)) giveBack();
    };
  }, []);
  const close = (
    <Button kind="quiet" small iconOnly icon="close" className="rc-push" onClick={onClose}>
      {t("common.close")}
    </Button>
  );
  return (
    <div ref={place}>
      <Panel title={title} aside={close} label={title}>
        <div className="rc-panel__body">
          <FormPlaces.Provider value={ROW}>{children}</FormPlaces.Provider>
        </div>
      </Panel>
    </div>
  );
}
