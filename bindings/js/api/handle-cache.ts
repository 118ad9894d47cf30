/** The most names in the cache, which then takes some megabytes; one more empties it. */
const CAPACITY = 65_536;

/** The handles of names that were looked up often, so that these names are not copied into the core again. */
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

  /** Adds names at every fourth call, so that names that are used once cost little. */
  remember(...names: string[]): void {
    if (this.#misses++ % 4 !== 0) return;
    for (const name of names) {
      const handle = this.#handles.has(name) ? undefined : this.#find(name);
      if (typeof handle !== "number") continue;
      if (this.#handles.size === CAPACITY) this.clear();
      // A copy: a text that was cut out of another one would keep all of that in memory.
      this.#handles.set(JSON.parse(JSON.stringify(name)) as string, handle);
    }
  }

  /** Empties the cache. A change to the directory can give names other handles. */
  clear(): void {
    this.#handles.clear();
  }
}
