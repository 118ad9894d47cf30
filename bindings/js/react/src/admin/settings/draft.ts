/** Edited values next to those of the server. */

import { useCallback, useEffect, useState } from "react";

/** A value that is edited. */
export interface Draft<T> {
  value: T;
  set: (value: T) => void;
  /** Whether it differs from what the server has. */
  isChanged: boolean;
  /** The value of the server, if someone else changed it since the editing began. */
  theirs: T | undefined;
  /** Drops a value that is saved. Something else that was typed since stays. */
  saved: (value: T) => void;
  /** Drops what was typed, and shows what the server has. */
  discard: () => void;
  /** Goes on with what was typed, over the change of someone else. */
  insist: () => void;
}

/** Returns whether two values are the same data. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Edits a value of the server. While nothing was typed, it follows the server; what was typed stays, and a change of
 * someone else is reported.
 */
export function useDraft<T>(stored: T): Draft<T> {
  const [base, setBase] = useState(stored);
  const [typed, setTyped] = useState<{ value: T } | undefined>(undefined);
  const isChanged = typed !== undefined && !isSame(typed.value, stored);
  const [own, setOwn] = useState<{ value: T } | undefined>(undefined);
  const isBehind = !isSame(base, stored) && !(own !== undefined && isSame(own.value, stored));
  useEffect(() => {
    if (isBehind && !isChanged) {
      setBase(stored);
      setTyped(undefined);
    }
  }, [isBehind, isChanged, stored]);
  const discard = useCallback(() => {
    setBase(stored);
    setTyped(undefined);
  }, [stored]);
  return {
    value: typed === undefined ? stored : typed.value,
    set: useCallback((value: T) => setTyped({ value }), []),
    isChanged,
    theirs: isBehind && isChanged ? stored : undefined,
    saved: useCallback((value: T) => {
      setOwn({ value });
      setTyped((now) => (now !== undefined && isSame(now.value, value) ? undefined : now));
    }, []),
    discard,
    insist: useCallback(() => setBase(stored), [stored]),
  };
}
