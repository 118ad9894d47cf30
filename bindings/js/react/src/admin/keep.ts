/** Answers that stay until the next one is there. */

/** Keeps what a query gave before until the answer is there, if its key has a part, such as the scope. */
export const keepOf =
  (part: string) =>
  <T>(previous: T | undefined, query: { queryKey: readonly unknown[] } | undefined): T | undefined =>
    query?.queryKey.includes(part) === true ? previous : undefined;
