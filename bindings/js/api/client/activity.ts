/** Events of a page that are activity of its user. Timers, streams and other requests of the page are not. */
const EVENTS = ["click", "keydown", "popstate", "hashchange"] as const;

/** The milliseconds in which one report is enough. Timeouts of sessions are far longer. */
const INTERVAL = 60_000;

/**
 * Reports now, and then at each event of a user, at most once in an interval. Returns a function that stops. A failed
 * report is dropped: if the session has ended, its streams and requests report that.
 */
export function follow(report: () => Promise<unknown>, page: EventTarget): () => void {
  let last = -Infinity;
  const active = (): void => {
    const now = performance.now();
    if (now - last < INTERVAL) return;
    last = now;
    report().catch(() => {
      // The next event may report at once.
      last = -Infinity;
    });
  };
  for (const name of EVENTS) page.addEventListener(name, active, { capture: true });
  active();
  return () => {
    for (const name of EVENTS) page.removeEventListener(name, active, { capture: true });
  };
}
