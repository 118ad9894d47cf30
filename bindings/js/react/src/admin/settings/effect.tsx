/** The effect of a command before it is given. */

import type { ReactNode } from "react";
import { useText } from "../messages/index.js";
import { Sign } from "../ui/index.js";
import type { Difference } from "../users/logic/effect.js";

const countOf = (side: Difference["gained"]): number => new Set(side.map(({ subject }) => subject ?? "support")).size;

/** The numbers of accounts that gain and lose permissions. */
export function Effect({ diff }: { diff: Difference | undefined }): ReactNode {
  const t = useText();
  if (diff === undefined || diff.gained.length + diff.lost.length === 0) return null;
  const line = (kind: "gain" | "lose", side: Difference["gained"]): ReactNode =>
    side.length > 0 && (
      <li>
        <Sign kind={kind} />
        <span>{t(kind === "gain" ? "settings.gain" : "settings.lose", { n: countOf(side) })}</span>
        <span className="rc-count">
          {[...new Set(side.map(({ subject }) => subject ?? t("settings.support.any")))].slice(0, 3).join(", ")}
        </span>
      </li>
    );
  return (
    <ul className="rc-diff" aria-label={t("settings.effect")}>
      {line("gain", diff.gained)}
      {line("lose", diff.lost)}
    </ul>
  );
}
