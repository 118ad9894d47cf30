/** The largest number of names in the cache, which takes some megabytes. One more name empties it. */
const CAPACITY = 65_536;

/** Handles of frequent names, so that these names are not copied into the core again. */
export class HandleCache {
  readonly #handles = new Map<string, number>();
  readonly #find: (name: string) => number | null | undefined;
  #misses = 0;

  constructor(find: (name: string) => number | null | undefined) {
    this.#find = find;
  }

  /** Returns the handle of a cached name, or -1. */
  get(name: string): number {
    return this.#handles.get(name) ?? -1;
  }

  /** Adds names on every fourth call, so that names that are used once cost little. */
  remember(...names: string[]): void {
    if (this.#misses++ % 4 !== 0) return;
    for (const name of names) {
      const handle = this.#handles.has(name) ? undefined : this.#find(name);
      if (typeof handle !== "number") continue;
      if (this.#handles.size === CAPACITY) this.clear();
      // Copies the name: a slice would keep the whole original string in memory.
      this.#handles.set(JSON.parse(JSON.stringify(name)) as string, handle);
    }
  }

  /** Empties the cache, because a change to the directory can change handles. */
  clear(): void {
    this.#handles.clear();
  }
}
