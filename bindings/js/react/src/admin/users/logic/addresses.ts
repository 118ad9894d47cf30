/** E-mail addresses that people type or paste. */

/** Returns the addresses in a text, without repetitions, and the other parts. */
export function addresses(text: string): { good: string[]; bad: string[] } {
  const parts = text
    .split(/[\s,;]+/)
    .map((part) => part.replace(/^<|>$/g, ""))
    .filter((part) => part !== "");
  const known = new Map(parts.map((part) => [part.toLowerCase(), part]));
  const all = [...known.values()];
  const isGood = (part: string): boolean => /^[^@]+@[^@.]+(\.[^@.]+)*$/.test(part);
  return { good: all.filter(isGood), bad: all.filter((part) => !isGood(part)) };
}
