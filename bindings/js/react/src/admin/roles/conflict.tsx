/** Someone else changed the role first: before, theirs, and yours. */

import type { ReactNode } from "react";
import { useText, type Writer } from "../messages/index.js";
import { useNames } from "../names.js";
import { Button, Icon, Tag, When } from "../ui/index.js";
import type { Merge, MergeRow } from "./merge.js";
import { partsOf, type Tree } from "./tree.js";
import { actionOf, resourceTitles } from "./words.js";

export interface ConflictProps {
  title: string;
  /** Who changed it, if the user may see that. */
  last?: { actor: string; time: string } | undefined;
  merge: Merge;
  tree: Tree;
  /** Returns the title of a label. */
  label: (label: string) => string;
  onTheirs: () => void;
  onYours: () => void;
}

/** Both changes next to each other. Nothing that was typed is lost. */
export function Conflict({ title, last, merge, tree, label, onTheirs, onYours }: ConflictProps): ReactNode {
  const t = useText();
  const name = useNames(last === undefined ? [] : [last.actor]);
  const clashes = merge.rows.filter((row) => row.clashes).length;
  const yours = merge.rows.filter((row) => row.yours !== row.before).length;
  return (
    <section className="rc-panel rc-conf" aria-labelledby="rc-conflict">
      <div className="rc-panel__head" role="alert">
        <Icon name="warn" />
        <h2 id="rc-conflict">
          {last === undefined || last.actor === "other"
            ? t("roles.conflict.title", { role: title })
            : t("roles.conflict.who", { who: name(last.actor), role: title })}
        </h2>
        {last !== undefined && <When className="rc-count rc-push" time={last.time} />}
      </div>
      <div className="rc-scroll">
        <table className="rc-table">
          <thead>
            <tr>
              <th scope="col">{title}</th>
              <th scope="col">{t("roles.conflict.before")}</th>
              <th scope="col">{t("roles.conflict.theirs")}</th>
              <th scope="col">{t("roles.conflict.yours")}</th>
            </tr>
          </thead>
          <tbody>
            {merge.rows.map((row) => (
              <tr key={row.kind + row.name} data-clash={row.clashes || undefined}>
                <th scope="row">
                  {row.kind === "reads"
                    ? t("roles.conflict.kind.reads", { name: label(row.name) })
                    : nameOf(row, tree, t)}{" "}
                  {row.clashes && <Tag kind="warn">{t("roles.conflict.both")}</Tag>}
                </th>
                <td>{value(row.before, t)}</td>
                <td>{changed(row.theirs, row.before, t)}</td>
                <td>{changed(row.yours, row.before, t)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="rc-panel__foot rc-row">
        <span className="rc-grow rc-small rc-muted">{t("roles.conflict.sum", { n: yours, clashes })}</span>
        <Button onClick={onTheirs}>{t("roles.conflict.take")}</Button>
        <Button kind="primary" onClick={onYours}>
          {t("roles.conflict.keep")}
        </Button>
      </div>
    </section>
  );
}

function nameOf(row: MergeRow, tree: Tree, t: Writer): string {
  if (row.kind !== "permission") return t(`roles.conflict.kind.${row.kind}`, { name: row.name });
  const [path] = partsOf(row.name);
  return `${resourceTitles(tree, path).join(" / ")}: ${actionOf(t, tree, row.name)}`;
}

function value(given: string | boolean, t: Writer): string {
  if (typeof given === "string") return given === "" ? t("common.none") : given;
  return given ? t("roles.conflict.yes") : t("roles.conflict.no");
}

function changed(given: string | boolean, before: string | boolean, t: Writer): ReactNode {
  if (given === before) return value(given, t);
  if (typeof given === "string") return <b>{value(given, t)}</b>;
  return <span className={given ? "rc-plus" : "rc-minus"}>{`${given ? "+" : "−"} ${value(given, t)}`}</span>;
}
