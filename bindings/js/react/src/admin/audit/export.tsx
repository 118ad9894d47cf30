/** The events as files. */

import type { ReactNode } from "react";
import type { AuditEntry } from "rolecall/client";
import { failureOf } from "../failure.js";
import { useText } from "../messages/index.js";
import { useAdmin } from "../provider.js";
import { Menu, useToast } from "../ui/index.js";
import { type AuditFilter, paramsOf } from "./filter.js";
import { wholeCsv } from "./whole.js";

/** Lets the browser save a text as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export interface ExportProps {
  filter: AuditFilter;
  /** The events that are shown. */
  entries: readonly AuditEntry[];
}

/** Exports all events with the filters of the server as CSV, and those that are shown as JSON. */
export function Export({ filter, entries }: ExportProps): ReactNode {
  const { client, at } = useAdmin();
  const t = useText();
  const toast = useToast();
  const name = `audit-${at.replaceAll("/", "-")}`;
  const csv = async (): Promise<void> => {
    try {
      saveFile(`${name}.csv`, "text/csv", await wholeCsv(client, { at, ...paramsOf(filter) }));
    } catch (error) {
      toast({ text: failureOf(error).message });
    }
  };
  const json = (): void => saveFile(`${name}.json`, "application/json", JSON.stringify(entries, null, 2));
  const groups = [
    {
      id: "export",
      entries: [
        { id: "csv", label: t("audit.export.csv"), onSelect: () => void csv() },
        { id: "json", label: t("audit.export.json"), onSelect: json },
      ],
    },
  ];
  return <Menu label={t("audit.export")} button={t("audit.export")} icon="download" groups={groups} />;
}
