/** Short reports at the bottom of the page, with a way back where there is one. */

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { CopyCommand } from "./bits.js";
import { Button } from "./button.js";
import { useText } from "../messages/index.js";

/** A report. */
export interface Toast {
  text: ReactNode;
  /** A way back, or the next step. */
  action?: { label: string; run: () => void } | undefined;
  /** The command line that does the same, to copy. */
  command?: string | undefined;
}

type Show = (toast: Toast) => void;
const Context = createContext<Show>(() => undefined);

/** How long a report stays, unless the pointer or the focus is on it. */
const STAYS = 10_000;

/** Returns the function that shows a report. */
export function useToast(): Show {
  return useContext(Context);
}

/** Shows the reports of the parts below it. */
export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const [toasts, set] = useState<readonly (Toast & { id: number })[]>([]);
  const next = useRef(0);
  const close = useCallback((id: number) => set((all) => all.filter((toast) => toast.id !== id)), []);
  const show = useCallback((toast: Toast) => {
    const id = next.current++;
    set((all) => [...all.slice(-2), { ...toast, id }]);
  }, []);
  const region = useRef<HTMLDivElement>(null);
  // F6 reaches the reports, as it reaches the parts of a browser's window.
  useEffect(() => {
    const reach = (event: KeyboardEvent): void => {
      const button = region.current?.querySelector("button");
      if (event.key !== "F6" || !button) return;
      event.preventDefault();
      button.focus();
    };
    addEventListener("keydown", reach);
    return () => removeEventListener("keydown", reach);
  }, []);
  const list = useMemo(
    () => toasts.map((toast) => <Shown key={toast.id} toast={toast} onClose={() => close(toast.id)} />),
    [toasts, close],
  );
  return (
    <Context.Provider value={show}>
      {children}
      <div ref={region} className="rc-toasts" role="status">
        {list}
      </div>
    </Context.Provider>
  );
}

function Shown({ toast, onClose }: { toast: Toast; onClose: () => void }): ReactNode {
  const t = useText();
  const [isHeld, hold] = useState(false);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => close.current(), STAYS);
    return () => clearTimeout(timer);
  }, [isHeld]);
  return (
    <div
      className="rc-toast"
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      <span>{toast.text}</span>
      {toast.action !== undefined && (
        <button
          type="button"
          onClick={() => {
            toast.action?.run();
            onClose();
          }}
        >
          {toast.action.label}
        </button>
      )}
      {toast.command !== undefined && <CopyCommand bare command={toast.command} />}
      <Button kind="quiet" small iconOnly icon="close" className="rc-toast__close" onClick={onClose}>
        {t("common.close")}
      </Button>
    </div>
  );
}
