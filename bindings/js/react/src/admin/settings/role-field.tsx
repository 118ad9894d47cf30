/** A select of the roles that can be given at the scope. */

import type { ReactNode } from "react";
import type { RoleRow } from "rolecall/client";
import { type List, useList } from "../data.js";
import { useText } from "../messages/index.js";
import { Field, Select } from "../ui/index.js";

/** Loads the roles. */
export const useRoleList = (): List<RoleRow> => useList("roles", { limit: 1000 });

export interface RoleFieldProps {
  list: List<RoleRow>;
  value: string;
  onChange: (role: string) => void;
}

export function RoleField({ list, value, onChange }: RoleFieldProps): ReactNode {
  const t = useText();
  const roles = list.rows.filter(({ available }) => available);
  const choices = roles.map(({ role, title }) => ({ value: role, label: title ?? role }));
  const options = [{ value: "", label: t("settings.role.choose") }, ...choices];
  return (
    <Field label={t("settings.role")}>
      {(control) => <Select {...control} value={value} options={options} onChange={onChange} />}
    </Field>
  );
}
