/** The list of people, of which only the visible rows are in the page. */

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { HolderRow } from "rolecall/client";
import type { List } from "../data.js";
import { useText } from "../messages/index.js";
import { useMay } from "../provider.js";
import { Icon, useNow } from "../ui/index.js";
import type { UserFilters } from "./filters.js";
import { COLUMNS, OpenRow, UserRow } from "./user-row.js";

export interface RowsProps {
  list: List<HolderRow>;
  open: string | undefined;
  sort: UserFilters["sort"];
  onSort: (sort: UserFilters["sort"]) => void;
  onOpen: (subject: string | undefined) => void;
  personTo: ((subject: string) => string) | undefined;
}

type Item = { row: HolderRow | undefined; more: boolean };

const HEIGHT = 50;
const OPEN_HEIGHT = 180;

/** The table of people. */
export function UserRows({ list, open, sort, onSort, onOpen, personTo }: RowsProps): ReactNode {
  const t = useText();
  const now = useNow();
  const mayAssign = useMay()("assign");
  const openIndex = useMemo(() => list.rows.findIndex(({ subject }) => subject === open), [list.rows, open]);
  const itemAt = useCallback(
    (index: number): Item => {
      const more = openIndex >= 0 && index === openIndex + 1;
      return { row: list.rows[openIndex >= 0 && index > openIndex ? index - 1 : index], more };
    },
    [list.rows, openIndex],
  );
  const count = list.rows.length + (openIndex >= 0 ? 1 : 0);
  const body = useRef<HTMLTableSectionElement>(null);
  const virtual = useRowsInView(count, itemAt, body, list);
  const toggle = useRef<(subject: string) => void>(null);
  toggle.current = (subject) => onOpen(subject === open ? undefined : subject);
  const [onToggle] = useState(() => (subject: string) => toggle.current?.(subject));
  const shown = virtual.getVirtualItems();
  const { scrollMargin } = virtual.options;
  const before = (shown[0]?.start ?? scrollMargin) - scrollMargin;
  const after = virtual.getTotalSize() - ((shown.at(-1)?.end ?? scrollMargin) - scrollMargin);
  return (
    <table
      role="table"
      className="rc-table rc-table--cards rc-users"
      aria-label={t("users.list")}
      aria-rowcount={(list.total ?? -2) + 1}
      aria-busy={list.stale}
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
      <tbody ref={body} onKeyDown={moveAmongRows}>
        <Space height={before} />
        {shown.map(({ index, key }) => {
          const { row, more } = itemAt(index);
          if (row === undefined) return null;
          const to = row.member_count === undefined ? personTo?.(row.subject) : undefined;
          return (
            <tr
              key={key}
              ref={virtual.measureElement}
              role="row"
              data-index={index}
              aria-rowindex={more ? undefined : index + 2}
              className={more ? "rc-users__more" : undefined}
              data-open={(row.subject === open && !more) || undefined}
            >
              {more ? (
                <OpenRow row={row} to={to} />
              ) : (
                <UserRow
                  row={row}
                  now={now}
                  isOpen={row.subject === open}
                  mayAssign={mayAssign}
                  to={to}
                  onToggle={onToggle}
                />
              )}
            </tr>
          );
        })}
        <Space height={after} />
      </tbody>
    </table>
  );
}

function useRowsInView(
  count: number,
  itemAt: (index: number) => Item,
  body: { current: HTMLElement | null },
  list: List<HolderRow>,
) {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const place = body.current?.getBoundingClientRect();
    if (place !== undefined) setTop(Math.round(place.top + scrollY));
  }, [body, count === 0]);
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: useCallback((index: number) => (itemAt(index).more ? OPEN_HEIGHT : HEIGHT), [itemAt]),
    getItemKey: useCallback((index: number) => keyOf(itemAt(index)), [itemAt]),
    overscan: 8,
    scrollMargin: top,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const { hasMore, loadingMore, more } = list;
  useEffect(() => {
    if (hasMore && !loadingMore && last >= count - 60) more();
  }, [last, count, hasMore, loadingMore, more]);
  return virtual;
}

function keyOf({ row, more }: Item): string {
  return more ? `${row?.subject} open` : (row?.subject ?? "");
}

/** The place of rows that are not in the page. */
function Space({ height }: { height: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="rc-users__space">
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
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
  if (row === null || control.closest("[popover], dialog, .rc-users__more") !== null) return;
  const toggle = row.querySelector<HTMLElement>("[aria-expanded]:not([aria-haspopup])");
  const isOpen = toggle?.getAttribute("aria-expanded") === "true";
  if ((event.key === "ArrowRight" && !isOpen) || (event.key === "ArrowLeft" && isOpen)) {
    event.preventDefault();
    toggle?.click();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const controls = (within: Element): HTMLElement[] => [...within.querySelectorAll<HTMLElement>("a, button")];
  const place = controls(row).indexOf(control);
  let next: Element | null = row;
  do next = event.key === "ArrowDown" ? next.nextElementSibling : next.previousElementSibling;
  while (next?.classList.contains("rc-users__more"));
  const target = next === null ? undefined : controls(next)[place];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
