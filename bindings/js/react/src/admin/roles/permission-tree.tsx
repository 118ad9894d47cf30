/** The permissions of a role as a tree whose rows have boxes. */

import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { actionText } from "../actions.js";
import { useText } from "../messages/index.js";
import { Box, Button, Icon, Link } from "../ui/index.js";
import { boxCount, type Cell, type Focus, keyAction, type Row } from "./rows.js";
import type { Tree } from "./tree.js";

/** Sets or clears permissions. */
export type SetPermissions = (permissions: readonly string[], on: boolean) => void;

export interface PermissionTreeProps {
  label: string;
  tree: Tree;
  rows: readonly Row[];
  /** Without it, the boxes only show what is set. */
  onSet?: SetPermissions | undefined;
  onOpen: (paths: readonly string[], open: boolean) => void;
  /** The title and the address of a role. */
  role: (name: string) => { title: string; to: string };
}

/** The rows that are drawn at once. A policy can have 65,536 resources. */
const MANY = 400;

/** The permissions of a role. Space toggles, arrows move, `*` opens the branches of a level. */
export function PermissionTree({ label, tree, rows: all, onSet, onOpen, role }: PermissionTreeProps): ReactNode {
  const t = useText();
  const [limit, setLimit] = useState(MANY);
  const rows = useMemo(() => all.slice(0, limit), [all, limit]);
  const grid = useRef<HTMLDivElement>(null);
  const [focus, setShown] = useState<Focus>({ path: "", box: -1 });
  // Keys can arrive before the page is drawn again, so the place is known at once.
  const place = useRef(focus);
  const setFocus = useCallback((to: Focus) => {
    place.current = to;
    setShown(to);
  }, []);
  const moved = useRef(false);
  const current = rows.find((row) => row.node.path === focus.path) ?? rows[0];
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    const { path, box } = place.current;
    const row = grid.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
    const target = box < 0 ? row : row?.querySelectorAll<HTMLElement>("input")[box];
    target?.focus();
  }, [focus]);
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const row = rows.find((one) => one.node.path === place.current.path) ?? rows[0];
    if (event.ctrlKey || event.metaKey || event.altKey || row === undefined) return;
    const isHere = place.current.path === row.node.path && onSet !== undefined;
    const at = isHere ? place.current : { path: row.node.path, box: -1 };
    if (event.key === " " && at.box < 0) {
      // A button or a link in the row has its own meaning of the key.
      if ((event.target as HTMLElement).getAttribute("role") !== "row") return;
      event.preventDefault();
      onSet?.(row.node.all, row.branch !== "on");
      return;
    }
    const action = keyAction(rows, at, event.key, onSet !== undefined);
    if (action.kind === "none") return;
    event.preventDefault();
    if (action.kind !== "focus") return onOpen(action.paths, action.kind === "open");
    moved.current = true;
    setFocus(action.to);
  };
  const widths = tree.columns.map((action) => columnWidth(actionText(t, action)));
  const columns = `minmax(10rem, 1fr) ${widths.join(" ")} minmax(6rem, 0.7fr) minmax(5rem, 0.5fr)`;
  const enter = useCallback((path: string, box: number) => setFocus({ path, box }), [setFocus]);
  return (
    <>
      <div
        ref={grid}
        className="rc-tree"
        role="treegrid"
        aria-label={label}
        style={{ "--rc-cols": columns } as CSSProperties}
        onKeyDown={press}
      >
        <div role="row" className="rc-tree__cols">
          <div role="columnheader" className="rc-tree__name">
            {t("roles.tree.function")}
          </div>
          {tree.columns.map((action) => (
            <div key={action} role="columnheader">
              {actionText(t, action)}
            </div>
          ))}
          <div role="columnheader" className="rc-tree__more">
            {t("roles.tree.more")}
          </div>
          <div role="columnheader" className="rc-tree__src">
            {t("roles.tree.source")}
          </div>
        </div>
        {rows.map((row) => (
          <TreeRow
            key={row.node.path}
            row={row}
            signature={signatureOf(row)}
            tree={tree}
            box={row === current ? (focus.path === row.node.path ? focus.box : -1) : undefined}
            onSet={onSet}
            onOpen={onOpen}
            onEnter={enter}
            role={role}
          />
        ))}
      </div>
      {all.length > rows.length && (
        <p className="rc-key">
          <Button small onClick={() => setLimit(limit + MANY)}>
            {t("roles.tree.rest", { n: all.length - rows.length })}
          </Button>
        </p>
      )}
    </>
  );
}

/** Returns the width of a column with a title. */
const columnWidth = (title: string): string => `${Math.max(2.75, title.length * 0.5 + 0.6).toFixed(2)}rem`;

const isSet = (cell: Cell): boolean => cell.state === "on" || cell.state === "both";

/** Returns what a row shows, so that rows which show the same are not drawn again. */
function signatureOf(row: Row): string {
  const cells = [...row.cells.values()].map((cell) => cell.state + (cell.change ?? ""));
  return [row.isOpen, row.branch, row.held, row.from.join(), ...cells].join(" ");
}

interface TreeRowProps extends Pick<PermissionTreeProps, "tree" | "onSet" | "onOpen" | "role"> {
  row: Row;
  signature: string;
  /** The box that the keyboard reaches, `-1` for the row, absent for other rows. */
  box: number | undefined;
  onEnter: (path: string, box: number) => void;
}

const same = (one: TreeRowProps, other: TreeRowProps): boolean =>
  one.signature === other.signature &&
  one.box === other.box &&
  one.row.node === other.row.node &&
  one.onSet === other.onSet &&
  one.onOpen === other.onOpen &&
  one.role === other.role;

