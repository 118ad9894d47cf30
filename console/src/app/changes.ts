/** Follows changes by others. */

import { reloadAll, useAdmin } from "@rolecall/react/admin";
import { useRoles } from "@rolecall/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

/** How often the page asks whether something has changed. */
const INTERVAL = 3_000;

/** Loads lists again when the state of the server has another version, or when the own permissions change. */
export function useChanges(): void {
  const { client, at } = useAdmin();
  const queries = useQueryClient();
  const answers = useRoles();
  const version = useRef<number | undefined>(undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isOpen = true;
    const ask = async (): Promise<void> => {
      if (document.visibilityState === "visible") {
        try {
          const { version: now } = await client.rights(at, { background: true });
          if (version.current !== undefined && version.current !== now) await reloadAll(queries);
          version.current = now;
        } catch {
          // The connection reports that the server is away; lists keep what they show.
        }
      }
      if (isOpen) timer = setTimeout(() => void ask(), INTERVAL);
    };
    void ask();
    return () => {
      isOpen = false;
      clearTimeout(timer);
    };
  }, [client, at, queries]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) void reloadAll(queries);
    isFirst.current = false;
  }, [answers, queries]);
}
