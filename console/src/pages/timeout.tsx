import { TimeoutSettings } from "@rolecall/react/admin/settings";
import type { ReactNode } from "react";

export default function Page(): ReactNode {
  return <TimeoutSettings />;
}