const TreeRow = memo(function TreeRow({ row, tree, box, onSet, onOpen, onEnter, role }: TreeRowProps): ReactNode {
  const t = useText();
  const { node, isBranch, isOpen } = row;
  const tab = (index: number): number => (box === index ? 0 : -1);
  const cells = [...row.cells.values()];
  const more = cells.filter((cell) => !tree.columns.includes(cell.action.action));
  const field = (cell: Cell): ReactNode => (
    <CellBox cell={cell} row={row} tabIndex={tab(cells.indexOf(cell) + 1)} onSet={onSet} role={role} />
  );
  return (
    <div
      role="row"
      className="rc-tree__row"
      data-path={node.path}
      data-changed={row.added.length + row.removed.length > 0 || undefined}
      aria-level={node.level}
      aria-expanded={isBranch ? isOpen : undefined}
      tabIndex={tab(-1)}
      onFocus={(event) => {
        const inputs = [...event.currentTarget.querySelectorAll("input")];
        const index = inputs.indexOf(event.target as HTMLInputElement);
        if (index < boxCount(row)) onEnter(node.path, index);
      }}
    >
      <div role="gridcell" className="rc-tree__name">
        {isBranch ? (
          <button
            type="button"
            className="rc-tree__tw"
            tabIndex={-1}
            aria-label={t(isOpen ? "roles.tree.close" : "roles.tree.open", { name: node.title })}
            onClick={() => onOpen([node.path], !isOpen)}
          >
            <Icon name={isOpen ? "down" : "right"} small />
          </button>
        ) : (
          <span className="rc-tree__tw" />
        )}
        <label className="rc-check" title={node.description}>
          <Box
            checked={row.branch === "mixed" ? "mixed" : row.branch === "on"}
            disabled={onSet === undefined}
            tabIndex={tab(0)}
            aria-label={t("roles.tree.all", { name: node.title })}
            onChange={() => onSet?.(node.all, row.branch !== "on")}
          />
          <span>{node.title}</span>
        </label>
        {isBranch && (
          <span className="rc-count">
            <span className="rc-sr">{t("roles.tree.held")} </span>
            {row.held > 0 ? <b>{row.held}</b> : 0}/{row.total}
          </span>
        )}
      </div>
      {tree.columns.map((action) => {
        const cell = row.cells.get(action);
        return (
          <div
            key={action}
            role="gridcell"
            className="rc-tree__c"
            data-label={cell && actionText(t, action, cell.action.title)}
            data-none={cell === undefined || undefined}
          >
            {cell && field(cell)}
          </div>
        );
      })}
      <div role="gridcell" className="rc-tree__more" data-none={more.length === 0 || undefined}>
        {more.map((cell) => (
          <label key={cell.action.action} className="rc-check">
            {field(cell)}
            <span>{actionText(t, cell.action.action, cell.action.title)}</span>
          </label>
        ))}
      </div>
      <Source row={row} role={role} />
    </div>
  );
}, same);

interface CellBoxProps extends Pick<TreeRowProps, "row" | "onSet" | "role"> {
  cell: Cell;
  tabIndex: number;
}

function CellBox({ cell, row, tabIndex, onSet, role }: CellBoxProps): ReactNode {
  const t = useText();
  const { action, state, change } = cell;
  const isInherited = state === "inherited" || state === "both";
  const words = t("roles.tree.box", { action: actionText(t, action.action, action.title), name: row.node.title });
  const from = row.from.map((name) => role(name).title).join(", ");
  return (
    <Box
      checked={isSet(cell)}
      inherited={isInherited}
      change={change}
      disabled={onSet === undefined}
      tabIndex={tabIndex}
      aria-label={isInherited ? t("roles.tree.box.inherited", { box: words, roles: from }) : words}
      onChange={(on) => onSet?.([action.permission], on)}
    />
  );
}

/** The inherited permissions of a row, and the changes that saving makes in it. */
function Source({ row, role }: Pick<TreeRowProps, "row" | "role">): ReactNode {
  const t = useText();
  const names = (actions: Row["added"]): string =>
    actions.map((one) => actionText(t, one.action, one.title)).join(", ");
  const isEmpty = row.from.length + row.added.length + row.removed.length === 0;
  return (
    <div role="gridcell" className="rc-tree__src" data-none={isEmpty || undefined}>
      {row.added.length > 0 && <span className="rc-plus">+ {names(row.added)}</span>}
      {row.removed.length > 0 && <span className="rc-minus">− {names(row.removed)}</span>}
      {row.from.map((name) => (
        <Link key={name} className="rc-from" to={role(name).to} tabIndex={-1} title={role(name).title}>
          <Icon name="link" small />
          <span>{role(name).title}</span>
        </Link>
      ))}
    </div>
  );
}

/** The key to the boxes. */
export function TreeKey(): ReactNode {
  const t = useText();
  return (
    <p className="rc-key">
      <span>
        <span className="rc-box" data-on="" />
        {t("roles.key.own")}
      </span>
      <span>
        <span className="rc-box" data-inherited="" />
        {t("roles.key.inherited")}
      </span>
      <span>
        <span className="rc-box" data-on="" data-both="" />
        {t("roles.key.both")}
      </span>
      <span>
        <span className="rc-box" data-on="mixed" />
        {t("roles.key.mixed")}
      </span>
      <span>
        <span className="rc-box" data-change="add" />
        {t("roles.key.change")}
      </span>
    </p>
  );
}
