/** Timestamps in words, by the locale and the time zone of the reader. */

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Up to this distance, a timestamp is relative. */
const WEEK = 7 * 86_400_000;

const cache = new Map<string, Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

// Formats take long to make, and a list uses one for each row.
function once<F extends Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: () => F): F {
  const made = (cache.get(key) as F | undefined) ?? make();
  cache.set(key, made);
  return made;
}

/** How to write timestamps. */
export interface Zone {
  locale: string;
  /** Default: that of the machine. */
  timeZone?: string | undefined;
}

const date = ({ locale, timeZone }: Zone, style: "date" | "time"): Intl.DateTimeFormat =>
  once(`${locale} ${timeZone} ${style}`, () => {
    const time = style === "time" ? ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const) : {};
    return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", ...time, timeZone });
  });

/** Returns a day: `24 Dec 2026`. */
export function day(time: string, zone: Zone): string {
  return date(zone, "date").format(Date.parse(time));
}

/** Returns a day with the time: `24 Dec 2026, 18:00`. */
export function dayAndTime(time: string, zone: Zone): string {
  return date(zone, "time").format(Date.parse(time));
}

/** Returns the distance of a timestamp: `in 4 hours`, `yesterday`. */
export function relative(time: string, now: Date, { locale }: Zone): string {
  const distance = Date.parse(time) - now.getTime();
  const format = once(`${locale} relative`, () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const [unit, size] = STEPS.find(([, size]) => Math.abs(distance) >= size) ?? ["minute", 60_000];
  return format.format(Math.round(distance / size), unit);
}

/** Returns the distance of a timestamp within a week, and the day otherwise. */
export function near(time: string, now: Date, zone: Zone): string {
  return Math.abs(Date.parse(time) - now.getTime()) < WEEK ? relative(time, now, zone) : day(time, zone);
}

/** The longest delay of a timer in browsers. */
const LONGEST = 2 ** 31 - 1;
/** How much later than the browser a server may be, and the longest time between two attempts. */
const BEHIND = 500;
const RARELY = 60_000;

/** Returns the milliseconds until a list is loaded again for a change at a time, after some attempts. */
export function untilReload(time: number, now: number, tries: number): number {
  if (tries > 0) return Math.min(BEHIND * 2 ** tries, RARELY);
  return Math.min(Math.max(time - now, 0) + BEHIND, LONGEST);
}
