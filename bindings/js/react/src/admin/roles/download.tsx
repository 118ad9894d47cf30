/** Files to take away. */

import { type ReactNode, useState } from "react";
import type { Administration } from "rolecall/client";
import { failureOf } from "../failure.js";
import { pagesOf } from "../pages.js";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { Button, useToast } from "../ui/index.js";

/** Hands a text over as a file. */
export function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A button that loads a table and hands it over. */
export function CsvButton({ load, name }: { load: () => Promise<string>; name: string }): ReactNode {
  const t = useText();
  const toast = useToast();
  const [isPending, setPending] = useState(false);
  const press = async (): Promise<void> => {
    setPending(true);
    try {
      download(await load(), name);
    } catch (error) {
      toast({ text: failureOf(error).message });
    } finally {
      setPending(false);
    }
  };
  return (
    <Button icon="download" pending={isPending} onClick={() => void press()}>
      {t("common.csv")}
    </Button>
  );
}

/** Returns the table of all roles, page by page. */
async function wholeRoles(client: Administration, at: string): Promise<string> {
  return pagesOf<string>(async (after) => {
    const page = { at, limit: 1000, ...(after !== undefined && { after }) };
    const { next } = await client.list("roles", page);
    return { next, text: await client.csv("roles", page) };
  });
}

/** The roles of the scope as a table. */
export function RolesCsv(): ReactNode {
  const { client, at } = useAdmin();
  return <CsvButton name="roles.csv" load={() => wholeRoles(client, at)} />;
}
