/** A list whose rows open below it. */

import type { ReactNode } from "react";
import type { List } from "../data.js";
import { type MessageKey, useText } from "../messages/index.js";
import { Button, Empty, ErrorNote, type IconName, Panel, Search, Skeleton, TableWrap } from "../ui/index.js";
import { MoreRows } from "../more.js";
import { Opened } from "./form.js";

export interface Column<Row> {
  title: MessageKey;
  cell: (row: Row) => ReactNode;
  /** A number, at the end of its column. */
  isNumber?: boolean;
  /** Takes a line of its own in a narrow window, with the title. */
  isWide?: boolean;
}

interface Holder {
  subject: string;
  title?: string;
}

/** Returns the row that is open. It stays when a search leaves it out, and can be on another page of the list. */
export function openedOf<Row extends Holder>(
  open: string | undefined,
  ...lists: readonly List<Row>[]
): { row: Row; version: number | undefined } | undefined {
  for (const { rows, version } of lists) {
    const row = rows.find(({ subject }) => subject === open);
    if (row !== undefined) return { row, version };
  }
  return undefined;
}

export interface OpenListProps<Row> {
  label: string;
  list: List<Row>;
  columns: readonly Column<Row>[];
  /** The search, and what else filters the list; absent where it is not shown. */
  search?: { label: string; text: string; onType: (text: string) => void; filters?: ReactNode } | undefined;
  /** Something is searched or filtered. */
  isFiltered: boolean;
  onClear: () => void;
  icon: IconName;
  /** The words of an empty list, and of one that the filters leave empty. */
  none: { title: string; help: string; filtered: string };
  nameOf: (row: Row) => string;
  /** The content that the button of a row opens. */
  button: string;
  opened: Row | undefined;
  onOpen: (subject: string | undefined) => void;
  children: (row: Row) => ReactNode;
}

/** A list with a search. A row opens below the list. */
export function OpenList<Row extends Holder>(props: OpenListProps<Row>): ReactNode {
  const { label, list, columns, search, isFiltered, icon, none, nameOf, button, opened, onOpen, children } = props;
  const t = useText();
  return (
    <>
      <h2 className="rc-sr">{label}</h2>
      {search !== undefined && (
        <div className="rc-row rc-filters">
          <Search label={search.label} value={search.text} onChange={search.onType} />
          {search.filters}
        </div>
      )}
      {list.error != null && list.rows.length === 0 && <ErrorNote error={list.error} retry={list.reload} />}
      {list.loading && <Skeleton rows={4} columns={columns.length} />}
      {list.total === 0 && (
        <Empty
          icon={icon}
          title={isFiltered ? none.filtered : none.title}
          actions={isFiltered && <Button onClick={props.onClear}>{t("common.filter.clear")}</Button>}
        >
          {isFiltered ? undefined : none.help}
        </Empty>
      )}
      {list.rows.length > 0 && (
        <Panel>
          <TableWrap label={label}>
            <table role="table" className="rc-table rc-table--cards">
              <thead>
                <tr>
                  {columns.map(({ title, isNumber }) => (
                    <th key={title} scope="col" className={isNumber ? "rc-num" : undefined}>
                      {t(title)}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="rc-sr">{t("common.more")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.rows.map((row) => (
                  <tr key={row.subject} data-selected={row.subject === opened?.subject || undefined}>
                    {columns.map(({ title, cell, isNumber, isWide }, index) => (
                      <td
                        key={title}
                        className={isNumber ? "rc-num" : undefined}
                        data-label={index > 0 && (isWide || isNumber) ? t(title) : undefined}
                        data-wide={isWide || undefined}
                      >
                        {cell(row)}
                      </td>
                    ))}
                    <td className="rc-num" data-wide>
                      <Button
                        small
                        aria-expanded={row.subject === opened?.subject}
                        onClick={() => onOpen(row.subject === opened?.subject ? undefined : row.subject)}
                      >
                        {button}
                        <span className="rc-sr"> {nameOf(row)}</span>
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableWrap>
          <MoreRows list={list as List<never>} />
        </Panel>
      )}
      {opened !== undefined && !list.loading && (
        <Opened title={nameOf(opened)} onClose={() => onOpen(undefined)}>
          {children(opened)}
        </Opened>
      )}
    </>
  );
}
