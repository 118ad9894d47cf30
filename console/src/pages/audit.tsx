import { Head, useText } from "@rolecall/react/admin";
import type { ReactNode } from "react";

export default function Page(): ReactNode {
  const t = useText();
  return <Head title={t("common.tab.audit")} />;
}
