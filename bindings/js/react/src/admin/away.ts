/** The state while the server cannot be reached: answers are those of a time, and changes wait. */

import { useRoles } from "@rolecall/react";
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";

const Context = createContext<Date | undefined>(undefined);

/** Returns the time of what is shown, while the server cannot be reached. */
export function useAway(): Date | undefined {
  return useContext(Context);
}

/** Whether the server was reached last. */
export interface Reach {
  /** Notes the outcome of a request, or that the stream of changes begins or breaks off. */
  note(isReached: boolean): void;
  isReached(): boolean;
  subscribe(listener: () => void): () => void;
}

/** Returns what notes whether the server is reached. */
export function createReach(): Reach {
  const listeners = new Set<() => void>();
  let isReached = true;
  return {
    note(now) {
      if (now === isReached) return;
      isReached = now;
      for (const listener of [...listeners]) listener();
    },
    isReached: () => isReached,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** How long a connection may be away before the page says so: a new one is often there at once. */
const GRACE = 1_500;

/** Follows the stream of changes and the requests of the parts. */
export function AwayProvider({ reach, children }: { reach: Reach; children: ReactNode }): ReactNode {
  const { connected } = useRoles();
  const isReached = useSyncExternalStore(reach.subscribe, reach.isReached, () => true);
  const wasConnected = useRef(connected);
  useEffect(() => {
    // The stream begins a moment after the page.
    if (connected !== wasConnected.current) reach.note(connected);
    wasConnected.current = connected;
  }, [connected, reach]);
  const [since, set] = useState<Date>();
  useEffect(() => {
    if (isReached) return;
    const time = new Date();
    const timer = setTimeout(() => set(time), GRACE);
    return () => {
      clearTimeout(timer);
      set(undefined);
    };
  }, [isReached]);
  return createElement(Context.Provider, { value: since }, children);
}
