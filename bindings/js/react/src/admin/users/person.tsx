/** One person: roles over time, what they may do and see, and why. */

import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { UserDetails } from "rolecall/client";
import { useAnswer, useView } from "../data.js";
import { shortId } from "../ids.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { ErrorNote, Panel, Seg, Skeleton, useNow } from "../ui/index.js";
import { failureOf } from "../failure.js";
import { Bars } from "./bars.js";
import { displayName, type Held, nextChange } from "./logic/holders.js";
import { type LoggedEvent, periods, type SpanName, spanOf } from "./logic/timeline.js";
import { May } from "./may.js";
import { MenuPreview } from "./menu-preview.js";
import { PersonAudit } from "./person-audit.js";
import { Missing, PersonHead } from "./person-head.js";
import { RolesOf } from "./roles-of.js";
import { type NewWorker, useAnswers } from "./use-answers.js";
import { useReloadAt } from "./use.js";
import { Why } from "./why.js";

/** The view of the page, which an application holds in its address. */
export interface PersonView {
  /** The scope of the questions. */
  at?: string | undefined;
  /** The time of the questions; now without it. */
  time?: string | undefined;
  /** The permission that is explained. */
  why?: string | undefined;
  span?: SpanName | undefined;
}

export interface PersonProps {
  subject: string;
  view?: PersonView | undefined;
  onView?: ((view: PersonView) => void) | undefined;
  /** Makes the worker of `@rolecall/react/admin/answers.worker.js`. Without it there is no explanation. */
  worker?: NewWorker | undefined;
}

/** The page of a person. */
export function Person({ subject, view, onView, worker }: PersonProps): ReactNode {
  const { at } = useAdmin();
  const [own, setOwn] = useState<PersonView>({});
  const shown = view ?? own;
  const change = (part: PersonView): void => (onView ?? setOwn)({ ...shown, ...part });
  const { data, error, refetch } = useView("user", { subject });
  useReloadAt(
    data && nextChange([data]),
    useCallback(() => void refetch(), [refetch]),
  );
  // The details of before stay after a failure, but not those of somebody who is no longer listed.
  if (error !== null && failureOf(error).code === "subject.unknown") return <Missing subject={subject} />;
  if (data === undefined)
    return (
      <>
        <h1 className="rc-sr">{shortId(subject)}</h1>
        {error === null ? <Skeleton rows={8} columns={3} /> : <ErrorNote error={error} retry={() => void refetch()} />}
      </>
    );
  return <Loaded key={`${subject} ${at}`} details={data} view={shown} onView={change} worker={worker} />;
}

/** The properties of each part of the page. */
export interface PartProps {
  subject: string;
  name: string;
  view: PersonView;
  onView: (part: PersonView) => void;
}

function Loaded({
  details,
  view,
  onView,
  worker,
}: Omit<PartProps, "subject" | "name"> & { details: UserDetails; worker: NewWorker | undefined }): ReactNode {
  const { subject } = details;
  const name = displayName(details);
  const may = useMay();
  const answers = useAnswers(worker, may("view-roles"));
  const roles = details.roles as readonly Held[];
  const here = view.at ?? usualScope(roles);
  const part = { subject, name, view: here === undefined ? view : { ...view, at: here }, onView };
  return (
    <>
      <PersonHead details={details} name={name} />
      <div className="rc-split">
        <div className="rc-stack rc-settle">
          <RolesOverTime {...part} roles={roles} />
          <May {...part} answers={answers} />
          <MenuPreview {...part} answers={answers} />
          {may("view-audit") && <PersonAudit subject={subject} name={name} />}
        </div>
        <Why {...part} boundaries={details.boundaries ?? {}} answers={answers} />
      </div>
    </>
  );
}

/** The scope at which a person holds the most roles, where questions begin. */
function usualScope(roles: readonly Held[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { at, state } of roles) if (state === "active") counts.set(at, (counts.get(at) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

const SPANS = ["30d", "6m", "all"] as const;

function RolesOverTime({ subject, name, view, onView, roles }: PartProps & { roles: readonly Held[] }): ReactNode {
  const t = useText();
  const may = useMay();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  const now = useNow();
  const events = useAnswer(
    ["events of", subject],
    (client, signal) => client.events({ at, subject, count: 1000 }, { signal }),
    {
      enabled: may("view-audit"),
    },
  );
  const isLoading = events.isPending && may("view-audit");
  const log = events.data?.events;
  const shown = useMemo(
    () =>
      periods(
        subject,
        roles,
        (log ?? []).map(({ date, event }): LoggedEvent => ({ time: date, changes: event.changes })),
        now,
      ),
    [subject, roles, log, now],
  );
  const name_ = view.span ?? "6m";
  const span = useMemo(() => spanOf(name_, shown, now), [name_, shown, now]);
  const count = (state: string): number => shown.filter((period) => period.state === state).length;
  const aside = (
    <>
      <span className="rc-count">
        {t("person.roles.count", { now: count("now"), next: count("next"), past: count("past") })}
      </span>
      <div className="rc-push">
        <Seg
          small
          label={t("person.span")}
          options={SPANS.map((value) => ({ value, label: t(`person.span.${value}`) }))}
          value={name_}
          onChange={(next) => onView({ span: next })}
        />
      </div>
    </>
  );
  return (
    <Panel title={t("person.roles")} aside={aside}>
      {isLoading ? (
        <Skeleton rows={4} columns={1} />
      ) : shown.length === 0 ? (
        <p className="rc-panel__body rc-muted">{t("person.roles.none", { scope })}</p>
      ) : (
        <Bars periods={shown} span={span} now={now} />
      )}
      {roles.length > 0 && !isLoading && (
        <div className="rc-panel__body">
          <RolesOf subject={subject} name={name} roles={roles} />
        </div>
      )}
    </Panel>
  );
}
