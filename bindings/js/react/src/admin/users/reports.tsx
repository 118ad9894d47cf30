/** Reports: what ends, who reads personal data, inactive accounts, and violations. */

import { type ReactNode, useState } from "react";
import { useDocuments } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { Empty, Filter, Head, Seg } from "../ui/index.js";
import { DelayedSearch } from "./filters.js";
import { ExportButton } from "./export.js";
import { Ending, Inactive, Readers } from "./report-lists.js";
import type { NewWorker } from "./use-answers.js";
import { Violated } from "./violated.js";

/** The report and its filters, which an application holds in its address. */
export interface ReportView {
  report?: ReportName | undefined;
  search?: string | undefined;
  /** Days until an end, or since a login. */
  days?: string | undefined;
}

/** The name of a report. */
export type ReportName = (typeof REPORTS)[number];

const REPORTS = ["ending", "readers", "inactive", "violations"] as const;

/** The lists of the server behind the reports. */
const KINDS = { ending: "ending", readers: "personal-data-readers", inactive: "inactive" } as const;
const DEFAULT_DAYS = { ending: 30, inactive: 90 } as const;
const DAYS = [7, 30, 90, 180, 365];

export interface ReportsProps {
  view?: ReportView | undefined;
  onView?: ((view: Readonly<Record<string, string | undefined>>) => void) | undefined;
  worker?: NewWorker | undefined;
  views?: ReactNode;
}

/** The reports of a scope. */
export function Reports({ view, onView, worker, views }: ReportsProps): ReactNode {
  const t = useText();
  const [own, setOwn] = useState<ReportView>({});
  const shown = view ?? own;
  const change = (part: ReportView): void => {
    const next = { ...shown, ...part };
    if (onView === undefined) setOwn(next);
    else onView({ ...next });
  };
  const { report = "ending", search } = shown;
  const days = daysOf(report, shown.days);
  const params = paramsOf(report, days, search);
  const canBreak = useRules(worker !== undefined);
  const reports = REPORTS.filter((name) => name !== "violations" || canBreak === true);
  return (
    <>
      <Head title={t("reports.title")} views={views}>
        {report !== "violations" && <ExportButton kind={KINDS[report]} params={params} name={report} />}
      </Head>
      <div className="rc-stack">
        <div className="rc-row rc-filters">
          <Seg
            label={t("reports.of")}
            options={reports.map((value) => ({ value, label: t(`reports.${value}`) }))}
            value={report}
            onChange={(next) => change({ report: next, days: undefined, search: undefined })}
          />
          {report !== "violations" && (
            <DelayedSearch
              label={t("reports.search")}
              value={search ?? ""}
              onChange={(text) => change({ search: text || undefined })}
            />
          )}
          {(report === "ending" || report === "inactive") && (
            <Filter
              label={t(report === "ending" ? "reports.ends" : "reports.login")}
              options={[...new Set([...DAYS, days])]
                .sort((one, other) => one - other)
                .map((n) => ({
                  value: `${n}`,
                  label: t(report === "ending" ? "reports.ending.within" : "reports.inactive.idle", { n }),
                }))}
              isRequired
              value={`${days}`}
              onChange={(next) => change({ days: next })}
            />
          )}
        </div>
        {report === "ending" && <Ending params={params} />}
        {report === "readers" && <Readers params={params} />}
        {report === "inactive" && <Inactive params={params} />}
        {report === "violations" && canBreak !== false && <Violated worker={worker} />}
        {report === "violations" && canBreak === false && (
          <Empty icon="check" title={t("reports.violations.none")} level={2}>
            {t("reports.violations.none.help")}
          </Empty>
        )}
      </div>
    </>
  );
}

/** The rules of a policy that a directory can violate. */
interface RulesText {
  guards?: { separation?: readonly unknown[] };
  limits?: { users_per_project?: number };
}

/** Returns whether the policy has such rules; undefined while that is not known. */
function useRules(enabled: boolean): boolean | undefined {
  const { data, isPending } = useDocuments(useMay()("view-roles") && enabled);
  if (data === undefined) return isPending ? undefined : false;
  const { guards, limits } = data.policy as RulesText;
  return (guards?.separation?.length ?? 0) > 0 || limits?.users_per_project !== undefined;
}

function daysOf(report: ReportName, days: string | undefined): number {
  const stated = Number(days);
  return Number.isInteger(stated) && stated > 0 ? stated : (DEFAULT_DAYS[report as keyof typeof DEFAULT_DAYS] ?? 30);
}

/** The parameters of the list behind a report. */
export interface ReportParams extends Readonly<Record<string, unknown>> {
  limit: number;
  search?: string;
  within?: string;
  idle?: string;
}

function paramsOf(report: ReportName, days: number, search: string | undefined): ReportParams {
  return {
    limit: 100,
    ...(search && { search }),
    ...(report === "ending" && { within: `${days}d` }),
    ...(report === "inactive" && { idle: `${days}d` }),
  };
}
