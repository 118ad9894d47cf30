/** A large table with frozen heads, of which only what is in view is drawn. */

import { type KeyboardEvent, memo, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { shortId } from "../ids.js";
import { useNumber, useText } from "../messages/index.js";
import { Link } from "../ui/index.js";
import { type MatrixCell, type MatrixColumn, type MatrixLine, permissionCell, roleCell, windowOf } from "./matrix.js";

export interface MatrixTableProps {
  label: string;
  corner: string;
  sections: readonly { title: string; rows: readonly MatrixLine[] }[];
  /** All rows, those included that are not loaded yet. */
  total: number;
  columns: readonly MatrixColumn[];
  group: (key: string) => string;
  kind: "permissions" | "roles";
  /** The words of a cell. Its heads say the row and the column. */
  cellText: (row: MatrixLine, column: MatrixColumn, held: readonly number[]) => string;
  to: (row: MatrixLine) => string;
  /** The members of a row, if rows have some. */
  count?: ((row: MatrixLine) => number | undefined) | undefined;
  /** The end of what is loaded is near. */
  onEnd: () => void;
}

type Line =
  { kind: "group"; key: string; title: string; count: number } | { kind: "row"; key: string; row: MatrixLine };

/** The height of a row. Style sheets state the same. */
const ROW = 28;

/** A place of the keyboard: the index of a line, and of a column. `-1` is the head of the row. */
interface Place {
  row: number;
  column: number;
}

/** Returns where a key leads, as the pattern of grids has it. */
function moved({ row, column }: Place, { key, ctrlKey }: KeyboardEvent, page: number): Place | undefined {
  switch (key) {
    case "ArrowUp":
      return { row: row - 1, column };
    case "ArrowDown":
      return { row: row + 1, column };
    case "ArrowLeft":
      return { row, column: column - 1 };
    case "ArrowRight":
      return { row, column: column + 1 };
    case "PageUp":
      return { row: row - page, column };
    case "PageDown":
      return { row: row + page, column };
    case "Home":
      return { row: ctrlKey ? 0 : row, column: -1 };
    case "End":
      return { row: ctrlKey ? Infinity : row, column: Infinity };
    default:
      return undefined;
  }
}

/** The matrix. It is one stop of the Tab key; arrows, Home, End and Page Up and Down move by cells. */
export function MatrixTable(props: MatrixTableProps): ReactNode {
  const { label, corner, sections, total, columns, group, onEnd } = props;
  const t = useText();
  const number = useNumber();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  // Where the focus goes once the cell is drawn. The next key can come before.
  const next = useRef<Place>(undefined);
  const lines = useMemo(() => linesOf(sections), [sections]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const size = new ResizeObserver(() => setView((now) => ({ ...now, height: element.clientHeight })));
    size.observe(element);
    return () => size.disconnect();
  }, []);
  const shown = windowOf(lines.length, ROW, view.top, view.height);
  useEffect(() => {
    if (shown.end >= lines.length) onEnd();
  }, [shown.end, lines.length, onEnd]);
  useLayoutEffect(() => {
    if (next.current === undefined) return;
    const cell = box.current?.querySelector<HTMLElement>(`[data-r="${at.row}"][data-c="${at.column}"]`);
    // A row that is far away is drawn after the table has scrolled.
    if (cell === null || cell === undefined) return;
    next.current = undefined;
    cell.focus();
  }, [at, shown.first]);
  const press = (event: KeyboardEvent): void => {
    const { r, c } = (event.target as HTMLElement).dataset;
    const element = box.current;
    if (r === undefined || element === null) return;
    const from = next.current ?? { row: Number(r), column: Number(c) };
    const head = element.querySelector("thead")?.offsetHeight ?? 0;
    const room = element.clientHeight - head - ROW;
    const wanted = moved(from, event, Math.max(1, Math.floor(room / ROW)));
    if (wanted === undefined) return;
    event.preventDefault();
    const row = nearestRow(lines, Math.min(Math.max(wanted.row, 0), lines.length - 1), wanted.row < from.row ? -1 : 1);
    if (row === undefined) return;
    next.current = { row, column: Math.min(Math.max(wanted.column, -1), columns.length - 1) };
    setAt(next.current);
    // The title of a group covers the first row below the heads.
    const [first, last] = [(row - 1) * ROW, (row + 1) * ROW - room];
    element.scrollTop = Math.max(Math.min(element.scrollTop, first), last);
  };
  const drawn = lines.findIndex((line, index) => line.kind === "row" && index >= shown.first);
  const isDrawn = lines[at.row]?.kind === "row" && at.row >= shown.first && at.row < shown.end;
  const stop = isDrawn ? at.row : drawn;
  return (
    <div
      ref={box}
      className="rc-mx__scroll"
      role="region"
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, clientHeight } }) => setView({ top: scrollTop, height: clientHeight })}
      onKeyDown={press}
    >
      <table
        className="rc-mx"
        role="grid"
        aria-label={label}
        aria-rowcount={total}
        aria-colcount={columns.length + 1}
        data-flat={columns.every((column) => column.group === "") || undefined}
        style={{ width: `min(100%, ${16 + columns.length * 6}rem)`, minWidth: `${16 + columns.length * 2.75}rem` }}
      >
        <colgroup>
          <col className="rc-mx__c0" />
          <col span={columns.length} />
        </colgroup>
        <Heads
          columns={columns}
          group={group}
          corner={corner}
          count={props.count === undefined ? "" : t("roles.list.members.head")}
        />
        <tbody>
          {shown.before > 0 && <tr aria-hidden="true" style={{ height: shown.before }} />}
          {lines.slice(shown.first, shown.end).map((line, index) =>
            line.kind === "group" ? (
              <tr key={line.key} className="rc-mx__group">
                <th scope="colgroup" colSpan={columns.length + 1}>
                  <span>
                    {line.title} <span className="rc-count">{number(line.count)}</span>
                  </span>
                </th>
              </tr>
            ) : (
              <MatrixRow
                key={line.key}
                {...props}
                row={line.row}
                index={shown.first + index}
                current={shown.first + index === stop ? Math.min(at.column, columns.length - 1) : undefined}
              />
            ),
          )}
          {shown.after > 0 && <tr aria-hidden="true" style={{ height: shown.after }} />}
        </tbody>
      </table>
    </div>
  );
}

