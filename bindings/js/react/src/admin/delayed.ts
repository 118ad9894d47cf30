/** Values that rest. */

import { useEffect, useState } from "react";

/** Returns a value once it has not changed for some time. */
export function useDelayed<T>(value: T, millis: number): T {
  const [delayed, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), millis);
    return () => clearTimeout(timer);
  }, [value, millis]);
  return delayed;
}
