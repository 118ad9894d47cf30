/** The question before a change of the address that would lose input. */

import { Confirm, unsavedChanges, useText } from "@rolecall/react/admin";
import { type ReactNode, useEffect, useState } from "react";
import { readRoute } from "./address";
import { BASE } from "./routes";

/** The number of lost changes, and the function that leaves. */
interface Leaving {
  changes: number;
  go: () => void;
}

type Go = (to: string, options?: { replace?: boolean; state?: object | null }) => void;

let ask: ((leaving: Leaving) => void) | undefined;

/** Runs something that leaves every form, once nothing is lost or the user agrees. */
export function leaving(go: () => void, changes = unsavedChanges()): void {
  if (changes === 0 || ask === undefined) go();
  else ask({ changes, go });
}

/** The place of an entry in the history, which says how far the browser went. */
const indexOf = (state: unknown): number | undefined => (state as { index?: number } | null)?.index;

let index = indexOf(history.state) ?? 0;
let shown = new URL(location.href);
history.replaceState({ ...history.state, index }, "");

const tabOf = ({ pathname }: URL): string => {
  const { scope, tab } = readRoute(pathname.slice(BASE.length));
  return `${scope} ${tab}`;
};

/** Returns the number of changes that another address loses. */
function lostAt(to: URL): number {
  const isOther = tabOf(shown) !== tabOf(to);
  return unsavedChanges(({ isRow = false, isDialog = false, isKept = false, param }) => {
    const isClosed = param !== undefined && shown.searchParams.has(param) && !to.searchParams.has(param);
    return !isKept && (isDialog || isOther || isClosed || (isRow && shown.pathname !== to.pathname));
  });
}

/** Goes to an address, as the router does, once nothing is lost or the user agrees. */
export function aroundNavigation(navigate: Go, to: string, options: Parameters<Go>[1] = {}): void {
  const there = new URL(to, location.href);
  const go = (): void => {
    if (options.replace !== true) index += 1;
    shown = there;
    navigate(to, { ...options, state: { ...options.state, index } });
  };
  leaving(go, lostAt(there));
}

let isAgreed = false;
let afterReturn: (() => void) | undefined;

// The router follows the history too. It comes after this, and does not see an entry that is not to be shown yet.
addEventListener("popstate", (event: PopStateEvent) => {
  if (afterReturn !== undefined) {
    const run = afterReturn;
    afterReturn = undefined;
    run();
    return;
  }
  const there = new URL(location.href);
  const steps = (indexOf(event.state) ?? index) - index;
  const changes = isAgreed || steps === 0 ? 0 : lostAt(there);
  isAgreed = false;
  if (changes === 0) {
    index += steps;
    shown = there;
    return;
  }
  event.stopImmediatePropagation();
  const go = (): void => {
    isAgreed = true;
    history.go(steps);
  };
  afterReturn = () => leaving(go, changes);
  history.go(-steps);
});

/** The question, while it is asked. */
export function Leave(): ReactNode {
  const t = useText();
  const [asked, set] = useState<Leaving>();
  useEffect(() => {
    ask = set;
    return () => {
      ask = undefined;
    };
  }, []);
  if (asked === undefined) return null;
  const leave = (): void => {
    set(undefined);
    asked.go();
  };
  return (
    <Confirm
      title={t("common.leave")}
      confirm={t("common.leave.go")}
      keep={t("common.leave.stay")}
      onConfirm={leave}
      onClose={() => set(undefined)}
    >
      <p>{t("common.leave.help", { n: asked.changes })}</p>
    </Confirm>
  );
}
