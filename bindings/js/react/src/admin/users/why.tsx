/** Why a person may or may not do something, and what would allow it. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Fragment, type ReactNode, useEffect, useId, useState } from "react";
import { useLanguage, useText, type MessageKey } from "../messages/index.js";
import { useNames } from "../names.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { AsOf, Button, CopyCommand, ErrorNote, Field, Icon, Input, Panel, sentence } from "../ui/index.js";
import { AddRole } from "./add-role.js";
import type { Explained } from "./logic/answers.js";
import type { Catalogue } from "./logic/catalogue.js";
import { shellWord } from "../shell-word.js";
import { type Boundaries, type Change, onlyStep } from "./logic/remedy.js";
import { day } from "./logic/time.js";
import { ScopeSelect } from "./may.js";
import type { PartProps } from "./person.js";
import { type AnswersState, useQuestion, useTime } from "./use-answers.js";
import { WayDialog } from "./way-dialog.js";

type WhyProps = PartProps & { boundaries: Boundaries; answers: AnswersState };

/** The panel with a question, its answer, and the ways to allow it. */
export function Why({ subject, name, boundaries, view, onView, answers: { answers } }: WhyProps): ReactNode {
  const t = useText();
  const { at: here } = useAdmin();
  const at = view.at ?? here;
  const { why } = view;
  const isKnown = why !== undefined && answers?.catalogue.texts.has(why) === true;
  const time = useTime(view.time);
  // The minute passes and documents change below an open dialog; what was answered to another question is wrong.
  const topic = JSON.stringify([subject, at, why, view.time]);
  const question = useQuestion(answers, "why", { subject, at, permission: why ?? "", time }, isKnown, topic);
  if (answers === undefined) return null;
  const isAllowed = isKnown && question.data?.decision.allow === true;
  return (
    <aside className="rc-why" id="why">
      <Panel title={t(isAllowed ? "person.why.yes" : "person.why", { name })} aside={<AsOf />}>
        <div className="rc-panel__body rc-stack">
          <div className="rc-form">
            <PermissionField catalogue={answers.catalogue} value={why} onChange={(next) => onView({ why: next })} />
            <Field label={t("users.add.scope")} className="rc-form__wide">
              {() => <ScopeSelect value={at} scopes={answers.scopes} onChange={(next) => onView({ at: next })} />}
            </Field>
          </div>
          {isKnown ? (
            <Answer
              subject={subject}
              name={name}
              boundaries={boundaries}
              at={at}
              permission={why}
              time={view.time}
              question={question}
              catalogue={answers.catalogue}
            />
          ) : (
            <p className="rc-help">{t("person.why.start")}</p>
          )}
        </div>
      </Panel>
    </aside>
  );
}

interface PermissionFieldProps {
  catalogue: Catalogue;
  value: string | undefined;
  onChange: (permission: string | undefined) => void;
}

