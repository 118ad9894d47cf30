/** The inheritance of roles as a graph, and as a list that says the same. */

import { type KeyboardEvent, type ReactNode, useMemo, useRef } from "react";
import { useParam, useTyped } from "../address.js";
import { useNumber, useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";
import {
  Button,
  ButtonLink,
  Check,
  Empty,
  ErrorNote,
  Head,
  Link,
  Search,
  Seg,
  SegLinks,
  Skeleton,
  Tag,
} from "../ui/index.js";
import { CompareRoles, otherThan } from "./compare-roles.js";
import { useRoleLinks, useRoleRows, useRoleWorld } from "./data.js";
import type { RoleRow } from "./row.js";
import { originOf } from "./draft.js";
import { around, type Graph, type GraphRole, layout, NODE, step } from "./graph.js";
import { roleKey } from "./role-list.js";
import { ScopeTree } from "./scope-tree.js";
import { useViews } from "./views.js";
import { labelText, roleTitle } from "./words.js";

export interface RoleGraphProps {
  /** The chosen role. */
  role?: string | undefined;
  onRole: (role: string, options?: { replace?: boolean }) => void;
  form?: string | undefined;
  onForm: (form: string | undefined) => void;
}

/** The roles that a whole graph shows at most. Larger ones show what is around the chosen role. */
const MANY = 40;

const graphRoles = (rows: readonly RoleRow[]): GraphRole[] =>
  rows.map((row) => ({ role: row.role, title: roleTitle(row, row.role), inherits: row.inherits }));

/** Who inherits from whom. */
export function RoleGraph({ role, onRole, form, onForm }: RoleGraphProps): ReactNode {
  const t = useText();
  const { rows, error, retry } = useRoleRows();
  const views = useViews("inheritance");
  const [search, setSearch] = useTyped("search");
  const isNarrow = useMemo(() => typeof matchMedia === "function" && matchMedia("(max-width: 47.99rem)").matches, []);
  const shownForm = form ?? (isNarrow ? "list" : "graph");
  return (
    <>
      <Head title={t("roles.title")} views={<SegLinks label={t("roles.views")} links={views} />}>
        <Search
          label={t("roles.graph.find")}
          value={search}
          onChange={(text) => {
            setSearch(text);
            const found = rows?.find(
              (row) => text !== "" && roleTitle(row, row.role).toLowerCase().includes(text.toLowerCase()),
            );
            if (found !== undefined) onRole(found.role, { replace: true });
          }}
        />
        <Seg
          label={t("roles.graph.form")}
          value={shownForm}
          onChange={(next) => onForm(next)}
          options={[
            { value: "graph", label: t("roles.graph.graph") },
            { value: "list", label: t("roles.graph.list") },
          ]}
        />
      </Head>
      {error ? (
        <ErrorNote error={error} lead={t("roles.error")} retry={retry} />
      ) : rows === undefined ? (
        <div className="rc-panel">
          <Skeleton rows={10} columns={4} />
        </div>
      ) : (
        <Loaded rows={rows} role={role} onRole={onRole} isList={shownForm === "list"} />
      )}
    </>
  );
}

interface LoadedProps {
  rows: readonly RoleRow[];
  role: string | undefined;
  onRole: (role: string) => void;
  isList: boolean;
}

/** Returns the role with the most roles around it. */
function central(roles: readonly GraphRole[]): string | undefined {
  const sizes = roles.map((one) => {
    const { above, below } = around(one.role, roles);
    return { role: one.role, size: above.size + below.size };
  });
  return sizes.sort((one, other) => other.size - one.size)[0]?.role;
}

function Loaded({ rows, role, onRole, isList }: LoadedProps): ReactNode {
  const t = useText();
  const roles = useMemo(() => graphRoles(rows), [rows]);
  const chosen = useMemo(() => roles.find((one) => one.role === role)?.role ?? central(roles), [roles, role]);
  const whole = useMemo(() => layout(roles), [roles]);
  const [wanted, want] = useParam<"near" | "all">("around");
  const isAround = wanted === undefined ? whole.nodes.length > MANY : wanted === "near";
  const near = useMemo(() => (chosen === undefined ? undefined : around(chosen, roles)), [chosen, roles]);
  const graph = useMemo(() => {
    if (!isAround || chosen === undefined || near === undefined) return whole;
    return layout(roles.filter((one) => one.role === chosen || near.above.has(one.role) || near.below.has(one.role)));
  }, [isAround, chosen, near, roles, whole]);
  const row = rows.find((one) => one.role === chosen);
  return (
    <div className="rc-split rc-graph">
      <div className="rc-stack">
        <section className="rc-panel" aria-labelledby="rc-graph">
          <div className="rc-panel__head">
            <h2 id="rc-graph">{t("roles.graph.title")}</h2>
            <span className="rc-muted rc-small">{t("roles.graph.help")}</span>
            {!isList && (
              <span className="rc-push">
                <Check checked={isAround} onChange={(on) => want(on ? "near" : "all")}>
                  {t("roles.graph.around")}
                </Check>
              </span>
            )}
          </div>
          {isList ? (
            <Lists rows={rows} chosen={chosen} />
          ) : graph.nodes.length === 0 ? (
            <Empty icon="link" title={t("roles.graph.none")}>
              {t("roles.graph.none.help")}
            </Empty>
          ) : (
            <Drawing graph={graph} rows={rows} chosen={chosen} near={near} onRole={onRole} />
          )}
          <div className="rc-panel__foot rc-small rc-muted">{t("roles.graph.keys")}</div>
        </section>
        <ScopeTree />
      </div>
      {row !== undefined && <Facts row={row} rows={rows} near={near} />}
    </div>
  );
}

interface DrawingProps {
  graph: Graph;
  rows: readonly RoleRow[];
  chosen: string | undefined;
  near: { above: Set<string>; below: Set<string> } | undefined;
  onRole: (role: string) => void;
}

function Drawing({ graph, rows, chosen, near, onRole }: DrawingProps): ReactNode {
  const t = useText();
  const number = useNumber();
  const links = useRoleLinks();
  const { href, navigate } = useNavigation();
  const svg = useRef<SVGSVGElement>(null);
  const byRole = useMemo(() => new Map(rows.map((row) => [row.role, row])), [rows]);
  const isOn = (role: string): boolean =>
    role === chosen || near?.above.has(role) === true || near?.below.has(role) === true;
  const isOnPath = (from: string, to: string): boolean =>
    near !== undefined &&
    ((near.below.has(to) && (from === chosen || near.below.has(from))) ||
      (near.above.has(from) && (to === chosen || near.above.has(to))));
  const press = (event: KeyboardEvent<SVGSVGElement>): void => {
    const next = chosen === undefined ? undefined : step(graph, chosen, event.key);
    if (next === undefined) return;
    event.preventDefault();
    onRole(next);
    requestAnimationFrame(() => svg.current?.querySelector<SVGAElement>(`[data-role="${CSS.escape(next)}"]`)?.focus());
  };
  const hasChosen = graph.nodes.some((node) => node.role === chosen);
  return (
    <div className="rc-g__scroll" role="region" aria-label={t("roles.graph.scroll")}>
      <svg
        ref={svg}
        className="rc-g"
        viewBox={`0 0 ${graph.width} ${graph.height}`}
        style={{ minWidth: graph.width * 0.8, maxWidth: graph.width * 1.25 }}
        role="group"
        aria-label={t("roles.graph.title")}
        onKeyDown={press}
      >
        <g className="rc-g__e" aria-hidden="true">
          {graph.lines.map((line) => (
            <path key={`${line.from} ${line.to}`} d={line.path} data-on={isOnPath(line.from, line.to) || undefined} />
          ))}
        </g>
        {graph.nodes.map((node, index) => {
          const row = byRole.get(node.role);
          const to = links.role(row === undefined ? node.role : roleKey(row));
          return (
            <a
              key={node.role}
              href={href(to)}
              data-role={node.role}
              data-on={isOn(node.role) || undefined}
              data-sel={node.role === chosen || undefined}
              aria-current={node.role === chosen ? "true" : undefined}
              // Preact writes the name of the property, which is not an attribute of SVG.
              ref={(link) =>
                link?.setAttribute("tabindex", node.role === chosen || (!hasChosen && index === 0) ? "0" : "-1")
              }
              aria-description={t("roles.graph.node", { n: row?.members ?? 0, inherits: node.inherits.length })}
              onClick={(event) => {
                event.preventDefault();
                if (node.role === chosen) navigate(to);
                else onRole(node.role);
              }}
            >
              <rect x={node.x} y={node.y} width={NODE.width} height={NODE.height} rx="5" />
              <svg x={node.x + 10} y={node.y} width={NODE.width - 44} height={NODE.height}>
                <text x="0" y="19.5">
                  {node.title}
                </text>
              </svg>
              {row?.members !== undefined && (
                <text className="rc-g__n" x={node.x + NODE.width - 9} y={node.y + 19.5} textAnchor="end">
                  {number(row.members)}
                </text>
              )}
            </a>
          );
        })}
      </svg>
    </div>
  );
}

/** The graph as a list: each role with what it inherits, and who inherits it. */
function Lists({ rows, chosen }: { rows: readonly RoleRow[]; chosen: string | undefined }): ReactNode {
  const t = useText();
  const number = useNumber();
  const links = useRoleLinks();
  const titles = new Map(rows.map((row) => [row.role, row]));
  const name = (role: string): ReactNode => (
    <Link key={role} to={links.role(role)}>
      {roleTitle(titles.get(role), role)}
    </Link>
  );
  const joined = (roles: readonly string[]): ReactNode =>
    roles.length === 0 ? (
      <span className="rc-faint">{t("common.none")}</span>
    ) : (
      roles.map((role, index) => [index > 0 && ", ", name(role)])
    );
  return (
    <div className="rc-scroll" role="region" aria-label={t("roles.graph.list")} tabIndex={0}>
      <table className="rc-table">
        <thead>
          <tr>
            <th scope="col">{t("roles.role")}</th>
            <th scope="col">{t("roles.graph.inherits")}</th>
            <th scope="col">{t("roles.graph.inherited")}</th>
            <th scope="col" className="rc-num">
              {t("roles.list.members.head")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={roleKey(row)} data-selected={row.role === chosen || undefined}>
              <th scope="row">
                <Link to={links.role(roleKey(row))}>{roleTitle(row, row.role)}</Link>
              </th>
              <td>{joined(row.inherits)}</td>
              <td>{joined(rows.filter((one) => one.inherits.includes(row.role)).map((one) => one.role))}</td>
              <td className="rc-num">{row.members !== undefined && number(row.members)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FactsProps {
  row: RoleRow;
  rows: readonly RoleRow[];
  near: { above: Set<string>; below: Set<string> } | undefined;
}

/** The chosen role. */
function Facts({ row, rows, near }: FactsProps): ReactNode {
  const t = useText();
  const links = useRoleLinks();
  const { world } = useRoleWorld();
  const [other, compare] = useParam("compare");
  const heirs = rows.filter((one) => one.inherits.includes(row.role));
  const count = (one: RoleRow): number => new Set([...one.grants, ...Object.values(one.inherited).flat()]).size;
  const onlyInherited = count(row) - row.grants.length;
  const list = (roles: readonly RoleRow[]): ReactNode => (
    <ul className="rc-list rc-list--dense">
      {roles.map((one) => (
        <li key={roleKey(one)}>
          <Link to={links.role(roleKey(one))}>
            <span className="rc-list__name">{roleTitle(one, one.role)}</span>
            <span className="rc-list__n">
              {count(one)}
              <span className="rc-sr"> {t("roles.graph.permissions")}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
  const inherits = row.inherits.flatMap((role) => rows.find((one) => one.role === role) ?? []);
  const origin = world && originOf(row.role, row.at ?? "", world);
  return (
    <aside className="rc-panel rc-why" aria-labelledby="rc-chosen">
      <div className="rc-panel__head">
        <h2 id="rc-chosen">{roleTitle(row, row.role)}</h2>
        <Tag kind={row.origin === "custom" ? "solid" : "plain"}>
          {row.origin === "custom" ? t("roles.mark.custom") : t("roles.mark.preset")}
        </Tag>
      </div>
      <div className="rc-panel__body rc-stack">
        {row.description !== undefined && <p>{row.description}</p>}
        <dl className="rc-facts">
          <dt>{t("roles.graph.permissions")}</dt>
          <dd>{t("roles.graph.held", { n: count(row), inherited: onlyInherited })}</dd>
          {row.members !== undefined && (
            <>
              <dt>{t("roles.graph.holders")}</dt>
              <dd>
                <Link to={links.members(row.role)}>{t("roles.members", { n: row.members })}</Link>
              </dd>
            </>
          )}
        </dl>
        {inherits.length > 0 && (
          <section className="rc-stack rc-stack--s">
            <h3>
              {t("roles.graph.inherits")}{" "}
              <span className="rc-count">
                {t("roles.graph.counts", { n: inherits.length, all: near?.below.size ?? 0 })}
              </span>
            </h3>
            {list(inherits)}
          </section>
        )}
        {heirs.length > 0 && (
          <section className="rc-stack rc-stack--s">
            <h3>{t("roles.graph.inherited")}</h3>
            {list(heirs)}
          </section>
        )}
      </div>
      <div className="rc-panel__foot rc-row">
        <ButtonLink small to={links.role(roleKey(row))}>
          {t("roles.graph.open")}
        </ButtonLink>
        {origin !== undefined && (
          <Button small onClick={() => compare(otherThan(row.role, row, rows))}>
            {t("roles.compare")}
          </Button>
        )}
      </div>
      {other !== undefined && origin !== undefined && world !== undefined && (
        <CompareRoles
          role={row.role}
          title={roleTitle(row, row.role)}
          content={origin.saved}
          rows={rows}
          tree={world.tree}
          label={(label) => labelText(world.policy, label)}
          other={other}
          onOther={compare}
          onClose={() => compare(undefined)}
        />
      )}
    </aside>
  );
}
