/** Requests for temporary access: asking, and deciding. */

import { type ReactNode, useState } from "react";
import type { Command, RequestRow } from "rolecall/client";
import { useFlag } from "../address.js";
import { commandLine } from "../command-line.js";
import { ConfirmCommand } from "../confirm-command.js";
import { type List, useCommand, useList } from "../data.js";
import { failureOf } from "../failure.js";
import { useLanguage, useText } from "../messages/index.js";
import { useNames } from "../names.js";
import { useNavigation } from "../navigation.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { Button, Empty, ErrorNote, Filter, Head, Link, Panel, Refused, Skeleton, When } from "../ui/index.js";
import { AskDialog } from "./ask-dialog.js";
import { DelayedSearch } from "./filters.js";
import { dayAndTime } from "./logic/time.js";
import { MoreRows } from "../more.js";

/** The state of a request. */
export type RequestState = RequestRow["state"];

const STATES = ["pending", "approved", "denied", "withdrawn", "ended"] as const;

/** The filters of the list, which an application holds in its address. */
export interface RequestFilters {
  search?: string | undefined;
  state?: RequestState | undefined;
}

export interface AccessRequestProps {
  filters?: RequestFilters | undefined;
  onFilters?: ((filters: RequestFilters) => void) | undefined;
}

/** The form that requests access, and the list of requests that the user may see. */
export function AccessRequest({ filters, onFilters }: AccessRequestProps): ReactNode {
  const t = useText();
  const may = useMay();
  const [own, setOwn] = useState<RequestFilters>({});
  const shown = filters ?? own;
  const change = (part: RequestFilters): void => (onFilters ?? setOwn)({ ...shown, ...part });
  const [isAsking, ask] = useFlag("ask");
  const { search, state } = shown;
  const canList = may("view-access") || may("approve-access") || may("request-access");
  const common = { limit: 100, ...(search && { search }) };
  const showsOpen = state === undefined || state === "pending";
  // Open requests come first: they wait for somebody.
  const open = useList("requests", { ...common, state: "pending" }, { enabled: canList && showsOpen });
  const rest = useList(
    "requests",
    { ...common, sort: "-until", ...(state && { state }) },
    { enabled: canList && state !== "pending" },
  );
  const decided = { ...rest, rows: rest.rows.filter((row) => row.state !== "pending") };
  const isFiltered = search !== undefined || state !== undefined;
  const clear = (): void => change({ search: undefined, state: undefined });
  return (
    <>
      <Head title={t("requests.title")}>
        {may("request-access") && (
          <Button kind="primary" icon="key" onClick={() => ask(true)}>
            {t("requests.ask")}
          </Button>
        )}
      </Head>
      {canList && failureOf(open.error ?? rest.error).code !== "denied" ? (
        <div className="rc-stack rc-settle">
          <div className="rc-row rc-filters">
            <DelayedSearch
              label={t("requests.search")}
              value={search ?? ""}
              onChange={(text) => change({ search: text || undefined })}
            />
            <Filter
              label={t("requests.state")}
              options={STATES.map((value) => ({ value, label: t(`requests.state.${value}`) }))}
              value={state}
              onChange={(value) => change({ state: value })}
            />
            <span className="rc-push rc-small rc-muted" role="status">
              {open.total === undefined || !showsOpen ? "" : t("requests.open", { n: open.total })}
            </span>
          </div>
          {showsOpen && (
            <Panel title={t("requests.state.pending")}>
              <Requests list={open} isFiltered={isFiltered} onClear={clear} />
            </Panel>
          )}
          {state !== "pending" && (decided.rows.length > 0 || rest.hasMore || !showsOpen) && (
            <Panel title={t(state === undefined ? "requests.decided" : `requests.state.${state}`)}>
              <Requests list={decided} isFiltered={isFiltered} onClear={clear} />
            </Panel>
          )}
        </div>
      ) : (
        <Empty level={2} icon="key" title={t("requests.ask.title")}>
          {t("requests.empty.help")}
        </Empty>
      )}
      {isAsking && may("request-access") && <AskDialog onClose={() => ask(false)} />}
    </>
  );
}

interface RequestsProps {
  list: ReturnType<typeof useList<"requests">>;
  isFiltered: boolean;
  onClear: () => void;
}