function linesOf(sections: MatrixTableProps["sections"]): Line[] {
  return sections.flatMap(({ title, rows }) => [
    ...(title === "" ? [] : [{ kind: "group" as const, key: `g-${title}`, title, count: rows.length }]),
    ...rows.map((row, index) => ({ kind: "row" as const, key: `${row.id}-${index}`, row })),
  ]);
}

/** Returns the row at an index, or the next one in a direction, or else in the other one. */
function nearestRow(lines: readonly Line[], index: number, step: 1 | -1): number | undefined {
  for (const by of [step, -step])
    for (let row = index; row >= 0 && row < lines.length; row += by) if (lines[row]?.kind === "row") return row;
  return undefined;
}

interface HeadsProps extends Pick<MatrixTableProps, "columns" | "group" | "corner"> {
  count: string;
}

const isFirst = (columns: readonly MatrixColumn[], index: number): boolean =>
  columns[index]?.group !== columns[index - 1]?.group;

function Heads({ columns, group, corner, count }: HeadsProps): ReactNode {
  const groups: { key: string; span: number }[] = [];
  for (const column of columns) {
    const last = groups.at(-1);
    if (last?.key === column.group) last.span += 1;
    else groups.push({ key: column.group, span: 1 });
  }
  return (
    <thead>
      {columns.some((column) => column.group !== "") && (
        <tr className="rc-mx__top">
          <td />
          {groups.map(({ key, span }) =>
            span > 1 ? (
              <th key={key} scope="colgroup" colSpan={span} data-first="" title={group(key)}>
                <span>{group(key)}</span>
              </th>
            ) : (
              <td key={key} data-first="" />
            ),
          )}
        </tr>
      )}
      <tr className="rc-mx__cols">
        <th scope="col" className="rc-mx__corner">
          <span className="rc-row rc-row--between">
            <span>{corner}</span>
            <span className="rc-count">{count}</span>
          </span>
        </th>
        {columns.map((column, index) => (
          <th key={column.key} scope="col" data-first={isFirst(columns, index) ? "" : undefined} title={column.title}>
            <span>{column.title}</span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface MatrixRowProps extends MatrixTableProps {
  row: MatrixLine;
  index: number;
  /** The column of the cell that the keyboard reaches. */
  current: number | undefined;
}

const MatrixRow = memo(
  function MatrixRow({ row, index, columns, kind, cellText, to, count, current }: MatrixRowProps): ReactNode {
    const number = useNumber();
    const cellOf = kind === "roles" ? roleCell : permissionCell;
    const members = count?.(row);
    return (
      <tr aria-rowindex={index + 1}>
        <th scope="row">
          <span>
            <Link to={to(row)} tabIndex={current === -1 ? 0 : -1} title={row.id} data-r={index} data-c={-1}>
              {row.title ?? shortId(row.id)}
            </Link>
            {members !== undefined && <span className="rc-count">{number(members)}</span>}
          </span>
        </th>
        {columns.map((column, place) => {
          const cell: MatrixCell = cellOf(row, column);
          return (
            <td
              key={column.key}
              role="gridcell"
              data-r={index}
              data-c={place}
              data-h={cell.heat === 0 ? undefined : cell.heat}
              data-first={isFirst(columns, place) ? "" : undefined}
              tabIndex={current === place ? 0 : -1}
            >
              {cell.held.length > 0 && (
                <>
                  <span aria-hidden="true">{cell.text}</span>
                  <span className="rc-sr">{cellText(row, column, cell.held)}</span>
                </>
              )}
            </td>
          );
        })}
      </tr>
    );
  },
  (one, other) =>
    one.row === other.row &&
    one.columns === other.columns &&
    one.current === other.current &&
    one.index === other.index,
);
