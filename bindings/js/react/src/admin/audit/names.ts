/** The names of people in the audit log, for readers who may see them. */

import { useMemo } from "react";
import { useList } from "../data.js";
import { useMay } from "../provider.js";
import { shortId } from "./words.js";

/** The most people whose names are read. Others are shown by their ids. */
const MOST = 1_000;

/** Returns the function that names a subject: by the name, or by the id without its kind. */
export function useNames(): (id: string) => string {
  const may = useMay();
  const isAllowed = may("view-access") && may("view-people");
  const people = useList("access", { kind: "users", limit: MOST }, { enabled: isAllowed });
  return useMemo(() => {
    const names = new Map(people.rows.flatMap(({ subject, name }) => (name === undefined ? [] : [[subject, name]])));
    return (id) => names.get(id) ?? shortId(id);
  }, [people.rows]);
}
