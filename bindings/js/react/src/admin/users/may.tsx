/** The permissions of a person at a scope, and the roles that give them. */

import { type ReactNode, useMemo, useState } from "react";
import { useFlag, useTyped } from "../address.js";
import { useText } from "../messages/index.js";
import { useNames } from "../names.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import {
  Check,
  DateTime,
  Empty,
  ErrorNote,
  Icon,
  Panel,
  Search,
  Select,
  Skeleton,
  TableWrap,
  TextButton,
} from "../ui/index.js";
import type { Catalogue } from "./logic/catalogue.js";
import { byResource, columns, type Grant, type ResourceRow } from "./logic/effective.js";
import type { PartProps } from "./person.js";
import { type AnswersState, useQuestion, useTime } from "./use-answers.js";

type MayProps = PartProps & { answers: AnswersState };

/** The table of functions and actions. */
export function May({ subject, name, view, onView, answers: state }: MayProps): ReactNode {
  const t = useText();
  const { at: here } = useAdmin();
  const at = view.at ?? here;
  const { answers, isMissing, error, retry } = state;
  const time = useTime(view.time);
  const { data, error: failed } = useQuestion(answers, "person", { subject, at, time });
  const held = data?.effective.permissions.length ?? 0;
  const all = answers?.catalogue.permissions.length ?? 0;
  const aside = !isMissing && (
    <>
      <ScopeSelect value={at} scopes={answers?.scopes ?? [at]} onChange={(next) => onView({ at: next })} />
      <TimeSelect value={view.time} onChange={(next) => onView({ time: next })} />
      {data !== undefined && <span className="rc-count rc-push">{t("person.may.count", { n: held, all })}</span>}
    </>
  );
  const reads = data?.effective.reads.map((label) => answers?.catalogue.labelTitle(label) ?? label) ?? [];
  const footer = data !== undefined && (
    <>
      <Icon name="eye" />
      <span className="rc-grow rc-small rc-muted">
        {reads.length === 0 ? t("person.reads.none") : t("person.reads", { labels: reads.join(", ") })}{" "}
        {t("person.guards")}
      </span>
    </>
  );
  return (
    <Panel title={t("person.may", { name })} aside={aside} footer={footer || undefined}>
      {isMissing ? (
        <p className="rc-panel__body rc-muted">{t("person.answers.missing")}</p>
      ) : error !== null && error !== undefined ? (
        <ErrorNote error={error} lead={t("person.answers.missing")} retry={retry} />
      ) : failed !== null ? (
        <ErrorNote error={failed} lead={t("common.error.part")} retry={retry} />
      ) : answers === undefined || data === undefined ? (
        <Skeleton label={t("person.answers.loading")} rows={6} columns={5} />
      ) : (
        <Table
          name={name}
          at={at}
          catalogue={answers.catalogue}
          held={data.effective.permissions}
          onWhy={(why) => onView({ why })}
        />
      )}
    </Panel>
  );
}

/** The scope of the questions. */
export function ScopeSelect({
  value,
  scopes,
  onChange,
}: {
  value: string;
  scopes: readonly string[];
  onChange: (at: string) => void;
}): ReactNode {
  const t = useText();
  const { at } = useAdmin();
  const title = useScopeTitle();
  const here = scopes.filter((scope) => scope === at || scope.startsWith(`${at}/`));
  const options = (here.includes(value) ? here : [value, ...here]).map((scope) => ({
    value: scope,
    label: title(scope),
  }));
  return (
    <Select
      aria-label={t("person.may.at")}
      className="rc-person__at"
      options={options}
      value={value}
      onChange={onChange}
    />
  );
}

function TimeSelect({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (time: string | undefined) => void;
}): ReactNode {
  const t = useText();
  const [isDate, set] = useState(value !== undefined);
  const options = [
    { value: "now", label: t("person.may.now") },
    { value: "date", label: t("person.may.date") },
  ];
  return (
    <>
      <Select
        aria-label={t("person.may.when")}
        className="rc-person__at"
        options={options}
        value={isDate ? "date" : "now"}
        onChange={(next) => {
          set(next === "date");
          if (next === "now") onChange(undefined);
        }}
      />
      {isDate && (
        <DateTime
          aria-label={t("person.may.when")}
          className="rc-person__at"
          value={value === undefined ? undefined : new Date(value)}
          onChange={(next) => onChange(next?.toISOString())}
        />
      )}
    </>
  );
}

interface TableProps {
  name: string;
  at: string;
  catalogue: Catalogue;
  held: Parameters<typeof byResource>[1];
  onWhy: (permission: string) => void;
}