/** A field that finds permissions by their words. */
function PermissionField({ catalogue, value, onChange }: PermissionFieldProps): ReactNode {
  const t = useText();
  const list = useId();
  const text = (permission: string | undefined): string => {
    const found = permission === undefined ? undefined : catalogue.texts.get(permission);
    return found === undefined ? "" : `${found.resource}: ${found.action}`;
  };
  const [typed, type] = useState(text(value));
  // Another permission comes from the table or the address. The field itself stays, with the focus.
  useEffect(() => type(text(value)), [value]);
  return (
    <Field label={t("person.why.permission")} className="rc-form__wide">
      {(control) => (
        <>
          <Input
            {...control}
            list={list}
            placeholder={t("person.why.hint")}
            value={typed}
            onChange={({ target }) => {
              type(target.value);
              const found = catalogue.permissions.find(
                ({ permission }) => text(permission) === target.value || permission === target.value,
              );
              if (found !== undefined) onChange(found.permission);
            }}
          />
          <datalist id={list}>
            {catalogue.permissions.map(({ permission }) => (
              <option key={permission} value={text(permission)} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

interface AnswerProps {
  subject: string;
  name: string;
  boundaries: Boundaries;
  at: string;
  permission: string;
  /** The chosen time; now without it. */
  time: string | undefined;
  question: UseQueryResult<Explained>;
  catalogue: Catalogue;
}

function Answer({ subject, name, boundaries, at, permission, time, question, catalogue }: AnswerProps): ReactNode {
  const t = useText();
  const { data, error, isPlaceholderData } = question;
  const line = [
    "rolecall explain --store admin.rolecall --subject",
    shellWord(subject),
    "--permission",
    shellWord(permission),
    "--at",
    shellWord(at),
    ...(time === undefined ? [] : ["--time", shellWord(time)]),
  ].join(" ");
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined) return <p className="rc-help">{t("common.loading")}</p>;
  return (
    <div className="rc-stack" aria-busy={isPlaceholderData} aria-live="polite">
      <Verdict data={data} catalogue={catalogue} />
      {!data.decision.allow && <Ways data={data} name={name} boundaries={boundaries} catalogue={catalogue} />}
      <Checked data={data} />
      <CopyCommand command={line} />
    </div>
  );
}

function Verdict({ data: { decision, guards }, catalogue }: { data: Explained; catalogue: Catalogue }): ReactNode {
  const t = useText();
  const title = useScopeTitle();
  const name = useNames(decision.granted_by.map(({ subject }) => subject));
  if (!decision.allow)
    return (
      <div className="rc-answer">
        <p className="rc-answer__no">
          <Icon name="stop" />
          <b>{t("person.why.denied")}</b>{" "}
          {guards
            .filter(({ reasons }) => reasons.length > 0)
            .map(({ guard, because }) => (
              <Fragment key={guard}>{withCode(sentence(because))} </Fragment>
            ))}
        </p>
      </div>
    );
  return (
    <div className="rc-answer">
      <p className="rc-answer__yes">
        <Icon name="check" />
        <b>{t("person.why.allowed")}</b>
      </p>
      {decision.granted_by.map(({ via, role, at, subject }, index) => {
        const assigned = catalogue.roleTitle(via[0] ?? role);
        const values = {
          role: assigned,
          scope: title(at),
          inherited: catalogue.roleTitle(role),
          group: name(subject),
        };
        const key = subject.startsWith("group:")
          ? "person.why.by.group"
          : via.length > 1
            ? "person.why.by.through"
            : "person.why.by";
        return <p key={index}>{t(key, values)}</p>;
      })}
    </div>
  );
}

/** Shows the names of a sentence of the engine, which are in backticks, as code. */
function withCode(text: string): ReactNode {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

type WaysProps = Pick<AnswerProps, "name" | "boundaries" | "catalogue"> & { data: Explained };

function Ways({ data, ...about }: WaysProps): ReactNode {
  const t = useText();
  if (data.would_allow.length === 0) return <p className="rc-help">{t("person.would.none")}</p>;
  return (
    <section className="rc-stack rc-stack--s">
      <h3>{t("person.would")}</h3>
      <p className="rc-help">{t("person.would.help")}</p>
      <ol className="rc-ways">
        {data.would_allow.map((changes, index) => (
          <Way key={index} {...about} changes={changes} isFirst={index === 0} />
        ))}
      </ol>
    </section>
  );
}

interface WayProps extends Omit<WaysProps, "data"> {
  changes: readonly Change[];
  isFirst: boolean;
}

function Way({ changes, name, boundaries, catalogue, isFirst }: WayProps): ReactNode {
  const t = useText();
  const may = useMay();
  const words = useChange(catalogue);
  const [isOpen, open] = useState(false);
  const step = onlyStep(changes, boundaries);
  const kind = isFirst ? "primary" : "plain";
  const [command = ""] = step?.kind === "command" ? Object.keys(step.command) : [];
  const what = words(changes[0] as Change);
  return (
    <li>
      <div>
        {changes.map((change, index) => (
          <span key={index} className={index > 0 ? "rc-way__what" : undefined}>
            {index > 0 && `${t("person.would.then")} `}
            <b>{words(change)}</b>
          </span>
        ))}
      </div>
      {step?.kind === "give" && may("assign") && (
        <AddRole subject={step.subject} name={name} role={step.role} at={step.at} small kind={kind} />
      )}
      {step?.kind === "command" && may(command) && (
        <Button small kind={kind} aria-haspopup="dialog" onClick={() => open(true)}>
          {what}
        </Button>
      )}
      {isOpen && step?.kind === "command" && (
        <WayDialog step={step} what={what} name={name} onClose={() => open(false)} />
      )}
    </li>
  );
}

/** The changes whose texts have the values of the change only. */
const PLAIN = new Set([
  "assign",
  "extend",
  "begin",
  "make-active",
  "add-subject",
  "use-login",
  "use-second-factor",
  "log-in-anew",
  "use-address",
  "allow-address",
  "add-values",
  "open-support",
  "activate",
  "deactivate",
]);

/** Returns the function that writes a change in words. */
function useChange(catalogue: Catalogue): (change: Change) => string {
  const t = useText();
  const { locale } = useLanguage();
  const title = useScopeTitle();
  return (change) => {
    if (!PLAIN.has(change.change)) return t("person.would.other", { change: change.change });
    const time = change.until ?? change.from;
    return t(`person.would.${change.change}` as MessageKey, {
      role: change.role === undefined ? "" : catalogue.roleTitle(change.role),
      scope: change.at === undefined ? "" : title(change.at),
      time: time === undefined ? "" : day(time, { locale }),
      login: change.login,
      ip: change.ip,
      boundary: change.boundary,
      values: change.values?.join(", "),
    });
  };
}

function Checked({ data: { guards } }: { data: Explained }): ReactNode {
  const t = useText();
  const failed = guards.filter(({ reasons }) => reasons.length > 0);
  const passed = guards.filter(({ reasons }) => reasons.length === 0);
  return (
    <details className="rc-checked">
      <summary>
        {t("person.checked")}{" "}
        <span className="rc-count">{t("person.checked.count", { passed: passed.length, failed: failed.length })}</span>
      </summary>
      <ul className="rc-guards">
        {[...failed, ...passed].map(({ guard, reasons, because }) => (
          <li key={guard} data-no={reasons.length > 0 ? "" : undefined}>
            <Icon name={reasons.length > 0 ? "close" : "check"} />
            <span>{withCode(sentence(because))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
