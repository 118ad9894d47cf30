/** The list of people, of which only the rows near the view are in the page. */

import { type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { HolderRow } from "rolecall/client";
import type { List } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { Icon, useNow } from "../ui/index.js";
import type { UserFilters } from "./filters.js";
import { whenNear } from "./near.js";
import { COLUMNS, OpenRow, UserRow } from "./user-row.js";

export interface RowsProps {
  list: List<HolderRow>;
  open: string | undefined;
  sort: UserFilters["sort"];
  onSort: (sort: UserFilters["sort"]) => void;
  onOpen: (subject: string | undefined) => void;
  personTo: ((subject: string) => string) | undefined;
}

/** The rows that come and go together. */
const CHUNK = 5;
/** The rows that are in the page at first. */
const FIRST = 20;
/** The height of a row before it is known. */
const HEIGHT = 50;

/** The table of people. */
export function UserRows({ list, open, sort, onSort, onOpen, personTo }: RowsProps): ReactNode {
  const t = useText();
  const chunks = useChunks(list.rows);
  const toggle = useRef<(subject: string) => void>(null);
  toggle.current = (subject) => onOpen(subject === open ? undefined : subject);
  const [onToggle] = useState(() => (subject: string) => toggle.current?.(subject));
  const now = useNow();
  const shared = { now, mayAssign: useMay()("assign"), personTo, onToggle };
  return (
    <table
      role="table"
      className="rc-table rc-table--cards rc-users"
      aria-label={t("users.list")}
      aria-rowcount={(list.total ?? -2) + 1}
      aria-busy={list.stale}
      onKeyDown={moveAmongRows}
    >
      <thead>
        <tr role="row" aria-rowindex={1}>
          <Sorted column="id" sort={sort} onSort={onSort}>
            {t("users.column.name")}
          </Sorted>
          <Column>{t("users.column.roles")}</Column>
          <Column className="rc-users__end">{t("users.column.end")}</Column>
          <Column className="rc-users__dom">{t("users.column.native")}</Column>
          <Sorted column="status" sort={sort} onSort={onSort}>
            {t("users.column.status")}
          </Sorted>
          <Column>
            <span className="rc-sr">{t("users.column.actions")}</span>
          </Column>
        </tr>
      </thead>
      {chunks.map((rows, index) => (
        <Chunk
          key={index}
          {...shared}
          rows={rows}
          first={index * CHUNK}
          open={rows.some(({ subject }) => subject === open) ? open : undefined}
        />
      ))}
      {list.hasMore && list.moreFailed !== true && <More key={list.rows.length} onNear={list.more} />}
    </table>
  );
}

/** Returns the rows in groups. A group whose rows are the same stays the same, so that a new page draws its own only. */
function useChunks(rows: readonly HolderRow[]): readonly (readonly HolderRow[])[] {
  const last = useRef<readonly (readonly HolderRow[])[]>([]);
  return useMemo(() => {
    last.current = Array.from({ length: Math.ceil(rows.length / CHUNK) }, (_, index) => {
      const chunk = rows.slice(index * CHUNK, (index + 1) * CHUNK);
      const before = last.current[index];
      const isSame = before?.length === chunk.length && chunk.every((row, place) => row === before[place]);
      return isSame && before !== undefined ? before : chunk;
    });
    return last.current;
  }, [rows]);
}

interface ChunkProps {
  rows: readonly HolderRow[];
  /** The index of the first row in the list. */
  first: number;
  open: string | undefined;
  now: Date;
  mayAssign: boolean;
  personTo: RowsProps["personTo"];
  onToggle: (subject: string) => void;
}

/** Rows that are in the page while they are near the view. Elsewhere their height stays. */
const Chunk = memo(function Chunk({ rows, first, open, personTo, ...shared }: ChunkProps): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const [isNear, setNear] = useState(first < FIRST);
  const wasNear = useRef(isNear);
  const height = useRef(rows.length * HEIGHT);
  useEffect(() => {
    const element = body.current;
    if (element === null) return;
    return whenNear(element, (near) => {
      // The row with the focus stays, because it can have an open dialog.
      if (near === wasNear.current || (!near && element.contains(document.activeElement))) return;
      if (!near) height.current = element.offsetHeight;
      wasNear.current = near;
      setNear(near);
    });
  }, []);
  if (!isNear)
    return (
      <tbody ref={body} role="rowgroup" aria-hidden="true" className="rc-users__space">
        <tr>
          <td colSpan={COLUMNS} style={{ height: height.current }} />
        </tr>
      </tbody>
    );
  return (
    <tbody ref={body} role="rowgroup">
      {rows.map((row, index) => (
        <Rows
          key={row.subject}
          {...shared}
          row={row}
          index={first + index}
          isOpen={row.subject === open}
          personTo={personTo}
        />
      ))}
    </tbody>
  );
});

