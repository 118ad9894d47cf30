import { AccessRequest, type RequestFilters } from "@rolecall/react/admin/users";
import type { ReactNode } from "react";
import { usePage } from "../app/routes";

export default function Page(): ReactNode {
  const { query, set } = usePage();
  return <AccessRequest filters={query as RequestFilters} onFilters={(filters) => set({ ...filters })} />;
}
