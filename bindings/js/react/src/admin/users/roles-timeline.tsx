/** Who holds what, and until when. */

import { type ReactNode, useMemo } from "react";
import { useFlag, useParam } from "../address.js";
import type { HolderRow } from "rolecall/client";
import { type List, useList } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import { Check, Empty, ErrorNote, Head, Panel, Seg, Skeleton, useNow } from "../ui/index.js";
import { Bars } from "./bars.js";
import { DelayedSearch, RoleFilter } from "./filters.js";
import type { Held } from "./logic/holders.js";
import { type Period, periods, type SpanName, spanOf } from "./logic/timeline.js";
import { PersonLink } from "./report-lists.js";
import { MoreRows } from "../more.js";

const SPANS = ["30d", "6m", "all"] as const;

/** The roles of people as bars, person by person. */
export function RolesTimeline({ views }: { views?: ReactNode }): ReactNode {
  const t = useText();
  const now = useNow();
  const [search = "", type] = useParam("search");
  const [role, choose] = useParam("role");
  const [isAll, showAll] = useFlag("all");
  const isTemporary = !isAll;
  const [spanName = "6m", setSpan] = useParam<SpanName>("span");
  const list = useList("access", { kind: "users", limit: 200, ...(search && { search }), ...(role && { role }) });
  const { shown, headings } = useMemo(() => rowsOf(list.rows, isTemporary, now), [list.rows, isTemporary, now]);
  const span = useMemo(() => spanOf(spanName, shown, now), [spanName, shown, now]);
  return (
    <>
      <Head title={t("timeline.title")} views={views} />
      <div className="rc-stack">
        <div className="rc-row rc-filters">
          <DelayedSearch
            label={t("users.search")}
            placeholder={t("users.search.hint")}
            value={search}
            onChange={(text) => type(text || undefined)}
          />
          <RoleFilter value={role} onChange={choose} />
          <Check checked={isTemporary} onChange={(on) => showAll(!on)}>
            {t("timeline.temporary")}
          </Check>
          <div className="rc-push">
            <Seg
              small
              label={t("person.span")}
              options={SPANS.map((value) => ({ value, label: t(`person.span.${value}`) }))}
              value={spanName}
              onChange={setSpan}
            />
          </div>
        </div>
        <Panel label={t("timeline.title")}>
          {list.error !== null && list.moreFailed !== true && <ErrorNote error={list.error} retry={list.reload} />}
          {list.loading && <Skeleton rows={6} columns={3} />}
          {!list.loading && list.error === null && shown.length === 0 && <Nothing hasMore={list.hasMore} />}
          {shown.length > 0 && <Bars periods={shown} span={span} now={now} headings={headings} />}
          <MoreRows list={list as List<never>} />
        </Panel>
      </div>
    </>
  );
}

function Nothing({ hasMore }: { hasMore: boolean }): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  if (hasMore) return null;
  return (
    <Empty level={2} icon="clock" title={t("timeline.empty", { scope })}>
      {t("timeline.empty.help")}
    </Empty>
  );
}

function rowsOf(
  rows: readonly HolderRow[],
  isTemporary: boolean,
  now: Date,
): { shown: Period[]; headings: Map<string, ReactNode> } {
  const shown: Period[] = [];
  const headings = new Map<string, ReactNode>();
  for (const row of rows) {
    const held = (row.roles as readonly Held[]).filter(
      ({ from, until }) => !isTemporary || from !== undefined || until !== undefined,
    );
    const own = periods(row.subject, held, [], now).map((period) => ({
      ...period,
      key: `${row.subject} ${period.key}`,
    }));
    const [first] = own;
    if (first === undefined) continue;
    headings.set(
      first.key,
      <li className="rc-tl__who">
        <h2>
          <PersonLink row={row} />
        </h2>
      </li>,
    );
    shown.push(...own);
  }
  return { shown, headings };
}
