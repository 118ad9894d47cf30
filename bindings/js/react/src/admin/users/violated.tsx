/** Where the directory violates the rules of administration, as the engine finds it. */

import { type ReactNode, useMemo } from "react";
import type { List } from "../data.js";
import { useText } from "../messages/index.js";
import { useNames } from "../names.js";
import { useMay, useScopeTitle } from "../provider.js";
import { Panel } from "../ui/index.js";
import { PersonLink, Report } from "./report-lists.js";
import { type NewWorker, useAnswers, useQuestion, useTime } from "./use-answers.js";

interface Violation {
  key: string;
  subject?: string;
  at: string;
  rule: string;
  text: string;
}

/** The violations at the scope and below. */
export function Violated({ worker }: { worker: NewWorker | undefined }): ReactNode {
  const t = useText();
  const title = useScopeTitle();
  const may = useMay();
  const { answers, isMissing, error, retry } = useAnswers(worker, may("view-roles"));
  const { data, error: failed } = useQuestion(answers, "violations", { time: useTime(undefined) });
  const rows = useMemo((): Violation[] => {
    if (data === undefined || answers === undefined) return [];
    const { roleTitle } = answers.catalogue;
    const separation = data.separation.map(({ constraint, subject, at, roles, at_most }) => ({
      key: [constraint, subject, at].join(" "),
      subject,
      at,
      rule: constraint,
      text: t("reports.violations.together", { roles: roles.map(roleTitle).join(", "), most: at_most }),
    }));
    const limits = data.limits.map(({ limit, at, count, at_most }) => ({
      key: [limit, at].join(" "),
      at,
      rule: t("reports.violations.limit"),
      text: t("reports.violations.count", { n: count, most: at_most }),
    }));
    return [...separation, ...limits];
  }, [data, answers, t]);
  const name = useNames(rows.flatMap(({ subject = "" }) => subject));
  const cause = error ?? failed;
  if (isMissing)
    return (
      <Panel title={t("reports.violations")}>
        <p className="rc-panel__body rc-muted">{t("person.answers.missing")}</p>
      </Panel>
    );
  const list: List<Violation> = {
    rows,
    total: data === undefined ? undefined : rows.length,
    version: answers?.version,
    loading: data === undefined && cause === null,
    stale: false,
    error: cause,
    hasMore: false,
    more: retry,
    loadingMore: false,
    reload: retry,
  };
  return (
    <Report
      title="reports.violations"
      list={list}
      keyOf={({ key }) => key}
      empty="reports.violations.empty"
      help="reports.violations.empty.help"
      columns={[
        {
          title: "reports.person",
          cell: ({ subject }) => subject !== undefined && <PersonLink row={{ subject, name: name(subject) }} />,
        },
        { title: "reports.scope", cell: ({ at }) => title(at) },
        { title: "reports.violations.rule", cell: ({ rule }) => rule },
        { title: "reports.what", cell: ({ text }) => text },
      ]}
    />
  );
}
