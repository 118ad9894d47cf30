/** Matrices: roles and permissions, people and roles, people and permissions. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo } from "react";
import { useDelayed } from "../delayed.js";
import { actionText } from "../actions.js";
import { useText } from "../messages/index.js";
import { useAdmin, useMay } from "../provider.js";
import { Box, Button, Empty, ErrorNote, Filter, Head, Search, Seg, SegLinks, Skeleton } from "../ui/index.js";
import { useRoleLinks, useRoleRows, useRoleWorld } from "./data.js";
import type { RoleRow } from "./row.js";
import { CsvButton } from "./download.js";
import {
  actionsOf,
  type Heading,
  letters,
  type Mark,
  type MatrixColumn,
  matrixCsv,
  type MatrixLine,
  resourceColumns,
  roleColumns,
} from "./matrix.js";
import { MatrixTable } from "./matrix-table.js";
import { useViews } from "./views.js";

/** The rows and columns of a matrix. */
export type MatrixOf = "roles-permissions" | "people-roles" | "people-permissions";

/** The state of the page of matrices. */
export interface MatrixView {
  of?: string | undefined;
  search?: string | undefined;
  group?: string | undefined;
  action?: string | undefined;
  /** Only roles of this origin, or only holders of this kind. */
  kind?: string | undefined;
  /** Only columns that a row holds. */
  held?: string | undefined;
}

export interface RoleMatrixProps {
  view: MatrixView;
  onView: (view: MatrixView) => void;
}

const OF: readonly MatrixOf[] = ["roles-permissions", "people-roles", "people-permissions"];

/** The rows of a page, and of an exported one. */
const PAGE = 200;
const LARGE_PAGE = 1000;

interface Asked {
  of: MatrixOf;
  search: string;
  kind: string | undefined;
}

const paramsOf = (at: string, { of, search, kind }: Asked, limit: number): object => ({
  at,
  of,
  limit,
  ...(search !== "" && { search }),
  ...(kind !== undefined && (of === "roles-permissions" ? { origin: kind } : { kind })),
});

/** How long nothing is typed before the server is asked, in milliseconds. */
const PAUSE = 250;

