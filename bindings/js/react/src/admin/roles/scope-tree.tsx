/** The scopes, and how many people hold roles there. */

import { type ReactNode, useMemo } from "react";
import { useNumber, useText } from "../messages/index.js";
import { useAdmin, useMay, useScopeTitle } from "../provider.js";
import { useRoleWorld } from "./data.js";
import { type ScopeCount, scopeCounts } from "./scopes.js";

/** Where people are: a role counts at its scope and below. */
export function ScopeTree(): ReactNode {
  const t = useText();
  const number = useNumber();
  const may = useMay();
  const { at } = useAdmin();
  const { world } = useRoleWorld();
  const title = useScopeTitle();
  const counts = useMemo(() => (world === undefined ? [] : scopeCounts(world.directory, at, new Date())), [world, at]);
  if (!may("view-access") || counts.length < 2) return null;
  const most = Math.max(1, ...counts.map((one) => one.all));
  const share = (count: number): string => `${(count / most) * 100}%`;
  const row = (one: ScopeCount): ReactNode => (
    <div key={one.scope} role="row" data-level={one.level}>
      <div role="cell" className="rc-sc__n" style={{ paddingInlineStart: `${(one.level - 1) * 1.375}rem` }}>
        <b>{title(one.scope)}</b>
      </div>
      <div role="cell" className="rc-num">
        {number(one.own)}
      </div>
      <div role="cell" className="rc-num">
        {number(one.all)}
      </div>
      <div role="cell" className="rc-sc__b">
        <svg width="100%" height="10" aria-hidden="true">
          <rect className="rc-sc__t" width="100%" height="10" rx="2" />
          <rect className="rc-sc__a" width={share(one.all)} height="10" rx="2" />
          <rect className="rc-sc__d" width={share(one.own)} height="10" rx="2" />
        </svg>
      </div>
      <div role="cell" className="rc-muted rc-sc__note">
        {one.below > one.all && t("roles.scopes.below", { n: one.below })}
        {one.own === 0 && one.below <= one.all && t("roles.scopes.none")}
      </div>
    </div>
  );
  return (
    <section className="rc-panel" aria-labelledby="rc-scopes">
      <div className="rc-panel__head">
        <h2 id="rc-scopes">{t("roles.scopes.title")}</h2>
        <span className="rc-muted rc-small">{t("roles.scopes.help")}</span>
      </div>
      <div className="rc-sc" role="table" aria-label={t("roles.scopes.title")}>
        <div role="row" className="rc-sc__h">
          <div role="columnheader">{t("roles.scopes.scope")}</div>
          <div role="columnheader" className="rc-num">
            {t("roles.scopes.own")}
          </div>
          <div role="columnheader" className="rc-num">
            {t("roles.scopes.all")}
          </div>
          <div role="columnheader" className="rc-sc__b">
            <span className="rc-sc__key" data-k="d">
              {t("roles.scopes.own.key")}
            </span>
            <span className="rc-sc__key">{t("roles.scopes.above.key")}</span>
          </div>
          <div role="columnheader" className="rc-sc__note">
            <span className="rc-sr">{t("roles.scopes.note")}</span>
          </div>
        </div>
        {counts.map(row)}
      </div>
    </section>
  );
}
