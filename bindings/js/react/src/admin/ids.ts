/** Ids as people read them. */

/** Returns the name of an id: without its kind, and a group without the scope that has it. */
export function shortId(id: string): string {
  return id.replace(/^(?:user|app|support|provider):|^group:(?:.*\/)?/, "");
}
