/** Follows changes by others. */

import { reloadAll, useAdmin, useAway } from "@rolecall/react/admin";
import { useRoles } from "@rolecall/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { hasEnded } from "./end";
import type { Rights } from "./session";

/** How often the page asks whether something has changed. */
const INTERVAL = 3_000;

/**
 * Loads lists again when the state of the server has another version, when the own permissions change, and when the server
 * is there again. Reports what the policy maps with each answer, and changes of the state. Returns the refusal of a server that
 * does not know the session any more.
 */
export function useChanges(onRights: (rights: Rights) => void, onChange: () => void): unknown {
  const { client, at } = useAdmin();
  const queries = useQueryClient();
  const answers = useRoles();
  const away = useAway();
  const [ended, end] = useState<unknown>();
  const latest = useRef({ onRights, onChange });
  latest.current = { onRights, onChange };
  const version = useRef<number | undefined>(undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isOpen = true;
    const ask = async (): Promise<void> => {
      if (document.visibilityState === "visible") {
        try {
          const rights = await client.rights(at, { background: true });
          const { version: now } = rights;
          latest.current.onRights(rights);
          if (version.current !== undefined && version.current !== now) {
            latest.current.onChange();
            await reloadAll(queries);
          }
          version.current = now;
        } catch (error) {
          // Lists keep what they show while the server is away.
          if (hasEnded(error)) end(error);
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
    // Nothing can be loaded before, and the first connection changes nothing.
    if (!answers.connected || away !== undefined) return;
    if (!isFirst.current) void reloadAll(queries);
    isFirst.current = false;
  }, [answers, away, queries]);
  return ended;
}
