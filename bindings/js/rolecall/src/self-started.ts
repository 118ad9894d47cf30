/** The exports of entries that start by themselves: the same names as `index.ts`. */

export * from "../../api/api.js";

/** Does nothing: the module is started already. */
export async function init(_source?: unknown): Promise<void> {}

/** Does nothing: the module is started already. */
export function initSync(_source?: unknown): void {}
