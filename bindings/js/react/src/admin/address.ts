/** Parts of the address that hold the view: searches, filters, and open dialogs. */

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useNavigation } from "./navigation.js";

const never = (): (() => void) => () => undefined;

/**
 * Returns a part of the address, and what sets it. Where the application does not hold such parts in its address, the
 * component does.
 */
export function useParam<T extends string = string>(
  name: string,
): [T | undefined, (value: T | undefined, options?: { replace?: boolean }) => void] {
  const { address } = useNavigation();
  const [own, setOwn] = useState<T>();
  const held = useSyncExternalStore(
    address?.subscribe ?? never,
    () => address?.get(name),
    () => undefined,
  );
  const set = useCallback(
    (value: T | undefined, options?: { replace?: boolean }) =>
      address === undefined ? setOwn(value) : address.set({ [name]: value }, options),
    [address, name],
  );
  return [address === undefined ? own : (held as T | undefined), set];
}

/** Returns whether something is shown, as a part of the address, and what changes that. */
export function useFlag(name: string): [boolean, (isOn: boolean) => void] {
  const [value, set] = useParam(name);
  return [value !== undefined, useCallback((isOn) => set(isOn ? "1" : undefined), [set])];
}

/** How long nothing is typed before it is reported, in milliseconds. */
const PAUSE = 200;

/** Returns a text that is typed: here at once, and reported once the typing pauses. Another held text replaces it. */
export function usePaused(held: string, report: (text: string) => void): [string, (text: string) => void] {
  const [text, type] = useState(held);
  const known = useRef(held);
  const latest = useRef(report);
  latest.current = report;
  useEffect(() => {
    // The reported text comes back later. More may be typed by then.
    if (held === known.current) return;
    known.current = held;
    type(held);
  }, [held]);
  useEffect(() => {
    if (text === known.current) return;
    const timer = setTimeout(() => {
      known.current = text;
      latest.current(text);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, type];
}

/** Returns a text that is typed, which the address has once the typing pauses, without entries of the history. */
export function useTyped(name: string): [string, (text: string) => void] {
  const [held = "", set] = useParam(name);
  return usePaused(held, (text) => set(text === "" ? undefined : text, { replace: true }));
}
