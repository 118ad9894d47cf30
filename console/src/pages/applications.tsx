import { Applications } from "@rolecall/react/admin/settings";
import type { ReactNode } from "react";
import { usePage } from "../app/routes";

export default function Page(): ReactNode {
  const { rest, query, go } = usePage();
  return (
    <Applications open={rest[0]} onOpen={(id) => go(id === undefined ? [] : [id], { ...query, new: undefined })} />
  );
}
