import { Groups } from "@rolecall/react/admin/settings";
import type { ReactNode } from "react";
import { usePage } from "../app/routes";

export default function Page(): ReactNode {
  const { rest, go } = usePage();
  return <Groups open={rest[0]} onOpen={(id) => go(id === undefined ? [] : [id])} />;
}
