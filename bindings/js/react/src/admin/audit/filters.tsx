/** The filters of the audit log. */

import type { ReactNode } from "react";
import type { AuditEntry } from "rolecall/client";
import { useText } from "../messages/index.js";
import { textOf } from "../sentence.js";
import { Button, DateTime, Field, Filter, Icon, Popover, Search } from "../ui/index.js";
import type { AuditFilter } from "./filter.js";
import { words } from "./words.js";

export interface FiltersProps {
  filter: AuditFilter;
  onFilter: (change: AuditFilter) => void;
  /** Names a subject. */
  name: (id: string) => string;
  /** The loaded events, which name those who acted. */
  entries: readonly AuditEntry[];
  /** The number of found events. */
  children: ReactNode;
}

const date = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** Search, actor, kind of object, operation and time. */
export function Filters({ filter, onFilter, name, entries, children }: FiltersProps): ReactNode {
  const t = useText();
  const actors = new Set(entries.map(({ event }) => event.actor).filter((id) => id !== "" && id !== "other"));
  if (filter.actor !== undefined) actors.add(filter.actor);
  const options = (part: "op" | "type"): { value: string; label: string }[] =>
    words(part).map((value) => ({ value, label: textOf(t, `audit.${part}.${value}`, value) }));
  return (
    <div className="rc-row rc-filters rc-audit__filters">
      <Search
        className="rc-filters__find"
        label={t("audit.search")}
        value={filter.search ?? ""}
        onChange={(search) => onFilter({ search: search === "" ? undefined : search })}
      />
      <Filter
        label={t("audit.actor")}
        options={[...actors].sort().map((value) => ({ value, label: name(value) }))}
        value={filter.actor}
        onChange={(actor) => onFilter({ actor })}
      />
      <Filter
        label={t("audit.type")}
        options={options("type")}
        value={filter.type}
        onChange={(type) => onFilter({ type })}
      />
      <Filter
        label={t("audit.operation")}
        options={options("op")}
        value={filter.operation}
        onChange={(operation) => onFilter({ operation })}
      />
      <Time filter={filter} onFilter={onFilter} />
      {filter.subject !== undefined && (
        <button type="button" className="rc-filter" data-set onClick={() => onFilter({ subject: undefined })}>
          {t("audit.about", { subject: name(filter.subject) })} <Icon name="close" small />
        </button>
      )}
      <span className="rc-push rc-small rc-muted" role="status">
        {children}
      </span>
    </div>
  );
}

function Time({ filter, onFilter }: Pick<FiltersProps, "filter" | "onFilter">): ReactNode {
  const t = useText();
  const change = (key: "from" | "until") => (time: Date | undefined) => onFilter({ [key]: time?.toISOString() });
  const isSet = filter.from !== undefined || filter.until !== undefined;
  return (
    <Popover className="rc-filter" data-set={isSet || undefined} label={t("audit.when")} button={t("audit.when")}>
      {(close) => (
        <div className="rc-stack">
          <Field label={t("audit.from")}>
            {(control) => <DateTime {...control} value={date(filter.from)} onChange={change("from")} />}
          </Field>
          <Field label={t("audit.until")}>
            {(control) => <DateTime {...control} value={date(filter.until)} onChange={change("until")} />}
          </Field>
          <div className="rc-row">
            <Button
              small
              disabled={!isSet}
              onClick={() => {
                onFilter({ from: undefined, until: undefined });
                close();
              }}
            >
              {t("common.clear")}
            </Button>
          </div>
        </div>
      )}
    </Popover>
  );
}