function Table({ name, at, catalogue, held, onWhy }: TableProps): ReactNode {
  const t = useText();
  const scope = useScopeTitle()(at);
  const [isAll, showAll] = useFlag("all");
  const [search, type] = useTyped("function");
  const rows = useMemo(
    () =>
      byResource(
        catalogue.permissions.map(({ permission }) => permission),
        held,
      ),
    [catalogue, held],
  );
  const { actions, others } = useMemo(() => columns(rows, 4), [rows]);
  const wanted = search.trim().toLowerCase();
  const shown = rows.filter(
    (row) => (isAll || row.held > 0 || wanted !== "") && nameOf(row, catalogue).toLowerCase().includes(wanted),
  );
  return (
    <>
      <div className="rc-row rc-panel__body">
        <Search label={t("person.may.search")} value={search} onChange={type} />
        <Check checked={isAll} onChange={showAll}>
          {t("person.may.all", { name })}
        </Check>
      </div>
      {shown.length === 0 ? (
        <Empty icon={wanted === "" ? "lock" : "search"} title={t("person.may.none", { name, scope })}>
          {t("person.may.none.help")}
        </Empty>
      ) : (
        <TableWrap label={t("person.may", { name })}>
          <table className="rc-table rc-eff">
            <thead>
              <tr>
                <th scope="col">{t("person.may.function")}</th>
                {actions.map((action) => (
                  <th key={action} scope="col" className="rc-eff__c">
                    {actionName(action, catalogue)}
                  </th>
                ))}
                {others && <th scope="col">{t("person.may.other")}</th>}
                <th scope="col">{t("person.may.by")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <ResourceLine
                  key={row.resource}
                  row={row}
                  actions={actions}
                  others={others}
                  name={name}
                  catalogue={catalogue}
                  onWhy={onWhy}
                />
              ))}
            </tbody>
          </table>
        </TableWrap>
      )}
    </>
  );
}

function nameOf({ resource, actions }: ResourceRow, catalogue: Catalogue): string {
  return catalogue.texts.get(`${resource}:${Object.keys(actions)[0]}`)?.resource ?? resource;
}

function actionName(action: string, catalogue: Catalogue): string {
  return catalogue.permissions.find(({ permission }) => permission.endsWith(`:${action}`))?.action ?? action;
}

interface LineProps extends Omit<TableProps, "at" | "held"> {
  row: ResourceRow;
  actions: readonly string[];
  others: boolean;
}

function ResourceLine({ row, actions, others, name, catalogue, onWhy }: LineProps): ReactNode {
  const resource = nameOf(row, catalogue);
  const rest = Object.keys(row.actions).filter((action) => !actions.includes(action));
  const cell = (action: string): ReactNode => (
    <Cell
      grants={row.actions[action]}
      action={actionName(action, catalogue)}
      resource={resource}
      name={name}
      onWhy={() => onWhy(`${row.resource}:${action}`)}
    />
  );
  return (
    <tr>
      <th scope="row">{resource}</th>
      {actions.map((action) => (
        <td key={action} className="rc-eff__c">
          {cell(action)}
        </td>
      ))}
      {others && (
        <td>
          {rest.map((action) => (
            <span key={action} className="rc-eff__other">
              {actionName(action, catalogue)} {cell(action)}
            </span>
          ))}
        </td>
      )}
      <td>
        {row.roles.map((grant, index) => (
          <GivenBy key={index} grant={grant} catalogue={catalogue} />
        ))}
      </td>
    </tr>
  );
}

interface CellProps {
  /** Absent if the resource does not have the action. */
  grants: readonly Grant[] | undefined;
  action: string;
  resource: string;
  name: string;
  onWhy: () => void;
}

function Cell({ grants, action, resource, name, onWhy }: CellProps): ReactNode {
  const t = useText();
  if (grants === undefined) return null;
  if (grants.length === 0)
    return (
      <TextButton className="rc-no" aria-label={t("person.may.why", { name, action, resource })} onClick={onWhy}>
        {t("person.may.no")}
      </TextButton>
    );
  return (
    <span className="rc-yes">
      <Icon name="check" />
      <span className="rc-sr">{t("person.may.yes")}</span>
    </span>
  );
}

/** The assigned role that gives something, and through which role or group. */
export function GivenBy({ grant, catalogue }: { grant: Grant; catalogue: Catalogue }): ReactNode {
  const t = useText();
  const title = useScopeTitle();
  const { via, role, at, subject } = grant;
  const name = useNames([subject]);
  const assigned = via[0] ?? role;
  return (
    <span className="rc-eff__by">
      <span className="rc-grant">
        <span className="rc-grant__role">{catalogue.roleTitle(assigned)}</span>
        <span className="rc-grant__at">{title(at)}</span>
      </span>
      {via.length > 1 && (
        <span className="rc-faint rc-tiny"> {t("person.may.through", { role: catalogue.roleTitle(role) })}</span>
      )}
      {subject.startsWith("group:") && (
        <span className="rc-faint rc-tiny"> {t("person.may.group", { group: name(subject) })}</span>
      )}
    </span>
  );
}
