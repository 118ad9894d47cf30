import { AuditLog } from "@rolecall/react/admin/audit";
import type { ReactNode } from "react";
import { usePage } from "../app/routes";

export default function Page(): ReactNode {
  const { rest, query, link, set } = usePage();
  const selected = rest[0] === undefined ? undefined : Number(rest[0]);
  return <AuditLog filter={query} onFilter={set} selected={selected} link={(seq) => link([String(seq)], query)} />;
}