interface OneProps extends Omit<ChunkProps, "rows" | "first" | "open"> {
  row: HolderRow;
  index: number;
  isOpen: boolean;
}

function Rows({ row, index, isOpen, personTo, ...shared }: OneProps): ReactNode {
  const to = row.member_count === undefined ? personTo?.(row.subject) : undefined;
  return (
    <>
      <tr role="row" data-index={index} aria-rowindex={index + 2} data-open={isOpen || undefined}>
        <UserRow {...shared} row={row} isOpen={isOpen} to={to} />
      </tr>
      {isOpen && (
        <tr role="row" className="rc-users__more">
          <OpenRow row={row} to={to} />
        </tr>
      )}
    </>
  );
}

/** Loads the next page when the end of the list comes near. */
function More({ onNear }: { onNear: () => void }): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (body.current !== null) return whenNear(body.current, (near) => near && onNear());
    return undefined;
  }, [onNear]);
  return (
    <tbody ref={body} role="rowgroup" aria-hidden="true" className="rc-users__space">
      <tr>
        <td colSpan={COLUMNS} style={{ height: HEIGHT }} />
      </tr>
    </tbody>
  );
}

function Column({ children, className }: { children: ReactNode; className?: string }): ReactNode {
  return (
    <th role="columnheader" scope="col" className={className}>
      {children}
    </th>
  );
}

interface SortedProps {
  column: "id" | "status";
  sort: UserFilters["sort"];
  onSort: (sort: UserFilters["sort"]) => void;
  children: ReactNode;
}

function Sorted({ column, sort = "id", onSort, children }: SortedProps): ReactNode {
  const isDown = sort === `-${column}`;
  const isSorted = isDown || sort === column;
  return (
    <th role="columnheader" scope="col" aria-sort={isSorted ? (isDown ? "descending" : "ascending") : undefined}>
      <button type="button" className="rc-sort" onClick={() => onSort(sort === column ? `-${column}` : column)}>
        {children}
        {isSorted && <Icon name={isDown ? "up" : "down"} small />}
      </button>
    </th>
  );
}

/** Arrows go to the same control of the next row; the right one opens a row, the left one closes it. */
function moveAmongRows(event: KeyboardEvent<HTMLElement>): void {
  const control = event.target as HTMLElement;
  const row = control.closest<HTMLElement>("tr[data-index]");
  if (row === null || control.closest("[popover], dialog") !== null) return;
  const toggle = row.querySelector<HTMLElement>("[aria-expanded]:not([aria-haspopup])");
  const isOpen = toggle?.getAttribute("aria-expanded") === "true";
  if ((event.key === "ArrowRight" && !isOpen) || (event.key === "ArrowLeft" && isOpen)) {
    event.preventDefault();
    toggle?.click();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const controls = (within: Element): HTMLElement[] => [...within.querySelectorAll<HTMLElement>("a, button")];
  const next = event.currentTarget.querySelector(`tr[data-index="${Number(row.dataset.index) + step}"]`);
  const target = next === null ? undefined : controls(next)[controls(row).indexOf(control)];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
