/** The audit log: filters, the timeline, and one event. */

import { type ReactNode, useDeferredValue, useMemo } from "react";
import type { AuditEntry } from "rolecall/client";
import { useParam } from "../address.js";
import { useAnswer } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import type { EventNames } from "../said.js";
import { useEventNames } from "../sentence.js";
import { Button, Empty, ErrorNote, Head, Panel, Skeleton, Unsettled } from "../ui/index.js";
import { Chain } from "./chain.js";
import { EventDetails } from "./event.js";
import { Export } from "./export.js";
import { type AuditFilter, paramsOf } from "./filter.js";
import { Filters } from "./filters.js";
import { Timeline } from "./timeline.js";
import { searchText } from "./words.js";

export interface AuditLogProps {
  title?: ReactNode;
  filter: AuditFilter;
  /** Is called with the parts that change; `undefined` removes one. */
  onFilter: (change: AuditFilter) => void;
  /** The number of the event that is shown in full. */
  selected?: number | undefined;
  /** Returns the link to an event. */
  link: (seq: number) => string;
}

const STEP = 100;
const MOST = 1_000;

/** The audit log of a scope, as far as its reader may see it: newest first, with what each event changed. */
export function AuditLog({ title, filter, onFilter, selected, link }: AuditLogProps): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const scope = useScopeTitle()(at);
  const [wanted, setCount] = useParam("count");
  const count = Math.min(Math.max(Math.trunc(Number(wanted)) || STEP, 1), MOST);
  const params = paramsOf(filter);
  const answer = useAnswer(["events", params, count], (client, signal) =>
    client.events({ at, ...params, count }, { signal, background: true }),
  );
  const loaded = useMemo(() => [...(answer.data?.events ?? [])].reverse(), [answer.data]);
  const older = useOlder(selected, answer.data?.events);
  const all = useMemo(() => (older === undefined ? loaded : [...loaded, older]), [loaded, older]);
  const names = useEventNames(all);
  const search = useDeferredValue(filter.search?.trim().toLowerCase() ?? "");
  const shown = useMemo(
    () => (search === "" ? loaded : loaded.filter((entry) => searchText(entry, names).includes(search))),
    [loaded, search, names],
  );
  const entry = all.find(({ event }) => event.seq === selected);
  const isFiltered = search !== "" || Object.keys(params).length > 0;
  return (
    <>
      <Head title={title ?? t("common.tab.audit")} views={<Chain />}>
        <Export filter={filter} entries={shown} />
      </Head>
      <Filters filter={filter} onFilter={onFilter} name={names.subject} entries={loaded}>
        {answer.data !== undefined &&
          (search === ""
            ? t("audit.count", { n: loaded.length })
            : t("audit.found", { n: shown.length, all: loaded.length }))}
      </Filters>
      <h2 className="rc-sr">{t("audit.events")}</h2>
      {answer.error !== null && <ErrorNote error={answer.error} retry={() => void answer.refetch()} />}
      {answer.isPending && answer.error === null && <Skeleton rows={8} columns={3} />}
      {answer.data !== undefined && shown.length === 0 && (
        <Nothing isFiltered={isFiltered} scope={scope} onFilter={onFilter} />
      )}
      {shown.length > 0 && (
        <div className="rc-split rc-audit rc-settle">
          {names.subject.loading && <Unsettled />}
          <Panel
            label={t("audit.events")}
            footer={
              <Older
                n={loaded.length}
                isAll={loaded.length < count}
                onMore={() => setCount(String(Math.min(MOST, count + 3 * STEP)))}
                pending={answer.isFetching}
              />
            }
          >
            <Timeline entries={shown} names={names} selected={selected} link={link} />
          </Panel>
          <Selected entry={entry} names={names} selected={selected} scope={scope} link={link} />
        </div>
      )}
    </>
  );
}

/** Returns the event of a link that is not among the loaded ones, once it is loaded. */
function useOlder(seq: number | undefined, loaded: readonly AuditEntry[] | undefined): AuditEntry | undefined {
  const { at } = useAdmin();
  const enabled = seq !== undefined && loaded !== undefined && !loaded.some(({ event }) => event.seq === seq);
  const { data } = useAnswer(
    ["event", seq],
    (client, signal) => client.events({ at, after: (seq ?? 0) - 1, limit: 1 }, { signal, background: true }),
    { enabled },
  );
  return enabled ? data?.events.find(({ event }) => event.seq === seq) : undefined;
}

function Selected({
  entry,
  names,
  selected,
  scope,
  link,
}: {
  entry: AuditEntry | undefined;
  names: EventNames;
  selected: number | undefined;
  scope: string;
  link: (seq: number) => string;
}): ReactNode {
  const t = useText();
  if (entry !== undefined)
    return <EventDetails key={entry.event.seq} entry={entry} names={names} link={link(entry.event.seq)} />;
  const text = selected === undefined ? t("audit.choose") : t("audit.missing", { n: selected, scope });
  return (
    <aside className="rc-panel rc-why">
      <div className="rc-panel__body rc-muted">{text}</div>
    </aside>
  );
}

interface OlderProps {
  n: number;
  isAll: boolean;
  pending: boolean;
  onMore: () => void;
}

function Older({ n, isAll, pending, onMore }: OlderProps): ReactNode {
  const t = useText();
  if (isAll) return <span className="rc-small rc-muted">{t("audit.count", { n })}</span>;
  return (
    <>
      <span className="rc-small rc-muted">{n < MOST ? t("audit.latest", { n }) : t("audit.most", { n: MOST })}</span>
      {n < MOST && (
        <Button small className="rc-push" pending={pending} onClick={onMore}>
          {t("audit.older")}
        </Button>
      )}
    </>
  );
}

const CLEAR: AuditFilter = {
  from: undefined,
  until: undefined,
  actor: undefined,
  subject: undefined,
  type: undefined,
  operation: undefined,
  search: undefined,
};

function Nothing({
  isFiltered,
  scope,
  onFilter,
}: {
  isFiltered: boolean;
  scope: string;
  onFilter: (change: AuditFilter) => void;
}): ReactNode {
  const t = useText();
  if (!isFiltered)
    return (
      <Empty icon="clock" title={t("audit.empty")}>
        {t("audit.empty.help", { scope })}
      </Empty>
    );
  return (
    <Empty
      icon="search"
      title={t("audit.none")}
      actions={<Button onClick={() => onFilter(CLEAR)}>{t("common.filter.clear")}</Button>}
    >
      {t("audit.none.help")}
    </Empty>
  );
}
