/** Timers for instants of the wall clock, however far away, which machines that slept do not miss. */

/**
 * The longest wait of one timer. The time that a machine sleeps does not count for a timer, and a timer of more than
 * 2^31 ms would fire at once.
 */
const SLICE = 60_000;

/** Events after which a machine may have slept. */
const EVENTS = ["visibilitychange", "focus", "online"];

/** Where these events arrive, if the platform has them. */
type Page = Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>;

/**
 * Returns a function that sets the instant, in milliseconds since the epoch, at which `ring` is called once. Without an
 * instant nothing is called any more. `ring` is never called while the instant is being set. The timer does not keep a
 * process alive.
 */
export function alarm(ring: () => void, now = (): number => Date.now()): (at?: number | null) => void {
  let end: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const page = globalThis as Page;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(check, Math.min(Math.max((end as number) - now(), 0), SLICE));
    (timer as { unref?: () => void }).unref?.();
  };
  const check = (): void => {
    if (end === undefined) return;
    if (now() < end) return wait();
    set();
    ring();
  };
  const set = (at?: number | null): void => {
    end = at ?? undefined;
    clearTimeout(timer);
    const change = end === undefined ? "removeEventListener" : "addEventListener";
    for (const name of EVENTS) page[change]?.(name, check);
    if (end !== undefined) wait();
  };
  return set;
}
