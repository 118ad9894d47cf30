/** Two roles next to each other. */

import { type ReactNode, useMemo } from "react";
import { useFlag } from "../address.js";
import { actionText } from "../actions.js";
import { useText } from "../messages/index.js";
import { Button, Check, Dialog, Select } from "../ui/index.js";
import { compared, type Held, type Side } from "./compare.js";
import type { RoleRow } from "./row.js";
import type { RoleContent } from "./draft.js";
import type { Tree } from "./tree.js";
import { resourceTitles, roleTitle } from "./words.js";

export interface CompareRolesProps {
  role: string;
  title: string;
  content: RoleContent;
  rows: readonly RoleRow[];
  tree: Tree;
  /** The title of a label. */
  label: (label: string) => string;
  /** The role to compare with. */
  other: string;
  onOther: (role: string, options?: { replace?: boolean }) => void;
  onClose: () => void;
}

const sideOf = (row: RoleRow): Side => ({
  own: new Set(row.grants),
  inherited: new Set(Object.values(row.inherited).flat()),
  reads: row.reads,
});

/** Returns the role that one is compared with at first: the one that it copies, or the first of the list. */
export function otherThan(role: string, row: RoleRow | undefined, rows: readonly RoleRow[]): string | undefined {
  return row?.copy_of ?? rows.find((one) => one.role !== role)?.role;
}

/** Compares a role, as it is edited, with another one. */
export function CompareRoles(props: CompareRolesProps): ReactNode {
  const { role, title, content, rows, tree, label, other: name, onOther, onClose } = props;
  const t = useText();
  const others = rows.filter((one) => one.role !== role);
  const [isWhole, showWhole] = useFlag("whole");
  const onlyDifferences = !isWhole;
  const other = rows.find((one) => one.role === name);
  const found = useMemo(() => {
    if (other === undefined) return undefined;
    const given = rows.filter((one) => content.inherits.includes(one.role));
    const inherited = new Set(given.flatMap((one) => [...one.grants, ...Object.values(one.inherited).flat()]));
    const reads = [...new Set([...content.reads, ...given.flatMap((one) => one.reads)])];
    return compared(tree, { own: content.own, inherited, reads }, sideOf(other), onlyDifferences);
  }, [other, rows, content, tree, onlyDifferences]);
  const options = others.map((one) => ({ value: one.role, label: roleTitle(one, one.role) }));
  return (
    <Dialog
      wide
      title={t("roles.compare.title", { role: title })}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t("common.close")}</Button>}
    >
      <div className="rc-row">
        <label className="rc-row rc-grow">
          <span className="rc-label">{t("roles.compare.with")}</span>
          <Select options={options} value={name} onChange={(next) => onOther(next, { replace: true })} />
        </label>
        <Check checked={onlyDifferences} onChange={(on) => showWhole(!on)}>
          {t("roles.compare.differences")}
        </Check>
      </div>
      {found !== undefined && other !== undefined && (
        <>
          <p className="rc-small rc-muted" role="status">
            {t("roles.compare.sum", {
              one: title,
              other: roleTitle(other, other.role),
              onlyOne: found.onlyOne,
              onlyOther: found.onlyOther,
              both: found.both,
            })}
          </p>
          <div className="rc-scroll rc-cmp" tabIndex={0} role="region" aria-label={t("roles.compare")}>
            <table className="rc-table">
              <thead>
                <tr>
                  <th scope="col">{t("roles.tree.function")}</th>
                  <th scope="col">{title}</th>
                  <th scope="col">{roleTitle(other, other.role)}</th>
                </tr>
              </thead>
              <tbody>
                {found.labels.map((one) => (
                  <tr key={one.label}>
                    <th scope="row">{t("roles.compare.label", { label: label(one.label) })}</th>
                    <td>
                      <HeldText held={one.one ? "own" : "none"} />
                    </td>
                    <td>
                      <HeldText held={one.other ? "own" : "none"} />
                    </td>
                  </tr>
                ))}
                {found.resources.flatMap(({ node, permissions }) =>
                  permissions.map((one) => (
                    <tr key={one.permission}>
                      <th scope="row">
                        {resourceTitles(tree, node.path).join(" / ")}: {actionText(t, one.action, one.title)}
                      </th>
                      <td>
                        <HeldText held={one.one} />
                      </td>
                      <td>
                        <HeldText held={one.other} />
                      </td>
                    </tr>
                  )),
                )}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Dialog>
  );
}

function HeldText({ held }: { held: Held }): ReactNode {
  const t = useText();
  if (held === "none") return <span className="rc-faint">{t("roles.compare.none")}</span>;
  return <span>{held === "own" ? t("roles.compare.own") : t("roles.compare.inherited")}</span>;
}