/** Loads a matrix, page by page. */
function useMatrix(asked: Asked) {
  const { client, at } = useAdmin();
  return useInfiniteQuery({
    queryKey: ["rolecall", "answer", at, "matrix", asked],
    queryFn: ({ pageParam, signal }) =>
      client.matrix({ ...paramsOf(at, asked, PAGE), ...(pageParam && { after: pageParam }) } as never, {
        signal,
        background: true,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    // The rows stay until the next ones arrive; another matrix has other columns.
    placeholderData: (before, query) =>
      (query?.queryKey[4] as Asked | undefined)?.of === asked.of && query?.queryKey[2] === at ? before : undefined,
  });
}

/** The matrices of a scope, with filters and an export. */
export function RoleMatrix({ view, onView }: RoleMatrixProps): ReactNode {
  const t = useText();
  const may = useMay();
  const allowed = OF.filter((one) => one === "roles-permissions" || may("view-access"));
  const of = allowed.find((one) => one === view.of) ?? "roles-permissions";
  const rested = useDelayed(view.search ?? "", PAUSE);
  const search = view.search === undefined ? "" : rested;
  const asked = useMemo(() => ({ of, search, kind: view.kind }), [of, search, view.kind]);
  const matrix = useMatrix(asked);
  const { rows: roles = [] } = useRoleRows();
  const { world } = useRoleWorld();
  const set = (change: MatrixView): void => onView({ ...view, ...change });
  const pages = matrix.data?.pages;
  const headings = pages?.[0]?.columns ?? [];
  const rows = useMemo(() => (pages ?? []).flatMap((page) => page.rows) as readonly MatrixLine[], [pages]);
  const total = pages?.[0]?.total ?? 0;
  const isOfRoles = of === "people-roles";
  const { group, action, held } = view;
  const columnsOf = useCallback(
    (all: readonly Heading[], by: readonly MatrixLine[]): MatrixColumn[] => {
      const filter = { group, action, heldBy: held === undefined ? undefined : by };
      if (isOfRoles) return roleColumns(all, filter);
      return world === undefined ? [] : resourceColumns(all, world.tree, filter);
    },
    [world, group, action, held, isOfRoles],
  );
  const columns = useMemo(() => columnsOf(headings, rows), [columnsOf, headings, rows]);
  const views = useViews("matrix");
  return (
    <>
      <Head title={t("roles.title")} views={<SegLinks label={t("roles.views")} links={views} />}>
        <span className="rc-small rc-muted" role="status">
          {pages !== undefined &&
            (isOfRoles || world !== undefined) &&
            t(isOfRoles ? "roles.matrix.sum.roles" : "roles.matrix.sum", { rows: total, columns: columns.length })}
        </span>
        <Export asked={asked} columnsOf={columnsOf} />
      </Head>
      <div className="rc-row rc-filters rc-mx__bar">
        <Seg
          label={t("roles.matrix.what")}
          value={of}
          onChange={(next) => onView({ of: next, search: view.search })}
          options={allowed.map((one) => ({ value: one, label: t(`roles.matrix.of.${one}`) }))}
        />
        <Search
          className="rc-filters__find"
          label={t(of === "roles-permissions" ? "roles.matrix.search.roles" : "roles.matrix.search.people")}
          value={view.search ?? ""}
          onChange={(next) => set({ search: next || undefined })}
        />
        <Filters of={of} view={view} set={set} />
        <label className="rc-check rc-small">
          <Box checked={view.held !== undefined} onChange={(on) => set({ held: on ? "1" : undefined })} />
          <span>{t("roles.matrix.held")}</span>
        </label>
      </div>
      {matrix.error && (
        <ErrorNote error={matrix.error} lead={t("roles.matrix.error")} retry={() => void matrix.refetch()} />
      )}
      {matrix.error && pages === undefined ? null : pages === undefined || world === undefined ? (
        <div className="rc-panel">
          <Skeleton rows={12} columns={8} />
        </div>
      ) : rows.length === 0 || columns.length === 0 ? (
        <div className="rc-panel">
          <Empty
            icon="search"
            title={t("roles.matrix.none")}
            actions={<Button onClick={() => onView({ of })}>{t("common.filter.clear")}</Button>}
          />
        </div>
      ) : (
        <Shown
          of={of}
          rows={rows}
          total={total}
          columns={columns}
          headings={headings}
          roles={roles}
          onEnd={() => {
            const isReady = matrix.hasNextPage && !matrix.isFetching && !matrix.isPlaceholderData;
            // A page that failed is asked for again by the button of the error only.
            if (isReady && !matrix.isError) void matrix.fetchNextPage();
          }}
        />
      )}
    </>
  );
}

interface FiltersProps {
  of: MatrixOf;
  view: MatrixView;
  set: (change: MatrixView) => void;
}

function Filters({ of, view, set }: FiltersProps): ReactNode {
  const t = useText();
  const { world } = useRoleWorld();
  const roots = world?.tree.roots ?? [];
  const actions = world === undefined ? [] : actionsOf(world.tree);
  const kinds =
    of === "roles-permissions"
      ? (["custom", "policy"] as const)
      : (["users", "applications", "support", "groups"] as const);
  return (
    <>
      {of !== "people-roles" && (
        <>
          <Filter
            label={t("roles.matrix.functions")}
            value={view.group}
            onChange={(group) => set({ group })}
            options={roots.map((root) => ({ value: root.path, label: root.title }))}
          />
          <Filter
            label={t("roles.matrix.action")}
            value={view.action}
            onChange={(action) => set({ action })}
            options={actions.map((action) => ({ value: action, label: actionText(t, action) }))}
          />
        </>
      )}
      <Filter
        label={t("roles.matrix.kind")}
        value={view.kind}
        onChange={(kind) => set({ kind })}
        options={kinds.map((kind) => ({ value: kind as string, label: t(`roles.matrix.kind.${kind}`) }))}
      />
    </>
  );
}

interface ShownProps {
  of: MatrixOf;
  rows: readonly MatrixLine[];
  total: number;
  columns: ReturnType<typeof roleColumns>;
  headings: readonly { id: string; title?: string }[];
  roles: readonly RoleRow[];
  onEnd: () => void;
}

function Shown({ of, rows, total, columns, headings, roles, onEnd }: ShownProps): ReactNode {
  const t = useText();
  const links = useRoleLinks();
  const { world } = useRoleWorld();
  const members = useMemo(() => new Map(roles.map((row) => [row.role, row])), [roles]);
  const groups = useMemo(() => new Map(world?.tree.roots.map((root) => [root.path, root.title])), [world]);
  const ofRoles = of === "roles-permissions";
  const custom = ofRoles ? rows.filter((row) => members.get(row.id)?.origin === "custom") : [];
  const preset = ofRoles ? rows.filter((row) => members.get(row.id)?.origin !== "custom") : [];
  const sections = ofRoles
    ? [
        { title: t("roles.list.custom"), rows: custom },
        { title: t("roles.list.preset"), rows: preset },
      ].filter((section) => section.rows.length > 0)
    : [{ title: "", rows }];
  const tree = world?.tree;
  return (
    <section className="rc-panel rc-mx__wrap" aria-label={t(`roles.matrix.of.${of}`)}>
      <MatrixTable
        label={t("roles.matrix.label")}
        corner={ofRoles ? t("roles.role") : t("roles.matrix.person")}
        sections={sections}
        total={total}
        columns={columns}
        group={(key) => groups.get(key) ?? key}
        kind={of === "people-roles" ? "roles" : "permissions"}
        cellText={(row, column, held) =>
          of === "people-roles"
            ? words(t, row.cells[column.cells[0] ?? -1] ?? "none")
            : held.map((index) => actionText(t, (headings[index]?.id ?? "").split(":").at(-1) ?? "")).join(", ")
        }
        to={(row) => (ofRoles ? links.role(row.id) : links.person(row.id))}
        count={ofRoles ? (row) => members.get(row.id)?.members : undefined}
        onEnd={onEnd}
      />
      <div className="rc-panel__foot rc-row rc-mx__key">
        {of === "people-roles" ? (
          (["direct", "indirect", "not-yet", "expired"] as const).map((mark) => (
            <span key={mark}>
              <b>{{ direct: "●", indirect: "○", "not-yet": "…", expired: "×" }[mark]}</b> {words(t, mark)}
            </span>
          ))
        ) : (
          <>
            <span className="rc-mx__ramp" aria-hidden="true">
              <i data-h="1" />
              <i data-h="2" />
              <i data-h="3" />
              <i data-h="4" />
            </span>
            <span>{t("roles.matrix.heat")}</span>
            {tree !== undefined &&
              [...letters(actionsOf(tree))].map(([action, letter]) => (
                <span key={action}>
                  <b>{letter}</b> {actionText(t, action)}
                </span>
              ))}
          </>
        )}
      </div>
    </section>
  );
}

const words = (t: ReturnType<typeof useText>, mark: Mark): string => t(`roles.matrix.mark.${mark}`);

interface ExportProps {
  asked: Asked;
  /** Returns the columns that are shown. */
  columnsOf: (headings: readonly Heading[], rows: readonly MatrixLine[]) => readonly MatrixColumn[];
}

/** Downloads all rows of the matrix, with the columns that are shown. */
function Export({ asked, columnsOf }: ExportProps): ReactNode {
  const t = useText();
  const { client, at } = useAdmin();
  const load = async (): Promise<string> => {
    const rows: MatrixLine[] = [];
    let after: string | undefined;
    let headings: readonly Heading[] = [];
    do {
      const page = await client.matrix({ ...paramsOf(at, asked, LARGE_PAGE), ...(after && { after }) } as never);
      rows.push(...(page.rows as readonly MatrixLine[]));
      headings = page.columns;
      after = page.next;
    } while (after !== undefined);
    const shown = columnsOf(headings, rows).flatMap(({ cells }) => cells);
    return matrixCsv(headings, rows, shown, (mark) => (mark === "none" ? "" : words(t, mark)));
  };
  return <CsvButton name={`${asked.of}.csv`} load={load} />;
}
