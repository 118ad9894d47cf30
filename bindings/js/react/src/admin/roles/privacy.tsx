/** The switches for personal data. */

import type { ReactNode } from "react";
import { useText } from "../messages/index.js";
import { Switch } from "../ui/index.js";
import type { RoleRow } from "./row.js";
import { labelNames, type PolicyText } from "./documents.js";
import { type RoleContent, type RoleOrigin, withInherited, withLabel } from "./draft.js";
import { flagsOf, labelText, roleTitle } from "./words.js";

export interface PrivacyProps {
  policy: PolicyText;
  origin: RoleOrigin;
  content: RoleContent;
  rows: readonly RoleRow[];
  onChange?: ((content: RoleContent) => void) | undefined;
}

/** One switch for each label: on, off, or on by a role that is included. */
export function Privacy({ policy, origin, content, rows, onChange }: PrivacyProps): ReactNode {
  const flags = flagsOf(policy, rows);
  return labelNames(policy).map((label) => (
    <LabelSwitch
      key={label}
      label={label}
      title={labelText(policy, label)}
      flag={flags.get(label)}
      origin={origin}
      content={content}
      rows={rows}
      onChange={onChange}
    />
  ));
}

interface LabelSwitchProps extends Omit<PrivacyProps, "policy"> {
  label: string;
  title: string;
  /** The role that gives the label and nothing else. */
  flag: string | undefined;
}

function LabelSwitch({ label, title, flag, origin, content, rows, onChange }: LabelSwitchProps): ReactNode {
  const t = useText();
  const isCustom = origin.kind === "custom";
  const isOn = isCustom ? flag !== undefined && content.inherits.includes(flag) : content.reads.includes(label);
  const others = rows.filter(
    (row) => row.role !== flag && content.inherits.includes(row.role) && row.reads.includes(label),
  );
  const isPossible = onChange !== undefined && (!isCustom || flag !== undefined);
  const set = (on: boolean): void => {
    if (!isCustom) onChange?.(withLabel(content, label, on));
    else if (flag !== undefined) onChange?.(withInherited(content, flag, on));
  };
  return (
    <label className="rc-pii" data-on={isOn || others.length > 0 || undefined}>
      <Switch checked={isOn} onChange={set} disabled={!isPossible} />
      <span className="rc-grow">
        <b>{t("roles.pii.title", { label: title })}</b>
        <span className="rc-pii__help">
          {isCustom && flag === undefined ? t("roles.pii.impossible") : t("roles.pii.help")}
        </span>
      </span>
      {others.length > 0 && (
        <span className="rc-pii__who">
          {t("roles.pii.through", { roles: others.map((row) => roleTitle(row, row.role)).join(", ") })}
        </span>
      )}
    </label>
  );
}