function Requests({ list, isFiltered, onClear }: RequestsProps): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const scope = useScopeTitle()(at);
  const nameOf = useNames(
    list.rows.flatMap(({ subject, decided_by }) => (decided_by === undefined ? [subject] : [subject, decided_by])),
  );
  if (list.error !== null && list.rows.length === 0) return <ErrorNote error={list.error} retry={list.reload} />;
  if (list.loading || nameOf.loading) return <Skeleton rows={4} columns={4} />;
  // The rows of a page can all be in another list.
  if (list.rows.length === 0 && list.hasMore) return <MoreRows list={list as List<never>} />;
  if (list.rows.length === 0 && isFiltered)
    return (
      <Empty
        icon="search"
        title={t("requests.empty.filter")}
        actions={<Button onClick={onClear}>{t("common.filter.clear")}</Button>}
      />
    );
  if (list.rows.length === 0)
    return (
      <Empty icon="key" title={t("requests.empty", { scope })}>
        {t("requests.empty.help")}
      </Empty>
    );
  return (
    <>
      <table role="table" className="rc-table rc-table--cards rc-requests" aria-label={t("requests.title")}>
        <thead>
          <tr role="row">
            {(["who", "role", "reason", "until"] as const).map((column) => (
              <th key={column} role="columnheader" scope="col">
                {t(`requests.column.${column}`)}
              </th>
            ))}
            <th role="columnheader" scope="col">
              {t("requests.state")}
            </th>
            <th role="columnheader" scope="col">
              <span className="rc-sr">{t("users.column.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <Request key={row.id} row={row} nameOf={nameOf} />
          ))}
        </tbody>
      </table>
      <MoreRows list={list as List<never>} />
    </>
  );
}

function Request({ row, nameOf }: { row: RequestRow; nameOf: (id: string) => string }): ReactNode {
  const t = useText();
  const { place } = useNavigation();
  const scope = useScopeTitle()(row.at);
  const { subject, role, title, reason, until, asked, state, decided_by } = row;
  const name = nameOf(subject);
  return (
    <tr role="row">
      <td role="cell">
        <Link to={place({ tab: "users", path: [subject] })}>{name}</Link> <When time={asked} className="rc-faint" />
      </td>
      <td role="cell" data-wide="">
        <span className="rc-grant">
          <span className="rc-grant__role">{title ?? role}</span>
          <span className="rc-grant__at">{scope}</span>
        </span>
      </td>
      <td role="cell" data-wide="" className="rc-requests__why">
        {reason}
      </td>
      <td role="cell" data-label={t("requests.column.until")} className="rc-nowrap">
        <When time={until} />
      </td>
      <td role="cell">
        <span className="rc-status" data-state={STATUS[state]}>
          {t(`requests.state.${state}`)}
        </span>
        {decided_by !== undefined && (
          <span className="rc-holds__in">{t("requests.by", { actor: nameOf(decided_by) })}</span>
        )}
      </td>
      <td role="cell" className="rc-num">
        <Decide row={row} name={name} />
      </td>
    </tr>
  );
}

const STATUS = {
  pending: "invited",
  approved: "active",
  denied: "suspended",
  withdrawn: "idle",
  ended: "idle",
} as const;

/** The buttons for a request. */
function Decide({ row, name }: { row: RequestRow; name: string }): ReactNode {
  const t = useText();
  const may = useMay();
  const { subject: me } = useAdmin();
  const { locale } = useLanguage();
  const [asked, ask] = useState<keyof typeof DECISIONS>();
  const { run, pending, error } = useCommand();
  const { id: request, subject, state, until } = row;
  const role = row.title ?? row.role;
  const isOwn = subject === me;
  const approve: Command = { "approve-access": { request } };
  const done = t("requests.approved", { name, role, time: dayAndTime(until, { locale }) });
  return (
    <>
      <span className="rc-row rc-row--tight rc-row--end">
        {state === "pending" && may("approve-access") && !isOwn && (
          <>
            <Button
              small
              kind="primary"
              pending={pending}
              aria-label={t("requests.approve.name", { role, name })}
              title={commandLine(approve)}
              onClick={() => void run(approve, { done })}
            >
              {t("requests.approve")}
            </Button>
            <Button small aria-label={t("requests.deny.name", { role, name })} onClick={() => ask("deny")}>
              {t("requests.deny")}
            </Button>
          </>
        )}
        {state === "pending" && isOwn && (
          <Button small onClick={() => ask("withdraw")}>
            {t("requests.withdraw")}
          </Button>
        )}
        {state === "approved" && (may("approve-access") || isOwn) && (
          <Button small kind="danger" onClick={() => ask("end")}>
            {t("requests.end")}
          </Button>
        )}
      </span>
      {error !== undefined && <Refused error={error} lead={t("requests.refused")} />}
      {asked !== undefined && <Decision kind={asked} row={row} name={name} onClose={() => ask(undefined)} />}
    </>
  );
}

/** The decisions that take something away, each with its command. */
const DECISIONS = { deny: "deny-access", withdraw: "withdraw-request", end: "end-access" } as const;

interface DecisionProps {
  kind: keyof typeof DECISIONS;
  row: RequestRow;
  name: string;
  onClose: () => void;
}

function Decision({ kind, row, name, onClose }: DecisionProps): ReactNode {
  const t = useText();
  const scope = useScopeTitle()(row.at);
  const role = row.title ?? row.role;
  return (
    <ConfirmCommand
      title={t(`requests.${kind}.title`, { name, role })}
      confirm={t(`requests.${kind}.do`)}
      keep={t(`requests.${kind}.keep`)}
      commands={[{ [DECISIONS[kind]]: { request: row.id } } as Command]}
      done={t(`requests.${kind}.done`, { name })}
      refused={t("requests.refused")}
      onClose={onClose}
    >
      <p>{t(`requests.${kind}.text`, { name, role, scope })}</p>
    </ConfirmCommand>
  );
}
