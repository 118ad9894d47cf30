/** Downloads a list as comma-separated values. */

import { type ReactNode, useState } from "react";
import type { Administration } from "rolecall/client";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { Button, Refused } from "../ui/index.js";
import { joinPages } from "./logic/import.js";

type Kind = Parameters<Administration["csv"]>[0];

export interface ExportProps {
  kind?: Kind;
  params: Readonly<Record<string, unknown>>;
  /** The name of the file, without `.csv`. */
  name?: string;
}

/** The largest page of a list. */
const LIMIT = 1000;

/** A button that downloads every row that the filters leave. */
export function ExportButton({ kind = "access", params, name = "people" }: ExportProps): ReactNode {
  const t = useText();
  const { client, at } = useAdmin();
  const [count, set] = useState<number>();
  const [error, fail] = useState<unknown>();
  const download = async (): Promise<void> => {
    fail(undefined);
    set(0);
    try {
      save(`${name}.csv`, await allPages(client, kind, { ...params, at }, set));
    } catch (cause) {
      fail(cause);
    } finally {
      set(undefined);
    }
  };
  return (
    <>
      <Button icon="download" pending={count !== undefined} onClick={() => void download()}>
        {count === undefined || count === 0 ? t("common.csv") : t("users.export", { n: count })}
      </Button>
      {error !== undefined && <Refused error={error} lead={t("common.error")} />}
    </>
  );
}

/** Returns all pages under one line of column names. The cursors come from the pages of the list itself. */
async function allPages(
  client: Administration,
  kind: Kind,
  params: { at: string },
  onRows: (count: number) => void,
): Promise<string> {
  const pages: string[] = [];
  let rows = 0;
  let after: string | undefined;
  do {
    const page = { ...params, limit: LIMIT, ...(after !== undefined && { after }) };
    const [csv, list] = await Promise.all([client.csv(kind, page), client.list(kind as "access", page as never)]);
    pages.push(csv);
    rows += list.rows.length;
    after = list.next;
    onRows(rows);
  } while (after !== undefined);
  return joinPages(pages);
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
