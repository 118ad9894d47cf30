/** Times as `datetime-local` writes them. */

/** Returns a time as the local time of the page, to the minute. */
export function local(time: Date | undefined): string {
  if (time === undefined || Number.isNaN(+time)) return "";
  return new Date(+time - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Years before this one are years that are not typed to their end, such as 0202. */
const FIRST = 1970;

/** Reads a local time. Returns undefined without one, and `unfinished` while its year is typed. */
export function readLocal(text: string): Date | undefined | "unfinished" {
  if (text === "") return undefined;
  const time = new Date(text);
  return Number.isNaN(+time) || time.getFullYear() < FIRST ? "unfinished" : time;
}
