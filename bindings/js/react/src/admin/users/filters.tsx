/** The filters of the list of people. */

import type { ReactNode } from "react";
import { usePaused } from "../address.js";
import { useList } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { Filter, Search } from "../ui/index.js";

/** A kind of holders of roles. */
export type Kind = "users" | "groups" | "applications" | "support";
/** A status that people filter by. */
export type Status = "active" | "invited" | "suspended";

/** The filters of the list of people. An application holds them in its address. */
export interface UserFilters {
  search?: string | undefined;
  status?: Status | undefined;
  role?: string | undefined;
  kind?: Kind | undefined;
  sort?: "id" | "-id" | "status" | "-status" | undefined;
  /** The subject whose roles are open. */
  open?: string | undefined;
}

const KINDS = ["users", "groups", "applications", "support"] as const;
const STATUSES = ["active", "invited", "suspended"] as const;

export interface FiltersProps {
  filters: UserFilters;
  onChange: (part: UserFilters) => void;
  total: number | undefined;
}

/** Search, filters, and the number of rows. */
export function Filters({ filters, onChange, total }: FiltersProps): ReactNode {
  const t = useText();
  const { search = "", status, role, kind } = filters;
  return (
    <div className="rc-row rc-filters">
      <DelayedSearch
        label={t("users.search")}
        placeholder={t("users.search.hint")}
        value={search}
        onChange={(text) => onChange({ search: text || undefined })}
      />
      <Filter
        label={t("users.kind")}
        options={KINDS.map((value) => ({ value, label: t(`users.kind.${value}`) }))}
        value={kind}
        onChange={(value) => onChange({ kind: value, status: undefined })}
      />
      <RoleFilter value={role} onChange={(value) => onChange({ role: value })} />
      {kind !== "groups" && (
        <Filter
          label={t("users.status")}
          options={STATUSES.map((value) => ({ value, label: t(`users.status.${value}`) }))}
          value={status}
          onChange={(value) => onChange({ status: value })}
        />
      )}
      <span className="rc-push rc-small rc-muted" role="status">
        {total === undefined ? "" : t("users.count", { n: total })}
      </span>
    </div>
  );
}

/** A search that waits until the typing pauses. The typed text is shown at once. */
export function DelayedSearch({
  value,
  onChange,
  ...rest
}: {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (text: string) => void;
}): ReactNode {
  const [text, type] = usePaused(value, onChange);
  return <Search {...rest} className="rc-filters__find" value={text} onChange={type} />;
}

/** A filter by role, for readers of the roles. */
export function RoleFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (role: string | undefined) => void;
}): ReactNode {
  const t = useText();
  const may = useMay();
  const { rows, loading } = useList("roles", { limit: 1000, sort: "title" }, { enabled: may("view-roles") });
  const held = rows.filter(({ members, role }) => (members ?? 0) > 0 || role === value);
  if (held.length === 0 && !loading) return null;
  const options = held.map(({ role, title }) => ({ value: role, label: title ?? role }));
  return <Filter label={t("users.add.role")} options={options} value={value} onChange={onChange} />;
}
